"""Made-up edges for tests of the loops: a clock, a mailbox and a courier that do what the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from daemon.edges.clock import JumpingClock
from daemon.edges.fetch import header_fields
from daemon.world import Batch, Delivery, Fetched, MailboxAway, OwnHeader

BATCH_BYTES = 16 << 20


class FakeClock(JumpingClock):
    """A clock that stands until the test sets it: `clock.move_to(moment)`."""

    def __init__(self, start: datetime = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)) -> None:
        super().__init__(start)


@dataclass
class FakeFolder:
    """Mails of a folder by UID, and what a server would say of it."""

    uidvalidity: int = 1000
    uidnext: int = 1
    mails: dict[int, Fetched] = field(default_factory=dict)
    without_data: set[int] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)


class FakeMailbox:
    """world.Mailbox over a dict of folders. `away`: raised by every call while it is set."""

    def __init__(self, clock: JumpingClock | None = None, folders: Sequence[str] = ("INBOX", "Junk", "Sent")) -> None:
        self.boxes = {name: FakeFolder() for name in folders}
        self.away: MailboxAway | None = None
        self.told_time: datetime | None = None
        self.closed = False
        self.calls: list[str] = []
        self._clock = clock
        self._news = asyncio.Event()

    # -- the test's side ------------------------------------------------------------------------------------------

    def put(self, raw: bytes, folder: str = "INBOX", at: datetime | None = None) -> int:
        """Delivers a mail; its UID."""
        box = self.boxes[folder]
        uid = box.uidnext
        box.mails[uid] = Fetched(uid, at or (self._clock.now() if self._clock else datetime.now(UTC)), raw)
        box.uidnext += 1
        self._news.set()
        return uid

    def new_uidvalidity(self, folder: str = "INBOX") -> None:
        """As after a rebuilt index: another UIDVALIDITY, the mails numbered from 1."""
        box = self.boxes[folder]
        mails = [box.mails[uid] for uid in sorted(box.mails)]
        box.mails = {n: Fetched(n, m.internal_date, m.raw) for n, m in enumerate(mails, 1)}
        box.uidvalidity, box.uidnext = box.uidvalidity + 7, len(mails) + 1

    def restore(self, keep: int, folder: str = "INBOX") -> None:
        """As a backup had it: the first `keep` mails, UIDVALIDITY the same, UIDNEXT fallen back."""
        box = self.boxes[folder]
        kept = sorted(box.mails)[:keep]
        box.mails = {uid: box.mails[uid] for uid in kept}
        box.uidnext = (kept[-1] if kept else 0) + 1

    # -- world.Mailbox --------------------------------------------------------------------------------------------

    async def folders(self) -> Sequence[str]:
        self._reach("folders")
        return tuple(name for name in self.boxes if name != "Sent")

    async def other_folders(self) -> Sequence[tuple[str, int]]:
        self._reach("other_folders")
        return []

    async def fetch_after(self, folder: str, uidvalidity: int | None, uid: int, limit: int = 200) -> Batch:
        self._reach("fetch_after")
        box = self._box(folder)
        over = uidvalidity is not None and (box.uidvalidity != uidvalidity or box.uidnext <= uid)
        begin = 0 if uidvalidity is None or over else uid
        return self._batch(box, [n for n in sorted(box.mails) if n > begin], limit, over)

    async def fetch_since(
        self, folder: str, since: datetime, limit: int = 5000, *, uid: int = 0, known: Container[int] = ()
    ) -> Batch:
        self._reach("fetch_since")
        box = self._box(folder)
        late = [n for n in sorted(box.mails) if n > uid and n not in known and box.mails[n].internal_date >= since]
        return self._batch(box, late, limit, False)

    async def wait(self, seconds: float) -> None:
        self._reach("wait")
        if self._news.is_set():
            self._news.clear()
            return
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return
        self._news.clear()
        self._reach("woken")

    async def find_own(self, tokens: Sequence[str]) -> dict[str, OwnHeader]:
        self._reach("find_own")
        found: dict[str, OwnHeader] = {}
        for name, box in self.boxes.items():
            for mail in box.mails.values():
                fields = header_fields(mail.raw.partition(b"\r\n\r\n")[0])
                for token in tokens:
                    if any(token in value for key, value in fields if key in ("x-duban-token", "message-id")):
                        found.setdefault(token, OwnHeader(name, dict(fields).get("message-id", "")))
        return found

    async def server_time(self) -> datetime | None:
        self._reach("server_time")
        return self.told_time

    async def close(self) -> None:
        self.closed = True

    def _reach(self, call: str) -> None:
        self.calls.append(call)
        if self.away is not None:
            raise self.away

    def _box(self, folder: str) -> FakeFolder:
        if folder not in self.boxes:
            raise MailboxAway(f"no folder {folder}", code="no_folder")
        return self.boxes[folder]

    def _batch(self, box: FakeFolder, uids: list[int], limit: int, over: bool) -> Batch:
        taken: list[int] = []
        size = 0
        for uid in uids[:limit]:
            size += len(box.mails[uid].raw)
            if taken and size > BATCH_BYTES:
                break
            taken.append(uid)
        return Batch(
            box.uidvalidity,
            box.uidnext,
            tuple(box.mails[uid] for uid in taken if uid not in box.without_data),
            tuple(uid for uid in taken if uid in box.without_data),
            more=len(taken) < len(uids),
            started_over=over,
        )


@dataclass
class Sent:
    """One call of the courier."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


class FakeCourier:
    """world.Courier that delivers all, or answers as `answer(recipient)` says. `sent`: every call, whatever came."""

    def __init__(self, answer: Callable[[str], Delivery | None] = lambda _: None) -> None:
        self.answer = answer
        self.sent: list[Sent] = []
        self.refused_login = ""

    async def deliver(self, sender: str, recipients: Sequence[str], raw: bytes) -> Sequence[Delivery]:
        self.sent.append(Sent(sender, tuple(recipients), raw))
        return [self.answer(r) or Delivery(r, "delivered", "250 2.0.0 Ok") for r in recipients]
