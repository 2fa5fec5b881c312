"""Promise 7: an unsure send is looked up, never repeated by itself; what is refused goes to the next person, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from daemon import outcomes
from daemon.procedure.shapes import Because, MarkAddress, SetUnit
from daemon.register import set_school
from daemon.world import Delivery
from store import ledger, people
from tests.world.office import UNITS, Office

HEAD, LIAISON, DEPUTY = "hq.head@lcnu.example", "hq.liaison@lcnu.example", "hq.deputy@lcnu.example"


def says(outcome: str, reply: str, *whom: str) -> Callable[[str], Delivery | None]:
    return lambda r: Delivery(r, outcome, reply) if not whom or r in whom else None  # type: ignore[arg-type]


CUT = says("unsure", "after the text was begun: lost")


def dispatched(office: Office, answer: Callable[[str], Delivery | None]) -> None:
    """One matter whose 交办 mail meets `answer`."""
    office.courier.answer = answer
    office.matter("供热管网检修", "2026-11-23")
    office.courier.answer = lambda _: None


def dispatches(office: Office) -> list[str]:
    return [row.state for row in office.rows() if row.mail.template == "dispatch"]


@pytest.mark.parametrize("folder", ["INBOX", "Sent"])
def test_found_by_its_token_it_has_left(office: Office, folder: str) -> None:
    """Our own copy comes in, or the provider put one into Sent, under a Message-ID of its own."""
    dispatched(office, CUT)
    assert dispatches(office) == ["unsure"]
    raw = office.courier.sent[0].raw
    if folder == "Sent":
        message = message_from_bytes(raw)
        message.replace_header("Message-ID", "<rewritten@provider.example>")
        raw = message.as_bytes(policy=policy.SMTP)
    office.mailbox.put(raw, folder)
    office.live("2026-11-02 12:00")
    assert dispatches(office) == ["delivered"]
    assert len(office.courier.sent) == 1 + len(office.sent("morning"))
    assert office.get("m1").assignments[0].message_id  # the history knows it too
    assert "unsure" not in office.alarms()
    # what comes next is counted from it, and its thread is ours
    office.live("2026-11-03 18:00")
    assert len(office.sent("ack_reminder")) == 1


def test_a_reminder_found_by_its_own_copy_is_spent(office: Office) -> None:
    office.matter("供热管网检修", "2026-11-23")
    office.live("2026-11-03 09:59")
    office.courier.answer = CUT
    office.live("2026-11-03 10:00:01")
    office.courier.answer = lambda _: None
    office.mailbox.put(office.courier.sent[-1].raw)
    office.live("2026-11-03 18:00")
    (one,) = [r for r in office.get("m1").assignments[0].reminded if r.key.stage == "ack1"]
    assert one.delivered


@pytest.mark.parametrize("left", [True, False])
def test_found_nowhere_a_person_settles_it(office: Office, left: bool) -> None:
    dispatched(office, CUT)
    office.live("2026-11-02 08:29")
    assert "unsure" not in office.alarms()
    office.live("2026-11-02 12:00")
    assert "unsure" in office.alarms()
    assert dispatches(office) == ["unsure"]
    assert [sent for sent in office.courier.sent if b"tongzhidan" in sent.raw] == office.courier.sent[:1]
    (row,) = [row for row in office.rows() if row.state == "unsure"]
    with office.store.writing() as tx:
        because = Because("officer:zhong")
        outcomes.settled_by_person(tx, row, left, because, now=office.clock.now(), dice=office.world.dice)
    office.heard()
    office.live("2026-11-02 14:00")
    assert dispatches(office) == ["delivered"]
    assert len([sent for sent in office.courier.sent if sent.raw == office.courier.sent[0].raw]) == (1 if left else 2)
    assert office.get("m1").assignments[0].message_id
    assert "unsure" not in office.alarms()


def test_a_sender_that_died_leaves_it_unsure(either: Office) -> None:
    def die(_: str) -> Delivery:
        raise KeyboardInterrupt

    either.courier.answer = die
    with pytest.raises(KeyboardInterrupt):
        either.matter("供热管网检修", "2026-11-23")
    either.courier.answer = lambda _: None
    assert dispatches(either) == ["sending"]
    either.start()
    either.live("2026-11-02 08:10")
    assert dispatches(either) == ["unsure"]
    assert len(either.courier.sent) == 1
    either.mailbox.put(either.courier.sent[0].raw)
    either.live("2026-11-02 09:40")
    assert dispatches(either) == ["delivered"]


def test_refused_for_now_comes_again_with_pauses(office: Office) -> None:
    dispatched(office, says("later", "451 4.3.0 try later"))
    times = len(office.courier.sent)
    assert (dispatches(office), times) == (["frozen"], 1)
    office.courier.answer = says("later", "451 4.3.0 try later")
    office.live("2026-11-02 08:29")
    assert len(office.courier.sent) - times <= 3
    office.courier.answer = lambda _: None
    office.live("2026-11-02 10:00")
    assert dispatches(office) == ["delivered"]


def test_one_of_several_refused_is_told_and_the_others_have_it(office: Office) -> None:
    dispatched(office, says("refused", "550 5.1.1 no such user", LIAISON))
    assert dispatches(office) == ["delivered"]
    assert office.alarms() == {f"refused:{LIAISON}"}
    with office.store.reading() as tx:
        assert set(people.bad(tx)) == {LIAISON}
    office.live("2026-11-03 12:00")
    assert "hq@lcnu.example" in str(office.mails("ack_reminder")[0]["To"])  # the unit's next address
    assert len(office.courier.sent[0].recipients) == 3  # not sent again
    assert dispatches(office) == ["delivered"]


def test_a_mail_that_reached_nobody_goes_to_the_next_person_once(either: Office) -> None:
    """Our own blind copy was accepted; that is nobody."""
    dispatched(either, says("refused", "550 5.1.1 no such user", HEAD, LIAISON))
    either.live("2026-11-02 09:00")
    assert dispatches(either) == ["refused", "delivered"]
    second = either.mails("dispatch")[-1]
    assert str(second["To"]).count(DEPUTY) == 1
    assert either.get("m1").assignments[0].message_id in str(second["Message-ID"])
    either.live("2026-11-02 18:00")
    assert dispatches(either) == ["refused", "delivered"]
    assert either.alarms() == {f"refused:{HEAD}", f"refused:{LIAISON}"}


def test_where_nobody_is_left_it_waits_for_a_mended_address(office: Office) -> None:
    unit = next(unit for unit in UNITS if unit.code == "HQ")
    own = tuple(unit.other_addresses)
    dispatched(office, says("refused", "550 5.1.1 no such user", HEAD, LIAISON, DEPUTY, *own))
    office.courier.answer = says("refused", "550 5.1.1 no such user", HEAD, LIAISON, DEPUTY, *own)
    office.live("2026-11-02 09:00")
    assert dispatches(office)[-1] == "broken"
    assert "broken" in office.alarms()
    mended = replace(unit, head=replace(unit.head, address="hq.new@lcnu.example"))  # type: ignore[type-var]
    with office.store.writing() as tx:
        set_school(tx, [SetUnit(mended)], Because("import"), office.clock.now())
    office.live("2026-11-02 11:00")
    assert dispatches(office)[-1] == "delivered"
    assert "hq.new@lcnu.example" in str(office.mails("dispatch")[-1]["To"])
    assert "broken" not in office.alarms()


def test_the_alarm_of_an_address_ends_when_it_is_set_anew(office: Office) -> None:
    dispatched(office, says("refused", "550 5.1.1 no such user", LIAISON))
    unit = next(unit for unit in UNITS if unit.code == "HQ")
    with office.store.writing() as tx:
        changed = replace(unit, liaison=replace(unit.liaison, address="hq.l2@lcnu.example"))  # type: ignore[type-var]
        set_school(tx, [SetUnit(changed)], Because("import"), office.clock.now())
        set_school(tx, [SetUnit(unit)], Because("import"), office.clock.now())  # and back: a new chance
        assert not people.bad(tx)
    office.live("2026-11-02 09:00")
    assert not office.alarms()


def test_an_unwanted_mail_says_nothing_of_the_address(office: Office) -> None:
    dispatched(office, says("refused", "554 5.7.1 spam content denied"))
    office.live("2026-11-02 09:00")
    assert dispatches(office) == ["refused"]
    with office.store.reading() as tx:
        assert not people.bad(tx)
    assert office.alarms() == {"rejected"}
    office.live("2026-11-12 09:00")
    assert "rejected" not in office.alarms()


def test_a_bounce_of_the_only_addresses_sends_the_notice_to_the_next_person(office: Office) -> None:
    office.matter("供热管网检修", "2026-11-23")
    office.act(MarkAddress("m1", "HQ", HEAD, "550 no such user"), actor="letter")
    office.live("2026-11-02 09:00")
    assert dispatches(office) == ["delivered"]  # the liaison has it
    office.act(MarkAddress("m1", "HQ", LIAISON, "550 no such user"), actor="letter")
    office.live("2026-11-02 10:00")
    assert dispatches(office) == ["delivered", "delivered"]
    assert DEPUTY in str(office.mails("dispatch")[-1]["To"])
    with office.store.reading() as tx:
        assert ledger.last_entry_at(tx) is not None


def test_a_rehearsal_marks_no_address(tmp_path: Path) -> None:
    office = Office.open(tmp_path, rehearsal="drill@lcnu.example")
    dispatched(office, says("refused", "550 5.1.1 no such user"))
    with office.store.reading() as tx:
        assert not people.bad(tx)
    office.close()
