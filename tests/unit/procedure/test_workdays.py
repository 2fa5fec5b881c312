"""The calendar of 2026 as announced, of 2027 as far as known, and of every year after."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.procedure.checking import BadRules
from daemon.procedure.rules import default_text
from daemon.procedure.workdays import SHANGHAI, Calendar, day_of, load_calendar, moment_of

CALENDAR = load_calendar(default_text())
days = st.dates(date(2004, 1, 1), date(2040, 12, 31))


def test_2026_has_248_working_days() -> None:
    assert CALENDAR.between(date(2025, 12, 31), date(2026, 12, 31)) == 248


def test_the_shipped_year_and_the_library_agree() -> None:
    library = Calendar()
    first = date(2026, 1, 1).toordinal()
    assert all(
        CALENDAR.is_workday(date.fromordinal(n)) == library.is_workday(date.fromordinal(n))
        for n in range(first, first + 365)
    )


def test_make_up_days_work() -> None:
    assert CALENDAR.is_workday(date(2026, 10, 10))
    assert not CALENDAR.is_workday(date(2026, 10, 7))


def test_a_year_without_a_notice_is_provisional_and_answers() -> None:
    assert CALENDAR.provisional(date(2027, 1, 4))
    assert not CALENDAR.is_workday(date(2027, 1, 1))
    assert CALENDAR.provisional(date(2031, 5, 5))
    assert CALENDAR.add(date(2026, 12, 30), 5) == date(2027, 1, 7)
    assert not CALENDAR.provisional(date(2026, 12, 31))


def test_the_own_file_counts_first() -> None:
    own = load_calendar('[holidays.2027]\noff = ["01-01/01-03"]\nwork = ["01-09"]\n')
    assert not own.provisional(date(2027, 1, 4))
    assert own.is_workday(date(2027, 1, 9))
    assert own.is_workday(date(2026, 10, 10))


@pytest.mark.parametrize(
    ("start", "wd", "expected"),
    [
        (date(2026, 11, 24), 10, date(2026, 12, 8)),
        (date(2026, 12, 15), 10, date(2026, 12, 29)),
        (date(2026, 12, 19), 0, date(2026, 12, 18)),  # a Saturday: the day before
        (date(2026, 12, 19), 1, date(2026, 12, 21)),
        (date(2026, 12, 19), -1, date(2026, 12, 17)),
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 10, 4), 0, date(2026, 9, 30)),
    ],
)
def test_counting(start: date, wd: int, expected: date) -> None:
    assert CALENDAR.add(start, wd) == expected


@given(days, st.integers(1, 40))
def test_adding_and_counting_agree(start: date, wd: int) -> None:
    end = CALENDAR.add(start, wd)
    assert CALENDAR.is_workday(end)
    assert CALENDAR.between(start, end) == wd
    assert CALENDAR.between(end, start) == 0


@given(days)
def test_before_and_after(start: date) -> None:
    assert CALENDAR.on_or_before(start) <= start <= CALENDAR.on_or_after(start)
    assert CALENDAR.is_workday(CALENDAR.on_or_before(start))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)))
def test_the_office_moment_is_in_the_office(naive: datetime) -> None:
    now = naive.replace(tzinfo=SHANGHAI)
    opens = CALENDAR.office_moment_on_or_after(now)
    assert opens >= now
    assert CALENDAR.in_office(opens)
    assert CALENDAR.in_office(now) == (opens == now)


def test_office_hours() -> None:
    friday = moment_of(date(2026, 11, 27), time(17, 0))
    assert CALENDAR.office_moment_on_or_after(friday) == moment_of(date(2026, 11, 30), time(8, 30))
    assert CALENDAR.office(date(2026, 11, 28)) == []


def test_summer_hours_and_vacations() -> None:
    own = load_calendar(
        '[school]\nvacations = ["2026-07-18/2026-08-23"]\n'
        'summer_hours = { from = "05-01", to = "09-30", hours = [["08:30", "11:30"], ["14:00", "17:30"]] }\n'
    )
    assert own.office(date(2026, 6, 1))[1] == (time(14, 0), time(17, 30))
    assert own.office(date(2026, 10, 9))[1] == (time(13, 30), time(17, 0))
    assert own.silent(date(2026, 7, 18))
    assert own.silent(date(2026, 8, 23))
    assert not own.silent(date(2026, 8, 24))
    assert own.is_workday(date(2026, 7, 20))
    waits = own.office_moment_on_or_after(moment_of(date(2026, 7, 20), time(10)), urgent=False)
    assert day_of(waits) == date(2026, 8, 24)


def test_a_day_is_a_day_of_shanghai() -> None:
    assert day_of(datetime.fromisoformat("2026-12-15T15:59:59+00:00")) == date(2026, 12, 15)
    assert day_of(datetime.fromisoformat("2026-12-15T16:00:00+00:00")) == date(2026, 12, 16)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[holiday.2026]\noff = []", "不认识 holiday。是否指 holidays？"),
        ("[holidays.26]\noff = []", "表名应为年份"),
        ('[holidays.2026]\noff = ["13-01"]', '应为 "10-01" 这样的月日'),
        ('[holidays.2026]\noff = ["10-07/10-01"]', "结束日早于开始日"),
        ('[holidays.2026]\noff = ["10-01"]\nwork = ["10-01"]', "同时列为放假和上班"),
        ("[holidays.2026]\noff = [2026-10-01]", "日期应写在引号里"),
        ('[holidays.2026]\noffs = ["10-01"]', "不认识 offs。是否指 off？"),
        ('[holidays.2026]\nprovisional = "yes"', "应为 true 或 false"),
        ('[school]\nvacations = "2026-01-01"', "应为起止日期的列表"),
        ('[school]\nsummer_hours = { from = "05-01", to = "09-30", hours = [["09:00"]] }', "这样的时段"),
        ("[school", "不是正确的 TOML"),
    ],
)
def test_a_wrong_file_says_where_and_what_was_expected(text: str, says: str) -> None:
    with pytest.raises(BadRules, match=says.replace("[", r"\[")):
        load_calendar(text)
