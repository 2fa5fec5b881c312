"""The law step by step: what each article demands, and in which order it refuses."""

from dataclasses import replace
from typing import Any

import pytest

from daemon.procedure import matter as law
from daemon.procedure.initiate import warnings
from daemon.procedure.shapes import (
    Acknowledge,
    AskExtension,
    Because,
    Close,
    Dispatch,
    GrantExtension,
    HoldReminder,
    ImportDispatched,
    Instruct,
    MarkAddress,
    NoteLetter,
    Propose,
    ReceiveReport,
    RecordMail,
    RefNo,
    RefuseExtension,
    ReleaseReminder,
    Remind,
    ReportProgress,
    Resume,
    ReturnReport,
    StageKey,
    Suspend,
    Undo,
    Unit,
    VoidMatter,
    WithdrawReminder,
    WriteUnit,
)

# ---- 三（一） 立项


def test_a_draft_is_a_proposal_until_the_instruction_is_there(desk: Any, made: Any) -> None:
    desk.must("2026-11-23", made.draft(leader_opinion="", ref=None))
    assert (desk.matter.phase, desk.matter.ref) == ("proposed", None)
    assert desk.refused("2026-11-23", Dispatch("m1")) == "phase_proposed"
    desk.must("2026-11-24", Instruct("m1", "同意。", "L2", RefNo(2026, 12)))
    assert (desk.matter.phase, desk.matter.ref) == ("ready", RefNo(2026, 12))
    assert desk.matter.instructing_leader == "L2"
    assert desk.refused("2026-11-24", Instruct("m1", "同意。", "L2", RefNo(2026, 13))) == "phase_ready"


def test_a_draft_may_be_written_anew(desk: Any, made: Any) -> None:
    desk.must("2026-11-23", made.draft(leader_opinion=""))
    desk.must("2026-11-23", made.draft("2026-12-18", leader_opinion="", title="供热", ref=None))
    assert (desk.matter.title, desk.matter.deadline) == ("供热", made.day("2026-12-18"))
    assert desk.matter.ref == RefNo(2026, 12), "a number that was written down stays"
    desk.must("2026-11-24", Instruct("m1", "同意", "L2", RefNo(2026, 99)))
    assert desk.matter.ref == RefNo(2026, 12)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": " "}, "title_missing"),
        ({"requirements": ""}, "requirements_missing"),
        ({"lead": "ZZ"}, "unknown_unit"),
        ({"supporting": ("ZZ",)}, "unknown_unit"),
        ({"supporting": ("HQ",)}, "unit_twice"),
        ({"supporting": ("XG", "XG")}, "unit_twice"),
        ({"supporting": ("XG",) * 6}, "too_many_supporting"),
        ({"instructing_leader": "L9"}, "unknown_leader"),
        ({"deadline": None}, "deadline_missing"),
        ({"ref": None}, "number_missing"),
        # the order of precedence: the first that is wrong is told
        ({"title": "", "lead": "ZZ", "ref": None}, "title_missing"),
        ({"lead": "ZZ", "ref": None}, "unknown_unit"),
    ],
)
def test_a_notice_that_is_not_complete(desk: Any, made: Any, changes: dict[str, Any], code: str) -> None:
    assert desk.refused("2026-11-24", made.draft(**changes)) == code


def test_a_deadline_before_today_is_refused_and_today_is_not(desk: Any, made: Any) -> None:
    assert desk.refused("2026-12-16", made.draft()) == "deadline_past"
    desk.must("2026-12-15", made.draft())
    assert desk.refused("2026-12-16", Dispatch("m1")) == "deadline_past"


def test_a_proposal_whose_deadline_passed_needs_another_one(desk: Any, made: Any) -> None:
    desk.must("2026-11-24", made.draft(leader_opinion=""))
    assert desk.refused("2026-12-16", Instruct("m1", "同意", "L2", RefNo(2026, 12))) == "deadline_past"
    assert desk.refused("2026-11-25", Instruct("m1", " ", "L2", RefNo(2026, 12))) == "instruction_missing"


