"""Transactions: nothing lost between writers, readers that see one moment, wake-ups, locks, clear errors."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

from store import marks, tables
from store.transaction import Store, StoreError, Tx
from tests.world.postgres import PostgresServer

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def loud(tx: Tx, name: str, value: str) -> None:
    """A write that others are told of."""
    statement = tx.insert(tables.marks).values(name=name, value=value, at=NOW)
    tx.conn.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


def increment(tx: Tx) -> None:
    tx.serialize("counter")
    value = int(tx.conn.execute(select(tables.marks.c.value).where(tables.marks.c.name == "n")).scalar_one())
    tx.conn.execute(update(tables.marks).where(tables.marks.c.name == "n").values(value=str(value + 1)))


def in_threads(count: int, work: Callable[[int], None]) -> None:
    failures: list[BaseException] = []

    def run(n: int) -> None:
        try:
            work(n)
        except BaseException as error:  # noqa: BLE001  (shown by the assertion)
            failures.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


async def settled(store: Store) -> None:
    """Until nothing is told any more (a listener that has just begun tells once, to be sure)."""
    while await store.changed(0.5):
        pass


def value_of(store: Store, name: str) -> str | None:
    with store.reading() as tx:
        mark = marks.get(tx, name)
        return mark.value if mark is not None else None


def test_four_threads_lose_no_increment(store: Store) -> None:
    with store.writing() as tx:
        loud(tx, "n", "0")

    def work(_: int) -> None:
        for _ in range(40):
            with store.writing() as tx:
                increment(tx)

    in_threads(4, work)
    assert value_of(store, "n") == "160"


def test_two_stores_on_one_database_lose_no_increment(store: Store, store_url: str, tmp_path: Path) -> None:
    other = Store.open(store_url, tmp_path / "blobs", synchronous="OFF")
    with store.writing() as tx:
        loud(tx, "n", "0")

    def work(n: int) -> None:
        for _ in range(30):
            with (store if n % 2 else other).writing() as tx:
                increment(tx)

    in_threads(4, work)
    other.close()
    assert value_of(store, "n") == "120"


def test_an_exception_leaves_nothing(store: Store) -> None:
    def work(tx: Tx) -> None:
        loud(tx, "a", "1")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(store.write(work))
    assert value_of(store, "a") is None


def test_a_reader_sees_one_moment_and_cannot_write(store: Store) -> None:
    with store.writing() as tx:
        loud(tx, "a", "1")
    with store.reading() as tx:
        assert marks.get(tx, "a").value == "1"  # type: ignore[union-attr]
        with store.writing() as writer:
            loud(writer, "a", "2")
        assert marks.get(tx, "a").value == "1"  # type: ignore[union-attr]
    assert value_of(store, "a") == "2"
    with pytest.raises(StoreError) as caught, store.reading() as tx:
        loud(tx, "a", "3")
    assert caught.value.code == "read_only"


def test_a_write_inside_a_write_is_a_mistake(store: Store) -> None:
    if store.dialect == "sqlite":
        with store.writing(), pytest.raises(RuntimeError), store.writing():
            pass


def test_work_is_awaited(store: Store) -> None:
    async def run() -> str:
        await store.write(loud, "a", value="7")
        mark = await store.read(marks.get, "a")
        assert mark is not None
        return mark.value

    assert asyncio.run(run()) == "7"


def test_a_commit_of_this_process_wakes_at_once(store: Store) -> None:
    async def run() -> tuple[bool, float, bool]:
        async def later() -> None:
            await asyncio.sleep(0.2)
            await store.write(loud, "a", "1")

        await settled(store)
        began = time.monotonic()
        task = asyncio.create_task(later())
        woken = await store.changed(20)
        took = time.monotonic() - began
        await task
        await asyncio.sleep(1.2)
        return woken, took, await store.changed(0.05)

    woken, took, again = asyncio.run(run())
    assert woken
    assert took < 0.8
    assert not again, "told twice of one commit"


def test_a_commit_between_two_looks_is_not_lost(store: Store) -> None:
    async def run() -> list[bool]:
        await settled(store)
        first = await store.changed(0.01)
        await store.write(loud, "a", "1")
        await asyncio.sleep(0.05)
        return [first, await store.changed(5), await store.changed(0.01)]

    assert asyncio.run(run()) == [False, True, False]


def test_heartbeats_wake_nobody(store: Store) -> None:
    async def run() -> bool:
        await settled(store)
        await store.write(marks.set, "alive", "1", NOW)
        return await store.changed(1.5)

    assert not asyncio.run(run())


_OTHER = """
import sys
from datetime import UTC, datetime
from store.transaction import Store
from store import tables
store = Store.open(sys.argv[1], None)
with store.writing() as tx:
    tx.conn.execute(tx.insert(tables.marks).values(name="b", value="1", at=datetime(2026, 1, 1, tzinfo=UTC)))
