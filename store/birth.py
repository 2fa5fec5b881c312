"""What this store is, for life: born when, in earnest or as a rehearsal (promise 10), or as a demo's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from store.tables import birth as table
from store.transaction import Tx
from store.trouble import StoreError


@dataclass(frozen=True, slots=True)
class Birth:
    """`rehearsal_address` not empty: every mail goes there and nowhere else."""

    born_at: datetime
    rehearsal_address: str = ""
    demo: bool = False

    @property
    def rehearsal(self) -> bool:
        return bool(self.rehearsal_address) or self.demo


def bear(tx: Tx, now: datetime, rehearsal_address: str = "", demo: bool = False) -> None:
    """Once in a store's life. Raises StoreError `not_empty` the second time."""
    if found(tx) is not None:
        raise StoreError("not_empty")
    row = {"id": 1, "born_at": now, "rehearsal_address": rehearsal_address, "demo": demo}
    tx.conn.execute(insert(table).values(**row))


def found(tx: Tx) -> Birth | None:
    """None where the tables are there and nobody gave them a birth."""
    row = tx.conn.execute(select(table.c.born_at, table.c.rehearsal_address, table.c.demo)).one_or_none()
    return Birth(row.born_at, row.rehearsal_address, row.demo) if row is not None else None


def read(tx: Tx) -> Birth:
    """Raises StoreError `not_migrated` for a store that was never born: what it may send to is not known."""
    born = found(tx)
    if born is None:
        raise StoreError("not_migrated")
    return born
