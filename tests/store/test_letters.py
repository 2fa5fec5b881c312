"""Letters: kept once, claimed once, settled once; nothing lost between crash and restart."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from daemon.reading.shapes import Finding, Reading, Said
from store import letters, tables
from store.transaction import Store, Tx

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
LEASE = timedelta(minutes=5)


@dataclass(frozen=True)
class Mail:
    uid: int
    raw: bytes
    internal_date: datetime = NOW


def mail(uid: int, words: str = "", message_id: str = "") -> Mail:
    head = f"From: a@unit.example\r\nSubject: letter {uid}\r\nMessage-ID: <{message_id or f'{uid}@unit.example'}>\r\n"
    return Mail(uid, f"{head}\r\n{words or uid}\r\n".encode())


def keep(store: Store, *mails: Mail, folder: str = "INBOX", uidvalidity: int = 1) -> list[int]:
    with store.writing() as tx:
        return letters.keep(tx, folder, uidvalidity, mails, NOW)


def claim(store: Store, who: str = "me", now: datetime = NOW, limit: int = 1) -> list[letters.Claimed]:
    with store.writing() as tx:
        return letters.claim(tx, who, now, LEASE, limit)


def show(store: Store, id: int) -> letters.LetterRow:
    with store.reading() as tx:
        row = letters.show(tx, id)
    assert row is not None
    return row


def reading(unit: str | None = "HQ") -> Reading:
    said = Said(None, None, True, "receipt")
    return Reading((said,), unit, True, (), "收到", "register", (Finding("r", "v", "收到", "body", 0),))


def test_a_letter_is_kept_with_its_bytes_and_head(store: Store) -> None:
    (id,) = keep(store, mail(7))
    row = show(store, id)
    assert (row.state, row.message_id, row.subject) == ("kept", "7@unit.example", "letter 7")
    assert row.from_address == "a@unit.example"
    with store.reading() as tx:
        assert letters.raw(tx, id) == mail(7).raw
        with pytest.raises(KeyError):
            letters.raw(tx, id + 1)


def test_the_same_bytes_are_kept_once_whatever_their_position(store: Store) -> None:
    one, two = keep(store, mail(1), mail(2), Mail(3, mail(1).raw))
    assert keep(store, mail(1), mail(2)) == []
    assert keep(store, Mail(9, mail(1).raw), folder="Junk") == []
    assert keep(store, Mail(1, mail(2).raw), uidvalidity=2) == []
    (three,) = keep(store, mail(4), mail(2))
    with store.reading() as tx:
        assert [row.id for row in letters.listing(tx)] == [one, two, three]
        assert tx.conn.execute(select(func.count()).select_from(tables.positions)).scalar_one() == 6
        assert letters.seen_uids(tx, "INBOX", 1) == {1, 2, 3, 4}


def test_many_at_once_keep_their_order(store: Store) -> None:
    mails = [mail(n) for n in range(1, 700)]
    ids = keep(store, *mails)
    assert ids == sorted(ids)
    with store.reading() as tx:
        rows = letters.listing(tx, limit=1000)
    assert [row.subject for row in rows] == [f"letter {n}" for n in range(1, 700)]


def test_hostile_heads_are_kept(store: Store) -> None:
    hostile = [
        b"Message-ID: <" + b"x" * 5000 + b"@y>\r\nSubject: a\x00b\r\nFrom: " + b"q" * 900 + b"@z\r\n\r\n",
        b"Message-ID: <" + "督".encode() * 2000 + b">\r\nSubject: \xff\xfe\xed\xa0\x80\r\n\r\n",
        b"",
        b"\x00" * 100,
    ]
    ids = keep(store, *(Mail(n, raw) for n, raw in enumerate(hostile)))
    assert len(ids) == 4
    with store.reading() as tx:
        assert [letters.raw(tx, id) for id in ids] == hostile


def test_a_crash_before_the_commit_leaves_the_cursor_and_no_row(store: Store) -> None:
    def die(tx: Tx) -> None:
        letters.keep(tx, "INBOX", 1, [mail(1)], NOW)
        letters.move_cursor(tx, "INBOX", 1, 1, NOW)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), store.writing() as tx:
        die(tx)
    with store.reading() as tx:
        assert letters.cursor(tx, "INBOX") is None
        assert letters.listing(tx) == []
    assert len(keep(store, mail(1))) == 1


def test_the_cursor_remembers_the_last_whole_reading(store: Store) -> None:
    with store.writing() as tx:
        letters.move_cursor(tx, "INBOX", 5, 10, None)
        assert letters.cursor(tx, "INBOX") == letters.Cursor("INBOX", 5, 10, None, None)
        letters.move_cursor(tx, "INBOX", 5, 20, NOW)
        letters.move_cursor(tx, "INBOX", 6, 3, None)
        letters.swept(tx, "INBOX", NOW)
        assert letters.cursor(tx, "INBOX") == letters.Cursor("INBOX", 6, 3, NOW, NOW)


def test_four_readers_claim_each_letter_once(store: Store, store_url: str, tmp_path: Path) -> None:
    ids = keep(store, *(mail(n) for n in range(200)))
    stores = [store] + [Store.open(store_url, tmp_path / "blobs", synchronous="OFF") for _ in range(3)]
    taken: list[int] = []
    lock = threading.Lock()

    def work(mine: Store, who: str) -> None:
        while found := claim(mine, who, limit=3):
            with lock:
                taken.extend(one.id for one in found)

    threads = [threading.Thread(target=work, args=(one, str(n))) for n, one in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in stores[1:]:
        one.close()
    assert sorted(taken) == ids


def test_a_dead_readers_claim_is_known_by_its_lease_and_counted(store: Store) -> None:
    (id,) = keep(store, mail(1))
    assert [c.claims for c in claim(store)] == [1]
    assert claim(store, "other", NOW + LEASE) == []
    assert [c.claims for c in claim(store, "other", NOW + LEASE * 2)] == [2]
    assert [c.claims for c in claim(store, "third", NOW + LEASE * 4)] == [3]
    assert show(store, id).claims == 3


def test_a_letter_put_off_stops_nothing_behind_it_and_does_not_count(store: Store) -> None:
    one, two = keep(store, mail(1), mail(2))
    assert claim(store)[0].id == one
    with store.writing() as tx:
        letters.put_off(tx, one, NOW + timedelta(hours=1))
        assert letters.next_moment(tx) == NOW
    assert claim(store)[0].id == two
    assert claim(store) == []
    with store.reading() as tx:
        assert letters.next_moment(tx) == NOW + LEASE
    again = claim(store, now=NOW + timedelta(hours=1), limit=5)
    assert [(c.id, c.claims) for c in again] == [(one, 1)]
    again = claim(store, now=NOW + timedelta(hours=1), limit=5)
    assert [(c.id, c.claims) for c in again] == [(two, 2)]


def test_a_letter_claimed_before_is_read_alone(store: Store) -> None:
    ids = keep(store, *(mail(n) for n in range(4)))
    assert [c.id for c in claim(store, limit=2)] == ids[:2]
    later = NOW + LEASE * 2
    assert [c.id for c in claim(store, now=later, limit=9)] == ids[:1]
    assert [c.id for c in claim(store, now=later, limit=9)] == ids[1:2]
    assert [c.id for c in claim(store, now=later, limit=9)] == ids[2:]
    with store.writing() as tx:
        letters.end_claims(tx, later)
    assert [c.claims for c in claim(store, now=later)] == [3], "a dead reader is known before its lease ends"


def test_settled_once_by_the_rules_and_by_version_for_people(store: Store) -> None:
    (id,) = keep(store, mail(1))
    claim(store)
    with store.writing() as tx:
        assert letters.settle(
            tx, id, "waiting", NOW, decision="queue", reading=reading(), why=["a", "b"], matters=["m1"]
        )
        assert not letters.settle(tx, id, "registered", NOW), "a reader whose lease had ended comes too late"
    row = show(store, id)
    assert (row.state, row.why, row.matters, row.unit, row.reading) == ("waiting", ("a", "b"), ("m1",), "HQ", reading())
    with store.writing() as tx:
        other = reading("CW")
        officer = {"by": "officer:li", "expect_version": row.version}
        assert letters.settle(tx, id, "registered", NOW, reading=other, **officer)  # type: ignore[arg-type]
        assert not letters.settle(tx, id, "ignored", NOW, **officer)  # type: ignore[arg-type]
    row = show(store, id)
    assert (row.state, row.unit, row.read_by, row.registered_at) == ("registered", "CW", "officer:li", NOW)
    assert row.why == ()
    with store.reading() as tx:
        assert tx.conn.execute(select(func.count()).select_from(tables.readings)).scalar_one() == 2
        assert letters.next_moment(tx) is None
        assert letters.counts(tx) == {"registered": 1}


def test_the_same_message_id_in_other_bytes_is_found(store: Store) -> None:
    one, two, three = keep(store, mail(1, "a", "same@x"), mail(2, "b", "same@x"), mail(3, "c", "else@x"))
    with store.reading() as tx:
        assert letters.earlier_with(tx, "same@x", one) is None
        assert letters.earlier_with(tx, "<same@x>", two).id == one  # type: ignore[union-attr]
        assert letters.earlier_with(tx, "else@x", three) is None
        assert letters.earlier_with(tx, "", three) is None


def settle_all(tx: Tx, ids: list[int]) -> None:
    letters.settle(tx, ids[0], "waiting", NOW, reading=reading("HQ"), matters=["m1", "m2"])
    letters.settle(tx, ids[1], "waiting", NOW, reading=reading("CW"))
    letters.settle(tx, ids[2], "waiting", NOW, reading=reading(None))
    letters.settle(tx, ids[3], "registered", NOW, reading=reading("JW"), matters=["m3"])


def test_what_waits_holds_its_matters_or_its_senders_unit(store: Store) -> None:
    ids = keep(store, *(mail(n) for n in range(4)))
    with store.writing() as tx:
        assert letters.unread(tx)
        settle_all(tx, ids)
        assert not letters.unread(tx)
        assert letters.waiting_matters(tx) == {"m1", "m2"}
        assert letters.waiting_units(tx) == {"CW"}, "a letter with matters holds those; a stranger's holds none"


def test_lists_by_state_matter_unit_and_pages(store: Store) -> None:
    ids = keep(store, *(mail(n) for n in range(4)))
    with store.writing() as tx:
        settle_all(tx, ids)
        assert [r.id for r in letters.listing(tx, state="waiting")] == ids[:3]
        assert [r.id for r in letters.listing(tx, matter="m2")] == ids[:1]
        assert [r.id for r in letters.listing(tx, unit="JW")] == ids[3:]
        assert [r.id for r in letters.listing(tx, limit=2)] == ids[:2]
        assert [r.id for r in letters.listing(tx, limit=2, after=ids[1])] == ids[2:]


_KEEPER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from store import letters
from store.transaction import Store
from tests.store.test_letters import mail
now = datetime(2026, 11, 24, tzinfo=UTC)
store = Store.open(sys.argv[1], Path(sys.argv[2]), synchronous="OFF")
uid = 0
while True:
    with store.writing() as tx:
        ids = letters.keep(tx, "INBOX", 1, [mail(n) for n in range(uid + 1, uid + 6)], now)
        letters.move_cursor(tx, "INBOX", 1, uid + 5, now)
    with store.writing() as tx:
        for one in letters.claim(tx, "me", now, timedelta(minutes=5), limit=5):
            letters.settle(tx, one.id, "registered", now)
    uid += 5
    print(uid, flush=True)
"""


def test_a_process_killed_while_it_keeps_loses_nothing(store: Store, store_url: str, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _KEEPER, store_url, str(tmp_path / "blobs")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for _ in range(4):
        process.stdout.readline()
    process.kill()
    said = 20
    for line in process.stdout:
        said = int(line)
    process.wait()
    with store.reading() as tx:
        cursor = letters.cursor(tx, "INBOX")
        rows = letters.listing(tx, limit=10_000)
        assert cursor is not None
        assert cursor.uid >= said
        assert len(rows) == cursor.uid, "the cursor stands exactly behind what is kept"
        assert all(letters.raw(tx, row.id) for row in rows)
        assert sum(row.state == "registered" for row in rows) >= said
    assert keep(store, *(mail(n) for n in range(1, len(rows) + 6))), "what came later is kept later"
