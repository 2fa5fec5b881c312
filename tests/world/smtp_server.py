"""A real SMTP dialogue by script: refusals now and for good, silence, and a line cut after the text."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Script:
    """What the server does. `rcpt`: an answer for a recipient, None for yes; `data`: the answer to the text."""

    rcpt: Callable[[str], str | None] = lambda _: None
    mail: str = ""
    data: str = "250 2.0.0 Ok: queued as 4711"
    cut_after_text: bool = False
    cut_at_data: bool = False
    cut_at_mail: bool = False
    slow: float = 0.0
    login: tuple[str, str] | None = None
    login_answer: str = ""


@dataclass
class Accepted:
    """A mail that the server has in full, whatever it then said."""

    sender: str
    recipients: list[str]
    raw: bytes
    options: list[str] = field(default_factory=list)


class SmtpServer:
    """Listens on a free loopback port. `accepted`: every mail it has got. Use as an async context manager."""

    def __init__(self, script: Script | None = None) -> None:
        self.script = script or Script()
        self.accepted: list[Accepted] = []
        self.connections = 0
        self.port = 0
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> SmtpServer:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        await asyncio.sleep(0)

    def _session(self) -> SMTP:
        self.connections += 1
        return SMTP(
            self,
            hostname="mx.school.example",
            enable_SMTPUTF8=True,
            authenticator=self._authenticate,
            auth_require_tls=False,
            loop=asyncio.get_running_loop(),
        )

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        if self.script.login_answer:
            return AuthResult(success=False, handled=False, message=self.script.login_answer)
        fits = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == self.script.login
        return AuthResult(success=fits, handled=False)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.script.cut_at_mail:
            _cut(server)
        if self.script.login is not None and not session.authenticated:
            return "530 5.7.0 Authentication required"
        if self.script.mail:
            return self.script.mail
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.script.rcpt(address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.accepted.append(
            Accepted(
                envelope.mail_from or "",
                list(envelope.rcpt_tos),
                envelope.original_content or b"",
                list(envelope.mail_options),
            )
        )
        if self.script.cut_after_text:
            _cut(server)
        if self.script.slow:
            await asyncio.sleep(self.script.slow)
        return self.script.data


def _cut(server: SMTP) -> None:
    assert server.transport is not None
    server.transport.abort()
