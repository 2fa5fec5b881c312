"""Files made to hurt a reader of attachments: what unpacks without end, nests without end, or points at itself."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping

_WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_SHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def packed(members: Mapping[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def zeros(megabytes: int) -> bytes:
    return packed({"zeros.txt": bytes(megabytes << 20)})


def nested_zips(depth: int, data: bytes) -> bytes:
    for n in range(depth):
        data = packed({f"{n}.zip": data})
    return data


def overlapping_zip(count: int) -> bytes:
    """`count` members that are all the same 10 MB of zeros: the directory points to one place again and again."""
    one = packed({"a": bytes(10 << 20)})
    start = one.index(b"PK\x01\x02")
    entry, end = one[start : one.index(b"PK\x05\x06")], one[one.index(b"PK\x05\x06") :]
    directory = entry * count
    tail = end[:8] + struct.pack("<HHII", count, count, len(directory), start) + end[20:]
    return one[:start] + directory + tail


def _document(body: str) -> str:
    return f"<w:document {_WORD}><w:body>{body}</w:body></w:document>"


def docx(body: str) -> bytes:
    return packed(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": _document(body),
        }
    )


def laughing(kind: str = "word/document.xml") -> bytes:
    entities = '<!ENTITY a0 "哈">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    return packed({kind: f"<!DOCTYPE x [{entities}]>" + _document("<w:p><w:r><w:t>&a11;</w:t></w:r></w:p>")})


def xlsx(sheet: str) -> bytes:
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    listed = '<sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets>'
    relation = '<Relationship Id="r1" Target="worksheets/s.xml"/>'
    return packed(
        {
            "xl/workbook.xml": f'<workbook {_SHEET} xmlns:r="{relations}">{listed}</workbook>',
            "xl/_rels/workbook.xml.rels": f"<Relationships>{relation}</Relationships>",
            "xl/worksheets/s.xml": f"<worksheet {_SHEET}><sheetData>{sheet}</sheetData></worksheet>",
        }
    )


def pdf(objects: list[bytes], root: int = 1) -> bytes:
    out, places = bytearray(b"%PDF-1.5\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out) + b"trailer<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, root, start)


def pdf_page(content: bytes, filters: bytes = b"/FlateDecode", more: bytes = b"") -> bytes:
    return pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>%s>>>>" % more,
            b"<</Length %d/Filter[%s]>>stream\n%s\nendstream" % (len(content), filters, content),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        ]
    )


def inflating_pdf(megabytes: int, piece: bytes) -> bytes:
    """Packed twice: some KB of it inflate to `megabytes` of drawing."""
    packer, inside = zlib.compressobj(1), bytearray()
    block = piece * ((1 << 20) // len(piece))
    for _ in range(megabytes):
        inside += packer.compress(block)
    return pdf_page(zlib.compress(bytes(inside + packer.flush()), 9), b"/FlateDecode/FlateDecode")


def many_pages(count: int) -> bytes:
    kids = b" ".join(b"3 0 R" for _ in range(count))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"
    words = zlib.compress(b"BT /F 12 Tf 50 700 Td (done) Tj ET " * 50)
    return pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count),
            page,
            b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(words), words),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        ]
    )


def forms_in_forms(levels: int) -> bytes:
    """Each form draws the next ten times: ten to the power of `levels` drawings."""

    def form(n: int) -> bytes:
        draws = b"/X Do " * 10 if n < levels else b"0 0 m 9 9 l S "
        inside = b"/Resources<</XObject<</X %d 0 R>>>>" % (7 + n) if n < levels else b""
        return b"<</Type/XObject/Subtype/Form/BBox[0 0 99 99]%s/Length %d>>stream\n%s\nendstream" % (
            inside,
            len(draws),
            draws,
        )

    base = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</X 6 0 R>>>>>>",
        b"<</Length 5>>stream\n/X Do\nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    return pdf([*base, *(form(n) for n in range(levels + 1))])


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(side: int, data: bytes | None = None) -> bytes:
    """A PNG that says it is `side` by `side`; with real pixels unless other data is given."""
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = bytes((side + 1) * side) if data is None else data
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")


def gif(frames: int) -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", 100, 100, 0x80, 0, 0) + bytes(6)
    frame = b"," + struct.pack("<HHHHB", 0, 0, 100, 100, 0) + b"\x02\x02L\x01\x00"
    return head + frame * frames + b";"


def ofd(page: str) -> bytes:
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    root = "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
    listed = "<ofd:Page ID='1' BaseLoc='Pages/Page_0/Content.xml'/>"
    return packed(
        {
            "OFD.xml": f"<ofd:OFD {space}><ofd:DocBody>{root}</ofd:DocBody></ofd:OFD>",
            "Doc_0/Document.xml": f"<ofd:Document {space}><ofd:Pages>{listed}</ofd:Pages></ofd:Document>",
            "Doc_0/Pages/Page_0/Content.xml": f"<ofd:Page {space}><ofd:Content>{page}</ofd:Content></ofd:Page>",
        }
    )


_DRAWING = b"q Q 1 0 0 1 0 0 cm 0 0 m 9 9 l S\n"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

#: File name, maker, whether it takes megabytes or seconds to make.
BOMBS: list[tuple[str, Callable[[], bytes], bool]] = [
    ("一百兆零.zip", lambda: zeros(100), True),
    ("一千兆零.zip", lambda: zeros(1000), True),
    ("套.zip", lambda: nested_zips(200, packed({"a.txt": "办结"})), False),
    ("套着零.zip", lambda: nested_zips(2, zeros(70)), True),
    ("重叠.zip", lambda: overlapping_zip(2000), False),
    ("十万个.zip", lambda: packed({f"{n}.txt": b"" for n in range(100_000)}), True),
    ("两千个.zip", lambda: packed({f"{n}.txt": b"x" for n in range(2000)}), False),
    ("长名.zip", lambda: packed({"长" * 20_000: b"x"}), False),
    ("上级目录.zip", lambda: packed({"../../../../etc/passwd": b"x", "/etc/shadow": b"x", "C:\\x": b"x"}), False),
    (
        "说谎的大小.zip",
        lambda: packed({"a.txt": b"x" * 999}).replace(struct.pack("<I", 999), struct.pack("<I", 2**31)),
        False,
    ),
    ("空.zip", lambda: packed({}), False),
    ("半个.zip", lambda: packed({"a.txt": "办结" * 999})[:200], False),
    ("零.docx", lambda: docx("x" + " " * (100 << 20)), True),
    ("笑.docx", laughing, False),
    ("笑.ofd", lambda: laughing("OFD.xml"), False),
    ("深.docx", lambda: docx("<w:p>" * 50_000), False),
    ("深表.docx", lambda: docx("<w:tbl><w:tr><w:tc>" * 200 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 200), False),
    ("十万段.docx", lambda: docx("<w:p><w:r><w:t>办结</w:t></w:r></w:p>" * 100_000), True),
    ("宽.xlsx", lambda: xlsx("<row r='1'><c r='XFD1'><v>1</v></c></row>" * 20_000), False),
    ("远.xlsx", lambda: xlsx("<row r='1048576'><c r='ZZZZZZZ1048576'><v>1</v></c></row>"), False),
    ("百万格.xlsx", lambda: xlsx("<row>" + "<c t='inlineStr'><is><t>办</t></is></c>" * 1_000_000 + "</row>"), True),
    ("大数.xlsx", lambda: xlsx("<row><c><v>" + "9" * 100_000 + "</v></c><c t='s'><v>-999999</v></c></row>"), False),
    ("深.ofd", lambda: ofd("<ofd:Layer>" * 50_000), False),
    (
        "多字.ofd",
        lambda: ofd(
            "<ofd:Layer>"
            + "<ofd:TextObject><ofd:TextCode X='1' Y='1'>办结</ofd:TextCode></ofd:TextObject>" * 100_000
            + "</ofd:Layer>"
        ),
        True,
    ),
    ("膨胀.pdf", lambda: inflating_pdf(800, _DRAWING), True),
    ("膨胀文字.pdf", lambda: inflating_pdf(200, b"BT /F 12 Tf 50 700 Td (done) Tj ET\n"), True),
    ("五万页.pdf", lambda: many_pages(50_000), True),
    ("表中表.pdf", lambda: forms_in_forms(9), False),
    ("自己.pdf", lambda: pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>"]), False),
    ("深数组.pdf", lambda: pdf([b"<</Type/Catalog/Pages 2 0 R/X " + b"[" * 200_000 + b">>", b"<<>>"]), False),
    ("大页.pdf", lambda: pdf_page(zlib.compress(_DRAWING)).replace(b"0 0 595 842", b"0 0 9e9 9e9"), False),
    (
        "解密.pdf",
        lambda: pdf_page(zlib.compress(_DRAWING)).replace(b"/Root", b"/Encrypt<</Filter/Standard/V 9>>/Root"),
        False,
    ),
    ("坏.pdf", lambda: b"%PDF-1.7\n" + b"1 0 obj<</A 1 0 R>>endobj " * 30_000, False),
    ("大.png", lambda: png(60_000, bytes(1 << 20)), False),
    ("真大.png", lambda: png(6000), True),
    ("十万帧.gif", lambda: gif(100_000), True),
    (
        "坏.jpg",
        lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03" + bytes(3000),
        False,
    ),
    ("坏.tif", lambda: b"II*\x00\x08\x00\x00\x00" + b"\xff\xff" + bytes(12) * 3000, False),
    ("坏.bmp", lambda: b"BM" + b"\xff" * 3000, False),
    ("坏.doc", lambda: _OLE + bytes(range(256)) * 200, False),
    (
        "圈.doc",
        lambda: _OLE + bytes(16) + b"\x3e\x00\x03\x00\xfe\xff\x09\x00\x06\x00" + bytes(10) + b"\x01\x00\x00\x00" * 600,
        False,
    ),
    ("零.7z", lambda: b"7z\xbc\xaf\x27\x1c\x00\x04" + b"\xff" * 3000, False),
    ("零.rar", lambda: b"Rar!\x1a\x07\x01\x00" + b"\xff" * 3000, False),
    ("四十兆.txt", lambda: "办结\n".encode() * (40_000_000 // 7), True),
    ("过大.bin", lambda: bytes(60 << 20), True),
    ("深.html", lambda: b"<html>" + b"<div>" * 100_000, False),
    ("套.eml", lambda: b"Content-Type: message/rfc822\r\n\r\n" * 3000 + b"x", False),
    ("多件.eml", lambda: b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + b"--b\r\n\r\nx\r\n" * 20_000, False),
    ("winmail.dat", lambda: bytes.fromhex("789f3e22") + b"\xff" * 5000, False),
    ("smime.p7s", lambda: b"\x30\x84" + b"\xff" * 5000, False),
]
