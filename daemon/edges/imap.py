"""The mailbox: new mail by IDLE, exact bytes by BODY.PEEK[], nothing changed; one thread and one line an account."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Container, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from daemon.edges import fetch, folders
from daemon.edges.clock import RealClock
from daemon.edges.line import BROKEN, ImapAccount, Line, Opened
from daemon.world import Batch, Fetched, MailboxAway, OwnHeader

__all__ = ["ImapAccount", "ImapMailbox"]

T = TypeVar("T")

#: Bytes of one batch, unless a single mail has more: memory stays bounded with mails of 30 MB.
BATCH_BYTES = 16 << 20
_TEXT = "(UID INTERNALDATE RFC822.SIZE BODY.PEEK[])"
#: Mails announced while we listened, until the distance of the server's clock to ours is believed in both directions.
_CLOCK_PROOFS = 3


@dataclass(slots=True)
class _Listing:
    """UIDs and sizes of a folder that were listed and not fetched yet: a long backlog is listed once, not each time."""

    folder: str
    opened: Opened
    todo: list[tuple[int, int]]
    last: int


class ImapMailbox:
    """An IMAP account as world.Mailbox. Any failure drops the line and raises MailboxAway; the next call starts anew.

    The cursor's owner sets it, after each batch, to the last UID in it, also where that is lower than before, and
    after an empty one to uidnext - 1 if uidnext is behind it (the mailbox was restored): see Batch.started_over.
    """

    def __init__(self, account: ImapAccount, now: Callable[[], datetime] | None = None) -> None:
        self._account = account
        self._now = now or RealClock().now
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="imap")
        self._line: Line | None = None
        self._guard = threading.Lock()
        self._closed = False
        self._listing: _Listing | None = None
        self._seen: dict[str, Opened] = {}
        self._watched: Sequence[str] = ()
        self._woken = False
        self._clock_ahead: timedelta | None = None
        self._clock_proofs = 0
        self._refused: tuple[float, MailboxAway] | None = None

    # -- world.Mailbox ------------------------------------------------------------------------------------------

    async def folders(self) -> Sequence[str]:
        """Those of the account, else INBOX and what is marked \\Junk or named like it."""
        return await self._call(self._folders)

    async def capabilities(self) -> frozenset[str]:
        """What the server says after the login that it can do, such as IDLE: for `duban check`."""
        return await self._call(lambda line: line.capabilities)

    async def other_folders(self) -> Sequence[tuple[str, int]]:
        """Folders that hold mail and are not watched, with their number of mails: for `duban check`. Not Sent."""
        return await self._call(lambda line: folders.others(line, self._folders(line)))

    async def fetch_after(self, folder: str, uidvalidity: int | None, uid: int, limit: int = 200) -> Batch:
        """Mails of `folder` above `uid`, oldest first, at most `limit` of them and 16 MB (one mail may be larger).

        All from the first, with `started_over`, if UIDVALIDITY is another or UIDNEXT is not above `uid`.
        """
        return await self._call(lambda line: self._fetch_after(line, folder, uidvalidity, uid, limit))

    async def fetch_since(
        self, folder: str, since: datetime, limit: int = 5000, *, uid: int = 0, known: Container[int] = ()
    ) -> Batch:
        """Mails that arrived since `since` with a UID above `uid` and not in `known`, in batches as above.

        By INTERNALDATE of every mail, not by SEARCH, which some providers answer wrongly.
        """
        return await self._call(lambda line: self._fetch_since(line, folder, since, limit, uid, known))

    async def wait(self, seconds: float) -> None:
        """Returns when the server announces something in the first folder, after `seconds` or after 5 minutes.

        Cancelling it ends the IDLE and keeps the line. Without IDLE it returns after `poll_seconds`. Where there is no
        line it only waits: connecting is for the fetch that follows, at the pace of whoever backs off.
        """
        seconds = max(0.0, min(seconds, self._account.idle_seconds, 300.0))
        if self._line is None and not self._closed:
            await asyncio.sleep(seconds)
            return
        idled = False
        try:
            idled = await self._call(lambda line: self._idle(line, seconds))
        except asyncio.CancelledError:
            with self._guard:
                if self._line is not None:
                    self._line.interrupt()
            raise
        if not idled:
            await asyncio.sleep(min(seconds, self._account.poll_seconds))

    async def find_own(self, tokens: Sequence[str]) -> dict[str, OwnHeader]:
        """For each token in a header of the newest mails of Sent and the watched folders: where. No SEARCH: it lies."""
        return await self._call(lambda line: folders.find_own(line, self._folders(line), tokens))

    async def server_time(self) -> datetime | None:
        """The server's time as far as its stamps (INTERNALDATE) prove it, else None.

        IMAP tells no time. A mail's stamp is never later than the server's now, so one stamp ahead of our clock proves
        that ours is behind. That ours is ahead is believed after three mails that were stamped while we listened, of
        which the latest stamp counts: a colleague may have moved an old mail in.
        """
        ahead = self._clock_ahead
        if ahead is None or (ahead <= timedelta(seconds=60) and self._clock_proofs < _CLOCK_PROOFS):
            return None
        return self._now() + ahead

    async def close(self) -> None:
        """Cuts the line, under a running call too, and ends the thread."""
        self._closed = True
        with self._guard:
            if self._line is not None:
                self._line.cut()
        await asyncio.to_thread(self._thread.shutdown, wait=True, cancel_futures=True)
        self._drop()

    # -- the one thread -----------------------------------------------------------------------------------------

    async def _call(self, work: Callable[[Line], T]) -> T:
        if self._closed:
            raise MailboxAway("the mailbox was closed")
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._guarded, work)

    def _guarded(self, work: Callable[[Line], T]) -> T:
        try:
            return work(self._connected())
        except MailboxAway:
            self._drop()
            raise
        except TimeoutError as e:
            self._drop()
            raise MailboxAway("the server fell silent", code="timeout") from e
        except BROKEN as e:
            self._drop()
            raise MailboxAway(f"the line broke: {e}") from e
        except BaseException:
            self._drop()
            raise

    def _connected(self) -> Line:
        if self._line is None:
            self._knock_on_no_closed_door()
            line = Line(self._account)
            with self._guard:
                self._line = line  # from here close() can cut it, in the middle of the login too
            if self._closed:
                raise MailboxAway("the mailbox was closed")
            try:
                line.begin()
            except MailboxAway as away:
                if away.permanent:
                    self._refused = (time.monotonic() + self._account.refused_pause, away)
                raise
        return self._line

    def _knock_on_no_closed_door(self) -> None:
        if self._refused is not None:
            until, away = self._refused
            if time.monotonic() < until:
                raise MailboxAway(f"{away} (not tried again yet)", permanent=True, code=away.code)
            self._refused = None

    def _drop(self) -> None:
        with self._guard:
            line, self._line = self._line, None
        self._listing, self._woken = None, False
        self._seen.clear()
        if line is not None:
            line.drop()

    # -- folders ------------------------------------------------------------------------------------------------

    def _folders(self, line: Line) -> Sequence[str]:
        self._watched = self._account.folders or folders.watched(line)
        return self._watched

    # -- fetching -----------------------------------------------------------------------------------------------

    def _fetch_after(self, line: Line, folder: str, uidvalidity: int | None, uid: int, limit: int) -> Batch:
        listing, over = self._listed(line, folder, uidvalidity, uid)
        batch = self._take(line, listing, limit)
        return Batch(
            uidvalidity=listing.opened.uidvalidity,
            uidnext=max(listing.opened.uidnext, listing.last + 1),
            fetched=batch[0],
            vanished=batch[1],
            more=bool(listing.todo),
            started_over=over,
        )

    def _listed(self, line: Line, folder: str, uidvalidity: int | None, uid: int) -> tuple[_Listing, bool]:
        kept = self._listing
        if kept and kept.todo and (kept.folder, kept.opened.uidvalidity, kept.last) == (folder, uidvalidity, uid):
            return kept, False
        opened = line.open(folder)
        self._seen[folder] = opened
        another = uidvalidity is not None and opened.uidvalidity != uidvalidity
        restored = uidvalidity is not None and 0 < opened.uidnext <= uid
        begin = 0 if uidvalidity is None or another or restored else uid
        todo: list[tuple[int, int]] = []
        if opened.exists and not 0 < opened.uidnext <= begin + 1:
            # `n:*` always holds the last mail, new or not.
            found = line.uid_fetch(f"{begin + 1}:*", "(UID RFC822.SIZE)")
            todo = sorted({item.uid: item.size for item in found if item.uid > begin}.items())
        self._listing = _Listing(folder, opened, todo, begin)
        return self._listing, another or restored

    def _take(self, line: Line, listing: _Listing, limit: int) -> tuple[tuple[Fetched, ...], tuple[int, ...]]:
        """The next mails of a listing, and the UIDs of those that had no data."""
        if line.folder != listing.folder:
            line.open(listing.folder)
        count, size = 0, 0
        for _, bytes_ in listing.todo[:limit]:
            if count and size + max(bytes_, 0) > BATCH_BYTES:
                break
            count, size = count + 1, size + max(bytes_, 0)
        batch, listing.todo = listing.todo[:count], listing.todo[count:]
        if not batch:
            return (), ()
        listing.last = batch[-1][0]
        wanted = [uid for uid, _ in batch]
        found = self._texts(line, wanted)
        fetched = tuple(found[uid] for uid in wanted if uid in found)
        return fetched, tuple(uid for uid in wanted if uid not in found)

    def _texts(self, line: Line, wanted: Sequence[int]) -> dict[int, Fetched]:
        """The mails' bytes. Those without data, or with other than the size told, are asked for once more, singly."""
        ask = set(wanted)
        found = {i.uid: i for i in line.uid_fetch(_uid_set(wanted), _TEXT) if i.uid in ask and i.body is not None}
        for uid in wanted:
            item = found.get(uid)
            if item is not None and item.body is not None and item.size in (-1, len(item.body)):
                continue
            again = [i for i in line.uid_fetch(str(uid), _TEXT) if i.uid == uid and i.body is not None]
            if again:
                # A server that counts wrongly twice is believed by the literal, whose length imaplib has read in full.
                found[uid] = again[-1]
        now = self._now()
        self._compare_clocks(found.values(), now)
        return {uid: Fetched(uid, i.internal_date or now, i.body) for uid, i in found.items() if i.body is not None}

    def _fetch_since(
        self, line: Line, folder: str, since: datetime, limit: int, uid: int, known: Container[int]
    ) -> Batch:
        opened = line.open(folder)
        self._seen[folder], self._listing = opened, None
        todo: list[tuple[int, int]] = []
        if opened.exists:
            found = line.uid_fetch(f"{uid + 1}:*", "(UID INTERNALDATE RFC822.SIZE)")
            todo = sorted(
                {
                    i.uid: i.size
                    for i in found
                    if i.uid > uid and i.uid not in known and (i.internal_date is None or i.internal_date >= since)
                }.items()
            )
        listing = _Listing(folder, opened, todo, uid)
        fetched, vanished = self._take(line, listing, limit)
        return Batch(
            opened.uidvalidity, max(opened.uidnext, listing.last + 1), fetched, vanished, more=bool(listing.todo)
        )

    # -- waiting, clocks, our own mails ---------------------------------------------------------------------------

    def _idle(self, line: Line, seconds: float) -> bool:
        """Whether the waiting was done here; a server without IDLE is looked at again by the caller's clock."""
        folder = (self._watched or self._folders(line))[0]
        before = self._seen.get(folder)
        if before is None or (line.folder == folder and line.announced()):
            return True  # never listed, or spoken of amid another answer: look at once
        if line.folder != folder:
            now = line.open(folder)
            if now != before:
                return True
        if "IDLE" not in line.capabilities:
            return False
        began = time.monotonic()
        line.idle(seconds)
        self._woken = time.monotonic() - began < seconds
        return True

    def _compare_clocks(self, found: Iterable[fetch.Item], now: datetime) -> None:
        stamps = [i.internal_date for i in found if i.internal_date is not None]
        if not stamps:
            return
        ahead = max(stamps) - now
        if self._woken:
            self._clock_proofs += 1
            self._woken = False
        self._clock_ahead = ahead if self._clock_ahead is None else max(self._clock_ahead, ahead)


def _uid_set(uids: Sequence[int]) -> str:
    """`3:5,9`. Gaps are named, so that a mail that is in `known` is not fetched with its neighbours."""
    runs: list[list[int]] = []
    for uid in uids:
        if runs and runs[-1][1] == uid - 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(str(a) if a == b else f"{a}:{b}" for a, b in runs)
