"""Which mails follow from an entry, to which roles; and how a day's reminders become one mail for each addressee.

「办理结果符合要求的……同时向有关部门反馈」, 三(五). Who holds a role is decided on the day on which a mail is prepared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from daemon.procedure.rules import Rules
from daemon.procedure.shapes import (
    AskExtension,
    Close,
    Dispatch,
    Entry,
    GrantExtension,
    Line,
    Mail,
    Matter,
    ReceiveReport,
    RefuseExtension,
    Remind,
    ReturnReport,
    Role,
    VoidMatter,
    WriteUnit,
)
from daemon.procedure.stages import LEADER_ROLES, UNIT_ROLES
from daemon.procedure.steps import UNDO_FOR
from daemon.procedure.workdays import day_of, moment_of

HIGHEST_FIRST: tuple[Role, ...] = ("head", "deputy", "liaison", "unit")
#: The mail of several reminders to one unit.
LIST_MAIL = "reminder"
ALONE = ("intervention_letter",)

#: When nobody is woken by a mail that we send by ourselves.
UP = (time(7), time(22))

#: Letters of a unit about one matter that are each told "received" on one day.
MOST_HEARD_A_DAY = 3


def follow(matter_after: Matter, entries: Sequence[Entry], rules: Rules) -> list[Mail]:
    """The mails that the entries ask for, in their order. `matter_after`: with the entries folded in."""
    return [
        mail
        for entry in entries
        if type(entry.command) in FOLLOWS
        for mail in FOLLOWS[type(entry.command)](matter_after, entry, entry.command, rules)
    ]


def _to_unit(
    matter: Matter, unit: str, template: str, entry: Entry, data: dict[str, str], *, now: bool = False
) -> Mail:
    """A mail to the head, the liaison in copy; what follows from an officer's act waits for its undoing."""
    by_person = entry.because.actor.startswith("officer:") and not now
    return Mail(
        template=template,
        to=("head",),
        cc=("liaison",),
        lines=(Line(matter.id, unit, seq=entry.seq),),
        not_before=entry.at + UNDO_FOR if by_person else entry.at,
        unit=unit,
        undoable=by_person,
        data=data,
    )


def _dispatched(matter: Matter, entry: Entry, c: Dispatch, rules: Rules) -> list[Mail]:
    return [_to_unit(matter, unit, "dispatch", entry, {}, now=c.now) for unit in matter.units]


def _received(matter: Matter, entry: Entry, c: ReceiveReport | AskExtension, rules: Rules) -> list[Mail]:
    """One short mail: received, and what happens next; read too late, none without a person."""
    if c.late_read and not entry.because.actor.startswith("officer:"):
        return []
    if _heard_today(matter, c) > MOST_HEARD_A_DAY:  # a machine that answers our answer is not answered for ever
        return []
    what = "report" if isinstance(c, ReceiveReport) else "extension"
    data = {"what": what, "on": c.on.isoformat()}
    if isinstance(c, AskExtension):
        data["new_deadline"] = c.new_deadline.isoformat() if c.new_deadline else ""
        data["late"] = str(entry.facts.get("late") or "")
    return [replace(_to_unit(matter, c.unit, "received", entry, data), to=("liaison",), cc=("head",))]


def _heard_today(matter: Matter, c: ReceiveReport | AskExtension) -> int:
    """Reports and requests of the unit on the day of this one, itself among them."""
    a = matter.assignment(c.unit)
    if a is None:
        return 0
    return sum(one.on == c.on for one in a.reports) + sum(one.on == c.on for one in a.extensions)


def _returned(matter: Matter, entry: Entry, c: ReturnReport, rules: Rules) -> list[Mail]:
    data = {
        "reasons": "、".join(c.reasons),
        "words": c.words,
        "for_form": "1" if c.for_form else "",
        "new_deadline": str(entry.facts["new_deadline"]),
        "term_wd": str(entry.facts["term_wd"]),
    }
    return [_to_unit(matter, c.unit, "return", entry, data)]


def _decided(matter: Matter, entry: Entry, c: GrantExtension | RefuseExtension, rules: Rules) -> list[Mail]:
    if isinstance(c, GrantExtension):
        data = {
            "outcome": "granted",
            "old_deadline": str(entry.facts["old_deadline"]),
            "new_deadline": c.new_deadline.isoformat(),
            "words": c.words,
        }
    else:
        data = {"outcome": "refused", "deadline": str(entry.facts["deadline"] or ""), "words": c.why}
    data["by"] = c.by
    return [_to_unit(matter, matter.lead, "extension_decided", entry, data)]


def _closed(matter: Matter, entry: Entry, c: Close, rules: Rules) -> list[Mail]:
    """「同时向有关部门反馈」: every unit with a part hears it."""
    data = {"on": c.on.isoformat(), "late_days": str(entry.facts["late_days"]), "words": c.words}
    return [_to_unit(matter, unit, "closed", entry, data) for unit in matter.units]


def _voided(matter: Matter, entry: Entry, c: VoidMatter, rules: Rules) -> list[Mail]:
    """Who was told to act is told to stop; whom no 交办 mail has reached yet hears nothing."""
    told = [a.unit for a in matter.assignments if a.message_id or matter.imported_at is not None]
    return [_to_unit(matter, unit, "voided", entry, {"why": c.why}) for unit in told]


