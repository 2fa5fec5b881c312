"""Sets the stage for the demo, lives the month on it, counts it, and keeps the doors open afterwards."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import socket
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from rich.console import Console
from starlette.applications import Starlette
from starlette.routing import Mount

from daemon import maillog
from daemon.demo import count, plain_days
from daemon.demo import school as sample
from daemon.demo.house import HandClock, House, build
from daemon.demo.month import BEGINS, ENDS, Month
from daemon.demo.officer import ACCOUNT
from daemon.demo.post_pages import PostPages
from daemon.demo.reminded import Line
from daemon.demo.servers import LOOPBACK, PostOffice
from daemon.demo.timeline import Timeline
from daemon.web.app import make_app
from store import ledger, letters, outbox
from store.transaction import Tx

#: Real seconds for the whole month when people watch, and how often time takes breath.
SHOW_SECONDS = 115.0
BREATH = timedelta(minutes=10)
TICK = timedelta(seconds=1)
#: Imports while the month goes by, and lists once it is told to.
_MAIN = "import sys; from daemon.cli import main; sys.stdin.readline(); main()"


@dataclass(frozen=True, slots=True)
class Wish:
    """How the demo was called."""

    once: bool
    as_json: bool
    port: int


class _Server(uvicorn.Server):
    """Leaves Ctrl+C to the demo."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def perform(root: Path, wish: Wish, ends: datetime = ENDS) -> int:
    """The demo in the empty folder `root` until `ends`; returns the exit code: 1 where the count disagrees."""
    maillog.set_up(level="CRITICAL")
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    school = sample.load()
    clock = HandClock(BEGINS)
    post = PostOffice(
        clock.now,
        section=school.mailbox,
        domain=school.domain,
        authserv_id=school.authserv_id,
        password=secrets.token_urlsafe(12),
    )
    console = Console(stderr=wish.as_json)
    async with AsyncExitStack() as stack:
        await post.start(stack, school.addresses)
        post.dead.update(school.dead)
        listener = stack.enter_context(socket.create_server((LOOPBACK, wish.port)))
        address = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        house = await asyncio.to_thread(build, root, post, clock, address)
        stack.push_async_callback(house.mailbox.close)
        stack.callback(house.world.store.close)
        if not wish.once:
            await stack.enter_async_context(_open_doors(house, post, school, listener))
            _greet(console, address, house)
        lists = [await _ask_for(root, what) for what in ("letters", "matters")]
        stack.callback(_end, lists)
        with Timeline(console, quiet=wish.as_json) as timeline:
            month = Month(house, post, school, timeline, ends)
            if not wish.once:
                _breathe(month)
            async with month:
                await month.live()
                counted = await _count(month, lists)
                _report(console, counted, wish)
                if not wish.once:
                    _invite(console, address, house)
                    await _stay(month)
    return 1 if counted.findings else 0


@asynccontextmanager
async def _open_doors(
    house: House, post: PostOffice, school: sample.SampleOffice, listener: socket.socket
) -> AsyncIterator[None]:
    """The admin view and /post, served while the month goes by."""
    secret = secrets.token_bytes(32)
    admin = make_app(house.world, session_secret=secret, secure_cookies=False)
    app = Starlette(routes=[*PostPages(post, school).routes(), Mount("/", admin)])
    server = _Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


def _breathe(month: Month) -> None:
    """Working hours take their share of SHOW_SECONDS, nights and weekends none; work done counts as time passed."""
    moments = []
    moment = BEGINS
    while moment < ENDS:
        if plain_days.works(moment.date()) and 8 <= moment.hour < 18:
            moments.append(moment)
        moment += BREATH
    began = time.monotonic()

    async def breath(share: float) -> None:
        await month.post.sort()
        await asyncio.sleep(max(0.0, began + SHOW_SECONDS * share - time.monotonic()))

    for number, at in enumerate(moments, 1):
        month.turns.at(at, partial(breath, number / len(moments)))


async def _stay(month: Month) -> None:
    """Until Ctrl+C the loops go on at the pace of true time, so that what a visitor does is done."""

    async def tick() -> None:
        await month.post.sort()
        await asyncio.sleep(TICK.total_seconds())
        month.turns.at(month.house.clock.now() + TICK, tick)

    month.turns.at(month.house.clock.now() + TICK, tick)
    await month.turns.run(month.ends + timedelta(days=300))


