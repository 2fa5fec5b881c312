"""Dates in replies, by domain.md §7: every expression of time, what it counts from, and the arithmetic shown."""

from __future__ import annotations

import calendar as months
import re
from collections.abc import Callable
from datetime import date, timedelta

from daemon.reading.moments import NUMERAL, WEEK, WEEKDAYS, Base, When, value_of, when_of
from daemon.reading.periods import UNITS, period
from daemon.reading.pointing import related
from daemon.reading.shapes import Rule

DATE_RULES: tuple[Rule, ...] = (
    Rule(
        "date.absolute",
        "date",
        "写明的日期",
        yes=("延期至12月25日", "请求延至12.10前报送", "申请延到下周三"),
        no=("尽快报送", "春节后办结"),
    ),
    Rule(
        "date.period",
        "date",
        "从要求反馈时间起算的期限",
        yes=("顺延10个工作日", "申请延期十五日", "延长一个月"),
        no=("再给两周", "还需20天"),
    ),
    Rule(
        "date.vague", "date", "没有写明确切日期", yes=("拟在学期末完成", "要到12月中旬才能弄完"), no=("延期至12月25日",)
    ),
)


Maker = Callable[[re.Match[str], Base, str], When | None]


#: No expression of time is written over so many blanks; patterns that allow them cost the square of their number.
_BLANKS = re.compile(r"\s{12,}")
_MOST = 300  # expressions of time in one text; who writes more has not written a letter


def find(text: str, base: Base) -> list[When]:
    """Every expression of time in the text, in its order; the longest reading of each place."""
    taken = bytearray(len(text))
    out: list[When] = []
    text = _BLANKS.sub(lambda m: "_" * len(m[0]), text)
    for pattern, make in _SHAPES:
        for match in pattern.finditer(text):
            if len(out) == _MOST or any(taken[match.start() : match.end()]):
                continue
            when = make(match, base, text)
            if when is not None:
                taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
                out.append(when)
    return related(text, sorted(out, key=lambda w: w.start), base)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _full(match: re.Match[str], base: Base, text: str) -> When | None:
    year, month, day = (_year_value(match["y"]), value_of(match["m"]), value_of(match["d"]))
    got = _day(year, month, day) if year and month and day else None
    return when_of(match, "day", got) if got else None


def _year_value(text: str) -> int | None:
    if text in ("今年", "本年", "明年", "来年", "去年"):
        return None
    plain = text.translate(str.maketrans("〇○零一二三四五六七八九", "000123456789"))
    return int(plain) if plain.isdecimal() else None


def _month_day(match: re.Match[str], base: Base, text: str) -> When | None:
    """12月25日: the nearest such day from thirty days before the mail; 明年3月1日, 今年…: that year's."""
    month, day = value_of(match["m"]), value_of(match["d"])
    if not month or not day:
        return None
    said = match["y"] or ""
    if said in ("明年", "来年"):
        got = _day(base.mail.year + 1, month, day)
    elif said in ("今年", "本年"):
        got = _day(base.mail.year, month, day)
    elif said == "去年":
        got = _day(base.mail.year - 1, month, day)
    else:
        got = _nearest(base.mail, month, day)
    return when_of(match, "day", got) if got else None


def _nearest(mail: date, month: int, day: int) -> date | None:
    floor = mail - timedelta(days=30)
    for year in (floor.year, floor.year + 1):
        got = _day(year, month, day)
        if got and got >= floor:
            return got
    return None


def _dotted(match: re.Match[str], base: Base, text: str) -> When | None:
    """12.5, 12/5: a date only beside 至, 改, 前, 完成, 报送."""
    before, after = text[max(0, match.start() - 3) : match.start()], text[match.end() : match.end() + 4]
    if not (
        re.search(r"(?:[至到于在改成为延推定拟]|截止|最迟|最晚)\s*$", before)
        or re.match(r"\s*+(?:日|号)?\s*+(?:之?前|以前|完成|报送|上报|办结|提交|交|报|给[您你])", after)
    ):
        return None
    return _month_day(match, base, text)


def _month_of(match: re.Match[str], base: Base) -> tuple[int, int]:
    """本月, 下月, 次月, 这个月 → (year, month)."""
    ahead = 1 if re.match(r"下|次", match["of"]) else 0
    if re.match(r"下下", match["of"]):
        ahead = 2
    index = base.mail.year * 12 + base.mail.month - 1 + ahead
    return index // 12, index % 12 + 1


