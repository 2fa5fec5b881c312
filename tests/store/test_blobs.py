"""Blobs: on disk before their row, by hash, checked when read; a crash between the two loses nothing."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from store import blobs, tables
from store.blobs import Blobs, digest
from store.transaction import Store, StoreError, Tx

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def rows(store: Store) -> int:
    with store.reading() as tx:
        return tx.conn.execute(select(func.count()).select_from(tables.blobs)).scalar_one()


@pytest.mark.parametrize("in_folder", [True, False])
def test_kept_bytes_come_back(store_url: str, tmp_path: Path, in_folder: bool) -> None:
    store = Store.open(store_url, tmp_path / "blobs" if in_folder else None)
    raws = [b"one", b"two\x00\xff", b"", b"one", os.urandom(300_000)]
    with store.writing() as tx:
        hashes = blobs.keep_many(tx, raws, NOW)
    assert hashes == [digest(raw) for raw in raws]
    with store.reading() as tx:
        assert [blobs.read(tx, h) for h in hashes] == raws
        assert blobs.check(tx) == []
    assert rows(store) == 4
    assert (tmp_path / "blobs").exists() == in_folder
    if in_folder:
        assert store.blobs.path(hashes[0]) == tmp_path / "blobs" / hashes[0][:2] / hashes[0][2:4] / hashes[0]
        left = [p.name for p in (tmp_path / "blobs").rglob("*") if p.is_file()]
        assert sorted(left) == sorted(set(hashes)), "no half-written file is left"
    with store.writing() as tx:
        assert blobs.keep(tx, b"one", NOW) == hashes[0]
    assert rows(store) == 4
    store.close()


def test_the_bytes_are_synced_before_they_get_their_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    sync, rename = os.fsync, Path.rename

    def noted_sync(handle: int) -> None:
        done.append(f"sync {os.readlink(f'/proc/self/fd/{handle}')}")
        sync(handle)

    def noted_rename(self: Path, target: Path) -> Path:
        done.append(f"rename {self}")
        return rename(self, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "rename", noted_rename)
    place = Blobs(tmp_path / "blobs")
    (sha256,) = place.write([b"x"])
    renamed = next(n for n, step in enumerate(done) if step.startswith("rename"))
    temporary = done[renamed].removeprefix("rename ")
    assert done.index(f"sync {temporary}") < renamed
    assert f"sync {place.path(sha256).parent}" in done[renamed:]
    assert f"sync {tmp_path / 'blobs'}" in done[renamed:], "the new folders' own names are synced too"
    assert f"sync {tmp_path}" in done[renamed:]


def test_a_crash_between_bytes_and_row_loses_nothing(store: Store) -> None:
    def die(tx: Tx) -> None:
        blobs.keep(tx, b"mail", NOW)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), store.writing() as tx:
        die(tx)
    assert rows(store) == 0
    with store.writing() as tx:
        sha256 = blobs.keep(tx, b"mail", NOW)
    with store.reading() as tx:
        assert blobs.read(tx, sha256) == b"mail"


def test_a_half_written_file_of_a_crash_is_written_anew(tmp_path: Path) -> None:
    sha256 = digest(b"whole")
    place = Blobs(tmp_path)
    path = place.path(sha256)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"wh")
    place.write([b"whole"])
    assert place.read(sha256) == b"whole"


def test_damage_and_loss_are_said(store: Store) -> None:
    with store.writing() as tx:
        one, two = blobs.keep_many(tx, [b"one", b"two"], NOW)
    store.blobs.path(one).write_bytes(b"0ne")
    store.blobs.path(two).unlink()
    with store.reading() as tx:
        with pytest.raises(StoreError) as damaged:
            blobs.read(tx, one)
        with pytest.raises(StoreError) as missing:
            blobs.read(tx, two)
        assert len(blobs.check(tx)) == 2
    assert (damaged.value.code, missing.value.code) == ("blob_damaged", "blob_missing")


def test_a_full_disk_is_said_and_nothing_is_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: Path, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StoreError, match="磁盘已满") as caught, store.writing() as tx:
        blobs.keep(tx, b"mail", NOW)
    assert caught.value.code == "disk_full"
    monkeypatch.undo()
    assert rows(store) == 0
    with store.writing() as tx:
        blobs.keep(tx, b"mail", NOW)
    assert rows(store) == 1
