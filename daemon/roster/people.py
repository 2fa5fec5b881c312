"""leaders.csv and units.csv made Leaders and Units."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from daemon.procedure.shapes import Leader, Person, Unit
from daemon.roster import sheets
from daemon.roster.cells import Checker, split
from daemon.roster.shapes import BadFile, Row

LEADER_COLUMNS = ("编号", "姓名", "职务", "邮箱", "主要领导")
UNIT_COLUMNS = (
    "单位编号",
    "单位名称",
    "简称",
    "分管校领导",
    "主要负责人",
    "主要负责人职务",
    "主要负责人邮箱",
    "直接责任人",
    "直接责任人邮箱",
    "联络员",
    "联络员邮箱",
    "联络员电话",
    "其他邮箱",
)
UNIT_OPTIONAL = ("第二负责人", "第二负责人职务", "第二负责人邮箱", "联系校领导")


def leaders(path: Path) -> list[Leader]:
    """The 校领导 of the file in its order; BadFile names every bad cell."""
    sheet = sheets.read(path, LEADER_COLUMNS)
    check = Checker(sheet.file)
    found = [
        Leader(
            code=check.code(row, "编号"),
            name=check.line(row, "姓名", longest=50),
            title=check.line(row, "职务", longest=50),
            address=check.address(row, "邮箱"),
            principal=check.yes(row, "主要领导"),
        )
        for row in sheet.rows
    ]
    check.unique([(row, row["编号"]) for row in sheet.rows], "编号")
    if check.problems:
        raise BadFile(check.problems)
    return found


def units(path: Path, leader_codes: Collection[str]) -> list[Unit]:
    """The 单位 of the file in its order. `leader_codes`: the 校领导 that are known."""
    sheet = sheets.read(path, UNIT_COLUMNS, UNIT_OPTIONAL)
    check = Checker(sheet.file)
    found = [_unit(check, row, leader_codes) for row in sheet.rows]
    check.unique([(row, row["单位编号"]) for row in sheet.rows], "单位编号")
    check.unique([(row, row["单位名称"]) for row in sheet.rows], "单位名称")
    if check.problems:
        raise BadFile(check.problems)
    return found


def _unit(check: Checker, row: Row, leader_codes: Collection[str]) -> Unit:
    name = check.line(row, "单位名称", longest=100)
    return Unit(
        code=check.code(row, "单位编号"),
        name=name,
        short_name=check.line(row, "简称", longest=50, needed=False) or name,
        head=_person(check, row, "主要负责人", "主要负责人职务", "主要负责人邮箱"),
        second_head=_person(check, row, "第二负责人", "第二负责人职务", "第二负责人邮箱"),
        deputy=_person(check, row, "直接责任人", "", "直接责任人邮箱"),
        liaison=_person(check, row, "联络员", "", "联络员邮箱"),
        liaison_phone=check.line(row, "联络员电话", longest=50, needed=False),
        supervising=_leader(check, row, "分管校领导", leader_codes),
        attached=_leader(check, row, "联系校领导", leader_codes),
        other_addresses=check.addresses(row, "其他邮箱"),
    )


def _person(check: Checker, row: Row, name: str, title: str, address: str) -> Person | None:
    who = check.line(row, name, longest=50, needed=False)
    where = check.address(row, address)
    if where and not who:
        check.bad(row, name, "是空的，而邮箱已填", "该邮箱使用人的姓名")
    if not who:
        return None
    return Person(who, check.line(row, title, longest=50, needed=False) if title else "", where)


def _leader(check: Checker, row: Row, column: str, known: Collection[str]) -> str | None:
    codes = split(row[column])
    if len(codes) > 1:
        check.bad(row, column, f"是“{row[column]}”", "一位校领导的编号")
    for code in codes:
        if code not in known:
            some = "、".join(sorted(known)) or "还没有，请先运行 duban leaders import"
            check.bad(row, column, f"没有编号为“{code}”的校领导", f"已登记的编号（{some}）")
    return codes[0] if codes else None
