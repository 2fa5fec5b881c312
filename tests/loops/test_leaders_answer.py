"""批示 by reply: it waits for an officer, and stands then in the history with the leader's exact words."""

from __future__ import annotations

from email.message import EmailMessage

from daemon.procedure import matter as law
from daemon.procedure.shapes import Because, Command, Entry, Instruct, Refusal
from daemon.reading.conclude import commands_for
from daemon.reading.decode import decode
from daemon.register import Registered
from store import ledger, letters
from tests.world.office import Office

WORDS = "请后勤管理处一周内办结，逾期不再等。"


def digest(office: Office) -> EmailMessage:
    for title in ("供热管网检修", "食堂价格公示"):
        office.matter(title, "2026-11-11")
    office.live("2026-11-16 16:00")
    (mail,) = [mail for mail in office.mails("leader_digest") if "l3@" in str(mail["To"])]
    return mail


def read(office: Office) -> tuple[letters.LetterRow, list[Command]]:
    """The last letter and what an officer's confirmation asks of the law."""
    row = office.letters()[-1]
    with office.store.reading() as tx:
        raw, known = letters.raw(tx, row.id), ledger.known(tx)
    assert row.reading is not None
    letter = decode(raw, row.arrived_at)
    return row, [c for said in row.reading.said for c in commands_for(said, row.reading, letter, known)]


def history(office: Office, matter: str) -> list[Entry]:
    with office.store.reading() as tx:
        return list(ledger.history(tx, matter))


def test_the_matter_that_the_words_name(office: Office) -> None:
    office.answer(f"第2号：{WORDS}", digest(office), "l3@lcnu.example")
    office.live("2026-11-16 16:10")
    row, commands = read(office)
    assert (row.state, row.why, row.reading.trusted if row.reading else None) == ("waiting", ("leader",), True)
    (command,) = commands
    assert isinstance(command, Instruct)
    assert (command.matter, command.words, command.leader, str(command.on)) == (
        "m2",
        f"第2号：{WORDS}",
        "L3",
        "2026-11-16",
    )
    assert not office.get("m2").instructions  # never by itself
    before = office.get("m2")
    assert isinstance(office.act(command), Registered)
    after = office.get("m2")
    (one,) = after.instructions
    assert (one.words, one.leader, one.initiates) == (f"第2号：{WORDS}", "L3", False)
    assert (after.leader_opinion, after.ref, after.phase) == (before.leader_opinion, before.ref, "running")
    (entry,) = [e for e in history(office, "m2") if isinstance(e.command, Instruct)]
    assert entry.kind == "instructed"
    assert entry.facts["leader"] == "周副副校长"


def test_all_of_the_list_are_proposed_where_none_is_named(office: Office) -> None:
    office.answer(WORDS, digest(office), "l3@lcnu.example")
    office.live("2026-11-16 16:10")
    row, commands = read(office)
    assert row.state == "waiting"
    assert [(type(c), c.matter) for c in commands] == [(Instruct, "m1"), (Instruct, "m2")]


def test_no_letter_gives_a_批示_and_no_other_leader_is_trusted(office: Office) -> None:
    mail = digest(office)
    office.answer(WORDS, mail, "l4@lcnu.example")
    office.live("2026-11-16 16:10")
    row, _ = read(office)
    assert row.reading is not None
    assert not row.reading.trusted
    with office.store.reading() as tx:
        rules = ledger.rules(tx)
    command = Instruct("m1", WORDS, "L3")
    for actor in ("letter", "clock", "import"):
        done = law.decide(office.get("m1"), command, office.clock.now(), rules, Because(actor, 9))
        assert isinstance(done, Refusal)
        assert done.code == "needs_person"


def test_a_principal_leader_may_always(office: Office) -> None:
    office.answer(f"第1号{WORDS}", digest(office), "l2@lcnu.example")
    office.live("2026-11-16 16:10")
    row, commands = read(office)
    assert row.reading is not None
    assert row.reading.trusted
    assert [getattr(c, "leader", "") for c in commands] == ["L2"]
