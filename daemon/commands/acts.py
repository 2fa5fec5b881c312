"""An officer's acts on a matter: `duban matters approve|return|close|…`, all through `register`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated

import typer

from daemon.commands import place
from daemon.commands.matters import Ref, find, group
from daemon.commands.printing import Said
from daemon.procedure.rules import Rules
from daemon.procedure.shapes import (
    Close,
    Command,
    GrantExtension,
    Instruct,
    Matter,
    RefuseExtension,
    Resume,
    ReturnReport,
    Suspend,
    VoidMatter,
)
from daemon.procedure.workdays import day_of
from daemon.roster.cells import parse_day
from store import ledger
from store.transaction import Tx

Words = Annotated[str, typer.Option("--words", help="意见。")]
Why = Annotated[str, typer.Option("--why", help="理由。")]
By = Annotated[str, typer.Option("--by", help="决定人：director（学校办公室负责人）、president（校长）或校领导编号。")]

Make = Callable[[Matter, Rules, date], Command]


def add_to(app: typer.Typer) -> None:
    """The acts stand in the group `matters`."""
    for name, about, act in (
        ("approve", "登记学校领导批示；未立项的即立项编号。", approve),
        ("return", "退回办结报告。", return_report),
        ("close", "办结：报告符合要求，负责人已审阅。", close),
        ("extend", "批准延期。", extend),
        ("refuse-extension", "不同意延期。", refuse_extension),
        ("suspend", "中止：暂缓催报。", suspend),
        ("resume", "恢复。", resume),
        ("void", "撤销；文号留在台帐上作废。", void),
    ):
        group.command(name, help=about)(act)


def approve(
    ctx: typer.Context,
    ref: Ref,
    words: Annotated[str, typer.Option("--words", help="批示原文。")],
    leader: Annotated[str, typer.Option("--leader", help="批示的校领导编号。")] = "",
) -> None:
    after = _do(ctx, ref, lambda m, rules, today: Instruct(m.id, words, leader or None))
    done = "已立项" if after.phase == "ready" else "已登记批示"
    typer.echo(f"{done} {after.ref.key if after.ref else after.id}。")


def return_report(
    ctx: typer.Context,
    ref: Ref,
    reason: Annotated[list[str], typer.Option("--reason", help="退回理由，可写多次。")],
    unit: Annotated[str, typer.Option("--unit", help="单位编号；不写为主办单位。")] = "",
    form: Annotated[bool, typer.Option("--form", help="仅格式或签章问题，仍算按期。")] = False,
    term: Annotated[int, typer.Option("--term", min=0, max=10, help="重新报送的工作日数；0 为按规则。")] = 0,
    words: Words = "",
) -> None:
    def make(matter: Matter, rules: Rules, today: date) -> Command:
        return ReturnReport(matter.id, unit or matter.lead, tuple(reason), form, today, term or None, words)

    after = _do(ctx, ref, make)
    typer.echo(f"已退回，重新报送时限 {after.deadline}。")


def close(ctx: typer.Context, ref: Ref, words: Words = "") -> None:
    _do(ctx, ref, lambda m, rules, today: Close(m.id, today, words))
    typer.echo("已办结。")


def extend(
    ctx: typer.Context,
    ref: Ref,
    to: Annotated[str, typer.Option("--to", help="新的要求反馈时间；不写为申请的日期。")] = "",
    by: By = "director",
    words: Words = "",
) -> None:
    def make(matter: Matter, rules: Rules, today: date) -> Command:
        return GrantExtension(matter.id, _new_deadline(matter, to), today, by, words)

    after = _do(ctx, ref, make)
    typer.echo(f"已延期至 {after.deadline}。")


def _new_deadline(matter: Matter, text: str) -> date:
    if text:
        day = parse_day(text)
        if day is None:
            raise Said(f"--to：“{text}”不是日期；应如 2026-12-25。")
        return day
    waiting = [e.new_deadline for a in matter.assignments for e in a.extensions if e.outcome == "waiting"]
    if not waiting or waiting[-1] is None:
        raise Said("没有待批的、写明日期的延期申请；请用 --to 写明新的时限。")
    return waiting[-1]


def refuse_extension(ctx: typer.Context, ref: Ref, why: Why, by: By = "director") -> None:
    _do(ctx, ref, lambda m, rules, today: RefuseExtension(m.id, today, by, why))
    typer.echo("已登记：不同意延期。")


def suspend(ctx: typer.Context, ref: Ref, why: Why) -> None:
    _do(ctx, ref, lambda m, rules, today: Suspend(m.id, why))
    typer.echo("已中止，催报暂停。")


def resume(ctx: typer.Context, ref: Ref) -> None:
    _do(ctx, ref, lambda m, rules, today: Resume(m.id))
    typer.echo("已恢复。")


def void(ctx: typer.Context, ref: Ref, why: Why) -> None:
    _do(ctx, ref, lambda m, rules, today: VoidMatter(m.id, why))
    typer.echo("已撤销。")


def _do(ctx: typer.Context, ref: str, make: Make) -> Matter:
    """One command on one matter; returns the matter as it now stands."""

    def take(tx: Tx) -> Matter:
        matter = find(tx, ref)
        at = place.now(tx)
        done = place.do(tx, [make(matter, ledger.rules(tx), day_of(at))], place.because(), at)
        return done.matters[0] if done.matters else matter

    with place.opened(ctx) as here:
        return here.write(take)
