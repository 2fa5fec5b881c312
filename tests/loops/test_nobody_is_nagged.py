"""Promises 4 and 5: mail alone never closes; no reminder leaves after an answer has arrived."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from daemon.procedure.shapes import ReceiveReport
from daemon.world import MailboxAway, World
from store import ledger, outbox
from tests.world.office import Office, at

HEAD = "hq.head@lcnu.example"
REPORT = "现将办理情况报告如下：检修管网12处，已全部完成并恢复供热，台账已建立。特此报告。"


def acknowledged(office: Office, *titles: str, deadline: str = "2026-11-11") -> None:
    """Matters of 后勤, each signed for in the first hour."""
    for title in titles:
        office.matter(title, deadline)
    for notice in office.mails("dispatch"):
        office.answer("收到。", notice, HEAD)
    office.live("2026-11-02 09:00")


def test_a_report_by_mail_closes_nothing(office: Office) -> None:
    acknowledged(office, "供热管网检修")
    office.answer(REPORT + "请予办结。", office.mails("dispatch")[0], HEAD)
    office.live("2026-11-20 09:00")
    assert office.get("m1").phase == "running"


@pytest.mark.parametrize(
    ("sender", "trusted"),
    [("hq.head@lcnu.example", False), ("hq.head@lcnu.example.evil.example", True), ("stranger@qq.example", True)],
)
def test_what_is_forged_or_unknown_waits(office: Office, sender: str, trusted: bool) -> None:
    acknowledged(office, "供热管网检修")
    before = office.get("m1")
    notice = office.mails("dispatch")[0]
    del notice["Message-ID"]
    notice["Message-ID"] = "<guessed@elsewhere.example>"
    office.answer(REPORT, notice, sender, trusted=trusted)
    office.live("2026-11-03 09:00")
    assert office.letters()[-1].state == "waiting"
    assert office.get("m1").assignments == before.assignments


def just_before_sending(office: Office, moment: str, act: Callable[[], None]) -> None:
    """`act` happens between the asking of a reminder and its leaving."""
    true = office.turns._steps["send"]
    done = []

    async def step(world: World) -> datetime:
        if not done and office.clock.now() >= at(moment):
            done.append(1)
            act()
        return await true(world)

    office.turns._steps["send"] = step


def report(office: Office, matter: str) -> None:
    office.act(ReceiveReport(matter, "HQ", "办结报告", date(2026, 11, 11)))


def test_answered_between_asked_and_sent(office: Office) -> None:
    acknowledged(office, "供热管网检修")
    just_before_sending(office, "2026-11-11 10:00", lambda: report(office, "m1"))
    office.live("2026-11-11 18:00")
    assert not office.sent("due_today")
    assert [row.state for row in office.rows() if row.mail.template == "due_today"] == ["withdrawn"]
    keys = [one.key.stage for one in office.get("m1").assignments[0].reminded]
    assert "day0" not in keys  # free again


def test_in_a_list_only_the_answered_line_goes(office: Office) -> None:
    acknowledged(office, "供热管网检修", "食堂价格公示", "宿舍家具采购")
    just_before_sending(office, "2026-11-11 10:00", lambda: report(office, "m2"))
    office.live("2026-11-11 18:00")
    (row,) = [r for r in office.sent("reminder") if r.sent_at and r.sent_at.day == 11]
    assert [line.matter for line in row.mail.lines] == ["m1", "m3"]
    text = office.mails("reminder")[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "食堂价格公示" not in text
    assert "宿舍家具采购" in text


def test_an_answer_that_arrives_between_asked_and_sent_is_read_first(office: Office) -> None:
    acknowledged(office, "供热管网检修")
    notice = office.mails("dispatch")[0]
    just_before_sending(office, "2026-11-11 10:00", lambda: (office.answer(REPORT, notice, HEAD), None)[1])
    office.clock.move_to(office.clock.now())
    office.live("2026-11-11 18:00")
    # It arrived in the same second; at the latest the next reminder knows it.
    assert not office.sent("urge_1")


def test_an_unreviewed_letter_without_a_matter_holds_all_of_its_units(office: Office) -> None:
    acknowledged(office, "供热管网检修", "食堂价格公示")
    office.matter("图书馆闭馆", "2026-11-11", lead="TS")
    office.live("2026-11-10 17:00")
    letter = office.mails("dispatch")[0]
    del letter["Message-ID"], letter["Subject"]
    letter["Message-ID"], letter["Subject"] = "<x@elsewhere.example>", "请教"
    office.answer("请问联系人是谁？", letter, HEAD, subject="请教一个问题")
    office.live("2026-11-11 18:00")
    waiting = office.letters()[-1]
    assert (waiting.state, waiting.unit, waiting.matters) == ("waiting", "HQ", ())
    reminded = [row.mail.unit for row in office.sent() if row.sent_at and row.sent_at.day == 11 and row.mail.unit]
    assert reminded == ["TS"]


def test_a_strangers_letter_without_a_matter_holds_nothing(office: Office) -> None:
    acknowledged(office, "供热管网检修")
    office.live("2026-11-10 17:00")
    notice = office.mails("dispatch")[0]
    del notice["Message-ID"]
    notice["Message-ID"] = "<x@elsewhere.example>"
    office.answer("有发票要开吗？", notice, "shop@spam.example", subject="优惠")
    office.live("2026-11-11 18:00")
    assert len(office.sent("due_today")) == 1


def test_mailbox_away_holds_reminders_tells_once_and_volleys_nothing(office: Office) -> None:
    acknowledged(office, "供热管网检修")
    office.live("2026-11-10 17:00")
    before = office.mailbox.calls.count("folders")
    office.mailbox.away = MailboxAway("gone", code="unreachable")
    office.live("2026-11-13 18:00")
    assert not [
        row for row in office.sent() if row.mail.unit and row.mail.lines[0].key and row.sent_at and row.sent_at.day > 10
    ]
    assert len(office.sent("alarm")) == 1
    assert office.alarms() == {"mailbox"}
    assert (
        office.mailbox.calls.count("folders") - before < 3 * 24 * 60 / 5 + 60
    )  # not hurried by the reminders that wait
    office.mailbox.away = None
    office.live("2026-11-16 18:00")
    assert not office.alarms()
    lately = [row.mail.template for row in office.sent() if row.mail.unit == "HQ" and row.mail.lines[0].key]
    assert lately == ["due_soon", "urge_2"]  # D-2 before; then D+3 alone


def test_a_refused_login_is_not_tried_again_by_what_waits(office: Office) -> None:
    acknowledged(office, "供热管网检修")
    office.live("2026-11-11 09:59")
    office.mailbox.away = MailboxAway("no", permanent=True, code="refused_login")
    before = office.mailbox.calls.count("folders")
    office.live("2026-11-11 11:00")
    assert office.mailbox.calls.count("folders") - before <= 5


def test_a_line_that_is_back_at_once_is_no_news(office: Office) -> None:
    acknowledged(office, "供热管网检修")
    office.live("2026-11-02 09:59:30")
    office.mailbox.away = MailboxAway("gone", code="lost")
    office.live("2026-11-02 10:00:30")
    office.mailbox.away = None
    office.live("2026-11-02 12:00")
    assert not office.sent("alarm")
    assert [row.state for row in office.rows() if row.mail.template == "alarm"] in ([], ["withdrawn"])


def test_an_answer_while_the_daemon_was_down_is_read_before_a_waiting_reminder_leaves(office: Office) -> None:
    acknowledged(office, "供热管网检修")
    just_before_sending(office, "2026-11-11 10:00", lambda: _stop())

    def _stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        office.live("2026-11-11 18:00")
    assert [row.state for row in office.rows() if row.mail.template == "due_today"] in (["frozen"], ["asked"])
    office.clock.move_to(office.clock.now())
    notice = office.mails("dispatch")[0]
    office.answer(REPORT, notice, HEAD)
    office.off("2026-11-11 14:00")
    office.turns._next["watch"] = office.turns._next["watch"].replace(hour=23)  # the slowest to begin
    office.live("2026-11-11 18:00")
    assert not office.sent("due_today")
    assert office.get("m1").assignments[0].report_waiting


def test_history_says_why_a_reminder_was_withdrawn(office: Office) -> None:
    acknowledged(office, "供热管网检修")
    just_before_sending(office, "2026-11-11 10:00", lambda: report(office, "m1"))
    office.live("2026-11-11 18:00")
    with office.store.reading() as tx:
        kinds = [entry.kind for entry in ledger.history(tx, "m1")]
        first = kinds.index("report_received")
        assert kinds[first - 1 : first + 2] == ["reminded", "report_received", "reminder_withdrawn"]
        assert outbox.counts(tx)["withdrawn"] == 1
