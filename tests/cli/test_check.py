"""`duban check` against servers that work: ticks, and what a careful administrator should know."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from daemon.demo.servers import PostOffice
from daemon.edges.clock import RealClock

from .conftest import Run

PASSWORD = "right"


@pytest.fixture
def post_office() -> Iterator[tuple[PostOffice, asyncio.AbstractEventLoop]]:
    """The demo's servers in a thread of their own."""
    loop = asyncio.new_event_loop()
    office = PostOffice(
        RealClock().now,
        section="dc@north.example",
        domain="north.example",
        authserv_id="mx.north.example",
        password=PASSWORD,
    )
    ready, stop = threading.Event(), asyncio.Event()

    async def live() -> None:
        async with AsyncExitStack() as stack:
            await office.start(stack, ["yezi@north.example"])
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(live()))
    thread.start()
    assert ready.wait(20)
    yield office, loop
    loop.call_soon_threadsafe(stop.set)
    thread.join(20)
    loop.close()


def settings(home: Path, office: PostOffice, password: str = PASSWORD) -> None:
    text = "".join(
        f'[{name}]\nhost = "127.0.0.1"\nport = {port}\nuser = "dc@north.example"\npassword = "{password}"\n'
        'security = "none"\ntimeout = 10\n'
        for name, port in (("imap", office.imap_port), ("smtp", office.smtp_port))
    )
    (home / "duban.toml").write_text(text, encoding="utf-8")


def test_all_is_well(run: Run, home: Path, post_office: tuple[PostOffice, asyncio.AbstractEventLoop]) -> None:
    office, loop = post_office
    settings(home, office)
    found = {line["name"]: line for line in run("check", "-C", home, "--json").lines}
    assert {found[name]["standing"] for name in ("设置", "数据库", "字体", "学校信息", "收信", "发信")} == {"ok"}
    assert found["来信认证"]["standing"] == "warning"  # no mail to judge by yet
    raw = (
        b"From: yezi@north.example\r\nTo: dc@north.example\r\nSubject: x\r\nMessage-ID: <a@b.example>\r\n\r\nhello\r\n"
    )
    carried = office.carry("yezi@north.example", ["dc@north.example"], raw, helo="mail.north.example")
    asyncio.run_coroutine_threadsafe(carried, loop).result(20)
    done = run("check", "-C", home, "--json")
    assert done.code == 0
    found = {line["name"]: line for line in done.lines}
    assert found["来信认证"]["standing"] == "ok", found["来信认证"]
    assert "✓ 收信" in run("check", "-C", home).out
