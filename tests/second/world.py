"""The invented school of the second set: who writes, which matters were dispatched, and the mails that they answer."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from tests.second.attached import pdf
from tests.second.clients import Quoted

WORLD = Path(__file__).parent / "world"
MAILBOX = "duban@yxnu.example"
DOMAIN = "yxnu.example"
GATE = "gate.yxnu.example"


@dataclass(frozen=True)
class Sender:
    name: str
    address: str
    unit: str | None = None


def rows(name: str) -> list[dict[str, str]]:
    with (WORLD / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def units() -> dict[str, dict[str, str]]:
    return {row["单位编号"]: row for row in rows("units.csv")}


@cache
def leaders() -> dict[str, dict[str, str]]:
    return {row["编号"]: row for row in rows("leaders.csv")}


@cache
def matters() -> dict[str, dict[str, str]]:
    return {row["文号"].split("第")[1].rstrip("号"): row for row in rows("matters.csv")}


def sender(code: str) -> Sender:
    """`U04.liaison`, `U04.office`, `U04.private`, `G2`, or a written `name <address>`."""
    if "<" in code:
        name, address = code.rstrip(">").split("<")
        return Sender(name.strip(), address.strip())
    if code in leaders():
        return Sender(leaders()[code]["姓名"], leaders()[code]["邮箱"])
    unit, _, role = code.partition(".")
    row = units()[unit]
    others = row["其他邮箱"].split("；")
    if role == "office":
        return Sender(row["单位名称"], others[0], unit)
    if role == "private":
        return Sender(row["联络员"], others[1], unit)
    column = {"head": "主要负责人", "deputy": "直接责任人", "liaison": "联络员", "second": "第二负责人"}[role]
    return Sender(row[column], row[column + "邮箱"], unit)


def message_id(thread: str) -> str:
    """`12` is the mail to the lead unit, `12/U05` the one to a supporting unit."""
    number, _, unit = thread.partition("/")
    row = matters()[number]
    if not unit or unit == row["主办单位"]:
        return row["主办交办邮件"]
    return dict(zip(row["协办单位"].split("；"), row["协办交办邮件"].split("；"), strict=True))[unit]


def subject(number: str) -> str:
    return f"【督办】{matters()[number]['文号']}：{matters()[number]['事项']}"


def day(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return f"{moment.year}年{moment.month}月{moment.day}日"


def notice_lines(number: str, unit: str) -> tuple[str, ...]:
    """The text of our own mail: full of the words 签收, 办结, 延期 that nobody answered with."""
    row = matters()[number]
    return (
        f"{units()[unit]['单位名称']}：",
        f"　　根据学校领导批示，现将督查督办事项《{row['事项']}》（{row['文号']}）交由你单位办理，通知单见附件。",
        f"　　办理要求：{row['办理要求']}",
        f"　　主办单位：{units()[row['主办单位']]['单位名称']}　　要求反馈时间：{day(row['要求反馈时间'])}",
        "　　请主要负责人先行签收，办结后报送办结报告；到期确难办结的，须提前申请延期并写明理由。",
        "　　请直接回复本邮件，保留主题中的文号。",
        "",
        "云溪师范大学党委校长办公室督察科",
        "联系人：席慕云　电话：0777-6660108",
    )


def quoted(thread: str, to: Sender) -> Quoted:
    number, _, unit = thread.partition("/")
    row = matters()[number]
    at = datetime.fromisoformat(row["交办时间"]) + timedelta(hours=10, minutes=7 + int(number))
    lines = notice_lines(number, unit or row["主办单位"])
    return Quoted("督察科", MAILBOX, to.name, to.address, at, subject(number), lines)


def notice_text(number: str, report: str = "", signed: str = "") -> str:
    """The notice as a form; with `report` its last cell is filled in, with `signed` it is signed by hand."""
    row = matters()[number]
    helping = "、".join(units()[u]["单位名称"] for u in row["协办单位"].split("；") if u) or "无"
    return "\n".join(
        [
            "云溪师范大学行政督查督办通知单",
            f"文号：{row['文号']}　交办时间：{day(row['交办时间'])}",
            f"主办单位：{units()[row['主办单位']]['单位名称']}　协办单位：{helping}",
            f"要求反馈时间：{day(row['要求反馈时间'])}",
            f"督查督办事项：{row['事项']}。{row['办理要求']}",
            f"学校办公室负责人意见：{row['学校办公室负责人意见']}",
            f"学校领导意见：{row['学校领导意见']}",
            f"签收：{signed}",
            f"办结报告：{report}",
            "联系人：席慕云　电话：0777-6660108",
        ]
    )


def notice(number: str) -> bytes:
    return pdf(notice_text(number))


def write_notices() -> None:
    """The notices as they were sent, once for the folder world/notices."""
    (WORLD / "notices").mkdir(exist_ok=True)
    for number in matters():
        (WORLD / "notices" / f"2026-{number}.pdf").write_bytes(notice(number))
