"""One store, its transactions, and all that differs between SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar, cast
from urllib.parse import quote
from uuid import uuid4

from sqlalchemy import URL, Connection, Engine, Select, Table, create_engine, event, func, make_url, select, text
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from store.blobs import Blobs
from store.changes import CHANNEL, Changes, Watcher, listen_postgres, poll_sqlite
from store.hold import Hold, hold_advisory, hold_file, lock_number
from store.trouble import StoreError, clear_errors

__all__ = ["Store", "StoreError", "Tx"]

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound=Select[Any])
Dialect = Literal["sqlite", "postgresql"]

BUSY_MS = 5000
POLL_SECONDS = 1.0
#: How often a write is tried again because another process was faster.
WRITE_AGAIN = 3


def insert_into(dialect: Dialect, table: Table) -> Insert:
    """An INSERT that knows ON CONFLICT, in a dialect; for statements that are made once."""
    if dialect == "sqlite":
        return sqlite_insert(table)
    from sqlalchemy.dialects.postgresql import insert as postgres_insert

    return cast(Insert, postgres_insert(table))


@dataclass(slots=True)
class Tx:
    """An open transaction. `memory` outlives it: what readers may keep by the hash of what it was made from."""

    conn: Connection
    blobs: Blobs
    dialect: Dialect
    writes: bool
    memory: dict[str, Any] = field(repr=False)
    #: Chain → number and hash of the last entry loaded or appended in this transaction (history.py).
    seen: dict[str, tuple[int, str]] = field(default_factory=dict)

    def insert(self, table: Table) -> Insert:
        """An INSERT that knows ON CONFLICT, in this engine's dialect."""
        return insert_into(self.dialect, table)

    def insert_new(self, table: Table, **values: object) -> bool:
        """Inserts a row unless one with its key is there; whether it was new."""
        statement = self.insert(table).values(**values).on_conflict_do_nothing()
        key = next(iter(table.primary_key.columns))
        return self.conn.execute(statement.returning(key)).first() is not None

    def free_rows(self, query: S) -> S:
        """The rows of `query` that no other transaction has locked, locked for this one (SQLite: all are ours)."""
        return query if self.dialect == "sqlite" else query.with_for_update(skip_locked=True)

    def serialize(self, name: str) -> None:
        """Nobody else passes here under the same name until this transaction ends (SQLite: writers are alone)."""
        if self.dialect == "postgresql":
            self.conn.execute(select(func.pg_advisory_xact_lock(lock_number(name))))

    @property
    def wrote(self) -> bool:
        """Whether this transaction has changed a row that others should be told of."""
        return bool(self.conn.info.get("wrote"))

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """What is written inside wakes nobody (heartbeats)."""
        before = self.wrote
        yield
        self.conn.info["wrote"] = before


