"""The outside as seen from inside: Protocols for clock, mailbox, courier and dice, and the World that holds them.

Loops take a World and nothing else from outside, so that tests, the demo and the simulator can hand them another one.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from store.transaction import Store


class Clock(Protocol):
    """What time it is. `real` is false for a made-up clock (the check against the mail server's clock rests)."""

    real: bool

    def now(self) -> datetime:
        """The time now, aware, UTC."""

    async def sleep_until(self, moment: datetime) -> None:
        """Returns at `moment` of this clock."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One mail as the server holds it: its position and its exact bytes."""

    uid: int
    internal_date: datetime
    raw: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """What `fetch_after` found. `more` is true where the folder holds further mails behind this batch."""

    uidvalidity: int
    uidnext: int
    fetched: tuple[Fetched, ...]
    vanished: tuple[int, ...] = ()  # UIDs announced but without data
    more: bool = False
    started_over: bool = False  # UIDVALIDITY was another or UIDNEXT behind the cursor: everything from the first


@dataclass(frozen=True, slots=True)
class OwnHeader:
    """A mail of ours found in the mailbox or in Sent by its token."""

    folder: str
    message_id: str


class MailboxAway(Exception):
    """The mailbox cannot be reached or refused us. `permanent`: the login was refused; wait more than 15 minutes.

    `code`: refused_login, unsafe_login, no_folder, tls, timeout, unreachable, lost.
    """

    def __init__(self, why: str, *, permanent: bool = False, code: str = "lost") -> None:
        super().__init__(why)
        self.permanent = permanent
        self.code = code


class Mailbox(Protocol):
    """An IMAP account, read only: no flag, move or deletion (promise 3). Every method may raise MailboxAway."""

    async def folders(self) -> Sequence[str]:
        """The folders to watch: those configured, else INBOX and the one marked \\Junk."""

    async def fetch_after(self, folder: str, uidvalidity: int | None, uid: int, limit: int = 200) -> Batch:
        """Mails of `folder` with a UID above `uid`, oldest first; all of them if `uidvalidity` is another."""

    async def fetch_since(
        self, folder: str, since: datetime, limit: int = 5000, *, uid: int = 0, known: Container[int] = ()
    ) -> Batch:
        """Mails of the last days by arrival, above `uid` and not in `known`: the daily look for what slipped by.

        Called again with the last UID while `more`.
        """

    async def wait(self, seconds: float) -> None:
        """Returns when the server announces something in the first folder, or after `seconds`."""

    async def find_own(self, tokens: Sequence[str]) -> dict[str, OwnHeader]:
        """For each token that stands in a mail's headers in Sent or in our own mailbox: where."""

    async def server_time(self) -> datetime | None:
        """The server's own time where it tells it, to see a wrong clock here."""

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Delivery:
    """What SMTP said of one recipient. later: refused for now; refused: for good; unsure: nobody knows."""

    recipient: str
    outcome: Literal["delivered", "later", "refused", "unsure"]
    reply: str = ""


class Courier(Protocol):
    """Hands one mail to the SMTP server. Never raises for what SMTP can say; that is in the Deliveries."""

    async def deliver(self, sender: str, recipients: Sequence[str], raw: bytes) -> Sequence[Delivery]: ...


class Dice(Protocol):
    """Where ids and tokens come from."""

    def new_id(self) -> str:
        """A short unique id (matters, entries)."""

    def new_token(self) -> str:
        """An unguessable token of at least 96 bits, lower-case letters and digits."""


@dataclass(slots=True)
class Wake:
    """Which loops were called while they sleep; the service turns these into events.

    `busy`: loops amid work in numbers, which has precedence: nothing is read while a full mailbox is being kept.
    """

    called: set[str] = field(default_factory=set)
    busy: set[str] = field(default_factory=set)

    def call(self, loop: str) -> None:
        self.called.add(loop)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the loops need of the machine's settings, as plain values (config.py reads them)."""

    rehearsal_address: str = ""  # not empty: a rehearsal, for life (promise 10)
    per_hour: int = 300
    per_address_per_day: int = 20
    poll_seconds: float = 60.0
    web_address: str = ""  # where the admin view is reached, for links in mails to the Section
    notice_secret: bytes = b""  # signs the QR code of a notice
    template_folder: str = ""  # the school's own mail templates, tried before ours; empty: none


@dataclass(slots=True)
class World:
    """Everything that is not a rule."""

    clock: Clock
    store: Store
    mailbox: Mailbox
    courier: Courier
    dice: Dice
    outlook: Outlook
    wake: Wake = field(default_factory=Wake)
