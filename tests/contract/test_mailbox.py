"""One suite over every mailbox we have: the fake, an embedded server, and a real Dovecot."""

from __future__ import annotations

import asyncio
import contextlib
import imaplib
import itertools
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from daemon.demo.servers import PostOffice
from daemon.edges.imap import ImapAccount, ImapMailbox
from daemon.world import Batch, Mailbox, MailboxAway
from tests.world.dovecot import PASSWORD, USER, Dovecot
from tests.world.fakes import FakeMailbox
from tests.world.proxy import Proxy

TIMEOUT = 2.0
_numbers = itertools.count(1)


def mail(text: bytes = b"ok", extra: bytes = b"") -> bytes:
    """A mail of its own."""
    return b"From: a@school.example\r\nSubject: %d\r\n%s\r\n%s\r\n" % (next(_numbers), extra, text)


class FakeWorld:
    """The fake of the loops' tests."""

    has_line = False

    def __init__(self) -> None:
        self.fake = FakeMailbox()
        self.mailbox: Mailbox = self.fake

    async def deliver(self, raw: bytes, folder: str = "INBOX") -> None:
        self.fake.put(raw, folder)

    async def new_uidvalidity(self) -> None:
        self.fake.new_uidvalidity()

    async def restore(self, keep: int) -> None:
        self.fake.restore(keep)


class LineWorld:
    """What the two servers have in common: a line that can be listened to, frozen and cut."""

    has_line = True
    proxy: Proxy
    port: int
    user = USER

    def make(self, **more: Any) -> ImapMailbox:
        account = {"host": "127.0.0.1", "port": self.proxy.port, "user": self.user, "password": PASSWORD}
        return ImapMailbox(ImapAccount(**{**account, "security": "none", "timeout": TIMEOUT, **more}))

    async def flags(self) -> list[bytes]:
        """The flags of every mail in INBOX, seen by another client that changes none. \\Recent is the server's own."""
        return await asyncio.to_thread(self._other_client, lambda c: c.fetch("1:*", "(FLAGS)")[1])

    async def colleague_opens(self) -> None:
        """Somebody else reads everything in INBOX."""
        await asyncio.to_thread(self._other_client, lambda c: c.fetch("1:*", "(BODY[])"), readonly=False)

    def _other_client(self, work: Callable[[imaplib.IMAP4], Any], readonly: bool = True) -> Any:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        client.login(self.user, PASSWORD)
        client.select("INBOX", readonly)
        try:
            return work(client)
        finally:
            client.logout()


class PymapWorld(LineWorld):
    """The demo's server, in the loop of the test."""

    def __init__(self, office: PostOffice, proxy: Proxy) -> None:
        self.office, self.proxy, self.port = office, proxy, office.imap_port
        self.mailbox: Mailbox = self.make()

    async def deliver(self, raw: bytes, folder: str = "INBOX") -> None:
        await self.office._put(USER, folder, raw, datetime.now(UTC))

    async def _data(self) -> Any:
        async with self.office._who(USER).new_session() as session:
            return await session.mailbox_set.get_mailbox("INBOX")

    async def new_uidvalidity(self) -> None:
        (await self._data())._uid_validity += 7

    async def restore(self, keep: int) -> None:
        data = await self._data()
        uids = [message.uid async for message in data.messages()]
        await data.delete(uids[keep:])
        data._max_uid = uids[keep - 1] if keep else 100


class DovecotWorld(LineWorld):
    """A real server, with a user of its own for each story."""

    def __init__(self, server: Dovecot, proxy: Proxy) -> None:
        self.user = f"user{next(_numbers)}@school.example"
        self.server, self.proxy, self.port = server, proxy, server.imap
        self.mailbox: Mailbox = self.make()

    async def deliver(self, raw: bytes, folder: str = "INBOX") -> None:
        if folder == "INBOX":
            await asyncio.to_thread(self.server.deliver, raw, user=self.user)
        else:
            when = imaplib.Time2Internaldate(time.time())
            await asyncio.to_thread(self._other_client, lambda c: c.append(folder, "", when, raw))

    async def new_uidvalidity(self) -> None:
        await asyncio.to_thread(self.server.new_uidvalidity, user=self.user)

    async def restore(self, keep: int) -> None:
        await asyncio.to_thread(self.server.restore, keep, user=self.user)


