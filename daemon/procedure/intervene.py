"""三(四) 督办: what the Section does while a matter runs: 中止 and 恢复, holding and letting go an escalation.

「对办理过程中出现的矛盾和问题，学校办公室要做好协调工作，及时了解督查督办事项的进程等」
"""

from __future__ import annotations

from dataclasses import replace

from daemon.procedure.assignments import reminded, with_reminded
from daemon.procedure.ruling import Case, Decide, Evolve, Verdict, blank
from daemon.procedure.shapes import (
    Entry,
    HoldReminder,
    Matter,
    Refusal,
    ReleaseReminder,
    Reminded,
    Resume,
    Role,
    StageKey,
    Suspend,
)

#: Who counts for at least whom when an escalation is held or let go.
STANDING: dict[str, int] = {"officer": 1, "director": 2}


def suspend(case: Case, c: Suspend) -> Verdict:
    """「做好协调工作」: 中止 or 批示暂缓, with its reason; reminders rest."""
    if case.matter.suspended:
        return None
    return case.refuse("why_missing") if blank(c.why) else {}


def resume(case: Case, c: Resume) -> Verdict:
    """「促使督查督办事项的落实」: goes on; what was due meanwhile is sent once, the latest only."""
    return {} if case.matter.suspended else None


def hold(case: Case, c: HoldReminder) -> Verdict:
    """「学校领导将会同有关部门直接协调」: an escalation to leaders may wait, with a reason and not for long."""
    one = _unsent(case, c.key)
    if isinstance(one, Refusal):
        return one
    if not one.may_hold:
        return case.refuse("not_holdable")
    if not _may(c.by_role, one.may_hold):
        return case.refuse("hold_needs_director")
    if blank(c.why):
        return case.refuse("why_missing")
    if c.until <= case.today:
        return case.refuse("hold_past", until=c.until)
    longest = case.rules.calendar.add(case.today, case.rules.policy.reminders.hold_max_wd)
    if c.until > longest:
        return case.refuse("hold_too_long", longest=longest)
    return {}


def release(case: Case, c: ReleaseReminder) -> Verdict:
    """「学校领导协调督查督办」: a held escalation goes on its way, one that waits for a person is approved."""
    one = _unsent(case, c.key)
    if isinstance(one, Refusal):
        return one
    awaited = one.release if one.release in STANDING else ""
    if one.held_until is None and (one.released or not awaited):
        return None
    if not _may(c.by_role, awaited or one.may_hold):
        return case.refuse("release_needs_director")
    return {}


def _unsent(case: Case, key: StageKey) -> Reminded | Refusal:
    one = reminded(case.matter, key)
    if one is None:
        return case.refuse("reminder_unknown")
    return case.refuse("reminder_left") if one.delivered else one


def _may(role: Role, needed: str) -> bool:
    return STANDING.get(role, 0) >= STANDING.get(needed, 0)


def suspended(matter: Matter, c: Suspend, entry: Entry) -> Matter:
    return replace(matter, suspended=True, suspended_why=c.why)


def resumed(matter: Matter, c: Resume, entry: Entry) -> Matter:
    return replace(matter, suspended=False, suspended_why="")


def held(matter: Matter, c: HoldReminder, entry: Entry) -> Matter:
    return with_reminded(matter, c.key, lambda one: replace(one, held_until=c.until, held_reason=c.why))


def released(matter: Matter, c: ReleaseReminder, entry: Entry) -> Matter:
    return with_reminded(matter, c.key, lambda one: replace(one, held_until=None, held_reason="", released=True))


DECIDE: dict[type, Decide] = {Suspend: suspend, Resume: resume, HoldReminder: hold, ReleaseReminder: release}
EVOLVE: dict[type, Evolve] = {Suspend: suspended, Resume: resumed, HoldReminder: held, ReleaseReminder: released}
