"""The cells of an XLSX sheet as a person sees them: strings, numbers, and dates, which are numbers with a style."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from lxml import etree

_DATE_IDS = frozenset((*range(14, 18), 22, *range(27, 37), *range(50, 59)))
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_PLACE = re.compile(r"^([A-Z]{1,3})\d+$")
_MOST_COLUMNS = 200


def cells(
    sheet: etree._Element, shared: Sequence[str], styles: etree._Element | None, book: etree._Element
) -> Iterator[list[str]]:
    """Rows of a sheet, each cell in its column; hidden rows left out."""
    dates = _date_styles(styles)
    properties = book.find("{*}workbookPr")
    from_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    for row in sheet.iter("{*}row"):
        if row.get("hidden") in ("1", "true"):
            continue
        line: list[str] = []
        for cell in row.iter("{*}c"):
            column = _column(cell.get("r") or "", len(line))
            if column >= _MOST_COLUMNS:
                break
            line += [""] * (column - len(line))
            line.append(_value(cell, shared, dates, from_1904))
        yield line


def _column(place: str, following: int) -> int:
    found = _PLACE.match(place)
    if found is None:
        return following
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - 64
    return max(number - 1, following)


def _value(cell: etree._Element, shared: Sequence[str], dates: frozenset[int], from_1904: bool) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(t.text or "" for t in cell.iter("{*}t"))
    told = cell.find("{*}v")
    text = (told.text or "") if told is not None else ""
    if kind == "s":
        return shared[int(text)] if text.isdigit() and int(text) < len(shared) else ""
    if kind == "b":
        return "是" if text == "1" else "否"
    style = cell.get("s", "")
    if kind == "n" and style.isdigit() and int(style) in dates:
        return _date(text, from_1904)
    return text


def _date(text: str, from_1904: bool) -> str:
    try:
        moment = (datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30)) + timedelta(days=float(text))
    except (ValueError, OverflowError):
        return text
    return moment.strftime("%Y-%m-%d") if moment.time() == datetime.min.time() else moment.strftime("%Y-%m-%d %H:%M")


def _date_styles(styles: etree._Element | None) -> frozenset[int]:
    """Numbers of the cell styles that show a date."""
    if styles is None:
        return frozenset()
    own = {
        int(f.get("numFmtId") or -1)
        for f in styles.iter("{*}numFmt")
        if re.search("[yd年]", _QUOTED.sub("", f.get("formatCode") or ""), re.I)
    }
    formats = styles.find("{*}cellXfs")
    listed = [] if formats is None else [int(x.get("numFmtId") or 0) for x in formats]
    return frozenset(n for n, i in enumerate(listed) if i in _DATE_IDS or i in own)
