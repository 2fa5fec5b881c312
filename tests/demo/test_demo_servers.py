"""The demo's servers: what goes in by SMTP lies in the mailboxes byte for byte, with an honest verdict on top."""

import asyncio
import imaplib
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import aiosmtplib
import pytest

from daemon.demo.servers import PostOffice

NOW = datetime(2026, 11, 3, 1, 0, tzinfo=UTC)
SECTION = "ducha@school.example"


def mail(sender: str, text: bytes = b"ok") -> bytes:
    return b"From: %s\r\nTo: %s\r\nMessage-ID: <a@b>\r\nSubject: x\r\n\r\n" % (sender.encode(), SECTION.encode()) + text


def with_office(work: Callable[[PostOffice], Awaitable[None]]) -> None:
    async def go() -> None:
        office = PostOffice(lambda: NOW, section=SECTION, domain="school.example", authserv_id="mx.x", password="pw")
        async with AsyncExitStack() as stack:
            await office.start(stack, ["a@school.example", "b@else.example"])
            await work(office)

    asyncio.run(go())


async def hand_in(office: PostOffice, sender: str, to: list[str], raw: bytes, helo: str, login: bool = False) -> None:
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=office.smtp_port, local_hostname=helo, start_tls=False)
    async with client:
        if login:
            await client.login(office.section, office.password)
        await client.sendmail(sender, to, raw)


def test_bytes_arrive_whole_and_the_section_sees_a_verdict() -> None:
    async def work(office: PostOffice) -> None:
        raw = mail("a@school.example", "签收".encode("gb18030") + b"\r\n.dot\r\n")
        await hand_in(office, "a@school.example", [SECTION, "b@else.example"], raw, "webmail.school.example")
        (carried,) = office.carried
        assert carried.raw == raw
        assert carried.delivered.endswith(raw)
        assert b"dmarc=pass" in carried.delivered
        assert carried.message_id == "a@b"
        assert await office.mailbox(SECTION) == [carried.delivered]
        assert await office.mailbox("b@else.example") == [carried.delivered]

        def look() -> bytes:
            box = imaplib.IMAP4("127.0.0.1", office.imap_port)
            box.login(SECTION, "pw")
            box.select("INBOX", readonly=True)
            found = box.fetch("1", "(BODY.PEEK[])")[1][0]
            assert isinstance(found, tuple)
            return found[1]

        assert await asyncio.to_thread(look) == carried.delivered

    with_office(work)


@pytest.mark.parametrize(
    ("sender", "author", "helo", "verdict"),
    [
        ("a@school.example", "a@school.example", "webmail.school.example", b"dmarc=pass"),
        ("a@school.example", "a@school.example", "cheap.host.example", b"dmarc=fail"),
        ("x@evil.example", "a@school.example", "mail.evil.example", b"dmarc=fail"),
        ("x@notschool.example", "x@notschool.example", "mail.notschool.example", b"dmarc=pass"),
    ],
)
def test_verdict(sender: str, author: str, helo: str, verdict: bytes) -> None:
    async def work(office: PostOffice) -> None:
        await hand_in(office, sender, [SECTION], mail(author), helo)
        assert verdict in office.carried[0].delivered.split(b"Received:")[0]

    with_office(work)


def test_only_the_section_speaks_for_the_section() -> None:
    async def work(office: PostOffice) -> None:
        with pytest.raises(aiosmtplib.SMTPException):
            await hand_in(office, SECTION, ["a@school.example"], mail(SECTION), "mail.school.example")
        assert office.carried == []
        await hand_in(office, SECTION, ["a@school.example"], mail(SECTION), "mail.school.example", login=True)
        assert office.carried[0].logged_in == SECTION
        assert await office.mailbox(SECTION, "Sent") == [office.carried[0].raw]

    with_office(work)


def test_a_dead_address_is_named() -> None:
    async def work(office: PostOffice) -> None:
        office.dead.add("a@school.example")
        heard: list[tuple[str, ...]] = []

        async def listen(carried: object) -> None:
            heard.append(office.carried[-1].returned)

        office.listeners.append(listen)
        await hand_in(office, "b@else.example", ["a@school.example", "no@school.example"], mail("b@else.example"), "x")
        assert heard == [("a@school.example", "no@school.example")]
        assert await office.mailbox("a@school.example") == []

    with_office(work)
