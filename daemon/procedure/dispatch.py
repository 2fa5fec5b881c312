"""三(二) 交办 and 签收, and what became of our mails.

「学校办公室将督查督办事项通知承办单位办理。通知要做到时限具体、责任明确、要求清楚。」
"""

from __future__ import annotations

from dataclasses import replace
from datetime import time

from daemon.procedure.assignments import new_assignments, with_assignment, with_reminded
from daemon.procedure.initiate import parties_refused
from daemon.procedure.ruling import Case, Decide, Evolve, Verdict, blank, fact_day
from daemon.procedure.shapes import (
    Acknowledge,
    Dispatch,
    Entry,
    ImportDispatched,
    MarkAddress,
    Matter,
    RecordMail,
    Refusal,
)
from daemon.procedure.workdays import day_of, moment_of


def dispatch(case: Case, c: Dispatch) -> Verdict:
    """「通知要做到时限具体、责任明确、要求清楚。」: a deadline still to come, units that can be reached."""
    deadline = case.matter.deadline
    if deadline is None:
        return case.refuse("deadline_missing")
    if deadline < case.today:
        return case.refuse("deadline_past", deadline=deadline)
    for unit in case.matter.units:
        if not case.rules.reachable(unit):
            return case.refuse("unit_unreachable", "一", unit=case.unit_name(unit))
    return {"on": case.today.isoformat(), "deadline": deadline.isoformat()}


def import_dispatched(case: Case, c: ImportDispatched) -> Verdict:
    """A matter that was dispatched on paper or by hand before: the same demands on its notice."""
    for words, code in ((c.title, "title_missing"), (c.requirements, "requirements_missing")):
        if blank(words):
            return case.refuse(code, "三（一）")
    if refusal := parties_refused(case, c.lead, c.supporting):
        return refusal
    if c.dispatched_on > case.today:
        return case.refuse("dispatched_in_future", on=c.dispatched_on)
    if c.deadline < c.dispatched_on:
        return case.refuse("deadline_before_dispatch", deadline=c.deadline, on=c.dispatched_on)
    if len(c.message_ids) > 1 + len(c.supporting):
        return case.refuse("too_many_message_ids", units=1 + len(c.supporting))
    return {"ref": c.ref.key}


def acknowledge(case: Case, c: Acknowledge) -> Verdict:
    """「一般应由各单位主要负责人签收」: another's signature counts and is marked; a second one changes nothing."""
    party = case.party(c.unit)
    if isinstance(party, Refusal):
        return party
    if party.acknowledged_at is not None:
        return None
    if c.on is not None and (refusal := case.came_on(c.on)):
        return refusal
    return {"by_liaison": c.role == "liaison"}


def record(case: Case, c: RecordMail | MarkAddress) -> Verdict:
    """「学校办公室做好行政督查督办台帐」: what left, when, to whom, and what came of it."""
    return {}


def dispatched(matter: Matter, c: Dispatch, entry: Entry) -> Matter:
    on = fact_day(entry, "on")
    units = new_assignments(matter.lead, matter.supporting, (), c.tokens)
    return replace(
        matter,
        phase="running",
        dispatched_at=entry.at,
        dispatched_on=on,
        first_deadline=matter.deadline,
        deadline_since=on,
        late_from=matter.deadline,
        assignments=units,
    )


def imported(matter: Matter, c: ImportDispatched, entry: Entry) -> Matter:
    return replace(
        matter,
        title=c.title,
        source=c.source,
        requirements=c.requirements,
        lead=c.lead,
        supporting=c.supporting,
        phase="running",
        ref=c.ref,
        source_item=c.source_item,
        director_opinion=c.director_opinion,
        leader_opinion=c.leader_opinion,
        first_deadline=c.deadline,
        deadline=c.deadline,
        deadline_since=c.dispatched_on,
        late_from=c.deadline,
        dispatched_on=c.dispatched_on,
        imported_on=day_of(entry.at),
        imported_at=entry.at,
        notice_sha256=(c.notice_sha256,) if c.notice_sha256 else (),
        assignments=new_assignments(c.lead, c.supporting, c.message_ids, c.tokens),
    )


def acknowledged(matter: Matter, c: Acknowledge, entry: Entry) -> Matter:
    """Of a signature on an earlier day only the day is known: it stands as the day's first moment."""
    earlier = c.on is not None and c.on < day_of(entry.at)
    at = moment_of(c.on, time.min) if earlier and c.on else entry.at
    return with_assignment(matter, c.unit, lambda a: replace(a, acknowledged_at=at, acknowledged_by=c.role))


def recorded(matter: Matter, c: RecordMail, entry: Entry) -> Matter:
    """A mail that may have left makes its thread ours; one that was delivered, or settled so, spends its keys."""
    if c.outcome == "refused":
        return matter
    if c.mail == "dispatch":
        if c.unit and c.message_id:
            matter = with_assignment(matter, c.unit, lambda a: replace(a, message_id=c.message_id))
        if c.notice_sha256 and c.notice_sha256 not in matter.notice_sha256:
            matter = replace(matter, notice_sha256=(*matter.notice_sha256, c.notice_sha256))
    if c.outcome in ("delivered", "settled"):
        for key in c.keys:
            matter = with_reminded(matter, key, lambda one: replace(one, delivered=True))
    return matter


def marked(matter: Matter, c: MarkAddress, entry: Entry) -> Matter:
    return matter


DECIDE: dict[type, Decide] = {
    Dispatch: dispatch,
    ImportDispatched: import_dispatched,
    Acknowledge: acknowledge,
    RecordMail: record,
    MarkAddress: record,
}
EVOLVE: dict[type, Evolve] = {
    Dispatch: dispatched,
    ImportDispatched: imported,
    Acknowledge: acknowledged,
    RecordMail: recorded,
    MarkAddress: marked,
}
