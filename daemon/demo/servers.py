"""The demo's own SMTP and IMAP server in this process: it carries every mail, delivers it, and keeps its own record.

The record (`PostOffice.carried`) is what the demo counts by: the bytes as they passed, who handed them in, when.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
from argparse import Namespace
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPService
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials.fetchattr import FetchRequirement
from pymap.user import Passwords, UserMetadata

from daemon.procedure.workdays import SHANGHAI

LOOPBACK = "127.0.0.1"
FOLDERS = ("Sent", "Junk")


@dataclass(frozen=True, slots=True)
class Carried:
    """One mail that the server accepted. `raw`: as handed in; `delivered`: with the server's own lines on top."""

    number: int
    at: datetime  # the demo's clock
    sender: str  # of the envelope, '' for a bounce
    recipients: tuple[str, ...]
    raw: bytes
    delivered: bytes
    message_id: str
    helo: str
    logged_in: str = ""
    returned: tuple[str, ...] = ()  # recipients that have no mailbox here


Listener = Callable[[Carried], Awaitable[None]]


class PostOffice:
    """One SMTP server, one IMAP server, a mailbox for each address, on free loopback ports.

    A recipient whose address is in `dead` is accepted and then bounces, as a relay's would; listeners hear of it by
    `Carried.returned`. Only the Section logs in (by SMTP AUTH and at IMAP), with `password`.
    """

    def __init__(self, now: Callable[[], datetime], *, section: str, domain: str, authserv_id: str, password: str):
        self.now = now
        self.section = section.lower()
        self.domain = domain.lower()
        self.authserv_id = authserv_id
        self.password = password
        self.carried: list[Carried] = []
        self.dead: set[str] = set()
        self.listeners: list[Listener] = []
        self.smtp_port = 0
        self.imap_port = 0
        self._login: Any = None
        self._known: set[str] = set()
        self._unsorted: list[tuple[str, str, Carried]] = []  # address, folder

    async def start(self, stack: AsyncExitStack, addresses: Iterable[str]) -> None:
        """Starts both servers; they stop when `stack` is left."""
        await self._start_imap(stack, {self.section, *(a.lower() for a in addresses)})
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._session, LOOPBACK, 0)
        self.smtp_port = int(server.sockets[0].getsockname()[1])
        stack.callback(server.close)

    async def _start_imap(self, stack: AsyncExitStack, addresses: set[str]) -> None:
        settings = Namespace(
            host=LOOPBACK,
            port=_free_port(),
            debug=False,
            cert=None,
            key=None,
            tls=False,
            passlib_cfg=None,
            proxy_protocol=None,
            inherited_sockets=None,
            demo_data=False,
            demo_user=self.section,
            demo_password=self.password,
        )
        backend, config = await DictBackend.init(settings)
        config.apply_context()
        await backend.start(stack)
        await IMAPService(backend, config).start(stack)
        self.imap_port = settings.port
        self._login = backend.login
        secret = await Passwords(config).hash_password(self.password)
        for address in sorted(addresses):
            if address != self.section:
                await self._who(address).set(UserMetadata(config, address, password=secret))
            async with self._who(address).new_session() as session:
                for folder in FOLDERS:
                    await session.create_mailbox(folder)
        self._known = addresses

    def _who(self, address: str) -> Any:
        return type(self._login.demo_user_identity)(address, self._login, None, frozenset())

    def _session(self) -> SMTP:
        return SMTP(
            _Handler(self),
            hostname=self.authserv_id,
            enable_SMTPUTF8=True,
            authenticator=self._authenticate,
            auth_require_tls=False,
            loop=asyncio.get_running_loop(),
        )

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        fits = (
            isinstance(data, LoginPassword)
            and data.login.decode().lower() == self.section
            and data.password.decode() == self.password
        )
        return AuthResult(success=fits, auth_data=self.section if fits else None)

    async def carry(
        self,
        sender: str,
        recipients: Sequence[str],
        raw: bytes,
        *,
        helo: str,
        logged_in: str = "",
        folder: str = "INBOX",
    ) -> Carried:
        """Delivers one mail to every mailbox named, records it, tells the listeners."""
        number = len(self.carried) + 1
        to = tuple(r.lower() for r in recipients)
        dead = tuple(r for r in to if r in self.dead or r not in self._known)
        delivered = self._top(number, sender, to, raw, helo, logged_in) + raw
        parsed = email.message_from_bytes(raw, policy=email.policy.compat32)
        carried = Carried(
            number=number,
            at=self.now(),
            sender=sender.lower(),
            recipients=to,
            raw=raw,
            delivered=delivered,
            message_id=str(parsed.get("Message-ID", "")).strip().strip("<>"),
            helo=helo,
            logged_in=logged_in,
            returned=dead,
        )
        self.carried.append(carried)
        if logged_in:
            await self._put(logged_in, "Sent", raw, carried.at)
        for address in to:
            if address == self.section:
                await self._put(address, folder, delivered, carried.at)
            elif address not in dead:
                self._unsorted.append((address, folder, carried))
        for listener in self.listeners:
            await listener(carried)
        return carried

    async def sort(self) -> None:
        """Puts into the units' mailboxes what came for them; the Section's is filled at once.

        Nobody in the demo but a visitor with a mail program looks into them over IMAP.
        """
        while self._unsorted:
            address, folder, carried = self._unsorted.pop(0)
            await self._put(address, folder, carried.delivered, carried.at)

    async def _put(self, address: str, folder: str, raw: bytes, at: datetime) -> None:
        async with self._who(address).new_session() as session:
            await session.append_messages(folder, [AppendMessage(raw, at, frozenset())])

    async def mailbox(self, address: str, folder: str = "INBOX") -> list[bytes]:
        """The mails of one folder, oldest first, as the mailbox itself holds them."""
        await self.sort()
        async with self._who(address.lower()).new_session() as session:
            box = await session.mailbox_set.get_mailbox(folder)
            return [await _content(message) async for message in box.messages()]

    def _top(self, number: int, sender: str, to: tuple[str, ...], raw: bytes, helo: str, logged_in: str) -> bytes:
        stamp = format_datetime(self.now().astimezone(SHANGHAI))
        serial = sha256(raw + str(number).encode()).hexdigest()[:10].upper()
        lines = [f"Return-Path: <{sender}>"]
        if self.section in to:
            lines.append(self._verdict(sender, raw, helo, logged_in))
        lines.append(f"Received: from {helo} (unknown [192.0.2.{number % 250 + 1}])")
        lines.append(f"\tby {self.authserv_id} (Postfix) with ESMTPS id {serial}; {stamp}")
        return ("\r\n".join(lines) + "\r\n").encode()

    def _verdict(self, sender: str, raw: bytes, helo: str, logged_in: str) -> str:
        """Authentication-Results as a real mail server would find them (RFC 8601).

        A host may speak for the domain whose name it bears; that stands for the DNS that a demo has not.
        """
        header = email.message_from_bytes(raw, policy=email.policy.compat32).get("From", "")
        author = parseaddr(str(header))[1].rpartition("@")[2].lower()
        bounder = sender.rpartition("@")[2].lower()
        honest = logged_in or (bool(bounder) and (helo == bounder or helo.endswith("." + bounder)))
        if not sender:
            return f"Authentication-Results: {self.authserv_id}; spf=none smtp.helo={helo}; dkim=none"
        spf = f"spf={'pass' if honest else 'fail'} smtp.mailfrom={sender}"
        aligned = honest and author == bounder
        dkim = f"dkim={'pass' if aligned else 'none'}" + (f" header.d={author}" if aligned else "")
        dmarc = f"dmarc={'pass' if aligned else 'fail'} header.from={author}"
        return f"Authentication-Results: {self.authserv_id};\r\n\t{spf};\r\n\t{dkim};\r\n\t{dmarc}"


async def _content(message: Any) -> bytes:
    loaded = await message.load_content(FetchRequirement.CONTENT)
    return bytes(loaded.get_body())


class _Handler:
    """aiosmtpd's calls, as far as we answer them ourselves."""

    def __init__(self, office: PostOffice) -> None:
        self.office = office

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.lower() == self.office.section and not session.authenticated:
            return "553 5.7.1 Sender is not logged in"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        raw = envelope.original_content or b""
        carried = await self.office.carry(
            envelope.mail_from or "",
            envelope.rcpt_tos,
            raw,
            helo=session.host_name or "unknown",
            logged_in=self.office.section if session.authenticated else "",
        )
        return f"250 2.0.0 Ok: queued as {carried.number:06d}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
