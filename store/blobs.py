"""Bytes by their SHA-256: synced to disk before the row that speaks of them, checked when read back."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import select

from store import tables
from store.trouble import StoreError, clear_errors

if TYPE_CHECKING:
    from store.transaction import Tx

#: Files synced at once; the file system joins them into few journal commits.
THREADS = 8


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


class Blobs:
    """The folder `aa/bb/sha256`; `folder` None: the bytes are in the database."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._synced: set[str] = set()  # hashes whose file and folders this process has synced
        self._made: set[Path] = set()

    def path(self, sha256: str) -> Path:
        if self.folder is None:
            raise RuntimeError("this store keeps its bytes in the database")
        return self.folder / sha256[:2] / sha256[2:4] / sha256

    def write(self, raws: Iterable[bytes]) -> list[str]:
        """Writes and syncs all; returns their hashes. May run before the transaction: bytes without a row harm nobody.

        Raises StoreError `disk_full`.
        """
        raws = list(raws)
        hashes = [digest(raw) for raw in raws]
        if self.folder is None:
            return hashes
        new = {h: raw for h, raw in zip(hashes, raws, strict=True) if h not in self._synced}
        if new:
            with clear_errors():
                self._write_all(new)
        return hashes

    def read(self, sha256: str) -> bytes:
        """The bytes, checked. Raises StoreError `blob_missing` or `blob_damaged`."""
        try:
            raw = self.path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise StoreError("blob_missing", sha256) from error
        return checked(sha256, raw)

    def _write_all(self, new: dict[str, bytes]) -> None:
        folders: set[Path] = set()
        pending: list[tuple[Path, Path]] = []
        for sha256, raw in new.items():
            path = self.path(sha256)
            folders |= self._make_folder(path.parent)
            if not _complete(path, len(raw)):
                temporary = path.with_name(f".{uuid4().hex}.new")
                pending.append((temporary, path))
                temporary.write_bytes(raw)
        _sync_all([temporary for temporary, _ in pending])
        for temporary, path in pending:
            temporary.rename(path)
        _sync_all(sorted(folders))
        self._synced.update(new)

    def _make_folder(self, folder: Path) -> set[Path]:
        """Makes it; returns the folders whose listing must be synced: its own, and its parents' where it is new to us.

        New to this process, not only to the disk: a process that died may have made it and not come to sync it.
        """
        assert self.folder is not None
        unsynced = {folder}
        while folder not in self._made:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._made.add(folder)
            unsynced.add(folder.parent)
            if folder == self.folder:
                break
            folder = folder.parent
        return unsynced


def checked(sha256: str, raw: bytes) -> bytes:
    if digest(raw) != sha256:
        raise StoreError("blob_damaged", sha256)
    return raw


def keep(tx: Tx, raw: bytes, now: datetime) -> str:
    """Keeps one blob and its row; returns its hash."""
    return keep_many(tx, [raw], now)[0]


def keep_many(tx: Tx, raws: Sequence[bytes], now: datetime) -> list[str]:
    """Keeps many: all bytes synced, then their rows in this transaction; returns their hashes in order."""
    hashes = tx.blobs.write(raws)
    rows = {
        sha256: {
            "sha256": sha256,
            "size": len(raw),
            "kept_at": now,
            "data": raw if tx.blobs.folder is None else None,
        }
        for sha256, raw in zip(hashes, raws, strict=True)
    }
    if rows:
        tx.conn.execute(tx.insert(tables.blobs).on_conflict_do_nothing(), list(rows.values()))
    return hashes


def read(tx: Tx, sha256: str) -> bytes:
    """The bytes, checked. Raises StoreError `blob_missing` or `blob_damaged`."""
    if tx.blobs.folder is not None:
        return tx.blobs.read(sha256)
    data = tx.conn.execute(select(tables.blobs.c.data).where(tables.blobs.c.sha256 == sha256)).scalar_one_or_none()
    if data is None:
        raise StoreError("blob_missing", sha256)
    return checked(sha256, bytes(data))


def check(tx: Tx) -> list[str]:
    """What is missing or damaged, as Chinese sentences for `duban verify`."""
    faults: list[str] = []
    for sha256 in tx.conn.execute(select(tables.blobs.c.sha256).order_by(tables.blobs.c.sha256)).scalars():
        try:
            read(tx, sha256)
        except StoreError as error:
            faults.append(str(error))
    return faults


def _complete(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_all(paths: Sequence[Path]) -> None:
    if len(paths) < 3:
        for path in paths:
            _sync(path)
        return
    with ThreadPoolExecutor(min(THREADS, len(paths))) as threads:
        for _ in threads.map(_sync_each, [paths[first::THREADS] for first in range(min(THREADS, len(paths)))]):
            pass


def _sync_each(paths: Sequence[Path]) -> None:
    for path in paths:
        _sync(path)
