"""The address book as it stands: units, leaders, and the addresses that a bounce marked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from daemon.procedure.shapes import Leader, Unit
from store import codec
from store.columns import plain
from store.tables import bad_addresses
from store.tables import leaders as leaders_table
from store.tables import units as units_table
from store.transaction import Tx


@dataclass(frozen=True, slots=True)
class BadAddress:
    """An address that does not work: since when, and the mail server's words."""

    address: str
    since: datetime
    why: str


def units(tx: Tx) -> dict[str, Unit]:
    """All units by code, in the order of their codes."""
    rows = tx.conn.execute(select(units_table.c.body).order_by(units_table.c.code)).scalars()
    return {unit.code: unit for unit in (codec.load(Unit, body) for body in rows)}


def leaders(tx: Tx) -> dict[str, Leader]:
    """All leaders by code, in the order of their codes."""
    rows = tx.conn.execute(select(leaders_table.c.body).order_by(leaders_table.c.code)).scalars()
    return {leader.code: leader for leader in (codec.load(Leader, body) for body in rows)}


def put_unit(tx: Tx, unit: Unit) -> None:
    """For projections.py alone: the school's chain is what counts."""
    values = {"name": plain(unit.name, 100), "body": codec.dump(unit)}
    statement = tx.insert(units_table).values(code=unit.code, **values)
    tx.conn.execute(statement.on_conflict_do_update(index_elements=["code"], set_=values))


def put_leader(tx: Tx, leader: Leader) -> None:
    """For projections.py alone: the school's chain is what counts."""
    values = {"name": plain(leader.name, 100), "body": codec.dump(leader)}
    statement = tx.insert(leaders_table).values(code=leader.code, **values)
    tx.conn.execute(statement.on_conflict_do_update(index_elements=["code"], set_=values))


def forget_all(tx: Tx) -> None:
    """For projections.rebuild alone."""
    tx.conn.execute(delete(units_table))
    tx.conn.execute(delete(leaders_table))


def mark_bad(tx: Tx, address: str, why: str, now: datetime) -> None:
    """Marks an address; the first moment stays, the last words count."""
    words = plain(why, 2000)
    statement = tx.insert(bad_addresses).values(address=_key(address), since=now, why=words)
    tx.conn.execute(statement.on_conflict_do_update(index_elements=["address"], set_={"why": words}))


def clear_bad(tx: Tx, address: str) -> None:
    tx.conn.execute(delete(bad_addresses).where(bad_addresses.c.address == _key(address)))


def bad(tx: Tx) -> dict[str, BadAddress]:
    """Marked addresses, in lower case."""
    rows = tx.conn.execute(select(bad_addresses).order_by(bad_addresses.c.address))
    return {row.address: BadAddress(row.address, row.since, row.why) for row in rows}


def _key(address: str) -> str:
    return plain(address.strip().lower(), 320)
