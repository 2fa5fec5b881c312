"""History: one unbroken chain, one writer a number, every change to it seen."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from daemon.procedure.shapes import Because, Entry, NoteLetter, SetUnit, Unit
from store import history, tables
from store.history import MovedOn
from store.transaction import Store, Tx

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
TABLE = tables.entries


def note(n: int = 0) -> Entry:
    command = NoteLetter("m1", None, "question", f"第{n}次询问")
    return Entry(
        "letter_noted", command, NOW + timedelta(minutes=n), Because("letter", n, "说明"), {"n": n, "late": False}
    )


def add(store: Store, chain: str = "m1", count: int = 1) -> list[Entry]:
    with store.writing() as tx:
        return history.append(tx, chain, [note(n) for n in range(count)])


def faults(store: Store, chain: str = "m1") -> list[str]:
    with store.reading() as tx:
        return history.check(tx, chain)


def test_entries_come_back_numbered(store: Store) -> None:
    first = add(store, count=2)
    second = add(store)
    assert [e.seq for e in first + second] == [1, 2, 3]
    with store.reading() as tx:
        assert history.load(tx, "m1") == first + second
        assert history.load(tx, "m2") == []
        assert history.head(tx, "m2") == (0, history.NO_HASH)
        assert history.heads(tx) == {"m1": history.head(tx, "m1")}
        assert history.last_at(tx) == NOW + timedelta(minutes=1)
    assert faults(store) == []


def test_what_follows_an_older_state_is_refused(store: Store) -> None:
    add(store)

    def work(tx: Tx) -> None:
        history.load(tx, "m1")
        before = tx.seen["m1"]
        history.append(tx, "m1", [note(7)])
        tx.seen["m1"] = before  # as if loaded before
        history.append(tx, "m1", [note(8)])

    with pytest.raises(MovedOn), store.writing() as tx:
        work(tx)
    with store.reading() as tx:
        assert len(history.look(tx, "m1")) == 1, "the refused transaction left nothing"


@pytest.mark.real
def test_two_processes_that_decide_on_one_state(store: Store, store_url: str, tmp_path: Path) -> None:
    if store.dialect == "sqlite":
        return  # the second cannot even begin
    other = Store.open(store_url, tmp_path / "blobs")
    add(store)
    with store.writing() as one:
        history.load(one, "m1")
        with other.writing() as two:
            history.load(two, "m1")
            history.append(two, "m1", [note(1)])
        with pytest.raises(MovedOn):
            history.append(one, "m1", [note(2)])
    other.close()
    with store.reading() as tx:
        assert [e.because.letter for e in history.look(tx, "m1")] == [0, 1]


def test_four_writers_make_one_whole_chain(store: Store, store_url: str, tmp_path: Path) -> None:
    stores = [store] + [Store.open(store_url, tmp_path / "blobs", synchronous="OFF") for _ in range(3)]
    moved = 0
    lock = threading.Lock()

    def work(mine: Store) -> None:
        nonlocal moved
        left = 15
        while left:
            try:
                with mine.writing() as tx:
                    seen = history.load(tx, "m1")
                    history.append(tx, "m1", [note(len(seen))])
                left -= 1
            except MovedOn:
                with lock:
                    moved += 1

    threads = [threading.Thread(target=work, args=(one,)) for one in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in stores[1:]:
        one.close()
    with store.reading() as tx:
        entries = history.load(tx, "m1")
    assert [e.because.letter for e in entries] == list(range(60)), "each was decided on the one before"
    assert faults(store) == []
    if store.dialect == "sqlite":
        assert moved == 0


@pytest.mark.parametrize(
    "change",
    [
        {"body": '{"command":{"kind":"resume","value":{"matter":"m1"}},"facts":{},"note":""}'},
        {"actor": "officer:else"},
        {"at": NOW - timedelta(days=1)},
        {"letter": 999},
        {"kind": "closed"},
        {"hash": "f" * 64},
        {"prev": "f" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_change_is_seen(store: Store, change: dict[str, object]) -> None:
    add(store, count=4)
    with store.writing() as tx:
        tx.conn.execute(update(TABLE).where(TABLE.c.seq == 2).values(change))
    assert faults(store)


@pytest.mark.parametrize("seq", [1, 2])
def test_a_missing_entry_is_seen(store: Store, seq: int) -> None:
    add(store, count=3)
    with store.writing() as tx:
        tx.conn.execute(delete(TABLE).where(TABLE.c.seq == seq))
    assert any("缺少第" in fault for fault in faults(store))


def test_the_body_is_kept_exactly_as_hashed(store: Store) -> None:
    unit = Unit("HQ", "后勤管理处\u2028", "后勤\x00😀")
    with store.writing() as tx:
        history.append(tx, "school", [Entry("unit_set", SetUnit(unit), NOW, Because("import"))])
    with store.reading() as tx:
        (entry,) = history.load(tx, "school")
        body = tx.conn.execute(select(TABLE.c.body)).scalar_one()
    assert entry.command == SetUnit(unit)
    assert "后勤管理处" in body, "readable in the database"
    assert faults(store, "school") == []


def test_seals_hold_all_heads_and_follow_one_another(store: Store) -> None:
    add(store, "m1", 2)
    add(store, "m2")
    with store.writing() as tx:
        monday = history.make_seal(tx, date(2026, 11, 23), NOW)
    add(store, "m1")
    with store.writing() as tx:
        assert history.make_seal(tx, date(2026, 11, 23), NOW) == monday, "a day is sealed once"
        tuesday = history.make_seal(tx, date(2026, 11, 24), NOW)
    assert (monday.heads, tuesday.heads) == (2, 2)
    assert monday.hash != tuesday.hash
    with store.reading() as tx:
        assert history.check_seals(tx) == []


def test_a_whole_matter_or_tail_that_vanished_is_seen(store: Store) -> None:
    add(store, "m1", 3)
    add(store, "m2", 3)
    with store.writing() as tx:
        history.make_seal(tx, date(2026, 11, 23), NOW)
        tx.conn.execute(delete(TABLE).where(TABLE.c.chain == "m1"))
        tx.conn.execute(delete(TABLE).where(TABLE.c.chain == "m2", TABLE.c.seq == 3))
    assert faults(store, "m1") == faults(store, "m2") == [], "the chains alone cannot tell"
    with store.reading() as tx:
        said = history.check_seals(tx)
    assert len(said) == 2
    assert all("已不存在" in line for line in said)


def test_a_forged_or_missing_seal_is_seen(store: Store) -> None:
    add(store)
    with store.writing() as tx:
        for day in (21, 22, 23):
            history.make_seal(tx, date(2026, 11, day), NOW)
        tx.conn.execute(delete(tables.seals).where(tables.seals.c.day == date(2026, 11, 22)))
        assert len(history.check_seals(tx)) == 1
        tx.conn.execute(update(tables.seals).values(body="{}"))
        assert len(history.check_seals(tx)) == 3
