"""Projections and the ledger: the tables say what the history says; what reading knows is quick and never stale."""

from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from daemon.procedure.rules import BadRules
from daemon.procedure.shapes import (
    Acknowledge,
    Assignment,
    Because,
    Entry,
    ImportDispatched,
    Leader,
    Matter,
    RefNo,
    School,
    SetCalendar,
    SetLeader,
    SetPolicy,
    SetSchool,
    SetUnit,
    Unit,
)
from daemon.reading.shapes import Reading
from daemon.register import Registered, register
from store import history, ledger, letters, people, projections, tables
from store.history import MovedOn
from store.transaction import Store, Tx
from tests.store.test_letters import mail

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
SCHOOL = School("青澜师范学院", "青师", "学校办公室", "督察科", "青师督字", "ducha@qlnu.example", "qlnu.example")
IMPORT = Because("import")


class CountingDice:
    def __init__(self) -> None:
        self.n = 0

    def new_id(self) -> str:
        self.n += 1
        return f"id{self.n}"

    def new_token(self) -> str:
        self.n += 1
        return f"token{self.n:020d}"


def school(tx: Tx) -> None:
    commands = [
        SetSchool(SCHOOL),
        SetLeader(Leader("L1", "周敏", "副校长", "zm@qlnu.example")),
        *(SetUnit(Unit(code, f"单位{code}", code, supervising="L1")) for code in ("HQ", "CW", "JW")),
    ]
    entries = history.append(tx, "school", [Entry("set", command, NOW, IMPORT) for command in commands])
    projections.write_school(tx, entries)


def dispatched(tx: Tx, number: int, lead: str = "HQ", supporting: tuple[str, ...] = ("CW",)) -> None:
    command = ImportDispatched(
        matter=f"m{number}",
        ref=RefNo(2026, number),
        title=f"事项{number}",
        source="校长办公会",
        requirements="1.完成",
        lead=lead,
        supporting=supporting,
        dispatched_on=date(2026, 11, 2),
        deadline=date(2026, 12, 15),
        message_ids=tuple(f"{number}.{unit}@qlnu.example" for unit in (lead, *supporting)),
        tokens=tuple(f"{number}{unit}".lower() for unit in (lead, *supporting)),
    )
    done = register(tx, [command], IMPORT, now=NOW, dice=CountingDice())
    assert isinstance(done, Registered), done


def acknowledge(tx: Tx, matter: str, unit: str = "HQ") -> None:
    done = register(tx, [Acknowledge(matter, unit, "head")], Because("letter", 1), now=NOW, dice=CountingDice())
    assert isinstance(done, Registered), done


@pytest.fixture
def filled(store: Store) -> Store:
    with store.writing() as tx:
        school(tx)
        for number in (1, 2, 3):
            dispatched(tx, number)
        acknowledge(tx, "m1")
    return store


# ---------------------------------------------------------------------------------------------------------------
# Projections


def test_the_tables_are_what_the_history_says_and_can_be_made_again(filled: Store) -> None:
    with filled.writing() as tx:
        assert projections.compare(tx) == []
        before = {name: tx.conn.execute(tables.metadata.tables[name].select()).all() for name in PROJECTED}
        projections.rebuild(tx)
        after = {name: tx.conn.execute(tables.metadata.tables[name].select()).all() for name in PROJECTED}
        assert projections.compare(tx) == []
    assert {name: sorted(map(repr, rows)) for name, rows in before.items()} == {
        name: sorted(map(repr, rows)) for name, rows in after.items()
    }


PROJECTED = ("matters", "assignments", "threads", "units", "leaders")


def test_every_difference_is_said_and_repaired(filled: Store) -> None:
    with filled.writing() as tx:
        table = tables.matters
        tx.conn.execute(update(table).where(table.c.id == "m1").values(body='{"id":"m1"}'))
        tx.conn.execute(delete(tables.assignments).where(tables.assignments.c.matter == "m2"))
        tx.conn.execute(delete(table).where(table.c.id == "m2"))
        ghost = Matter("ghost", "t", "s", "r", "HQ", assignments=(Assignment("HQ", "lead"),), seq=1)
        projections.write(tx, ghost)
        people.put_unit(tx, Unit("XX", "x", "x"))
        said = projections.compare(tx)
        assert len(said) == 4
        assert sum("m1" in line or "m2" in line or "ghost" in line for line in said) == 3
        projections.rebuild(tx)
        assert projections.compare(tx) == []
        assert [m.id for m in ledger.matters(tx)] == ["m1", "m2", "m3"]


def test_a_number_used_twice_is_moved_on(filled: Store) -> None:
    matter = Matter("other", "t", "s", "r", "HQ", ref=RefNo(2026, 2), seq=1)
    with pytest.raises(MovedOn), filled.writing() as tx:
        projections.write(tx, matter)