def _written(matter: Matter, entry: Entry, c: WriteUnit, rules: Rules) -> list[Mail]:
    """A person's waits for its undoing; what asks for a file by itself goes to whoever wrote, while people are up."""
    data = {"sender": c.sender, "subject": c.subject, "came_on": c.came_on.isoformat(), "words": c.words}
    if c.mail != "verify_sender":  # who is asked whether he wrote a letter may not have it
        data["letter"] = str(c.letter)
    if c.missing:
        data["missing"] = c.missing
    mail = _to_unit(matter, c.unit, c.mail, entry, data)
    if mail.undoable or c.role is None:
        return [mail]
    copy: Role = "head" if c.role == "liaison" else "liaison"
    return [replace(mail, to=(c.role,), cc=(copy,), not_before=_while_up(mail.not_before))]


def _while_up(moment: datetime) -> datetime:
    """The moment, or seven in the morning where it is night.

    Not the office hours: all of the deadline's day counts, and who hears at once in the evening can still mend it.
    """
    up = [moment_of(day_of(moment), hour) for hour in UP]
    if moment < up[0]:
        return up[0]
    return moment if moment < up[1] else moment_of(day_of(moment) + timedelta(days=1), UP[0])


def _reminded(matter: Matter, entry: Entry, c: Remind, rules: Rules) -> list[Mail]:
    leader = _leader(c, rules)
    nobody = leader is None and c.to in (*LEADER_ROLES, "president", "secretary")
    return [
        Mail(
            template=c.mail,
            to=("section",) if nobody else (c.to,),
            cc=c.cc,
            lines=(Line(matter.id, c.key.unit, c.key, entry.seq),),
            not_before=c.leaves_at,
            unit=c.key.unit if c.to in UNIT_ROLES else None,
            leader=leader,
            office_hours=True,
            release=c.release,
            may_hold=c.may_hold,
        )
    ]


def _leader(c: Remind, rules: Rules) -> str | None:
    """The code of the leader whom the mail is for, None where none is entered: then the Section gets it."""
    leader = None
    if c.to in LEADER_ROLES:
        leader = rules.supervising_leader(c.key.unit)
    elif c.to == "president":
        leader = rules.president()
    elif c.to == "secretary":
        leader = rules.secretary()
    return leader.code if leader else None


FOLLOWS: dict[type, Callable[[Matter, Entry, Any, Rules], list[Mail]]] = {
    Dispatch: _dispatched,
    ReceiveReport: _received,
    AskExtension: _received,
    ReturnReport: _returned,
    GrantExtension: _decided,
    RefuseExtension: _decided,
    Close: _closed,
    WriteUnit: _written,
    VoidMatter: _voided,
    Remind: _reminded,
}


# ---------------------------------------------------------------------------------------------------------------
# One mail for each addressee and day

Group = tuple[str, str, date, str]


def group_of(mail: Mail) -> Group | None:
    """Mails of one group become one: a unit's or leader's reminders of a day. None: goes by itself."""
    if not mail.lines or any(line.key is None for line in mail.lines) or mail.template in ALONE:
        return None
    day = day_of(mail.not_before)
    if mail.template == "leader_digest":
        return ("digest", mail.leader or "", day, mail.release)
    if mail.template == "phone_hint" or mail.unit is None:
        return (mail.template, "", day, mail.release)
    return ("unit", mail.unit, day, mail.release)


def merge(mails: Iterable[Mail]) -> list[Mail]:
    """One reminder mail a unit a day, one digest a leader a day, one list of calls for the Section; in their order."""
    groups: dict[object, list[Mail]] = {}
    for n, mail in enumerate(mails):
        groups.setdefault(group_of(mail) or n, []).append(mail)
    return [_one(same) for same in groups.values()]


def _one(mails: list[Mail]) -> Mail:
    """Several mails of a group as one: to the highest addressee of its lines, the others in copy."""
    first = mails[0]
    # Two matters may fall due by the same key (stage and day): only the same line of the same matter is said once.
    lines = tuple({(line.matter, line.key or line): line for mail in mails for line in mail.lines}.values())
    if len(mails) == 1 or len(lines) == 1:
        return first
    to, cc = _addressees(mails)
    to_unit = first.unit is not None and first.template != "phone_hint"
    may_hold = {mail.may_hold for mail in mails}
    return replace(
        first,
        template=LIST_MAIL if to_unit else first.template,
        to=to,
        cc=cc,
        lines=lines,
        not_before=max(mail.not_before for mail in mails),
        may_hold="director" if "director" in may_hold else max(may_hold),
    )


def _addressees(mails: list[Mail]) -> tuple[tuple[Role, ...], tuple[Role, ...]]:
    to = list(dict.fromkeys(role for mail in mails for role in mail.to))
    cc = list(dict.fromkeys(role for mail in mails for role in mail.cc))
    rank = {role: n for n, role in enumerate(HIGHEST_FIRST)}
    highest = min(to, key=lambda role: rank.get(role, -1))
    if mails[0].leader is not None:
        to = []  # his several roles are one person
    return (highest,), tuple(role for role in dict.fromkeys([*to, *cc]) if role != highest)
