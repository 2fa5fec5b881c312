"""The mailbox on servers that are odd in the ways in which real ones are."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from daemon.edges.imap import ImapAccount, ImapMailbox
from daemon.world import MailboxAway
from tests.world.odd_imap import OddImap, Oddities

A, B = b"Subject: a\r\n\r\nfirst\r\n", b"Subject: b\r\n\r\nsecond\r\n"


def play(odd: Oddities, story: Callable[[ImapMailbox, OddImap], Awaitable[None]], **more: Any) -> None:
    now = more.pop("now", None)

    async def go() -> None:
        async with OddImap(odd) as server:
            mailbox = ImapMailbox(ImapAccount("127.0.0.1", server.port, "u", "p", "none", timeout=3, **more), now)
            try:
                await story(mailbox, server)
            finally:
                await mailbox.close()

    asyncio.run(go())


def test_a_uid_without_data_is_told_and_stops_nothing() -> None:
    async def story(mailbox: ImapMailbox, server: OddImap) -> None:
        batch = await mailbox.fetch_after("INBOX", None, 0)
        assert [f.raw for f in batch.fetched] == [B]
        assert batch.vanished == (1,)
        assert not batch.more

    play(Oddities({1: A, 2: B}, hidden={1}), story)


def test_a_body_that_comes_late_is_asked_for_once_more() -> None:
    async def story(mailbox: ImapMailbox, server: OddImap) -> None:
        batch = await mailbox.fetch_after("INBOX", None, 0)
        assert [f.raw for f in batch.fetched] == [A, B]
        assert batch.vanished == ()

    play(Oddities({1: A, 2: B}, hidden_once={1}), story)


def test_a_server_that_counts_wrongly_is_believed_by_its_literal() -> None:
    async def story(mailbox: ImapMailbox, server: OddImap) -> None:
        batch = await mailbox.fetch_after("INBOX", None, 0)
        assert [f.raw for f in batch.fetched] == [A, B]

    play(Oddities({1: A, 2: B}, lies=True), story)


def test_a_server_that_tells_no_uidnext() -> None:
    async def story(mailbox: ImapMailbox, server: OddImap) -> None:
        batch = await mailbox.fetch_after("INBOX", None, 0)
        assert (batch.uidnext, len(batch.fetched)) == (3, 2)
        again = await mailbox.fetch_after("INBOX", batch.uidvalidity, 2)
        assert again.fetched == ()
        assert not again.started_over
        assert again.uidnext == 3

    play(Oddities({1: A, 2: B}, uidnext=False), story)


def test_news_amid_another_answer_are_not_slept_over() -> None:
    odd = Oddities({1: A})

    async def story(mailbox: ImapMailbox, server: OddImap) -> None:
        odd.amid = b"* 2 EXISTS\r\n"
        batch = await mailbox.fetch_after("INBOX", None, 0)
        odd.mails[2] = B
        await asyncio.wait_for(mailbox.wait(20), 2)
        batch = await mailbox.fetch_after("INBOX", batch.uidvalidity, 1)
        assert [f.raw for f in batch.fetched] == [B]

    play(odd, story)


def test_news_before_the_plus_of_idle_are_not_slept_over() -> None:
    async def story(mailbox: ImapMailbox, server: OddImap) -> None:
        await mailbox.fetch_after("INBOX", None, 0)
        await asyncio.wait_for(mailbox.wait(20), 2)

    play(Oddities({1: A}, before_plus=b"* 2 EXISTS\r\n"), story)


def test_half_a_line_in_idle_breaks_nothing() -> None:
    odd = Oddities({1: A}, in_idle=(b"* 2 EXI", b"STS\r\n"))

    async def story(mailbox: ImapMailbox, server: OddImap) -> None:
        await mailbox.fetch_after("INBOX", None, 0)
        await asyncio.wait_for(mailbox.wait(20), 2)
        odd.mails[2] = B
        assert len((await mailbox.fetch_after("INBOX", 5, 1)).fetched) == 1
        assert server.heard.count("LOGIN " + '"u" "p"') == 1  # still the first line

    play(odd, story)


def test_a_server_without_idle_is_polled_and_one_without_id_is_spared_it() -> None:
    async def story(mailbox: ImapMailbox, server: OddImap) -> None:
        await mailbox.fetch_after("INBOX", None, 0)
        began = time.monotonic()
        await mailbox.wait(30)
        assert 0.1 < time.monotonic() - began < 2
        assert not any(command.startswith(("IDLE", "ID ")) for command in server.heard)

    play(Oddities({1: A}, idle=False, id_known=False), story, poll_seconds=0.2)


def test_waiting_without_a_line_connects_to_nobody() -> None:
    async def story(mailbox: ImapMailbox, server: OddImap) -> None:
        began = time.monotonic()
        await mailbox.wait(0.3)
        assert time.monotonic() - began > 0.2
        assert server.heard == []

    play(Oddities({1: A}), story)


def test_starttls_that_is_not_offered_is_no_line() -> None:
    async def go() -> None:
        async with OddImap(Oddities({1: A})) as server:
            mailbox = ImapMailbox(ImapAccount("127.0.0.1", server.port, "u", "p", "starttls", timeout=3))
            with pytest.raises(MailboxAway) as away:
                await mailbox.folders()
            assert away.value.code == "tls"
            assert not any(command.startswith("LOGIN") for command in server.heard)
            await mailbox.close()

    asyncio.run(go())


def test_unsafe_login_is_for_a_person() -> None:
    async def story(mailbox: ImapMailbox, server: OddImap) -> None:
        with pytest.raises(MailboxAway) as away:
            await mailbox.fetch_after("INBOX", None, 0)
        assert away.value.permanent
        assert away.value.code == "unsafe_login"

    play(Oddities(examine="Unsafe Login. Please contact kefu@provider.example"), story)


@pytest.mark.parametrize(("answer", "code"), [("[NONEXISTENT] no such", "no_folder"), ("[UNAVAILABLE] later", "lost")])
def test_a_folder_that_cannot_be_opened(answer: str, code: str) -> None:
    async def story(mailbox: ImapMailbox, server: OddImap) -> None:
        with pytest.raises(MailboxAway) as away:
            await mailbox.fetch_after("病毒文件夹", None, 0)
        assert not away.value.permanent
        assert away.value.code == code

    play(Oddities(examine=answer), story)


def test_junk_by_its_chinese_name() -> None:
    async def story(mailbox: ImapMailbox, server: OddImap) -> None:
        assert await mailbox.folders() == ("INBOX", "垃圾邮件")

    play(Oddities(), story)


def test_only_what_is_not_known_is_fetched() -> None:
    async def story(mailbox: ImapMailbox, server: OddImap) -> None:
        look = await mailbox.fetch_since("INBOX", datetime(2026, 11, 1, tzinfo=UTC), known={2, 3})
        assert [f.uid for f in look.fetched] == [1, 4]
        assert any(command.startswith("UID FETCH 1,4 ") for command in server.heard)

    play(Oddities({1: A, 2: B, 3: A, 4: B}), story)


def test_the_servers_clock_is_believed_as_far_as_its_stamps_prove_it() -> None:
    stamp = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
    day = timedelta(days=1)

    async def behind(mailbox: ImapMailbox, server: OddImap) -> None:
        assert await mailbox.server_time() is None
        await mailbox.fetch_after("INBOX", None, 0)
        assert await mailbox.server_time() == stamp  # our clock says the day before: one stamp proves that wrong

    async def ahead(mailbox: ImapMailbox, server: OddImap) -> None:
        for uid in range(1, 5):
            assert await mailbox.server_time() is None  # an old mail may just have been moved in
            await mailbox.fetch_after("INBOX", None if uid == 1 else 5, uid - 1)
            if uid < 4:
                await asyncio.wait_for(mailbox.wait(20), 2)
                server.odd.mails[uid + 1] = B
        assert await mailbox.server_time() == stamp

    play(Oddities({1: A}), behind, now=lambda: stamp - day)
    play(Oddities({1: A}, in_idle=(b"* 2 EXISTS\r\n",)), ahead, now=lambda: stamp + day)
