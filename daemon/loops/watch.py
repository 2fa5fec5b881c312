"""The watch loop: reads the mailbox, keeps every mail's bytes, moves our cursor; it understands nothing.

Promises 1 to 3: the bytes are synced and committed with the cursor before anything parses them, the same mail seen
again changes nothing, the mailbox stays as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from daemon import maillog
from daemon.loops import alarms
from daemon.world import Batch, Fetched, MailboxAway, World
from store import letters, marks
from store.letters import Cursor
from store.transaction import Tx

#: Mails fetched and kept in one commit while they wait in numbers.
GROUP = 200
SWEEP_EVERY = timedelta(days=1)
SWEEP_BACK = timedelta(days=30)
#: A refused login again and again locks the account: more than 15 minutes between two tries.
AFTER_REFUSED_LOGIN = timedelta(minutes=16)
#: The mark that names the folders watched.
FOLDERS = "folders"
#: The mark that says that our clock is hours off the mail server's, and by how many seconds.
CLOCK_OFF = "clock_off"
MOST_OFF = timedelta(hours=2)
#: A line that is back within this is no news for a mail.
PATIENCE = timedelta(minutes=3)
LONGEST_PAUSE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class End:
    """Where a folder's cursor goes; `read_at` None: there is more behind it."""

    folder: str
    uidvalidity: int
    uid: int
    read_at: datetime | None


class Watch:
    """Remembers only how often the mailbox was away, to come back later and later, and when."""

    def __init__(self) -> None:
        self.failures = 0
        self._rest_until: datetime | None = None

    async def step(self, world: World) -> datetime:
        """Reads every folder to its end; says when to look again at the latest."""
        began = world.clock.now()
        if self._resting(began):
            return self._rest_until or began
        try:
            folders = await world.mailbox.folders()
            cursors = await world.store.read(letters.cursors_of, folders)
            ends: list[End] = []
            missing: list[str] = []
            for folder in folders:
                try:
                    ends += await self._read_to_end(world, folder, cursors.get(folder))
                    await self._sweep(world, folder, cursors.get(folder))
                except MailboxAway as away:
                    if away.code != "no_folder":
                        raise
                    missing.append(folder)  # a folder that somebody deleted takes no other along
            off = await self._clock_off(world)
        except MailboxAway as away:
            return await self._away(world, away)
        if self.failures:
            world.wake.call("schedule")
            world.wake.call("send")
        self.failures, self._rest_until = 0, None
        await world.store.write(_back, ends, [one for one in folders if one not in missing], missing, off, began)
        now = world.clock.now()
        maillog.MAILBOX_READ.set(now.timestamp())
        return now + timedelta(seconds=world.outlook.poll_seconds)

    async def _read_to_end(self, world: World, folder: str, cursor: Cursor | None) -> list[End]:
        """Keeps what is new; returns the folder's end where nothing was, so that all ends share one commit."""
        try:
            return await self._read_on(world, folder, cursor)
        finally:
            world.wake.busy.discard("watch")

    async def _read_on(self, world: World, folder: str, cursor: Cursor | None) -> list[End]:
        while True:
            began = world.clock.now()
            batch = await world.mailbox.fetch_after(
                folder, cursor.uidvalidity if cursor else None, cursor.uid if cursor else 0, GROUP
            )
            end = _end_of(folder, batch, cursor, began)
            if not batch.fetched and not batch.more:
                return [end]
            fresh = await world.store.write(_keep, _as_of(world, batch), end, began)
            if fresh:
                maillog.kept(folder, len(batch.fetched), fresh)
                world.wake.call("read")
            if not batch.more:
                return []
            world.wake.busy.add("watch")
            cursor = Cursor(folder, end.uidvalidity, end.uid, None, None)

    async def _sweep(self, world: World, folder: str, cursor: Cursor | None) -> None:
        """Once a day the last 30 days are looked through again, by position, for what slipped by the cursor."""
        now = world.clock.now()
        if cursor is None or (cursor.swept_at is not None and now - cursor.swept_at < SWEEP_EVERY):
            return
        known = await world.store.read(letters.seen_uids, folder, cursor.uidvalidity)
        uid = 0
        while True:
            batch = await world.mailbox.fetch_since(folder, _server_now(world) - SWEEP_BACK, uid=uid, known=known)
            fresh = await world.store.write(_sweep_kept, folder, _as_of(world, batch), now)
            if fresh:
                maillog.kept(folder, len(batch.fetched), fresh)
                world.wake.call("read")
            if not batch.more:
                return
            uid = _last_uid(batch)

    async def _clock_off(self, world: World) -> timedelta:
        """How far our clock is from the mail server's; a made-up clock has nothing to compare."""
        server = await world.mailbox.server_time() if world.clock.real else None
        return timedelta() if server is None else world.clock.now() - server

    async def _away(self, world: World, away: MailboxAway) -> datetime:
        self.failures += 1
        now = world.clock.now()
        await world.store.write(alarms.ring, "mailbox", away.code, now, wake=world.wake, patience=PATIENCE)
        pause = min(LONGEST_PAUSE, timedelta(seconds=5) * 2.0 ** min(self.failures, 10))
        self._rest_until = now + (AFTER_REFUSED_LOGIN if away.permanent else pause)
        return self._rest_until

    def _resting(self, now: datetime) -> bool:
        """Whoever calls meanwhile (a reminder that waits) does not hurry us: tries in a row lock the account."""
        until = self._rest_until
        return until is not None and until - AFTER_REFUSED_LOGIN <= now < until


