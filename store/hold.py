"""One daemon a store: a lock that a living process holds and a dead one loses."""

from __future__ import annotations

import fcntl
import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from store.trouble import clear_errors

if TYPE_CHECKING:
    import psycopg


def lock_number(name: str) -> int:
    """A PostgreSQL advisory lock's number (signed 64 bits) for a name."""
    return int.from_bytes(hashlib.sha256(f"duban:{name}".encode()).digest()[:8], "big", signed=True)


class Hold:
    """A lock that is held until `release`, or until the process or its connection dies."""

    def __init__(self, file: int | None = None, conn: psycopg.Connection[tuple[object, ...]] | None = None) -> None:
        self._file = file
        self._conn = conn

    def still(self) -> bool:
        """Whether it is held; a connection to PostgreSQL may have been cut and the lock be another's by now."""
        if self._conn is None:
            return self._file is not None
        import psycopg

        try:
            self._conn.execute("SELECT 1")
        except psycopg.Error:
            return False
        return True

    def release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._conn is not None:
            self._conn.close()
            self._conn = None

    def __enter__(self) -> Hold:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()


def hold_file(path: Path) -> Hold | None:
    """The lock on a file beside the database, or None where another process has it."""
    with clear_errors():
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return Hold(file=file)


def hold_advisory(conninfo: str, name: str) -> Hold | None:
    """PostgreSQL's session lock on a connection of its own, or None where another session has it."""
    import psycopg

    with clear_errors():
        conn = psycopg.connect(conninfo, autocommit=True, keepalives_idle=30, keepalives_interval=10)
        row = conn.execute("SELECT pg_try_advisory_lock(%s)", (lock_number(name),)).fetchone()
    if row is None or not row[0]:
        conn.close()
        return None
    return Hold(conn=conn)
