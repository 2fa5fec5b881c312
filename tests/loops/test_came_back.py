"""退信: the mail that came back goes to the next person; a letter or an officer gives the address a new chance."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from daemon.procedure.shapes import ClearAddress, MarkAddress
from store import history, ledger, people
from tests.world.office import UNITS, Office

HEAD, DEPUTY, LIAISON, BOX = (f"hq{who}@lcnu.example" for who in (".head", ".deputy", ".liaison", ""))


def to(mail: EmailMessage) -> set[str]:
    return {address.addr_spec for header in ("To", "Cc") if mail[header] for address in mail[header].addresses}


def bounce(office: Office, message_id: str, address: str, action: str = "failed") -> None:
    raw = f"""From: MAILER-DAEMON@mx.lcnu.example
To: ducha@lcnu.example
Subject: {"Undelivered Mail Returned to Sender" if action == "failed" else "Delayed Mail (still being retried)"}
Message-ID: <b.{address}.{len(office.mailbox.boxes["INBOX"].mails)}@mx.lcnu.example>
Date: Mon, 02 Nov 2026 08:05:00 +0800
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

{address}: 550 5.1.1 User unknown
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.lcnu.example

Final-Recipient: rfc822; {address}
Action: {action}
Status: {"5.1.1" if action == "failed" else "4.4.1"}

--b
Content-Type: text/rfc822-headers

From: ducha@lcnu.example
Message-ID: {message_id}
References: {message_id if "elsewhere" in message_id else office.mails("dispatch")[0]["Message-ID"]}
--b--
"""
    office.mailbox.put(raw.replace("\n", "\r\n").encode())
    office.world.wake.call("watch")


def bad(office: Office) -> set[str]:
    with office.store.reading() as tx:
        return set(people.bad(tx))


def marks(office: Office) -> list[MarkAddress]:
    with office.store.reading() as tx:
        return [e.command for e in ledger.history(tx, "m1") if isinstance(e.command, MarkAddress)]


def test_the_notice_and_the_next_reminders_go_to_the_next_person(either: Office) -> None:
    either.matter("供热管网检修", "2026-11-23")
    notice = str(either.mails("dispatch")[0]["Message-ID"])
    bounce(either, notice, HEAD)
    either.live("2026-11-02 08:10")
    assert len(either.mails("dispatch")) == 1  # the liaison has it
    bounce(either, notice, LIAISON)
    either.live("2026-11-02 08:20")
    assert to(either.mails("dispatch")[1]) == {DEPUTY, BOX}
    assert [(one.unit, one.address, f"<{one.message_id}>") for one in marks(either)] == [
        ("HQ", HEAD, notice),
        ("HQ", LIAISON, notice),
    ]
    either.live("2026-11-04 18:00")
    assert to(either.mails("ack_reminder")[0]) == {BOX}
    assert to(either.mails("ack_urge")[0]) == {DEPUTY, BOX}


def test_a_reminder_that_comes_back_goes_to_the_next_person_and_no_other_does(office: Office) -> None:
    office.matter("供热管网检修", "2026-11-23")
    office.live("2026-11-03 10:30")
    (reminder,) = office.mails("ack_reminder")
    assert to(reminder) == {LIAISON}
    bounce(office, str(reminder["Message-ID"]), LIAISON)
    office.live("2026-11-03 18:00")
    assert [to(mail) for mail in office.mails("ack_reminder")] == [{LIAISON}, {BOX}]
    assert len(office.mails("dispatch")) == 1


@pytest.mark.parametrize(
    ("named", "address", "action"),
    [
        ("<elsewhere@mail.example>", HEAD, "failed"),
        ("notice", HEAD, "delayed"),
        ("notice", "jw.head@lcnu.example", "failed"),  # not of the unit that got the mail
        ("notice", "stranger@mail.example", "failed"),
    ],
)
def test_what_marks_nothing(office: Office, named: str, address: str, action: str) -> None:
    office.matter("供热管网检修", "2026-11-23", supporting=("JW",))
    notice = str(office.mails("dispatch")[0]["Message-ID"])
    bounce(office, notice if named == "notice" else named, address, action)
    office.live("2026-11-02 18:00")
    assert bad(office) == set()
    assert len(office.mails("dispatch")) == 2


def test_a_letter_from_it_gives_it_a_new_chance(office: Office) -> None:
    office.matter("供热管网检修", "2026-11-23")
    notice = office.mails("dispatch")[0]
    bounce(office, str(notice["Message-ID"]), HEAD)
    office.live("2026-11-02 08:10")
    assert bad(office) == {HEAD}
    office.answer("正在安排。", notice, HEAD, trusted=False)
    office.answer("正在安排。", notice, LIAISON)
    office.live("2026-11-02 08:20")
    assert bad(office) == {HEAD}
    office.answer("正在安排，下周报告进展。", notice, HEAD)
    office.live("2026-11-02 08:30")
    assert bad(office) == set()
    with office.store.writing() as tx:
        said = [e for e in history.load(tx, "school") if isinstance(e.command, ClearAddress)]
    assert [(e.because.actor, e.because.letter, e.command.address) for e in said] == [("letter", 4, HEAD)]  # type: ignore[union-attr]


def test_a_robot_in_our_thread_shows_that_its_mailbox_works(office: Office) -> None:
    office.matter("供热管网检修", "2026-11-23")
    notice = office.mails("dispatch")[0]
    bounce(office, str(notice["Message-ID"]), HEAD)
    office.live("2026-11-02 08:10")
    office.answer("您的邮件我已收到，会尽快回复。", notice, HEAD, subject="自动回复：【督办】")
    office.live("2026-11-02 08:30")
    assert bad(office) == set()


def test_the_section_is_told_to_telephone_where_no_address_is_left(office: Office) -> None:
    unit = next(unit for unit in UNITS if unit.code == "HQ")
    office.matter("供热管网检修", "2026-11-23")
    notice = office.mails("dispatch")[0]
    for address in (HEAD, LIAISON, DEPUTY):
        bounce(office, str(notice["Message-ID"]), address)
    office.live("2026-11-02 08:10")
    assert not any(name.startswith("unreachable") for name in office.alarms())
    for address in unit.other_addresses:
        bounce(office, str(notice["Message-ID"]), address)
    office.live("2026-11-02 08:40")
    assert "unreachable:HQ" in office.alarms()
    texts = [str(mail.get_body(("plain",)).get_content()) for mail in office.mails("alarm")]  # type: ignore[union-attr]
    assert any("后勤管理处" in text and "请电话通知该单位" in text for text in texts)
    office.answer("收到。", notice, DEPUTY)
    office.live("2026-11-02 10:00")
    assert "unreachable:HQ" not in office.alarms()
    assert to(office.mails("dispatch")[-1]) == {DEPUTY}
