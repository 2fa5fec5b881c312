"""Who logs in: passwords by argon2, failures counted, sessions by the hash of their token."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select, update

from store.columns import plain
from store.tables import accounts as table
from store.tables import sessions

if TYPE_CHECKING:
    from store.transaction import Store, Tx

Role = Literal["officer", "director", "leader", "auditor", "admin"]

MAX_FAILURES = 5
LOCKED_FOR = timedelta(minutes=30)
IDLE_FOR = timedelta(minutes=20)
SEEN_STEP = timedelta(minutes=1)  # a page view within it is not written down again

_hasher = PasswordHasher()


@dataclass(frozen=True, slots=True)
class Account:
    """Who somebody is. `role`: what they see and may do."""

    name: str
    shown: str
    role: Role
    address: str
    made_at: datetime
    closed_at: datetime | None
    failures: int
    locked_until: datetime | None
    password: str  # argon2 hash


@dataclass(frozen=True, slots=True)
class LoginRefused:
    """Why a log-in failed: wrong (name or password), locked (until `until`), closed."""

    reason: Literal["wrong", "locked", "closed"]
    until: datetime | None = None


def hash_password(password: str) -> str:
    """Costs some tenths of a second: outside of transactions."""
    return _hasher.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Costs the same whether the account exists (`stored`) or not: outside of transactions."""
    try:
        return _hasher.verify(stored if stored is not None else _nobody(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher.hash("nobody's password")


def make(tx: Tx, name: str, shown: str, role: Role, password_hash: str, now: datetime, *, address: str = "") -> bool:
    """Makes an account; False where the name is taken."""
    statement = tx.insert(table).values(
        name=plain(name, 60),
        shown=plain(shown, 60),
        role=role,
        address=plain(address, 320),
        password=password_hash,
        made_at=now,
        failures=0,
    )
    return tx.conn.execute(statement.on_conflict_do_nothing()).rowcount == 1


def find(tx: Tx, name: str) -> Account | None:
    row = tx.conn.execute(select(table).where(table.c.name == name)).one_or_none()
    return Account(**row._mapping) if row is not None else None


def listing(tx: Tx) -> list[Account]:
    return [Account(**row._mapping) for row in tx.conn.execute(select(table).order_by(table.c.name))]


def set_password(tx: Tx, name: str, password_hash: str) -> bool:
    """A new password ends all sessions and the lock."""
    values = {"password": password_hash, "failures": 0, "locked_until": None}
    done = tx.conn.execute(update(table).where(table.c.name == name).values(values)).rowcount == 1
    tx.conn.execute(delete(sessions).where(sessions.c.account == name))
    return done


def change(tx: Tx, name: str, *, shown: str, role: Role, address: str) -> bool:
    values = {"shown": plain(shown, 60), "role": role, "address": plain(address, 320)}
    return tx.conn.execute(update(table).where(table.c.name == name).values(values)).rowcount == 1


def close(tx: Tx, name: str, now: datetime) -> bool:
    """Closes an account and ends its sessions; its name stays taken."""
    tx.conn.execute(delete(sessions).where(sessions.c.account == name))
    query = update(table).where(table.c.name == name, table.c.closed_at.is_(None))
    return tx.conn.execute(query.values(closed_at=now)).rowcount == 1


# ---------------------------------------------------------------------------------------------------------------
# Logging in


async def log_in(store: Store, name: str, password: str, token: str, now: datetime) -> Account | LoginRefused:
    """Opens a session under `token`, or says why not. The password is checked outside of any transaction."""
    import asyncio

    account = await store.read(find, name)
    fits = await asyncio.to_thread(verify_password, account.password if account is not None else None, password)
    return await store.write(note_attempt, name, fits, token, now)


def note_attempt(tx: Tx, name: str, fits: bool, token: str, now: datetime) -> Account | LoginRefused:
    """Counts a failure or opens the session; a locked account refuses the right password too."""
    query = select(table).where(table.c.name == name)
    row = tx.conn.execute(query if tx.dialect == "sqlite" else query.with_for_update()).one_or_none()
    if row is None:
        return LoginRefused("wrong")
    account = Account(**row._mapping)
    if account.locked_until is not None and account.locked_until > now:
        return LoginRefused("locked", account.locked_until)
    if not fits:
        failures = account.failures + 1
        until = now + LOCKED_FOR if failures >= MAX_FAILURES else None
        values = {"failures": 0 if until is not None else failures, "locked_until": until}
        tx.conn.execute(update(table).where(table.c.name == name).values(values))
        return LoginRefused("locked", until) if until is not None else LoginRefused("wrong")
    if account.closed_at is not None:
        return LoginRefused("closed")
    tx.conn.execute(update(table).where(table.c.name == name).values(failures=0, locked_until=None))
    tx.conn.execute(tx.insert(sessions).values(token_hash=_hash(token), account=name, made_at=now, seen_at=now))
    return account


def session(tx: Tx, token: str, now: datetime) -> Account | None:
    """Whose session the token is; None where it was idle too long, ended, or the account is closed."""
    row = tx.conn.execute(
        select(table)
        .join(sessions, sessions.c.account == table.c.name)
        .where(sessions.c.token_hash == _hash(token), sessions.c.seen_at > now - IDLE_FOR, table.c.closed_at.is_(None))
    ).one_or_none()
    return Account(**row._mapping) if row is not None else None


def seen(tx: Tx, token: str, now: datetime) -> None:
    """Somebody is at work: the session lives on. Written at most once a minute."""
    with tx.quietly():
        tx.conn.execute(
            update(sessions)
            .where(sessions.c.token_hash == _hash(token), sessions.c.seen_at < now - SEEN_STEP)
            .values(seen_at=now)
        )


def log_out(tx: Tx, token: str) -> None:
    tx.conn.execute(delete(sessions).where(sessions.c.token_hash == _hash(token)))


def sweep(tx: Tx, now: datetime) -> int:
    """Forgets sessions that ended by idleness."""
    with tx.quietly():
        return tx.conn.execute(delete(sessions).where(sessions.c.seen_at <= now - IDLE_FOR)).rowcount


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