World = FakeWorld | PymapWorld | DovecotWorld
Story = Callable[[Any], Awaitable[None]]


@pytest.fixture(scope="module")
def dovecot() -> Any:
    with Dovecot() as server:
        yield server


REAL = pytest.param("dovecot", marks=pytest.mark.real)


@pytest.fixture(params=["fake", "pymap", REAL])
def play(request: pytest.FixtureRequest) -> Callable[[Story], None]:
    """Runs a story in one of the worlds."""
    return _player(request)


@pytest.fixture(params=["pymap", REAL])
def play_line(request: pytest.FixtureRequest) -> Callable[[Story], None]:
    """Runs a story in one of the worlds that have a line to cut."""
    return _player(request)


def _player(request: pytest.FixtureRequest) -> Callable[[Story], None]:
    server = request.getfixturevalue("dovecot") if request.param == "dovecot" else None
    return lambda story: asyncio.run(_run(request.param, server, story))


async def _run(kind: str, server: Dovecot | None, story: Story) -> None:
    async with AsyncExitStack() as stack:
        world: World
        if kind == "fake":
            world = FakeWorld()
        elif kind == "pymap":
            office = PostOffice(
                lambda: datetime.now(UTC), section=USER, domain="school.example", authserv_id="mx", password=PASSWORD
            )
            await office.start(stack, [])
            world = PymapWorld(office, await stack.enter_async_context(Proxy(office.imap_port)))
        else:
            assert server is not None
            world = DovecotWorld(server, await stack.enter_async_context(Proxy(server.imap)))
        try:
            await story(world)
        finally:
            await world.mailbox.close()


async def everything(mailbox: Mailbox, batch: Batch | None = None, limit: int = 200) -> tuple[list[bytes], Batch]:
    """All that is new since `batch`, fetched as the watch loop does, and the last batch."""
    raws: list[bytes] = []
    validity, uid = (batch.uidvalidity, _cursor(batch)) if batch else (None, 0)
    while True:
        batch = await mailbox.fetch_after("INBOX", validity, uid, limit)
        raws += [f.raw for f in batch.fetched]
        validity, uid = batch.uidvalidity, _cursor(batch)
        if not batch.more:
            return raws, batch


def _cursor(batch: Batch) -> int:
    return max([f.uid for f in batch.fetched] + list(batch.vanished), default=batch.uidnext - 1)


def same(got: list[bytes], sent: list[bytes]) -> bool:
    """Whether the mails are these, byte for byte; a server may have put its own lines on top."""
    return len(got) == len(sent) and all(g.endswith(s) for g, s in zip(got, sent, strict=True))


# ---------------------------------------------------------------------------------------------------------------
# What comes in


def test_new_mail_comes_once_and_in_order(play: Any) -> None:
    async def story(world: World) -> None:
        first = [mail() for _ in range(7)]
        for raw in first:
            await world.deliver(raw)
        got, batch = await everything(world.mailbox, limit=3)
        assert same(got, first)
        assert not batch.more
        nothing, batch = await everything(world.mailbox, batch)  # `n:*` holds the last mail all the same
        assert nothing == []
        later = mail()
        await world.deliver(later)
        got, _ = await everything(world.mailbox, batch)
        assert same(got, [later])

    play(story)


def test_bytes_come_as_they_are(play: Any) -> None:
    async def story(world: World) -> None:
        subject, text = "青师督字〔2026〕第12号".encode("gb18030"), "已收到)".encode("gb2312")
        raw = b"From: a@school.example\r\nSubject: " + subject + b"\r\nContent-Type: text/plain; charset=gb2312\r\n"
        raw += b"\r\n" + text + b"\r\n* 3 EXISTS\r\n{12}\r\n.\r\n\r\n"
        await world.deliver(raw)
        await world.deliver(mail(b"x" * 3_000_000))
        got, _ = await everything(world.mailbox)
        assert got[0].endswith(raw)
        assert len(got[1]) >= 3_000_000

    play(story)


