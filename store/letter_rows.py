"""Letters, looked at: rows with their matters and newest reading, and what waits. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, case, func, select

from daemon.reading.shapes import Reading
from store import codec
from store.columns import sign
from store.tables import letter_matters, readings
from store.tables import letters as table
from store.transaction import Tx

State = Literal["kept", "reading", "registered", "waiting", "ignored", "copy", "own", "old"]


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


def first_with(tx: Tx, message_ids: Sequence[str]) -> dict[str, int]:
    """For each Message-ID that any letter has: the first such letter's id. Asked once for many letters."""
    signs = {one: sign(one) for one in message_ids if one}
    query = select(table.c.message_id, func.min(table.c.id).label("first")).group_by(table.c.message_id)
    rows = tx.conn.execute(query.where(table.c.message_id.in_(sorted(set(signs.values())))))
    first = {row.message_id: row.first for row in rows}
    return {one: first[kept] for one, kept in signs.items() if kept in first}


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