def test_warnings_for_a_deadline(made: Any) -> None:
    rules = made.rules('[school]\nvacations = ["2027-01-18/2027-02-28"]\n')
    assert warnings(made.day("2026-12-15"), rules) == []
    assert warnings(made.day("2026-12-19"), rules) == ["deadline_rest_day"]
    assert warnings(made.day("2027-01-20"), rules) == ["deadline_in_vacation", "deadline_provisional"]


def test_void_keeps_the_number(desk: Any, made: Any) -> None:
    desk.dispatched()
    assert desk.refused("2026-11-25", VoidMatter("m1", " ")) == "why_missing"
    desk.must("2026-11-25", VoidMatter("m1", "重复立项"))
    assert (desk.matter.phase, desk.matter.ref) == ("void", RefNo(2026, 12))
    assert desk.must("2026-11-25", VoidMatter("m1", "再撤")) == []
    assert desk.refused("2026-11-26", ReportProgress("m1", "HQ", "x", made.day("2026-11-26")), "letter") == "phase_void"


# ---- 三（二） 交办, 签收


def test_dispatch(desk: Any, made: Any) -> None:
    desk.dispatched()
    matter = desk.matter
    assert (matter.phase, matter.dispatched_on, matter.first_deadline) == (
        "running",
        made.day("2026-11-24"),
        made.day("2026-12-15"),
    )
    assert [(a.unit, a.role, a.token) for a in matter.assignments] == [("HQ", "lead", "t1"), ("XG", "supporting", "t2")]
    assert desk.refused("2026-11-24", Dispatch("m1")) == "phase_running"


def test_a_unit_that_nobody_can_reach(desk: Any, made: Any) -> None:
    units = desk.rules.units | {"XG": Unit("XG", "学生工作部", "学工部")}
    desk.rules = replace(desk.rules, units=units)
    desk.must("2026-11-24", made.draft())
    assert desk.refused("2026-11-24", Dispatch("m1")) == "unit_unreachable"


def test_a_dispatch_late_in_the_evening_of_utc_is_of_the_day_in_shanghai(desk: Any, made: Any) -> None:
    desk.must("2026-11-24", made.draft())
    desk.must("2026-11-25 00:30", Dispatch("m1", tokens=("a", "b")))
    assert desk.matter.dispatched_on == made.day("2026-11-25")


def test_a_second_receipt_is_none(desk: Any) -> None:
    desk.dispatched()
    desk.must("2026-11-24 10:00", Acknowledge("m1", "HQ", "liaison"), "letter", 3)
    assert desk.must("2026-11-24 11:00", Acknowledge("m1", "HQ", "head"), "letter", 4) == []
    assert desk.matter.lead_assignment.acknowledged_by == "liaison"
    assert desk.refused("2026-11-24 11:00", Acknowledge("m1", "BW", "head"), "letter", 5) == "not_a_party"


def imported(made: Any, **changes: Any) -> ImportDispatched:
    plain = ImportDispatched(
        matter="m1",
        ref=RefNo(2026, 5),
        title="家具采购",
        source="三季度计划",
        requirements="采购到位",
        lead="HQ",
        supporting=("XG",),
        dispatched_on=made.day("2026-10-12"),
        deadline=made.day("2026-11-20"),
        message_ids=("a@x", "b@x"),
        notice_sha256="ff",
        tokens=("t1", "t2"),
    )
    return replace(plain, **changes)


