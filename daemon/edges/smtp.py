"""The SMTP server: hands over one mail and tells for each recipient what became of it."""

from __future__ import annotations

import contextlib
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import aiosmtplib

from daemon.edges.account import Account
from daemon.world import Delivery

#: RFC 5321 4.5.3.2.6: the server may think for ten minutes over the end of DATA.
_DATA_SECONDS = 600.0


class ForbiddenRecipient(Exception):
    """A rehearsal was asked to write to somebody else than its one address (promise 10). Nothing was connected."""


@dataclass(frozen=True, slots=True)
class SmtpAccount(Account):
    """An account at an SMTP server. `data_timeout`: seconds for the answer to the text itself."""

    data_timeout: float = _DATA_SECONDS


class LoginRefused(Exception):
    """The server refused our login: nothing can be sent until a person mends it."""


class SmtpCourier:
    """Sends by SMTP, one connection a mail.

    `only`: the one address a rehearsal may write to; any other envelope raises ForbiddenRecipient.
    `refused_login`: the reply to the last login if it was refused, else ''; the send loop turns it into an alarm.
    """

    def __init__(self, account: SmtpAccount, only: str | None = None) -> None:
        self._account = account
        self._only = only.strip().lower() if only is not None else None
        self.refused_login = ""
        self._refused_until = 0.0

    async def deliver(self, sender: str, recipients: Sequence[str], raw: bytes) -> Sequence[Delivery]:
        """What became of the mail for each recipient, in their order.

        later: the server said so (4xx) or was never reached, so that nothing can have been sent; refused: 5xx;
        unsure: the line broke or fell silent after the text was begun.
        """
        self._forbid_others(recipients)
        good = [address for address in recipients if _sendable(address)]
        told = {
            a: Delivery(a, "refused", "address is not ASCII or not an address") for a in recipients if a not in good
        }
        if good and not _sendable(sender):
            told.update({a: Delivery(a, "refused", f"sender {sender!r} is not an address") for a in good})
        elif good:
            told.update({d.recipient: d for d in await self._send(sender, list(dict.fromkeys(good)), raw)})
        return [told[address] for address in recipients]

    def _forbid_others(self, recipients: Sequence[str]) -> None:
        if self._only is None:
            return
        if not self._only:
            raise ForbiddenRecipient("a rehearsal without an address writes to nobody")
        for address in recipients:
            if address.strip().lower() != self._only:
                raise ForbiddenRecipient(f"this is a rehearsal: {address} must not be written to")

    async def _send(self, sender: str, recipients: list[str], raw: bytes) -> list[Delivery]:
        if self.refused_login and time.monotonic() < self._refused_until:
            why = f"login refused, not tried again yet: {self.refused_login}"
            return [Delivery(r, "later", why) for r in recipients]
        try:
            client = await self.connect(sender)
        except LoginRefused as e:
            return [Delivery(r, "later", f"login refused: {e}") for r in recipients]
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ssl.SSLError) as e:
            return [Delivery(r, "later", f"not connected: {_words(e)}") for r in recipients]
        try:
            return await self._converse(client, sender, recipients, raw)
        finally:
            client.close()

    async def connect(self, sender: str = "") -> aiosmtplib.SMTP:
        """A connection that is logged in, for `deliver` and for `duban check`. Raises LoginRefused or what broke."""
        account = self._account
        client = aiosmtplib.SMTP(
            hostname=account.host,
            port=account.port,
            # Asked for by name, it would be looked up in the DNS, which may take seconds where there is none.
            local_hostname=sender.rpartition("@")[2] or "localhost",
            timeout=account.timeout,
            use_tls=account.security == "tls",
            start_tls=account.security == "starttls",  # never None: that sends in clear where TLS is not offered
            tls_context=None if account.security == "none" else account.tls_context(),
        )
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()  # else what the server can do (8BITMIME) is not known before MAIL
            if account.user:
                await client.login(account.user, account.password)
        except aiosmtplib.SMTPAuthenticationError as e:
            client.close()
            if e.code >= 500:
                self.refused_login = _said(e.code, e.message)
                self._refused_until = time.monotonic() + account.refused_pause
                raise LoginRefused(self.refused_login) from e
            raise
        except BaseException:
            client.close()
            raise
        self.refused_login = ""
        return client

    async def _converse(
        self, client: aiosmtplib.SMTP, sender: str, recipients: list[str], raw: bytes
    ) -> list[Delivery]:
        """MAIL, RCPT, DATA by hand: which step broke is the difference between later and unsure."""
        told: dict[str, Delivery] = {}
        try:
            eight_bit = client.supports_extension("8bitmime") and not raw.isascii()
            await client.mail(sender, options=["BODY=8BITMIME"] if eight_bit else [])
            for recipient in recipients:
                try:
                    await client.rcpt(recipient)
                except aiosmtplib.SMTPRecipientRefused as e:
                    told[recipient] = Delivery(recipient, _outcome(e.code), _said(e.code, e.message))
        except aiosmtplib.SMTPResponseException as e:
            return [Delivery(r, _outcome(e.code), _said(e.code, e.message)) for r in recipients]
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as e:
            return [Delivery(r, "later", f"before the text: {_words(e)}") for r in recipients]
        accepted = [r for r in recipients if r not in told]
        if accepted:
            told.update({d.recipient: d for d in await self._hand_over(client, accepted, raw)})
        return [told[r] for r in recipients]

    async def _hand_over(self, client: aiosmtplib.SMTP, accepted: list[str], raw: bytes) -> list[Delivery]:
        try:
            reply = await client.data(raw, timeout=self._account.data_timeout)
        except aiosmtplib.SMTPResponseException as e:
            return [Delivery(r, _outcome(e.code), _said(e.code, e.message)) for r in accepted]
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as e:
            return [Delivery(r, "unsure", f"after the text was begun: {_words(e)}") for r in accepted]
        told = [Delivery(r, "delivered", _said(reply.code, reply.message)) for r in accepted]
        with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
            await client.quit(timeout=5)  # a farewell changes nothing: the server has taken the mail over
        return told


def _sendable(address: str) -> bool:
    local, at, domain = address.rpartition("@")
    clean = address.isascii() and address.isprintable() and not any(c in address for c in " <>,;")
    return bool(clean and at and local and domain)


def _outcome(code: int) -> Literal["later", "refused"]:
    """4xx means later, 421 and 451 among them; all else that is no success means never (RFC 5321 4.2.1)."""
    return "later" if 400 <= code < 500 else "refused"


def _said(code: int, message: str) -> str:
    """A reply as one can keep it: GBK, which some servers here speak, comes as lone surrogates no database takes."""
    raw = message.encode("utf-8", "surrogateescape")
    for charset in ("utf-8", "gb18030"):
        try:
            return f"{code} {raw.decode(charset)}"
        except UnicodeDecodeError:
            continue
    return f"{code} {raw.decode('utf-8', 'replace')}"


def _words(error: BaseException) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return _said(error.code, error.message)
    return str(error) or type(error).__name__
