"""Which mail follows from which entry, and what becomes one mail."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from daemon.procedure.correspondence import follow, group_of, merge
from daemon.procedure.shapes import (
    Acknowledge,
    AskExtension,
    Close,
    Dispatch,
    GrantExtension,
    Mail,
    ReceiveReport,
    RefuseExtension,
    ReportProgress,
    ReturnReport,
    WithdrawReminder,
)


def mails(desk: Any, when: str, command: Any, actor: str = "officer:li", letter: int | None = None) -> list[Mail]:
    entries = desk.must(when, command, actor, letter)
    return follow(desk.matter, entries, desk.rules)


def reminder_mails(desk: Any, when: str, matter: str = "m1") -> list[Mail]:
    before = len(desk.entries)
    desk.remind(when)
    found = follow(desk.matter, desk.entries[before:], desk.rules)
    return [replace(mail, lines=tuple(replace(line, matter=matter) for line in mail.lines)) for mail in found]


@pytest.mark.parametrize("now", [False, True])
def test_each_unit_gets_its_own_dispatch(desk: Any, made: Any, now: bool) -> None:
    desk.must("2026-11-24", made.draft())
    found = mails(desk, "2026-11-24 20:00", Dispatch("m1", now=now, tokens=("a", "b")))
    assert [(mail.template, mail.unit, mail.to, mail.cc) for mail in found] == [
        ("dispatch", "HQ", ("head",), ("liaison",)),
        ("dispatch", "XG", ("head",), ("liaison",)),
    ]
    wait = timedelta(0) if now else timedelta(minutes=5)
    assert {mail.not_before for mail in found} == {made.moment("2026-11-24 20:00") + wait}
    assert {mail.undoable for mail in found} == {not now}
    assert not found[0].office_hours
    assert found[0].lines[0].seq == 2


def test_who_reports_hears_it_unless_it_was_read_late(desk: Any, made: Any) -> None:
    desk.dispatched()
    report = ReceiveReport("m1", "HQ", "完成", made.day("2026-12-10"))
    (mail,) = mails(desk, "2026-12-10", report, "letter", 5)
    assert (mail.template, mail.to, mail.data["what"], mail.undoable) == ("received", ("liaison",), "report", False)
    assert mail.not_before == made.moment("2026-12-10")
    assert mails(desk, "2026-12-15", replace(report, late_read=True), "letter", 6) == []
    (mail,) = mails(desk, "2026-12-15", replace(report, late_read=True), "officer:li", 7)
    assert mail.undoable
    ask = AskExtension("m1", "HQ", "难", made.day("2026-12-22"), made.day("2026-12-14"))
    (mail,) = mails(desk, "2026-12-14", ask, "letter", 8)
    assert (mail.data["what"], mail.data["new_deadline"], mail.data["late"]) == ("extension", "2026-12-22", "临期申请")


def test_what_answers_our_answer_is_not_answered_for_ever(desk: Any, made: Any) -> None:
    """A machine whose mail reads as a report would get, and send, one mail after another."""
    desk.dispatched()
    told = [
        len(
            mails(
                desk, f"2026-12-10 {9 + n}:00", ReceiveReport("m1", "HQ", "完成", made.day("2026-12-10")), "letter", n
            )
        )
        for n in range(1, 6)
    ]
    assert told == [1, 1, 1, 0, 0]
    tomorrow = ReceiveReport("m1", "HQ", "完成", made.day("2026-12-11"))
    assert len(mails(desk, "2026-12-11 09:00", tomorrow, "letter", 9)) == 1


def test_receipt_and_progress_get_no_mail(desk: Any, made: Any) -> None:
    desk.dispatched()
    assert mails(desk, "2026-11-24", Acknowledge("m1", "HQ", "head"), "letter", 1) == []
    assert mails(desk, "2026-11-25", ReportProgress("m1", "HQ", "x", made.day("2026-11-25")), "letter", 2) == []


def test_return_decision_closure(desk: Any, made: Any) -> None:
    desk.dispatched().reported("2026-12-10")
    give_back = ReturnReport("m1", "HQ", ("任务遗漏", "缺佐证"), False, made.day("2026-12-11"), words="请补齐")
    (mail,) = mails(desk, "2026-12-11", give_back)
    assert (mail.template, mail.data["reasons"], mail.data["new_deadline"]) == (
        "return",
        "任务遗漏、缺佐证",
        "2026-12-18",
    )
    ask = AskExtension("m1", "HQ", "难", made.day("2026-12-22"), made.day("2026-12-14"))
    desk.must("2026-12-14", ask, "letter", 8)
    (mail,) = mails(desk, "2026-12-14", GrantExtension("m1", made.day("2026-12-22"), made.day("2026-12-14"), "L2"))
    assert (mail.template, mail.data["outcome"], mail.data["old_deadline"]) == (
        "extension_decided",
        "granted",
        "2026-12-18",
    )
    desk.must("2026-12-16", replace(ask, new_deadline=made.day("2026-12-30")), "letter", 9)
    (mail,) = mails(desk, "2026-12-16", RefuseExtension("m1", made.day("2026-12-16"), "L2", "理由不足"))
    assert (mail.data["outcome"], mail.data["deadline"], mail.data["words"]) == ("refused", "2026-12-22", "理由不足")
    desk.reported("2026-12-17", letter=10)
    found = mails(desk, "2026-12-18", Close("m1", made.day("2026-12-18")))
    assert [(mail.template, mail.unit) for mail in found] == [("closed", "HQ"), ("closed", "XG")]


def test_a_reminder_leaves_in_office_hours_to_its_stage(desk: Any, made: Any) -> None:
    desk.dispatched()
    lead, supporting = reminder_mails(desk, "2026-11-26 10:00")
    assert (lead.template, lead.unit, supporting.unit) == ("ack_urge", "HQ", "XG")
    assert (lead.to, lead.cc, lead.office_hours) == (("head",), ("liaison",), True)
    assert lead.not_before == made.moment("2026-11-26 10:00")
    key = desk.matter.lead_assignment.reminded[0].key
    assert mails(desk, "2026-11-26 10:01", WithdrawReminder("m1", key, "签收"), "clock") == []


def test_leaders_mails_go_to_the_leader_of_the_unit(desk: Any) -> None:
    desk.dispatched().acknowledged()
    found = {mail.template: mail for mail in reminder_mails(desk, "2026-12-18 10:00")}
    digest = found["leader_digest"]
    assert (digest.leader, digest.unit, digest.to, digest.release) == (
        "L2",
        None,
        ("supervising_leader",),
        "unless_held",
    )
    assert digest.may_hold == "officer"
    found = {mail.to[0]: mail for mail in reminder_mails(desk, "2026-12-29 08:30")}
    assert found["president"].leader == "L1"
    assert found["president"].cc == ("director",)


def test_without_a_leader_the_section_hears_it(desk: Any, made: Any) -> None:
    units = {code: replace(one, supervising=None, attached=None) for code, one in desk.rules.units.items()}
    desk.rules = replace(desk.rules, units=units)
    desk.dispatched().acknowledged()
    found = {mail.template: mail for mail in reminder_mails(desk, "2026-12-18 10:00")}
    assert (found["leader_digest"].to, found["leader_digest"].leader) == (("section",), None)


def test_an_attached_leader_stands_in(desk: Any) -> None:
    desk.dispatched(lead="BW", supporting=()).acknowledged()
    found = {mail.template: mail for mail in reminder_mails(desk, "2026-12-18 10:00")}
    assert found["leader_digest"].leader == "L3"


# ---- merge


def test_one_reminder_mail_a_unit_a_day(made: Any, desk: Any) -> None:
    first = made.desk(desk.rules).dispatched().acknowledged()
    second = made.desk(desk.rules).dispatched("2026-11-25", "2026-12-17").acknowledged("2026-11-25")
    found = reminder_mails(first, "2026-12-15 10:00") + reminder_mails(second, "2026-12-15 10:00", "m2")
    assert [mail.template for mail in found] == ["due_today", "due_soon"]
    (mail,) = merge(found)
    assert (mail.template, mail.to, mail.cc) == ("reminder", ("head",), ("liaison",))
    assert [line.matter for line in mail.lines] == ["m1", "m2"]
    assert all(line.key is not None for line in mail.lines)
    assert merge(found[:1]) == found[:1], "a single one keeps its own words"


def test_two_liaison_lines_go_to_the_liaison(made: Any, desk: Any) -> None:
    one = made.desk(desk.rules).dispatched()
    (first, *_) = reminder_mails(one, "2026-11-25 10:00")
    line = replace(first.lines[0], matter="m2", key=replace(first.lines[0].key, stage="pre5"))
    (mail,) = merge([first, replace(first, lines=(line,))])
    assert (mail.to, mail.cc) == (("liaison",), ())


def test_an_intervention_letter_goes_by_itself(made: Any, desk: Any) -> None:
    desk.dispatched().acknowledged()
    (letter,) = [mail for mail in reminder_mails(desk, "2026-12-22 08:30") if mail.template == "intervention_letter"]
    other = replace(letter, lines=(replace(letter.lines[0], matter="m2"),))
    assert merge([letter, other]) == [letter, other]
    assert group_of(letter) is None


def test_one_digest_a_leader_a_day(made: Any, desk: Any) -> None:
    desk.dispatched().acknowledged()
    (digest,) = [mail for mail in reminder_mails(desk, "2026-12-18 10:00") if mail.template == "leader_digest"]

    def other(n: int, **changes: Any) -> Mail:
        line = replace(digest.lines[0], matter=f"m{n}", key=replace(digest.lines[0].key, stage="week", nth=n))
        return replace(digest, lines=(line,), **changes)

    one, other_leader = merge([digest, other(2), other(3, leader="L3"), other(4, may_hold="director")])
    assert [line.matter for line in one.lines] == ["m1", "m2", "m4"]
    assert (one.template, one.leader, one.may_hold, one.to) == (
        "leader_digest",
        "L2",
        "director",
        ("supervising_leader",),
    )
    assert other_leader.leader == "L3"


def test_calls_for_the_section_are_one_list(made: Any, desk: Any) -> None:
    desk.dispatched()
    hints = [mail for mail in reminder_mails(desk, "2026-11-27 10:00") if mail.template == "phone_hint"]
    assert len(hints) == 2
    (mail,) = merge(hints)
    assert (mail.template, mail.to, len(mail.lines)) == ("phone_hint", ("section",), 2)


def test_what_is_no_reminder_is_never_merged(made: Any, desk: Any) -> None:
    desk.must("2026-11-24", made.draft())
    found = mails(desk, "2026-11-24", Dispatch("m1", tokens=("a", "b")))
    assert merge([*found, *found]) == [*found, *found]


def test_two_matters_due_by_the_same_key_are_two_lines(made: Any, desk: Any) -> None:
    """A list that knew its lines by stage and day alone lost the second matter's reminder for good."""
    desk.dispatched()
    one = reminder_mails(desk, "2026-11-25 10:00", "m1")[0]
    other = replace(one, lines=tuple(replace(line, matter="m2") for line in one.lines))
    (mail,) = merge([one, other])
    assert [line.matter for line in mail.lines] == ["m1", "m2"]
