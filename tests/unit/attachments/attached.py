"""Files for the tests of attachments, made in memory: documents as people send them, and bombs."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

DOCX_HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:body>'
)
DOCX_TAIL = "</w:body></w:document>"


def zipped(members: dict[str, bytes | str], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP with these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def gbk_zip(name: str, data: bytes) -> bytes:
    """A ZIP of one stored member whose name is in GBK, as Chinese Windows writes it: no UTF-8 bit."""
    raw = name.encode("gb18030")
    crc = zlib.crc32(data)
    sizes = struct.pack("<III", crc, len(data), len(data))
    local = b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 0, 0, 0) + sizes + struct.pack("<HH", len(raw), 0) + raw
    central = b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 0, 0, 0) + sizes
    central += struct.pack("<HHHHHII", len(raw), 0, 0, 0, 0, 0, 0) + raw
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local) + len(data), 0)
    return local + data + central + end


def docx(body: str, more: dict[str, bytes | str] | None = None) -> bytes:
    """A DOCX with this XML as its body."""
    return zipped(
        {"[Content_Types].xml": "<Types/>", "word/document.xml": DOCX_HEAD + body + DOCX_TAIL, **(more or {})}
    )


def paragraph(text: str) -> str:
    """A paragraph of one run."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def table(rows: list[list[str]]) -> str:
    """A table of a DOCX."""
    lines = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return "<w:tbl>" + "".join(f"<w:tr>{line}</w:tr>" for line in lines) + "</w:tbl>"


def xlsx(sheet: str, *, shared: str = "", styles: str = "", state: str = "") -> bytes:
    """An XLSX with one sheet, given as the XML between <sheetData> and its end."""
    ns = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    rel = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    listed = f'<sheet name="表" sheetId="1" r:id="r1"{state}/>'
    relation = '<Relationship Id="r1" Target="worksheets/sheet1.xml"/>'
    members: dict[str, bytes | str] = {
        "xl/workbook.xml": f"<workbook {ns} {rel}><sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships>{relation}</Relationships>",
        "xl/worksheets/sheet1.xml": f"<worksheet {ns}><sheetData>{sheet}</sheetData></worksheet>",
    }
    if shared:
        members["xl/sharedStrings.xml"] = f"<sst {ns}>{shared}</sst>"
    if styles:
        members["xl/styles.xml"] = f"<styleSheet {ns}>{styles}</styleSheet>"
    return zipped(members)


def pdf(content: bytes, *, filters: str = "/FlateDecode", length: int | None = None) -> bytes:
    """A PDF of one page with this content stream, already compressed as `filters` say."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        b"<</Length %d/Filter[%s]>>stream\n%s\nendstream" % (len(content), filters.encode(), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out = bytearray(b"%PDF-1.5\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
    return bytes(out)


def inflating_pdf(megabytes: int = 800) -> bytes:
    """A PDF of some KB, packed twice: its page inflates to `megabytes` of drawing."""
    packer = zlib.compressobj(1)
    piece = b"q Q 1 0 0 1 0 0 cm 0 0 m 9 9 l S\n" * (1 << 15)
    packed = bytearray()
    for _ in range(max(1, (megabytes << 20) // len(piece))):
        packed += packer.compress(piece)
    packed += packer.flush()
    return pdf(zlib.compress(bytes(packed), 9), filters="/FlateDecode/FlateDecode")


def zeros_zip(megabytes: int = 100, name: str = "zeros.txt") -> bytes:
    """A ZIP of one member of nothing but zeros."""
    return zipped({name: bytes(megabytes << 20)})


def huge_png(side: int = 60_000) -> bytes:
    """A PNG of some bytes that says it is `side` by `side` pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(1 << 20), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def laughing_docx() -> bytes:
    """A DOCX whose XML has entities of entities: a thousand million laughs if they were expanded."""
    entities = '<!ENTITY a0 "哈">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    head = DOCX_HEAD.replace("<w:document", f"<!DOCTYPE x [{entities}]><w:document", 1)
    body = paragraph("真实内容") + paragraph("&a9;")
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": head + body + DOCX_TAIL})


def outside_docx(path: str) -> bytes:
    """A DOCX that wants the words of a file on our machine."""
    head = DOCX_HEAD.replace("<w:document", f'<!DOCTYPE x [<!ENTITY x SYSTEM "file://{path}">]><w:document', 1)
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": head + paragraph("正文 &x;") + DOCX_TAIL})


def typed_over(document: bytes, label: str, words: str) -> bytes:
    """A PDF with `words` typed to the right of `label`, as a PDF program does: by a FreeText annotation."""
    import ctypes

    import pypdfium2
    import pypdfium2.raw as pdfium

    opened = pypdfium2.PdfDocument(document)
    page = opened[0]
    lines = page.get_textpage()
    place = lines.search(label).get_next()
    assert place is not None
    _, bottom, right, top = lines.get_charbox(place[0] + place[1] - 1)
    remark = pdfium.FPDFPage_CreateAnnot(page, pdfium.FPDF_ANNOT_FREETEXT)
    area = pdfium.FS_RECTF(right + 40, top + 4, right + 240, bottom - 4)
    assert pdfium.FPDFAnnot_SetRect(remark, ctypes.byref(area))
    wide = ctypes.create_string_buffer(words.encode("utf-16-le") + b"\0\0")
    pdfium.FPDFAnnot_SetStringValue(remark, b"Contents", ctypes.cast(wide, ctypes.POINTER(ctypes.c_ushort)))
    pdfium.FPDFPage_CloseAnnot(remark)
    out = io.BytesIO()
    opened.save(out)
    return out.getvalue()
