"""催报: what is due when, what holds it, what comes if nobody answers; situations with their dates."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from daemon.procedure import reminders
from daemon.procedure.reminders import HoldFacts, answered, fell_due, hold
from daemon.procedure.shapes import (
    Acknowledge,
    AskExtension,
    GrantExtension,
    HoldReminder,
    ImportDispatched,
    RecordMail,
    RefNo,
    RefuseExtension,
    ReleaseReminder,
    ReportProgress,
    ReturnReport,
    StageKey,
    Suspend,
)
from daemon.procedure.workdays import SHANGHAI


def test_nobody_answers(desk: Any) -> None:
    """交办 on Tuesday 11-24, due Tuesday 12-15, fifteen working days."""
    desk.dispatched()
    assert desk.preview("2026-11-24 09:00") == [
        ("ack1", "11-25 10:00"),
        ("ack2", "11-26 10:00"),
        ("ack3", "11-27 10:00"),
        ("check", "12-03 10:00"),
        ("pre5", "12-08 10:00"),
        ("pre2", "12-11 10:00"),
        ("day0", "12-15 10:00"),
        ("over1", "12-16 10:00"),
        ("over3", "12-18 10:00"),
        ("lead3", "12-18 14:30"),
        ("over5", "12-22 14:30"),
        ("pres10", "12-29 14:30"),
        ("week", "01-06 14:30"),
        ("week", "01-13 14:30"),
    ]


def test_the_clock_does_what_the_preview_says(desk: Any, made: Any) -> None:
    desk.dispatched()
    plan = desk.preview("2026-11-24 09:00")
    lived = []
    now = made.moment("2026-11-24 09:00")
    while now < made.moment("2027-01-13 17:00"):
        now += timedelta(minutes=10)
        for one in reminders.due(desk.matter, desk.rules, now):
            desk.must(now.strftime("%Y-%m-%d %H:%M"), one.command("m1"), "clock")
            if one.unit == "HQ":
                lived.append((one.key.stage, one.leaves_at.astimezone(SHANGHAI).strftime("%m-%d %H:%M")))
    assert sorted(lived, key=lambda one: plan.index(one)) == plan


def test_reasons_are_said_in_chinese(desk: Any, made: Any) -> None:
    desk.dispatched()
    plan = reminders.preview(desk.matter, desk.rules, made.moment("2026-11-24"))
    reasons = {one.stage: one.reason for one in plan}
    assert reasons["ack1"] == "交办后第1个工作日仍未签收"
    assert reasons["pre2"] == "距要求反馈时间还有2个工作日，尚无办结报告"
    assert reasons["day0"] == "要求反馈时间已到，尚无办结报告"
    assert reasons["lead3"] == "超过要求反馈时间3个工作日，仍无办结报告"
    assert reasons["check"] == "办理时限已到检查点，近5个工作日没有进展反馈"


def test_a_supporting_unit_hears_the_receipt_stages_only(desk: Any, made: Any) -> None:
    desk.dispatched()
    plan = reminders.preview(desk.matter, desk.rules, made.moment("2026-11-24"))
    assert [one.stage for one in plan if one.unit == "XG"] == ["ack1", "ack2", "ack3"]


def test_who_has_signed_is_not_asked_to_sign(desk: Any) -> None:
    desk.dispatched()
    assert desk.due("2026-11-25 09:59") == []
    assert desk.due("2026-11-25 10:00") == ["ack1", "ack1:XG"]
    desk.must("2026-11-25 10:30", Acknowledge("m1", "HQ", "liaison"), "letter", 1)
    assert desk.due("2026-11-25 10:31") == ["ack1:XG"]


def test_an_answer_of_any_kind_shows_that_the_notice_came(desk: Any, made: Any) -> None:
    desk.dispatched()
    desk.must("2026-11-24 15:00", ReportProgress("m1", "HQ", "已开始", made.day("2026-11-24")), "letter", 1)
    assert desk.due("2026-11-25 10:00") == ["ack1:XG"]


# ---- rest days


def test_a_deadline_on_a_saturday(desk: Any) -> None:
    """D 2026-12-19: day0 on Friday, over1 on Monday, the days before counted from Friday."""
    desk.dispatched(deadline="2026-12-19")
    plan = dict(desk.preview("2026-12-09 12:00"))
    assert plan["pre5"] == "12-11 10:00"
    assert plan["pre2"] == "12-16 10:00"
    assert plan["day0"] == "12-18 10:00"
    assert plan["over1"] == "12-21 10:00"


def test_a_deadline_in_the_national_holiday(desk: Any) -> None:
    """D 2026-10-03: day0 on 09-30, over1 on 10-08, over3 on the make-up Saturday 10-10."""
    desk.dispatched("2026-09-07", "2026-10-03")
    plan = dict(desk.preview("2026-09-28 12:00"))
    assert plan["day0"] == "09-30 10:00"
    assert plan["over1"] == "10-08 10:00"
    assert plan["over3"] == "10-10 10:00"


def test_a_deadline_in_a_year_without_notice(desk: Any) -> None:
    desk.dispatched("2026-12-14", "2027-01-04")
    assert dict(desk.preview("2026-12-28 12:00"))["day0"] == "01-04 10:00"


@pytest.mark.parametrize(
    "now", ["2026-12-05 10:30", "2026-12-04 08:29", "2026-12-04 11:30", "2026-12-04 17:00", "2026-12-06 15:00"]
)
def test_nothing_is_due_outside_the_office_hours(desk: Any, now: str) -> None:
    desk.dispatched().acknowledged()
    assert desk.due(now) == []


def test_a_vacation_is_silent_but_for_the_urgent(made: Any) -> None:
    rules = made.rules('[school]\nvacations = ["2026-12-10/2027-02-28"]\n')
    quiet = made.desk(rules).dispatched().acknowledged()
    assert quiet.due("2026-12-15 10:00") == []
    assert quiet.due("2027-03-01 14:00") == [], "what leaders hear is announced in the morning"
    assert quiet.due("2027-03-01 08:30") == ["over5", "week", "pres10"]
    urgent = made.desk(rules).dispatched(urgent=True).acknowledged()
    assert urgent.due("2026-12-15 10:00") == ["day0"]


# ---- terms


def test_short_terms_have_few_stages(desk: Any, made: Any) -> None:
    """Four working days: no pre2; one: no day0 either."""
    short = desk.dispatched("2026-11-24", "2026-11-30").acknowledged()
    assert [stage for stage, _ in short.preview("2026-11-24 12:00")][:3] == ["day0", "over1", "over3"]
    one_day = made.desk(desk.rules).dispatched("2026-11-24", "2026-11-25").acknowledged()
    assert [stage for stage, _ in one_day.preview("2026-11-24 12:00")][:2] == ["over1", "over3"]


def test_a_long_term_is_checked_again(desk: Any) -> None:
    """55 working days: checked on the 27th, 2026-09-07, and twenty on, the make-up Saturday 10-10."""
    desk.dispatched("2026-07-30", "2026-10-21").acknowledged("2026-07-30")
    checks = [at for stage, at in desk.preview("2026-07-30 12:00") if stage == "check"]
    assert checks == ["09-07 10:00", "10-10 10:00"]


def test_fresh_progress_answers_the_check(desk: Any, made: Any) -> None:
    desk.dispatched().acknowledged()
    assert desk.due("2026-12-03 10:00") == ["check"]
    desk.must("2026-11-27", ReportProgress("m1", "HQ", "过半", made.day("2026-11-27")), "letter", 2)
    assert desk.due("2026-12-03 10:00") == [], "four working days before the check"
    desk2 = made.desk(desk.rules).dispatched().acknowledged()
    desk2.must("2026-11-25", ReportProgress("m1", "HQ", "开始", made.day("2026-11-25")), "letter", 2)
    assert desk2.due("2026-12-03 10:00") == ["check"], "six working days before it"
    desk2.must("2026-12-03 10:05", ReportProgress("m1", "HQ", "过半", made.day("2026-12-03")), "letter", 3)
    assert desk2.due("2026-12-03 10:06") == []


# ---- reports, returns, extensions


def test_a_report_ends_it_and_a_return_starts_it_anew(desk: Any, made: Any) -> None:
    desk.dispatched().acknowledged().reported("2026-12-15 23:00")
    assert desk.due("2026-12-16 10:00") == []
    desk.must("2026-12-17", ReturnReport("m1", "HQ", ("情况不清",), False, made.day("2026-12-17")))
    assert desk.matter.deadline == made.day("2026-12-24")
    assert desk.preview("2026-12-17 12:00")[:7] == [
        ("pre2", "12-22 10:00"),
        ("day0", "12-24 10:00"),
        ("over1", "12-25 10:00"),
        ("over3", "12-29 10:00"),
        ("lead3", "12-29 14:30"),
        ("over5", "12-31 14:30"),
        ("pres10", "01-08 14:30"),
    ]


def extended(desk: Any, made: Any, on: str, until: str) -> None:
    desk.must(on, AskExtension("m1", "HQ", "设备未到货", made.day(until), made.day(on)), "letter", 4)
    desk.must(on, GrantExtension("m1", made.day(until), made.day(on), "L1"))


def test_an_extension_kills_the_old_stages(desk: Any, made: Any) -> None:
    desk.dispatched().acknowledged()
    assert desk.remind("2026-12-11 10:00") == ["pre2"]
    extended(desk, made, "2026-12-14", "2026-12-21")
    assert desk.due("2026-12-15 10:00") == []
    assert desk.due("2026-12-16 10:00") == []
    assert desk.due("2026-12-17 10:00") == ["pre2"], "another deadline, another key"
    assert desk.due("2026-12-22 10:00") == ["over1"]


def test_overdue_starts_anew_with_the_extension(desk: Any, made: Any) -> None:
    desk.dispatched().acknowledged()
    assert desk.remind("2026-12-18 10:00") == ["over3", "lead3"]
    extended(desk, made, "2026-12-18", "2026-12-25")
    old = StageKey("HQ", "over3", made.day("2026-12-15"))
    assert answered(desk.matter, old, desk.rules), "unsent old stages die"
    assert [stage for stage, _ in desk.preview("2026-12-18 12:00")][:3] == ["pre2", "day0", "over1"]


def test_a_refused_extension_is_that_days_reminder(desk: Any, made: Any) -> None:
    desk.dispatched().acknowledged()
    desk.must("2026-12-10", AskExtension("m1", "HQ", "难", made.day("2026-12-22"), made.day("2026-12-10")), "letter", 4)
    desk.must("2026-12-11", RefuseExtension("m1", made.day("2026-12-11"), "director", "理由不足"))
    assert desk.due("2026-12-11 10:00") == []
    assert desk.due("2026-12-14 10:00") == []
    assert desk.due("2026-12-15 10:00") == ["day0"]


# ---- downtime


def test_after_downtime_only_the_latest(desk: Any) -> None:
    desk.dispatched()
    assert desk.due("2026-12-01 10:00") == ["ack2", "ack3", "ack2:XG", "ack3:XG"]
    assert desk.remind("2026-12-01 10:00") == ["ack2", "ack3", "ack2", "ack3"]
    assert desk.due("2026-12-02 10:00") == []


def test_what_missed_its_announcement_waits_for_the_next_round(desk: Any) -> None:
    desk.dispatched().acknowledged()
    desk.remind("2026-12-18 10:00")
    assert desk.due("2026-12-22 11:31") == []
    assert desk.due("2026-12-22 14:00") == []
    assert desk.due("2026-12-23 08:29") == []
    assert desk.due("2026-12-23 08:30") == ["over5"]
    late = desk.preview("2026-12-22 11:45")[0]
    assert late == ("over5", "12-23 14:30")


def test_an_imported_matter_hears_nothing_of_what_was_due_before(desk: Any, made: Any) -> None:
    paper = ImportDispatched(
        "m1",
        RefNo(2026, 5),
        "家具采购",
        "年度计划",
        "到位",
        "HQ",
        (),
        made.day("2026-10-12"),
        made.day("2026-11-20"),
    )
    desk.must("2026-11-24 15:00", paper, "import")
    assert desk.due("2026-11-24 15:30") == [], "over1 was due on 11-23"
    assert desk.due("2026-11-25 08:30") == ["lead3"]
    assert desk.due("2026-11-25 10:00") == ["over3", "lead3"]


def test_a_stage_of_the_import_day_itself_is_sent_if_it_was_still_to_come(desk: Any, made: Any) -> None:
    paper = ImportDispatched(
        "m1", RefNo(2026, 5), "家具", "计划", "到位", "HQ", (), made.day("2026-11-09"), made.day("2026-11-24")
    )
    early = made.desk(desk.rules)
    early.must("2026-11-24 09:00", paper, "import")
    assert early.due("2026-11-24 10:00") == ["day0"]
    desk.must("2026-11-24 10:30", paper, "import")
    assert desk.due("2026-11-24 10:31") == []


# ---- holds


def facts(made: Any, read_at: str | None = "2026-12-16 10:01", **more: Any) -> HoldFacts:
    return HoldFacts(made.moment(read_at) if read_at else None, **more)


def held(desk: Any, made: Any, now: str, what: HoldFacts, stage: str = "over1") -> str | None:
    key = StageKey("HQ", stage, made.day("2026-12-15"))
    return hold(desk.matter, key, desk.rules, what, made.moment(now))


def test_look_before_you_nag(desk: Any, made: Any) -> None:
    desk.dispatched().acknowledged()
    now = "2026-12-16 10:02"
    assert held(desk, made, now, facts(made)) is None
    assert held(desk, made, now, facts(made, None)) == "hold_mailbox_stale"
    assert held(desk, made, now, facts(made, "2026-12-16 09:59")) == "hold_mailbox_stale"
    assert held(desk, made, now, facts(made, unread=True)) == "hold_unread_letter"
    assert held(desk, made, now, facts(made, waiting_matters=frozenset({"m1"}))) == "hold_unreviewed_letter"
    assert held(desk, made, now, facts(made, waiting_matters=frozenset({"m2"}))) is None
    assert held(desk, made, now, facts(made, waiting_units=frozenset({"HQ"}))) == "hold_unreviewed_letter"
    assert held(desk, made, now, facts(made, waiting_units=frozenset({"XG"}))) is None


def test_what_waits_for_us_holds(desk: Any, made: Any) -> None:
    desk.dispatched().acknowledged().reported("2026-12-16 09:00")
    assert held(desk, made, "2026-12-16 10:02", facts(made)) == "hold_report_waiting"
    desk.must("2026-12-16 09:10", Suspend("m1", "批示暂缓"))
    assert held(desk, made, "2026-12-16 10:02", facts(made)) == "hold_suspended"


@pytest.mark.parametrize(
    ("asked_on", "now", "code"),
    [
        ("2026-12-14", "2026-12-16 10:02", "hold_extension_waiting"),
        ("2026-12-14", "2026-12-30 10:02", "hold_extension_waiting"),
        ("2026-12-16", "2026-12-21 10:02", "hold_extension_waiting"),
        ("2026-12-16", "2026-12-22 10:02", None),
    ],
)
def test_a_request_holds_a_late_one_three_days_at_most(
    desk: Any, made: Any, asked_on: str, now: str, code: str | None
) -> None:
    desk.dispatched().acknowledged()
    ask = AskExtension("m1", "HQ", "难", made.day("2026-12-31"), made.day(asked_on))
    desk.must(f"{asked_on} 08:00", ask, "letter", 4)
    assert held(desk, made, now, facts(made, now)) == code


def test_a_person_holds_an_escalation_until_a_day(desk: Any, made: Any) -> None:
    desk.dispatched().acknowledged().remind("2026-12-22 08:30")
    key = StageKey("HQ", "over5", made.day("2026-12-15"))
    late = facts(made, "2026-12-22 14:31")
    assert held(desk, made, "2026-12-22 14:32", late, "over5") is None
    assert held(desk, made, "2026-12-22 14:32", facts(made, "2026-12-22 14:00"), "over5") == "hold_mailbox_stale"
    desk.must("2026-12-22 10:00", HoldReminder("m1", key, made.day("2026-12-24"), "校长要求", "director"))
    assert held(desk, made, "2026-12-23 14:32", facts(made, "2026-12-23 14:31"), "over5") == "hold_by_person"
    assert held(desk, made, "2026-12-24 14:32", facts(made, "2026-12-24 14:31"), "over5") is None
    assert fell_due(desk.matter, key, desk.rules, made.moment("2026-12-24")) == made.moment("2026-12-24 14:30")
    assert ("over5", "12-24 14:30") in desk.preview("2026-12-23 09:00")


def test_a_release_that_waits_for_a_person(made: Any) -> None:
    rules = made.rules()
    stages = tuple(
        replace(stage, release="director") if stage.id == "over5" else stage for stage in rules.policy.reminders.stages
    )
    policy = replace(rules.policy, reminders=replace(rules.policy.reminders, stages=stages))
    desk = made.desk(replace(rules, policy=policy)).dispatched().acknowledged()
    desk.remind("2026-12-22 08:30")
    key = StageKey("HQ", "over5", made.day("2026-12-15"))
    late = facts(made, "2026-12-22 14:31")
    assert held(desk, made, "2026-12-22 14:32", late, "over5") == "hold_awaits_release"
    desk.must("2026-12-22 15:00", ReleaseReminder("m1", key, "director"))
    assert held(desk, made, "2026-12-22 15:01", facts(made, "2026-12-22 15:00"), "over5") is None


def test_a_reminder_is_answered_by_what_it_asked_for(desk: Any, made: Any) -> None:
    desk.dispatched().remind("2026-11-25 10:00")
    ack = StageKey("HQ", "ack1", made.day("2026-11-24"))
    assert not answered(desk.matter, ack, desk.rules)
    desk.acknowledged("2026-11-25")
    assert answered(desk.matter, ack, desk.rules)
    desk.remind("2026-12-11 10:00")
    pre2 = StageKey("HQ", "pre2", made.day("2026-12-15"))
    desk.must("2026-12-11", ReportProgress("m1", "HQ", "预计下周办结", made.day("2026-12-11")), "letter", 5)
    assert not answered(desk.matter, pre2, desk.rules), "a bare promise holds nothing"
    desk.reported("2026-12-11", letter=6)
    assert answered(desk.matter, pre2, desk.rules)


def test_a_delivered_reminder_is_not_due_again(desk: Any, made: Any) -> None:
    desk.dispatched().acknowledged().remind("2026-12-16 10:00")
    key = StageKey("HQ", "over1", made.day("2026-12-15"))
    desk.must("2026-12-16 10:01", RecordMail("m1", 1, "urge_1", "delivered", ("a@x",), keys=(key,)), "daemon")
    assert desk.due("2026-12-16 10:02") == []
    assert desk.due("2026-12-17 10:02") == []


def test_a_ready_matter_is_previewed_as_if_dispatched_now(desk: Any, made: Any) -> None:
    desk.must("2026-11-24", made.draft())
    assert desk.preview("2026-11-24 16:00")[0] == ("ack1", "11-25 10:00")
    desk2 = made.desk(desk.rules)
    desk2.must("2026-11-24", made.draft(leader_opinion=""))
    assert desk2.preview("2026-11-24") == []


def test_the_whole_round_is_within_office_hours(desk: Any, made: Any) -> None:
    desk.dispatched()
    for plan in reminders.preview(desk.matter, desk.rules, made.moment("2026-11-24")):
        assert desk.rules.calendar.in_office(plan.at), plan
        assert isinstance(plan.at, datetime)