async def _count(month: Month, lists: Sequence[Process]) -> count.Counted:
    """The servers' record and the diaries beside what the commands of a second process list."""
    listed, matters = await asyncio.gather(*map(_told, lists))
    rows = {task.title: row for row, task in month.school.tasks.items()}
    refs = {rows[m["title"]]: str(m["ref"]) for m in matters if m["title"] in rows}
    printed = month.clerks.refs()
    hashes, lines = await month.house.world.store.read(_kept, rows)
    post = month.post
    mailbox = [*await post.mailbox(post.section), *await post.mailbox(post.section, "Junk")]
    seen = count.Seen(
        carried=post.carried,
        mailbox=mailbox,
        written=month.clerks.written,
        decided=month.officer.decided,
        refs={row: refs[row] for row in printed if row in refs},
        letters=listed,
        matters=matters,
        hashes=hashes,
        lines=lines,
        ends=month.ends,
    )
    counted = count.count(seen, month.school)
    counted.findings.extend((*month.clerks.could_not, *month.officer.refusals, *month.officer.strange))
    return counted


async def _ask_for(root: Path, what: str) -> Process:
    """`duban WHAT list --json` as a process of its own, which waits for a line on stdin."""
    command = ("-c", _MAIN, "-C", str(root), what, "list", "--json")
    return await asyncio.create_subprocess_exec(sys.executable, *command, stdin=PIPE, stdout=PIPE)


async def _told(process: Process) -> list[dict[str, Any]]:
    """What it lists, now."""
    out, _ = await process.communicate(b"\n")
    if process.returncode:
        raise RuntimeError(f"a list of duban ended with {process.returncode}")
    return [json.loads(line) for line in out.splitlines()]


def _end(processes: Sequence[Process]) -> None:
    for process in processes:
        if process.returncode is None:
            process.kill()


def _kept(tx: Tx, rows: dict[str, int]) -> tuple[frozenset[str], dict[str, tuple[Line, ...]]]:
    """Hashes of the letters kept; which matters and stages each mail of ours speaks of."""
    hashes = frozenset(row.sha256 for row in letters.listing(tx, limit=100_000))
    matters = {m.id: rows[m.title] for m in ledger.matters(tx, limit=10_000) if m.title in rows}
    lines = {}
    for row in outbox.listing(tx, limit=100_000):
        lines[row.message_id.strip("<>")] = tuple(
            Line(matters[line.matter], line.key.unit, line.key.stage, line.key.counts_from)
            for line in row.mail.lines
            if line.key is not None and line.matter in matters
        )
    return hashes, lines


def _greet(console: Console, address: str, house: House) -> None:
    console.print("[bold]督查督办演示[/]：一所虚构的学校，二十四个事项，一个月约两分钟。")
    console.print(f"管理页面　{address}/　　账号 {ACCOUNT}　密码 {house.password}")
    console.print(f"演示邮局　{address}/post　　每个人收到和发出的每一封信")
    console.print()


def _invite(console: Console, address: str, house: House) -> None:
    console.print()
    console.print(f"一个月过完了。管理页面 {address}/（账号 {ACCOUNT}，密码 {house.password}），邮局 {address}/post。")
    console.print("按 Ctrl+C 结束，演示数据随之删除。")


def _report(console: Console, counted: count.Counted, wish: Wish) -> None:
    """The JSON line on stdout, or the numbers in words; disagreements always on stderr or the terminal."""
    if wish.as_json:
        for finding in counted.findings:
            print(finding, file=sys.stderr)
        print(json.dumps(counted.numbers, ensure_ascii=False), flush=True)
        return
    console.print()
    console.print("[bold]清点[/]（由邮件服务器和办事员日记从外面数）")
    for key, words in _NUMBERS:
        value = counted.numbers[key]
        shown = "　".join(f"{name} {n}" for name, n in value.items()) if isinstance(value, dict) else str(value)
        console.print(f"  {words}　{shown}")
    for finding in counted.findings:
        console.print(f"  [red]不符[/]　{finding}")
    if not counted.findings:
        console.print("  [green]与日记逐项相符。[/]")


_NUMBERS = (
    ("matters", "事项"),
    ("dispatched", "已交办"),
    ("acknowledged", "已签收"),
    ("progress", "进展"),
    ("reports_registered", "办结报告"),
    ("extensions_registered", "延期申请"),
    ("queued", "经人审核"),
    ("letters", "来信"),
    ("letters_lost", "丢失来信"),
    ("sent", "发信"),
    ("sent_twice", "重发"),
    ("reminders", "催报（按级）"),
    ("leader_mails", "致校领导"),
    ("false_reminders", "错催"),
)
