"""From a matter and the rules of the day to what a mail tells of it."""

from __future__ import annotations

from datetime import date

from daemon.compose.context import MatterFacts, Office
from daemon.compose.notice import NoticeData
from daemon.compose.plain import paragraphs, single_line
from daemon.compose.qr import signed_code
from daemon.compose.render import Broken, short_day
from daemon.compose.report_form import ReportForm
from daemon.procedure import refno
from daemon.procedure.rules import Rules
from daemon.procedure.shapes import Assignment, Matter


def office(rules: Rules) -> Office:
    """Who writes, as the settings say on that day."""
    school = rules.school
    return Office(
        single_line(school.name),
        single_line(school.office),
        single_line(school.section),
        school.mailbox,
        single_line(school.contact),
        single_line(school.phone),
    )


def unit_name(code: str, rules: Rules, *, short: bool = False) -> str:
    """The unit's name; its code where the address book no longer has it."""
    unit = rules.units.get(code)
    if unit is None:
        return code
    return single_line((unit.short_name if short else "") or unit.name)


def spoken(matter: Matter, rules: Rules) -> str:
    """青师督字〔2026〕第12号, '' before the number is given."""
    return refno.spoken(matter.ref, rules.school.ref_prefix) if matter.ref is not None else ""


def facts(matter: Matter, unit: str | None, day: date, rules: Rules, *, short: bool = False) -> MatterFacts:
    """What a mail tells of `matter` on `day`. Broken for a matter that has no number or deadline yet."""
    if matter.ref is None or matter.deadline is None:
        raise Broken(f"事项“{single_line(matter.title, 40)}”还没有文号或者要求反馈时间，不能发信。")
    assignment = matter.assignment(unit or matter.lead)
    return MatterFacts(
        ref=spoken(matter, rules),
        title=single_line(matter.title),
        source=single_line(matter.source),
        requirements=tuple(paragraphs(matter.requirements)),
        lead=unit_name(matter.lead, rules, short=short),
        supporting=tuple(unit_name(code, rules) for code in matter.supporting),
        deadline=matter.deadline,
        dispatched_on=matter.dispatched_on or day,
        overdue=max(0, (day - matter.deadline).days),
        left=rules.calendar.between(day, matter.deadline),
        due_today=day == matter.deadline,
        urgent=matter.urgent,
        acknowledged=assignment is not None and assignment.acknowledged_at is not None,
        state=_state(assignment) if assignment is not None else "",
        role="协办" if unit in matter.supporting else "主办",
    )


def _state(assignment: Assignment) -> str:
    """What was heard of a unit so far, in a few words."""
    if assignment.acknowledged_at is None:
        words = ["未签收"]
    else:
        words = ["已签收（联络员代签）" if assignment.acknowledged_by == "liaison" else "已签收"]
    if assignment.report_waiting:
        words.append("办结报告待审")
    elif assignment.extension_waiting:
        words.append("延期申请待批")
    elif assignment.returned_on is not None:
        words.append(f"{short_day(assignment.returned_on)}退回重办")
    elif assignment.progress_on:
        words.append(f"{short_day(max(assignment.progress_on))}报告过进展")
    else:
        words.append("未报告进展")
    return "，".join(words)


def urged(matter: Matter, unit: str, rules: Rules) -> int:
    """How many 催报 for the report have left for the deadline in force."""
    assignment = matter.assignment(unit)
    if assignment is None:
        return 0
    stages = {stage.id for stage in rules.policy.reminders.stages if stage.mail.startswith("urge_")}
    return sum(
        one.delivered and one.key.stage in stages and one.key.counts_from == matter.deadline
        for one in assignment.reminded
    )


def notice(matter: Matter, rules: Rules, secret: bytes, day: date | None = None) -> NoticeData:
    """The 通知单 of a matter; `day`: 交办时间 where the matter does not know it yet."""
    school = rules.school
    source = single_line(matter.source)
    body = [single_line(matter.title), *paragraphs(matter.requirements)]
    if source and not any(source in words for words in body):
        body.insert(1, f"来源：{source}")
    return NoticeData(
        school_name=school.name,
        office=school.office,
        ref=spoken(matter, rules),
        lead=unit_name(matter.lead, rules),
        requirements="\n".join(body),
        supporting=tuple(unit_name(code, rules) for code in matter.supporting),
        dispatched_on=matter.dispatched_on or day,
        deadline=matter.first_deadline or matter.deadline,
        director_opinion=matter.director_opinion,
        leader_opinion=matter.leader_opinion,
        contact=school.contact,
        phone=school.phone,
        code=signed_code(matter, secret),
        ref_prefix=school.ref_prefix,
    )


def report_form(matter: Matter, rules: Rules, day: date) -> ReportForm:
    """The 办结报告 form of a matter, for its lead unit."""
    return ReportForm(
        school_name=rules.school.name,
        office=rules.school.office,
        ref=spoken(matter, rules),
        title=matter.title,
        unit=unit_name(matter.lead, rules),
        supporting=tuple(unit_name(code, rules) for code in matter.supporting),
        requirements=matter.requirements,
        deadline=matter.deadline or day,
        dispatched_on=matter.dispatched_on or day,
    )
