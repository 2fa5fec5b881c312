"""The files of a school's world as the reader sees them, without a store."""

from __future__ import annotations

import csv
import hashlib
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from daemon.procedure.refno import parse_one
from daemon.procedure.shapes import Leader, Person, School, Unit
from daemon.procedure.workdays import load_calendar
from daemon.reading.shapes import Known, KnownMatter, Thread


def rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.DictReader(lines)


def listed(cell: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in re.split("[；;]", cell or "") if each.strip())


def person(row: dict[str, str], column: str, title: str = "") -> Person | None:
    name = row.get(column, "")
    return Person(name, row.get(title, ""), row.get(f"{column}邮箱", "")) if name else None


def load_known(world: Path) -> Known:
    """The world files as a Known; matters as they stood when they were dispatched."""
    table = tomllib.loads((world / "school.toml").read_text(encoding="utf-8"))["school"]
    school = School(**{k: v for k, v in table.items() if k in School.__dataclass_fields__})
    leaders = tuple(
        Leader(r["编号"], r["姓名"], r["职务"], r["邮箱"], r["主要领导"] == "是") for r in rows(world / "leaders.csv")
    )
    units = tuple(
        Unit(
            r["单位编号"],
            r["单位名称"],
            r["简称"],
            head=person(r, "主要负责人", "主要负责人职务"),
            second_head=person(r, "第二负责人", "第二负责人职务"),
            deputy=person(r, "直接责任人"),
            liaison=person(r, "联络员"),
            liaison_phone=r.get("联络员电话", ""),
            supervising=r.get("分管校领导") or None,
            attached=r.get("联系校领导") or None,
            other_addresses=listed(r.get("其他邮箱", "")),
        )
        for r in rows(world / "units.csv")
    )
    matters: list[KnownMatter] = []
    threads: dict[str, Thread] = {}
    for r in rows(world / "matters.csv"):
        ref = parse_one(r["文号"], school.ref_prefix)
        assert ref is not None, r["文号"]
        notice = world / r["通知单文件"]
        supporting = listed(r["协办单位"])
        matters.append(
            KnownMatter(
                ref.key,
                ref,
                r["事项"],
                r["主办单位"],
                supporting,
                True,
                date.fromisoformat(r["交办时间"]),
                date.fromisoformat(r["要求反馈时间"]),
                (hashlib.sha256(notice.read_bytes()).hexdigest(),) if notice.is_file() else (),
                requirements=r["办理要求"],
            )
        )
        threads[r["主办交办邮件"].strip("<>")] = Thread((ref.key,), r["主办单位"])
        for message_id, unit in zip(listed(r["协办交办邮件"]), supporting, strict=True):
            threads[message_id.strip("<>")] = Thread((ref.key,), unit)
    return Known(school, units, leaders, tuple(matters), threads, {}, calendar=load_calendar(""))