def test_a_matter_dispatched_before_may_be_overdue(desk: Any, made: Any) -> None:
    desk.must("2026-11-24", imported(made), "import")
    assert desk.matter.phase == "running"
    assert [a.message_id for a in desk.matter.assignments] == ["a@x", "b@x"]
    assert desk.matter.notice_sha256 == ("ff",)
    assert desk.refused("2026-11-24", imported(made), "import") == "matter_exists"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"title": ""}, "title_missing"),
        ({"lead": "QQ"}, "unknown_unit"),
        ({"message_ids": ("a", "b", "c")}, "too_many_message_ids"),
    ],
)
def test_imports_are_checked(desk: Any, made: Any, changes: dict[str, Any], code: str) -> None:
    assert desk.refused("2026-11-24", imported(made, **changes), "import") == code
    assert desk.refused("2026-10-11", imported(made), "import") == "dispatched_in_future"
    wrong = imported(made, deadline=made.day("2026-10-11"))
    assert desk.refused("2026-11-24", wrong, "import") == "deadline_before_dispatch"


def test_the_mail_that_left_makes_the_thread_and_the_hash(desk: Any) -> None:
    desk.dispatched()
    mail = RecordMail("m1", 4, "dispatch", "refused", ("a@x",), "id@x", unit="HQ", notice_sha256="aa")
    desk.must("2026-11-24 09:05", mail, "daemon")
    assert desk.matter.notice_sha256 == ()
    desk.must("2026-11-24 09:06", replace(mail, outcome="delivered"), "daemon")
    assert desk.matter.lead_assignment.message_id == "id@x"
    desk.must("2026-11-24 09:06", replace(mail, outcome="delivered", unit="XG", message_id="id2@x"), "daemon")
    assert desk.matter.notice_sha256 == ("aa",)
    assert [a.message_id for a in desk.matter.assignments] == ["id@x", "id2@x"]
    assert len(desk.must("2026-11-24 09:07", MarkAddress("m1", "HQ", "a@x", "550"), "letter")) == 1


def test_a_later_instruction_is_kept_word_for_word_and_moves_nothing(desk: Any, made: Any) -> None:
    desk.dispatched()
    before = desk.matter
    desk.must("2026-12-01", Instruct("m1", "请抓紧。", "L2", on=made.day("2026-11-30")), "officer:li", 7)
    assert desk.must("2026-12-02", Instruct("m1", "请抓紧。", "L2"), "officer:li", 7) == []
    (one,) = desk.matter.instructions
    assert (one.words, one.leader, one.on, one.letter) == ("请抓紧。", "L2", made.day("2026-11-30"), 7)
    assert (desk.matter.ref, desk.matter.leader_opinion) == (before.ref, before.leader_opinion)
    assert desk.refused("2026-12-02", Instruct("m1", " ", "L2"), "officer:li", 8) == "instruction_missing"


# ---- 三（三） 检查


def test_progress_is_kept_by_day(desk: Any, made: Any) -> None:
    desk.dispatched()
    for on in ("2026-12-02", "2026-12-01", "2026-12-01"):
        desk.must(on, ReportProgress("m1", "HQ", "装了两个点位", made.day(on)), "letter", 8)
    assert desk.matter.lead_assignment.progress_on == (made.day("2026-12-01"), made.day("2026-12-02"))
    assert (
        desk.refused("2026-12-01", ReportProgress("m1", "BW", "x", made.day("2026-12-01")), "letter") == "not_a_party"
    )
    desk.must("2026-12-02", NoteLetter("m1", "XG", "question", "交给谁"), "letter", 9)
    desk.must("2026-12-02", NoteLetter("m1", None, "leader_instruction", "抓紧"), "letter", 10)


