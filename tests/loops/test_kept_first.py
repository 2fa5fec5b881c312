"""Promise 1: the bytes are kept before anything understands them, and one bad letter stops nothing behind it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from daemon.loops import read as read_loop
from daemon.loops.read import Read
from store import letters
from store.transaction import StoreError
from tests.world.office import Office

HEAD = "hq.head@lcnu.example"


def broken_by(word: str, monkeypatch: pytest.MonkeyPatch, what: str, error: BaseException) -> None:
    """A step of reading fails on the letter that holds `word`."""
    true = getattr(read_loop, what)

    def step(first: Any, *args: Any, **kwargs: Any) -> Any:
        seen = first if isinstance(first, bytes) else first.subject.encode()
        if word.encode() in seen:
            raise error
        return true(first, *args, **kwargs)

    monkeypatch.setattr(read_loop, what, step)


@pytest.mark.parametrize("step", ["decode", "read"])
def test_a_letter_that_cannot_be_read_waits_with_its_bytes(
    office: Office, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    office.matter("供热管网检修", "2026-11-23")
    notice = office.mails("dispatch")[0]
    broken_by("UNLUCKY", monkeypatch, step, ValueError("no such thing"))
    bad = office.answer("收到。", notice, HEAD, subject="UNLUCKY")
    office.answer("收到。", notice, HEAD)
    office.live("2026-11-02 08:10")
    first, second = office.letters()
    assert (first.state, first.why) == ("waiting", ("unreadable",))
    with office.store.reading() as tx:
        assert letters.raw(tx, first.id) == bad
    assert second.state == "registered"


def test_a_letter_whose_registering_fails_waits_and_takes_no_other_along(
    either: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    either.matter("供热管网检修", "2026-11-23")
    notice = either.mails("dispatch")[0]
    true = read_loop.register

    def register(tx: Any, commands: Any, because: Any, **kwargs: Any) -> Any:
        if because.letter == 2:
            raise RuntimeError("a mistake of the law")
        return true(tx, commands, because, **kwargs)

    monkeypatch.setattr(read_loop, "register", register)
    for _ in range(3):
        either.answer("收到。", notice, HEAD)
    either.live("2026-11-02 08:30")
    assert [row.state for row in either.letters()] == ["registered", "waiting", "registered"]


def test_a_letter_that_ends_the_process_twice_is_not_read_a_third_time(either: Office) -> None:
    either.matter("供热管网检修", "2026-11-23")
    notice = either.mails("dispatch")[0]
    either.answer("收到。", notice, HEAD, subject="killer")
    either.answer("收到。", notice, HEAD)
    asyncio.run(either.turns._steps["watch"](either.world))
    for _ in range(2):  # claimed, and then the process is gone
        with either.store.writing() as tx:
            claimed = letters.claim(tx, "dead", either.clock.now(), timedelta(minutes=5), 50)
            assert claimed[0].id == 1
        either.clock.move_to(either.clock.now() + timedelta(minutes=6))
    either.start()
    either.live("2026-11-02 08:30")
    first, second = either.letters()
    assert (first.state, first.why, second.state) == ("waiting", ("unreadable",), "registered")


def test_disk_full_while_keeping_leaves_the_cursor_and_the_mail_comes_later(
    either: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    either.matter("供热管网检修", "2026-11-23")
    either.answer("收到。", either.mails("dispatch")[0], HEAD)
    with either.store.reading() as tx:
        before = letters.cursor(tx, "INBOX")

    def full(*_: object, **__: object) -> None:
        raise StoreError("disk_full", "blobs")

    with monkeypatch.context() as patched:
        patched.setattr("store.blobs.keep_many", full)
        with pytest.raises(StoreError):
            either.live("2026-11-02 08:10")
    with either.store.reading() as tx:
        after = letters.cursor(tx, "INBOX")
        assert before is not None
        assert after is not None
        assert (before.uid, before.read_at) == (after.uid, after.read_at)
    assert not either.letters()
    either.start()
    either.live("2026-11-02 08:20")
    assert [row.state for row in either.letters()] == ["registered"]


def test_a_store_that_fails_while_a_letter_is_settled_counts_no_claim_against_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.matter("供热管网检修", "2026-11-23")
    office.answer("收到。", office.mails("dispatch")[0], HEAD)
    asyncio.run(office.turns._steps["watch"](office.world))
    reader = Read(office.openers, "test")

    def full(*_: object, **__: object) -> None:
        raise StoreError("disk_full", "duban.db")

    async def three_times() -> None:
        with monkeypatch.context() as patched:
            patched.setattr("daemon.loops.read._settle_all", full)
            for _ in range(3):
                with pytest.raises(StoreError):
                    await reader.step(office.world)
        await reader.step(office.world)
        await office.openers.close()

    asyncio.run(three_times())
    assert [row.state for row in office.letters()] == ["registered"]


def test_an_end_in_good_order_counts_no_claim(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.matter("供热管网检修", "2026-11-23")
    office.answer("收到。", office.mails("dispatch")[0], HEAD)
    asyncio.run(office.turns._steps["watch"](office.world))

    async def for_ever(*_: object) -> None:
        await asyncio.sleep(3600)

    async def cancelled() -> None:
        reader = Read(office.openers, "test")
        with monkeypatch.context() as patched:
            patched.setattr(Read, "_understand_all", for_ever)
            task = asyncio.create_task(reader.step(office.world))
            await asyncio.sleep(0.3)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(cancelled())
    (letter,) = office.letters()
    assert (letter.state, letter.claims) == ("kept", 0)
