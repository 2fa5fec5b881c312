"""csv (UTF-8 or GB18030) and xlsx made a Sheet of plain words, its header checked."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

from daemon.roster.shapes import BadFile, Row, RowProblem, Sheet

#: Far above any school's list; a wrong file is not read into memory whole.
MAX_BYTES = 20_000_000
MAX_ROWS = 20_000


def read(path: Path, required: Sequence[str], optional: Sequence[str] = ()) -> Sheet:
    """The rows of `path`. BadFile where it cannot be read or its header is not the expected one."""
    file = str(path)
    records = _records(path, file)
    header, rest = _header(file, records)
    _check_header(file, header, required, optional)
    rows = []
    problems = []
    for number, record in rest:
        if len(record) > len(header) and any(record[len(header) :]):
            problems.append(RowProblem(file, number, "", f"有 {len(record)} 格", f"{len(header)} 格，与表头相同"))
        cells = dict(zip(header, [*record, *[""] * len(header)], strict=False))
        if any(cells.values()):
            rows.append(Row(number, cells))
    if problems:
        raise BadFile(problems)
    if len(rows) > MAX_ROWS:
        raise BadFile([RowProblem(file, 0, "", f"有 {len(rows)} 行", f"不多于 {MAX_ROWS} 行")])
    return Sheet(file, tuple(header), tuple(rows))


def _records(path: Path, file: str) -> list[list[str]]:
    """Every record, blank ones too, each cell trimmed."""
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_BYTES else b""
    except FileNotFoundError as bad:
        raise BadFile([RowProblem(file, 0, "", "没有这个文件", "csv 或 xlsx 文件的路径")]) from bad
    except OSError as bad:
        raise BadFile([RowProblem(file, 0, "", f"读不了（{bad.strerror}）", "可读的 csv 或 xlsx 文件")]) from bad
    if size > MAX_BYTES:
        raise BadFile([RowProblem(file, 0, "", f"有 {size} 字节", f"不大于 {MAX_BYTES} 字节的名单文件")])
    if data.startswith(b"PK\x03\x04"):
        return _xlsx(data, file)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadFile([RowProblem(file, 0, "", "是旧格式 xls 文件（或加了密码）", "另存为不加密码的 xlsx 或 csv")])
    return _csv(data, file)


def _csv(data: bytes, file: str) -> list[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        raise BadFile([RowProblem(file, 0, "", "认不出编码", "UTF-8 或 GB18030 编码的 csv，或 xlsx")])
    if "\0" in text:
        raise BadFile([RowProblem(file, 0, "", "不是文本文件", "csv 或 xlsx 文件")])
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[list[str]] = []
    try:
        records.extend([_trim(cell) for cell in record] for record in reader)
    except csv.Error as bad:
        said = f"这一行的引号或分隔有误（{bad}）"
        raise BadFile([RowProblem(file, len(records) + 1, "", said, "用英文逗号分隔、引号成对的 csv")]) from bad
    return records


def _xlsx(data: bytes, file: str) -> list[list[str]]:
    import openpyxl  # a tenth of a second that only these files need
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        records = [[_cell(value) for value in record] for record in sheet.iter_rows(values_only=True)]
        book.close()
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError, SyntaxError, OSError) as bad:
        raise BadFile([RowProblem(file, 0, "", "xlsx 文件打不开或已损坏", "完好的 xlsx 文件，或 csv")]) from bad
    return records


def _cell(value: object) -> str:
    """A spreadsheet's value as one would have typed it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return _trim(str(value))


def _trim(text: str) -> str:
    return text.strip().strip("\u3000\ufeff\u200b").strip()


def _header(file: str, records: list[list[str]]) -> tuple[list[str], Iterable[tuple[int, list[str]]]]:
    """The first record that is not blank, and the records behind it with their numbers."""
    for index, record in enumerate(records):
        if any(record):
            while record and not record[-1]:
                record.pop()
            return record, [(n, r) for n, r in enumerate(records[index + 1 :], start=index + 2)]
    raise BadFile([RowProblem(file, 0, "", "文件是空的", "第一行为表头的名单")])


def _check_header(file: str, header: list[str], required: Sequence[str], optional: Sequence[str]) -> None:
    problems = []
    known = [*required, *optional]
    if not any(column in known for column in header):
        shown = "、".join(header)[:60]
        raise BadFile([RowProblem(file, 1, "", f"不是表头（{shown}）", "第一行为表头：" + "、".join(required))])
    for column in header:
        if column not in known:
            shown = column or "（空）"
            problems.append(RowProblem(file, 1, shown, "不认识这一列", "以下各列：" + "、".join(known)))
        elif header.count(column) > 1 and not any(p.column == column for p in problems):
            problems.append(RowProblem(file, 1, column, f"出现了 {header.count(column)} 次", "每列一次"))
    missing = [column for column in required if column not in header]
    problems += [RowProblem(file, 1, column, "缺少这一列", "第一行表头中有这一列") for column in missing]
    if problems:
        raise BadFile(problems)
