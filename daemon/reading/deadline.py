"""Which expression of time in a letter is the new deadline: the one that asking, finishing or reporting governs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from daemon.reading.dates import find
from daemon.reading.governing import ASKED, DONE, MOVED, strength
from daemon.reading.moments import NUMERAL, Base, When, clause_start, value_of
from daemon.reading.pointing import stretches

_NOT_EXACT = re.compile(r"左右|大约|大概|约(?![定好])|争取|力争|尽量|前后|差不多|可能|也许|或许|尽可能")
_NOT_EXACT_AFTER = re.compile(r"\s*(?:左右|前后|上下|出头|光景|以后|之后|后(?!勤)|那几天|的样子)")


@dataclass(frozen=True, slots=True)
class Deadline:
    """The new deadline asked for. `day` None with words: said, but no exact day; `several`: they contradict.

    `start`: where its words stand in the text; -1 where there are none.
    """

    day: date | None
    words: str = ""
    arithmetic: str = ""
    several: bool = False
    start: int = -1


def new_deadline(text: str, base: Base, whens: Sequence[When] | None = None) -> Deadline:
    """The one time in the text that is governed by 延期至, 顺延, or by completing or reporting."""
    found = stretches(text, find(text, base) if whens is None else whens)
    ranked = [(level, when) for when in found if (level := strength(text, when, base, found))]
    if not ranked:
        return Deadline(None)
    best = max(level for level, _ in ranked)
    chosen = [when for level, when in ranked if level == best]
    if all(w.nature == "vague" and w.anchor != "unsure" for w in chosen):
        # 推到寒假进行，预计1月25日完成: the exact day beside it tells what the vague one means.
        chosen = [w for level, w in ranked if level >= DONE and w.nature != "vague"] or chosen
    if all(w.anchor == "unsure" for w in chosen):
        # 再给两周，12月4日报: the day beside it settles what the weeks are counted from.
        chosen = [w for level, w in ranked if level >= DONE and _fits(chosen[-1], w, base)] or chosen
    exact = [w for w in chosen if w.day is not None and w.exact and not _hedged(text, w)]
    vague = [w for w in chosen if w not in exact]
    if not exact or (best < MOVED and vague):
        return Deadline(None, vague[0].words, vague[0].arithmetic, start=vague[0].start)
    if best == MOVED:
        # 撤机改到下周六，我们下下周一报结: told in one row with what is promised.
        exact = [w for level, w in ranked if level >= DONE and w.day and w.exact and not _hedged(text, w)]
    exact = [_spelt_out(text, w, found) for w in exact]
    days = {w.day for w in exact}
    last = exact[-1]
    counted = best == ASKED or any(w.nature == "period" for w in exact)
    if len(days) > 1 and (counted or last.day != max(w.day for w in exact if w.day)):
        return Deadline(None, "、".join(w.words for w in exact), several=True, start=exact[0].start)
    # One step leads to the next: the last day named, if it is also the latest, is that of the whole.
    later = [
        w
        for level, w in ranked
        if DONE <= level < best == ASKED and w.exact and w.day and last.day and w.day > last.day
    ]
    later = [w for w in later if not _hedged(text, w)]
    if later:
        return Deadline(None, f"{last.words}、{later[0].words}", several=True, start=last.start)
    first = next(w for w in exact if w.day == last.day)
    return Deadline(last.day, last.words, first.arithmetic, start=last.start)


_THAT_IS = re.compile(r"[吧呀，,（(即也就是延至到于：:]{1,6}")


def _spelt_out(text: str, when: When, whens: Sequence[When]) -> When:
    """延期一个月，到12月20日: the day itself where it is named behind the length that leads to it."""
    following = next((w for w in whens if w.start >= when.end), None)
    if when.nature != "period" or following is None or following.day is None or when.day is None:
        return when
    named = _THAT_IS.fullmatch(text[when.end : following.start]) and not _hedged(text, following)
    return following if named and abs((following.day - when.day).days) <= _ABOUT else when


#: Days by which a day may miss a length of time that is meant to lead to it.
_ABOUT = 3


def _fits(period: When, when: When, base: Base) -> bool:
    length = length_in_days(period.words)
    if when.day is None or length is None:
        return False
    starts = [base.mail, *([base.deadline] if base.deadline else [])]
    return any(abs((when.day - start).days - length) <= _ABOUT for start in starts)


def _hedged(text: str, when: When) -> bool:
    start = max(clause_start(text, when.start), when.start - 80)
    before, after = text[start : when.start], text[when.end : when.end + 4]
    if re.search(r"最迟|最晚|至迟|不晚于|不迟于", before):
        return False
    return bool(_NOT_EXACT.search(before) or _NOT_EXACT_AFTER.match(after))


def promised(text: str, base: Base, whens: Sequence[When]) -> Iterator[When]:
    """Times for which finishing or reporting is promised, to be set against the deadline in force."""
    yield from _at_least(DONE, text, base, whens)


def requested(text: str, base: Base, whens: Sequence[When]) -> Iterator[When]:
    """Times that the asking itself names."""
    yield from _at_least(ASKED, text, base, whens)


def _at_least(least: int, text: str, base: Base, whens: Sequence[When]) -> Iterator[When]:
    found = stretches(text, whens)
    for when in found:
        if strength(text, when, base, found) >= least:
            yield when


def length_in_days(words: str) -> int | None:
    """两周 → 14: about how long a period is, to see whether it leads beyond a deadline."""
    match = re.search(rf"({NUMERAL}|半)\s*(个?工作日|个?半?月|个?星期|个?礼拜|周|天|日|年)", words)
    if match is None:
        return None
    count = 0.5 if match[1] == "半" else value_of(match[1])
    if count is None:
        return None
    unit = match[2]
    if "工作日" in unit:
        return int(count * 1.4)
    return int(count * (30 if "月" in unit else 7 if re.search(r"周|星期|礼拜", unit) else 365 if unit == "年" else 1))