def _as_of(world: World, batch: Batch) -> Batch:
    """On a made-up clock a mail arrives when the clock says at its fetch."""
    if world.clock.real:
        return batch
    now = world.clock.now()
    return replace(batch, fetched=tuple(Fetched(one.uid, now, one.raw) for one in batch.fetched))


def _server_now(world: World) -> datetime:
    """A made-up clock says nothing about the server's stamps: then every mail is looked at."""
    return world.clock.now() if world.clock.real else datetime(1990, 1, 1, tzinfo=UTC)


def _last_uid(batch: Batch) -> int:
    return max([one.uid for one in batch.fetched] + list(batch.vanished), default=0)


def _end_of(folder: str, batch: Batch, cursor: Cursor | None, began: datetime) -> End:
    """Where the cursor stands after a batch; lower than before where the mailbox was restored or numbered anew."""
    same = cursor is not None and cursor.uidvalidity == batch.uidvalidity and not batch.started_over
    before = cursor.uid if cursor is not None and same else 0
    uid = _last_uid(batch) or min(before, batch.uidnext - 1)
    return End(folder, batch.uidvalidity, uid, None if batch.more else began)


def _keep(tx: Tx, batch: Batch, end: End, began: datetime) -> list[int]:
    """One commit: blobs, rows, cursor. "Read to its end" counts from before the fetch, not from after."""
    fresh = letters.keep(tx, end.folder, batch.uidvalidity, batch.fetched, began)
    letters.move_cursor(tx, end.folder, end.uidvalidity, end.uid, end.read_at)
    return fresh


def _sweep_kept(tx: Tx, folder: str, batch: Batch, now: datetime) -> list[int]:
    fresh = letters.keep(tx, folder, batch.uidvalidity, batch.fetched, now)
    letters.swept(tx, folder, now)
    return fresh


def _back(
    tx: Tx, ends: Sequence[End], folders: Sequence[str], missing: Sequence[str], off: timedelta, now: datetime
) -> None:
    """The mailbox answers: the alarm ends; which folders must have been read before a reminder leaves."""
    for end in ends:
        letters.move_cursor(tx, end.folder, end.uidvalidity, end.uid, end.read_at)
    alarms.end(tx, "mailbox")
    if missing:
        alarms.ring(tx, "folder", "、".join(missing), now)
    else:
        alarms.end(tx, "folder")
    if abs(off) > MOST_OFF:
        marks.set(tx, CLOCK_OFF, str(int(off.total_seconds())), now)
    else:
        marks.clear(tx, CLOCK_OFF)
    marks.set(tx, FOLDERS, "\n".join(folders), now)