def test_arrival_is_the_servers_stamp(play: Any) -> None:
    async def story(world: World) -> None:
        before = datetime.now(UTC) - timedelta(seconds=2)
        await world.deliver(mail())
        batch = await world.mailbox.fetch_after("INBOX", None, 0)
        assert before <= batch.fetched[0].internal_date <= datetime.now(UTC) + timedelta(seconds=2)
        assert batch.fetched[0].internal_date.tzinfo is not None

    play(story)


def test_a_batch_is_limited_in_bytes(play: Any) -> None:
    async def story(world: World) -> None:
        for _ in range(3):
            await world.deliver(mail(b"y" * 9_000_000))
        batch = await world.mailbox.fetch_after("INBOX", None, 0)
        assert len(batch.fetched) == 1
        assert batch.more
        got, _ = await everything(world.mailbox)
        assert len(got) == 3

    play(story)


def test_junk_is_watched_and_sent_is_not(play: Any) -> None:
    async def story(world: World) -> None:
        folders = await world.mailbox.folders()
        assert folders[0] == "INBOX"
        assert "Junk" in folders
        assert "Sent" not in folders
        lost = mail(b"spam?")
        await world.deliver(lost, "Junk")
        batch = await world.mailbox.fetch_after("Junk", None, 0)
        assert same([f.raw for f in batch.fetched], [lost])

    play(story)


def test_a_mail_that_a_colleague_opened_first_comes_in_too(play_line: Any) -> None:
    async def story(world: Any) -> None:
        raw = mail()
        await world.deliver(raw)
        await world.colleague_opens()
        assert b"\\Seen" in b" ".join(await world.flags())
        got, _ = await everything(world.mailbox)
        assert same(got, [raw])

    play_line(story)


def test_no_flag_is_changed(play_line: Any) -> None:
    async def story(world: Any) -> None:
        for _ in range(3):
            await world.deliver(mail())
        before = await world.flags()
        _, batch = await everything(world.mailbox)
        await world.mailbox.fetch_since("INBOX", datetime.now(UTC) - timedelta(days=30))
        await world.mailbox.find_own(["no-such-token"])
        await world.mailbox.wait(0.2)
        await everything(world.mailbox, batch)
        after = [flags.replace(b" \\Recent", b"").replace(b"\\Recent", b"") for flags in await world.flags()]
        assert after == [flags.replace(b" \\Recent", b"").replace(b"\\Recent", b"") for flags in before]
        assert b"Seen" not in b"".join(after)
        said = bytes(world.proxy.heard).upper()
        for word in (
            b"SELECT",
            b"STORE",
            b"EXPUNGE",
            b"DELETE",
            b"APPEND",
            b"CLOSE",
            b"SEARCH",
            b" BODY[]",
            b"RFC822)",
        ):
            assert word not in said.replace(b"RFC822.SIZE", b"")

    play_line(story)


def test_the_daily_look_finds_by_arrival_and_leaves_out_what_is_known(play: Any) -> None:
    async def story(world: World) -> None:
        sent = [mail() for _ in range(4)]
        for raw in sent:
            await world.deliver(raw)
        since = datetime.now(UTC) - timedelta(days=30)
        look = await world.mailbox.fetch_since("INBOX", since, 3)
        assert same([f.raw for f in look.fetched], sent[:3])
        assert look.more
        rest = await world.mailbox.fetch_since("INBOX", since, 3, uid=look.fetched[-1].uid)
        assert same([f.raw for f in rest.fetched], sent[3:])
        known = {look.fetched[0].uid, look.fetched[2].uid}
        few = await world.mailbox.fetch_since("INBOX", since, known=known)
        assert same([f.raw for f in few.fetched], [sent[1], sent[3]])
        none = await world.mailbox.fetch_since("INBOX", datetime.now(UTC) + timedelta(days=1))
        assert none.fetched == ()

    play(story)