def test_only_a_missing_file_is_asked_for_without_a_person_once_a_day_of_a_unit(desk: Any, made: Any) -> None:
    desk.dispatched()

    def ask(letter: int, mail: Any = "ask_file", unit: str = "HQ") -> WriteUnit:
        on = made.day("2026-12-01")
        return WriteUnit("m1", unit, mail, letter, "a@x", "报告", on, "见通知", role="head", missing="report")

    for other in ("answer", "verify_sender"):
        assert desk.refused("2026-12-01", ask(1, other), "letter") == "needs_person"
    assert len(desk.must("2026-12-01 09:00", ask(1), "letter", 1)) == 1
    assert desk.must("2026-12-01 09:05", ask(1), "letter", 1) == []
    assert desk.must("2026-12-01 17:00", ask(2), "letter", 2) == []
    assert len(desk.must("2026-12-01 17:00", ask(3, unit="XG"), "letter", 3)) == 1
    assert len(desk.must("2026-12-02 09:00", ask(4), "letter", 4)) == 1
    assert desk.refused("2026-12-02 09:01", ask(1)) == "written_already"
    assert len(desk.must("2026-12-02 09:02", ask(2))) == 1  # a person may ask again, of another letter


# ---- 三（五） 办结


def test_mail_alone_never_closes(desk: Any, made: Any) -> None:
    desk.dispatched().acknowledged().reported("2026-12-10")
    for actor in ("letter", "clock", "import"):
        assert desk.refused("2026-12-10", Close("m1", made.day("2026-12-10")), actor) == "needs_person"
    assert desk.matter.phase == "running"


def test_no_closure_without_a_report(desk: Any, made: Any) -> None:
    desk.dispatched()
    assert desk.refused("2026-12-10", Close("m1", made.day("2026-12-10"))) == "no_report_waiting"
    desk.reported("2026-12-10")
    desk.must("2026-12-11", Close("m1", made.day("2026-12-11")))
    assert (desk.matter.phase, desk.matter.report_accepted_on) == ("closed", made.day("2026-12-10"))
    assert desk.must("2026-12-11", Close("m1", made.day("2026-12-11"))) == []


def test_the_same_report_from_the_same_letter_is_none(desk: Any, made: Any) -> None:
    desk.dispatched().reported("2026-12-10", letter=7)
    again = ReceiveReport("m1", "HQ", "已完成", made.day("2026-12-10"))
    assert desk.must("2026-12-10", again, "letter", 7) == []
    assert len(desk.must("2026-12-11", again, "letter", 8)) == 1, "another letter adds to it"


def test_a_supplement_does_not_make_the_report_late(desk: Any, made: Any) -> None:
    desk.dispatched().reported("2026-12-15").reported("2026-12-17", letter=8).closed("2026-12-18")
    assert desk.entries[-1].facts["late_days"] == 0
    assert {report.outcome for report in desk.matter.lead_assignment.reports} == {"accepted"}


def test_a_supporting_unit_reports_no_closure(desk: Any, made: Any) -> None:
    desk.dispatched()
    assert desk.refused("2026-12-01", ReceiveReport("m1", "XG", "x", made.day("2026-12-01")), "letter") == (
        "supporting_report"
    )
    assert desk.refused("2026-12-01", ask(made, "2026-12-01", unit="XG"), "letter") == "supporting_extension"


def give_back(made: Any, on: str, *, form: bool = False, term: int | None = None, **changes: Any) -> ReturnReport:
    return replace(ReturnReport("m1", "HQ", ("任务遗漏",), form, made.day(on), term), **changes)


def test_a_return_sets_a_new_term(desk: Any, made: Any) -> None:
    desk.dispatched().reported("2026-12-14")
    desk.must("2026-12-15", give_back(made, "2026-12-15"))
    assert desk.matter.deadline == made.day("2026-12-22"), "five working days on"
    assert desk.matter.late_from == made.day("2026-12-15"), "for substance: late from the old deadline"
    desk.reported("2026-12-18", letter=9).closed("2026-12-21")
    assert desk.entries[-1].facts["late_days"] == 3


def test_a_return_for_form_is_still_in_time(desk: Any, made: Any) -> None:
    desk.dispatched().reported("2026-12-14")
    desk.must("2026-12-15", give_back(made, "2026-12-15", form=True))
    desk.reported("2026-12-18", letter=9).closed("2026-12-21")
    assert desk.entries[-1].facts["late_days"] == 0


