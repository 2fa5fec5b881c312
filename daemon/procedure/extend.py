"""三(五) 延期: what cannot be closed in time is reported with its reasons, and leaders decide.

「确实难以办结或难以按期办结的，承办单位应将工作进展情况和不能按期办结原因的书面报告交学校办公室。」
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Literal

from daemon.procedure.assignments import with_assignment
from daemon.procedure.rules import Rules
from daemon.procedure.ruling import Case, Decide, Evolve, Verdict, blank
from daemon.procedure.shapes import (
    AskExtension,
    Assignment,
    Entry,
    ExtensionAsked,
    GrantExtension,
    Matter,
    Refusal,
    RefuseExtension,
)

RANK = {"director": 1, "instructing_leader": 2, "president": 3}


def ask(case: Case, c: AskExtension) -> Verdict:
    """「承办单位应将工作进展情况和不能按期办结原因的书面报告交学校办公室」: late ones are taken, and marked."""
    party = case.party(c.unit)
    if isinstance(party, Refusal):
        return party
    letter = case.because.letter
    if letter is not None and any(asked.letter == letter for asked in party.extensions):
        return None
    if party.role != "lead":
        return case.refuse("supporting_extension", unit=case.unit_name(c.unit))
    if blank(c.reason):
        return case.refuse("reason_missing")
    if refusal := case.came_on(c.on):
        return refusal
    deadline = case.matter.deadline
    if c.new_deadline is not None and deadline is not None and c.new_deadline <= deadline:
        return case.refuse("extension_not_later", deadline=deadline, new_deadline=c.new_deadline)
    return {"late": late_mark(case.rules, c.on, deadline), "nth": 1 + len(granted(party))}


def late_mark(rules: Rules, on: date, deadline: date | None) -> str:
    """临期申请 or 逾期申请, '' where it was asked early enough."""
    if deadline is None:
        return ""
    if on > deadline:
        return "逾期申请"
    return "临期申请" if rules.calendar.between(on, deadline) < rules.policy.extension.ask_before_wd else ""


def granted(a: Assignment) -> list[ExtensionAsked]:
    return [asked for asked in a.extensions if asked.outcome == "granted"]


def who_may_grant(
    matter: Matter, new_deadline: date, rules: Rules
) -> Literal["director", "instructing_leader", "president"]:
    """The lowest who may grant it: the director once and briefly, then the 批示人, beyond the maxima the 校长."""
    policy = rules.policy.extension
    lead = matter.lead_assignment
    before = granted(lead) if lead else []
    wd = wanted_wd(matter, new_deadline, rules)
    total = wd + sum(asked.granted_wd for asked in before)
    if len(before) >= policy.max_times or wd > policy.max_each_wd or total > policy.max_total_wd:
        return policy.beyond_maxima  # type: ignore[return-value]  # checked when the policy was read
    if not before and wd <= policy.director_may_grant_wd:
        return "director"
    return policy.above  # type: ignore[return-value]


def wanted_wd(matter: Matter, new_deadline: date, rules: Rules) -> int:
    """Working days from the deadline in force to the new one."""
    return rules.calendar.between(matter.deadline, new_deadline) if matter.deadline else 0


def rank_of(by: str, matter: Matter, rules: Rules) -> int:
    """How high whoever decides stands in this matter: `director`, `president` or the code of a leader."""
    if by in ("director", "president"):
        return RANK[by]
    president = rules.president()
    if president is not None and by == president.code:
        return RANK["president"]
    if by not in rules.leaders:
        return 0
    instructing = matter.instructing_leader or by
    return RANK["instructing_leader"] if by == instructing or rules.leaders[by].principal else RANK["director"]


def grant(case: Case, c: GrantExtension) -> Verdict:
    """「由学校办公室负责人向校领导汇报，或将书面材料呈校领导传阅」: who decides must be high enough for it."""
    lead = case.matter.lead_assignment
    if lead is None or not lead.extension_waiting:
        return case.refuse("no_extension_waiting", unit=case.unit_name(case.matter.lead))
    old = case.matter.deadline
    if old is None or c.new_deadline <= old:
        return case.refuse("extension_not_later", deadline=old or "", new_deadline=c.new_deadline)
    if c.new_deadline < c.on:
        return case.refuse("deadline_past", "三（二）", deadline=c.new_deadline)
    needed = who_may_grant(case.matter, c.new_deadline, case.rules)
    wd = wanted_wd(case.matter, c.new_deadline, case.rules)
    rank = rank_of(c.by, case.matter, case.rules)
    if rank == 0:
        return case.refuse("unknown_leader", leader=c.by)
    if rank < RANK[needed]:
        code = "grant_needs_president" if needed == "president" else "grant_needs_leader"
        return case.refuse(code, wd=wd, nth=1 + len(granted(lead)))
    return {
        "old_deadline": old.isoformat(),
        "wd": wd,
        "nth": 1 + len(granted(lead)),
        "overdue_days": max((c.on - old).days, 0),
        "tell_leader": RANK["director"] == rank,
    }


def refuse(case: Case, c: RefuseExtension) -> Verdict:
    """「必要时，可要求承办单位负责人向校长办公会议作专题汇报」: a No needs its reason, the deadline stands."""
    lead = case.matter.lead_assignment
    if lead is None or not lead.extension_waiting:
        return case.refuse("no_extension_waiting", unit=case.unit_name(case.matter.lead))
    if blank(c.why):
        return case.refuse("why_missing")
    if rank_of(c.by, case.matter, case.rules) == 0:
        return case.refuse("unknown_leader", leader=c.by)
    return {"deadline": case.matter.deadline.isoformat() if case.matter.deadline else None}


def asked(matter: Matter, c: AskExtension, entry: Entry) -> Matter:
    one = ExtensionAsked(
        seq=entry.seq,
        on=c.on,
        reason=c.reason,
        new_deadline=c.new_deadline,
        late=str(entry.facts.get("late") or ""),  # type: ignore[arg-type]  # as `late_mark` gave it
        letter=entry.because.letter,
    )
    return with_assignment(matter, c.unit, lambda a: replace(a, extensions=(*a.extensions, one)))


def extension_granted(matter: Matter, c: GrantExtension, entry: Entry) -> Matter:
    """D := D′. The newest request is the granted one; earlier ones that waited are overtaken by it."""
    wd = int(entry.facts.get("wd") or 0)

    def decided(a: Assignment) -> Assignment:
        return _decided(a, "granted", c.on, c.new_deadline, wd)

    return replace(
        with_assignment(matter, matter.lead, decided),
        deadline=c.new_deadline,
        deadline_since=c.on,
        late_from=c.new_deadline,
        overdue_days_past=matter.overdue_days_past + int(entry.facts.get("overdue_days") or 0),
    )


def extension_refused(matter: Matter, c: RefuseExtension, entry: Entry) -> Matter:
    return with_assignment(matter, matter.lead, lambda a: _decided(a, "refused", c.on, None, 0))


def _decided(
    a: Assignment, outcome: Literal["granted", "refused"], on: date, new_deadline: date | None, wd: int
) -> Assignment:
    waiting = [asked.seq for asked in a.extensions if asked.outcome == "waiting"]

    def one(asked: ExtensionAsked) -> ExtensionAsked:
        if asked.outcome != "waiting":
            return asked
        if asked.seq != waiting[-1]:
            return replace(asked, outcome="lapsed", decided_on=on)
        return replace(
            asked, outcome=outcome, decided_on=on, granted_wd=wd, new_deadline=new_deadline or asked.new_deadline
        )

    return replace(a, extensions=tuple(one(asked) for asked in a.extensions))


DECIDE: dict[type, Decide] = {AskExtension: ask, GrantExtension: grant, RefuseExtension: refuse}
EVOLVE: dict[type, Evolve] = {
    AskExtension: asked,
    GrantExtension: extension_granted,
    RefuseExtension: extension_refused,
}
