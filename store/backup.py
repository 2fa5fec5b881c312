"""A copy of a SQLite store and its bytes that is whole at one moment, and its restoring into an empty place."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from sqlalchemy import select

from store import blobs
from store.tables import blobs as table
from store.transaction import Store
from store.trouble import StoreError, clear_errors

DATABASE = "duban.db"
BLOBS = "blobs"


def copy(store: Store, target: Path) -> int:
    """Copies the database, then every blob that it speaks of, checked; returns the number of blobs.

    The daemon may go on meanwhile: bytes are never changed, and what comes later is not in the copy. Raises
    StoreError `not_empty` for a folder with something in it, `backup_elsewhere` on PostgreSQL.
    """
    if store.dialect != "sqlite":
        raise StoreError("backup_elsewhere")
    with clear_errors():
        target.mkdir(parents=True, exist_ok=True, mode=0o700)
        if any(target.iterdir()):
            raise StoreError("not_empty", str(target))
        _copy_database(store.file, target / DATABASE)
    copied = Store.open(f"sqlite:///{target / DATABASE}", target / BLOBS)
    try:
        with copied.reading() as tx:
            hashes = list(tx.conn.execute(select(table.c.sha256).where(table.c.data.is_(None))).scalars())
        for begin in range(0, len(hashes), 200):
            copied.blobs.write([store.blobs.read(sha256) for sha256 in hashes[begin : begin + 200]])
    finally:
        copied.close()
    return len(hashes)


def restore(source: Path, store: Store) -> int:
    """Puts a copy where `store` shall be (opened, not migrated); returns the number of blobs.

    Raises StoreError `not_empty` where a database is there already, `blob_damaged` for a copy that is not sound;
    the database comes last, so that a broken restore leaves no store.
    """
    if store.dialect != "sqlite":
        raise StoreError("backup_elsewhere")
    if store.file.exists():
        raise StoreError("not_empty", str(store.file))
    count = 0
    with clear_errors():
        files = [path for path in sorted((source / BLOBS).glob("*/*/*")) if not path.name.startswith(".")]
        for begin in range(0, len(files), 200):
            part = files[begin : begin + 200]
            raws = [blobs.checked(path.name, path.read_bytes()) for path in part]
            count += len(store.blobs.write(raws))
        arriving = store.file.with_name(store.file.name + ".arriving")
        _copy_database(source / DATABASE, arriving)
        arriving.rename(store.file)
    return count


def _copy_database(source: Path, target: Path) -> None:
    """SQLite's own online copy: one moment of the database, whoever writes meanwhile."""
    if not source.is_file():
        raise StoreError("absent", str(source))
    os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600))
    reader = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
    writer = sqlite3.connect(target)
    try:
        reader.backup(writer)
        fault = writer.execute("PRAGMA quick_check").fetchone()
        if fault != ("ok",):
            raise StoreError("damaged", str(fault))
        writer.execute("PRAGMA journal_mode=DELETE")
    finally:
        writer.close()
        reader.close()
    handle = os.open(target, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
