"""Promise 9: leaders hear it automatically and never by surprise."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from daemon.procedure.rules import default_text
from daemon.procedure.shapes import HoldReminder, ReceiveReport, Refusal, ReleaseReminder
from daemon.procedure.workdays import SHANGHAI
from store.outbox import OutboxRow
from tests.world.office import Office


def when(row: OutboxRow) -> str:
    assert row.sent_at is not None
    return f"{row.sent_at.astimezone(SHANGHAI):%m-%d %H:%M}"


def digests(office: Office) -> list[OutboxRow]:
    return office.sent("leader_digest")


def overdue(office: Office, *titles: str) -> None:
    """Matters due on 11 November: lead3 falls on Monday the 16th."""
    for title in titles:
        office.matter(title, "2026-11-11")


def announced(office: Office, day: str, word: str) -> list[str]:
    found = []
    for mail in [*office.mails("morning"), *office.mails("announcement")]:
        moment = mail["Date"].datetime.astimezone(SHANGHAI)
        if f"{moment:%m-%d}" == day and word in mail.get_body(("plain",)).get_content():  # type: ignore[union-attr]
            found.append(f"{moment:%H:%M}")
    return found


def test_announced_in_the_morning_leaves_in_the_afternoon(office: Office) -> None:
    overdue(office, "供热管网检修", "食堂价格公示")
    office.live("2026-11-16 09:00")
    assert announced(office, "11-16", "周副") == ["08:30"]
    assert not digests(office)
    office.live("2026-11-16 18:00")
    assert [when(row) for row in digests(office)] == ["11-16 14:30"]


def test_held_with_a_reason_it_leaves_on_the_date(office: Office) -> None:
    overdue(office, "供热管网检修", "食堂价格公示")
    office.live("2026-11-16 09:00")
    keys = [
        (line.matter, line.key)
        for row in office.rows()
        if row.mail.template == "leader_digest"
        for line in row.mail.lines
    ]
    assert len(keys) == 2
    no = office.act(*[HoldReminder(m, key, date(2026, 11, 30), "领导出差") for m, key in keys if key])
    assert isinstance(no, Refusal)
    office.act(*[HoldReminder(m, key, date(2026, 11, 18), "领导出差") for m, key in keys if key])
    office.live("2026-11-18 18:00")
    (one,) = [row for row in digests(office) if row.mail.leader == "L3"]
    assert when(one) == "11-18 14:30"
    assert len(one.mail.lines) == 2


def test_answered_in_the_morning_it_does_not_leave(office: Office) -> None:
    overdue(office, "供热管网检修", "食堂价格公示")
    office.live("2026-11-16 09:00")
    office.act(ReceiveReport("m1", "HQ", "办结报告", date(2026, 11, 16)))
    office.live("2026-11-16 18:00")
    (one,) = digests(office)
    assert [line.matter for line in one.mail.lines] == ["m2"]


@pytest.mark.parametrize(
    ("off", "back"), [("2026-11-16 08:00", "2026-11-16 13:00"), ("2026-11-16 09:00", "2026-11-17 09:10")]
)
def test_downtime_moves_it_to_a_day_on_which_it_was_announced(office: Office, off: str, back: str) -> None:
    """Off over the morning: not announced. Off over the afternoon: announced for a day on which it did not leave."""
    overdue(office, "供热管网检修")
    office.live(off)
    office.off(back)
    office.live("2026-11-18 18:00")
    (one,) = [row for row in digests(office) if row.mail.leader == "L3"]
    assert when(one) == "11-17 14:30"
    assert announced(office, "11-17", "周副")


def test_off_over_the_next_morning_too(office: Office) -> None:
    overdue(office, "供热管网检修")
    office.live("2026-11-16 09:00")
    office.off("2026-11-17 14:40")
    office.live("2026-11-19 18:00")
    (one,) = [row for row in digests(office) if row.mail.leader == "L3"]
    assert when(one) == "11-18 14:30"
    assert announced(office, "11-18", "周副")


def test_a_policy_of_the_director_waits_for_the_director(tmp_path: Path) -> None:
    text = default_text()
    (line,) = [line for line in text.splitlines() if 'id = "lead3"' in line]
    office = Office.open(tmp_path, policy=text.replace(line, line.replace("unless_held", "director")))
    overdue(office, "供热管网检修")
    office.live("2026-11-17 18:00")
    assert not digests(office)
    (row,) = [row for row in office.rows() if row.mail.template == "leader_digest"]
    key = row.mail.lines[0].key
    assert key is not None
    assert isinstance(office.act(ReleaseReminder("m1", key, "officer")), Refusal)
    office.act(ReleaseReminder("m1", key, "director"), actor="officer:zhang")
    office.live("2026-11-18 18:00")
    assert len(digests(office)) == 1
    office.close()
