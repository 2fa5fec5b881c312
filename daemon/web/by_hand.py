"""登记来件: what a unit said by telephone or on paper, registered by an officer as if it had come by mail."""

from __future__ import annotations

from typing import get_args

from daemon.procedure.shapes import (
    Acknowledge,
    AskExtension,
    Assignment,
    Command,
    Matter,
    ReceiveReport,
    ReportProgress,
    Role,
)
from daemon.web import days, labels
from daemon.web.act import Act, Case, Field, Reader, Typed, unit_name
from daemon.web.problems import Problem

#: How it came; kept as the note of the entry's Because, and shown in the matter's history.
WAYS = ("电话", "纸质", "当面", "即时通信")
SIGNERS: tuple[tuple[Role, str], ...] = (
    ("head", "主要负责人"),
    ("deputy", "直接责任人"),
    ("liaison", "联络员（代签）"),
    ("unit", "单位其他人员（代签）"),
)


def way_of(typed: Typed) -> str:
    """The way that the form names; '' for an act that did not come from a unit."""
    way = " ".join(typed.get("way", ())).strip()
    return way if way in WAYS else ""


def _unsigned(matter: Matter) -> list[Assignment]:
    return [a for a in matter.assignments if a.acknowledged_at is None]


def _running(matter: Matter) -> bool:
    return matter.phase == "running"


def _no_report_waits(matter: Matter) -> bool:
    return _running(matter) and not any(a.report_waiting for a in matter.assignments)


def _no_request_waits(matter: Matter) -> bool:
    return _running(matter) and not any(a.extension_waiting for a in matter.assignments)


def _way(first: str) -> Field:
    return Field("way", "方式", "one", choices=tuple((way, way) for way in WAYS), first=first)


def _on(case: Case, label: str) -> Field:
    return Field("on", label, "day", "如 1124", first=case.today.isoformat())


def _units(case: Case, of: list[Assignment]) -> Field:
    choices = tuple((a.unit, unit_name(case, a.unit)) for a in of)
    return Field("unit", "单位", "one", choices=choices, first=choices[0][0] if choices else "")


def _day(case: Case, read: Reader) -> None:
    """A day still to come is said beside its field, before the law refuses it."""
    day = days.typed_day(read.words("on"), case.today)
    if day is not None and day > case.today:
        read.problems.append(Problem("on", f"{days.sentence_day(day)}还没有到。请填写实际日期。"))


def _acknowledge_fields(case: Case) -> tuple[Field, ...]:
    return (
        _units(case, _unsigned(case.matter)),
        Field("role", "签收人", "one", choices=SIGNERS, first="head"),
        _on(case, "签收日期"),
        _way("电话"),
        Field("words", "姓名和经过", "words", "如 处长在电话中答应签收", must=False),
    )


def _acknowledge(case: Case, typed: Typed) -> Command | list[Problem]:
    read = Reader(typed, case.today)
    unit, role, on = read.words("unit", "请选择单位。"), read.words("role"), read.day("on")
    if role not in get_args(Role):
        read.problems.append(Problem("role", "请选择签收人。"))
    _day(case, read)
    return read.problems or Acknowledge(case.matter.id, unit, role, read.words("words"), on)  # type: ignore[arg-type]


def _progress_fields(case: Case) -> tuple[Field, ...]:
    return (
        _units(case, list(case.matter.assignments)),
        Field("words", "进展情况", "words", "单位说了什么"),
        _on(case, "反馈日期"),
        _way("电话"),
    )


def _progress(case: Case, typed: Typed) -> Command | list[Problem]:
    read = Reader(typed, case.today)
    unit, words = read.words("unit", "请选择单位。"), read.words("words", "请写明进展情况。")
    on = read.day("on")
    _day(case, read)
    return read.problems or ReportProgress(case.matter.id, unit, words, on)


def _report_fields(case: Case) -> tuple[Field, ...]:
    return (
        _on(case, "收到日期"),
        _way("纸质"),
        Field("words", "报告摘要", "words", "报告名称、页数、存放何处", must=False),
    )


def _report(case: Case, typed: Typed) -> Command | list[Problem]:
    read = Reader(typed, case.today)
    on, words = read.day("on"), read.words("words")
    _day(case, read)
    return read.problems or ReceiveReport(case.matter.id, case.matter.lead, words, on)


def _extension_fields(case: Case) -> tuple[Field, ...]:
    return (
        Field("to", "申请延至", "day", "如 1215", must=False),
        Field("reason", "延期原因", "words", "不能按期办结的原因"),
        _on(case, "申请日期"),
        _way("纸质"),
    )


def _extension(case: Case, typed: Typed) -> Command | list[Problem]:
    read = Reader(typed, case.today)
    to = read.day("to") if read.words("to") else None
    reason, on = read.words("reason", "请写明不能按期办结的原因。"), read.day("on")
    _day(case, read)
    return read.problems or AskExtension(case.matter.id, case.matter.lead, reason, to, on)


ACTS: tuple[Act, ...] = (
    Act(
        "acknowledge", "登记签收", "已登记签收", labels.FOLLOWS["receipt"],
        lambda m: _running(m) and bool(_unsigned(m)), _acknowledge_fields, _acknowledge, by_hand=True,
    ),
    Act(
        "progress", "登记进展", "已登记进展", labels.FOLLOWS["progress"],
        _running, _progress_fields, _progress, by_hand=True,
    ),
    Act(
        "report", "登记办结报告", "已登记办结报告", labels.FOLLOWS["closure"],
        _no_report_waits, _report_fields, _report, by_hand=True,
    ),
    Act(
        "ask-extension", "登记延期申请", "已登记延期申请", labels.FOLLOWS["extension"],
        _no_request_waits, _extension_fields, _extension, by_hand=True,
    ),
)  # fmt: skip
