"""`duban units|leaders import|list`: the address book, whose changes are entries of the school's chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from daemon.commands import place
from daemon.commands.printing import Json, json_line, plain, table
from daemon.compose.addresses import listed
from daemon.procedure.shapes import Leader, Person, SetLeader, SetUnit, Unit
from daemon.register import set_school
from daemon.roster import people as files
from store import people
from store.transaction import Tx

T = TypeVar("T", Unit, Leader)
File = Annotated[Path, typer.Argument(metavar="FILE", help="csv（UTF-8 或 GB18030）或 xlsx。")]


def add_to(app: typer.Typer) -> None:
    units = typer.Typer(help="承办单位及其人员、邮箱。", no_args_is_help=True)
    units.command("import", help="导入单位名单：逐行检查，有一处不对则一行不收；可重复导入。")(import_units)
    units.command("list", help="列出单位。")(list_units)
    app.add_typer(units, name="units")
    leaders = typer.Typer(help="校领导。", no_args_is_help=True)
    leaders.command("import", help="导入校领导名单：逐行检查，有一处不对则一行不收。")(import_leaders)
    leaders.command("list", help="列出校领导。")(list_leaders)
    app.add_typer(leaders, name="leaders")


def import_leaders(ctx: typer.Context, file: File, as_json: Json = False) -> None:
    found = files.leaders(file)

    def take(tx: Tx) -> tuple[int, int, int]:
        known = people.leaders(tx)
        new = _new(found, known)
        if new:
            set_school(tx, [SetLeader(leader) for leader in new], place.because(file.name), place.now(tx))
        return _counted(found, new, known)

    with place.opened(ctx) as here:
        _tell("校领导", here.write(take), as_json)


def import_units(ctx: typer.Context, file: File, as_json: Json = False) -> None:
    def take(tx: Tx) -> tuple[int, int, int]:
        found = files.units(file, people.leaders(tx).keys())
        known = people.units(tx)
        new = _new(found, known)
        if new:
            set_school(tx, [SetUnit(unit) for unit in new], place.because(file.name), place.now(tx))
        return _counted(found, new, known)

    with place.opened(ctx) as here:
        _tell("单位", here.write(take), as_json)


def _new(found: Sequence[T], known: Mapping[str, T]) -> list[T]:
    return [one for one in found if known.get(one.code) != one]


def _counted(found: Sequence[T], new: Sequence[T], known: Mapping[str, T]) -> tuple[int, int, int]:
    changed = sum(one.code in known for one in new)
    return len(new) - changed, changed, len(found) - len(new)


def _tell(name: str, counts: tuple[int, int, int], as_json: bool) -> None:
    added, changed, unchanged = counts
    if as_json:
        json_line({"added": added, "changed": changed, "unchanged": unchanged})
    else:
        typer.echo(f"{name}：新增 {added}，更新 {changed}，未变 {unchanged}。")


def list_units(ctx: typer.Context, as_json: Json = False) -> None:
    with place.opened(ctx) as here:
        units, bad = here.read(lambda tx: (people.units(tx), people.bad(tx)))
    if as_json:
        for unit in units.values():
            json_line(plain(unit) | {"bad_addresses": [one for _, one in listed(unit) if one.lower() in bad]})
        return
    table(
        ("编号", "单位", "主要负责人", "联络员", "分管、联系校领导"),
        (
            (u.code, u.name, _shown(u.head, bad), _others(u, bad), f"{u.supervising or ''} {u.attached or ''}")
            for u in units.values()
        ),
        "还没有单位。请运行 duban units import FILE。",
        yielding=(1, 2, 3),
    )


def list_leaders(ctx: typer.Context, as_json: Json = False) -> None:
    with place.opened(ctx) as here:
        leaders, bad = here.read(lambda tx: (people.leaders(tx), people.bad(tx)))
    if as_json:
        for leader in leaders.values():
            json_line(plain(leader) | {"bad_addresses": [x for x in [leader.address] if x.lower() in bad]})
        return
    table(
        ("编号", "姓名", "职务", "邮箱", "主要领导"),
        (
            (x.code, x.name, x.title, f"{x.address}{_mark(x.address, bad)}", "是" if x.principal else "")
            for x in leaders.values()
        ),
        "还没有校领导。请运行 duban leaders import FILE。",
    )


def _shown(person: Person | None, bad: Mapping[str, object]) -> str:
    if person is None:
        return "（缺）"
    return f"{person.name} {person.address or '（缺邮箱）'}{_mark(person.address, bad)}"


def _mark(address: str, bad: Mapping[str, object]) -> str:
    return "（退信）" if address.lower() in bad else ""


def _others(unit: Unit, bad: Mapping[str, object]) -> str:
    """The liaison, and whichever other address of the unit came back."""
    shown = {person.address for person in (unit.head, unit.liaison) if person is not None}
    back = [f"{one}（退信）" for _, one in listed(unit) if one not in shown and one.lower() in bad]
    return "、".join([_shown(unit.liaison, bad), *back])
