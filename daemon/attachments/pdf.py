"""PDF files: text by PDFium, the form's cells by pdfplumber where the text is our form's, QR codes where one can be."""

from __future__ import annotations

import ctypes
import io
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from daemon.attachments import limits
from daemon.attachments.form import cells_by_label, looks_like_form
from daemon.attachments.limits import Encrypted, Found
from daemon.attachments.ocr import read_picture, wanted
from daemon.attachments.qr import codes_on
from daemon.attachments.seal import seal_on

_DPI = 150
#: A QR code of version 3 drawn as lines has some hundreds of segments; a page of plain words and rules has few.
_SEGMENTS = 250
_MOST_SIDE_POINTS = 1700  # A2; a larger page is rendered smaller
_FORM_PAGES = 8
_TYPED = (pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_TEXT, pdfium.FPDF_ANNOT_WIDGET)


def read_pdf(found: Found, data: bytes) -> None:
    """Text of up to 300 pages, the form's cells, the QR codes of the first and the last page."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as e:
        if "password" in str(e).lower():
            raise Encrypted from e
        raise
    try:
        found.pages = len(document)
        texts = []
        for number in range(min(found.pages, limits.PAGES)):
            page = document[number]
            text = "\n".join(filter(None, (_text(page), *_remarks(page))))
            texts.append(text)
            if number in (0, found.pages - 1) and _may_hold_code(page):
                form = looks_like_form("\n".join(texts[:_FORM_PAGES]))
                _look(found, page, number == 0, scan=len(text.strip()) < 40, form=form)
            page.close()
            if not found.add_text(text):
                break
        _read_scans(found, document, [number for number, text in enumerate(texts) if not text.strip()])
    finally:
        document.close()
    if looks_like_form("\n".join(texts[:_FORM_PAGES])):
        found.form = _form(data)


def _text(page: Any) -> str:
    words = page.get_textpage()
    try:
        return str(words.get_text_bounded()).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    finally:
        words.close()


def _remarks(page: Any) -> list[str]:
    """Words typed over the page with a PDF program: they are annotations, and no text of the page."""
    words = []
    for number in range(min(pdfium.FPDFPage_GetAnnotCount(page), 200)):
        remark = pdfium.FPDFPage_GetAnnot(page, number)
        try:
            if pdfium.FPDFAnnot_GetSubtype(remark) in _TYPED:
                words.append(_annotation_string(remark, b"Contents") or _annotation_string(remark, b"V"))
        finally:
            pdfium.FPDFPage_CloseAnnot(remark)
    return [word for word in words if word.strip()]


def _annotation_string(remark: Any, key: bytes) -> str:
    length = pdfium.FPDFAnnot_GetStringValue(remark, key, None, 0)
    if not 2 < length < 1 << 20:
        return ""
    buffer = ctypes.create_string_buffer(length)
    pdfium.FPDFAnnot_GetStringValue(remark, key, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), length)
    return buffer.raw[: length - 2].decode("utf-16-le", "replace").replace("\r\n", "\n").replace("\r", "\n")


def _may_hold_code(page: Any) -> bool:
    """Whether the page has a picture, or so many lines that they may be a code drawn with them."""
    segments = 0
    for thing in page.get_objects(max_depth=4):
        if thing.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            return True
        if thing.type == pdfium.FPDF_PAGEOBJ_PATH:
            segments += max(0, pdfium.FPDFPath_CountSegments(thing))
            if segments > _SEGMENTS:
                return True
    return False


def _scale(page: Any) -> float:
    """Pixels a point, so that a page of usual size has 150 dpi."""
    return _DPI / 72 * min(1.0, _MOST_SIDE_POINTS / (max(page.get_size()) or 1.0))


def _look(found: Found, page: Any, first: bool, *, scan: bool, form: bool) -> None:
    """The QR codes on a page, and, where it is a scan or our form, whether it bears a seal."""
    picture = page.render(scale=_scale(page), grayscale=not (scan or form), may_draw_forms=True).to_pil()
    if scan or form:
        found.add_seal(seal_on(picture, page.get_width() / 72 * 25.4, first=first))
    for code in codes_on(picture.convert("L"), every_way=scan):
        found.add_code(code)


def _read_scans(found: Found, document: Any, numbers: list[int]) -> None:
    """The words on pages without text, where pictures are read at all, while the part's seconds for that last."""
    for number in numbers:
        if not wanted() or found.ocr_left <= 0:
            return
        page = document[number]
        read_picture(found, page.render(scale=_scale(page)).to_pil())
        page.close()


def _form(data: bytes) -> dict[str, str]:
    import pdfplumber  # half a second to load: only a child that meets a form pays

    rows: list[list[str | None]] = []
    with pdfplumber.open(io.BytesIO(data)) as document:
        for page in document.pages[:_FORM_PAGES]:
            for table in page.find_tables():
                rows += [
                    _with_remarks(page, row, words) for row, words in zip(table.rows, table.extract(), strict=True)
                ]
            page.close()
    return cells_by_label(rows)


def _with_remarks(page: Any, row: Any, words: list[str | None]) -> list[str | None]:
    """A row's words, with what was typed over its cells."""
    whole = list(words)
    for remark in page.annots:
        typed = str(remark.get("contents") or "").strip()
        across, down = (remark["x0"] + remark["x1"]) / 2, (remark["top"] + remark["bottom"]) / 2
        for number, cell in enumerate(row.cells):
            if typed and cell and cell[0] <= across <= cell[2] and cell[1] <= down <= cell[3]:
                whole[number] = "\n".join(filter(None, (whole[number], typed)))
    return whole
