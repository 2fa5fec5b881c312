"""Letters: kept before they are understood, claimed with a lease, settled once; and our cursor in each folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from sqlalchemy import Select, and_, case, func, insert, or_, select, update

from daemon.reading.decode import peek
from daemon.reading.shapes import Reading
from store import blobs, codec
from store.columns import plain, sign
from store.tables import cursors, letter_matters, positions, readings
from store.tables import letters as table
from store.transaction import Tx

State = Literal["kept", "reading", "registered", "waiting", "ignored", "copy", "own", "old"]


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


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter as lists and pages see it, with its newest reading."""

    id: int
    sha256: str
    message_id: str
    copy_of: int | None
    from_address: str
    subject: str
    size: int
    arrived_at: datetime
    kept_at: datetime
    state: State
    claims: int
    not_before: datetime | None
    settled_at: datetime | None
    registered_at: datetime | None
    decision: str | None
    unit: str | None
    why: tuple[str, ...]
    version: int
    matters: tuple[str, ...] = ()
    reading: Reading | None = None
    read_by: str = ""  # rules, or officer:NAME who corrected it


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
    if rows:
        with tx.quietly():
            tx.conn.execute(
                update(table)
                .where(table.c.id.in_([row.id for row in rows]))
                .values(state="reading", claims=table.c.claims + 1, claimed_by=who, claimed_until=now + lease)
            )
    return [Claimed(row.id, row.sha256, row.arrived_at, row.claims + 1) for row in rows]


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
        "state": state,
        "settled_at": now,
        "decision": decision,
        "why": " ".join(why),
        "claimed_by": None,
        "claimed_until": None,
        "not_before": None,
        "version": table.c.version + 1,
    }
    if state == "registered":
        values["registered_at"] = now
    if copy_of is not None:
        values["copy_of"] = copy_of
    query = update(table).where(table.c.id == id)
    if expect_version is not None:
        query = query.where(table.c.version == expect_version)
    elif by == "rules":
        query = query.where(table.c.state.in_(("kept", "reading")))
    if tx.conn.execute(query.values(values)).rowcount != 1:
        return False
    if reading is not None:
        _keep_reading(tx, id, reading, by, now)
    for matter in dict.fromkeys(matters):
        tx.conn.execute(tx.insert(letter_matters).values(letter=id, matter=matter).on_conflict_do_nothing())
    return True


# ---------------------------------------------------------------------------------------------------------------
# Looking


def listing(
    tx: Tx,
    state: str | None = None,
    matter: str | None = None,
    unit: str | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[LetterRow]:
    """Letters by id, oldest first, beginning behind the id `after`."""
    query = _rows().where(table.c.id > after).order_by(table.c.id).limit(limit)
    if state is not None:
        query = query.where(table.c.state == state)
    if unit is not None:
        query = query.where(table.c.unit == unit)
    if matter is not None:
        of_matter = select(letter_matters.c.letter).where(letter_matters.c.matter == matter)
        query = query.where(table.c.id.in_(of_matter))
    return _shown(tx, query)


def show(tx: Tx, id: int) -> LetterRow | None:
    found = _shown(tx, _rows().where(table.c.id == id))
    return found[0] if found else None


def counts(tx: Tx) -> dict[str, int]:
    """How many letters are in each state."""
    rows = tx.conn.execute(select(table.c.state, func.count().label("n")).group_by(table.c.state))
    return {row.state: row.n for row in rows}


def earlier_with(tx: Tx, message_id: str, id: int) -> LetterRow | None:
    """The first letter with the same Message-ID in other bytes that was kept before letter `id`."""
    if not message_id:
        return None
    query = _rows().where(table.c.message_id == sign(message_id), table.c.id < id).order_by(table.c.id).limit(1)
    found = _shown(tx, query)
    return found[0] if found else None


def next_moment(tx: Tx) -> datetime | None:
    """When the next letter may be claimed: a moment that may be past, None where none is unread."""
    due = case(
        (table.c.state == "kept", func.coalesce(table.c.not_before, table.c.kept_at)), else_=table.c.claimed_until
    )
    return tx.conn.execute(
        select(func.min(due, type_=table.c.kept_at.type)).where(table.c.state.in_(("kept", "reading")))
    ).scalar()


def unread(tx: Tx) -> bool:
    """Whether any letter was kept and not yet understood: nobody knows whose answer it is."""
    query = select(table.c.id).where(table.c.state.in_(("kept", "reading"))).limit(1)
    return tx.conn.execute(query).first() is not None


def waiting_matters(tx: Tx) -> frozenset[str]:
    """Matters of which a letter waits for a person."""
    query = select(letter_matters.c.matter).join(table, table.c.id == letter_matters.c.letter)
    return frozenset(tx.conn.execute(query.where(table.c.state == "waiting").distinct()).scalars())


def waiting_units(tx: Tx) -> frozenset[str]:
    """Units of which a letter without a matter waits for a person."""
    query = select(table.c.unit).where(
        table.c.state == "waiting",
        table.c.unit.is_not(None),
        ~select(letter_matters.c.letter).where(letter_matters.c.letter == table.c.id).exists(),
    )
    return frozenset(unit for unit in tx.conn.execute(query.distinct()).scalars() if unit)


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
    key = tx.conn.execute(
        insert(readings)
        .values(
            letter=id,
            read_at=now,
            rules=reading.rules,
            by=plain(by, 100),
            unit=reading.unit,
            body=codec.dump(reading),
        )
        .returning(readings.c.id)
    ).scalar_one()
    tx.conn.execute(update(table).where(table.c.id == id).values(reading=key, unit=reading.unit))


def _rows() -> Select[tuple[object, ...]]:
    return select(table, readings.c.body.label("body"), readings.c.by.label("read_by")).outerjoin(
        readings, readings.c.id == table.c.reading
    )


def _shown(tx: Tx, query: Select[tuple[object, ...]]) -> list[LetterRow]:
    rows = tx.conn.execute(query).all()
    matters: dict[int, list[str]] = {row.id: [] for row in rows}
    for begin in range(0, len(rows), 500):
        ids = [row.id for row in rows[begin : begin + 500]]
        found = tx.conn.execute(
            select(letter_matters).where(letter_matters.c.letter.in_(ids)).order_by(letter_matters.c.matter)
        )
        for pair in found:
            matters[pair.letter].append(pair.matter)
    return [
        LetterRow(
            id=row.id,
            sha256=row.sha256,
            message_id=row.message_id,
            copy_of=row.copy_of,
            from_address=row.from_address,
            subject=row.subject,
            size=row.size,
            arrived_at=row.arrived_at,
            kept_at=row.kept_at,
            state=row.state,
            claims=row.claims,
            not_before=row.not_before,
            settled_at=row.settled_at,
            registered_at=row.registered_at,
            decision=row.decision,
            unit=row.unit,
            why=tuple(row.why.split()),
            version=row.version,
            matters=tuple(matters[row.id]),
            reading=codec.load(Reading, row.body) if row.body is not None else None,
            read_by=row.read_by or "",
        )
        for row in rows
    ]