def _day_of_month(match: re.Match[str], base: Base, text: str) -> When | None:
    day = value_of(match["d"])
    if not day or not 1 <= day <= 31:
        return None
    year, month = _month_of(match, base)
    got = _day(year, month, day)
    return when_of(match, "day", got) if got else None


def _bare_day(match: re.Match[str], base: Base, text: str) -> When | None:
    """5日, 5号: the next such day of the month; not where the words make it a building or one of our numbers."""
    day = value_of(match["d"])
    if not day or not 1 <= day <= 31:
        return None
    after = text[match.end() : match.end() + 3]
    if re.match(
        r"楼|栋|幢|馆|门|棚|库|配电|桩|车|井|池|柜|炉|泵|教室|会议室|线|机|院|教学|公寓|宿舍|食堂|文|通知|事项|督|任务|那|这|的?事|件",
        after,
    ):
        return None
    year, month = base.mail.year, base.mail.month
    for _ in range(3):
        got = _day(year, month, day)
        if got and got >= base.mail:
            return when_of(match, "day", got)
        month += 1
        if month > 12:
            year, month = year + 1, 1
    return None


def _near(match: re.Match[str], base: Base, text: str) -> When | None:
    ahead = {"今": 0, "本": 0, "明": 1, "后": 2, "大": 3}[match[0][0]]
    return when_of(match, "day", base.mail + timedelta(days=ahead))


def _counted_in_month(match: re.Match[str], base: Base, text: str) -> When | None:
    """12月的第二个星期一, 本月最后一个周五, 11月最后一个工作日, 今年最后一天."""
    if match["m"]:
        month = value_of(match["m"]) or 0
        near = _nearest(base.mail, month, 28) if 1 <= month <= 12 else None
        year, month = (near.year, near.month) if near else (0, 0)
    elif match["year"]:
        year, month = base.mail.year + (match["year"][0] in "明来"), 12
    else:
        year, month = _month_of(match, base)
    nth = value_of(match["n"]) if match["n"] else 0
    if not year or nth is None or nth > 5:
        return None
    last = date(year, month, months.monthrange(year, month)[1])
    days = [date(year, month, n) for n in range(1, last.day + 1)]
    if match["w"]:
        days = [day for day in days if day.weekday() == WEEKDAYS[match["w"]]]
    elif "工作日" in match[0]:
        days = [day for day in days if base.workday(day)]
    if len(days) < nth:
        return None
    return when_of(match, "day" if nth else "bound", days[nth - 1] if nth else _bound(days[-1], base))


def _weekday(match: re.Match[str], base: Base, text: str) -> When | None:
    """本周五, 下周五, 下下周三, 周五: in weeks from Monday to Sunday. 下周 written on a weekend is ambiguous."""
    word, name = match["of"] or "", match["w"]
    if name == "末":
        return when_of(match, "vague", None, exact=False)
    monday = base.mail - timedelta(days=base.mail.weekday())
    ahead = 2 if word.startswith("下下") else 1 if word.startswith("下") else -1 if word.startswith("上") else 0
    day = monday + timedelta(days=7 * ahead + WEEKDAYS[name])
    if word.startswith("下") and base.mail.weekday() >= 5:
        return when_of(match, "vague", None, exact=False)
    if not word and day < base.mail:
        day += timedelta(days=7)
    if ahead < 0:
        return when_of(match, "day", day)
    return when_of(match, "bound", _bound(day, base), _back_words(day, base))


def _bound(day: date, base: Base) -> date:
    return base.back(day)


def _back_words(day: date, base: Base) -> str:
    back = base.back(day)
    return f"{day.isoformat()}（休息日）→ {back.isoformat()}" if back != day else day.isoformat()


def _week(match: re.Match[str], base: Base, text: str) -> When | None:
    """本周内, 下周: the last working day of that week."""
    word = match["of"] or ""
    if word.startswith("上"):
        return None
    if word.startswith("下") and base.mail.weekday() >= 5:
        return when_of(match, "vague", None, exact=False)
    ahead = 2 if word.startswith("下下") else 1 if word.startswith("下") else 0
    sunday = base.mail + timedelta(days=6 - base.mail.weekday() + 7 * ahead)
    return when_of(match, "bound", base.back(sunday), _back_words(sunday, base))


