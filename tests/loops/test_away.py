"""自动回复: noted with its words; the mail goes once more to the next person where its reader is away."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from daemon.procedure.shapes import Acknowledge, NoteAutoReply
from store import ledger
from tests.world.office import UNITS, Office

HEAD, DEPUTY, LIAISON, BOX = (f"hq{who}@lcnu.example" for who in (".head", ".deputy", ".liaison", ""))
AWAY = "您好，我正在外地休假，12月1日返岗，急事请联系办公室。"
RECEIVED = "您的邮件我已收到，会尽快回复。"


def to(mail: EmailMessage) -> set[str]:
    return {address.addr_spec for header in ("To", "Cc") if mail[header] for address in mail[header].addresses}


def robot(office: Office, mail: EmailMessage, sender: str, words: str = AWAY) -> None:
    office.answer(words, mail, sender, subject=f"自动回复：{mail['Subject']}")


def noted(office: Office, matter: str = "m1") -> list[NoteAutoReply]:
    with office.store.reading() as tx:
        return [e.command for e in ledger.history(tx, matter) if isinstance(e.command, NoteAutoReply)]


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_the_notice_goes_once_more_to_the_next_person(either: Office) -> None:
    either.matter("供热管网检修", "2026-11-23")
    robot(either, either.mails("dispatch")[0], HEAD)
    either.live("2026-11-02 08:10")
    (one,) = noted(either)
    assert (one.unit, one.address, one.words, one.away, str(one.until)) == ("HQ", HEAD, AWAY, True, "2026-11-30")
    first, second = either.mails("dispatch")
    assert to(first) == {HEAD, LIAISON}
    assert to(second) == {DEPUTY}
    assert "本邮件原发主要负责人马一处长，其邮箱自动回复不在岗，现改送你处" in text_of(second)
    assert "原发" not in text_of(first)
    assert [part.get_filename() for part in second.iter_attachments()] == [
        part.get_filename() for part in first.iter_attachments()
    ]
    assert [row.state for row in either.letters()] == ["ignored"]
    thread = either.get("m1").assignments[0].message_id
    assert thread == str(first["Message-ID"]).strip("<>")  # its first readers' thread stays


def test_once_whoever_else_is_away(office: Office) -> None:
    office.matter("供热管网检修", "2026-11-23")
    first = office.mails("dispatch")[0]
    robot(office, first, HEAD)
    office.live("2026-11-02 08:10")
    robot(office, first, LIAISON)
    robot(office, first, HEAD, AWAY + "再次")
    robot(office, office.mails("dispatch")[1], DEPUTY)
    office.live("2026-11-02 18:00")
    assert len(office.mails("dispatch")) == 2
    assert [one.address for one in noted(office)] == [HEAD, LIAISON, DEPUTY]


def test_at_each_stage_anew_and_to_nobody_who_is_away(office: Office) -> None:
    office.matter("供热管网检修", "2026-11-23")
    robot(office, office.mails("dispatch")[0], LIAISON)
    office.live("2026-11-02 08:10")
    assert to(office.mails("dispatch")[1]) == {BOX}
    robot(office, office.mails("dispatch")[1], BOX)
    office.live("2026-11-03 10:30")
    (reminder,) = office.mails("ack_reminder")
    assert to(reminder) == {LIAISON}
    robot(office, reminder, LIAISON, AWAY + "。")
    office.live("2026-11-03 18:00")
    assert [to(mail) for mail in office.mails("ack_reminder")] == [{LIAISON}, {DEPUTY}]
    assert "原发联络员马三" in text_of(office.mails("ack_reminder")[1])


def test_a_list_is_passed_on_as_one_mail(office: Office) -> None:
    office.propose("供热管网检修", "2026-11-23")
    office.matter("食堂价格公示", "2026-11-23")
    office.live("2026-11-03 10:30")
    (reminder,) = office.mails("reminder")
    robot(office, reminder, LIAISON)
    office.live("2026-11-03 18:00")
    assert len(office.mails("reminder")) == 2
    assert [len(noted(office, matter)) for matter in ("m1", "m2")] == [1, 1]
    assert {line.matter for line in office.sent("reminder")[1].mail.lines} == {"m1", "m2"}


@pytest.mark.parametrize("words", [RECEIVED, "来信收悉，谢谢。本邮件由系统自动发送。"])
def test_a_mailbox_that_only_tells_that_it_has_it_is_noted(office: Office, words: str) -> None:
    office.matter("供热管网检修", "2026-11-23")
    robot(office, office.mails("dispatch")[0], HEAD, words)
    office.live("2026-11-02 18:00")
    assert [(one.away, one.until) for one in noted(office)] == [(False, None)]
    assert len(office.mails("dispatch")) == 1


def test_off_the_thread_it_is_noted_by_a_pass_and_passes_nothing_on(office: Office) -> None:
    office.matter("供热管网检修", "2026-11-23")
    mail = office.mails("dispatch")[0]
    del mail["Message-ID"]
    mail["Message-ID"] = "<elsewhere@mail.example>"
    robot(office, mail, HEAD)
    office.answer(AWAY + "x", mail, LIAISON, subject=f"自动回复：{mail['Subject']}", trusted=False)
    office.live("2026-11-02 18:00")
    assert [(one.address, one.message_id) for one in noted(office)] == [(HEAD, "")]
    assert len(office.mails("dispatch")) == 1


def test_forged_or_of_another_unit_it_is_nothing(office: Office) -> None:
    office.matter("供热管网检修", "2026-11-23")
    mail = office.mails("dispatch")[0]
    office.answer(AWAY, mail, HEAD, subject=f"自动回复：{mail['Subject']}", trusted=False)
    robot(office, mail, "jw.head@lcnu.example")
    robot(office, mail, "stranger@mail.example")
    office.live("2026-11-02 18:00")
    assert noted(office) == []
    assert len(office.mails("dispatch")) == 1
    assert {row.state for row in office.letters()} == {"ignored"}


def test_what_was_answered_meanwhile_does_not_leave(office: Office) -> None:
    office.matter("供热管网检修", "2026-11-23")
    office.live("2026-11-03 10:30")
    (reminder,) = office.mails("ack_reminder")
    office.act(Acknowledge("m1", "HQ", "head"))
    robot(office, reminder, LIAISON)
    office.live("2026-11-03 18:00")
    assert len(office.mails("ack_reminder")) == 1
    assert len(noted(office)) == 1


def test_where_nobody_is_left_nobody_is_asked(office: Office) -> None:
    unit = next(unit for unit in UNITS if unit.code == "HQ")
    office.matter("供热管网检修", "2026-11-23")
    mail = office.mails("dispatch")[0]
    for address in (DEPUTY, *unit.other_addresses):
        robot(office, mail, address, AWAY + address)
    office.live("2026-11-02 08:10")
    robot(office, mail, HEAD)
    office.live("2026-11-02 18:00")
    assert len(office.mails("dispatch")) == 1
    assert not [row for row in office.rows() if row.state == "broken"]


def test_no_robot_is_answered(office: Office) -> None:
    """Auto-reply, receipt, bounce, delay notice: whatever leaves afterwards goes to nobody because of them."""
    office.matter("供热管网检修", "2026-11-23")
    mail = office.mails("dispatch")[0]
    office.live("2026-11-02 08:40")
    before = len(office.courier.sent)
    robot(office, mail, HEAD)
    robot(office, mail, LIAISON, RECEIVED)
    for sender, subject, words in (
        (DEPUTY, f"已读：{mail['Subject']}", "您的邮件已于2026年11月2日被阅读。"),
        ("postmaster@mx.lcnu.example", "Delayed Mail (still being retried)", "Delivery is delayed."),
        ("MAILER-DAEMON@mx.lcnu.example", "Undelivered Mail Returned to Sender", "user unknown, delivery failed."),
    ):
        office.answer(words, mail, sender, subject=subject)
    office.live("2026-11-02 18:00")
    assert {row.state for row in office.letters()} == {"ignored"}
    later = [address for sent in office.courier.sent[before:] for address in sent.recipients]
    assert set(later) == {DEPUTY, "ducha@lcnu.example"}  # the notice, passed on, and our own copy
