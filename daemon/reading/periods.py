"""Lengths of time in replies: what N days, weeks or months are counted from, and the day that they lead to."""

from __future__ import annotations

import calendar as months
import re
from datetime import date, timedelta

from daemon.reading.moments import Anchor, Base, When, clause_start, value_of, when_of

UNITS = r"(?P<u>个?工作日|个?自然日|个半月|个月|个星期|个礼拜|星期|礼拜|周|天|日|年|(?<=半)月(?![票刊谈牙])|(?<=半 )月)"

#: What stands before a length that the deadline is to move by.
_DELAY_BEFORE = re.compile(
    r"(?:顺延|延长|延期|延时|推迟|推后|延后|延迟|后延|后移|宽限|放宽|宽延|宽展|增加|延缓|展期|展延|展限|展缓|缓期|推延|拖后|缓|晚|迟|慢|往后|向后|错后"
    r"|延|拖|挪|推|后推|加|展|宽)(?:办理|报送|反馈|提交|完成|办结|上报|时间|期限|时限|的?时间|了|期|报|交|办|至多|最多|不超过|个|放|推|移"
    r"|延|展|错|挪|拖|上|出|整整|足足|至少|您|我们?)*+\s*$"
)
#: 八个工作日的量，时限照着往后加: the deadline moves by the length named before.
_DELAY_AFTER = re.compile(
    r"^的?(?:延长期|宽限期|展期|延期|宽限|延长(?=$|[，。]))|^[^，。；！？\n]{0,6}[，,]?(?:期限|时限|时间|日期)?(?:也?(?:请|就|得))?(?:照着?|照此|据此|相应|同步)[^，。；！？\n]{0,3}(?:往后|向后|顺延|后推|后延|延|推)"
)
_AGAIN_BEFORE = re.compile(
    r"(?:再|还|多|另)\s*(?:给|需要?|要|得|用|花|过|等|容|有|宽|留)*\s*(?:我们?|我处|我院|我单位|点|个)?\s*$"
)
_TODAY = r"(?:发出|发信|今[天日儿]|即日|现在|本日|收文|收信|提交|(?:本|此|这封)?(?:邮件|函|信|来信|申请)(?:发出)?)"
_FROM_MAIL = re.compile(
    rf"(?:(?:自|从|打)?{_TODAY}(?:之日|之时|当天)?(?:起|算起|开始算?)|(?:自|从|打){_TODAY}算)(?:计算?|算)?"
)


def period(match: re.Match[str], base: Base, text: str) -> When | None:
    """A length of time: 顺延/延长/延期 N counts from the deadline, N内 from the mail, 再给 N from nobody knows what."""
    count, unit = _count(match)
    if count is None:
        return None
    anchor = _anchor(text, match)
    if anchor is None:
        return None
    if anchor == "unsure":
        return when_of(match, "vague", None, "起算之日不明", exact=False, anchor=anchor)
    start = base.deadline if anchor == "deadline" else base.mail
    if start is None:
        return when_of(match, "vague", None, exact=False, anchor=anchor)
    return _counted(match, start, count, unit, base, anchor)


def _anchor(text: str, match: re.Match[str]) -> Anchor | None:
    """What the length counts from; None where it is no way to a day: 养护七天."""
    clause, after = text[clause_start(text, match.start()) : match.start()], text[match.end() :]
    if _FROM_MAIL.search(clause):
        return "today"
    if _DELAY_BEFORE.search(clause) or _DELAY_AFTER.match(after):
        return "deadline"
    if re.match(r"\s*(?:以?之?内|内)", after):
        return "mail"
    if _AGAIN_BEFORE.search(clause):
        return "unsure"
    if re.match(r"\s*(?:之?后|以后)", after):
        return "mail"
    return None


def _count(match: re.Match[str]) -> tuple[float | None, str]:
    unit = match["u"]
    if match["n"] in ("半",):
        return (15, "天") if "月" in unit else (None, unit)
    count = value_of(match["n"])
    if count is None:
        return None, unit
    if unit == "个半月":
        return count + 0.5, "个月"
    if match["half"] if "half" in match.re.groupindex else False:
        return count + 0.5, unit
    return count, unit


def _counted(match: re.Match[str], start: date, count: float, unit: str, base: Base, anchor: Anchor) -> When | None:
    if "工作日" in unit:
        day = base.add(start, int(count))
        return when_of(
            match, "period", day, f"{start.isoformat()} + {int(count)}个工作日 = {day.isoformat()}", anchor=anchor
        )
    if "月" in unit or unit == "年":
        raw = _add_months(start, int(count) * (12 if unit == "年" else 1))
        if count != int(count):
            raw += timedelta(days=15)
    else:
        days = int(count) * (7 if unit in ("周", "星期", "礼拜", "个星期", "个礼拜") else 1)
        if days > 800:
            return None
        raw = start + timedelta(days=days)
    day = base.on(raw)
    shown = f"{start.isoformat()} + {match[0]} = {raw.isoformat()}"
    if day != raw:
        shown += f"（休息日）→ {day.isoformat()}"
    return when_of(match, "period", day, shown, anchor=anchor)


def _add_months(day: date, count: int) -> date:
    """The same number in a later month, or that month's last day."""
    index = day.year * 12 + day.month - 1 + count
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, months.monthrange(year, month)[1]))
