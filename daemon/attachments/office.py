"""Office documents by their XML: words and tables of DOCX, cells of XLSX, words of PPTX, ODF and OFD."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator

from lxml import etree

from daemon.attachments import limits
from daemon.attachments.form import cells_by_label, looks_like_form
from daemon.attachments.limits import Found, TooLarge
from daemon.attachments.sheets import cells
from daemon.attachments.zipped import unpacked

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_WRAPPERS = (f"{_W}sdt", f"{_W}sdtContent", f"{_W}customXml")  # content controls: our form's cells may be some
_PICTURES = re.compile(r"^(word|ppt|xl)/media/[^/]+\.(png|jpe?g|bmp|gif|tiff?)$", re.I)
_MOST_PICTURES = 8

Rows = list[list[str | None]]


def read_office(found: Found, archive: zipfile.ZipFile) -> bool:
    """Reads a ZIP that is an Office document; False if it is none."""
    names = set(archive.namelist())
    readers: tuple[tuple[str, Callable[[Found, zipfile.ZipFile, set[str]], None]], ...] = (
        ("word/document.xml", _read_docx),
        ("xl/workbook.xml", _read_xlsx),
        ("ppt/presentation.xml", _read_pptx),
        ("OFD.xml", _read_ofd),
        ("content.xml", _read_odf),
    )
    for mark, reader in readers:
        if mark in names:
            reader(found, archive, names)
            _read_pictures(found, archive, names)
            return True
    return False


def xml(found: Found, archive: zipfile.ZipFile, name: str) -> etree._Element:
    """A member as XML: no entity is expanded, nothing fetched, no tree of unusual depth."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    return etree.fromstring(unpacked(found, archive, archive.getinfo(name)), parser=parser)


def _read_docx(found: Found, archive: zipfile.ZipFile, names: set[str]) -> None:
    body = xml(found, archive, "word/document.xml").find(f"{_W}body")
    rows: Rows = []
    lines = list(_blocks(body, rows)) if body is not None else []
    for part in ("word/footnotes.xml", "word/endnotes.xml"):
        if part in names:
            lines += [line for p in xml(found, archive, part).iter(f"{_W}p") if (line := _paragraph(p)).strip()]
    text = "\n".join(lines)
    found.add_text(text)
    if looks_like_form(text):
        found.form = cells_by_label(rows)


def _blocks(parent: etree._Element, rows: Rows) -> Iterator[str]:
    """The lines of a body or a cell in order; a table's row is a line with tabs, and its cells go to `rows` too."""
    for block in parent:
        if block.tag == f"{_W}p":
            if (line := _paragraph(block)).strip():
                yield line
        elif block.tag == f"{_W}tbl":
            for row in _direct(block, f"{_W}tr"):
                row_cells = ["\n".join(_blocks(cell, [])) for cell in _direct(row, f"{_W}tc")]
                rows.append(list(row_cells))
                if any(row_cells):
                    yield "\t".join(" ".join(cell.split("\n")) for cell in row_cells)
        elif block.tag in _WRAPPERS:
            yield from _blocks(block, rows)


