"""Letters: kept before they are understood, claimed with a lease, settled once; and our cursor in each folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Protocol

from sqlalchemy import and_, bindparam, case, func, insert, or_, select, update
from sqlalchemy.dialects.sqlite import Insert

from daemon.reading.decode import peek
from daemon.reading.shapes import Reading
from store import blobs, codec
from store.columns import plain, sign
from store.letter_rows import (
    LetterRow,
    State,
    counts,
    earlier_with,
    first_with,
    listing,
    next_moment,
    show,
    unread,
    waiting_matters,
    waiting_units,
)
from store.tables import cursors, letter_matters, positions, readings
from store.tables import letters as table
from store.transaction import Dialect, Tx, insert_into

__all__ = [
    "Claimed",
    "Cursor",
    "Fetched",
    "LetterRow",
    "State",
    "claim",
    "counts",
    "cursor",
    "cursors_of",
    "earlier_with",
    "end_claims",
    "first_with",
    "keep",
    "listing",
    "move_cursor",
    "next_moment",
    "put_off",
    "raw",
    "reopen_old",
    "seen_uids",
    "settle",
    "show",
    "swept",
    "unread",
    "unsettled",
    "waiting_matters",
    "waiting_units",
]

_SETTLE = (
    update(table)
    .where(table.c.id == bindparam("which"))
    .values(
        state=bindparam("new_state"),
        settled_at=bindparam("at"),
        decision=bindparam("decided"),
        why=bindparam("reason"),
        claimed_by=None,
        claimed_until=None,
        not_before=None,
        version=table.c.version + 1,
        registered_at=func.coalesce(bindparam("registered", type_=table.c.registered_at.type), table.c.registered_at),
        copy_of=func.coalesce(bindparam("copied", type_=table.c.copy_of.type), table.c.copy_of),
    )
)
_SETTLE_SEEN = _SETTLE.where(table.c.version == bindparam("expected"))
_SETTLE_UNREAD = _SETTLE.where(table.c.state.in_(("kept", "reading")))
_KEEP_READING = insert(readings).returning(readings.c.id)
_NEWEST_READING = (
    update(table).where(table.c.id == bindparam("which")).values(reading=bindparam("newest"), unit=bindparam("whose"))
)


@cache
def _of_matters(dialect: Dialect) -> Insert:
    return insert_into(dialect, letter_matters).on_conflict_do_nothing()


class Fetched(Protocol):
    """A mail as a mailbox gives it."""

    @property
    def uid(self) -> int: ...
    @property
    def internal_date(self) -> datetime: ...
    @property
    def raw(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a folder was read. `read_at`: when it was last read to its end; `swept_at`: the last 30 days' look."""

    folder: str
    uidvalidity: int
    uid: int
    read_at: datetime | None
    swept_at: datetime | None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter taken to be read. `claims`: how often it was taken and not given back, this time included."""

    id: int
    sha256: str
    arrived_at: datetime
    claims: int


# ---------------------------------------------------------------------------------------------------------------
# Keeping


def keep(tx: Tx, folder: str, uidvalidity: int, items: Sequence[Fetched], now: datetime) -> list[int]:
    """Keeps mails with their positions; returns the ids of those whose bytes are new, in the order of `items`.

    The bytes are on disk before their rows. A position or bytes seen before change nothing.
    """
    if not items:
        return []
    hashes = blobs.keep_many(tx, [item.raw for item in items], now)
    known = _ids(tx, hashes)
    rows: dict[str, dict[str, object]] = {}
    for item, sha256 in zip(items, hashes, strict=True):
        if sha256 not in known and sha256 not in rows:
            rows[sha256] = _new_row(item, sha256, now)
    if rows:
        tx.conn.execute(tx.insert(table).on_conflict_do_nothing(), list(rows.values()))
        known |= _ids(tx, list(rows))
    seen = [
        {"folder": plain(folder, 255), "uidvalidity": uidvalidity, "uid": item.uid, "letter": known[sha256]}
        for item, sha256 in zip(items, hashes, strict=True)
    ]
    tx.conn.execute(tx.insert(positions).on_conflict_do_nothing(), seen)
    return [known[sha256] for sha256 in rows]


def cursor(tx: Tx, folder: str) -> Cursor | None:
    row = tx.conn.execute(select(cursors).where(cursors.c.folder == plain(folder, 255))).one_or_none()
    return Cursor(row.folder, row.uidvalidity, row.uid, row.read_at, row.swept_at) if row is not None else None


def cursors_of(tx: Tx, folders: Sequence[str]) -> dict[str, Cursor]:
    """The cursors of these folders; one never read has none."""
    found = {folder: cursor(tx, folder) for folder in folders}
    return {folder: one for folder, one in found.items() if one is not None}


def move_cursor(tx: Tx, folder: str, uidvalidity: int, uid: int, read_at: datetime | None) -> None:
    """Sets the cursor; `read_at` where the folder was read to its end, None keeps the former moment.

    Wakes nobody by itself: a poll that found nothing is no news.
    """
    values: dict[str, object] = {"uidvalidity": uidvalidity, "uid": uid}
    if read_at is not None:
        values["read_at"] = read_at
    statement = tx.insert(cursors).values(folder=plain(folder, 255), **values)
    with tx.quietly():
        tx.conn.execute(statement.on_conflict_do_update(index_elements=["folder"], set_=values))


def seen_uids(tx: Tx, folder: str, uidvalidity: int) -> set[int]:
    """The positions of the folder at which a mail was kept."""
    query = select(positions.c.uid).where(
        positions.c.folder == plain(folder, 255), positions.c.uidvalidity == uidvalidity
    )
    return set(tx.conn.execute(query).scalars())


def swept(tx: Tx, folder: str, at: datetime) -> None:
    """Notes that the last 30 days of the folder were looked through."""
    with tx.quietly():
        tx.conn.execute(update(cursors).where(cursors.c.folder == plain(folder, 255)).values(swept_at=at))


# ---------------------------------------------------------------------------------------------------------------
# Reading


def claim(tx: Tx, who: str, now: datetime, lease: timedelta, limit: int = 1) -> list[Claimed]:
    """Takes unread letters, oldest first, for `lease`; those of a reader that died are taken again.

    The count of claims is in the same commit, so that a letter that ends the process is known by it.
    """
    free = or_(
        and_(table.c.state == "kept", or_(table.c.not_before.is_(None), table.c.not_before <= now)),
        and_(table.c.state == "reading", table.c.claimed_until < now),
    )
    query = (
        select(table.c.id, table.c.sha256, table.c.arrived_at, table.c.claims)
        .where(free)
        .order_by(table.c.id)
        .limit(limit)
    )
    rows = tx.conn.execute(tx.free_rows(query)).all()
    # A letter that was claimed before may be what ended the process: it is read alone, so that it takes no other along.
    rows = rows[:1] if rows and rows[0].claims else [row for row in rows if not row.claims]
    if rows:
        with tx.quietly():
            tx.conn.execute(
                update(table)
                .where(table.c.id.in_([row.id for row in rows]))
                .values(state="reading", claims=table.c.claims + 1, claimed_by=who, claimed_until=now + lease)
            )
    return [Claimed(row.id, row.sha256, row.arrived_at, row.claims + 1) for row in rows]


def end_claims(tx: Tx, now: datetime) -> None:
    """Claims of a reader that is known to be dead (there is one daemon a store) end at once, not with their lease."""
    tx.conn.execute(update(table).where(table.c.state == "reading").values(claimed_until=now - timedelta(seconds=1)))


def unsettled(tx: Tx, ids: Sequence[int]) -> set[int]:
    """Those of the letters that the rules may still settle; locked for this transaction."""
    query = select(table.c.id).where(table.c.id.in_(ids), table.c.state.in_(("kept", "reading"))).order_by(table.c.id)
    return set(tx.conn.execute(query if tx.dialect == "sqlite" else query.with_for_update()).scalars())


def put_off(tx: Tx, id: int, until: datetime) -> None:
    """Gives a claimed letter back, not to be read before `until`; the claim does not count."""
    tx.conn.execute(
        update(table)
        .where(table.c.id == id, table.c.state == "reading")
        .values(
            state="kept",
            claims=case((table.c.claims > 0, table.c.claims - 1), else_=0),
            claimed_by=None,
            claimed_until=None,
            not_before=until,
        )
    )


def reopen_old(tx: Tx, since: datetime) -> int:
    """Letters settled as older than the first 交办 are to be read again, from `since` on; how many."""
    query = update(table).where(table.c.state == "old", table.c.arrived_at >= since)
    values = {"state": "kept", "claims": 0, "settled_at": None, "decision": None, "version": table.c.version + 1}
    return tx.conn.execute(query.values(values)).rowcount


def raw(tx: Tx, id: int) -> bytes:
    """The letter's exact bytes. Raises KeyError, or StoreError where they are missing or damaged."""
    sha256 = tx.conn.execute(select(table.c.sha256).where(table.c.id == id)).scalar()
    if sha256 is None:
        raise KeyError(id)
    return blobs.read(tx, sha256)


