"""The loop from end to end on a made-up clock: 交办 out, answers in, reminders, holds, leaders."""

from __future__ import annotations

from tests.world.office import Office


def test_dispatch_goes_to_head_and_liaison_with_the_notice(office: Office) -> None:
    office.matter("供热管网检修", "2026-11-23")
    (mail,) = office.mails("dispatch")
    assert "hq.head@lcnu.example" in str(mail["To"])
    assert "hq.liaison@lcnu.example" in str(mail["Cc"])
    assert "临师督字〔2026〕第1号" in str(mail["Subject"])
    assert {part.get_content_type() for part in mail.iter_attachments()} >= {"application/pdf", "text/calendar"}
    assert office.get("m1").assignments[0].message_id in str(mail["Message-ID"])


def test_a_receipt_is_registered_and_stops_the_receipt_stages(office: Office) -> None:
    office.matter("供热管网检修", "2026-11-23")
    office.live("2026-11-02 11:00")
    office.answer("收到，马上安排。", office.mails("dispatch")[0], "hq.liaison@lcnu.example")
    office.live("2026-11-05 18:00")
    (letter,) = office.letters()
    assert letter.state == "registered"
    assert office.get("m1").assignments[0].acknowledged_by == "liaison"
    assert not office.mails("ack_reminder")


def test_silence_climbs_to_the_leaders_and_each_reminder_leaves_once(office: Office) -> None:
    office.matter("供热管网检修", "2026-11-11")
    office.live("2026-12-02 18:00")
    stages = [(str(m["Subject"]), m["Date"].datetime.isoformat()[:16], str(m["To"])) for m in office.mails()]
    templates = [row.mail.template for row in office.rows() if row.state == "delivered"]
    assert templates.count("dispatch") == 1
    for once in ("ack_reminder", "ack_urge", "phone_hint", "due_today", "urge_1", "urge_2", "intervention_letter"):
        assert templates.count(once) == 1, (once, stages)
    assert templates.count("leader_digest") == 3  # lead3, pres10, week once within the time
    leaders = list(office.mails("leader_digest"))
    assert [m["Date"].datetime.strftime("%H:%M") for m in leaders] == ["14:30"] * 3
    assert [str(m["To"]).count("l2@lcnu.example") for m in leaders] == [0, 1, 0]


def test_nobody_is_nagged_who_has_answered(office: Office) -> None:
    office.matter("供热管网检修", "2026-11-11")
    office.live("2026-11-02 09:00")
    office.answer("收到。", office.mails("dispatch")[0], "hq.head@lcnu.example")
    office.live("2026-11-11 09:00")
    office.answer(
        "现将办理情况报告如下：检修管网12处，已全部完成并恢复供热，台账已建立。特此报告。",
        office.mails("dispatch")[0],
        "hq.head@lcnu.example",
    )
    office.live("2026-11-27 18:00")
    assert [letter.state for letter in office.letters()] == ["registered", "registered"]
    assert office.get("m1").assignments[0].report_waiting
    assert not office.mails("due_today")
    assert not office.mails("urge_1")
    assert len(office.mails("received")) == 1


def test_an_unreviewed_letter_holds_reminders(office: Office) -> None:
    office.matter("供热管网检修", "2026-11-11")
    office.live("2026-11-11 08:00")
    office.answer("请问办结报告要不要盖章？", office.mails("dispatch")[0], "hq.head@lcnu.example")
    office.live("2026-11-13 18:00")
    assert [letter.state for letter in office.letters()] == ["waiting"]
    assert not office.mails("due_today")
    assert not office.mails("urge_1")