def _direct(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    """The rows of a table or the cells of a row: those of a table in a cell are not among them."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _direct(child, tag)


def _paragraph(paragraph: etree._Element) -> str:
    """A paragraph's words: hidden ones, deleted ones and the doubles kept for old programs left out."""
    words: list[str] = []
    for element in _seen(paragraph):
        if element.tag == f"{_W}t":
            words.append(element.text or "")
        elif element.tag in (f"{_W}tab", f"{_W}ptab"):
            words.append("\t")
        elif element.tag in (f"{_W}br", f"{_W}cr"):
            words.append("\n")
        elif element.tag == f"{_W}noBreakHyphen":
            words.append("-")
    return "".join(words)


def _seen(element: etree._Element) -> Iterator[etree._Element]:
    for child in element:
        if child.tag in (_FALLBACK, f"{_W}del", f"{_W}moveFrom", f"{_W}pPr"):
            continue
        if child.tag == f"{_W}r" and _hidden(child):
            continue
        yield child
        yield from _seen(child)


def _hidden(run: etree._Element) -> bool:
    vanish = run.find(f"{_W}rPr/{_W}vanish")
    return vanish is not None and vanish.get(f"{_W}val", "true") not in ("0", "false", "off")


def _read_xlsx(found: Found, archive: zipfile.ZipFile, names: set[str]) -> None:
    book = xml(found, archive, "xl/workbook.xml")
    targets = _targets(found, archive, names, "xl/workbook.xml")
    shared: list[str] = []
    if "xl/sharedStrings.xml" in names:
        for string in xml(found, archive, "xl/sharedStrings.xml"):
            for phonetic in list(string.iter("{*}rPh")):
                string.remove(phonetic)
            shared.append("".join(t.text or "" for t in string.iter("{*}t")))
    styles = xml(found, archive, "xl/styles.xml") if "xl/styles.xml" in names else None
    rows: Rows = []
    for sheet in book.iter("{*}sheet"):
        target = targets.get(sheet.get(f"{_R}id") or "", "")
        if sheet.get("state") in ("hidden", "veryHidden") or target not in names:
            continue
        found.pages += 1
        for row in cells(xml(found, archive, target), shared, styles, book):
            rows.append(list(row))
            if any(row) and not found.add_text("\t".join(row).rstrip()):
                return
    if looks_like_form("\n".join(cell or "" for row in rows[:200] for cell in row)):
        found.form = cells_by_label(rows)


def _targets(found: Found, archive: zipfile.ZipFile, names: set[str], part: str) -> dict[str, str]:
    folder, base = posixpath.split(part)
    relations = f"{folder}/_rels/{base}.rels"
    if relations not in names:
        return {}
    told = {r.get("Id") or "": r.get("Target") or "" for r in xml(found, archive, relations)}
    return {i: t.lstrip("/") if t.startswith("/") else posixpath.normpath(f"{folder}/{t}") for i, t in told.items()}


def _read_pptx(found: Found, archive: zipfile.ZipFile, names: set[str]) -> None:
    slides = [name for name in names if re.fullmatch(r"ppt/slides/slide\d+\.xml", name)]
    for name in sorted(slides, key=lambda n: int("".join(filter(str.isdigit, n)))):
        found.pages += 1
        for paragraph in xml(found, archive, name).iter(f"{_A}p"):
            found.add_text("".join(t.text or "" for t in paragraph.iter(f"{_A}t")))


def _read_ofd(found: Found, archive: zipfile.ZipFile, names: set[str]) -> None:
    """OFD (GB/T 33190): the words stand in TextCode, page after page."""
    pages = [name for name in names if re.fullmatch(r".*Pages?/Page_\d+/Content\.xml", name)]
    for name in sorted(pages, key=lambda n: [int(d) for d in re.findall(r"\d+", n)]):
        found.pages += 1
        for code in xml(found, archive, name).iter("{*}TextCode"):
            found.add_text((code.text or "").strip())


def _read_odf(found: Found, archive: zipfile.ZipFile, names: set[str]) -> None:
    for element in xml(found, archive, "content.xml").iter("{*}p", "{*}h"):
        found.add_text("".join(str(t) for t in element.itertext()))


def _read_pictures(found: Found, archive: zipfile.ZipFile, names: set[str]) -> None:
    """QR codes on the pictures in it: a scan of the form is often pasted into Word."""
    from daemon.attachments.kinds import open_member  # the two call one another

    inner = found.pictures()
    for name in sorted(name for name in names if _PICTURES.match(name))[:_MOST_PICTURES]:
        try:
            open_member(inner, name, "", unpacked(inner, archive, archive.getinfo(name)), limits.DEPTH)
        except TooLarge:
            break  # the words were read; a picture too large for us says nothing against them
    found.take_pictures(inner)
