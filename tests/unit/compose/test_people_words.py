"""Salutations, the report form, plain text and fonts: small rules, each with what it must not do."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.compose import fonts
from daemon.compose.notice import NoticeData, notice_pdf
from daemon.compose.plain import paragraphs, single_line
from daemon.compose.report_form import ReportForm, report_docx
from daemon.compose.salutation import addressed, named, rank


@pytest.mark.parametrize(
    ("name", "title", "expected"),
    [
        ("周敏", "副校长", "周校长"),
        ("王成", "校长", "王校长"),
        ("王成", "党委副书记、校长", "王校长"),
        ("骆承远", "党委书记", "骆书记"),
        ("刘洋", "处长", "刘处长"),
        ("刘洋", "后勤管理处副处长（主持工作）", "刘处长"),
        ("欧阳一鸣", "副院长", "欧阳院长"),
        ("欧阳", "院长", "欧院长"),
        ("诸葛明", "", "诸葛老师"),
        ("方圆", "", "方老师"),
        ("方圆", "干事", "方老师"),
        ("李宁", "校长助理", "李校长助理"),
        ("赵磊", "学校办公室主任兼督察科科长", "赵主任"),
        ("Anna Bell", "", "Anna Bell老师"),
        ("", "处长", ""),
    ],
)
def test_how_people_are_addressed(name: str, title: str, expected: str) -> None:
    assert addressed(name, title) == expected


def test_a_named_person_keeps_the_whole_title() -> None:
    assert named("周敏", "副校长") == "周敏副校长"
    assert rank("副校长") == "校长"


@given(st.text(max_size=40), st.text(max_size=40))
def test_addressing_never_makes_a_second_line(name: str, title: str) -> None:
    assert "\n" not in addressed(name, title)
    assert "副" not in rank(title)


FORM = ReportForm(
    "示例师范学院",
    "学校办公室",
    "示师督字〔2026〕第12号",
    "供热管网检修",
    "后勤管理处",
    (),
    "1.检修；\n2.报送。",
    date(2026, 12, 15),
    date(2026, 11, 24),
)


def cells(raw: bytes) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for table in docx.Document(io.BytesIO(raw)).tables for row in table.rows]


def test_report_form_without_supporting_units_has_one_stamp_place() -> None:
    rows = cells(report_docx(FORM))
    assert ["协办单位", "无"] in rows
    assert ["（主办单位公章）", ""] in rows
    assert ["办理要求", "1.检修；\n2.报送。"] in rows


@given(st.text(max_size=60))
def test_report_form_takes_any_words(words: str) -> None:
    rows = dict(
        cells(report_docx(ReportForm(words, words, words, words, words, (words,), words, *[date(2026, 1, 1)] * 2)))
    )
    assert rows["督查督办事项"] == single_line(words)


def test_report_form_is_the_same_bytes() -> None:
    assert report_docx(FORM) == report_docx(FORM)


@given(st.text(max_size=80))
def test_a_single_line_is_one_line_without_turning_marks(words: str) -> None:
    line = single_line(words)
    assert len(line.splitlines()) <= 1
    assert not set(line) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")
    assert len(single_line(words, 10)) <= 10
    assert all(part.strip() == part and part for part in paragraphs(words))


def test_installed_fonts_are_used_and_cover_ordinary_chinese() -> None:
    faces = fonts.faces()
    assert faces.body
    assert set(faces.body) <= set(fonts.BODY)
    assert list(faces.body) == sorted(faces.body, key=fonts.BODY.index)
    assert faces.title[: len(faces.title) - len(faces.body)]
    gb2312 = "".join(
        bytes([row, column]).decode("gb2312") for row in range(0xB0, 0xF8) for column in range(0xA1, 0xFF)
        if not (row == 0xD7 and column > 0xF9)
    )  # fmt: skip
    assert fonts.missing(gb2312) == ()


def test_notices_from_several_threads_are_whole() -> None:
    made = [
        NoticeData("示例师范学院", "学校办公室", f"示师督字〔2026〕第{n}号", "后勤管理处", "检修") for n in range(1, 9)
    ]
    alone = [notice_pdf(one) for one in made]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(notice_pdf, made)) == alone
