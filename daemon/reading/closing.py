"""Where a letter's words end: client lines, disclaimers and the signature block below them are cut off."""

from __future__ import annotations

import re
from collections.abc import Sequence

from daemon.reading.htmltext import Line
from daemon.reading.mail_lines import is_about_mail, is_banner, is_client_line, is_disclaimer, is_mark
from daemon.reading.signature import Names
from daemon.reading.slogans import is_slogan, tells

#: Kinds of lines that are a signature by themselves.
_SURE = frozenset(("date", "contact", "seal", "unit", "person"))
#: What must stand above a line that is one only by its place.
_WHO = frozenset(("unit", "person"))
#: No signature block has more lines.
_LONGEST = 80
#: Lists, 附件 and postscripts, which stand below rules and names as the sender's words.
_WORDS_BELOW = re.compile(
    r"^\s*(?:附\s*[件表录]?\s*[:：\d一二三]|附\s*[件表录]?$|另|备注|补充|又及|注[:：]|说明|P\.?\s?S\b"
    r"|[（(]?[一二三四五六七八九十\d]{1,3}\s*[)）.、．])",
    re.I,
)


def close(lines: Sequence[Line], names: Names, display: str) -> tuple[list[Line], list[str]]:
    """What is left of the lines, and what was cut: client lines anywhere, disclaimers to the end, banners on top, the
    signature block from below."""
    kept: list[Line] = []
    cut: list[str] = []
    for n, line in enumerate(lines):
        text = line.text.strip()[:500]
        if line.mark == "typed":
            kept.append(line)
            continue
        if text and (is_client_line(text) or (n < 6 and is_banner(text))):
            cut.append(text)
            continue
        if text and is_disclaimer(text):
            cut.extend(each.text for each in lines[n:])
            break
        if line.mark == "signature":
            if text:
                cut.append(text)
            continue
        kept.append(line)
    _cut_at_mark(kept, cut, names, display)
    _cut_block(kept, cut, names, display)
    return [line for line in kept if line.mark != "rule"], cut


def _cut_at_mark(kept: list[Line], cut: list[str], names: Names, display: str) -> None:
    """`-- ` or a rule near the end, with only lines of a signature or a notice on the mail below it."""
    first = next((n for n, line in enumerate(kept) if line.text.strip()), len(kept))
    for n in range(len(kept) - 1, -1, -1):
        line = kept[n]
        if len(kept) - n > _LONGEST:
            break
        if line.mark == "typed" or not (line.mark == "rule" or is_mark(line.text)):
            continue
        below = [each.text.strip() for each in kept[n + 1 :] if each.text.strip()]
        if any(each.mark == "typed" for each in kept[n + 1 :]):
            break
        dashes = line.text.strip() in ("--", "—", "——")
        if not below or (dashes and len(below) <= 12) or (first < n and _signs(below, names, display)):
            cut.extend(below)
            del kept[n:]


def _signs(below: list[str], names: Names, display: str) -> bool:
    """Whether lines below a rule are a signature block, or a notice on the mail, and not the sender's words."""
    if _WORDS_BELOW.match(below[0]):
        return False
    if len(below) <= 8 and is_about_mail("".join(below[:2])):
        return True
    if any((len(each) > 100 or re.search(r"[。！？；]$", each)) and not is_slogan(each) for each in below):
        return False
    kinds = [names.kind(each, display) for each in below]
    if any(kind in _SURE for kind in kinds):
        others = [each for kind, each in zip(kinds, below, strict=True) if not kind]
        return not any(_WORDS_BELOW.match(each) or tells(each) for each in others)
    return len(below) <= 4 and all(kind or is_slogan(each) for kind, each in zip(kinds, below, strict=True))


def _cut_block(kept: list[Line], cut: list[str], names: Names, display: str) -> None:
    """From the end upward: dates, units, names, telephones. A short line that only may be a name needs company; one
    that is a signature only by its place (a slogan, a title, a room, English) needs a unit or a person above it."""
    kinds = _kinds_from_below(kept, names, display)
    end = len(kept) - len(kinds)
    start = len(kept)
    company = any(kind in _SURE for kind in kinds)
    for n in range(len(kept) - 1, end - 1, -1):
        kind = kinds[n - end]
        if kind == "blank":
            continue
        # A day without its year may be the message; set off, or with a name, it is the letter's.
        stands = kind in _SURE or (kind == "day" and (company or _set_off(kept, n)))
        stands = stands or (company and kind in ("maybe", "maybe_unit"))
        alone = kind == "maybe" and n > 0 and _set_off(kept, n) and any(line.text.strip() for line in kept[:n])
        if not (stands or alone or _somebody_above(kept, kinds, n - end)):
            break
        start = n
    start = _below_a_list(kept, start)
    if start < len(kept) and any(line.text.strip() for line in kept[:start]):
        cut.extend(line.text.strip() for line in kept[start:] if line.text.strip())
        del kept[start:]


def _kinds_from_below(kept: list[Line], names: Names, display: str) -> list[str]:
    """The kinds of the lines at the end that may belong to a signature, the topmost first."""
    kinds: list[str] = []
    for line in reversed(kept[-_LONGEST:]):
        kind = "" if line.mark == "typed" else names.kind(line.text, display)
        if not kind and line.mark != "typed" and is_slogan(line.text):
            kind = "slogan"
        if not kind:
            break
        kinds.append(kind)
    # Pieces in three columns and more, row below row, are a table of the sender's.
    columns = [len(_columns(line.text)) for line in reversed(kept[-_LONGEST - 1 :])]
    for n in range(len(kinds)):
        if columns[n] >= 3 and n + 1 < len(columns) and columns[n + 1] == columns[n]:
            del kinds[n:]
            break
    return kinds[::-1]


def _columns(text: str) -> list[str]:
    return [piece for piece in re.split(r"[　\t]+| {2,}", text.strip()) if piece]


def _somebody_above(kept: list[Line], kinds: list[str], at: int) -> bool:
    """Whether a unit or a person stands above in the same block, with at most one blank line between."""
    blanks = 0
    for kind in reversed(kinds[:at]):
        if kind in _WHO:
            return True
        blanks = blanks + 1 if kind == "blank" else 0
        if blanks > 1:
            return False
    # A name that no list holds, right above its title, its unit or its telephone.
    tops = [n for n, kind in enumerate(kinds[:at]) if kind == "maybe"]
    first = len(kept) - len(kinds) + tops[0] if tops else 0
    return bool(tops) and first > 0 and _set_off(kept, first) and any(line.text.strip() for line in kept[:first])


_LIST = re.compile(r"(?:[:：]|如下|名单|包括)$")
_SALUTATION = re.compile(r"^(?!.*(?:以下|如下|名单|人员|名称|成员|包括|有|单位))[^，。；]{1,16}[:：]$")


def _below_a_list(kept: list[Line], start: int) -> int:
    """Names right below a line that announces them are what it announces: the signature begins below the next blank
    line, if at all. A salutation announces nothing."""
    above = kept[start - 1].text.strip() if start else ""
    first = next((line.text.strip() for line in kept if line.text.strip()), "")
    if not _LIST.search(above) or (above == first and _SALUTATION.match(above)):
        return start
    while start < len(kept) and kept[start].text.strip():
        start += 1
    return start


def _set_off(kept: list[Line], n: int) -> bool:
    """A name alone at the end: below a blank line, below 敬礼, or after a line that ends a sentence."""
    above = kept[n - 1].text.strip()
    return not above or kept[n - 1].mark == "rule" or above.endswith(("敬礼！", "敬礼!", "。", "！"))
