"""What a person may decide on a matter (close, return, extension, suspend …), and all acts of a matter's page."""

from __future__ import annotations

from daemon.procedure.shapes import (
    Close,
    Command,
    Dispatch,
    GrantExtension,
    Matter,
    RefuseExtension,
    Resume,
    ReturnReport,
    Role,
    Suspend,
)
from daemon.web import by_hand, labels
from daemon.web.act import Act, Case, Field, Reader, Typed, unit_name
from daemon.web.page import DIRECTOR, OFFICER
from daemon.web.problems import Problem


def possible(matter: Matter, role: str) -> tuple[Act, ...]:
    """The acts that this matter and this person allow; the law decides again when one is done."""
    return tuple(act for act in ACTS if role in act.roles and act.when(matter))


def named(name: str) -> Act | None:
    return next((act for act in ACTS if act.name == name), None)


# ---------------------------------------------------------------------------------------------------------------


def _no_fields(_: Case) -> tuple[Field, ...]:
    return ()


def _waiting_report(matter: Matter) -> bool:
    return matter.phase == "running" and any(a.report_waiting for a in matter.assignments)


def _waiting_extension(matter: Matter) -> bool:
    return matter.phase == "running" and any(a.extension_waiting for a in matter.assignments)


def _close_fields(_: Case) -> tuple[Field, ...]:
    return (Field("words", "审阅意见", "words", "学校办公室负责人的意见", must=False),)


def _close(case: Case, typed: Typed) -> Command | list[Problem]:
    return Close(case.matter.id, case.today, Reader(typed, case.today).words("words"))


def _return_fields(case: Case) -> tuple[Field, ...]:
    reporting = [a.unit for a in case.matter.assignments if a.report_waiting] or [case.matter.lead]
    units = tuple((code, unit_name(case, code)) for code in reporting)
    return (
        Field("unit", "退回单位", "one", choices=units, first=units[0][0]),
        Field("reasons", "退回理由", "many", choices=tuple((r, r) for r in labels.RETURN_REASONS)),
        Field(
            "form",
            "问题性质",
            "one",
            choices=(("substance", "实质问题，按原时限计逾期"), ("form", "仅格式或签章，仍算按期")),
            first="substance",
        ),
        Field("term", "重新报送期限（工作日）", "number", "1至10；原时限更晚的，仍为原时限", must=False),
        Field("words", "具体要求", "words", "写给单位看", must=False),
    )


def _return(case: Case, typed: Typed) -> Command | list[Problem]:
    read = Reader(typed, case.today)
    unit = read.words("unit", "请选择退回单位。")
    reasons = read.many("reasons", "请至少选择一条退回理由。")
    term = read.words("term")
    if term and not (term.isdecimal() and 1 <= int(term) <= 10):
        read.problems.append(Problem("term", f"“{term}”不在1至10之间。"))
    if read.problems:
        return read.problems
    return ReturnReport(
        case.matter.id,
        unit,
        reasons,
        read.words("form") == "form",
        case.today,
        int(term) if term else None,
        read.words("words"),
    )


def _deciders(case: Case) -> tuple[tuple[str, str], ...]:
    leaders = sorted(case.rules.leaders.values(), key=lambda leader: leader.code)
    president = case.rules.president()
    own = tuple((one.code, f"{one.title}{one.name}") for one in leaders if president is None or one != president)
    head = (("president", f"{president.title}{president.name}"),) if president else ()
    return (("director", "学校办公室负责人"), *own, *head)


def _extension_fields(case: Case) -> tuple[Field, ...]:
    asked = next((e for a in case.matter.assignments for e in reversed(a.extensions) if e.outcome == "waiting"), None)
    day = asked.new_deadline.isoformat() if asked and asked.new_deadline else ""
    return (
        Field("day", "延期至", "day", "如 1215", first=day),
        Field("by", "批准人", "one", choices=_deciders(case), first="director"),
        Field("words", "批示内容", "words", must=False),
    )


def _grant(case: Case, typed: Typed) -> Command | list[Problem]:
    read = Reader(typed, case.today)
    day, by = read.day("day"), read.words("by", "请选择批准人。")
    return read.problems or GrantExtension(case.matter.id, day, case.today, by, read.words("words"))


def _refusal_fields(case: Case) -> tuple[Field, ...]:
    return (
        Field("by", "决定人", "one", choices=_deciders(case), first="director"),
        Field("why", "理由", "words", "写给单位看"),
    )


def _refuse(case: Case, typed: Typed) -> Command | list[Problem]:
    read = Reader(typed, case.today)
    by, why = read.words("by", "请选择决定人。"), read.words("why", "请写明不同意的理由。")
    return read.problems or RefuseExtension(case.matter.id, case.today, by, why)


def _suspend_fields(_: Case) -> tuple[Field, ...]:
    return (Field("why", "理由", "words", "例如校领导批示暂缓"),)


def _suspend(case: Case, typed: Typed) -> Command | list[Problem]:
    read = Reader(typed, case.today)
    why = read.words("why", "请写明中止的理由。")
    return read.problems or Suspend(case.matter.id, why)


def _resume(case: Case, _: Typed) -> Command | list[Problem]:
    return Resume(case.matter.id)


def _dispatch(case: Case, _: Typed) -> Command | list[Problem]:
    return Dispatch(case.matter.id)


ACTS: tuple[Act, ...] = (
    Act(
        "dispatch", "交办", "已交办", "给每个承办单位各发一封交办邮件，附通知单；从今天起计签收时限。",
        lambda m: m.phase == "ready", _no_fields, _dispatch, blue=True,
    ),
    Act(
        "close", "办结", "已办结", "给承办单位发办结通知；以后不再催报。办结后不能再退回报告。",
        _waiting_report, _close_fields, _close, blue=True, final=True,
    ),
    Act(
        "return", "退回报告", "已退回报告", "给单位发退回通知，写明理由和重新报送的期限；期满仍未报送的照常催报。",
        _waiting_report, _return_fields, _return,
    ),
    Act(
        "extend", "同意延期", "已同意延期", "给单位发同意延期通知；此后按新时限催报，已有的逾期天数保留记录。",
        _waiting_extension, _extension_fields, _grant, blue=True,
    ),
    Act(
        "refuse-extension", "不同意延期", "已不同意延期", "给单位发不同意延期通知，它即是当天的催报；时限不变。",
        _waiting_extension, _refusal_fields, _refuse,
    ),
    Act(
        "suspend", "中止催报", "已中止催报", "不再催报，直到恢复；时限照走，台帐写明理由。",
        lambda m: m.phase == "running" and not m.suspended, _suspend_fields, _suspend,
    ),
    Act(
        "resume", "恢复催报", "已恢复催报", "从今天起照常催报；中止期间到期的，只发最后一级。",
        lambda m: m.phase == "running" and m.suspended, _no_fields, _resume,
    ),
    *by_hand.ACTS,
)  # fmt: skip

#: The role that the law knows an account's holder by.
AS_ROLE: dict[str, Role] = {OFFICER: "officer", DIRECTOR: "director"}