def test_a_return_for_form_does_not_excuse_what_was_late(desk: Any, made: Any) -> None:
    desk.dispatched().reported("2026-12-17")
    desk.must("2026-12-18", give_back(made, "2026-12-18", form=True))
    assert desk.matter.late_from == made.day("2026-12-15")
    assert desk.matter.overdue_days_past == 3


def test_a_return_long_before_the_deadline_leaves_it(desk: Any, made: Any) -> None:
    desk.dispatched().reported("2026-12-01")
    desk.must("2026-12-01", give_back(made, "2026-12-01", term=10))
    assert desk.matter.deadline == made.day("2026-12-15")
    desk.reported("2026-12-02", letter=9)
    desk.must("2026-12-02", give_back(made, "2026-12-02", term=10))
    assert desk.matter.deadline == made.day("2026-12-16")


def test_what_a_return_needs(desk: Any, made: Any) -> None:
    desk.dispatched()
    assert desk.refused("2026-12-01", give_back(made, "2026-12-01")) == "no_report_waiting"
    desk.reported("2026-12-01")
    assert desk.refused("2026-12-01", give_back(made, "2026-12-01", reasons=())) == "reasons_missing"
    assert desk.refused("2026-12-01", give_back(made, "2026-12-01", term=0)) == "term_out_of_range"
    assert desk.refused("2026-12-01", give_back(made, "2026-12-01", term=11)) == "term_out_of_range"
    assert desk.refused("2026-12-01", give_back(made, "2026-12-01"), "letter") == "needs_person"


# ---- 三（五） 延期


def ask(made: Any, on: str, until: str | None = "2026-12-22", unit: str = "HQ", **changes: Any) -> AskExtension:
    plain = AskExtension("m1", unit, "设备未到货", made.day(until) if until else None, made.day(on))
    return replace(plain, **changes)


def grant(made: Any, on: str, until: str, by: str = "director") -> GrantExtension:
    return GrantExtension("m1", made.day(until), made.day(on), by)


@pytest.mark.parametrize(
    ("on", "late"),
    [("2026-12-11", ""), ("2026-12-14", "临期申请"), ("2026-12-15", "临期申请"), ("2026-12-16", "逾期申请")],
)
def test_a_late_request_is_taken_and_marked(desk: Any, made: Any, on: str, late: str) -> None:
    desk.dispatched()
    desk.must(on, ask(made, on), "letter", 5)
    assert desk.matter.lead_assignment.extensions[0].late == late
    assert desk.must(on, ask(made, on), "letter", 5) == []


def test_what_a_request_needs(desk: Any, made: Any) -> None:
    desk.dispatched()
    assert desk.refused("2026-12-01", ask(made, "2026-12-01", reason=" ")) == "reason_missing"
    assert desk.refused("2026-12-01", ask(made, "2026-12-01", "2026-12-15")) == "extension_not_later"
    desk.must("2026-12-01", ask(made, "2026-12-01", None), "letter", 3)
    assert desk.refused("2026-12-01", grant(made, "2026-12-01", "2026-12-15")) == "extension_not_later"


def test_nothing_is_granted_unasked(desk: Any, made: Any) -> None:
    desk.dispatched()
    assert desk.refused("2026-12-01", grant(made, "2026-12-01", "2026-12-22")) == "no_extension_waiting"
    refusal = RefuseExtension("m1", made.day("2026-12-01"), "director", "无理由")
    assert desk.refused("2026-12-01", refusal) == "no_extension_waiting"


