"""`duban check` against servers that work: ticks, and what a careful administrator should know."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from daemon.commands import mail_checks
from daemon.demo.servers import PostOffice
from daemon.edges.clock import RealClock
from daemon.roster.school import parse
from daemon.world import Fetched

from .conftest import SCHOOL, Run

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
    assert {found[name]["standing"] for name in ("设置", "数据库", "字体", "学校信息", "收信", "新信通知", "发信")} == {
        "ok"
    }
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


def arrive(office: PostOffice, loop: asyncio.AbstractEventLoop, raw: bytes) -> None:
    carried = office.carry("yezi@north.example", ["dc@north.example"], raw, helo="mail.north.example")
    asyncio.run_coroutine_threadsafe(carried, loop).result(20)


def test_a_server_that_vouches_under_another_name(
    run: Run, home: Path, post_office: tuple[PostOffice, asyncio.AbstractEventLoop]
) -> None:
    office, loop = post_office
    settings(home, office)
    arrive(office, loop, b"From: yezi@north.example\r\nTo: dc@north.example\r\nSubject: x\r\n\r\nhello\r\n")
    assert run("school", "set", "authserv_id=other.example", "-C", home).code == 0
    done = run("check", "-C", home, "--json")
    found = {line["name"]: line for line in done.lines}
    assert done.code == 0
    assert found["来信认证"]["standing"] == "warning"
    assert "authserv_id=mx.north.example" in found["来信认证"]["todo"]
    assert "grave_by_mail=false" in found["来信认证"]["todo"]


@pytest.mark.parametrize("stamps", [(), ("Authentication-Results: mx.north.example; dmarc=pass",)])
def test_a_mailbox_by_what_stands_in_its_letters(stamps: tuple[str, ...]) -> None:
    head = "\n".join([*stamps, "From: a@b.example", "Subject: x"]).replace("\n", "\r\n")
    fetched = [Fetched(1, RealClock().now(), f"{head}\r\n\r\nhello".encode())]
    found = mail_checks._authentication(fetched, parse(SCHOOL, "school.toml"))
    assert found.standing == ("ok" if stamps else "warning")
    assert ("grave_by_mail=false" in found.todo) is not bool(stamps)


def test_a_server_without_idle_is_looked_at_by_the_clock() -> None:
    found = mail_checks._idle(frozenset({"IMAP4REV1", "ID"}), 60.0)
    assert (found.standing, "每隔 60 秒" in found.found) == ("warning", True)


def test_wording_that_is_refused_is_named(run: Run, home: Path) -> None:
    (home / "words" / "received").mkdir(parents=True)
    (home / "duban.toml").write_text('[templates]\nfolder = "words"\n', encoding="utf-8")
    subject = home / "words" / "received" / "subject.txt"
    subject.write_text("【督办】{{ matter.ref }}\n", encoding="utf-8")
    found = [line for line in run("check", "-C", home, "--json").lines if line["name"] == "模板"]
    assert [line["standing"] for line in found] == ["ok"]
    subject.write_text("{{ matter.nothing }}\n", encoding="utf-8")
    (home / "words" / "recieved.txt").write_text("x", encoding="utf-8")
    done = run("check", "-C", home, "--json")
    assert done.code == 1
    found = [line for line in done.lines if line["name"] == "模板"]
    assert [line["standing"] for line in found] == ["failed", "failed"]
    assert "received/subject.txt" in found[0]["found"]
    assert "recieved.txt" in found[1]["found"]
    (home / "duban.toml").write_text('[templates]\nfolder = "nowhere"\n', encoding="utf-8")
    assert "没有文件夹" in run("check", "-C", home).out


def test_school_values_are_set_one_by_one(run: Run, home: Path) -> None:
    assert run("school", "set", "grave_by_mail=false", "contact=李某", "-C", home).code == 0
    exported = run("school", "export", "-", "-C", home).out
    assert "grave_by_mail = false" in exported
    assert 'contact = "李某"' in exported
    assert 'name = "北山师范大学"' in exported
    assert "没有变化" in run("school", "set", "grave_by_mail=否", "-C", home).out
    for words, said in (
        (("grave_by_mail=maybe",), "true 或 false"),
        (("mialbox=x",), "没有这个项目"),
        (("mailbox=x",), "邮箱地址"),
        (("name=",), "没有填写"),
        (("contact",), "项目=内容"),
    ):
        done = run("school", "set", *words, "-C", home)
        assert done.code == 1
        assert said in done.err, done.err
    assert run("school", "export", "-", "-C", home).out == exported
