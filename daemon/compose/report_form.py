"""The 办结报告 as a Word form with 文号, title and unit filled in, for a unit to complete and sign."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from daemon.compose.plain import paragraphs, single_line

_BODY = "仿宋"
_TITLE = "黑体"
_SECTIONS = (
    ("一、办理情况", "（逐项对照办理要求说明完成了什么、何时完成，写明数据。）"),
    ("二、取得的成效和佐证材料", "（列出所附的制度、台账、照片等。）"),
    ("三、协办单位意见", "（没有协办单位的填“无”。）"),
    ("四、存在的问题和下一步打算", "（没有的填“无”。）"),
)


@dataclass(frozen=True, slots=True)
class ReportForm:
    """What is filled in beforehand. `requirements`: as on the notice, may hold several paragraphs."""

    school_name: str
    office: str
    ref: str
    title: str
    unit: str
    supporting: tuple[str, ...]
    requirements: str
    deadline: date
    dispatched_on: date


def report_docx(form: ReportForm) -> bytes:
    """The form as DOCX; the same bytes for the same data."""
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = (
        Mm(37),
        Mm(35),
        Mm(28),
        Mm(26),
    )
    _style(document.styles["Normal"], _BODY, 16)
    made = datetime(form.dispatched_on.year, form.dispatched_on.month, form.dispatched_on.day)
    document.core_properties.title = f"{single_line(form.ref)} 办结报告"
    document.core_properties.author = single_line(form.unit)
    document.core_properties.created = document.core_properties.modified = made

    _line(document, f"{single_line(form.school_name)}行政督查督办事项办结报告", _TITLE, 20, centred=True)
    _head_table(document, form)
    _line(document, f"{single_line(form.office)}：", indent=False)
    _line(document, f"现将{single_line(form.ref)}“{single_line(form.title)}”的办理情况报告如下：")
    for heading, hint in _SECTIONS:
        _line(document, heading, _TITLE)
        _line(document, hint)
        _line(document, "")
    _line(document, "特此报告。")
    _line(document, "附件：")
    _line(document, "主要负责人（签名）：　　　　　　　　")
    _stamps(document, form)
    out = io.BytesIO()
    document.save(out)
    return _steady(out.getvalue())


def _style(style: object, face: str, size: int) -> None:
    font = style.font  # type: ignore[attr-defined]
    font.name, font.size = face, Pt(size)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), face)  # type: ignore[attr-defined]


def _line(
    place: Document,
    words: str,
    face: str = _BODY,
    size: int = 16,
    *,
    centred: bool = False,
    indent: bool = True,
) -> None:
    paragraph = place.add_paragraph()
    _write(paragraph, words, face, size)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    elif indent:
        paragraph.paragraph_format.first_line_indent = Pt(2 * size)


def _write(paragraph: Paragraph, words: str, face: str, size: int) -> None:
    run = paragraph.add_run(words)
    run.font.name, run.font.size = face, Pt(size)
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), face)
    paragraph.paragraph_format.space_after = Pt(0)


def _rows(form: ReportForm) -> Sequence[tuple[str, str]]:
    return (
        ("文　　号", single_line(form.ref)),
        ("督查督办事项", single_line(form.title)),
        ("主办单位", single_line(form.unit)),
        ("协办单位", "、".join(single_line(name) for name in form.supporting) or "无"),
        ("交办时间", _day(form.dispatched_on)),
        ("要求反馈时间", _day(form.deadline)),
        ("办理要求", "\n".join(paragraphs(form.requirements))),
    )


def _head_table(document: Document, form: ReportForm) -> None:
    rows = _rows(form)
    table = document.add_table(rows=len(rows), cols=2, style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for row, (label, words) in zip(table.rows, rows, strict=True):
        for cell, text, face, width in zip(row.cells, (label, words), (_TITLE, _BODY), (Mm(36), Mm(120)), strict=True):
            cell.width = width
            _write(cell.paragraphs[0], text, face, 14)
    _line(document, "")


def _stamps(document: Document, form: ReportForm) -> None:
    table = document.add_table(rows=2, cols=2)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    places = ("（主办单位公章）", "（协办单位公章）" if form.supporting else "")
    for column, place in enumerate(places):
        for row, words in enumerate((place, "　　年　　月　　日" if place else "")):
            paragraph = table.cell(row, column).paragraphs[0]
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            _write(paragraph, words, _BODY, 16)
    for cell in table.rows[0].cells:
        cell.paragraphs[0].paragraph_format.space_before = Pt(60)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _steady(raw: bytes) -> bytes:
    """The same package with fixed member times, so that equal forms are equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as package, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as steady:
        for name in package.namelist():
            steady.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), package.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
