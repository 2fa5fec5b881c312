"""Old Excel files and Kingsoft's .et, by xlrd: the cells of the sheets and rows that are shown."""

from __future__ import annotations

import io

import xlrd

from daemon.attachments.form import cells_by_label, looks_like_form
from daemon.attachments.limits import Encrypted, Found

_MOST_COLUMNS = 200


def read_xls(found: Found, stream: bytes) -> None:
    """A workbook of Excel 5 to 2003: its stream alone, for xlrd follows a compound file's loops until memory ends.

    Raises Encrypted.
    """
    try:
        book = xlrd.open_workbook(file_contents=stream, formatting_info=True, ragged_rows=True, logfile=io.StringIO())
    except xlrd.XLRDError as e:
        if "encrypted" in str(e).lower():
            raise Encrypted from e
        raise
    rows: list[list[str | None]] = []
    for sheet in book.sheets():
        if sheet.visibility:
            continue
        found.pages += 1
        for number in range(sheet.nrows):
            told = sheet.rowinfo_map.get(number)
            if told is not None and told.hidden:
                continue
            row = [_value(cell, book.datemode) for cell in sheet.row(number)[:_MOST_COLUMNS]]
            rows.append(list(row))
            if any(row) and not found.add_text("\t".join(row).rstrip()):
                return
    if looks_like_form("\n".join(cell or "" for row in rows[:200] for cell in row)):
        found.form = cells_by_label(rows)


def _value(cell: xlrd.sheet.Cell, datemode: int) -> str:
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            moment = xlrd.xldate_as_datetime(cell.value, datemode)
        except (ValueError, OverflowError):
            return str(cell.value)
        return f"{moment:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return "是" if cell.value else "否"
    if cell.ctype == xlrd.XL_CELL_NUMBER and float(cell.value).is_integer():
        return str(int(cell.value))
    return "" if cell.ctype == xlrd.XL_CELL_ERROR else str(cell.value)