def _month_end(match: re.Match[str], base: Base, text: str) -> When | None:
    """月底: the month's last working day; written in a month's last three days it is ambiguous."""
    word = match["of"] or ""
    named = value_of(match["m"]) if match["m"] else None
    last_days = base.mail.day > months.monthrange(base.mail.year, base.mail.month)[1] - 3
    if named:
        first = _nearest(base.mail, named, 28) or base.mail
        year, month = (base.mail.year, named) if named == base.mail.month else (first.year, named)
    elif re.match(r"下|次", word):
        year, month = _month_of(match, base)
    else:
        if last_days:
            return when_of(match, "vague", None, exact=False)
        year, month = base.mail.year, base.mail.month
    if not 1 <= month <= 12:
        return None
    end = date(year, month, months.monthrange(year, month)[1])
    return when_of(match, "bound", base.back(end), _back_words(end, base))


def _month_part(match: re.Match[str], base: Base, text: str) -> When | None:
    """月初, 上旬, 中旬, 下旬: a stretch of days, not exact; the arithmetic names its last working day."""
    part = match["part"]
    if match["m"]:
        month = value_of(match["m"]) or 0
        if not 1 <= month <= 12:
            return None
        year = (_nearest(base.mail, month, 28) or base.mail).year
    else:
        year, month = _month_of(match, base) if match["of"] else (base.mail.year, base.mail.month)
    last = months.monthrange(year, month)[1]
    day = {"初": 10, "上旬": 10, "中旬": 20, "中": 20, "下旬": last, "份": last, "头几天": 10}.get(part, last)
    bound = base.back(date(year, month, day))
    return when_of(match, "vague", None, f"不晚于 {bound.isoformat()}，未写明哪一天", exact=False)


def _year_end(match: re.Match[str], base: Base, text: str) -> When | None:
    year = base.mail.year + (1 if match[0].startswith(("明", "来")) else 0)
    end = date(year, 12, 31)
    return when_of(match, "bound", base.back(end), _back_words(end, base))


_FIXED = {"元旦": (1, 1), "国庆": (10, 1), "十一": (10, 1), "五一": (5, 1), "劳动节": (5, 1)}


def _holiday_start(name: str, base: Base) -> date:
    month, day = _FIXED[name]
    start = date(base.mail.year, month, day)
    return start if start > base.mail - timedelta(days=10) else date(base.mail.year + 1, month, day)


def _before_holiday(match: re.Match[str], base: Base, text: str) -> When | None:
    """元旦前, 国庆前: the last working day before the holiday begins."""
    eve = _holiday_start(match["h"], base) - timedelta(days=1)
    return when_of(match, "bound", base.back(eve), _back_words(eve, base))


def _after_holiday(match: re.Match[str], base: Base, text: str) -> When | None:
    """国庆后第一个工作日: only where the holidays of that year are loaded."""
    start = _holiday_start(match["h"], base)
    nth = value_of(match["n"]) if match["n"] else 1
    if base.calendar is None or base.calendar.provisional(start) or base.workday(start) or not nth or nth > 20:
        return when_of(match, "vague", None, exact=False)
    day = base.on(start)
    return when_of(
        match,
        "day",
        base.add(day, nth - 1),
        f"{match['h']}假期后第{nth}个工作日 = {base.add(day, nth - 1).isoformat()}",
    )


def _vague(match: re.Match[str], base: Base, text: str) -> When | None:
    return when_of(match, "vague", None, exact=False)


