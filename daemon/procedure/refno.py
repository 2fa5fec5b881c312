"""文号: finds every writing of the school's own series in a text, and prints the canonical one.

Canonical is 青师督字〔2026〕第12号; files and commands use 2026-012 and 2026-12. What looks like one and is none:
another series (校发〔2026〕40号), a date (12号前报, 2026-12-15), a meeting (第12次会议). 督察 and 督查 are alike, since
the office is 督察科 and its work 督查. Shapes are looked for, the surest first; what one took is gone for the others.
"""

from __future__ import annotations

import re
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
    plain = text.translate(_FLAT).strip()
    if match := re.fullmatch(r"(20\d\d)\s*-\s*0*([1-9]\d{0,3})", plain):
        return RefNo(int(match[1]), int(match[2]))
    if (match := re.fullmatch(r"第?\s*0*([1-9]\d{0,3})\s*[号#]?", plain)) and default_year is not None:
        return RefNo(default_year, int(match[1]))
    refs = {found.ref for found in find_all(text, prefix, default_year)}
    return refs.pop() if len(refs) == 1 else None


def find_all(text: str, prefix: str, default_year: int | None = None) -> list[Found]:
    """Every 文号 of our series in the text, in its order. Without `default_year` those without a year are left out."""
    flat = text.translate(_FLAT)
    ours = _series(prefix)
    taken: list[tuple[int, int]] = []
    found: list[Found] = []
    for shape in ours.shapes:
        for match in shape.pattern.finditer(flat):
            start, end = ours.start(flat, match) if shape.named else match.start(), match.end()
            if start < 0 or any(start < last and first < end for first, last in taken):
                continue
            refs = _refs(match, default_year)
            if refs is None:
                continue
            taken.append((start, end))
            if shape.bare and not _free(flat, start):
                continue  # another series, and gone for the shapes to come
            quote = text[start:end].rstrip()
            found += [Found(ref, quote, start, start + len(quote), bool(_written(match))) for ref in refs]
    return sorted(found, key=lambda one: (one.start, one.ref))


def _written(match: re.Match[str]) -> str:
    return match.groupdict().get("year") or ""


def _refs(match: re.Match[str], default_year: int | None) -> list[RefNo] | None:
    """The numbers of a match, none of them where no year is known; None where it is no number at all."""
    numbers, written = _numbers(match["numbers"]), _written(match)
    year = _year(written) if written else default_year
    if not numbers or (written and year is None):
        return None
    return [RefNo(year, count) for count in numbers] if year is not None else []


def _free(flat: str, start: int) -> bool:
    """Whether what stands before lets a number without our prefix be ours: nothing, a mark, a word like 关于."""
    before = flat[max(start - 6, 0) : start].rstrip(" \t")[-1:]
    return not "\u4e00" <= before <= "\u9fff" or before in _FREE


# ---------------------------------------------------------------------------------------------------------------
# The pieces

#: Characters of the same meaning, each for one, so that places in the text stay what they are.
_FLAT = (
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys(map(ord, "—–‐‑−"), ord("-"))
    | {0x3000: " ", 0xA0: " ", ord("師"): "师", ord("號"): "号", ord("№"): "#", ord("﹟"): "#"}
)
#: What a scan makes of the characters of a 文号.
_CONFUSED = {"师": "师帅", "督": "督昔誉", "字": "字宇宁", "号": "号弓呈", "查": "查察", "察": "察查"}
#: Blanks and line breaks, a few: more of them is no writing, and a mail of blanks must not cost an hour.
_S = r"\s{0,4}"
_DIGIT = "0-9OoIlZ"
_OPEN = r"[〔\[(【〖{<《﹝「〈]"
_CLOSE = r"[〕\])】〗}>》﹞」〉]"
_NUMBER = rf"(?:[{_DIGIT}]{{1,4}}|[{CHARS}]{{1,7}})"
_YEAR = rf"(?:2[0Oo〇][{_DIGIT}]{{2}}|[2-4]\d|[二2][〇○零0Oo][{CHARS}0Oo]{{2}})"
_HAO = "[号弓呈]"
_AND = "[、/和及与]"
_TO = "[-~至到]"
_SERIES = rf"{_NUMBER}(?:{_S}{_HAO}?{_S}(?:{_AND}|{_TO}){_S}第?{_S}{_NUMBER}(?={_S}(?:{_AND}|{_TO}|{_HAO}))){{0,30}}"
#: Right behind these words a bracketed year without prefix is still ours; behind others it belongs to their series.
_FREE = "号于对的见为按到据照就将把与和或及是给从在该件了"
#: What follows a day of the month, a building, an order, and not one of our numbers.
_NOT_BEHIND = (
    rf"(?!{_S}(?:之?前|以前|之?后|以后|楼|栋|幢|馆|门|院|宿舍|公寓|教学|食堂|会议室|教室|机|线|令|公告|文件"
    r"|上午|下午|晚|早|\(周|报|开|交))"
)
_NOUN = r"(?:督办|督查|督察|通知单|事项|办件|任务单)"


def _spaced(word: str) -> str:
    """The characters of a word with their confusions, blanks and line breaks allowed between."""
    return _S.join(f"[{_CONFUSED[char]}]" if char in _CONFUSED else re.escape(char) for char in word)


