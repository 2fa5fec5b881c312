"""Promise 6: each reminder once, whatever happens to the machine; ceilings and a wrong clock stop the sending."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from daemon.procedure.workdays import SHANGHAI, day_of
from daemon.world import Delivery
from store.outbox import OutboxRow
from tests.world.office import Office, at

HEAD = "hq.head@lcnu.example"


def reminders(office: Office) -> list[OutboxRow]:
    """What left with a key, in order."""
    return [row for row in office.sent() if row.mail.lines and row.mail.lines[0].key is not None]


def days(rows: list[OutboxRow]) -> list[str]:
    return [f"{row.mail.template} {row.sent_at.astimezone(SHANGHAI):%m-%d}" for row in rows if row.sent_at]


def each_once(office: Office) -> None:
    keys = Counter((line.matter, line.key) for row in reminders(office) for line in row.mail.lines)
    assert [key for key, times in keys.items() if times > 1] == []
    a_day = Counter(
        (row.mail.unit or row.mail.leader, day_of(row.sent_at))
        for row in reminders(office)
        if row.sent_at and row.mail.template not in ("phone_hint", "intervention_letter")
    )
    assert [key for key, times in a_day.items() if times > 1] == []


@pytest.mark.parametrize(("down", "up"), [("2026-11-10", "2026-11-13"), ("2026-11-10", "2026-12-01")])
def test_after_downtime_only_the_latest_stage_leaves(either: Office, down: str, up: str) -> None:
    for title in ("供热管网检修", "食堂价格公示"):
        either.matter(title, "2026-11-11")
    either.live(f"{down} 18:00")
    before = len(reminders(either))
    either.off(f"{up} 09:15")
    either.live(f"{up} 18:00")
    fresh = reminders(either)[before:]
    assert len([row for row in fresh if row.mail.unit == "HQ" and row.mail.template != "intervention_letter"]) <= 1
    assert len([row for row in fresh if row.mail.leader == "L3"]) <= 1
    either.live("2026-12-18 18:00")
    each_once(either)


def test_a_restart_at_any_moment_neither_repeats_nor_forgets(office: Office) -> None:
    office.matter("供热管网检修", "2026-11-11")
    moment = at("2026-11-03 08:29")
    while moment < at("2026-11-26 18:00"):
        office.live(moment.astimezone(SHANGHAI).replace(tzinfo=None).isoformat(sep=" ", timespec="seconds"))
        office.start()
        moment += timedelta(hours=3, minutes=31)
    office.live("2026-11-26 18:00")
    each_once(office)
    templates = Counter(row.mail.template for row in reminders(office))
    assert set(templates.values()) == {1, 2}  # two digests: the leader's and the president's
    assert templates["leader_digest"] == 2
    for one in ("ack_reminder", "ack_urge", "phone_hint", "due_today", "urge_1", "urge_2", "intervention_letter"):
        assert templates[one] == 1


def test_a_reminder_that_could_not_leave_gives_way_to_the_later_one(office: Office) -> None:
    """SMTP was away from D+1 to D+3: the unit hears the second urge, not both."""
    office.matter("供热管网检修", "2026-11-11")
    office.live("2026-11-11 18:00")
    office.courier.answer = lambda r: Delivery(r, "later", "not connected")
    office.live("2026-11-15 18:00")
    office.courier.answer = lambda _: None
    office.live("2026-11-16 18:00")
    lately = [row for row in days(reminders(office)) if row > "urge" and row < "urge_9"]
    assert lately == ["urge_2 11-16"]
    each_once(office)


def test_one_reminder_mail_a_unit_and_one_digest_a_leader_a_day(office: Office) -> None:
    for n in range(3):
        office.matter(f"事项{n}", "2026-11-11")
        office.matter(f"教务{n}", "2026-11-11", lead="JW")
        office.matter(f"图书{n}", "2026-11-12", lead="TS")
    office.live("2026-12-04 18:00")
    each_once(office)
    digests = [row for row in reminders(office) if row.mail.template == "leader_digest"]
    assert {row.mail.leader for row in digests} == {"L2", "L3", "L4"}


def test_the_ceiling_of_an_hour_stops_and_tells(office: Office) -> None:
    office.world.outlook = replace(office.world.outlook, per_hour=10)
    for n in range(12):
        office.matter(f"事项{n}", "2026-11-23", lead=("HQ", "JW", "TS")[n % 3])
    office.live("2026-11-02 08:50")
    assert len(office.sent("dispatch")) <= 10
    assert office.alarms() == {"per_hour"}
    assert len(office.sent("alarm")) == 1  # the Section is told, although the ceiling is reached
    office.live("2026-11-02 12:00")
    assert len(office.sent("dispatch")) == 12
    assert not office.alarms()
    assert len(office.sent("alarm")) == 1


def test_the_ceiling_of_an_address_postpones_to_the_next_day_and_ends(office: Office) -> None:
    office.world.outlook = replace(office.world.outlook, per_address_per_day=5)
    for n in range(7):
        office.matter(f"事项{n}", "2026-11-23")
    office.live("2026-11-02 18:00")
    assert len(office.sent("dispatch")) == 5
    assert office.alarms() == {"per_address"}
    office.live("2026-11-03 12:00")
    assert len(office.sent("dispatch")) >= 7 - 1
    assert "per_address" not in office.alarms() or len(office.sent("dispatch")) == 7


def test_a_clock_behind_the_last_entry_stops_everything_but_the_alarm(office: Office) -> None:
    office.matter("供热管网检修", "2026-11-11")
    office.live("2026-11-11 09:00")
    before = len(office.courier.sent)
    office.clock._now = at("2026-11-09 09:00").astimezone(UTC)
    office.start()
    office.live("2026-11-09 09:10")
    assert office.alarms() == {"clock_behind"}
    assert len(office.courier.sent) == before + 1
    assert len(office.sent("alarm")) == 1
    office.clock.move_to(at("2026-11-11 09:01"))
    office.start()
    office.live("2026-11-11 18:00")
    assert not office.alarms()
    assert len(office.sent("due_today")) == 1


def test_a_clock_hours_off_the_servers_stops_everything_but_the_alarm(office: Office) -> None:
    office.matter("供热管网检修", "2026-11-23")
    office.clock.real = True  # type: ignore[misc]
    office.mailbox.told_time = office.clock.now() + timedelta(hours=5)
    office.live("2026-11-02 10:00:10")
    assert "clock_off" in office.alarms()
    office.live("2026-11-02 10:01")
    assert len(office.sent("alarm")) == 1
    before = len(office.courier.sent)
    office.matter("食堂价格公示", "2026-11-23")
    assert not office.sent("dispatch")[1:]
    assert len(office.courier.sent) == before
    office.mailbox.told_time = None
    office.live("2026-11-02 13:30")
    assert not office.alarms()
    assert len(office.sent("dispatch")) == 2
