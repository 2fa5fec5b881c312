"""四(一) 催报: which reminders are due, what holds one, and what a matter will hear if nobody answers.

「在规定的上报或办结期限内，学校办公室定期或不定期对承办单位的工作进展情况和办理结果进行催报。」

Due is asked once a minute or after a week of downtime, with the same answer: computed from the facts, never counted.
A unit's mails have their round from `unit_mail_at` to the end of the office day; what leaders hear is announced
between `announce_at` and `announce_by` and leaves at `leader_digest_at`; what missed its round waits for the next one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from daemon.procedure.assignments import reminded, with_assignment, with_reminded
from daemon.procedure.rules import Rules, Stage
from daemon.procedure.ruling import Case, Decide, Evolve, Verdict
from daemon.procedure.shapes import (
    Assignment,
    Entry,
    Matter,
    Remind,
    Reminded,
    Role,
    StageKey,
    WithdrawReminder,
)
from daemon.procedure.stages import Falling, addressee, falling, falls, round_at, wanted
from daemon.procedure.words import say
from daemon.procedure.workdays import SHANGHAI, day_of, moment_of


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder whose moment has come. `at`: when it fell due in today's round; `leaves_at`: not before."""

    key: StageKey
    stage: Stage
    unit: str
    at: datetime
    leaves_at: datetime
    to: Role
    cc: tuple[Role, ...]
    mail: str
    release: str
    may_hold: str

    def command(self, matter: str) -> Remind:
        """What the clock registers."""
        return Remind(matter, self.key, self.mail, self.to, self.cc, self.leaves_at, self.release, self.may_hold)


@dataclass(frozen=True, slots=True)
class HoldFacts:
    """What the store knows that may hold a reminder. `unread`: a letter is kept that nobody has read yet."""

    mailbox_read_at: datetime | None
    waiting_matters: frozenset[str] = frozenset()
    waiting_units: frozenset[str] = frozenset()
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """A reminder to come if nobody answers: when, whom, which mail, and why, in Chinese."""

    stage: str
    at: datetime
    to_role: Role
    unit: str
    mail: str
    release: str
    reason: str
    key: StageKey
    cc: tuple[Role, ...] = field(default=())


def due(matter: Matter, rules: Rules, now: datetime) -> list[Due]:
    """Every reminder whose moment has come and whose key is not in the history."""
    day = day_of(now)
    if matter.phase != "running" or not active(day, matter, rules) or not rules.calendar.in_office(now):
        return []
    policy = rules.policy.reminders
    clock = now.astimezone(SHANGHAI).time().replace(tzinfo=None)
    found = []
    for one in latest(matter, rules, day):
        automatic = one.stage.release == "automatic"
        if clock < round_at(one.stage, rules) or (not automatic and clock > policy.announce_by):
            continue
        at = moment_of(day, round_at(one.stage, rules))
        found.append(_due(one, at, at if automatic else moment_of(day, policy.leader_digest_at)))
    return found


def _due(one: Falling, at: datetime, leaves_at: datetime) -> Due:
    stage = one.stage
    return Due(
        key=one.key,
        stage=stage,
        unit=one.key.unit,
        at=at,
        leaves_at=leaves_at,
        to=stage.to,
        cc=stage.cc,
        mail=stage.mail,
        release=stage.release,
        may_hold=stage.may_hold,
    )


def active(day: date, matter: Matter, rules: Rules) -> bool:
    """Whether reminders of the matter leave on that day: a working day, in 寒暑假 for 特急 only."""
    return rules.calendar.is_workday(day) and (matter.urgent or not rules.calendar.silent(day))


def latest(matter: Matter, rules: Rules, day: date) -> Iterator[Falling]:
    """For each unit and addressee the latest stage up to that day, if it is still wanted and was not asked for.

    What an earlier stage would have said, the later one says; so a stage before one that was asked for is dead.
    """
    for a in matter.assignments:
        asked = {one.key for one in a.reminded}
        groups: dict[str, list[Falling]] = {}
        for one in falls(matter, a, rules, day):
            groups.setdefault(addressee(one.stage), []).append(one)
        for stages in groups.values():
            stages.sort(key=lambda one: (one.day, one.order))
            after = next((n for n in range(len(stages), 0, -1) if stages[n - 1].key in asked), 0)
            left = [one for one in stages[after:] if wanted(matter, a, one, rules)]
            if left:
                yield left[-1]