def test_the_director_grants_once_and_briefly_and_tells_the_leader(desk: Any, made: Any) -> None:
    desk.dispatched()
    desk.must("2026-12-01", ask(made, "2026-12-01"), "letter", 1)
    assert desk.refused("2026-12-02", grant(made, "2026-12-02", "2026-12-23")) == "grant_needs_leader"
    assert desk.refused("2026-12-02", grant(made, "2026-12-02", "2026-12-22", "L9")) == "unknown_leader"
    desk.must("2026-12-02", grant(made, "2026-12-02", "2026-12-22"))
    assert desk.entries[-1].facts["tell_leader"] is True
    assert desk.matter.deadline == desk.matter.late_from == made.day("2026-12-22")
    desk.must("2026-12-16", ask(made, "2026-12-16", "2026-12-25"), "letter", 2)
    assert desk.refused("2026-12-16", grant(made, "2026-12-16", "2026-12-25")) == "grant_needs_leader"
    assert desk.refused("2026-12-16", grant(made, "2026-12-16", "2026-12-25", "L3")) == "grant_needs_leader"
    desk.must("2026-12-16", grant(made, "2026-12-16", "2026-12-25", "L2"))
    desk.must("2026-12-23", ask(made, "2026-12-23", "2026-12-28"), "letter", 3)
    assert desk.refused("2026-12-23", grant(made, "2026-12-23", "2026-12-28", "L2")) == "grant_needs_president"
    desk.must("2026-12-23", grant(made, "2026-12-23", "2026-12-28", "L1"))
    assert [one.granted_wd for one in desk.matter.lead_assignment.extensions] == [5, 3, 1]


def test_more_than_fifteen_days_or_thirty_together_need_the_president(desk: Any, made: Any) -> None:
    desk.dispatched()
    desk.must("2026-12-01", ask(made, "2026-12-01", "2027-01-20"), "letter", 1)
    assert desk.refused("2026-12-02", grant(made, "2026-12-02", "2027-01-07", "L2")) == "grant_needs_president"
    desk.must("2026-12-02", grant(made, "2026-12-02", "2027-01-06", "L2"))
    assert desk.matter.lead_assignment.extensions[0].granted_wd == 15


def test_past_overdue_days_stay_recorded(desk: Any, made: Any) -> None:
    desk.dispatched()
    desk.must("2026-12-18", ask(made, "2026-12-18"), "letter", 1)
    desk.must("2026-12-18", grant(made, "2026-12-18", "2026-12-22"))
    assert desk.matter.overdue_days_past == 3
    desk.reported("2026-12-22").closed("2026-12-23")
    assert desk.entries[-1].facts["late_days"] == 0


def test_a_refused_extension_leaves_the_deadline(desk: Any, made: Any) -> None:
    desk.dispatched()
    desk.must("2026-12-01", ask(made, "2026-12-01"), "letter", 1)
    refusal = RefuseExtension("m1", made.day("2026-12-02"), "L2", "")
    assert desk.refused("2026-12-02", refusal) == "why_missing"
    desk.must("2026-12-02", replace(refusal, why="理由不足"))
    assert desk.matter.deadline == made.day("2026-12-15")
    assert desk.matter.lead_assignment.extensions[0].outcome == "refused"


def test_closure_and_return_leave_no_request_open(desk: Any, made: Any) -> None:
    desk.dispatched()
    desk.must("2026-12-01", ask(made, "2026-12-01"), "letter", 1)
    desk.reported("2026-12-02")
    desk.must("2026-12-03", give_back(made, "2026-12-03"))
    assert desk.matter.lead_assignment.extensions[0].outcome == "lapsed"


# ---- 三（四）, 四（四）


def test_suspend_and_resume(desk: Any, made: Any) -> None:
    desk.dispatched()
    assert desk.refused("2026-12-01", Suspend("m1", "")) == "why_missing"
    desk.must("2026-12-01", Suspend("m1", "批示暂缓"))
    assert desk.must("2026-12-01", Suspend("m1", "又")) == []
    desk.reported("2026-12-01")
    assert desk.refused("2026-12-01", Close("m1", made.day("2026-12-01"))) == "suspended"
    desk.must("2026-12-02", Resume("m1"))
    assert desk.must("2026-12-02", Resume("m1")) == []
    assert not desk.matter.suspended