# ---------------------------------------------------------------------------------------------------------------
# Rules


def test_rules_are_the_last_that_were_set_and_the_programs_own_else(store: Store) -> None:
    with store.reading() as tx:
        assert ledger.rules(tx).policy.reminders.stages
        assert ledger.rules(tx).school.name == ""
    with store.writing() as tx:
        school(tx)
        assert ledger.rules(tx).school == SCHOOL
        assert list(ledger.rules(tx).units) == ["CW", "HQ", "JW"]
        off = SetCalendar('[holidays.2026]\noff = ["11-25"]\nwork = []\n')
        history.append(tx, "school", [Entry("set", off, NOW, IMPORT)])
        assert not ledger.rules(tx).calendar.is_workday(date(2026, 11, 25))
        assert ledger.rules(tx).calendar.is_workday(date(2026, 11, 26))


def test_rules_are_kept_while_the_school_does_not_change(filled: Store) -> None:
    with filled.reading() as tx:
        first = ledger.rules(tx)
    with filled.reading() as tx:
        assert ledger.rules(tx) is first


def test_rules_of_a_transaction_that_failed_are_not_kept(filled: Store) -> None:
    def work(tx: Tx) -> None:
        history.append(tx, "school", [Entry("set", SetPolicy("[reminders]\nschema = 1\n"), NOW, IMPORT)])
        ledger.rules(tx)
        raise ZeroDivisionError

    with filled.reading() as tx:
        before = ledger.rules(tx)
    with pytest.raises((ZeroDivisionError, BadRules)), filled.writing() as tx:
        work(tx)
    with filled.reading() as tx:
        assert ledger.rules(tx) == before


# ---------------------------------------------------------------------------------------------------------------
# Matters


@pytest.mark.parametrize("text", ["2026-2", "2026-002", "2", "青师督字〔2026〕第2号", "青师督字[2026]2号", "m2"])
def test_a_matter_is_found_in_any_writing(filled: Store, text: str) -> None:
    with filled.reading() as tx:
        found = ledger.find(tx, text)
        assert found is not None
        assert found.id == "m2"
        assert ledger.find(tx, "2026-99") is None


def test_lists_and_pages(filled: Store) -> None:
    with filled.writing() as tx:
        dispatched(tx, 10, lead="JW", supporting=())
        projections.write(tx, Matter("draft", "t", "s", "r", "HQ", seq=1))
        ids = [m.id for m in ledger.matters(tx)]
        assert ids == ["m1", "m2", "m3", "m10", "draft"]
        pages: list[str] = []
        while page := ledger.matters(tx, limit=2, after=pages[-1] if pages else ""):
            pages += [m.id for m in page]
        assert pages == ids
        assert [m.id for m in ledger.matters(tx, unit="JW")] == ["m10"]
        assert [m.id for m in ledger.matters(tx, unit="CW")] == ["m1", "m2", "m3"]
        assert [m.id for m in ledger.matters(tx, phase="proposed")] == ["draft"]
        assert [m.id for m in ledger.open_matters(tx)] == ["m1", "m2", "m3", "m10"]
        assert ledger.matters(tx, due_until=date(2026, 12, 14)) == []
        assert len(ledger.matters(tx, due_until=date(2026, 12, 15))) == 4
        assert ledger.counts(tx) == {"running": 4, "proposed": 1}
        assert [e.command.__class__.__name__ for e in ledger.history(tx, "m1")] == ["ImportDispatched", "Acknowledge"]


def test_numbers_follow_the_highest_also_of_imported_ones_and_begin_anew_each_year(filled: Store) -> None:
    with filled.writing() as tx:
        assert ledger.next_number(tx, 2026) == 4
        dispatched(tx, 17)
        assert ledger.next_number(tx, 2026) == 18
        assert ledger.next_number(tx, 2027) == 1