def answered(matter: Matter, key: StageKey, rules: Rules) -> bool:
    """Whether a reminder has lost its object: answered, closed, another deadline; one not sent yet is withdrawn."""
    one = falling(matter, key, rules)
    a = matter.assignment(key.unit)
    return one is None or a is None or not wanted(matter, a, one, rules)


def overtaken(matter: Matter, key: StageKey, rules: Rules, day: date) -> bool:
    """Whether a later stage for the same addressee has fallen by that day: it says what this one would have said."""
    one, a = falling(matter, key, rules), matter.assignment(key.unit)
    if one is None or a is None:
        return False
    return any(
        (later.day, later.order) > (one.day, one.order)
        and addressee(later.stage) == addressee(one.stage)
        and wanted(matter, a, later, rules)
        for later in falls(matter, a, rules, day)
    )


def hold(matter: Matter, key: StageKey, rules: Rules, facts: HoldFacts, now: datetime) -> str | None:
    """Why the reminder must wait (a code of words.toml), None if it may leave (promise 5)."""
    a = matter.assignment(key.unit)
    one = reminded(matter, key)
    holds = rules.policy.reminders.holds
    if matter.suspended and ("suspended" in holds or "instruction_wait" in holds):
        return "hold_suspended"
    if one is not None and one.held_until is not None and day_of(now) < one.held_until:
        return "hold_by_person"
    if one is not None and one.release in ("officer", "director") and not one.released:
        return "hold_awaits_release"
    if a is not None and a.report_waiting and "report_waiting" in holds:
        return "hold_report_waiting"
    if a is not None and "extension_waiting" in holds and _request_holds(a, rules, day_of(now)):
        return "hold_extension_waiting"
    if "unreviewed_letter" in holds:
        if facts.unread:
            return "hold_unread_letter"
        if matter.id in facts.waiting_matters or key.unit in facts.waiting_units:
            return "hold_unreviewed_letter"
    if "mailbox_stale" in holds and (
        facts.mailbox_read_at is None or facts.mailbox_read_at < fell_due(matter, key, rules, now)
    ):
        return "hold_mailbox_stale"
    return None


def _request_holds(a: Assignment, rules: Rules, today: date) -> bool:
    """An undecided request holds; one that came after the deadline does so for a few working days only."""
    longest = rules.policy.reminders.late_request_hold_wd
    return any(
        asked.outcome == "waiting" and (asked.late != "逾期申请" or rules.calendar.between(asked.on, today) <= longest)
        for asked in a.extensions
    )


def fell_due(matter: Matter, key: StageKey, rules: Rules, now: datetime) -> datetime:
    """The moment after which the mailbox must have been read: of leaving, else of today's round."""
    one = reminded(matter, key)
    policy = rules.policy.reminders
    if one is not None:
        until = moment_of(one.held_until, policy.leader_digest_at) if one.held_until else one.leaves_at
        return max(until, one.leaves_at)
    stage = policy.stage(key.stage)
    return moment_of(day_of(now), round_at(stage, rules) if stage else policy.unit_mail_at)


# ---------------------------------------------------------------------------------------------------------------
# Preview


def preview(matter: Matter, rules: Rules, as_of: datetime, *, days: int = 0) -> list[Planned]:
    """What the matter hears from then on if nobody answers; of one that is ready, as if dispatched at that moment.

    Looks as far as 20 working days after the deadline, or 10 after `as_of`, whichever is later; `days` adds some.
    """
    if matter.phase == "ready" and matter.deadline is not None:
        today = day_of(as_of)
        matter = replace(matter, phase="running", dispatched_on=today, dispatched_at=as_of, deadline_since=today)
    if matter.phase != "running" or matter.deadline is None:
        return []
    planned = list(_under_way(matter, rules, as_of))
    calendar = rules.calendar
    first = day_of(as_of)
    last = max(calendar.add(matter.deadline, 20), calendar.add(first, 10)) + timedelta(days=days)
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        if not active(day, matter, rules):
            continue
        for one in list(latest(matter, rules, day)):
            at = _leaves(one, day, rules, as_of)
            if at is None:
                continue
            planned.append(_planned(one, at, matter, rules))
            matter = _asked(matter, one.key, as_of, at)
    return sorted(planned, key=lambda plan: (plan.at, plan.unit, plan.stage))


def _under_way(matter: Matter, rules: Rules, as_of: datetime) -> Iterator[Planned]:
    """Reminders asked for and not gone yet: announced this morning, or held."""
    for a in matter.assignments:
        for one in a.reminded:
            due_at = fell_due(matter, one.key, rules, as_of)
            live = falling(matter, one.key, rules)
            if not one.delivered and due_at >= as_of and live is not None and wanted(matter, a, live, rules):
                yield _planned(live, due_at, matter, rules)


