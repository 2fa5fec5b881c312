"""How expressions of time in one text bear on each other: a bare day in a row, 那天, one day named twice, stretches."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence
from datetime import timedelta

from daemon.reading.moments import NUMERAL, WEEK, WEEKDAYS, Base, When


def related(text: str, whens: list[When], base: Base) -> list[When]:
    """The expressions found one by one, in their order, with what each owes to those before it."""
    return _joined(text, _pointed(text, _in_row(text, whens, base)))


_BARE = re.compile(rf"{NUMERAL}\s*[日号]")


def _in_row(text: str, whens: list[When], base: Base) -> list[When]:
    """12月5日出院，8日报送: a bare day behind a date of the same sentence is the next such day from that date on."""
    out: list[When] = []
    last: When | None = None
    for when in whens:
        if last and (when.start - last.end > _ROW or re.search(r"[。！？\n]", text[last.end : when.start])):
            last = None
        if last and last.day and when.day and _BARE.fullmatch(when.words) and base.mail < last.day != when.day:
            day = last.day
            while day.day != when.day.day:
                day += timedelta(days=1)
            if when.day != base.deadline and day > when.day:
                when = When(when.words, when.start, when.end, when.nature, day, when.exact, "", day.isoformat())
        out.append(when)
        if when.nature == "day" and when.day and not _BARE.fullmatch(when.words):
            last = when
    return out


#: Characters over which a date still lends its month to a bare day.
_ROW = 60
_THAT_DAY = re.compile(r"(?:那|该|这一|此|当|同)(?:一?天|日|晚)(?!起)(?!后)|(?:次|翌)日|隔天|第二天")


def _pointed(text: str, whens: list[When]) -> list[When]:
    """那天, 该日, 当天: the day named last before it; 次日: the one after. Without one they say nothing."""
    dated = [w for w in whens if w.day is not None]
    for match in _THAT_DAY.finditer(text):
        at = bisect.bisect_right(dated, match.start(), key=lambda w: w.end)
        if at:
            last = dated[at - 1]
            ahead = 1 if re.match(r"[次翌隔第]", match[0]) else 0
            day = last.day + timedelta(days=ahead) if last.day else None
            shown = day.isoformat() if ahead and day else last.arithmetic
            whens.append(When(match[0], match.start(), match.end(), last.nature, day, last.exact, "", shown))
    return sorted(whens, key=lambda w: w.start)


_SAME = re.compile(r"\s*+[（(，,]?\s*+(?:即|也就是|就是|正是|是|的|：|:)?\s*+")
_RANGE = re.compile(r"\s*+(?:[（(][周星期一二三四五六日天]{1,3}[)）])?\s*+(?:到|至|-|–|—{1,2}|~|～|和)\s*+")
#: Characters between two names of one day.
_NEAR = 8
_WEEKDAY_WORDS = re.compile(rf"{WEEK}[一二三四五六日天]")


def _joined(text: str, whens: list[When]) -> list[When]:
    """下周五（12月4日）, 12月4日星期五, 年内12月25日 are one day."""
    out: list[When] = []
    for when in whens:
        last = out[-1] if out else None
        between = text[last.end : when.start] if last else ""
        if last is None or "period" in (last.nature, when.nature) or len(between) > _NEAR:
            out.append(when)
        elif _SAME.fullmatch(between) and _one_day(last, when):
            out[-1] = _over(text, last, when, last if _WEEKDAY_WORDS.fullmatch(when.words) else when)
        else:
            out.append(when)
    return out


def stretches(text: str, whens: Sequence[When]) -> list[When]:
    """The same, with 12月1日至5日 as one stretch of time without an exact day."""
    out: list[When] = []
    for when in whens:
        last = out[-1] if out else None
        between = text[last.end : when.start] if last else ""
        dated = last is not None and "period" not in (last.nature, when.nature) and len(between) <= _NEAR
        if dated and last and last.day and when.day and last.day <= when.day and _RANGE.fullmatch(between):
            out[-1] = _over(text, last, when, When("", 0, 0, "vague", None, exact=False))
        else:
            out.append(when)
    return out


def _one_day(last: When, when: When) -> bool:
    """Whether the second names the first's day again, or more exactly. A weekday that is not the date's tells two."""
    if _WEEKDAY_WORDS.fullmatch(when.words) and last.day:
        return last.day.weekday() == WEEKDAYS[when.words[-1]]
    return when.day is not None and (
        last.day is None or last.day == when.day or not re.search(r"\d|周|星期", last.words)
    )


def _over(text: str, first: When, second: When, meant: When) -> When:
    """One expression over the stretch of both."""
    words = text[first.start : second.end]
    return When(words, first.start, second.end, meant.nature, meant.day, meant.exact, meant.anchor, meant.arithmetic)
