"""The lamp of a matter, always with its word: 灰 绿 黄 蓝 红, the first rule that fits.

Blue waits for us; `逾期n日` counts calendar days after the deadline, as a reader checks them against the date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from daemon.procedure.extend import granted
from daemon.procedure.rules import Rules
from daemon.procedure.shapes import Matter
from daemon.procedure.stages import heard, term_of
from daemon.procedure.words import say
from daemon.procedure.workdays import day_of

Colour = Literal["grey", "green", "yellow", "blue", "red"]


@dataclass(frozen=True, slots=True)
class Lamp:
    """`word` says what the colour means; `badge` is 延1, 延2 where the deadline was extended."""

    colour: Colour
    word: str
    badge: str = ""


def lamp(matter: Matter, rules: Rules, today: date) -> Lamp:
    """How the matter stands on that day."""
    colour, word = _resting(matter) or _waiting_for_us(matter, rules, today) or _running(matter, rules, today)
    lead = matter.lead_assignment
    times = len(granted(lead)) if lead else 0
    return Lamp(colour, word, say("lamp_extended", n=times) if times else "")


def late_days(matter: Matter) -> int:
    """Calendar days by which the accepted report was late; 0 in time or not closed."""
    if matter.report_accepted_on is None or matter.late_from is None:
        return 0
    return max((matter.report_accepted_on - matter.late_from).days, 0)


def _resting(matter: Matter) -> tuple[Colour, str] | None:
    if matter.phase == "void":
        return "grey", say("lamp_void")
    if matter.phase in ("proposed", "ready"):
        return "grey", say("lamp_not_dispatched")
    if matter.phase in ("closed", "archived"):
        days = late_days(matter)
        return ("yellow", say("lamp_closed_late", n=days)) if days else ("green", say("lamp_closed_in_time"))
    return ("grey", say("lamp_suspended")) if matter.suspended else None


def _waiting_for_us(matter: Matter, rules: Rules, today: date) -> tuple[Colour, str] | None:
    lead = matter.lead_assignment
    if lead is None:
        return None
    reports = [report.on for report in lead.reports if report.outcome == "waiting"]
    requests = [asked.on for asked in lead.extensions if asked.outcome == "waiting"]
    if not reports and not requests:
        return None
    word = say("lamp_review" if reports else "lamp_decision")
    since = min(reports or requests)
    if rules.calendar.between(since, today) > rules.policy.lamps.our_review_late_wd:
        word += say("lamp_we_are_late")
    return "blue", word


def _running(matter: Matter, rules: Rules, today: date) -> tuple[Colour, str]:
    policy, calendar = rules.policy.lamps, rules.calendar
    deadline, lead = matter.deadline, matter.lead_assignment
    if deadline is None or lead is None or matter.dispatched_on is None:
        return "grey", say("lamp_not_dispatched")
    if today > deadline:
        return "red", say("lamp_overdue", n=(today - deadline).days)
    near = max(policy.near_wd, policy.near_share_of_term * term_of(matter, rules))
    if calendar.between(today, deadline) <= near:
        return "yellow", say("lamp_near")
    silent_for = calendar.between(matter.dispatched_on, today)
    if silent_for >= policy.unacknowledged_wd and not all(heard(a) for a in matter.assignments):
        return "yellow", say("lamp_unacknowledged")
    if lead.returned_on is not None:
        return "yellow", say("lamp_returned")
    asked_on = _last_check(matter, rules)
    unanswered = asked_on is not None and not any(on >= asked_on for on in lead.progress_on)
    if asked_on and unanswered and calendar.between(asked_on, today) >= policy.check_unanswered_wd:
        return "yellow", say("lamp_no_progress")
    return "green", say("lamp_on_track")


def _last_check(matter: Matter, rules: Rules) -> date | None:
    """The day of the last check that asked for progress."""
    lead = matter.lead_assignment
    checks = {stage.id for stage in rules.policy.reminders.stages if stage.when == "no_fresh_progress"}
    days = [day_of(one.leaves_at) for one in lead.reminded if one.key.stage in checks] if lead else []
    return max(days, default=None)