_SHAPES: tuple[tuple[re.Pattern[str], Maker], ...] = tuple(
    (re.compile(pattern), maker)
    for pattern, maker in (
        (
            (
                rf"(?P<y>\d{{4}}|[二][〇○零O0][一二三四五六七八九〇○零]{{2}})\s*(?:年"
                rf"|[-./])\s*(?P<m>{NUMERAL})\s*(?:月|[-./])\s*(?P<d>{NUMERAL})\s*[日号]?"
            ),
            _full,
        ),
        (
            rf"(?P<y>明年|来年|今年|本年|去年)?\s*(?<![\d.])(?P<m>{NUMERAL})\s*月\s*(?P<d>{NUMERAL})\s*[日号]",
            _month_day,
        ),
        (
            r"(?P<y>明年|来年|今年|本年)?\s*(?<![\d.])(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})(?=\s*(?:之?前|以前|报|交|完成|办结|[，。；！]|$))",
            _month_day,
        ),
        (rf"(?P<of>下下个?月|下个?月|次月|本月|这个?月|当月)(?:的)?\s*(?P<d>{NUMERAL})\s*[日号]", _day_of_month),
        (
            (
                rf"(?:(?P<of>下下个?月|下个?月|次月|本月|这个?月|当月|月[末底])|(?<![\d.])(?P<m>{NUMERAL})\s*月份?|(?P<year>今年|明年|来年|本年))"
                rf"(?:的|里|里的)?(?:第(?P<n>{NUMERAL})|最[后末](?:的)?一)个?(?:{WEEK}(?P<w>[一二三四五六日天])|工作日|天|日)"
            ),
            _counted_in_month,
        ),
        (rf"(?P<of>下下个?|下个?|本|这个?|上个?)?{WEEK}(?P<w>[一二三四五六日天末])", _weekday),
        (
            (
                rf"(?P<h>元旦|国庆|十一|五一|劳动节)(?:节|假期|长假|放假|小长假)*(?:之?后|以后|收假后|结束后"
                rf"|过后)(?:的)?(?:第(?P<n>{NUMERAL})|首)个?(?:工作日|天)"
            ),
            _after_holiday,
        ),
        (r"(?P<h>元旦|国庆|五一|劳动节)(?:节|假期|放假|长假)*(?:之前|以前|前)(?!后)", _before_holiday),
        (
            (
                rf"(?:(?P<of>下下个?月|下个?月|次月|本月|这个?月|当月)|(?:(?P<m>{NUMERAL})\s*月份?))?(?:的)?(?:月底"
                rf"|月末|(?<=月)底|(?<=月)末|底(?<=月底)|末(?<=月末))"
            ),
            _month_end,
        ),
        (
            (
                rf"(?P<of>下下个?月|下个?月|次月|本月|这个?月|当月)?(?P<m>(?:{NUMERAL})(?=\s*月))?\s*月?(?P<part>初"
                rf"|上旬|中旬|下旬|头[几两三]天)"
            ),
            _month_part,
        ),
        (r"(?:明年|来年|今年|本年)?(?:年底|年末|岁末|年终|年内)|(?:明|来|今|本)年底", _year_end),
        (
            rf"十天半个?月|三五[天日]|(?:个把|好几?个?)(?:月|星期|礼拜|周|天)|(?:{NUMERAL})[来多几余]\s*个?(?:天|日|周|月|星期|礼拜)",
            _vague,
        ),
        (rf"(?P<n>{NUMERAL}|半)\s*{UNITS}(?P<half>半)?", period),
        (
            (
                rf"(?P<of>下下|下个?|本|这个?|上个?){WEEK}(?![一二三四五六日天末])(?:内|之内|以内|前|里|中)?"
                rf"|(?P<of2>\b){{0}}周内"
            ),
            _week,
        ),
        (r"大后天|今天|今儿|今日|本日|明天|明日|明儿|后天|后日", _near),
        (
            r"(?<=[至到为成])\s*(?P<m>\d{1,2})-(?P<d>\d{1,2})(?![\d.%/\-]|\s*(?:天|日内|周|个|月|年|小时|点|号楼|[:：]))(?P<y>\b){0}",
            _month_day,
        ),
        (r"(?<![\d.])(?P<m>\d{1,2})\s*[./]\s*(?P<d>\d{1,2})(?![\d.%/])(?P<y>\b){0}", _dotted),
        (rf"(?<![\d.第〕）)])(?P<d>{NUMERAL})\s*[日号](?!内|以内|之内)", _bare_day),
        (rf"(?:明年|来年|今年)?(?<![\d.])(?:{NUMERAL})\s*月份?(?!\d|日)(?:前|之前|内|以?后|中)?", _vague),
        (
            (
                r"(?:春节|寒假|暑假|放假|开学|开春|期末|学期末|学期初|年后|年前|节后|节前|假期|考试|清明|端午|中秋"
                r"|国庆|元旦|五一|下学期|新学期|本学期|春季学期|秋季学期|冬季|夏季|春天|过年)(?:结束"
                r"|放假)?(?:之?后|以后|之?前|以前|前后|期间|过后|初|末|时)?"
            ),
            _vague,
        ),
        (
            (
                r"月中|近期|尽快|尽早|适时|不日|稍后|过(?:几|些|两|一)天|过段时间|一段时间|些时日|几天|数日|若干天"
                r"|两三天|三五天|几周|些日子|时日"
            ),
            _vague,
        ),
    )
)
