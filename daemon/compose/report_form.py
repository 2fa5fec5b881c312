"""The 办结报告 as a Word form with 文号, title and unit filled in, for a unit to complete and sign."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from xml.sax.saxutils import escape

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
_BLANK_DAY = "　　年　　月　　日"
_PLACE = re.compile("⟦([a-z]+)⟧")
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
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
    fixed, parts = _skeleton()
    words = {place: _xml_text(value) for place, value in _values(form).items()}
    out = io.BytesIO(fixed)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as package:
        for name, xml in parts:
            filled = _PLACE.sub(lambda found: words[found.group(1)], xml)
            package.writestr(zipfile.ZipInfo(name, _LONG_AGO), filled, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _values(form: ReportForm) -> dict[str, str]:
    title, ref = single_line(form.title), single_line(form.ref)
    return {
        "school": single_line(form.school_name),
        "office": single_line(form.office),
        "ref": ref,
        "title": title,
        "unit": single_line(form.unit),
        "supporting": "、".join(single_line(name) for name in form.supporting) or "无",
        "dispatched": _day(form.dispatched_on),
        "deadline": _day(form.deadline),
        "requirements": "\n".join(paragraphs(form.requirements)),
        "stamp": "（协办单位公章）" if form.supporting else "",
        "stamped": _BLANK_DAY if form.supporting else "",
    }


def _xml_text(words: str) -> str:
    """Text within a <w:t>, its line breaks as <w:br/>."""
    return "</w:t><w:br/><w:t>".join(escape(line) for line in words.split("\n"))


@lru_cache(maxsize=1)
def _skeleton() -> tuple[bytes, tuple[tuple[str, str], ...]]:
    """The form with ⟦places⟧ to fill, made once a process: what never changes as a package, the other parts as XML.

    python-docx takes 100 ms a document; filling places takes two.
    """
    raw = io.BytesIO()
    _blank_form().save(raw)
    fixed = io.BytesIO()
    open_parts = []
    with zipfile.ZipFile(raw) as package, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as steady:
        for name in package.namelist():
            data = package.read(name)
            if "⟦".encode() in data:
                open_parts.append((name, data.decode()))
            else:
                steady.writestr(zipfile.ZipInfo(name, _LONG_AGO), data, zipfile.ZIP_DEFLATED)
    return fixed.getvalue(), tuple(open_parts)


def _blank_form() -> Document:
    document = docx.Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    _style(document.styles["Normal"], _BODY, 16)
    document.core_properties.title = "⟦ref⟧ 办结报告"
    document.core_properties.author = "⟦unit⟧"
    document.core_properties.comments = ""
    _line(document, "⟦school⟧行政督查督办事项办结报告", _TITLE, 20, centred=True)
    _head_table(document)
    _line(document, "⟦office⟧：", indent=False)
    _line(document, "现将⟦ref⟧“⟦title⟧”的办理情况报告如下：")
    for heading, hint in _SECTIONS:
        _line(document, heading, _TITLE)
        _line(document, hint)
        _line(document, "")
    _line(document, "特此报告。")
    _line(document, "附件：")
    _line(document, "主要负责人（签名）：　　　　　　　　")
    _stamps(document)
    return document


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


_ROWS = (
    ("文　　号", "⟦ref⟧"),
    ("督查督办事项", "⟦title⟧"),
    ("主办单位", "⟦unit⟧"),
    ("协办单位", "⟦supporting⟧"),
    ("交办时间", "⟦dispatched⟧"),
    ("要求反馈时间", "⟦deadline⟧"),
    ("办理要求", "⟦requirements⟧"),
)


def _head_table(document: Document) -> None:
    table = document.add_table(rows=len(_ROWS), cols=2, style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for row, (label, words) in zip(table.rows, _ROWS, strict=True):
        for cell, text, face, width in zip(row.cells, (label, words), (_TITLE, _BODY), (Mm(36), Mm(120)), strict=True):
            cell.width = width
            _write(cell.paragraphs[0], text, face, 14)
    _line(document, "")


def _stamps(document: Document) -> None:
    table = document.add_table(rows=2, cols=2)
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for row, words in enumerate((("（主办单位公章）", "⟦stamp⟧"), (_BLANK_DAY, "⟦stamped⟧"))):
        for column, place in enumerate(words):
            paragraph = table.cell(row, column).paragraphs[0]
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            _write(paragraph, place, _BODY, 16)
    for cell in table.rows[0].cells:
        cell.paragraphs[0].paragraph_format.space_before = Pt(60)


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
