"""Checks on the rules' TOML files: each finds one thing wrong and says in Chinese where and what was expected."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from difflib import get_close_matches
from typing import Any


class BadRules(Exception):
    """A calendar or policy that cannot be used. The text is Chinese, for the person who wrote the file."""


def at_place(table: str, key: str) -> str:
    """`[lamps] near_wd`: how a place in the file is named."""
    return f"{table} {key}"


def known_keys(table: dict[str, Any], known: Iterable[str], place: str) -> None:
    """Refuses a key that we do not know, and proposes the nearest one."""
    names = sorted(known)
    for key in table:
        if key not in names:
            near = get_close_matches(key, names, 1)
            meant = f"是否指 {near[0]}？" if near else f"可用的有：{'、'.join(names)}。"
            raise BadRules(f"{place}：不认识 {key}。{meant}")


def read_int(value: object, place: str, least: int, most: int) -> int:
    """A whole number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadRules(f"{place}：应为 {least} 到 {most} 的整数，写成了 {shown(value)}。")
    return value


def read_number(value: object, place: str, least: float, most: float) -> float:
    """A number within bounds."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise BadRules(f"{place}：应为 {least:g} 到 {most:g} 的数，写成了 {shown(value)}。")
    return float(value)


def read_word(value: object, place: str, words: Iterable[str]) -> str:
    """One of some words."""
    words = list(words)
    if not isinstance(value, str) or value not in words:
        raise BadRules(f"{place}：应为 {'、'.join(words)} 之一，写成了 {shown(value)}。")
    return value


def read_words(value: object, place: str, words: Iterable[str]) -> tuple[str, ...]:
    """A list of some words, none of them twice."""
    if not isinstance(value, list):
        raise BadRules(f"{place}：应为列表，写成了 {shown(value)}。")
    words = list(words)
    found = tuple(read_word(item, place, words) for item in value)
    if len(set(found)) < len(found):
        raise BadRules(f"{place}：有重复的项。")
    return found


def read_time(value: object, place: str) -> time:
    """A time of day like "08:30"."""
    if isinstance(value, str) and len(value) == 5:
        try:
            return time.fromisoformat(value)
        except ValueError:
            pass  # told below, with every other wrong form
    raise BadRules(f'{place}：应为 "08:30" 这样的时刻，写成了 {shown(value)}。')


def read_hours(value: object, place: str) -> tuple[tuple[time, time], ...]:
    """Office hours like [["08:30", "11:30"], ["13:30", "17:00"]], in order, without overlap."""
    expected = f'{place}：应为 [["08:30", "11:30"], ["13:30", "17:00"]] 这样的时段，先后排列、互不重叠。'
    if not isinstance(value, list) or not value:
        raise BadRules(expected)
    spans: list[tuple[time, time]] = []
    for item in value:
        if not isinstance(item, list) or len(item) != 2:
            raise BadRules(expected)
        opens, closes = read_time(item[0], place), read_time(item[1], place)
        if closes <= opens or (spans and opens < spans[-1][1]):
            raise BadRules(expected)
        spans.append((opens, closes))
    return tuple(spans)


def read_date(value: object, place: str) -> date:
    """A day like "2026-07-18"."""
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError as wrong:
        raise BadRules(f'{place}：应为 "2026-07-18" 这样的日期，写成了 {shown(value)}。') from wrong


def read_month_day(value: object, year: int, place: str) -> date:
    """A day of a given year like "10-01"."""
    try:
        return date.fromisoformat(f"{year}-{value}" if isinstance(value, str) else "")
    except ValueError as wrong:
        raise BadRules(f'{place}：应为 "10-01" 这样的月日，写成了 {shown(value)}。') from wrong


def shown(value: object) -> str:
    """A value as it might stand in the file."""
    if value is None:
        return "空"
    return ("true" if value else "false") if isinstance(value, bool) else f"{value!r}".replace("'", '"')
