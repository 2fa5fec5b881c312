"""What an expression of time is, what it counts from, and the working days around it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from daemon.procedure.numerals import number
from daemon.procedure.workdays import Calendar

Nature = Literal["day", "bound", "period", "vague"]
#: mail: N天内, N天后; today: from now on, said so; unsure: 再给N天, from the mail or from the deadline.
Anchor = Literal["", "deadline", "mail", "today", "unsure"]

NUMERAL = r"(?:\d{1,3}|[〇○零一二两三四五六七八九十百壹贰叁肆伍陆柒捌玖拾]{1,5})"
_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾", "一二三四五六七八九十")

WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": 6}
WEEK = r"(?:周|星期|礼拜)"


@dataclass(frozen=True, slots=True)
class Base:
    """What dates count from: the mail's day, the deadline in force, the calendar."""

    mail: date
    deadline: date | None
    calendar: Calendar | None

    def workday(self, day: date) -> bool:
        return self.calendar.is_workday(day) if self.calendar else day.weekday() < 5

    def back(self, day: date) -> date:
        while not self.workday(day):
            day -= timedelta(days=1)
        return day

    def on(self, day: date) -> date:
        while not self.workday(day):
            day += timedelta(days=1)
        return day

    def add(self, day: date, wd: int) -> date:
        """wd working days after the day; the day itself is not counted."""
        for _ in range(wd):
            day = self.on(day + timedelta(days=1))
        return day


@dataclass(frozen=True, slots=True)
class When:
    """One expression of time. `day` None: no exact day can be computed; `exact` False: 左右, 争取, 中旬."""

    words: str
    start: int
    end: int
    nature: Nature
    day: date | None
    exact: bool = True
    anchor: Anchor = ""
    arithmetic: str = ""


def value_of(text: str) -> int | None:
    """12, 十二 or 拾贰 as a number."""
    return int(text) if text.isdecimal() else number(text.translate(_FORMAL))


def when_of(match: re.Match[str], nature: Nature, day: date | None, arithmetic: str = "", **more: object) -> When:
    """The expression that a pattern found; `arithmetic` is the day itself where nothing was counted."""
    shown = arithmetic or (day.isoformat() if day else "")
    return When(match[0], match.start(), match.end(), nature, day, arithmetic=shown, **more)  # type: ignore[arg-type]


def clause_start(text: str, at: int) -> int:
    """Where the clause that holds a place begins, at most 400 characters before it."""
    first = max(0, at - 400)
    return max(first, max(text.rfind(c, first, at) for c in "，。；！？,;!?\n") + 1)