def settle(
    tx: Tx,
    id: int,
    state: State,
    now: datetime,
    *,
    decision: str | None = None,
    reading: Reading | None = None,
    by: str = "rules",
    why: Sequence[str] = (),
    matters: Sequence[str] = (),
    copy_of: int | None = None,
    expect_version: int | None = None,
) -> bool:
    """Settles a letter; False (and nothing done) where somebody was faster: roll back and look again.

    The rules settle only what is still unread; a person only the version seen, if `expect_version` is given.
    """
    values: dict[str, object] = {
        "which": id,
        "new_state": state,
        "at": now,
        "decided": decision,
        "reason": " ".join(why),
        "registered": now if state == "registered" else None,
        "copied": copy_of,
    }
    query = _SETTLE
    if expect_version is not None:
        query, values["expected"] = _SETTLE_SEEN, expect_version
    elif by == "rules":
        query = _SETTLE_UNREAD
    if tx.conn.execute(query, values).rowcount != 1:
        return False
    if reading is not None:
        _keep_reading(tx, id, reading, by, now)
    rows = [{"letter": id, "matter": matter} for matter in dict.fromkeys(matters)]
    if rows:
        tx.conn.execute(_of_matters(tx.dialect), rows)
    return True


# ---------------------------------------------------------------------------------------------------------------


def _ids(tx: Tx, hashes: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for begin in range(0, len(hashes), 500):
        part = hashes[begin : begin + 500]
        rows = tx.conn.execute(select(table.c.sha256, table.c.id).where(table.c.sha256.in_(part)))
        found |= {row.sha256: row.id for row in rows}
    return found


def _new_row(item: Fetched, sha256: str, now: datetime) -> dict[str, object]:
    head = peek(item.raw)
    return {
        "sha256": sha256,
        "message_id": sign(head.message_id),
        "from_address": plain(head.from_address, 320),
        "subject": plain(head.subject, 2000),
        "size": len(item.raw),
        "arrived_at": item.internal_date,
        "kept_at": now,
        "state": "kept",
    }


def _keep_reading(tx: Tx, id: int, reading: Reading, by: str, now: datetime) -> None:
    row = {
        "letter": id,
        "read_at": now,
        "rules": reading.rules,
        "by": plain(by, 100),
        "unit": reading.unit,
        "body": codec.dump(reading),
    }
    key = tx.conn.execute(_KEEP_READING, row).scalar_one()
    tx.conn.execute(_NEWEST_READING, {"which": id, "newest": key, "whose": reading.unit})