# ---------------------------------------------------------------------------------------------------------------
# Identity lost


def test_uidvalidity_changed(play: Any) -> None:
    async def story(world: World) -> None:
        sent = [mail() for _ in range(3)]
        for raw in sent:
            await world.deliver(raw)
        _, batch = await everything(world.mailbox)
        await world.new_uidvalidity()
        again = await _patiently(world.mailbox, batch)
        assert again.started_over
        assert again.uidvalidity != batch.uidvalidity
        assert same([f.raw for f in again.fetched], sent)

    play(story)


def test_uidnext_fallen_back(play: Any) -> None:
    async def story(world: World) -> None:
        sent = [mail() for _ in range(5)]
        for raw in sent:
            await world.deliver(raw)
        _, batch = await everything(world.mailbox)
        await world.restore(2)
        new = mail(b"after the restore")
        await world.deliver(new)
        again = await _patiently(world.mailbox, batch)
        assert again.started_over
        assert again.uidvalidity == batch.uidvalidity
        assert same([f.raw for f in again.fetched], [*sent[:2], new])
        newer = mail(b"and one more")
        await world.deliver(newer)
        got, _ = await everything(world.mailbox, again)
        assert same(got, [newer])

    play(story)


async def _patiently(mailbox: Mailbox, batch: Batch) -> Batch:
    """The next batch; a server whose files changed under a session may close it first, as Dovecot does."""
    for _ in range(3):
        try:
            return await mailbox.fetch_after("INBOX", batch.uidvalidity, _cursor(batch))
        except MailboxAway:
            continue
    raise AssertionError("the mailbox stays away")


# ---------------------------------------------------------------------------------------------------------------
# Waiting


def test_idle_wakes(play: Any) -> None:
    async def story(world: World) -> None:
        _, batch = await everything(world.mailbox)
        waiting = asyncio.create_task(world.mailbox.wait(20))
        await asyncio.sleep(0.3)
        assert not waiting.done()
        raw = mail()
        await world.deliver(raw)
        await asyncio.wait_for(waiting, 3)
        got, _ = await everything(world.mailbox, batch)
        assert same(got, [raw])

    play(story)


def test_mail_between_the_last_command_and_idle(play: Any) -> None:
    async def story(world: World) -> None:
        _, batch = await everything(world.mailbox)
        for _ in range(3):
            raw = mail()
            await world.deliver(raw)  # the server will tell it with its `+`, or amid another answer
            await asyncio.wait_for(world.mailbox.wait(20), 3)
            got, batch = await everything(world.mailbox, batch)
            assert same(got, [raw])

    play(story)


def test_mail_that_comes_while_another_folder_is_open(play: Any) -> None:
    async def story(world: World) -> None:
        _, batch = await everything(world.mailbox)
        raw = mail()
        await world.deliver(raw)
        await world.mailbox.fetch_after("Junk", None, 0)
        await asyncio.wait_for(world.mailbox.wait(20), 3)
        got, _ = await everything(world.mailbox, batch)
        assert same(got, [raw])

    play(story)


def test_waiting_ends_after_its_time_and_keeps_the_line(play: Any) -> None:
    async def story(world: Any) -> None:
        await everything(world.mailbox)
        began = time.monotonic()
        await world.mailbox.wait(0.4)
        assert 0.3 < time.monotonic() - began < 2
        await everything(world.mailbox)
        if world.has_line:
            assert world.proxy.connections == 1

    play(story)


def test_cancelled_waiting_keeps_the_line(play_line: Any) -> None:
    async def story(world: Any) -> None:
        _, batch = await everything(world.mailbox)
        waiting = asyncio.create_task(world.mailbox.wait(30))
        await asyncio.sleep(0.3)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        raw = mail()
        await world.deliver(raw)
        got, _ = await asyncio.wait_for(everything(world.mailbox, batch), 3)
        assert same(got, [raw])
        assert world.proxy.connections == 1

    play_line(story)


