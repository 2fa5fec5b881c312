"""`duban serve|demo|status|verify`: the daemon, the demo, how things stand, and whether history is whole."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from daemon import config
from daemon.commands import place
from daemon.commands.printing import Json, Said, json_line, moment, shown_moment
from daemon.edges.clock import RealClock
from daemon.verify import verify as verify_store
from daemon.web import labels
from store import birth, ledger, letters, marks, outbox
from store.transaction import Tx

#: A daemon writes a sign of life each quarter of a minute.
ALIVE_FOR = timedelta(seconds=45)
#: What comes with the extra `demo` only.
DEMO_PARTS = ("pymap", "aiosmtpd", "pysasl")


def add_to(app: typer.Typer) -> None:
    app.command("serve", help="运行：收信、读信、登记、催报、发信，及管理页面。")(serve)
    app.command("status", help="现在的情况：收信到何时、待审、待发、故障。")(status)
    app.command("verify", help="核对：重放全部历史，与台帐、封印、原文逐一比较。")(verify)
    app.command("demo", help="演示：内置邮件服务器和模拟单位，过一个月。")(demo)


def serve(
    ctx: typer.Context,
    clock: Annotated[
        str, typer.Option("--clock", metavar="MOMENT", help="演练用的假想时钟，从此刻开始，如 2026-11-02T08:30。")
    ] = "",
    speed: Annotated[float, typer.Option("--speed", help="假想时钟快多少倍。")] = 1.0,
) -> None:
    from daemon import service

    root = place.root_of(ctx)
    settings = config.load(root)
    settings.need_mail()
    start = place.moment_of(clock) if clock else None
    if start is None and speed != 1.0:
        raise Said("--speed 只能与 --clock 同用。")
    if speed <= 0:
        raise Said("--speed 应大于 0。")
    if start is not None:
        store = config.open_store(settings)
        try:
            with store.reading() as tx:
                if not birth.read(tx).rehearsal:
                    raise Said("这是正式运行的文件夹，不能用假想时钟。演练请另建：duban init DIR --rehearsal 地址。")
        finally:
            store.close()
    raise typer.Exit(service.serve(root, clock=start, speed=speed))


def demo(
    once: Annotated[bool, typer.Option("--once", help="尽快过完一个月即结束。")] = False,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="DIR", help="数据留在这个新的或空的文件夹；不写则用完即删。")
    ] = None,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="管理页面的端口；0 为任意空闲端口。")] = 0,
    as_json: Json = False,
) -> None:
    from daemon.demo import run as perform

    if keep is not None and keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        raise Said(f"{keep} 已存在且不是空文件夹，没有改动。请另选一个文件夹。")
    try:
        code = perform(once=once, as_json=as_json, keep=keep, port=port)
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in DEMO_PARTS:
            raise
        raise Said(f"演示所需的组件 {missing.name} 没有安装。请运行 pip install 'duban[demo]'。") from missing
    raise typer.Exit(code)


def status(ctx: typer.Context, as_json: Json = False) -> None:
    with place.opened(ctx) as here:
        facts = here.read(_facts)
    if as_json:
        json_line(facts)
        return
    typer.echo("服务：" + (f"运行中（{shown_moment(facts['alive_at'])}）" if facts["running"] else "没有运行"))
    if facts["rehearsal"]:
        typer.echo(f"演练：一切去信只发到 {facts['rehearsal']}")
    typer.echo(f"邮箱最近读到：{shown_moment(facts['mailbox_read_at']) or '尚未读取'}")
    for name, key, labelled in (
        ("事项", "matters", labels.phase),
        ("来信", "letters", lambda s: labels.LETTER_STATES.get(s, s)),
        ("去信", "outbox", lambda s: labels.OUTBOX_STATES.get(s, s)),
    ):
        counts = "，".join(f"{labelled(state)} {count}" for state, count in facts[key].items())
        typer.echo(f"{name}：{counts or '无'}")
    for alarm in facts["alarms"]:
        typer.echo(f"！故障 {alarm['name']}：{alarm['why']}（{shown_moment(alarm['since'])}）")


def _facts(tx: Tx) -> dict[str, Any]:
    alive = marks.get(tx, "alive")
    now = place.now(tx)
    watched = marks.get(tx, "folders")
    cursors = [letters.cursor(tx, folder) for folder in (watched.value.split("\n") if watched else [])]
    read = [cursor.read_at for cursor in cursors if cursor is not None and cursor.read_at is not None]
    loops = [
        {"name": name, "why": mark.value, "since": mark.at}
        for prefix in ("alarm:", "loop:")
        for name, mark in marks.all(tx, prefix).items()
    ]
    return {
        "running": alive is not None and RealClock().now() - alive.at < ALIVE_FOR,
        "alive_at": alive.at if alive else None,
        "now": moment(now),
        "rehearsal": birth.read(tx).rehearsal_address,
        "mailbox_read_at": min(read) if read and len(read) == len(cursors) else None,
        "matters": ledger.counts(tx),
        "letters": letters.counts(tx),
        "outbox": outbox.counts(tx),
        "alarms": loops,
    }


def verify(ctx: typer.Context, as_json: Json = False) -> None:
    with place.opened(ctx) as here:
        found = here.read(verify_store)
    if as_json:
        json_line(found)
    elif not found.faults:
        typer.echo(f"历史完整：{found.chains} 条链，{found.entries} 条记录，{found.seals} 个封印，与台帐一致。")
    else:
        for fault in found.faults:
            typer.echo(f"✗ {fault}")
        typer.echo("处理：停止服务，用最近一次完好的备份恢复；不要继续使用这份数据。")
    if found.faults:
        raise typer.Exit(1)