store.close()
"""


def test_a_commit_of_another_process_wakes_within_seconds(store: Store, store_url: str) -> None:
    async def run() -> bool:
        await settled(store)
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", _OTHER, store_url)
        woken = await store.changed(15)
        assert await process.wait() == 0
        return woken

    assert asyncio.run(run())


_HOLDER = """
import sys, time
from store.transaction import Store
hold = Store.open(sys.argv[1], None).hold_watch()
print("held" if hold else "taken", flush=True)
time.sleep(60)
"""


def test_one_daemon_a_store_and_a_dead_one_lets_go(store: Store, store_url: str) -> None:
    process = subprocess.Popen([sys.executable, "-c", _HOLDER, store_url], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    assert store.hold_watch() is None
    process.kill()
    process.wait()
    until = time.monotonic() + 10
    while (hold := store.hold_watch()) is None and time.monotonic() < until:
        time.sleep(0.05)
    assert hold is not None
    assert hold.still()
    assert store.hold_watch() is None
    assert store.hold_watch("other") is not None
    hold.release()
    with store.hold_watch() as again:  # type: ignore[union-attr]
        assert again.still()


# ---------------------------------------------------------------------------------------------------------------
# Errors


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/nowhere.db", None)
    with pytest.raises(StoreError, match="找不到数据库"), store.reading():
        pass
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StoreError):
        Store.open("mysql://x/y", None)


def test_the_database_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/a.db", None)
    store.migrate()
    assert (tmp_path / "a.db").stat().st_mode & 0o777 == 0o600
    store.close()


def test_a_locked_database_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.transaction.BUSY_MS", 50)
    store = Store.open(f"sqlite:///{tmp_path}/a.db", None)
    store.migrate()
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError) as caught, store.writing() as tx:
        loud(tx, "a", "1")
    assert caught.value.code == "locked"
    assert caught.value.transient
    other.execute("ROLLBACK")
    with store.writing() as tx:
        loud(tx, "a", "1")
    other.close()
    store.close()


def test_a_full_disk_is_said_and_leaves_a_sound_store(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path}/a.db", None)
    store.migrate()
    with store.writing() as tx:
        pages = tx.conn.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx.conn.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(StoreError, match="磁盘已满") as caught, store.writing() as tx:
        loud(tx, "a", "x" * 1_000_000)
    assert caught.value.code == "disk_full"
    assert value_of(store, "a") is None
    store.close()


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"no database at all, but long enough to be looked at" * 100)
    store = Store.open(f"sqlite:///{tmp_path}/a.db", None)
    with pytest.raises(StoreError) as caught:
        store.migrate()
    assert caught.value.code == "damaged"


def test_tables_that_are_not_there_are_said(tmp_path: Path) -> None:
    (tmp_path / "a.db").touch()
    store = Store.open(f"sqlite:///{tmp_path}/a.db", None)
    with pytest.raises(StoreError, match="duban"), store.reading() as tx:
        marks.get(tx, "a")
    store.close()


@pytest.mark.real
def test_postgres_away_is_said_and_comes_back(postgres: PostgresServer) -> None:
    nowhere = Store.open("postgresql+psycopg://duban@/x?host=/nowhere", None)
    with pytest.raises(StoreError) as caught, nowhere.reading():
        pass
    assert caught.value.code == "unreachable"
    nowhere.close()
    store = Store.open(postgres.new_url(), None)

    def work(tx: Tx) -> None:
        loud(tx, "a", "1")
        postgres.cut_all()
        loud(tx, "a", "2")

    with pytest.raises(StoreError) as caught:
        asyncio.run(store.write(work))
    assert caught.value.transient
    with store.writing() as tx:
        loud(tx, "a", "3")
    assert value_of(store, "a") == "3"
    store.close()


@pytest.mark.real
def test_postgres_listens_again_after_a_cut(postgres: PostgresServer) -> None:
    url = postgres.new_url()
    store, other = Store.open(url, None), Store.open(url, None)

    async def run() -> bool:
        await store.changed(1.0)
        postgres.cut_all()
        while await store.changed(1.5):  # the cut itself may be told
            pass
        await other.write(loud, "a", "1")
        return await store.changed(5)

    assert asyncio.run(run())
    store.close()
    other.close()
