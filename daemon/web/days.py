"""Days and moments as officials write and type them: 11-24, 11月24日（周二）10:00; typed 1130, 11.30, 11月30日."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_WEEK = "一二三四五六日"
_DIGITS = str.maketrans("０１２３４５６７８９．／－", "0123456789./-")
_FULL = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?")
_SHORT = re.compile(r"(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*[日号]?")
_BARE = re.compile(r"(\d{2})(\d{2})")
_BARE_FULL = re.compile(r"(\d{4})(\d{2})(\d{2})")


def local(moment: datetime) -> datetime:
    """`moment` in Shanghai."""
    return moment.astimezone(SHANGHAI)


def table_day(day: date | datetime | None, today: date) -> str:
    """11-24; of another year 2025-11-24; '' for None."""
    if day is None:
        return ""
    plain = local(day).date() if isinstance(day, datetime) else day
    return f"{plain:%m-%d}" if plain.year == today.year else f"{plain:%Y-%m-%d}"


def table_moment(moment: datetime | None, today: date) -> str:
    """08:31 of today, else 11-24 08:31; a day's first moment stands for the day alone: 11-24."""
    if moment is None:
        return ""
    there = local(moment)
    if there.time() == time.min:
        return table_day(moment, today)
    clock = f"{there:%H:%M}"
    return clock if there.date() == today else f"{table_day(moment, today)} {clock}"


def week_day(day: date) -> str:
    """周二."""
    return f"周{_WEEK[day.weekday()]}"


def sentence_day(day: date, today: date | None = None) -> str:
    """11月24日（周二）; with the year where it is another than today's."""
    year = f"{day.year}年" if today is None or day.year != today.year else ""
    return f"{year}{day.month}月{day.day}日（{week_day(day)}）"


def sentence_moment(moment: datetime, today: date) -> str:
    """今天14:30, or 11月24日（周二）10:00."""
    there = local(moment)
    if there.date() == today:
        return f"今天{there:%H:%M}"
    return f"{sentence_day(there.date(), today)}{there:%H:%M}"


def typed_day(text: str, today: date) -> date | None:
    """The day that an officer typed; without a year the one nearest to the next months. None: not a day."""
    plain = text.strip().translate(_DIGITS)
    if found := _FULL.fullmatch(plain) or _BARE_FULL.fullmatch(plain):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _SHORT.fullmatch(plain) or _BARE.fullmatch(plain):
        month, number = int(found[1]), int(found[2])
        candidates = [_day(today.year + shift, month, number) for shift in (0, 1)]
        known = [c for c in candidates if c is not None]
        # A date long past means next year's: in December 0115 is January's.
        return next((c for c in known if (today - c).days <= 120), None)
    return None


def _day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None
