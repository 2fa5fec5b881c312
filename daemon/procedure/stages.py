"""On which day each stage of 催报 falls for a matter, and whether its condition holds; from the facts alone.

A stage counts from the dispatch, from half of the term, or from the deadline in force. One whose day is not after the
day on which its deadline was set is dead, as is one due before an import, and one that a refused extension answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time

from daemon.procedure.rules import Rules, Stage
from daemon.procedure.shapes import Assignment, Matter, StageKey
from daemon.procedure.workdays import moment_of

UNIT_ROLES = ("head", "liaison", "deputy", "unit")
LEADER_ROLES = ("supervising_leader", "attached_leader")


@dataclass(frozen=True, slots=True)
class Falling:
    """A stage with its day. `order`: its place in the policy, for two on one day."""

    key: StageKey
    stage: Stage
    day: date
    order: int


def addressee(stage: Stage) -> str:
    """Of several stages missed, each addressee hears the latest only: the unit, a leader, the president, us."""
    if stage.to in UNIT_ROLES:
        return "unit"
    return "leader" if stage.to in LEADER_ROLES else stage.to


def term_of(matter: Matter, rules: Rules) -> int:
    """Working days of the term in force: from the dispatch, after a return from the day of the return."""
    start = _start(matter)
    return rules.calendar.between(start, matter.deadline) if start and matter.deadline else 0


def _start(matter: Matter) -> date | None:
    return matter.deadline_since if _returned(matter) else matter.dispatched_on


def _returned(matter: Matter) -> bool:
    lead = matter.lead_assignment
    return lead is not None and lead.returned_on is not None and lead.returned_on == matter.deadline_since


def falls(matter: Matter, a: Assignment, rules: Rules, until: date) -> Iterator[Falling]:
    """Every live stage of an assignment that falls on or before `until`."""
    for order, stage in enumerate(rules.policy.reminders.stages):
        if not _applies(matter, a, stage, rules):
            continue
        nth = 0
        while True:
            nth += 1
            day = day_of_stage(matter, stage, nth, rules)
            if day is None or day > until:
                break
            key = StageKey(a.unit, stage.id, _counts_from(matter, stage), nth)
            if _lives(matter, a, stage, day, rules):
                yield Falling(key, stage, day, order)


def falling(matter: Matter, key: StageKey, rules: Rules) -> Falling | None:
    """The live stage of a key, None where the key is dead: another deadline, another policy, no part."""
    a = matter.assignment(key.unit)
    stage = rules.policy.reminders.stage(key.stage)
    if a is None or stage is None or not _applies(matter, a, stage, rules):
        return None
    day = day_of_stage(matter, stage, key.nth, rules)
    if day is None or key.counts_from != _counts_from(matter, stage) or not _lives(matter, a, stage, day, rules):
        return None
    return Falling(key, stage, day, rules.policy.reminders.stages.index(stage))


def day_of_stage(matter: Matter, stage: Stage, nth: int, rules: Rules) -> date | None:
    """The working day of a stage's nth time, None where there is none."""
    if matter.dispatched_on is None or matter.deadline is None:
        return None
    if nth > 1 and not (stage.every_wd and term_of(matter, rules) > stage.every_if_term):
        return None
    wd = stage.wd + (nth - 1) * stage.every_wd
    calendar = rules.calendar
    if stage.source == "dispatch":
        return calendar.add(matter.dispatched_on, wd)
    if stage.source == "deadline":
        return calendar.add(matter.deadline, wd)
    day = calendar.add(_start(matter) or matter.dispatched_on, term_of(matter, rules) // 2 + wd)
    return day if day <= matter.deadline else None


def _counts_from(matter: Matter, stage: Stage) -> date:
    start = matter.dispatched_on if stage.source == "dispatch" else matter.deadline
    if start is None:
        raise ValueError("a matter that was not dispatched has no stages")
    return start


def _applies(matter: Matter, a: Assignment, stage: Stage, rules: Rules) -> bool:
    policy = rules.policy.reminders
    if matter.phase != "running" or matter.dispatched_on is None or matter.deadline is None:
        return False
    if a.role == "supporting" and stage.id not in policy.supporting_units:
        return False
    if stage.source != "dispatch" and _returned(matter) and stage.id not in policy.after_return:
        return False
    return not stage.min_term or term_of(matter, rules) >= stage.min_term


def _lives(matter: Matter, a: Assignment, stage: Stage, day: date, rules: Rules) -> bool:
    floor = matter.dispatched_on if stage.source == "dispatch" else matter.deadline_since
    if floor is not None and day <= floor:
        return False
    left = rules.calendar.between(day, matter.deadline) if matter.deadline else 0
    if stage.not_before_deadline_wd and left < stage.not_before_deadline_wd:
        return False
    if addressee(stage) == "unit" and any(day <= on for on in _refused_on(a)):
        return False
    return matter.imported_at is None or moment_of(day, round_at(stage, rules)) >= matter.imported_at


def _refused_on(a: Assignment) -> list[date]:
    """The refusal of an extension is that day's reminder."""
    return [asked.decided_on for asked in a.extensions if asked.outcome == "refused" and asked.decided_on]


def round_at(stage: Stage, rules: Rules) -> time:
    """When a stage falls due on its day: unit mails at their hour, an escalation when it is announced."""
    policy = rules.policy.reminders
    return policy.unit_mail_at if stage.release == "automatic" else policy.announce_at


def wanted(matter: Matter, a: Assignment, one: Falling, rules: Rules) -> bool:
    """Whether nobody has answered yet what the stage asks for, according to its `when`."""
    if one.stage.when == "unacknowledged":
        return not heard(a)
    lead = matter.lead_assignment
    if lead is None or any(report.outcome != "returned" for report in lead.reports):
        return False
    if one.stage.when == "open":
        return True
    fresh = rules.policy.reminders.progress_fresh_wd
    return not any(on >= one.day or rules.calendar.between(on, one.day) < fresh for on in a.progress_on)


def heard(a: Assignment) -> bool:
    """Signed for, or answered with anything that shows the notice was received."""
    return a.acknowledged_at is not None or bool(a.progress_on or a.reports or a.extensions)
