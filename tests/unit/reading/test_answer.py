"""Robots are no answers: auto-replies, receipts, bounces, delays, calendars, newsletters, our own copies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from daemon.procedure.shapes import Acknowledge, AskExtension, MarkAddress, NoteLetter, ReceiveReport, ReportProgress
from daemon.reading.conclude import commands_for, conclude
from daemon.reading.decode import decode
from daemon.reading.read import read

SUBJECT = "【督办】松院督字〔2026〕第5号"
BOUNCE = """From: MAILER-DAEMON@uni.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

could not be delivered
--b
Content-Type: message/delivery-status

Final-Recipient: rfc822; liaison.zw@uni.example
Action: {action}
Status: 5.1.1
--b
Content-Type: text/rfc822-headers

Message-ID: <{message_id}>
Subject: x
--b--
"""


def robot(office: Any, text: str) -> Any:
    letter = decode(text.encode(), office.letter().arrived_at)
    return letter, read(letter, (), office.known)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"subject": "自动回复:" + SUBJECT}, "auto_reply"),
        ({"subject": "回复", "more": "Auto-Submitted: auto-replied"}, "auto_reply"),
        ({"subject": "回复", "more": "X-Autoreply: yes"}, "auto_reply"),
        ({"subject": "已读: " + SUBJECT, "words": "您的邮件已于2026年11月24日被阅读。"}, "read_receipt"),
        ({"subject": "x", "more": "X-Coremail-ReadReceipt: 1"}, "read_receipt"),
        ({"subject": "系统退信", "sender": "postmaster@uni.example", "words": "抱歉，您的邮件被退回来了"}, "bounce"),
        ({"subject": "来自mail.example的退信", "sender": "PostMaster@mail.example"}, "bounce"),
        ({"subject": "Delayed Mail (still being retried)", "sender": "mailer-daemon@uni.example"}, "irrelevant"),
        ({"subject": "新闻", "answers": "", "more": "List-Unsubscribe: <mailto:x@y.example>"}, "irrelevant"),
        ({"words": "谢谢，辛苦了！"}, "irrelevant"),
    ],
)
def test_robots(office: Any, changes: dict[str, str], kind: str) -> None:
    words = changes.pop("words", "我在休假，12月1日返岗。")
    got = office.read(words, **changes)
    assert (got.said[0].kind, got.trusted, got.decision) == (kind, kind == "irrelevant" and "谢谢" in words, "ignore")


def test_an_auto_reply_keeps_its_words_and_its_matter(office: Any) -> None:
    got = office.read("我在休假，12月1日返岗。", subject="自动回复:" + SUBJECT, answers="")
    assert (got.said[0].ref.key, got.body, got.unit) == ("2026-5", "我在休假，12月1日返岗。", None)


def test_a_bounce_that_names_our_mail_marks_the_address(office: Any) -> None:
    letter, got = robot(office, BOUNCE.format(action="failed", message_id="tok5a.1.x@uni.example"))
    done = conclude(got, letter, (), office.known, letter.arrived_at)
    assert [type(c) for c in done.commands] == [MarkAddress]
    assert (done.commands[0].address, done.commands[0].unit) == ("liaison.zw@uni.example", "A")
    assert (got.said[0].kind, got.body, done.decision) == ("bounce", "", "ignore")


@pytest.mark.parametrize(
    ("action", "message_id"), [("failed", "stranger@mail.example"), ("delayed", "list@uni.example")]
)
def test_other_reports_mark_nothing(office: Any, action: str, message_id: str) -> None:
    letter, got = robot(office, BOUNCE.format(action=action, message_id=message_id))
    assert conclude(got, letter, (), office.known, letter.arrived_at).commands == ()


def conclusion(office: Any, words: str, days: float = 0, **changes: Any) -> Any:
    letter = office.letter(words, **changes)
    got = read(letter, (), office.known)
    return conclude(got, letter, (), office.known, letter.arrived_at + timedelta(days=days))


@pytest.mark.parametrize(
    ("sender", "role"),
    [("head.zw", "head"), ("deputy.zw", "deputy"), ("liaison.zw", "liaison"), ("zw", "unit")],
)
def test_who_signed(office: Any, sender: str, role: str) -> None:
    done = conclusion(office, "收到", sender=f"{sender}@uni.example")
    assert [(type(c), c.role) for c in done.commands] == [(Acknowledge, role)]


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("正在推进，已完成三栋。", [Acknowledge, ReportProgress]),
        ("已全部办结，共更换管道1200米，验收合格。", [Acknowledge, ReceiveReport]),
        ("因厂家缺货，申请延期至12月30日。", [Acknowledge, AskExtension]),
        ("请问要盖章吗？", []),
    ],
)
def test_commands(office: Any, words: str, kinds: list[type]) -> None:
    assert [type(c) for c in conclusion(office, words).commands] == kinds


def test_a_letter_read_late_says_so(office: Any) -> None:
    words = "因厂家缺货，申请延期至12月30日。"
    assert [c.late_read for c in conclusion(office, words, 4).commands[1:]] == [True]
    assert [c.late_read for c in conclusion(office, words, 2).commands[1:]] == [False]


def test_where_the_school_wants_a_person(office: Any, office_with: Any) -> None:
    from dataclasses import replace

    strict = office_with(school=replace(office.known.school, grave_by_mail=False))
    done = conclusion(strict, "因厂家缺货，申请延期至12月30日。")
    assert (done.commands, done.decision, "person_wanted" in done.doubts) == ((), "queue", True)
    assert conclusion(strict, "收到").decision == "register"


def test_a_closed_matter_waits_for_a_person(office: Any, office_with: Any) -> None:
    from dataclasses import replace

    closed = office_with(matters=tuple(replace(m, open=False) for m in office.known.matters))
    done = conclusion(closed, "正在推进，已完成三栋。")
    assert (done.decision, done.doubts) == ("queue", ("closed_matter",))


def test_what_an_officer_confirms_of_a_stranger_is_a_note(office: Any) -> None:
    letter = office.letter("收到", sender="x@mail.example")
    got = read(letter, (), office.known)
    assert [type(c) for c in commands_for(got.said[0], got, letter, office.known)] == [NoteLetter]


def test_our_own_copy_is_never_read(office: Any) -> None:
    got = office.read("请于12月15日前办结", sender="duban@uni.example", answers="", more="X-Duban-Token: tok5a")
    assert (got.said[0].kind, got.decision) == ("irrelevant", "ignore")
