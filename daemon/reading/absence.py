"""What an automatic reply says of its owner: away, and until which day; or only that the mail has come."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from daemon.reading.dates import find
from daemon.reading.moments import Base, When

#: Nobody is away for longer by what a robot says; a later day is a slip of the pen.
LONGEST = timedelta(days=200)

_AWAY = re.compile(
    r"休假|度假|年假|产假|病假|婚假|丧假|探亲|事假|请假|调休|放假|假期(?:中|内|期间)|出差|外出|出国|在外|外地|公干|培训|封闭|进修|挂职|借调"
    r"|住院|不在(?:办公室|岗|校|单位|工位|线|公司|学校)|离岗|离开(?:办公室|学校|单位)|不便(?:查收|查看|收发|处理)"
    r"|(?:无法|不能|难以)(?:及时|马上|立即|正常)?(?:查收|查看|收阅|阅读|收发|处理|回复)"
    r"|已(?:经)?(?:调离|调任|离职|退休|离任|调至|调往|转岗|不再(?:负责|使用|担任))|不再(?:使用|负责|担任)|停用"
    r"|out of (?:the )?office|on (?:annual |sick |maternity )?leave|vacation|away from|traveling|travelling",
    re.I,
)
#: The days of a holiday on which nobody works, or a robot that denies it.
_NOT_AWAY = re.compile(r"(?:不|未|没有|无)(?:再)?(?:休假|外出|出差|请假)")
_BACK = re.compile(
    r"^(?:[（(]?(?:周|星期)[一二三四五六日天][）)]?)?(?:起|后|之后|正式|才能|才|可|方能|左右)*"
    r"(?:返岗|返校|返回|回校|回岗|回来|回到|回办公室|归来|上班|复工|到岗|恢复|销假|处理|回复|答复)"
)
_BACK_BEFORE = re.compile(
    r"(?:返岗|返校|返回|回校|回岗|上班|到岗|恢复(?:上班|工作)?|back|return(?:ing)?)(?:的?(?:时间|日期))?"
    r"(?:为|是|于|：|:| on)?\s*$",
    re.I,
)
_UNTIL = re.compile(r"(?:至|到|截至|截止(?:到)?|直到|[-~～—－–]+|until|till|through|to)\s*$", re.I)
_UNTIL_AFTER = re.compile(r"^(?:[（(]?(?:周|星期)[一二三四五六日天][）)]?)?(?:止|前|之前|以前|为止)")


@dataclass(frozen=True, slots=True)
class Absence:
    """`until`: the last day away, None where the text names none."""

    until: date | None


_LONGEST = 3_000  # characters of an automatic answer that are looked at


def absence(words: str, base: date) -> Absence | None:
    """None where the text says nothing of an absence: a mailbox that only tells that the mail has come."""
    words = words[:_LONGEST]
    if not _AWAY.search(_NOT_AWAY.sub("", words)):
        return None
    days = [day for when in find(words, Base(base, None, None)) if (day := _last_day(words, when)) is not None]
    near = [day for day in days if base <= day <= base + LONGEST]
    return Absence(max(near) if near else None)


def _last_day(words: str, when: When) -> date | None:
    if when.day is None:
        return None
    before, after = words[max(0, when.start - 20) : when.start], words[when.end : when.end + 20]
    if _BACK.match(after) or _BACK_BEFORE.search(before):
        return when.day - timedelta(days=1)
    if _UNTIL.search(before) or _UNTIL_AFTER.match(after):
        return when.day
    return None