@dataclass(frozen=True, slots=True)
class _Shape:
    """A way of writing. `named`: it begins with our prefix or its end; `bare`: with a bracketed year."""

    pattern: re.Pattern[str]
    named: bool = False
    bare: bool = False


@dataclass(frozen=True, slots=True)
class _Series:
    """The shapes of a prefix. Patterns begin at 督, where a search is quick; `base` is what stands before it (青师)."""

    shapes: tuple[_Shape, ...]
    base: re.Pattern[str] | None

    def start(self, flat: str, match: re.Match[str]) -> int:
        """Where the number begins, with as much of the prefix as is there; -1 where it is another series."""
        at = match.start()
        if self.base is None:
            return at
        before = self.base.search(flat, max(at - 40, 0), at)
        if before is not None:
            return before.start()
        return at if _free(flat, at) else -1


@lru_cache(maxsize=16)
def _series(prefix: str) -> _Series:
    stem = prefix.removesuffix("字")
    base, du, tail = stem.partition("督")
    if du:
        behind = rf"(?:{_spaced(tail)}|[查察])" if tail else "[查察]"
        name = rf"[督昔誉]{_S}(?:{behind}{_S})?"
    else:
        base, name = "", _spaced(stem) + _S
    with_year, with_plain_year, without_year = (
        _Shape(re.compile(text), named=True) for text in _with_name(rf"{name}(?:[字宇宁]{_S})?")
    )
    shapes = (with_year, with_plain_year, _BRACKETED, without_year, *_NAMELESS)
    return _Series(shapes, re.compile(rf"{_spaced(base)}{_S}$") if base else None)


def _with_name(name: str) -> tuple[str, str, str]:
    open_, close = rf"(?:{_OPEN}|[IL])", rf"(?:{_CLOSE}|J|1)"
    year, end = rf"(?P<year>{_YEAR})", rf"(?:{_S}{_HAO}|(?![{_DIGIT}{CHARS}]))"
    return (
        # 青师督字〔2026〕第12号, every bracket, also as a scan shows it
        rf"{name}{open_}{_S}{year}{_S}年?{_S}{close}{_S}(?:[字宇宁]{_S})?第?{_S}(?P<numbers>{_SERIES}){end}",
        # 青师督字2026年第12号, 青师督2026-12
        rf"{name}{year}(?:{_S}年{_S}第?|{_S}第|{_S}[-/]|\s){_S}(?P<numbers>{_SERIES}){end}",
        # 督字12号, 青师督字第12号
        rf"{name}第?{_S}(?P<numbers>{_SERIES}){_S}{_HAO}",
    )


#: 〔2026〕12号, also what stands behind another's prefix: 校发〔2026〕40号.
_BRACKETED = _Shape(
    re.compile(rf"{_OPEN}{_S}(?P<year>{_YEAR}){_S}年?{_S}{_CLOSE}{_S}第?{_S}(?P<numbers>{_SERIES}){_S}{_HAO}"),
    bare=True,
)
_NAMELESS = tuple(
    _Shape(re.compile(text))
    for text in (
        # 2026年第12号; 2026-012, 2026-12号
        rf"(?<![\d-])(?P<year>20\d\d){_S}年{_S}第{_S}(?P<numbers>{_SERIES}){_S}{_HAO}{_NOT_BEHIND}",
        r"(?<![\d./-])(?P<year>20\d\d)-(?P<numbers>0\d\d)(?![\d./年月日-])",
        rf"(?<![\d./-])(?P<year>20\d\d)-(?P<numbers>\d{{1,4}}){_S}{_HAO}",
        # without a year
        rf"第{_S}(?P<numbers>{_SERIES}){_S}{_HAO}{_NOT_BEHIND}",
        rf"(?<![\d.])(?P<numbers>{_NUMBER}){_S}号{_S}(?={_NOUN})",
        rf"(?:{_NOUN}|文号|编号)[:\s]{{0,4}}(?P<numbers>{_SERIES}){_S}{_HAO}{_NOT_BEHIND}",
        r"(?:No\.?|NO\.?|no\.?|#)\s{0,4}(?P<numbers>\d{1,4})(?![\d.])",
        rf"(?<![\d.])(?P<numbers>\d{{1,4}}){_S}#{_NOT_BEHIND}",
    )
)


# ---------------------------------------------------------------------------------------------------------------
# Numbers

_LOOKS_LIKE = str.maketrans({"O": "0", "o": "0", "〇": "0", "○": "0", "零": "0", "I": "1", "l": "1", "Z": "2"})
_BETWEEN = re.compile(rf"([^{_DIGIT}{CHARS}]+)")


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
    pieces = _BETWEEN.split(text.strip())
    counts: list[int] = []
    for place in range(0, len(pieces), 2):
        value = _count(pieces[place])
        if value is None:
            return []
        if place and re.search(_TO, pieces[place - 1]):
            if not counts[-1] < value <= counts[-1] + 50:
                return []
            counts += range(counts[-1] + 1, value + 1)
        elif value not in counts:
            counts.append(value)
    return counts