def _leaves(one: Falling, day: date, rules: Rules, as_of: datetime) -> datetime | None:
    """When a stage of that day's round leaves, None where `as_of` is too late for it."""
    policy = rules.policy.reminders
    if one.stage.release != "automatic":
        return moment_of(day, policy.leader_digest_at) if as_of <= moment_of(day, policy.announce_by) else None
    at = max(moment_of(day, policy.unit_mail_at), as_of)
    leaves = rules.calendar.office_moment_on_or_after(at)
    return leaves if day_of(leaves) == day else None


def _planned(one: Falling, at: datetime, matter: Matter, rules: Rules) -> Planned:
    stage = one.stage
    return Planned(
        stage=stage.id,
        at=at,
        to_role=stage.to,
        unit=one.key.unit,
        mail=stage.mail,
        release=stage.release,
        reason=reason(one, matter, rules),
        key=one.key,
        cc=stage.cc,
    )


def reason(one: Falling, matter: Matter, rules: Rules) -> str:
    """Why a stage falls, in Chinese, counted on its own day: 交办后第1个工作日仍未签收."""
    calendar = rules.calendar
    if one.stage.when == "unacknowledged" and matter.dispatched_on is not None:
        return say("reason_unacknowledged", n=calendar.between(matter.dispatched_on, one.day))
    if one.stage.when == "no_fresh_progress":
        return say("reason_no_progress", n=rules.policy.reminders.progress_fresh_wd)
    if matter.deadline is None:
        raise ValueError("a matter that was not dispatched has no stages")
    if one.day > matter.deadline:
        return say("reason_overdue", n=calendar.between(matter.deadline, one.day))
    left = calendar.between(one.day, matter.deadline)
    return say("reason_due_soon", n=left) if left else say("reason_due_today")


def reason_of(matter: Matter, key: StageKey, rules: Rules) -> str:
    """The reason of a reminder by its key, '' where it is dead."""
    one = falling(matter, key, rules)
    return reason(one, matter, rules) if one is not None else ""


# ---------------------------------------------------------------------------------------------------------------
# The steps


def remind(case: Case, c: Remind) -> Verdict:
    """「定期或不定期对承办单位的工作进展情况和办理结果进行催报」: each once, none that was answered."""
    a = case.matter.assignment(c.key.unit)
    if a is None:
        return case.refuse("not_a_party", "一", unit=case.unit_name(c.key.unit))
    if any(one.key == c.key for one in a.reminded):
        return case.refuse("already_reminded")
    if case.matter.suspended:
        return case.refuse("suspended", "三（四）")
    if case.rules.policy.reminders.stage(c.key.stage) is None:
        return case.refuse("stage_unknown", stage=c.key.stage)
    one = falling(case.matter, c.key, case.rules)
    if one is None or one.day > case.today:
        return case.refuse("stage_not_due")
    if not wanted(case.matter, a, one, case.rules):
        return case.refuse("stage_answered")
    leader = case.rules.supervising_leader(c.key.unit) if c.to == "supervising_leader" else None
    return {"reason": reason(one, case.matter, case.rules), "leader": leader.code if leader else None}


def withdraw(case: Case, c: WithdrawReminder) -> Verdict:
    """「实事求是的原则」: who has answered is not nagged; the key is free again."""
    one = reminded(case.matter, c.key)
    if one is None:
        return None
    return case.refuse("reminder_left") if one.delivered else {}


def was_reminded(matter: Matter, c: Remind, entry: Entry) -> Matter:
    return _asked(matter, c.key, entry.at, c.leaves_at, c.release, c.may_hold)


def _asked(
    matter: Matter, key: StageKey, at: datetime, leaves_at: datetime, release: str = "automatic", may_hold: str = ""
) -> Matter:
    one = Reminded(key, at, leaves_at, release=release, may_hold=may_hold)

    def add(a: Assignment) -> Assignment:
        return replace(a, reminded=(*(old for old in a.reminded if old.key != key), one))

    return with_assignment(matter, key.unit, add)


def withdrawn(matter: Matter, c: WithdrawReminder, entry: Entry) -> Matter:
    return with_reminded(matter, c.key, lambda one: None)


DECIDE: dict[type, Decide] = {Remind: remind, WithdrawReminder: withdraw}
EVOLVE: dict[type, Evolve] = {Remind: was_reminded, WithdrawReminder: withdrawn}
