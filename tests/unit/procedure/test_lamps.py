"""The lamp of a matter, day by day."""

from typing import Any

import pytest

from daemon.procedure.lamps import Lamp, lamp
from daemon.procedure.shapes import AskExtension, GrantExtension, ReportProgress, ReturnReport, Suspend, VoidMatter


def shines(desk: Any, made: Any, on: str) -> tuple[str, str]:
    found = lamp(desk.matter, desk.rules, made.day(on))
    return found.colour, found.word


def test_before_it_runs(desk: Any, made: Any) -> None:
    desk.must("2026-11-24", made.draft())
    assert shines(desk, made, "2026-11-24") == ("grey", "未交办")
    desk.must("2026-11-24", VoidMatter("m1", "重复"))
    assert shines(desk, made, "2026-11-24") == ("grey", "撤销")


@pytest.mark.parametrize(
    ("on", "colour", "word"),
    [
        ("2026-11-25", "green", "正常"),
        ("2026-12-09", "green", "正常"),  # four working days left
        ("2026-12-10", "yellow", "临期"),  # three
        ("2026-12-15", "yellow", "临期"),
        ("2026-12-16", "red", "逾期1日"),
        ("2026-12-21", "red", "逾期6日"),  # calendar days
    ],
)
def test_as_the_days_go_by(desk: Any, made: Any, on: str, colour: str, word: str) -> None:
    desk.dispatched().acknowledged()
    assert shines(desk, made, on) == (colour, word)


def test_near_is_a_share_of_a_long_term(desk: Any, made: Any) -> None:
    """72 working days: 15 % of them are 10.8."""
    desk.dispatched("2026-08-31", "2026-12-15").acknowledged("2026-08-31")
    assert shines(desk, made, "2026-12-01")[1] == "临期"
    assert shines(desk, made, "2026-11-30")[1] == "正常"


def test_silence_after_the_dispatch(desk: Any, made: Any) -> None:
    desk.dispatched()
    assert shines(desk, made, "2026-11-25") == ("green", "正常")
    assert shines(desk, made, "2026-11-26") == ("yellow", "未签收")


def test_blue_waits_for_us(desk: Any, made: Any) -> None:
    desk.dispatched().acknowledged().reported("2026-12-14")
    assert shines(desk, made, "2026-12-17") == ("blue", "待审")
    assert shines(desk, made, "2026-12-18") == ("blue", "待审（我方超时）")
    desk.must("2026-12-18", ReturnReport("m1", "HQ", ("格式",), True, made.day("2026-12-18"), 8))
    assert shines(desk, made, "2026-12-18") == ("yellow", "退回重办")
    asked = AskExtension("m1", "HQ", "难", made.day("2027-01-04"), made.day("2026-12-21"))
    desk.must("2026-12-21", asked, "letter", 3)
    assert shines(desk, made, "2026-12-21") == ("blue", "待批延期")
    desk.must("2026-12-22", GrantExtension("m1", made.day("2027-01-04"), made.day("2026-12-22"), "L1"))
    assert lamp(desk.matter, desk.rules, made.day("2026-12-22")) == Lamp("yellow", "退回重办", "延1")


def test_a_suspended_matter_is_grey(desk: Any, made: Any) -> None:
    desk.dispatched()
    desk.must("2026-11-30", Suspend("m1", "暂缓"))
    assert shines(desk, made, "2026-12-20") == ("grey", "中止")


@pytest.mark.parametrize(
    ("on", "colour", "word"), [("2026-12-15", "green", "按期办结"), ("2026-12-19", "yellow", "逾期办结4日")]
)
def test_closed(desk: Any, made: Any, on: str, colour: str, word: str) -> None:
    desk.dispatched().reported(on).closed("2026-12-21")
    assert shines(desk, made, "2027-01-15") == (colour, word)


def test_a_check_that_nobody_answers(desk: Any, made: Any) -> None:
    desk.dispatched().acknowledged()
    assert desk.remind("2026-12-03 10:00") == ["check"]
    assert shines(desk, made, "2026-12-07") == ("green", "正常")
    assert shines(desk, made, "2026-12-08") == ("yellow", "未报进展")
    desk.must("2026-12-08", ReportProgress("m1", "HQ", "过半", made.day("2026-12-08")), "letter", 3)
    assert shines(desk, made, "2026-12-08") == ("green", "正常")
