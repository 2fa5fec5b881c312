"""`duban outbox list|show|hold|release|settle`: what leaves, and a person's word on it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import typer

from daemon import outcomes
from daemon.commands import place
from daemon.commands.printing import Json, Said, json_line, moment, shown_moment, table, wrapped
from daemon.edges.dice import RealDice
from daemon.procedure.shapes import Command, HoldReminder, ReleaseReminder
from daemon.procedure.workdays import day_of
from daemon.roster.cells import parse_day
from daemon.web import labels
from store import ledger, outbox, people
from store.outbox import OutboxRow
from store.transaction import Tx

Id = Annotated[int, typer.Argument(metavar="ID", help="去信编号，见 duban outbox list。")]
PAGE = 500


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="去信：待发、已发、暂缓、未知是否发出。", no_args_is_help=True)
    group.command("list", help="列出去信。")(listing)
    group.command("show", help="一封去信及每个收件人的结果。")(show)
    group.command("hold", help="暂缓发送。")(hold)
    group.command("release", help="放行：取消暂缓，或批准发出。")(release)
    group.command("settle", help="未知是否发出的，由人认定。")(settle)
    app.add_typer(group, name="outbox")


def listing(
    ctx: typer.Context,
    state: Annotated[
        str,
        typer.Option(
            "--state", help="asked、frozen、held、sending、delivered、refused、unsure、withdrawn、broken 之一。"
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    with place.opened(ctx) as here:
        rows, keys, names = here.read(lambda tx: (_all(tx, state or None), _keys(tx), _names(tx)))
    if as_json:
        for row in rows:
            json_line(_row(row, keys))
        return
    table(
        ("编号", "信件", "事项", "收件人", "状态", "时间"),
        (
            (
                str(row.id),
                labels.mail(row.mail.template),
                "、".join(_row(row, keys)["refs"]),
                _whom(row, names),
                labels.OUTBOX_STATES[row.state],
                shown_moment(row.sent_at or row.not_before),
            )
            for row in rows
        ),
        "没有去信。",
        yielding=(2, 3),
    )


def _whom(row: OutboxRow, names: dict[str, str]) -> str:
    """The unit or the leader; else the people meant."""
    code = row.mail.unit or row.mail.leader
    return names.get(code, code) if code else "、".join(one.meant or one.address for one in row.recipients)


def _names(tx: Tx) -> dict[str, str]:
    """Codes of units and leaders → their names."""
    units = {code: unit.short_name for code, unit in people.units(tx).items()}
    return units | {code: leader.name for code, leader in people.leaders(tx).items()}


def _all(tx: Tx, state: str | None) -> list[OutboxRow]:
    rows: list[OutboxRow] = []
    while page := outbox.listing(tx, state, PAGE, rows[-1].id if rows else 0):
        rows += page
    return rows


def _keys(tx: Tx) -> dict[str, str]:
    """Matter id → 2026-12."""
    return {matter.id: matter.ref.key for matter in ledger.matters(tx) if matter.ref is not None}


def _row(row: OutboxRow, keys: dict[str, str]) -> dict[str, Any]:
    stages = sorted({line.key.stage for line in row.mail.lines if line.key is not None})
    return {
        "id": row.id,
        "template": row.mail.template,
        "state": row.state,
        "refs": list(dict.fromkeys(keys.get(line.matter, line.matter) for line in row.mail.lines)),
        "unit": row.mail.unit,
        "leader": row.mail.leader,
        "stages": stages,
        "message_id": row.message_id or None,
        "subject": row.subject or None,
        "asked_at": moment(row.asked_at),
        "not_before": moment(row.not_before),
        "sent_at": moment(row.sent_at),
        "settled_at": moment(row.settled_at),
        "held_until": row.held_until,
        "held_why": row.held_why or None,
        "release": row.mail.release,
        "why": row.why or None,
        "to": [r.address for r in row.recipients if r.field == "to"],
        "cc": [r.address for r in row.recipients if r.field == "cc"],
    }


def show(
    ctx: typer.Context,
    id: Id,
    as_json: Json = False,
    raw: Annotated[bool, typer.Option("--raw", help="显示信件原文（eml）。")] = False,
) -> None:
    with place.opened(ctx) as here:
        row, keys, text = here.read(lambda tx: (_mail(tx, id), _keys(tx), outbox.raw(tx, id)))
    if raw:
        if text is None:
            raise Said(f"去信 {id} 还没有制作完成，没有原文。")
        typer.echo(text, nl=False)
        return
    facts = _row(row, keys) | {"recipients": list(row.recipients)}
    if as_json:
        json_line(facts)
        return
    typer.echo(f"去信 {row.id}  {labels.mail(row.mail.template)}  {labels.OUTBOX_STATES[row.state]}")
    wrapped("主题：", row.subject or "（未制作）")
    wrapped("事项：", "、".join(facts["refs"]) or "—")
    typer.echo(f"发出：{shown_moment(row.sent_at) or '未发'}  不早于 {shown_moment(row.not_before)}")
    if row.held_why:
        typer.echo(f"暂缓至 {row.held_until or '放行'}：{row.held_why}")
    if row.why:
        wrapped("说明：", row.why)
    for one in row.recipients:
        meant = f"（本应发给 {one.meant}）" if one.meant else ""
        field = {"to": "主送", "cc": "抄送", "bcc": "密送"}.get(one.field, one.field)
        wrapped(f"  {field} ", f"{one.address}{meant} {labels.OUTCOMES[one.outcome]} {one.reply}".rstrip())


def _mail(tx: Tx, id: int) -> OutboxRow:
    row = outbox.show(tx, id)
    if row is None:
        raise Said(f"没有编号为 {id} 的去信。用 duban outbox list 查看。")
    return row


# ---------------------------------------------------------------------------------------------------------------


def hold(
    ctx: typer.Context,
    id: Id,
    why: Annotated[str, typer.Option("--why", help="暂缓的理由。")],
    until: Annotated[str, typer.Option("--until", help="暂缓到哪一天；给领导的信最多 5 个工作日。")] = "",
    director: Annotated[bool, typer.Option("--director", help="受学校办公室负责人委托。")] = False,
) -> None:
    if not why.strip():
        raise Said("--why 是空的：请写明暂缓的理由。")

    def take(tx: Tx) -> OutboxRow:
        row = _mail(tx, id)
        at = place.now(tx)
        keys = [line for line in row.mail.lines if line.key is not None]
        if keys:
            day = _until(until, day_of(at)) or ledger.rules(tx).calendar.add(day_of(at), 1)
            commands: list[Command] = [
                HoldReminder(line.matter, line.key, day, why, "director" if director else "officer")
                for line in keys
                if line.key is not None
            ]
            place.do(tx, commands, place.because(why), at)
        elif not outbox.hold(tx, id, _until(until, day_of(at)), why):
            raise Said(f"去信 {id} 现在是“{labels.OUTBOX_STATES[row.state]}”，不能暂缓。")
        return _mail(tx, id)

    with place.opened(ctx) as here:
        row = here.write(take)
    typer.echo(f"去信 {id} 已暂缓{f'至 {row.held_until}' if row.held_until else '，放行前不发'}。")


def _until(text: str, today: date) -> date | None:
    if not text:
        return None
    day = parse_day(text)
    if day is None or day < today:
        raise Said(f"--until：“{text}”；应为今天（{today}）或以后的日期，如 2026-12-15。")
    return day


def release(
    ctx: typer.Context,
    id: Id,
    director: Annotated[bool, typer.Option("--director", help="受学校办公室负责人委托。")] = False,
) -> None:
    def take(tx: Tx) -> None:
        row = _mail(tx, id)
        if row.state not in outbox.AT_HOME:
            raise Said(f"去信 {id} 现在是“{labels.OUTBOX_STATES[row.state]}”，不能放行。")
        commands: list[Command] = [
            ReleaseReminder(line.matter, line.key, "director" if director else "officer")
            for line in row.mail.lines
            if line.key is not None
        ]
        if commands:
            place.do(tx, commands, place.because(), place.now(tx))
        else:
            outbox.release(tx, id)
            outbox.approve(tx, id)

    with place.opened(ctx) as here:
        here.write(take)
    typer.echo(f"去信 {id} 已放行。")


def settle(
    ctx: typer.Context,
    id: Id,
    delivered: Annotated[
        bool, typer.Option("--delivered/--not-sent", help="确已发出，或确未发出（将再发一次）。", show_default=False)
    ],
) -> None:
    def take(tx: Tx) -> None:
        row = _mail(tx, id)
        at = place.now(tx)
        because = place.because("settle")
        if not outcomes.settled_by_person(tx, row, delivered, because, now=at, dice=RealDice()):
            raise Said(f"去信 {id} 现在是“{labels.OUTBOX_STATES[row.state]}”，不是“未知是否发出”，无须认定。")

    with place.opened(ctx) as here:
        here.write(take)
    typer.echo(f"去信 {id} 已认定为{'已发出' if delivered else '未发出，将再发一次'}。")
