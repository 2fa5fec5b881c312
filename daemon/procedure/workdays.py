"""Working days, make-up days, vacations and office hours of the school; a calendar answers for every year.

A year in the school's own file counts first, then a year in the shipped one, then the kept library (chinesecalendar),
then plain weekdays, marked provisional: the library raises for a year whose notice is not out yet, and a deadline
counted in December must not.
"""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar

from daemon.procedure.checking import BadRules, at_place, known_keys, read_date, read_hours, read_month_day
from daemon.procedure.shipped import default_tables

SHANGHAI = ZoneInfo("Asia/Shanghai")
Hours = tuple[tuple[time, time], ...]
DEFAULT_HOURS: Hours = ((time(8, 30), time(11, 30)), (time(13, 30), time(17, 0)))
ONE_DAY = timedelta(days=1)


def day_of(moment: datetime) -> date:
    """The day in Asia/Shanghai on which an aware moment falls."""
    return moment.astimezone(SHANGHAI).date()


def moment_of(day: date, clock: time) -> datetime:
    """A time of day in Asia/Shanghai as a moment in UTC."""
    return datetime.combine(day, clock, SHANGHAI).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class SummerHours:
    """Other office hours from one (month, day) to another, both included."""

    first: tuple[int, int]
    last: tuple[int, int]
    hours: Hours


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days work. `years`: the years of the own file; `vacations`: 寒暑假, first and last day included."""

    years: frozenset[int] = frozenset()
    provisional_years: frozenset[int] = frozenset()
    off: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    vacations: tuple[tuple[date, date], ...] = ()
    summer: SummerHours | None = None
    hours: Hours = DEFAULT_HOURS
    known: dict[int, tuple[int, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def with_hours(self, hours: Hours) -> Calendar:
        """The same calendar with the policy's office hours; summer hours stay."""
        return replace(self, hours=hours)

    def is_workday(self, day: date) -> bool:
        """Whether the staff works that day: holidays and 调休 are counted in, vacations are not."""
        if day.year in self.years:
            return day in self.work or (day.weekday() < 5 and day not in self.off)
        by_library = _library(day)
        return day.weekday() < 5 if by_library is None else by_library

    def provisional(self, day: date) -> bool:
        """Whether that year's notice of holidays is not out yet, so that the answer may change."""
        if day.year in self.years:
            return day.year in self.provisional_years
        return _library(day) is None

    def silent(self, day: date) -> bool:
        """寒暑假: nothing leaves but for 特急."""
        return any(first <= day <= last for first, last in self.vacations)

    def on_or_after(self, day: date) -> date:
        """The day itself, or the next working day."""
        while not self.is_workday(day):
            day += ONE_DAY
        return day

    def on_or_before(self, day: date) -> date:
        """The day itself, or the working day before it."""
        while not self.is_workday(day):
            day -= ONE_DAY
        return day

    def add(self, day: date, wd: int) -> date:
        """`wd` working days after the day (the day itself is not counted); 0 or less counts back.

        From a rest day 0 is the working day before, -1 the one before that, 1 the first one after.
        """
        year = day.year
        days = self._workdays(year)
        place = bisect_right(days, day.toordinal()) - 1 + wd
        while place < 0:
            year -= 1
            days = self._workdays(year)
            place += len(days)
        while place >= len(days):
            place -= len(days)
            year += 1
            days = self._workdays(year)
        return date.fromordinal(days[place])

    def between(self, first: date, last: date) -> int:
        """Working days in (first, last]; 0 where last is not after first."""
        if last <= first:
            return 0
        up_to_last = bisect_right(self._workdays(last.year), last.toordinal())
        up_to_first = bisect_right(self._workdays(first.year), first.toordinal())
        return up_to_last - up_to_first + sum(len(self._workdays(year)) for year in range(first.year, last.year))

    def _workdays(self, year: int) -> tuple[int, ...]:
        """The working days of a year as ordinals; counted once, asked thousands of times an hour."""
        if year not in self.known:
            days = range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1)
            self.known[year] = tuple(n for n in days if self.is_workday(date.fromordinal(n)))
        return self.known[year]

    def office(self, day: date) -> list[tuple[time, time]]:
        """The office hours of that day in Asia/Shanghai; none on a day that does not work."""
        if not self.is_workday(day):
            return []
        summer = self.summer
        if summer is not None and summer.first <= (day.month, day.day) <= summer.last:
            return list(summer.hours)
        return list(self.hours)

    def in_office(self, moment: datetime) -> bool:
        """Whether the office works at that moment."""
        local = moment.astimezone(SHANGHAI)
        clock = local.time().replace(tzinfo=None)
        return any(opens <= clock < closes for opens, closes in self.office(local.date()))

    def office_moment_on_or_after(self, moment: datetime, *, urgent: bool = True) -> datetime:
        """The moment itself if the office works then, else the next opening. Not `urgent`: vacations are left out."""
        local = moment.astimezone(SHANGHAI)
        clock = local.time().replace(tzinfo=None)
        day = local.date()
        while True:
            for opens, closes in () if self.silent(day) and not urgent else self.office(day):
                if clock < opens:
                    return moment_of(day, opens)
                if clock < closes:
                    return moment if day == local.date() else moment_of(day, clock)
            day, clock = day + ONE_DAY, time(0)


