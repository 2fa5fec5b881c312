"""The blank 办结报告 as a Word document, its ⟦places⟧ still to be filled; loaded when the first form is made."""

from __future__ import annotations

import docx
from docx.document import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

BLANK_DAY = "　　年　　月　　日"
_BODY = "仿宋"
_TITLE = "黑体"
_SECTIONS = (
    ("一、办理情况", "（逐项对照办理要求说明完成了什么、何时完成，写明数据。）"),
    ("二、取得的成效和佐证材料", "（列出所附的制度、台账、照片等。）"),
    ("三、协办单位意见", "（没有协办单位的填“无”。）"),
    ("四、存在的问题和下一步打算", "（没有的填“无”。）"),
)


def blank_form() -> Document:
    """The form, A4, with the same places for every matter."""
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
    for row, words in enumerate((("（主办单位公章）", "⟦stamp⟧"), (BLANK_DAY, "⟦stamped⟧"))):
        for column, place in enumerate(words):
            paragraph = table.cell(row, column).paragraphs[0]
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            _write(paragraph, place, _BODY, 16)
    for cell in table.rows[0].cells:
        cell.paragraphs[0].paragraph_format.space_before = Pt(60)
