"""三(五) 办结: the 办结报告 arrives, is reviewed, returned or accepted; only a person closes.

「学校办公室对承办单位的督查督办事项办理结果报告，要进行认真审查」
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from daemon.procedure.assignments import with_assignment
from daemon.procedure.ruling import Case, Decide, Evolve, Verdict, blank, fact_day, has_fact
from daemon.procedure.shapes import (
    Assignment,
    Close,
    Entry,
    Matter,
    ReceiveReport,
    Refusal,
    ReportReceived,
    ReturnReport,
)

LONGEST_RETURN_WD = 10
#: Reasons for 退回 and whether each is one of form only.
RETURN_REASONS: dict[str, bool] = {
    "答非所问": False,
    "有计划无结果": False,
    "情况不清": False,
    "任务遗漏": False,
    "缺佐证": False,
    "缺协办意见": False,
    "不属实": False,
    "未审签盖章": True,
    "附件打不开或仅链接": True,
    "格式": True,
}


def receive(case: Case, c: ReceiveReport) -> Verdict:
    """「于规定时限结束前，将工作完成情况以书面报告形式交学校办公室」: the lead's, in time to the day's end."""
    party = case.party(c.unit)
    if isinstance(party, Refusal):
        return party
    letter = case.because.letter
    if letter is not None and any(report.letter == letter for report in party.reports):
        return None
    if party.role != "lead":
        return case.refuse("supporting_report", unit=case.unit_name(c.unit))
    if refusal := case.came_on(c.on):
        return refusal
    late_from = case.matter.late_from
    return {"late_days": max((c.on - late_from).days, 0) if late_from else 0}


def return_report(case: Case, c: ReturnReport) -> Verdict:
    """「审查其是否符合交办时所提出的要求，情况是否清楚，工作是否落实」: if not, back with reasons and a new term."""
    party = case.party(c.unit)
    if isinstance(party, Refusal):
        return party
    if not party.report_waiting:
        return case.refuse("no_report_waiting", unit=case.unit_name(c.unit))
    if not c.reasons or any(blank(reason) for reason in c.reasons):
        return case.refuse("reasons_missing")
    term = case.rules.policy.reminders.return_term_wd if c.term_wd is None else c.term_wd
    if not 1 <= term <= LONGEST_RETURN_WD:
        return case.refuse("term_out_of_range", most=LONGEST_RETURN_WD)
    old = case.matter.deadline or c.on
    new = max(old, case.rules.calendar.add(c.on, term))
    first = min(report.on for report in party.reports if report.outcome == "waiting")
    in_time = case.matter.late_from is None or first <= case.matter.late_from
    return {
        "old_deadline": old.isoformat(),
        "new_deadline": new.isoformat(),
        "term_wd": term,
        "still_in_time": c.for_form and in_time,
        "overdue_days": max((c.on - old).days, 0) if new > old else 0,
    }


def close(case: Case, c: Close) -> Verdict:
    """「办理结果符合要求的，学校办公室负责人审阅后，及时向分管校领导汇报，同时向有关部门反馈」"""
    lead = case.matter.lead_assignment
    waiting = [report for report in lead.reports if report.outcome == "waiting"] if lead else []
    if not waiting:
        return case.refuse("no_report_waiting", unit=case.unit_name(case.matter.lead))
    if case.matter.suspended:
        return case.refuse("suspended", "三（四）")
    first = min(report.on for report in waiting)
    late_from = case.matter.late_from or first
    return {"report_on": first.isoformat(), "late_days": max((first - late_from).days, 0)}


def received(matter: Matter, c: ReceiveReport, entry: Entry) -> Matter:
    report = ReportReceived(seq=entry.seq, on=c.on, letter=entry.because.letter)
    return with_assignment(matter, c.unit, lambda a: replace(a, reports=(*a.reports, report)))


def returned(matter: Matter, c: ReturnReport, entry: Entry) -> Matter:
    """Every report that waited goes back; a request for time that waited is overtaken by the new term."""
    new = fact_day(entry, "new_deadline")

    def back(a: Assignment) -> Assignment:
        return replace(
            settled(a, "returned", c.on, for_form=c.for_form),
            returned_on=c.on,
        )

    return replace(
        with_assignment(matter, c.unit, back),
        deadline=new,
        deadline_since=c.on,
        late_from=new if has_fact(entry, "still_in_time") else matter.late_from,
        overdue_days_past=matter.overdue_days_past + int(entry.facts.get("overdue_days") or 0),
    )


def settled(a: Assignment, outcome: str, on: date, *, for_form: bool = False) -> Assignment:
    """The assignment with nothing waiting: reports take the outcome, requests lapse."""
    reports = tuple(
        replace(report, outcome=outcome, for_form=for_form) if report.outcome == "waiting" else report  # type: ignore[arg-type]
        for report in a.reports
    )
    extensions = tuple(
        replace(asked, outcome="lapsed", decided_on=on) if asked.outcome == "waiting" else asked
        for asked in a.extensions
    )
    return replace(a, reports=reports, extensions=extensions)


def closed(matter: Matter, c: Close, entry: Entry) -> Matter:
    return replace(
        matter,
        phase="closed",
        closed_on=c.on,
        report_accepted_on=fact_day(entry, "report_on"),
        assignments=tuple(settled(a, "accepted", c.on) for a in matter.assignments),
    )


DECIDE: dict[type, Decide] = {ReceiveReport: receive, ReturnReport: return_report, Close: close}
EVOLVE: dict[type, Evolve] = {ReceiveReport: received, ReturnReport: returned, Close: closed}