def overdue(desk: Any, made: Any, until: str = "2026-12-22 08:30") -> StageKey:
    """A matter whose 督办函 was announced on that morning."""
    desk.dispatched().acknowledged()
    assert "over5" in desk.remind(until)
    return StageKey("HQ", "over5", made.day("2026-12-15"))


def test_an_escalation_may_be_held_by_whom_the_policy_names(desk: Any, made: Any) -> None:
    key = overdue(desk, made)
    held = HoldReminder("m1", key, made.day("2026-12-25"), "校长要求暂缓")
    assert desk.refused("2026-12-22 09:00", held) == "hold_needs_director"
    held = replace(held, by_role="director")
    assert desk.refused("2026-12-22 09:00", replace(held, why="")) == "why_missing"
    assert desk.refused("2026-12-22 09:00", replace(held, until=made.day("2026-12-22"))) == "hold_past"
    assert desk.refused("2026-12-22 09:00", replace(held, until=made.day("2026-12-30"))) == "hold_too_long"
    desk.must("2026-12-22 09:00", held)
    assert desk.refused("2026-12-23 09:00", ReleaseReminder("m1", key, "officer")) == "release_needs_director"
    desk.must("2026-12-23 09:00", ReleaseReminder("m1", key, "director"))
    assert desk.must("2026-12-23 09:01", ReleaseReminder("m1", key, "director")) == []
    left = RecordMail("m1", 1, "intervention_letter", "delivered", ("a@x",), keys=(key,), unit="HQ")
    desk.must("2026-12-23 14:30", left, "daemon")
    assert desk.refused("2026-12-23 15:00", held) == "reminder_left"
    assert desk.refused("2026-12-23 15:00", replace(held, key=replace(key, nth=2))) == "reminder_unknown"


def test_a_units_reminder_is_not_held(desk: Any, made: Any) -> None:
    desk.dispatched().remind("2026-11-25 10:00")
    key = StageKey("HQ", "ack1", made.day("2026-11-24"))
    assert desk.refused("2026-11-25 10:00", HoldReminder("m1", key, made.day("2026-11-27"), "x")) == "not_holdable"


def remind(key: StageKey, made: Any) -> Remind:
    return Remind("m1", key, "urge_1", "head", ("liaison",), made.moment("2026-12-16 10:00"))


def test_a_reminder_is_registered_once_and_a_withdrawn_one_frees_its_key(desk: Any, made: Any) -> None:
    desk.dispatched().acknowledged()
    key = StageKey("HQ", "over1", made.day("2026-12-15"))
    assert desk.refused("2026-12-15 10:00", remind(key, made), "clock") == "stage_not_due"
    desk.must("2026-12-16 10:00", remind(key, made), "clock")
    assert desk.refused("2026-12-16 10:01", remind(key, made), "clock") == "already_reminded"
    desk.must("2026-12-16 10:02", WithdrawReminder("m1", key, "收到报告"), "clock")
    assert desk.must("2026-12-16 10:02", WithdrawReminder("m1", key, "收到报告"), "clock") == []
    desk.must("2026-12-16 10:03", remind(key, made), "clock")
    left = RecordMail("m1", 1, "urge_1", "delivered", ("a@x",), keys=(key,), unit="HQ")
    desk.must("2026-12-16 10:04", left, "daemon")
    assert desk.refused("2026-12-16 10:05", WithdrawReminder("m1", key, "x"), "clock") == "reminder_left"


