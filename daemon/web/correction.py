"""The form of 改正 on a letter: what an officer says it says, from fields to Said and back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, get_args

from daemon.procedure import refno
from daemon.reading.shapes import Kind, Known, KnownMatter, Reading, Said
from daemon.web import days
from daemon.web.problems import Problem

#: More matters than these in one letter are corrected in two letters' work.
ROWS = 6


@dataclass(frozen=True, slots=True)
class Row:
    """The fields of one matter, as text."""

    ref: str = ""
    kind: str = ""
    day: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Fields:
    """The whole form as text: what is shown, what came back, nothing lost. `why`: why it was corrected."""

    rows: tuple[Row, ...] = (Row(),)
    unit: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Corrected:
    """What the officer said, checked."""

    said: tuple[Said, ...]
    unit: str
    why: str


def of_reading(reading: Reading | None) -> Fields:
    """The form as it is first shown."""
    if reading is None:
        return Fields()
    rows = tuple(
        Row(
            said.ref.key if said.ref else "",
            said.kind,
            said.new_deadline.isoformat() if said.new_deadline else "",
            said.reason,
        )
        for said in reading.said
    )
    return Fields(rows or (Row(),), reading.unit or "")


def of_form(form: Mapping[str, Any]) -> Fields:
    """The form as it came back; rows left wholly empty are gone."""
    rows = [
        Row(*(_text(form, f"{name}_{index}") for name in ("ref", "kind", "day", "reason"))) for index in range(ROWS)
    ]
    filled = tuple(r for r in rows if r.ref or r.day or r.reason)
    return Fields(filled or (rows[0],), _text(form, "unit"), _text(form, "why"))


def need(*, trusted: bool, waiting: bool) -> str:
    """What a missing reason is asked for with; '' where none is needed."""
    if not waiting:
        return "来信已经处理过，请写明更正的理由。"
    return "" if trusted else "发件人未经证实，请写明凭什么登记，例如“已电话向保卫处赵强核实”。"


def check(
    fields: Fields, known: Known, today: date, *, need_why: str, proposed: Collection[str] = ()
) -> Corrected | list[Problem]:
    """What the officer means, or everything that is wrong with it, field by field.

    `proposed`: ids of the drafts, which have no 文号 yet and may get their 批示 by letter.
    """
    problems: list[Problem] = []
    said = []
    for index, row in enumerate(fields.rows):
        if row.kind == "leader_instruction" and row.ref in proposed:
            said.append(Said(None, row.ref, True, "leader_instruction"))
            continue
        one = _said(index, row, known, today, problems)
        if one is not None:
            said.append(one)
    if not fields.unit and any(row.kind != "leader_instruction" for row in fields.rows):
        problems.append(Problem("unit", "请选择来信单位。"))
    if need_why and not fields.why:
        problems.append(Problem("why", need_why))
    problems.extend(_parts(said, fields.unit, known))
    return problems or Corrected(tuple(said), fields.unit, fields.why)


def reading_of(corrected: Corrected, before: Reading | None, text: str) -> Reading:
    """The reading as the officer corrected it; the evidence found before stays with it."""
    if before is None:
        return Reading(corrected.said, corrected.unit or None, False, (), text, "register")
    return replace(before, said=corrected.said, unit=corrected.unit or None, decision="register")


def _said(index: int, row: Row, known: Known, today: date, problems: list[Problem]) -> Said | None:
    matter = _matter(row.ref, known)
    if not row.ref:
        problems.append(Problem(f"ref_{index}", "请填写文号，例如 2026-12。"))
    elif matter is None:
        problems.append(Problem(f"ref_{index}", f"台帐里没有“{row.ref}”。请核对文号。"))
    if row.kind not in get_args(Kind):
        problems.append(Problem(f"kind_{index}", "请选择来信类别。"))
        return None
    kind: Kind = row.kind  # type: ignore[assignment]  # checked in the line above
    day = days.typed_day(row.day, today) if row.day else None
    if kind == "extension":
        if row.day and day is None:
            problems.append(Problem(f"day_{index}", f"“{row.day}”不是日期。可写 1130、11.30 或 11月30日。"))
        if not row.reason:
            problems.append(Problem(f"reason_{index}", "请写明单位的延期理由；来信没有写的，填“未说明”。"))
    if matter is None:
        return None
    return Said(
        matter.ref,
        matter.id,
        True,
        kind,
        new_deadline=day if kind == "extension" else None,
        reason=row.reason if kind == "extension" else "",
        report_there=kind == "closure",
    )


def _matter(text: str, known: Known) -> KnownMatter | None:
    """The matter of a 文号 in any writing; without a year the newest, as in the commands."""
    newest = max((m.ref.year for m in known.matters if m.ref), default=None)
    ref = refno.parse_one(text, known.school.ref_prefix, newest) if text else None
    return next((m for m in known.matters if m.ref == ref), None) if ref else None


def _parts(said: Sequence[Said], unit: str, known: Known) -> list[Problem]:
    """A unit without a part in the matter has nothing to register there."""
    found = []
    for index, one in enumerate(said):
        matter = next((m for m in known.matters if m.id == one.matter), None)
        if matter is None or not unit or one.kind == "leader_instruction":
            continue
        if unit not in (matter.lead, *matter.supporting):
            found.append(Problem(f"ref_{index}", f"{matter.ref.key} 的主办、协办单位里没有所选单位。"))
    return found


def _text(form: Mapping[str, Any], name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
