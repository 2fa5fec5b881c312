"""`duban matters acknowledge|progress|report|ask-extension`: what came by telephone or on paper, registered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated

import typer

from daemon.commands import place
from daemon.commands.matters import Ref, find, group
from daemon.commands.printing import Said, cut
from daemon.procedure.rules import Rules
from daemon.procedure.shapes import Acknowledge, AskExtension, Command, Matter, ReceiveReport, ReportProgress
from daemon.procedure.workdays import day_of
from daemon.roster.cells import parse_day
from daemon.web.by_hand import SIGNERS, WAYS
from store import ledger
from store.transaction import Tx

Unit = Annotated[str, typer.Argument(metavar="UNIT", help="单位编号、名称或简称。")]
Lead = Annotated[str, typer.Argument(metavar="[UNIT]", help="单位编号、名称或简称；不写为主办单位。")]
On = Annotated[str, typer.Option("--on", help="实际日期，如 2026-11-23；不写为今天。")]
Way = Annotated[str, typer.Option("--way", help=f"方式：{'、'.join(WAYS)}。")]

_SIGNERS = "、".join(f"{code}（{name}）" for code, name in SIGNERS)
Make = Callable[[Matter, str, date], Command]


def add_to(app: typer.Typer) -> None:
    """They stand in the group `matters`."""
    for name, about, act in (
        ("acknowledge", "登记签收（电话、纸质、当面）。", acknowledge),
        ("progress", "登记进展（电话、纸质、当面）。", progress),
        ("report", "登记送来的办结报告。", report),
        ("ask-extension", "登记送来的延期申请。", ask_extension),
    ):
        group.command(name, help=about)(act)


def acknowledge(
    ctx: typer.Context,
    ref: Ref,
    unit: Unit,
    by: Annotated[str, typer.Option("--by", help=f"签收人：{_SIGNERS}。")],
    words: Annotated[str, typer.Option("--words", help="姓名和经过。")] = "",
    on: On = "",
    way: Way = "电话",
) -> None:
    role = next((code for code, _ in SIGNERS if code == by), None)
    if role is None:
        raise Said(f"--by：“{by}”不是签收人；应为 {_SIGNERS}。")
    changed = _do(ctx, ref, unit, on, way, lambda m, code, day: Acknowledge(m.id, code, role, words.strip(), day))
    typer.echo("已登记签收。" if changed else "该单位已经签收，没有变化。")


def progress(
    ctx: typer.Context,
    ref: Ref,
    words: Annotated[str, typer.Option("--words", help="进展情况。")],
    unit: Lead = "",
    part: Annotated[bool, typer.Option("--part", help="部分办结。")] = False,
    on: On = "",
    way: Way = "电话",
) -> None:
    if not words.strip():
        raise Said("--words 是空的：请写明进展情况。")
    _do(ctx, ref, unit, on, way, lambda m, code, day: ReportProgress(m.id, code, words.strip(), day, part))
    typer.echo("已登记进展。")


def report(
    ctx: typer.Context,
    ref: Ref,
    unit: Lead = "",
    words: Annotated[str, typer.Option("--words", help="报告名称、页数、存放何处。")] = "",
    on: On = "",
    way: Way = "纸质",
) -> None:
    def make(matter: Matter, code: str, day: date) -> Command:
        if any(a.report_waiting for a in matter.assignments):
            raise Said("已有一份办结报告待审，没有登记。请先办结或退回。")
        return ReceiveReport(matter.id, code, words.strip(), day)

    _do(ctx, ref, unit, on, way, make)
    typer.echo("已登记办结报告，催报暂停，等待审查；五分钟后给单位发收悉通知。")


def ask_extension(
    ctx: typer.Context,
    ref: Ref,
    reason: Annotated[str, typer.Option("--reason", help="不能按期办结的原因。")],
    unit: Lead = "",
    to: Annotated[str, typer.Option("--to", help="申请延至哪一天；没有写明的不写。")] = "",
    on: On = "",
    way: Way = "纸质",
) -> None:
    wanted = _day("--to", to) if to else None

    def make(matter: Matter, code: str, day: date) -> Command:
        if any(a.extension_waiting for a in matter.assignments):
            raise Said("已有一份延期申请待批，没有登记。请先同意或不同意。")
        return AskExtension(matter.id, code, reason.strip(), wanted, day)

    _do(ctx, ref, unit, on, way, make)
    typer.echo("已登记延期申请，催报暂停，等待审批；五分钟后给单位发收悉通知。")


def _do(ctx: typer.Context, ref: str, unit: str, on: str, way: str, make: Make) -> bool:
    """Through the register; whether anything was new."""
    if way not in WAYS:
        raise Said(f"--way：“{way}”不认识；应为 {'、'.join(WAYS)} 之一。")
    given = _day("--on", on) if on else None

    def take(tx: Tx) -> bool:
        matter, at = find(tx, ref), place.now(tx)
        code = _unit(ledger.rules(tx), unit) if unit else matter.lead
        command = make(matter, code, given or day_of(at))
        return bool(place.do(tx, [command], place.because(way), at).entries)

    with place.opened(ctx) as here:
        return here.write(take)


def _day(option: str, text: str) -> date:
    day = parse_day(text)
    if day is None:
        raise Said(f"{option}：“{text}”不是日期；应如 2026-12-25。")
    return day


def _unit(rules: Rules, text: str) -> str:
    """The code of a unit that a person names."""
    for unit in rules.units.values():
        if text in (unit.code, unit.name, unit.short_name):
            return unit.code
    known = "、".join(f"{unit.code} {unit.short_name}" for unit in rules.units.values())
    raise Said(f"没有“{cut(text, 40)}”这个单位。已登记的单位：{known or '无'}。")