def test_what_the_server_can_do(play_line: Any) -> None:
    async def story(world: Any) -> None:
        mailbox = world.make()
        try:
            assert "IDLE" in await mailbox.capabilities()
        finally:
            await mailbox.close()

    play_line(story)


def test_without_idle_it_polls(play_line: Any) -> None:
    async def story(world: Any) -> None:
        mailbox = world.make(poll_seconds=0.2)
        try:
            await everything(mailbox)
            line = mailbox._line
            line.capabilities = line.capabilities - {"IDLE"}
            began = time.monotonic()
            await mailbox.wait(30)
            assert time.monotonic() - began < 2
            assert b"IDLE" not in bytes(world.proxy.heard)
        finally:
            await mailbox.close()

    play_line(story)


# ---------------------------------------------------------------------------------------------------------------
# The line


def test_id_is_sent_after_every_login_and_before_a_folder(play_line: Any) -> None:
    async def story(world: Any) -> None:
        await everything(world.mailbox)
        world.proxy.cut()
        await _until_back(world.mailbox)
        said = bytes(world.proxy.heard).upper()
        assert said.count(b" LOGIN ") == said.count(b" ID (") == 2
        for session in said.split(b" LOGIN ")[1:]:
            assert session.index(b" ID (") < session.index(b" EXAMINE ")

    play_line(story)


def test_cut_while_waiting(play_line: Any) -> None:
    async def story(world: Any) -> None:
        _, batch = await everything(world.mailbox)
        waiting = asyncio.create_task(world.mailbox.wait(60))
        await asyncio.sleep(0.3)
        world.proxy.cut()
        with pytest.raises(MailboxAway) as away:
            await asyncio.wait_for(waiting, 3)
        assert not away.value.permanent
        raw = mail()
        await world.deliver(raw)
        got, _ = await everything(world.mailbox, batch)
        assert same(got, [raw])

    play_line(story)


def test_frozen_without_a_word(play_line: Any) -> None:
    async def story(world: Any) -> None:
        _, batch = await everything(world.mailbox)
        world.proxy.freeze()
        raw = mail()
        await world.deliver(raw)
        began = time.monotonic()
        with pytest.raises(MailboxAway) as away:
            await world.mailbox.fetch_after("INBOX", batch.uidvalidity, _cursor(batch))
        assert away.value.code == "timeout"
        assert time.monotonic() - began < TIMEOUT + 2
        world.proxy.thaw()
        got, _ = await everything(world.mailbox, batch)
        assert same(got, [raw])

    play_line(story)


def test_frozen_in_idle_is_noticed_at_its_end(play_line: Any) -> None:
    async def story(world: Any) -> None:
        await everything(world.mailbox)
        waiting = asyncio.create_task(world.mailbox.wait(1))
        await asyncio.sleep(0.3)
        world.proxy.freeze()
        with pytest.raises(MailboxAway):
            await asyncio.wait_for(waiting, 1 + TIMEOUT + 2)

    play_line(story)


def test_close_ends_a_call_in_progress(play_line: Any) -> None:
    async def story(world: Any) -> None:
        await everything(world.mailbox)
        waiting = asyncio.create_task(world.mailbox.wait(60))
        await asyncio.sleep(0.3)
        began = time.monotonic()
        await world.mailbox.close()
        assert time.monotonic() - began < 1
        with pytest.raises(MailboxAway):
            await waiting
        with pytest.raises(MailboxAway):
            await world.mailbox.folders()

    play_line(story)


def test_refused_login_is_permanent(play_line: Any) -> None:
    async def story(world: Any) -> None:
        mailbox = world.make(password="wrong", timeout=10.0)
        try:
            for _ in range(3):
                with pytest.raises(MailboxAway) as away:
                    await mailbox.folders()
                assert away.value.permanent
                assert away.value.code == "refused_login"
                await mailbox.wait(0.1)
            assert world.proxy.connections == 1  # an account that is knocked at again and again gets locked
        finally:
            await mailbox.close()

    play_line(story)