def test_no_reminder_without_its_object(desk: Any, made: Any) -> None:
    desk.dispatched().acknowledged()
    key = StageKey("HQ", "over1", made.day("2026-12-15"))
    assert desk.refused("2026-12-16", remind(replace(key, unit="BW"), made), "clock") == "not_a_party"
    assert desk.refused("2026-12-16", remind(replace(key, stage="over9"), made), "clock") == "stage_unknown"
    wrong = replace(key, counts_from=made.day("2026-12-14"))
    assert desk.refused("2026-12-16", remind(wrong, made), "clock") == "stage_not_due"
    desk.must("2026-12-16", Suspend("m1", "暂缓"))
    assert desk.refused("2026-12-16", remind(key, made), "clock") == "suspended"
    desk.must("2026-12-16", Resume("m1"))
    desk.reported("2026-12-16")
    assert desk.refused("2026-12-16", remind(key, made), "clock") == "stage_answered"
    desk.closed("2026-12-17")
    assert desk.refused("2026-12-17", remind(key, made), "clock") == "phase_closed"


# ---- 撤回


def test_the_last_act_of_an_officer_can_be_taken_back_for_five_minutes(desk: Any, made: Any) -> None:
    desk.dispatched().reported("2026-12-10")
    before = desk.matter
    desk.must("2026-12-11 09:00", Close("m1", made.day("2026-12-11")))
    assert desk.refused("2026-12-11 09:06", Undo("m1", 4)) == "undo_too_late"
    assert desk.refused("2026-12-11 09:01", Undo("m1", 3)) == "undo_followed"
    assert desk.refused("2026-12-11 09:01", Undo("m1", 4), "letter") == "needs_person"
    desk.must("2026-12-11 09:04", Undo("m1", 4, "误点"))
    assert replace(desk.matter, seq=before.seq) == before
    assert desk.refused("2026-12-11 09:04", Undo("m1", 4)) == "undo_followed"
    desk.must("2026-12-11 09:05", Close("m1", made.day("2026-12-11")))


@pytest.mark.parametrize("now", [True, False])
def test_a_dispatch_at_once_cannot_be_taken_back(desk: Any, made: Any, now: bool) -> None:
    desk.must("2026-11-24 09:00", made.draft())
    desk.must("2026-11-24 09:00", Dispatch("m1", now=now, tokens=("a", "b")))
    if now:
        assert desk.refused("2026-11-24 09:01", Undo("m1", 2)) == "undo_followed"
    else:
        desk.must("2026-11-24 09:01", Undo("m1", 2))
        assert desk.matter.phase == "ready"


def test_what_a_letter_or_the_clock_did_is_not_undone(desk: Any) -> None:
    desk.dispatched().reported("2026-12-10")
    assert desk.refused("2026-12-10 09:01", Undo("m1", 3)) == "undo_followed"


# ---- the gate


def test_precedence_of_the_gate(desk: Any, made: Any) -> None:
    assert desk.refused("2026-11-24", Close("m1", made.day("2026-11-24")), "letter") == "no_matter"
    desk.must("2026-11-24", made.draft())
    assert desk.refused("2026-11-24", Close("m1", made.day("2026-11-24")), "letter") == "needs_person"
    assert desk.refused("2026-11-24", Close("m1", made.day("2026-11-24"))) == "phase_ready"
    assert desk.refused("2026-11-24", Acknowledge("m1", "HQ", "head"), "clock") == "wrong_actor"


def test_a_refusal_names_its_article_and_facts(desk: Any, made: Any) -> None:
    desk.dispatched()
    refusal = desk.do("2026-12-01", Close("m1", made.day("2026-12-01")))
    assert (refusal.article, refusal.facts) == ("三（五）", {"unit": "后勤管理处"})


def test_a_naive_moment_is_an_error(rules: Any, made: Any) -> None:
    naive = made.moment("2026-11-24").replace(tzinfo=None)
    with pytest.raises(ValueError, match="aware"):
        law.decide(None, made.draft(), naive, rules, Because("officer:li"))


def test_a_proposal_is_no_draft_of_a_running_matter(desk: Any, made: Any) -> None:
    desk.dispatched()
    assert desk.refused("2026-11-25", made.draft()) == "phase_running"
    assert isinstance(made.draft(), Propose)
