"""A person's word from the terminal: on letters that wait, on mails that leave, on an unsure send."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from daemon import config
from daemon.edges.clock import RealClock
from daemon.edges.dice import RealDice
from daemon.procedure import reminders
from daemon.procedure.shapes import Because
from daemon.procedure.workdays import moment_of
from daemon.reading import decode
from daemon.reading import read as room
from daemon.register import Registered, register
from daemon.world import Fetched
from store import ledger, letters, outbox
from store.outbox import Addressed, Frozen
from store.transaction import Store

from .conftest import TODAY, Run, day, matters_file, row

NOW = RealClock().now()


@pytest.fixture
def house(run: Run, home: Path, tmp_path: Path) -> Iterator[Store]:
    """The folder's store, with 2026-5 dispatched before."""
    file = matters_file(tmp_path, row("2026-5", dispatched=day(-20), deadline=day(9), mails="<t5@north.example>,"))
    assert run("matters", "import", file, "-C", home).code == 0
    store = config.open_store(config.load(home))
    yield store
    store.close()


def waits(store: Store, text: str, sender: str = "yezi@north.example", number: int = 1) -> int:
    """A letter that waits for a person, read by the rules; our mail server vouches for its sender's domain."""
    raw = (
        f"Authentication-Results: mx.north.example; dmarc=pass header.from={sender.rpartition('@')[2]}\n"
        f"From: <{sender}>\nTo: dc@north.example\nSubject: =?utf-8?b?5Zue5aSN?=\nMessage-ID: <m{number}@x.example>\n"
        f"Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    ).encode()
    with store.writing() as tx:
        (id,) = letters.keep(tx, "INBOX", 1, [Fetched(number, NOW, raw)], NOW)
        letters.claim(tx, "test", NOW, timedelta(minutes=5))
        reading = room.read(decode.decode(raw, NOW), (), ledger.known(tx))
        matters = [said.matter for said in reading.said if said.matter]
        why = reading.doubts or ("ref_uncertain",)
        letters.settle(tx, id, "waiting", NOW, decision="queue", reading=reading, why=why, matters=matters)
    return id


def test_a_letter_is_shown_confirmed_once_and_listed(run: Run, home: Path, house: Store) -> None:
    id = waits(house, "2026年第5号通知单收到。")
    listed = run("letters", "list", "--json", "-C", home).lines
    assert {"id", "message_id", "received_at", "registered_at", "state", "decision", "readings"} <= set(listed[0])
    assert (listed[0]["state"], listed[0]["decision"], listed[0]["registered_at"]) == ("waiting", "queue", None)
    assert listed[0]["readings"] == [{"ref": "2026-5", "kind": "receipt", "new_deadline": None}]
    assert listed[0]["received_at"].endswith("+08:00")
    shown = run("letters", "show", id, "-C", home)
    assert shown.code == 0, shown.err
    assert "通知单收到" in shown.out
    assert run("letters", "confirm", id, "-C", home).code == 0
    after = run("letters", "show", id, "--json", "-C", home).lines[0]
    assert after["state"] == "registered"
    assert after["registered_at"]
    assert after["read_by"].startswith("officer:")
    assert run("matters", "show", "5", "--json", "-C", home).lines[0]["acknowledged"]["U1"]
    again = run("letters", "confirm", id, "-C", home)
    assert again.code == 1
    assert "不在待审" in again.err


def test_a_letter_is_corrected(run: Run, home: Path, house: Store) -> None:
    id = waits(house, "那件事办不完，再给点时间。", "stranger@mail.example")
    assert "不能直接确认" in run("letters", "confirm", id, "-C", home).err
    base = ("letters", "correct", id, "--kind", "extension", "--unit", "U1", "--new-deadline", day(20), "-C", home)
    assert run(*base, "--ref", "2026-77", "--reason", "停电", "--why", "已电话核实").code == 1
    assert run(*base, "--ref", "2026-5", "--reason", "停电").code == 1  # a stranger needs a why
    done = run(*base, "--ref", "2026-5", "--reason", "停电", "--why", "已电话核实")
    assert done.code == 0, done.err
    assert run("matters", "show", "5", "--json", "-C", home).lines[0]["extension_waiting"]
    assert run("matters", "extend", "5", "--by", "director", "--words", "同意", "-C", home).code in (0, 1)


def test_an_unproved_sender_is_not_confirmed_but_corrected(run: Run, home: Path, house: Store) -> None:
    id = waits(house, "2026年第5号通知单收到。", "stranger@mail.example")
    done = run("letters", "confirm", id, "-C", home)
    assert done.code == 1
    assert "发件人未经证实" in done.err
    assert run("matters", "show", "5", "--json", "-C", home).lines[0]["acknowledged"] == {"U1": None}


def test_a_letter_is_refused_with_a_reason(run: Run, home: Path, house: Store) -> None:
    id = waits(house, "广告")
    assert run("letters", "refuse", id, "--why", " ", "-C", home).code == 1
    assert run("letters", "refuse", id, "--why", "与督办无关", "-C", home).code == 0
    assert run("letters", "list", "--state", "ignored", "--json", "-C", home).lines[0]["id"] == id
    assert run("letters", "list", "--state", "waiting", "--json", "-C", home).out == ""


@pytest.fixture
def due_tomorrow(run: Run, home: Path, house: Store, tmp_path: Path) -> tuple[Store, datetime, int]:
    """On the next working day a leader's digest is asked for, which leaves by itself unless somebody holds it."""
    with house.reading() as tx:
        calendar = ledger.rules(tx).calendar
    tomorrow = calendar.add(TODAY, 1)
    deadline = calendar.add(tomorrow, -3).isoformat()
    file = matters_file(tmp_path, row("2026-8", "逾期一项", dispatched=day(-40), deadline=deadline))
    assert run("matters", "import", file, "-C", home).code == 0
    at = moment_of(tomorrow, time(9))
    with house.writing() as tx:
        matter = ledger.find(tx, "2026-8")
        assert matter is not None
        due = next(one for one in reminders.due(matter, ledger.rules(tx), at) if one.stage.id == "lead3")
        done = register(tx, [due.command(matter.id)], Because("clock"), now=at, dice=RealDice())
        assert isinstance(done, Registered), done
    return house, at, done.mails[0]


def test_an_escalation_is_held_and_let_go(run: Run, home: Path, due_tomorrow: tuple[Store, datetime, int]) -> None:
    house, _, id = due_tomorrow
    listed = {line["id"]: line for line in run("outbox", "list", "--json", "-C", home).lines}
    assert listed[id]["stages"] == ["lead3"]
    assert run("outbox", "hold", id, "--why", "单位已电话说明", "--until", day(200), "-C", home).code == 1
    with house.reading() as tx:
        until = ledger.rules(tx).calendar.add(TODAY, 3)
    done = run("outbox", "hold", id, "--why", "单位已电话说明", "--until", until, "-C", home)
    assert done.code == 0, done.err
    shown = run("outbox", "show", id, "--json", "-C", home).lines[0]
    assert (shown["state"], shown["held_until"]) == ("held", until.isoformat())
    assert run("outbox", "release", id, "-C", home).code == 0
    assert run("outbox", "show", id, "--json", "-C", home).lines[0]["state"] != "held"


@pytest.mark.parametrize(("word", "state"), [("--delivered", "delivered"), ("--not-sent", "frozen")])
def test_a_person_settles_an_unsure_send(
    run: Run, home: Path, due_tomorrow: tuple[Store, datetime, int], word: str, state: str
) -> None:
    house, at, id = due_tomorrow
    later = at + timedelta(days=1)
    recipients = (Addressed("linjing@north.example", "to"),)
    with house.writing() as tx:
        outbox.freeze(tx, id, Frozen("<o@x.example>", "tok", "汇总", b"raw", "facts", recipients), at)
        outbox.approve(tx, id)
        claimed = outbox.claim(tx, "dead", later, timedelta(minutes=1))
        assert claimed is not None
        assert outbox.dead_claims(tx, later + timedelta(minutes=2)) == [id]
    assert run("outbox", "list", "--state", "unsure", "--json", "-C", home).lines[0]["id"] == id
    done = run("outbox", "settle", id, word, "-C", home)
    assert done.code == 0, done.err
    assert run("outbox", "show", id, "--json", "-C", home).lines[0]["state"] == state
    assert run("outbox", "show", id, "--raw", "-C", home).out == "raw"
    assert run("verify", "-C", home).code == 0
