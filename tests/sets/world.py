"""The invented school of one set: who writes, which matters were dispatched, and the mails that they answer."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from tests.sets.attached import pdf
from tests.sets.clients import Quoted


@dataclass(frozen=True)
class Sender:
    name: str
    address: str
    unit: str | None = None


class World:
    """The files of a set's `world/`, by what its cases write: `12` is the matter of that number, `U04` a unit."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.school: dict[str, str] = tomllib.loads((folder / "school.toml").read_text(encoding="utf-8"))["school"]
        self.mailbox, self.domain, self.gate = (self.school[key] for key in ("mailbox", "domain", "authserv_id"))

    def _rows(self, name: str) -> list[dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))

    @cached_property
    def units(self) -> dict[str, dict[str, str]]:
        return {row["单位编号"]: row for row in self._rows("units.csv")}

    @cached_property
    def leaders(self) -> dict[str, dict[str, str]]:
        return {row["编号"]: row for row in self._rows("leaders.csv")}

    @cached_property
    def matters(self) -> dict[str, dict[str, str]]:
        return {row["文号"].split("第")[1].rstrip("号"): row for row in self._rows("matters.csv")}

    def sender(self, code: str) -> Sender:
        """`U04.liaison`, `U04.office`, `U04.private`, `G2`, or a written `name <address>`."""
        if "<" in code:
            name, address = code.rstrip(">").split("<")
            return Sender(name.strip(), address.strip())
        if code in self.leaders:
            return Sender(self.leaders[code]["姓名"], self.leaders[code]["邮箱"])
        unit, _, role = code.partition(".")
        row = self.units[unit]
        others = row["其他邮箱"].split("；")
        if role == "office":
            return Sender(row["单位名称"], others[0], unit)
        if role == "private":
            return Sender(row["联络员"], others[1], unit)
        column = {"head": "主要负责人", "deputy": "直接责任人", "liaison": "联络员", "second": "第二负责人"}[role]
        return Sender(row[column], row[column + "邮箱"], unit)

    def message_id(self, thread: str) -> str:
        """`12` is the mail to the lead unit, `12/U05` the one to a supporting unit."""
        number, _, unit = thread.partition("/")
        row = self.matters[number]
        if not unit or unit == row["主办单位"]:
            return row["主办交办邮件"]
        return dict(zip(row["协办单位"].split("；"), row["协办交办邮件"].split("；"), strict=True))[unit]

    def subject(self, number: str) -> str:
        return f"【督办】{self.matters[number]['文号']}：{self.matters[number]['事项']}"

    @property
    def _contact(self) -> str:
        return f"联系人：{self.school['contact']}　电话：{self.school['phone']}"

    def notice_lines(self, number: str, unit: str) -> tuple[str, ...]:
        """The text of our own mail: full of the words 签收, 办结, 延期 that nobody answered with."""
        row = self.matters[number]
        return (
            f"{self.units[unit]['单位名称']}：",
            f"　　根据学校领导批示，现将督查督办事项《{row['事项']}》（{row['文号']}）交由你单位办理，通知单见附件。",
            f"　　办理要求：{row['办理要求']}",
            f"　　主办单位：{self.units[row['主办单位']]['单位名称']}　　要求反馈时间：{day(row['要求反馈时间'])}",
            "　　请主要负责人先行签收，办结后报送办结报告；到期确难办结的，须提前申请延期并写明理由。",
            "　　请直接回复本邮件，保留主题中的文号。",
            "",
            f"{self.school['name']}{self.school['office']}{self.school['section']}",
            self._contact,
        )

    def quoted(self, thread: str, to: Sender) -> Quoted:
        number, _, unit = thread.partition("/")
        row = self.matters[number]
        at = datetime.fromisoformat(row["交办时间"]) + timedelta(hours=10, minutes=7 + int(number))
        lines = self.notice_lines(number, unit or row["主办单位"])
        return Quoted(self.school["section"], self.mailbox, to.name, to.address, at, self.subject(number), lines)

    def notice_text(self, number: str, report: str = "", signed: str = "") -> str:
        """The notice as a form; with `report` its last cell is filled in, with `signed` it is signed by hand."""
        row = self.matters[number]
        helping = "、".join(self.units[u]["单位名称"] for u in row["协办单位"].split("；") if u) or "无"
        return "\n".join(
            [
                f"{self.school['name']}行政督查督办通知单",
                f"文号：{row['文号']}　交办时间：{day(row['交办时间'])}",
                f"主办单位：{self.units[row['主办单位']]['单位名称']}　协办单位：{helping}",
                f"要求反馈时间：{day(row['要求反馈时间'])}",
                f"督查督办事项：{row['事项']}。{row['办理要求']}",
                f"学校办公室负责人意见：{row['学校办公室负责人意见']}",
                f"学校领导意见：{row['学校领导意见']}",
                f"签收：{signed}",
                f"办结报告：{report}",
                self._contact,
            ]
        )

    def notice(self, number: str) -> bytes:
        return pdf(self.notice_text(number))

    def notices(self) -> Iterator[tuple[Path, bytes]]:
        """Where each notice lies and its bytes, as they were sent."""
        for number, row in self.matters.items():
            yield self.folder / row["通知单文件"], self.notice(number)


def day(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return f"{moment.year}年{moment.month}月{moment.day}日"
