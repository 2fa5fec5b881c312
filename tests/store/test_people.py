"""Small rooms of the store: marked addresses, accounts and sessions, marks, birth, backup."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from store import accounts, backup, birth, blobs, marks, people
from store.transaction import Store, StoreError

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
PASSWORD = "Correct-Horse-7"


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
def office(store: Store) -> Store:
    with store.writing() as tx:
        assert accounts.make(tx, "li", PASSWORD, shown="李宁", role="officer", now=NOW)
    return store


def attempt(store: Store, password: str = PASSWORD, now: datetime = NOW, name: str = "li") -> accounts.Verdict:
    return asyncio.run(accounts.try_password(store, name, password, now))


def test_addresses_are_marked_once_and_cleared(store: Store) -> None:
    with store.writing() as tx:
        people.mark_bad(tx, " Head@X.example", "550 no such user", NOW)
        people.mark_bad(tx, "head@x.example", "550 again", NOW + timedelta(days=1))
        assert people.bad(tx) == {"head@x.example": people.BadAddress("head@x.example", NOW, "550 again")}
        people.clear_bad(tx, "HEAD@x.example")
        assert people.bad(tx) == {}


def test_the_right_password_and_no_other(office: Store) -> None:
    assert attempt(office) == accounts.Verdict(True)
    assert attempt(office, "wrong") == accounts.Verdict(False)
    assert attempt(office, name="nobody") == accounts.Verdict(False)
    with office.writing() as tx:
        assert not accounts.make(tx, "li", "x", shown="other", role="admin", now=NOW), "the name is taken"
        found = accounts.find(tx, "li")
        assert found is not None
        assert found.password.startswith("$argon2id$")
        assert PASSWORD not in found.password


def test_five_failures_lock_for_half_an_hour(office: Store) -> None:
    for _ in range(4):
        assert attempt(office, "wrong").locked_until is None
    until = NOW + timedelta(minutes=30)
    assert attempt(office, "wrong") == accounts.Verdict(False, until)
    assert attempt(office) == accounts.Verdict(False, until), "the right one too"
    assert attempt(office, now=until).right
    for _ in range(4):
        attempt(office, "wrong", until)
    assert attempt(office, now=until).right, "a success forgets the failures"
    assert attempt(office, "wrong", until).locked_until is None


def test_sessions_end_by_idleness_age_closing_and_a_new_password(office: Store) -> None:
    def who(token: str, now: datetime) -> str | None:
        with office.reading() as tx:
            found = accounts.session(tx, token, now)
            return found[0].name if found is not None else None

    with office.writing() as tx:
        for token in ("one", "two"):
            accounts.begin_session(tx, "li", token, NOW)
    assert who("one", NOW + timedelta(minutes=19)) == "li"
    assert who("one", NOW + timedelta(minutes=20)) is None
    now = NOW
    with office.writing() as tx:
        for _ in range(60):
            now += timedelta(minutes=15)
            accounts.touch(tx, "one", now)
            accounts.touch(tx, "two", now)
    assert who("one", NOW + timedelta(hours=11)) == "li"
    assert who("one", NOW + timedelta(hours=12)) is None, "a session lasts no longer than a day's work"
    asyncio.run(accounts.set_password(office, "li", "Another-Horse-8", NOW, keep="one"))
    assert (who("one", NOW), who("two", NOW)) == ("li", None)
    assert attempt(office, "Another-Horse-8").right
    with office.writing() as tx:
        accounts.end_session(tx, "one")
    assert who("one", NOW) is None
    with office.writing() as tx:
        accounts.begin_session(tx, "li", "three", NOW)
        assert accounts.sweep(tx, NOW + timedelta(minutes=20)) == 1
        accounts.begin_session(tx, "li", "four", NOW)
        assert accounts.close(tx, "li", NOW)
        assert not accounts.close(tx, "li", NOW)
    assert who("four", NOW) is None
    assert not attempt(office, "Another-Horse-8").right


@pytest.mark.parametrize("weak", ["Short-7", "onlylowercase", "lower1234567", "Li-horse-77"])
def test_weak_passwords_are_told(weak: str) -> None:
    assert accounts.weakness(weak, "li")
    assert accounts.weakness(PASSWORD, "li") == ""


def test_an_account_is_taken_over_without_its_failures(office: Store) -> None:
    attempt(office, "wrong")
    with office.writing() as tx:
        (account,) = accounts.listing(tx)
        assert account.failures == 1
        other = accounts.Account(**{f: getattr(account, f) for f in account.__dataclass_fields__} | {"name": "new"})
        assert accounts.take_over(tx, other)
        assert accounts.change(tx, "new", shown="新", role="director", address="d@x.example")
        taken = accounts.find(tx, "new")
    assert taken is not None
    assert (taken.failures, taken.role) == (0, "director")
    assert attempt(office, name="new").right


def test_marks_are_set_read_and_cleared(store: Store) -> None:
    with store.writing() as tx:
        marks.set(tx, "alarm:mailbox", "1", NOW)
        marks.set(tx, "alarm:mailbox", "2", NOW + timedelta(minutes=1))
        marks.set(tx, "alarm_other", "3", NOW)
        assert marks.get(tx, "alarm:mailbox") == marks.Mark(NOW + timedelta(minutes=1), "2")
        assert list(marks.all(tx, "alarm:")) == ["alarm:mailbox"]
        marks.clear(tx, "alarm:mailbox")
        assert marks.get(tx, "alarm:mailbox") is None


def test_a_store_is_born_once(store: Store) -> None:
    with store.writing() as tx:
        assert birth.found(tx) is None
        birth.bear(tx, NOW, "me@x.example")
        assert birth.read(tx).rehearsal
    with pytest.raises(StoreError), store.writing() as tx:
        birth.bear(tx, NOW)


# ---------------------------------------------------------------------------------------------------------------
# Backup


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Store:
    store = Store.open(f"sqlite:///{tmp_path}/a.db", tmp_path / "blobs")
    store.migrate()
    with store.writing() as tx:
        blobs.keep_many(tx, [b"one", b"two"], NOW)
        marks.set(tx, "a", "1", NOW)
    return store


def test_a_copy_is_whole_while_others_write_and_comes_back(sqlite_store: Store, tmp_path: Path) -> None:
    with sqlite_store.writing() as tx:
        marks.set(tx, "a", "2", NOW)
        assert backup.copy(sqlite_store, tmp_path / "copy") == 2
    assert (tmp_path / "copy" / "duban.db").stat().st_mode & 0o777 == 0o600
    sqlite_store.close()
    again = Store.open(f"sqlite:///{tmp_path}/b.db", tmp_path / "other")
    assert backup.restore(tmp_path / "copy", again) == 2
    again.migrate()
    with again.reading() as tx:
        assert marks.get(tx, "a") == marks.Mark(NOW, "1"), "what was not committed is not in the copy"
        assert blobs.check(tx) == []
        assert blobs.read(tx, blobs.digest(b"two")) == b"two"
    again.close()


def test_a_copy_or_restore_over_something_is_refused(sqlite_store: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="未做任何改动"):
        backup.copy(sqlite_store, tmp_path)
    backup.copy(sqlite_store, tmp_path / "copy")
    with pytest.raises(StoreError, match="未做任何改动"):
        backup.restore(tmp_path / "copy", sqlite_store)
    sqlite_store.close()


def test_a_damaged_copy_leaves_no_store(sqlite_store: Store, tmp_path: Path) -> None:
    backup.copy(sqlite_store, tmp_path / "copy")
    sqlite_store.close()
    (blob, _) = [p for p in (tmp_path / "copy" / "blobs").rglob("*") if p.is_file()]
    blob.write_bytes(b"0ne")
    again = Store.open(f"sqlite:///{tmp_path}/b.db", tmp_path / "other")
    with pytest.raises(StoreError) as caught:
        backup.restore(tmp_path / "copy", again)
    assert caught.value.code == "blob_damaged"
    assert not (tmp_path / "b.db").exists()
    again.close()


def test_a_database_that_is_no_longer_sound_is_not_copied(sqlite_store: Store, tmp_path: Path) -> None:
    sqlite_store.close()
    file = tmp_path / "a.db"
    sqlite3.connect(file).execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    raw = bytearray(file.read_bytes())
    raw[4096 * 3 : 4096 * 40] = b"\xaa" * (4096 * 37)
    file.write_bytes(raw)
    with pytest.raises(StoreError) as caught:
        backup.copy(sqlite_store, tmp_path / "copy")
    assert caught.value.code == "damaged"
