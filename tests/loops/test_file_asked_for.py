"""A report behind a link, or 见附件 with nothing attached: one polite mail asks for the file, and the letter waits."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest

from daemon.procedure.shapes import WriteUnit
from daemon.procedure.workdays import SHANGHAI
from store import ledger
from tests.world.office import Office, at

HEAD, LIAISON = "hq.head@lcnu.example", "hq.liaison@lcnu.example"
EMPTY = "该事项已全部办结，办结报告见附件。"
LINK = "该事项已全部办结，办结报告已用超大附件发送：https://mail.example/ftn/download?k=abc"
PDF = ("办结报告.pdf", "application/pdf", b"%PDF-1.4 report")


def dispatch(office: Office) -> EmailMessage:
    office.matter("供热管网检修", "2026-11-23", supporting=("JW",))
    office.live("2026-11-03 09:00")
    return office.mails("dispatch")[0]


def asked(office: Office) -> list[WriteUnit]:
    with office.store.reading() as tx:
        return [e.command for e in ledger.history(tx, "m1") if isinstance(e.command, WriteUnit)]


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize(
    ("words", "missing", "says"),
    [
        (EMPTY, "report", "信中说办结报告见附件，但没有收到附件"),
        (LINK, "link", "办结报告是网盘、超大附件链接"),
        ("现将办理情况报告附后，请查收。该事项已全部办结。", "report", "没有收到附件"),
        ("已完成管网排查，进展情况详见附件。", "file", "信中说有附件"),
        ("因管件到货推迟，申请延期至12月4日，延期说明随信附上。", "file", "信中说有附件"),
    ],
)
def test_it_asks_whoever_wrote(office: Office, words: str, missing: str, says: str) -> None:
    first = dispatch(office)
    raw = office.answer(words, first, LIAISON)
    office.live("2026-11-03 09:05")
    (mail,) = office.mails("ask_file")
    assert LIAISON in str(mail["To"])
    assert HEAD in str(mail["Cc"])
    assert says in text_of(mail)
    assert "粘贴" in text_of(mail)
    theirs = next(line[12:] for line in raw.decode("ascii", "replace").splitlines() if line.startswith("Message-ID: "))
    assert str(mail["In-Reply-To"]) == theirs
    assert str(mail["References"]).split() == [str(first["Message-ID"]), theirs]
    (one,) = asked(office)
    assert (one.letter, one.unit, one.missing) == (office.letters()[0].id, "HQ", missing)


def test_the_letter_waits_and_holds_as_before(office: Office) -> None:
    first = dispatch(office)
    office.answer(EMPTY, first, HEAD)
    office.live("2026-11-04 18:00")
    (letter,) = office.letters()
    assert (letter.state, letter.why) == ("waiting", ("report_missing",))
    assert not office.sent("ack_reminder")
    assert not office.get("m1").assignments[0].reports


def test_once_a_day_of_a_unit_and_again_on_another(office: Office) -> None:
    first = dispatch(office)
    for words in (EMPTY, EMPTY + "请审阅。", LINK):
        office.answer(words, first, HEAD)
        office.live((office.clock.now().astimezone(SHANGHAI) + timedelta(minutes=7)).strftime("%Y-%m-%d %H:%M"))
    office.live("2026-11-03 18:00")
    assert len(office.sent("ask_file")) == 1
    office.live("2026-11-04 09:00")
    office.answer(EMPTY + "已重发。", first, HEAD)
    office.live("2026-11-04 09:05")
    assert len(office.sent("ask_file")) == 2


def test_in_the_evening_at_once_and_never_at_night(office: Office) -> None:
    first = dispatch(office)
    office.live("2026-11-03 20:30")
    office.answer(EMPTY, first, HEAD)
    office.live("2026-11-03 20:35")
    assert len(office.sent("ask_file")) == 1
    office.live("2026-11-04 23:30")
    office.answer(LINK, first, HEAD)
    office.live("2026-11-05 06:59")
    assert len(office.sent("ask_file")) == 1
    office.live("2026-11-05 07:05")
    assert len(office.sent("ask_file")) == 2


@pytest.mark.parametrize(
    "words",
    [
        "收到，附件已打印。",
        "通知单附件打不开，请重发。",
        "正在办理，办结报告随后附上。",
        "已完成排查，报告下周附上。",
        "该事项已全部办结：检修管网12处，恢复供热，台账已建立。",
        "请问报告是否以附件形式报送？",
    ],
)
def test_words_that_promise_nothing(office: Office, words: str) -> None:
    office.answer(words, dispatch(office), HEAD)
    office.live("2026-11-03 18:00")
    assert not office.sent("ask_file")


def test_with_the_file_there_it_asks_nothing(office: Office) -> None:
    office.answer(EMPTY, dispatch(office), HEAD, attachments=(PDF,))
    office.live("2026-11-03 18:00")
    assert not office.sent("ask_file")


def test_not_a_forger_and_not_a_robot(office: Office) -> None:
    first = dispatch(office)
    office.answer(EMPTY, first, HEAD, trusted=False)
    office.answer(EMPTY, first, "stranger@mail.example")
    office.answer(EMPTY, first, LIAISON, subject="自动回复：外出")
    office.live("2026-11-03 18:00")
    assert not office.sent("ask_file")
    assert asked(office) == []


def test_read_three_days_late_it_asks_nothing(office: Office) -> None:
    first = dispatch(office)
    office.answer(EMPTY, first, HEAD)
    uid = max(office.mailbox.boxes["INBOX"].mails)
    raw = office.mailbox.boxes["INBOX"].mails.pop(uid).raw
    office.live("2026-11-09 09:00")
    office.clock.real = True  # type: ignore[misc]
    office.mailbox.put(raw, at=at("2026-11-05 09:00"))
    office.live("2026-11-10 18:00")
    assert [row.state for row in office.letters()] == ["waiting"]
    assert not office.sent("ask_file")