def test_our_own_mail_is_found_by_its_token(play: Any) -> None:
    async def story(world: World) -> None:
        await world.deliver(mail(extra=b"Message-ID: <by-header@x>\r\nX-Duban-Token: tokenone\r\n"), "Sent")
        await world.deliver(mail(extra=b"Message-ID:\r\n <tokentwo.7@school.example>\r\n"))
        await world.deliver(mail(b"X-Duban-Token: tokenthree in the text is no sign"))
        found = await world.mailbox.find_own(["tokenone", "tokentwo", "tokenthree", "absent"])
        assert {token: own.folder for token, own in found.items()} == {"tokenone": "Sent", "tokentwo": "INBOX"}
        assert found["tokentwo"].message_id == "<tokentwo.7@school.example>"
        assert found["tokenone"].message_id == "<by-header@x>"

    play(story)


async def _until_back(mailbox: Mailbox) -> None:
    for _ in range(3):
        try:
            await mailbox.fetch_after("INBOX", None, 0)
            return
        except MailboxAway:
            await asyncio.sleep(0.05)
    raise AssertionError("the mailbox stays away")


# ---------------------------------------------------------------------------------------------------------------
# Dovecot alone


@pytest.mark.real
def test_dovecot_restarted() -> None:
    async def story(server: Dovecot) -> None:
        account = ImapAccount("127.0.0.1", server.imap, USER, PASSWORD, "none", timeout=3)
        mailbox = ImapMailbox(account)
        _, batch = await everything(mailbox)
        waiting = asyncio.create_task(mailbox.wait(60))
        await asyncio.sleep(0.3)
        await asyncio.to_thread(server.stop)
        with contextlib.suppress(MailboxAway):  # some versions say farewell, others fall dead
            await asyncio.wait_for(waiting, 15)
        with contextlib.suppress(MailboxAway):
            await everything(mailbox)  # this may still find the farewell
        with pytest.raises(MailboxAway) as away:
            await everything(mailbox)
        assert away.value.code == "unreachable"
        await asyncio.to_thread(server.start)
        raw = mail()
        await asyncio.to_thread(server.deliver, raw)
        got, _ = await everything(mailbox, batch)
        assert same(got, [raw])
        assert server.log().count("name=duban") == 2
        await mailbox.close()

    with Dovecot() as server:
        asyncio.run(story(server))


@pytest.mark.real
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_dovecot_over_tls(dovecot: Dovecot, security: Any) -> None:
    async def story() -> None:
        port = dovecot.imaps if security == "tls" else dovecot.imap
        base = {"host": "localhost", "port": port, "user": USER, "password": PASSWORD, "security": security}
        doubting = ImapMailbox(ImapAccount(**base, timeout=5))
        with pytest.raises(MailboxAway) as away:
            await doubting.folders()
        assert away.value.code == "tls"
        await doubting.close()
        for more in ({"verify": False}, {"ca_file": str(dovecot.folder / "cert.pem")}):
            mailbox = ImapMailbox(ImapAccount(**base, **more, timeout=5))
            _, batch = await everything(mailbox)
            raw = mail()
            await asyncio.to_thread(dovecot.deliver, raw)
            await asyncio.wait_for(mailbox.wait(20), 3)
            got, batch = await everything(mailbox, batch)
            assert same(got, [raw])
            waiting = asyncio.create_task(mailbox.wait(20))
            await asyncio.sleep(0.3)
            await asyncio.to_thread(dovecot.deliver, raw)
            await asyncio.wait_for(waiting, 3)
            got, _ = await everything(mailbox, batch)
            assert same(got, [raw])
            waiting = asyncio.create_task(mailbox.wait(20))
            await asyncio.sleep(0.3)
            await asyncio.wait_for(mailbox.close(), 2)
            with pytest.raises(MailboxAway):
                await waiting

    asyncio.run(story())