def _library(day: date) -> bool | None:
    """What chinesecalendar says, None where it has no data for the year."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


# ---------------------------------------------------------------------------------------------------------------
# The file: [holidays.2026] off, work, provisional; [school] vacations, summer_hours


def load_calendar(toml_text: str) -> Calendar:
    """The calendar of a TOML text. Raises BadRules, in Chinese, naming the place and what was expected there."""
    try:
        tables = tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as broken:
        raise BadRules(f"校历文件不是正确的 TOML：{broken}") from broken
    known_keys(tables, CALENDAR_TABLES | POLICY_TABLES, "校历")
    off: set[date] = set()
    work: set[date] = set()
    years: set[int] = set()
    provisional: set[int] = set()
    for name, table in (default_tables()["holidays"] | _table(tables, "holidays")).items():
        place = f"[holidays.{name}]"
        if not name.isdecimal() or not 2000 <= int(name) <= 2999:
            raise BadRules(f"{place}：表名应为年份，如 [holidays.2027]。")
        if not isinstance(table, dict):
            raise BadRules(f"{place}：应为一张表，含 off、work 两个列表。")
        known_keys(table, {"off", "work", "provisional"}, place)
        years.add(int(name))
        off |= _days(table.get("off", []), int(name), at_place(place, "off"))
        work |= _days(table.get("work", []), int(name), at_place(place, "work"))
        if twice := off & work:
            raise BadRules(f"{place}：{min(twice)} 同时列为放假和上班，请删去一处。")
        flag = table.get("provisional", False)
        if not isinstance(flag, bool):
            raise BadRules(f"{at_place(place, 'provisional')}：应为 true 或 false。")
        if flag:
            provisional.add(int(name))
    school = _table(tables, "school")
    known_keys(school, {"vacations", "summer_hours"}, "[school]")
    return Calendar(
        years=frozenset(years),
        provisional_years=frozenset(provisional),
        off=frozenset(off),
        work=frozenset(work),
        vacations=_vacations(school.get("vacations", [])),
        summer=_summer(school.get("summer_hours")),
    )


CALENDAR_TABLES = frozenset({"holidays", "school"})
POLICY_TABLES = frozenset({"reminders", "outbox", "lamps", "extension", "accountability", "score", "units"})


def _table(tables: dict[str, Any], name: str) -> dict[str, Any]:
    table = tables.get(name, {})
    if not isinstance(table, dict):
        raise BadRules(f"[{name}]：应为一张表。")
    return table


def _days(value: object, year: int, place: str) -> set[date]:
    """Days of a list like ["01-01/01-03", "04-05"] of one year."""
    if not isinstance(value, list):
        raise BadRules(f'{place}：应为日期列表，如 ["01-01/01-03", "04-05"]。')
    days: set[date] = set()
    for text in value:
        first, last = _span(text, place, lambda part: read_month_day(part, year, place))
        days.update(first + timedelta(days=n) for n in range((last - first).days + 1))
    return days


def _span(text: object, place: str, read: Any) -> tuple[date, date]:
    if not isinstance(text, str):
        raise BadRules(f"{place}：日期应写在引号里，写成了 {text!r}。")
    first_text, slash, last_text = text.partition("/")
    first: date = read(first_text.strip())
    last: date = read(last_text.strip()) if slash else first
    if last < first:
        raise BadRules(f"{place}：{text} 的结束日早于开始日。")
    return first, last


def _vacations(value: object) -> tuple[tuple[date, date], ...]:
    place = "[school] vacations"
    if not isinstance(value, list):
        raise BadRules(f'{place}：应为起止日期的列表，如 ["2026-07-18/2026-08-23"]。')
    return tuple(_span(text, place, lambda part: read_date(part, place)) for text in value)


def _summer(value: object) -> SummerHours | None:
    if value is None:
        return None
    place = "[school] summer_hours"
    if not isinstance(value, dict):
        raise BadRules(f"{place}：应为 {{ from = …, to = …, hours = … }}。")
    known_keys(value, {"from", "to", "hours"}, place)
    first, last = (read_month_day(value.get(key), 2000, at_place(place, key)) for key in ("from", "to"))
    if last < first:
        raise BadRules(f"{place}：结束日早于开始日。")
    hours = read_hours(value.get("hours"), at_place(place, "hours"))
    return SummerHours((first.month, first.day), (last.month, last.day), hours)
