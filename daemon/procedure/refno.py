"""文号: finds every writing of the school's own series in a text, and prints the canonical one.

Canonical is 青师督字〔2026〕第12号; files and commands use 2026-012 and 2026-12. What looks like one and is none:
another series (校发〔2026〕40号), a date (12号前报, 2026-12-15), a meeting (第12次会议). 督察 and 督查 are alike, since
the office is 督察科 and its work 督查. Shapes are looked for, the surest first; what one took is gone for the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from daemon.procedure.numerals import CHARS, number
from daemon.procedure.shapes import RefNo


@dataclass(frozen=True, slots=True)
class Found:
    """A 文号 in a text. `quote` is text[start:end]; `sure` is false where the year had to be guessed."""

    ref: RefNo
    quote: str
    start: int
    end: int
    sure: bool


def spoken(ref: RefNo, prefix: str) -> str:
    """The canonical writing: 青师督字〔2026〕第12号."""
    return f"{prefix}〔{ref.year}〕第{ref.number}号"


def parse_one(text: str, prefix: str, default_year: int | None = None) -> RefNo | None:
    """The one 文号 that the text is: any writing of it, also 2026-12 and 2026-012, and 12 where a year is given."""
    plain = _flat(text).strip()
    if match := re.fullmatch(r"(20\d\d)\s*[-—–]\s*0*([1-9]\d{0,3})", plain):
        return RefNo(int(match[1]), int(match[2]))
    if (match := re.fullmatch(r"第?\s*0*([1-9]\d{0,3})\s*[号#]?", plain)) and default_year is not None:
        return RefNo(default_year, int(match[1]))
    refs = {found.ref for found in find_all(text, prefix, default_year)}
    return refs.pop() if len(refs) == 1 else None


def find_all(text: str, prefix: str, default_year: int | None = None) -> list[Found]:
    """Every 文号 of our series in the text, in its order. Without `default_year` those without a year are left out."""
    flat = _flat(text)
    shapes = _shapes(prefix)
    taken: list[tuple[int, int]] = []
    found: list[Found] = []
    for shape in shapes:
        for match in shape.pattern.finditer(flat):
            start, end = match.start(), match.end()
            if any(start < last and first < end for first, last in taken) or shape.refused(flat, match):
                continue
            taken.append((start, end))
            if shape.ours:
                found += _found(text, match, default_year)
    return sorted(found, key=lambda one: (one.start, one.ref))


def _found(text: str, match: re.Match[str], default_year: int | None) -> Iterator[Found]:
    written = match.groupdict().get("year")
    year = _year(written) if written else default_year
    if year is None:
        return
    start, end = match.start(), match.end()
    while end > start and text[end - 1].isspace():
        end -= 1
    for count in _numbers(match["numbers"]):
        yield Found(RefNo(year, count), text[start:end], start, end, bool(written))


# ---------------------------------------------------------------------------------------------------------------
# The pieces

#: Characters of the same meaning, each for one, so that places in the text stay what they are.
_FLAT = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | str.maketrans(
    {
        "　": " ",
        "\u00a0": " ",
        "師": "师",
        "號": "号",
        "№": "#",
        "﹟": "#",
        "—": "-",
        "–": "-",
        "－": "-",
        "‐": "-",
        "‑": "-",
    }
)
#: What a scan makes of the characters of a 文号.
_CONFUSED = {"师": "师帅", "督": "督昔誉", "字": "字宇宁", "号": "号弓呈", "查": "查察", "察": "察查"}
_DIGIT = "0-9OoIlZ"
_OPEN = r"[〔\[(【〖{<《﹝「〈]"
_CLOSE = r"[〕\])】〗}>》﹞」〉]"
_NUMBER = rf"(?:[{_DIGIT}]{{1,4}}|[{CHARS}]{{1,7}})"
_YEAR = rf"(?:2[0Oo〇][{_DIGIT}]{{2}}|[2-4]\d|[二2][〇○零0Oo][{CHARS}0Oo]{{2}})"
_HAO = "[号弓呈]"
_SERIES = (
    rf"{_NUMBER}(?:\s*{_HAO}?\s*(?:[、/和及与]|[-~～至到])\s*(?:第\s*)?{_NUMBER}(?=\s*(?:[、/和及与~～至到-]|{_HAO})))*"
)
#: Right behind these words a bracketed year without prefix is still ours; behind others it belongs to their series.
_FREE = "号于对的见为按到据照就将把与和或及是给从在该件了"
#: What follows a day of the month, a building, an order, and not one of our numbers.
_NOT_BEHIND = (
    r"(?!\s*(?:之?前|以前|之?后|以后|楼|栋|幢|馆|门|院|宿舍|公寓|教学|食堂|会议室|教室|机|线|令|公告|文件"
    r"|上午|下午|晚|早|[（(]周|报|开|交))"
)


def _flat(text: str) -> str:
    return text.translate(_FLAT)


def _blanks(word: str) -> str:
    """The characters of a word with their confusions, blanks and line breaks allowed between."""
    return r"\s*".join(f"[{_CONFUSED[char]}]" if char in _CONFUSED else re.escape(char) for char in word)


@dataclass(frozen=True, slots=True)
class _Shape:
    """A pattern, whether a hit is ours, and what must not stand before it."""

    pattern: re.Pattern[str]
    ours: bool = True
    bare: bool = False

    def refused(self, flat: str, match: re.Match[str]) -> bool:
        if not self._counts(match):
            return True
        before = flat[: match.start()].rstrip()[-1:]
        if not self.bare:
            if match.groupdict(default="").get("own", "-"):
                return False
            before = flat[max(match.start() - 1, 0) : match.start()]
        return "\u4e00" <= before <= "\u9fff" and before not in _FREE

    def _counts(self, match: re.Match[str]) -> bool:
        if not self.ours:
            return True
        written = match.groupdict().get("year")
        return (not written or _year(written) is not None) and bool(_numbers(match["numbers"]))


@lru_cache(maxsize=16)
def _shapes(prefix: str) -> tuple[_Shape, ...]:
    stem = prefix.removesuffix("字")
    base, has_du, _ = stem.partition("督")
    name = rf"(?P<own>{_blanks(stem)})"
    if has_du and base:
        name = rf"(?:(?P<own>{_blanks(base)})\s*)?[督昔誉]\s*(?:[查察]\s*)?"
    name += r"\s*(?:[字宇宁]\s*)?"
    open_, close = rf"(?:{_OPEN}|[IL])", rf"(?:{_CLOSE}|J|1)"
    numbers = rf"(?:第\s*)?(?P<numbers>{_SERIES})"
    end = rf"(?:\s*{_HAO}|(?![{_DIGIT}{CHARS}]))"
    year = rf"(?P<year>{_YEAR})"
    texts = [
        # 青师督字〔2026〕第12号, every bracket, also as a scan shows it
        (rf"{name}{open_}\s*{year}\s*年?\s*{close}\s*(?:[字宇宁]\s*)?{numbers}{end}", True, False),
        # 青师督字2026年第12号, 青师督2026-12
        (rf"{name}{year}\s*(?:年\s*(?:第\s*)?|第\s*|-\s*|/\s*|\s)(?P<numbers>{_SERIES}){end}", True, False),
        # another series: 校发〔2026〕40号
        (rf"[\u4e00-\u9fff]\s*{_OPEN}\s*{_YEAR}\s*年?\s*{_CLOSE}\s*(?:第\s*)?{_SERIES}\s*{_HAO}", False, False),
        # 督字12号, 青师督字第12号
        (rf"{name}(?:第\s*)?(?P<numbers>{_SERIES})\s*{_HAO}", True, False),
    ]
    bare = [
        # 〔2026〕12号, 〔26〕第12号
        (rf"{_OPEN}\s*{year}\s*年?\s*{_CLOSE}\s*{numbers}\s*{_HAO}", True, True),
        # 2026年第12号; 2026-012, 2026-12号
        (rf"(?<![\d-])(?P<year>20\d\d)\s*年\s*第\s*(?P<numbers>{_SERIES})\s*{_HAO}{_NOT_BEHIND}", True, False),
        (r"(?<![\d./-])(?P<year>20\d\d)-(?P<numbers>0\d\d)(?![\d./年月日-])", True, False),
        (rf"(?<![\d./-])(?P<year>20\d\d)-(?P<numbers>\d{{1,4}})\s*{_HAO}", True, False),
    ]
    return (*_compiled(texts[:2]), *_compiled(bare[:1]), *_compiled(texts[2:]), *_compiled(bare[1:]), *_yearless())


def _compiled(texts: list[tuple[str, bool, bool]]) -> Iterator[_Shape]:
    return (_Shape(re.compile(text), ours, bare) for text, ours, bare in texts)


def _yearless() -> Iterator[_Shape]:
    noun = r"(?:督办|督查|督察|通知单|事项|办件|任务单)"
    yield from _compiled(
        [
            (rf"第\s*(?P<numbers>{_SERIES})\s*{_HAO}{_NOT_BEHIND}", True, False),
            (rf"(?<![\d.])(?P<numbers>{_SERIES})\s*号\s*(?={noun})", True, False),
            (rf"(?:{noun}|文号|编号)[:：\s]*(?P<numbers>{_SERIES})\s*{_HAO}{_NOT_BEHIND}", True, False),
            (r"(?:No\.?|NO\.?|no\.?|#)\s*(?P<numbers>\d{1,4})(?![\d.])", True, False),
            (rf"(?<![\d.])(?P<numbers>\d{{1,4}})\s*#{_NOT_BEHIND}", True, False),
        ]
    )


# ---------------------------------------------------------------------------------------------------------------
# Numbers

_LOOKS_LIKE = str.maketrans({"O": "0", "o": "0", "〇": "0", "○": "0", "零": "0", "I": "1", "l": "1", "Z": "2"})


def _count(text: str) -> int | None:
    plain = text.translate(_LOOKS_LIKE)
    value = int(plain) if plain.isdecimal() and any(char.isdecimal() for char in text) else number(text)
    return value if value is not None and 0 < value < 10_000 else None


def _year(text: str) -> int | None:
    plain = text.translate(_LOOKS_LIKE)
    value = int(plain) if plain.isdecimal() else number(text.replace("2", "二").replace("0", "〇"))
    if value is None:
        return None
    value += 2000 if value < 100 else 0
    return value if 2000 <= value <= 2099 else None


def _numbers(text: str) -> list[int]:
    """12、13 → 12, 13; 12-15 → 12, 13, 14, 15. Empty where a piece is no number or a span runs back or wide."""
    pieces = re.split(r"([^0-9OoIlZ〇○零一二两三四五六七八九十百千]+)", text.strip())
    counts: list[int] = []
    for place in range(0, len(pieces), 2):
        value = _count(pieces[place])
        if value is None:
            return []
        if place and re.search(r"[-~～至到]", pieces[place - 1]):
            if not counts[-1] < value <= counts[-1] + 50:
                return []
            counts += range(counts[-1] + 1, value + 1)
        elif value not in counts:
            counts.append(value)
    return counts
