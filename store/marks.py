"""Small facts of the running daemon for other processes: mailbox read, alarms, heartbeat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from store.tables import marks as table
from store.transaction import Tx


@dataclass(frozen=True, slots=True)
class Mark:
    at: datetime
    value: str


def set(tx: Tx, name: str, value: str, now: datetime) -> None:
    """Sets a mark; wakes nobody."""
    with tx.quietly():
        statement = tx.insert(table).values(name=name, value=value, at=now)
        tx.conn.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value, "at": now}))


def get(tx: Tx, name: str) -> Mark | None:
    row = tx.conn.execute(select(table.c.at, table.c.value).where(table.c.name == name)).one_or_none()
    return Mark(row.at, row.value) if row is not None else None


def clear(tx: Tx, name: str) -> None:
    with tx.quietly():
        tx.conn.execute(delete(table).where(table.c.name == name))


def all(tx: Tx, prefix: str = "") -> dict[str, Mark]:
    """The marks whose name begins with `prefix`."""
    rows = tx.conn.execute(select(table).where(table.c.name.startswith(prefix, autoescape=True)).order_by(table.c.name))
    return {row.name: Mark(row.at, row.value) for row in rows}