class Store:
    """A database and the bytes beside it. Made by `open`; `migrate` before the first use."""

    def __init__(self, url: URL, blobs: Blobs, synchronous: str, pool: int) -> None:
        self.url = url
        self.dialect: Dialect = "sqlite" if url.get_backend_name() == "sqlite" else "postgresql"
        self.blobs = blobs
        self.memory: dict[str, Any] = {}
        self._me = uuid4().hex
        self._changes = Changes()
        self._watcher: Watcher | None = None
        self._lock = threading.Lock()
        self._owner: int | None = None
        if self.dialect == "sqlite":
            connect = partial(_sqlite_connect, self.file, synchronous)
            self._writers = create_engine("sqlite://", creator=connect, **_queue(1))
            self._readers = create_engine("sqlite://", creator=partial(connect, read_only=True), **_queue(pool))
            _begin_with(self._writers, "IMMEDIATE")
            _begin_with(self._readers, "DEFERRED")
        else:
            self._writers = create_engine(url, pool_size=pool, max_overflow=pool, pool_pre_ping=True)
            self._readers = self._writers.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        event.listen(self._writers, "after_cursor_execute", _note_writes)
        self._write_threads = ThreadPoolExecutor(1 if self.dialect == "sqlite" else pool, "store-write")
        self._read_threads = ThreadPoolExecutor(pool, "store-read")

    @classmethod
    def open(cls, url: str, blob_folder: Path | None, *, synchronous: str = "FULL", pool: int = 4) -> Store:
        """`sqlite:///file` or `postgresql+psycopg://…`; connects at first use. No `blob_folder`: bytes in the database.

        `synchronous` is SQLite's pragma; anything below FULL breaks promise 1 and is for tests.
        """
        parsed = make_url(url)
        if parsed.get_backend_name() == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        elif parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
            raise StoreError("absent", parsed.render_as_string())
        return cls(parsed, Blobs(blob_folder), synchronous, pool)

    @property
    def file(self) -> Path:
        """SQLite's file."""
        return Path(self.url.database or "")

    @property
    def conninfo(self) -> str:
        """PostgreSQL's connection string, as psycopg takes it."""
        return self.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def migrate(self) -> None:
        """Makes or upgrades the tables. Raises StoreError `newer` for a database of a later program."""
        from store.migrating import upgrade

        if self.dialect == "sqlite":
            with clear_errors():
                os.close(os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        with clear_errors():
            upgrade(self)

    @contextmanager
    def writing(self) -> Iterator[Tx]:
        """A transaction that writes: committed at the end, rolled back by any exception."""
        if self._owner == threading.get_ident():
            raise RuntimeError("a write transaction inside a write transaction")
        with clear_errors(), self._alone(), self._writers.connect() as conn:
            conn.info["wrote"] = False
            with conn.begin():
                tx = Tx(conn, self.blobs, self.dialect, True, self.memory)
                yield tx
                wrote = tx.wrote
                if wrote and self.dialect == "postgresql":
                    conn.execute(text("SELECT pg_notify(:channel, :me)"), {"channel": CHANNEL, "me": self._me})
        if wrote:
            self._changes.tell()

    @contextmanager
    def reading(self) -> Iterator[Tx]:
        """A transaction that sees one moment and cannot write."""
        with clear_errors(), self._readers.connect() as conn, conn.begin():
            conn.info["wrote"] = False
            yield Tx(conn, self.blobs, self.dialect, False, self.memory)

    async def write(self, work: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `work(tx, …)` in a writing transaction on a writer thread (SQLite has one).

        Again, on what is so by then, where another process was faster (MovedOn, a deadlock); so `work` may run twice.
        """

        def run() -> T:
            for _ in range(WRITE_AGAIN):
                try:
                    with self.writing() as tx:
                        return work(tx, *args, **kwargs)
                except StoreError as error:
                    if error.code != "moved":
                        raise
            with self.writing() as tx:
                return work(tx, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._write_threads, run)

    async def read(self, work: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `work(tx, …)` in a reading transaction on a thread."""

        def run() -> T:
            with self.reading() as tx:
                return work(tx, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._read_threads, run)

    async def changed(self, seconds: float) -> bool:
        """True once anything was committed by whatever process since this task asked last; False after `seconds`."""
        if self._watcher is None:
            if self.dialect == "sqlite":
                look = poll_sqlite(self._data_version, self._changes, POLL_SECONDS)
            else:
                look = listen_postgres(self.conninfo, self._me, self._changes)
            self._watcher = Watcher(look)
        return await self._changes.changed(seconds)

    def hold_watch(self, name: str = "daemon") -> Hold | None:
        """The right to be the one daemon of this store; None where another process has it: wait, and say so."""
        if self.dialect == "sqlite":
            return hold_file(self.file.with_name(f"{self.file.name}.{name}.lock"))
        return hold_advisory(self.conninfo, name)

    def close(self) -> None:
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher = None
        self._write_threads.shutdown(wait=True)
        self._read_threads.shutdown(wait=True)
        self._readers.dispose()
        self._writers.dispose()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """On SQLite the writers of this process queue here, in order, in place of SQLite's sleeping lock."""
        if self.dialect != "sqlite":
            yield
            return
        with self._lock:
            self._owner = threading.get_ident()
            try:
                yield
            finally:
                self._owner = None

    def _data_version(self) -> int | None:
        if not self._lock.acquire(blocking=False):
            return None
        try:
            raw = self._writers.raw_connection()
            try:
                cursor = raw.cursor()
                cursor.execute("PRAGMA data_version")
                row = cursor.fetchone()
                cursor.close()
                return int(row[0]) if row else None
            finally:
                raw.close()
        except (sqlite3.Error, StoreError):
            return None  # every other use of the store says what is wrong
        finally:
            self._lock.release()


def _queue(size: int) -> dict[str, Any]:
    from sqlalchemy.pool import QueuePool

    return {"poolclass": QueuePool, "pool_size": size, "max_overflow": 0, "pool_timeout": 30}


def _sqlite_connect(file: Path, synchronous: str, read_only: bool = False) -> sqlite3.Connection:
    """An existing file only: what opens a store must not make an empty one by a wrong path."""
    try:
        conn = sqlite3.connect(
            f"file:{quote(str(file))}?mode=rw",
            uri=True,
            timeout=BUSY_MS / 1000,
            isolation_level=None,
            check_same_thread=False,
        )
        conn.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        conn.execute("PRAGMA journal_mode=WAL")
        conn.execute(f"PRAGMA synchronous={synchronous}")
        conn.execute("PRAGMA foreign_keys=ON")
        conn.execute(f"PRAGMA query_only={int(read_only)}")
    except sqlite3.Error as error:
        with clear_errors():
            raise error
    return conn


def _begin_with(engine: Engine, mode: str) -> None:
    """Without this SQLite loses updates silently: the driver begins late and only before some statements."""

    @event.listens_for(engine, "begin")
    def begin(conn: Connection) -> None:
        conn.exec_driver_sql(f"BEGIN {mode}")


def _note_writes(conn: Connection, cursor: Any, _sql: str, _params: Any, context: Any, _many: bool) -> None:
    if (context.isinsert or context.isupdate or context.isdelete) and cursor.rowcount != 0:
        conn.info["wrote"] = True
