"""`duban school|calendar|policy import|export`: dated entries of the school's chain, in and out as TOML."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from daemon.commands import place
from daemon.commands.printing import Said
from daemon.procedure.rules import load_policy
from daemon.procedure.shapes import SchoolCommand, SetCalendar, SetPolicy, SetSchool
from daemon.procedure.shipped import default_text
from daemon.procedure.workdays import CALENDAR_TABLES, POLICY_TABLES, load_calendar
from daemon.register import set_school
from daemon.roster import school as school_file
from store import rule_texts
from store.rule_texts import RuleTexts
from store.transaction import Tx

CALENDAR = CALENDAR_TABLES
POLICY = POLICY_TABLES - {"units"}

File = Annotated[Path, typer.Argument(metavar="FILE", help="TOML 文件；export 时写 - 为显示在屏幕上。")]


def add_to(app: typer.Typer) -> None:
    for name, about, take, give in (
        ("school", "学校信息：名称、代字、邮箱、联系人。", import_school, export_school),
        ("calendar", "校历：节假日、调休、寒暑假、夏令时间。", import_calendar, export_calendar),
        ("policy", "催报规则、灯号、延期、问责、评分。", import_policy, export_policy),
    ):
        group = typer.Typer(help=about, no_args_is_help=True)
        group.command("import", help="导入，从此刻起生效；同一文件再导入不产生变化。")(take)
        group.command("export", help="导出当前有效的内容。")(give)
        if name == "school":
            group.command("set", help="只改几项，如 grave_by_mail=false：办结报告和延期申请一律待人工确认。")(
                set_school_values
            )
        app.add_typer(group, name=name)


def import_school(ctx: typer.Context, file: File) -> None:
    found = school_file.read(file)
    with place.opened(ctx) as here:
        changed = here.write(lambda tx: _set(tx, SetSchool(found), rule_texts.in_force(tx).school == found))
    typer.echo("学校信息已更新。" if changed else "与现有学校信息相同，没有变化。")


def set_school_values(
    ctx: typer.Context,
    pairs: Annotated[
        list[str], typer.Argument(metavar="KEY=VALUE…", help="如 grave_by_mail=false；项目见 duban school export -。")
    ],
) -> None:
    given = dict(pair.partition("=")[::2] for pair in pairs)
    if any("=" not in pair for pair in pairs):
        raise Said("应写成 项目=内容，如 grave_by_mail=false。")

    def take(tx: Tx) -> bool:
        old = rule_texts.in_force(tx).school
        if old is None:
            raise Said("还没有学校信息。请先运行 duban school import FILE。")
        new = school_file.changed(old, given)
        return _set(tx, SetSchool(new), new == old)

    with place.opened(ctx) as here:
        changed = here.write(take)
    typer.echo("学校信息已更新。" if changed else "与现有学校信息相同，没有变化。")


def export_school(ctx: typer.Context, file: File) -> None:
    with place.opened(ctx) as here:
        school = here.read(rule_texts.in_force).school
    if school is None:
        raise Said("还没有学校信息。请先运行 duban school import FILE。")
    _write(file, school_file.write(school))


def import_calendar(ctx: typer.Context, file: File) -> None:
    _import_text(ctx, file, _CALENDAR)


def export_calendar(ctx: typer.Context, file: File) -> None:
    _export_text(ctx, file, _CALENDAR)


def import_policy(ctx: typer.Context, file: File) -> None:
    _import_text(ctx, file, _POLICY)


def export_policy(ctx: typer.Context, file: File) -> None:
    _export_text(ctx, file, _POLICY)


@dataclass(frozen=True, slots=True)
class _Kind:
    """One of the two rule texts. `shown`: the whole of it, what the school left out as the program has it."""

    name: str
    tables: frozenset[str]
    check: Callable[[str], object]
    make: Callable[[str], SchoolCommand]
    kept: Callable[[RuleTexts], str]
    shown: Callable[[str], str]


def whole_calendar(own: str) -> str:
    """The school's text, and the program's holidays for each year that it leaves out."""
    years = set(tomllib.loads(own).get("holidays", {}))
    shipped = [block for block in _blocks(only(default_text(), CALENDAR)) if _year_of(block) not in (None, *years)]
    return (own or only(default_text(), frozenset({"school"}))) + "".join(shipped)


def _whole_policy(own: str) -> str:
    return own or only(default_text(), POLICY)


_CALENDAR = _Kind("校历", CALENDAR, load_calendar, SetCalendar, lambda texts: texts.calendar, whole_calendar)
_POLICY = _Kind("规则", POLICY, load_policy, SetPolicy, lambda texts: texts.policy, _whole_policy)


def _import_text(ctx: typer.Context, file: Path, kind: _Kind) -> None:
    try:
        whole = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as bad:
        raise Said(f"{file}：不是 UTF-8 文本。请另存为 UTF-8 的 TOML 文件。") from bad
    kind.check(whole)
    text = only(whole, kind.tables)
    if not text:
        some = "、".join(f"[{table}]" for table in sorted(kind.tables))
        raise Said(f"{file}：没有{kind.name}的表；应有 {some} 之一。")

    def take(tx: Tx) -> bool:
        kept = kind.kept(rule_texts.in_force(tx))
        return _set(tx, kind.make(text), text in (kept, kind.shown(kept)))

    with place.opened(ctx) as here:
        changed = here.write(take)
    typer.echo(f"{kind.name}已更新，从此刻起生效。" if changed else f"与现有{kind.name}相同，没有变化。")


def _export_text(ctx: typer.Context, file: Path, kind: _Kind) -> None:
    with place.opened(ctx) as here:
        text = kind.shown(kind.kept(here.read(rule_texts.in_force)))
    _write(file, text)


def _set(tx: Tx, command: SchoolCommand, same: bool) -> bool:
    """Whether it was new."""
    if same:
        return False
    set_school(tx, [command], place.because(), place.now(tx))
    return True


def _write(file: Path, text: str) -> None:
    if str(file) == "-":
        typer.echo(text, nl=False)
        return
    file.write_text(text, encoding="utf-8")
    typer.echo(f"已写入 {file}。")


def only(text: str, tables: frozenset[str]) -> str:
    """The parts of a TOML text that belong to these tables, with their comments, unchanged."""
    return "".join(block for block in _blocks(text) if _name_of(block) in tables)


def _blocks(text: str) -> list[str]:
    """A TOML text cut before each table's header; the lines before the first are left out."""
    found: list[str] = []
    for line in text.splitlines(keepends=True):
        if _HEADER.match(line):
            found.append(line)
        elif found:
            found[-1] += line
    return [block if block.endswith("\n") else block + "\n" for block in found]


def _name_of(block: str) -> str:
    header = _HEADER.match(block)
    return header[1] if header else ""


def _year_of(block: str) -> str | None:
    """2027 of [holidays.2027]."""
    header = re.match(r"\s*\[\s*holidays\s*\.\s*\"?(\d{4})", block)
    return header[1] if header else None


#: A table's header, not a line of a list that spans lines.
_HEADER = re.compile(r"\s*\[\[?\s*\"?([A-Za-z0-9_-]+)\"?[A-Za-z0-9_.\"\s-]*\]\]?\s*(?:#.*)?$", re.MULTILINE)
