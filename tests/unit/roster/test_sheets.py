"""csv and xlsx files: encodings, headers, broken ones."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from daemon.roster import sheets
from daemon.roster.cells import is_address, message_ids, parse_day
from daemon.roster.shapes import BadFile


def said(path: Path, required: tuple[str, ...] = ("甲", "乙")) -> str:
    with pytest.raises(BadFile) as caught:
        sheets.read(path, required, ("丙",))
    return str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_each_encoding(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("甲,乙\r\n后勤处,“明厨亮灶”\r\n\r\n教务处,\r\n".encode(encoding))
    sheet = sheets.read(file, ("甲", "乙"), ("丙",))
    assert [(r.number, r["甲"], r["乙"], r["丙"]) for r in sheet.rows] == [
        (2, "后勤处", "“明厨亮灶”", ""),
        (4, "教务处", "", ""),
    ]


def test_a_line_break_in_a_cell_does_not_move_the_row_numbers(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text('甲,乙\n"一\n二",x\n三,y\n', encoding="utf-8")
    assert [r.number for r in sheets.read(file, ("甲", "乙")).rows] == [2, 3]


def test_xlsx_with_real_dates_and_numbers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["甲", "乙", "丙"])
    sheet.append([datetime(2026, 12, 15), 12.0, date(2026, 1, 2)])
    sheet.append([None, None, None])
    sheet.append(["　前后空白 ", True, 0.5])
    file = tmp_path / "a.xlsx"
    book.save(file)
    rows = sheets.read(file, ("甲", "乙"), ("丙",)).rows
    assert [(r["甲"], r["乙"], r["丙"]) for r in rows] == [
        ("2026-12-15", "12", "2026-01-02"),
        ("前后空白", "是", "0.5"),
    ]
    assert rows[1].number == 4


def test_bad_headers(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("甲,丁,丁\n1,2,3\n", encoding="utf-8")
    text = said(file)
    assert "第1行“丁”列：不认识这一列" in text
    assert "第1行“乙”列：缺少这一列" in text
    file.write_text("甲,乙,乙\n1,2,3\n", encoding="utf-8")
    assert "“乙”列：出现了 2 次" in said(file)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "文件是空的"),
        (b"\n\n", "文件是空的"),
        (b"\xff\xfe\xff\xff", "认不出编码"),
        (b"PK\x03\x04broken", "xlsx 文件打不开"),
        (b"\xd0\xcf\x11\xe0old", "旧格式 xls"),
        ('甲,乙\n"未闭合,2\n'.encode(), "引号"),
        ("甲,乙\n1,2,3\n".encode(), "第2行：有 3 格"),
        ("甲,乙\n1,\0\n".encode(), "不是文本文件"),
    ],
)
def test_broken_files(tmp_path: Path, data: bytes, expected: str) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(data)
    assert expected in said(file)


def test_no_file(tmp_path: Path) -> None:
    assert "没有这个文件" in said(tmp_path / "nowhere.csv")
    assert "读不了" in said(tmp_path)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-15", date(2026, 12, 15)),
        ("2026/1/5", date(2026, 1, 5)),
        ("2026.1.5", date(2026, 1, 5)),
        ("2026年1月5日", date(2026, 1, 5)),
        ("２０２６－１２－１５", date(2026, 12, 15)),
        ("20261215", date(2026, 12, 15)),
        ("2026-12-15 00:00:00", date(2026, 12, 15)),
        ("2026-02-30", None),
        ("12月15日", None),
        ("尽快", None),
        ("2026-12-15前", None),
    ],
)
def test_days(text: str, day: date | None) -> None:
    assert parse_day(text) == day


@pytest.mark.parametrize(
    "text", ["a@b.example", "first.last+x@sub.school.example", "jwc@it-qlnu.example", "x_y@126mail.example"]
)
def test_good_addresses(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    ["张三@school.example", "a@学校.example", "a＠school.example", "a b@school.example", "a@b", "@school.example",
     "a@school..example", "a@school.example.", "a@b.example,c@d.example", "<a@b.example>", "a..b@c.example",
     "a@b.example\nBcc: x@y.example", "x" * 65 + "@b.example"],
)  # fmt: skip
def test_bad_addresses(text: str) -> None:
    assert not is_address(text)


def test_message_ids_keep_their_order() -> None:
    assert message_ids("<a@b>；c@d ;<e@f>") == ("a@b", "c@d", "e@f")
    assert message_ids("；<e@f>") == ("", "e@f")
    assert message_ids("") == ()
