"""Dates in replies: the table of the field's notes, and what else clerks write."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.procedure.workdays import load_calendar
from daemon.reading.dates import find
from daemon.reading.deadline import new_deadline
from daemon.reading.moments import Base

CALENDAR = load_calendar("")
MAIL, DEADLINE = date(2026, 11, 24), date(2026, 12, 15)  # a Tuesday, a Tuesday
BASE = Base(MAIL, DEADLINE, CALENDAR)

TABLE = [
    ("明天报送", "2026-11-25"),
    ("后天交", "2026-11-26"),
    ("大后天交", "2026-11-27"),
    ("本周五前报送", "2026-11-27"),
    ("延到周五", "2026-11-27"),
    ("延到下周五", "2026-12-04"),
    ("延至下下周三", "2026-12-09"),
    ("本周内报送", "2026-11-27"),
    ("延至下周内报送", "2026-12-04"),
    ("延到本月底", "2026-11-30"),
    ("月底前补报", "2026-11-30"),
    ("下月初报送", None),
    ("申请延至12月中旬", None),
    ("十五日内一定报上", "2026-12-09"),
    ("一周内报送", "2026-12-01"),
    ("10个工作日内报送", "2026-12-08"),
    ("顺延10个工作日", "2026-12-29"),
    ("顺延一周", "2026-12-22"),
    ("顺延半个月", "2026-12-30"),
    ("延长一个月", "2027-01-15"),
    ("再给两周行吗", None),
    ("还需20天", None),
    ("延期至12月25日", "2026-12-25"),
    ("12月19日前报送", "2026-12-19"),
    ("延到1月15日", "2027-01-15"),
    ("延到5号", "2026-12-05"),
    ("请求延至12.5前报送", "2026-12-05"),
    ("延至12/5", "2026-12-05"),
    ("年底前办结", "2026-12-31"),
    ("元旦前报送", "2026-12-31"),
    ("春节前后办结", None),
    ("尽快报送", None),
    ("争取12月25日前报送", None),
    ("延至12月25日左右", None),
    ("最迟12月25日报送", "2026-12-25"),
    ("下周三开标", None),
    ("原定12月15日完成，申请延至12月25日", "2026-12-25"),
    ("恳请将办理时限延长一个月，妥否，请批示。", "2027-01-15"),
    ("申请将反馈时间由12月15日调整为12月25日。", "2026-12-25"),
    ("预计推迟20天。", "2027-01-04"),
    ("申请延期两周，至12月29日", "2026-12-29"),
    ("时间太紧，争取下周五前交", None),
    ("延期至二〇二六年十二月二十五日", "2026-12-25"),
    ("申请延期半个月", "2026-12-30"),
    ("想往后拖两个礼拜", "2026-12-29"),
    ("希望宽限到下个月20号", "2026-12-20"),
    ("推迟到明年1月8日上报", "2027-01-08"),
    ("延至2027年1月8日", "2027-01-08"),
    ("请准予延期至12月底", "2026-12-31"),
    ("请同意把时限往后顺延五个工作日", "2026-12-22"),
    ("办结时间改为12月28日", "2026-12-28"),
    ("申请延期，12月28日前报送", "2026-12-28"),
    ("完成时间预计在12月28日", "2026-12-28"),
    ("推到寒假进行，预计1月25日完成", "2027-01-25"),
    ("能不能宽限到元旦前？", "2026-12-31"),
    ("12月30日才能出报告，申请延到那天报", "2026-12-30"),
]


@pytest.mark.parametrize(("words", "wanted"), TABLE)
def test_table(words: str, wanted: str | None) -> None:
    got = new_deadline(words, BASE)
    assert (got.day.isoformat() if got.day else None) == wanted


def test_a_month_ends_on_its_last_day_and_runs_on_over_a_rest_day() -> None:
    got = new_deadline("延长一个月", Base(date(2026, 11, 10), date(2026, 11, 13), CALENDAR))
    assert got.day == date(2026, 12, 14)
    assert got.arithmetic == "2026-11-13 + 一个月 = 2026-12-13（休息日）→ 2026-12-14"


def test_holidays() -> None:
    september = Base(date(2026, 9, 28), date(2026, 9, 30), CALENDAR)
    assert new_deadline("延到国庆前", Base(date(2026, 9, 8), date(2026, 9, 20), CALENDAR)).day == date(2026, 9, 30)
    assert new_deadline("国庆后第一个工作日才能出，申请延到那天报", september).day == date(2026, 10, 8)


def test_next_week_written_on_a_weekend_is_ambiguous() -> None:
    got = new_deadline("申请延到下周五", Base(date(2026, 11, 22), DEADLINE, CALENDAR))
    assert (got.day, got.words) == (None, "下周五")


def test_the_end_of_the_month_in_its_last_days_is_ambiguous() -> None:
    assert new_deadline("延到月底", Base(date(2026, 11, 29), date(2026, 11, 27), CALENDAR)).day is None


def test_two_days_that_contradict_need_a_person() -> None:
    got = new_deadline("申请延期至12月20日或者延期至12月25日", BASE)
    assert (got.day, got.several) == (None, True)


def test_counted_from_the_mail_where_it_says_so() -> None:
    got = new_deadline("自本邮件发出之日起顺延15个工作日报送", Base(date(2026, 11, 16), date(2026, 11, 18), CALENDAR))
    assert got.day == date(2026, 12, 7)


@given(st.integers(1, 60), st.dates(date(2026, 1, 1), date(2026, 12, 31)))
def test_working_days_are_counted_from_the_deadline(count: int, deadline: date) -> None:
    base = Base(deadline - timedelta(days=3), deadline, CALENDAR)
    got = new_deadline(f"申请顺延{count}个工作日", base)
    assert got.day == CALENDAR.add(deadline, count)


@given(st.text(alphabet="0123456789一二三四五六七八九十月日号前后底周天年./-延期至到下本内个工作", max_size=40))
def test_no_text_raises(text: str) -> None:
    for when in find(text, BASE):
        assert text[when.start : when.end] == when.words
    new_deadline(text, BASE)
