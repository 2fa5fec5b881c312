"""Who logs in: passwords by argon2, failures counted, sessions by the hash of their token (等保2.0 二级)."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, or_, select, update

from store.columns import plain
from store.tables import accounts as table
from store.tables import sessions

if TYPE_CHECKING:
    from store.transaction import Store, Tx

Role = Literal["officer", "director", "leader", "auditor", "admin"]

MAX_FAILURES = 5
LOCKED_FOR = timedelta(minutes=30)
IDLE_FOR = timedelta(minutes=20)
WHOLE_FOR = timedelta(hours=12)
MIN_LENGTH = 10
MIN_CLASSES = 3

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
    password_set_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether name and password fit an open account; `locked_until` where it is locked, whatever the password."""

    right: bool
    locked_until: datetime | None = None


def hash_password(password: str) -> str:
    """Costs some tenths of a second: outside of transactions where others write."""
    return _hasher.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Costs the same whether the account exists (`stored`) or not; outside of transactions."""
    try:
        return _hasher.verify(stored if stored is not None else _nobody(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def weakness(password: str, name: str) -> str:
    """What is wrong with a new password, in Chinese; '' where it will do."""
    if len(password) < MIN_LENGTH:
        return f"新密码至少{MIN_LENGTH}个字符。"
    classes = (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())
    if sum(any(is_of(c) for c in password) for is_of in classes) < MIN_CLASSES:
        return "新密码要包含大写字母、小写字母、数字、符号中的至少三类。"
    if name and name.lower() in password.lower():
        return "新密码不能包含账号名。"
    return ""


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher.hash("nobody's password")


# ---------------------------------------------------------------------------------------------------------------
# Accounts


def make(tx: Tx, name: str, password: str, *, shown: str, role: Role, now: datetime, address: str = "") -> bool:
    """Makes an account; False where the name is taken."""
    account = Account(
        name=plain(name, 60),
        shown=plain(shown, 60),
        role=role,
        address=plain(address, 320),
        made_at=now,
        closed_at=None,
        failures=0,
        locked_until=None,
        password=hash_password(password),
        password_set_at=now,
    )
    return take_over(tx, account)


def take_over(tx: Tx, account: Account) -> bool:
    """Writes an account of another store as it is, without its failures; False where the name is taken."""
    values = asdict(account) | {"failures": 0, "locked_until": None}
    return tx.insert_new(table, **values)


def find(tx: Tx, name: str) -> Account | None:
    row = tx.conn.execute(select(table).where(table.c.name == name)).one_or_none()
    return Account(**row._mapping) if row is not None else None


def listing(tx: Tx) -> list[Account]:
    """All accounts, closed ones too, by name."""
    return [Account(**row._mapping) for row in tx.conn.execute(select(table).order_by(table.c.name))]


def change(tx: Tx, name: str, *, shown: str, role: Role, address: str) -> bool:
    values = {"shown": plain(shown, 60), "role": role, "address": plain(address, 320)}
    return tx.conn.execute(update(table).where(table.c.name == name).values(values)).rowcount == 1


def close(tx: Tx, name: str, now: datetime) -> bool:
    """Closes an account and ends its sessions; its name stays taken."""
    tx.conn.execute(delete(sessions).where(sessions.c.account == name))
    query = update(table).where(table.c.name == name, table.c.closed_at.is_(None))
    return tx.conn.execute(query.values(closed_at=now)).rowcount == 1


async def set_password(store: Store, name: str, password: str, now: datetime, *, keep: str = "") -> bool:
    """Sets a password, ends the lock and all sessions but the one with the token hash `keep`."""
    hashed = await asyncio.to_thread(hash_password, password)
    return await store.write(put_password, name, hashed, now, keep)


def put_password(tx: Tx, name: str, hashed: str, now: datetime, keep: str = "") -> bool:
    """The writing half of `set_password`."""
    values = {"password": hashed, "password_set_at": now, "failures": 0, "locked_until": None}
    tx.conn.execute(delete(sessions).where(sessions.c.account == name, sessions.c.token_hash != keep))
    return tx.conn.execute(update(table).where(table.c.name == name).values(values)).rowcount == 1


# ---------------------------------------------------------------------------------------------------------------
# Logging in


async def try_password(store: Store, name: str, password: str, now: datetime) -> Verdict:
    """Checks a password and counts the failure; an unknown name costs as much time as a wrong password."""
    account = await store.read(find, name)
    fits = await asyncio.to_thread(verify_password, account.password if account is not None else None, password)
    return await store.write(note_attempt, name, fits, now)


def note_attempt(tx: Tx, name: str, fits: bool, now: datetime) -> Verdict:
    """The writing half of `try_password`: a locked account refuses the right password too."""
    query = select(table).where(table.c.name == name)
    row = tx.conn.execute(query if tx.dialect == "sqlite" else query.with_for_update()).one_or_none()
    if row is None:
        return Verdict(False)
    account = Account(**row._mapping)
    if account.locked_until is not None and account.locked_until > now:
        return Verdict(False, account.locked_until)
    until: datetime | None = None
    failures = 0
    if not fits:
        failures = account.failures + 1
        if failures >= MAX_FAILURES:
            failures, until = 0, now + LOCKED_FOR
    if (failures, until) != (account.failures, account.locked_until):
        values = {"failures": failures, "locked_until": until}
        tx.conn.execute(update(table).where(table.c.name == name).values(values))
    return Verdict(fits and account.closed_at is None, until)


def begin_session(tx: Tx, name: str, token_hash: str, now: datetime) -> None:
    """Opens a session; the token itself is known to the browser alone."""
    tx.conn.execute(tx.insert(sessions).values(token_hash=token_hash, account=name, made_at=now, seen_at=now))


def session(
    tx: Tx, token_hash: str, now: datetime, idle: timedelta = IDLE_FOR, whole: timedelta = WHOLE_FOR
) -> tuple[Account, datetime] | None:
    """Whose session it is and when it was last seen; None where it was idle, lasted too long, or was ended."""
    row = tx.conn.execute(
        select(table, sessions.c.seen_at)
        .join(sessions, sessions.c.account == table.c.name)
        .where(
            sessions.c.token_hash == token_hash,
            sessions.c.seen_at > now - idle,
            sessions.c.made_at > now - whole,
            table.c.closed_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    values = dict(row._mapping)
    seen_at = values.pop("seen_at")
    return Account(**values), seen_at


def touch(tx: Tx, token_hash: str, now: datetime) -> None:
    """Somebody is at work: the session lives on. Wakes nobody."""
    with tx.quietly():
        tx.conn.execute(update(sessions).where(sessions.c.token_hash == token_hash).values(seen_at=now))


def end_session(tx: Tx, token_hash: str) -> None:
    with tx.quietly():
        tx.conn.execute(delete(sessions).where(sessions.c.token_hash == token_hash))


def sweep(tx: Tx, now: datetime, idle: timedelta = IDLE_FOR, whole: timedelta = WHOLE_FOR) -> int:
    """Forgets sessions that have ended by themselves; returns how many."""
    with tx.quietly():
        ended = or_(sessions.c.seen_at <= now - idle, sessions.c.made_at <= now - whole)
        return tx.conn.execute(delete(sessions).where(ended)).rowcount