def test_four_who_ask_at_once_get_numbers_without_gap_or_double(filled: Store, store_url: str, tmp_path: Path) -> None:
    stores = [filled] + [Store.open(store_url, tmp_path / "blobs", synchronous="OFF") for _ in range(3)]

    def work(mine: Store, who: int) -> None:
        for n in range(10):
            with mine.writing() as tx:
                number = ledger.next_number(tx, 2026)
                projections.write(tx, Matter(f"x{who}-{n}", "t", "s", "r", "HQ", ref=RefNo(2026, number), seq=1))

    threads = [threading.Thread(target=work, args=(one, n)) for n, one in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in stores[1:]:
        one.close()
    with filled.reading() as tx:
        numbers = [m.ref.number for m in ledger.matters(tx) if m.ref is not None]
    assert numbers == list(range(1, 44))


# ---------------------------------------------------------------------------------------------------------------
# What reading knows, what holds


def test_known_holds_matters_threads_and_people(filled: Store) -> None:
    with filled.reading() as tx:
        known = ledger.known(tx, "me@x.example")
    assert [m.id for m in known.matters] == ["m1", "m2", "m3"]
    assert all(m.open for m in known.matters)
    assert known.threads["2.CW@qlnu.example"].matters == ("m2",)
    assert known.threads["2.CW@qlnu.example"].unit == "CW"
    assert known.tokens["3hq"].matters == ("m3",)
    assert {u.code for u in known.units} == {"HQ", "CW", "JW"}
    assert known.rehearsal_address == "me@x.example"
    assert SCHOOL.mailbox in known.own_addresses


def test_known_is_kept_while_nothing_moves_and_made_again_when_something_does(filled: Store) -> None:
    def now_known() -> ledger.Known:
        with filled.reading() as tx:
            return ledger.known(tx)

    first = now_known()
    assert now_known() is first
    with filled.writing() as tx:
        acknowledge(tx, "m2")
    second = now_known()
    assert second is not first
    assert second.matters[0] is first.matters[0], "only what moved is made again"
    with filled.writing() as tx:
        projections.add_signs(tx, "new@x", "", [("m3", "CW")])
    assert now_known().threads["new@x"].matters == ("m3",)
    assert "new@x" not in second.threads
    with filled.writing() as tx:
        entry = Entry("set", SetUnit(Unit("TS", "图书馆", "图书馆")), NOW, IMPORT)
        projections.write_school(tx, history.append(tx, "school", [entry]))
    assert "TS" in {u.code for u in now_known().units}


def test_known_of_a_transaction_that_failed_is_not_kept(filled: Store) -> None:
    def work(tx: Tx) -> None:
        projections.add_signs(tx, "lost@x", "", [("m1", "HQ")])
        assert "lost@x" in ledger.known(tx).threads
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), filled.writing() as tx:
        work(tx)
    with filled.writing() as tx:
        projections.add_signs(tx, "kept@x", "", [("m1", "HQ")])
    with filled.reading() as tx:
        threads = ledger.known(tx).threads
    assert "kept@x" in threads
    assert "lost@x" not in threads


def test_known_is_made_from_the_difference(tmp_path: Path, migrated_file: Path) -> None:
    """Hundreds of matters, and one of them moves before each look: far cheaper than making all of it again."""

    def written(n: int, seq: int) -> Matter:
        lead = Assignment("HQ", "lead", message_id=f"{n}@x", token=f"t{n}")
        return Matter(f"m{n}", "t", "s", "r", "HQ", ref=RefNo(2026, n), assignments=(lead,), seq=seq)

    def look() -> float:
        began = time.process_time()
        with store.reading() as tx:
            assert len(ledger.known(tx).matters) == 400
        return time.process_time() - began

    (tmp_path / "a.db").write_bytes(migrated_file.read_bytes())
    store = Store.open(f"sqlite:///{tmp_path}/a.db", None, synchronous="OFF")
    with store.writing() as tx:
        for n in range(1, 401):
            projections.write(tx, written(n, 1))
    ledger._matter.cache_clear()
    whole = look()
    steps = []
    for n in range(1, 8):
        with store.writing() as tx:
            projections.write(tx, written(n, 2))
        steps.append(look())
    store.close()
    assert min(steps) < whole / 3


def test_hold_facts_are_those_of_the_slowest_folder_and_of_all_that_waits(filled: Store) -> None:
    with filled.writing() as tx:
        assert ledger.hold_facts(tx, ["INBOX"]).mailbox_read_at is None
        letters.move_cursor(tx, "INBOX", 1, 5, NOW)
        assert ledger.hold_facts(tx, ["INBOX", "Junk"]).mailbox_read_at is None
        letters.move_cursor(tx, "Junk", 1, 5, NOW - timedelta(minutes=3))
        ids = letters.keep(tx, "INBOX", 1, [mail(1), mail(2)], NOW)
        facts = ledger.hold_facts(tx, ["INBOX", "Junk"])
        assert (facts.mailbox_read_at, facts.unread) == (NOW - timedelta(minutes=3), True)
        reading = Reading((), "HQ", False, (), "", "queue")
        letters.settle(tx, ids[0], "waiting", NOW, reading=reading, matters=["m1"])
        letters.settle(tx, ids[1], "waiting", NOW, reading=reading)
        facts = ledger.hold_facts(tx, ["INBOX"])
        assert (facts.unread, facts.waiting_matters, facts.waiting_units) == (False, {"m1"}, {"HQ"})
