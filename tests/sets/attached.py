"""Files to hang on the made-up mails, written byte for byte the same each time: PDF, DOCX, XLSX, archives, pictures."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

MOMENT = (2026, 9, 1, 8, 0, 0)


def pdf(text: str) -> bytes:
    """A page of Chinese text in a font that every reader knows by name, so that the file stays small."""
    lines = [text_line[i : i + 38] for text_line in text.split("\n") for i in range(0, max(len(text_line), 1), 38)]
    drawn = "".join(f"<{line.encode('utf-16-be').hex()}> Tj T* " for line in lines)
    page = f"BT /F1 12 Tf 16 TL 60 780 Td {drawn}ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /FontDescriptor 7 0 R "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [0 -200 1000 900] /ItalicAngle 0 "
        b"/Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>",
    ]
    out, places = io.BytesIO(b"%PDF-1.4\n"), []
    out.seek(0, io.SEEK_END)
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table))
    return out.getvalue()


def archive(members: list[tuple[str | bytes, bytes]]) -> bytes:
    """A zip with fixed times; a name given as bytes is written as they are, without the UTF-8 bit (GBK)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members:
            # Bytes stand in as Latin-1 of the same length and are put in place below.
            plain = name if isinstance(name, str) else "".join(chr(65 + b % 26) for b in name)
            info = zipfile.ZipInfo(plain, MOMENT)
            info.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(info, data)
    raw = out.getvalue()
    for name, _ in members:
        if isinstance(name, bytes):
            raw = raw.replace("".join(chr(65 + b % 26) for b in name).encode(), name)
    return raw


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def docx(text: str) -> bytes:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    paragraphs = "".join(f"<w:p><w:r><w:t>{_escaped(line)}</w:t></w:r></w:p>" for line in text.split("\n"))
    package = "http://schemas.openxmlformats.org/package/2006"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    return archive(
        [
            (
                "[Content_Types].xml",
                f'<?xml version="1.0"?><Types xmlns="{package}/content-types"><Default Extension="rels" '
                f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'.encode(),
            ),
            (
                "_rels/.rels",
                f'<?xml version="1.0"?><Relationships xmlns="{package}/relationships">'
                f'<Relationship Id="r1" Type="{office}" Target="word/document.xml"/></Relationships>'.encode(),
            ),
            (
                "word/document.xml",
                f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{space}"><w:body>{paragraphs}'
                "</w:body></w:document>".encode(),
            ),
        ]
    )


def xlsx(text: str) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    for line in text.split("\n"):
        book.active.append(line.split("|"))
    out = io.BytesIO()
    book.save(out)
    # openpyxl writes the time of day into the file: packed anew with fixed times.
    with zipfile.ZipFile(out) as made:
        kept = [(n, made.read(n)) for n in made.namelist() if n != "docProps/core.xml"]
    return archive(
        [(n, _without_core(data) if n in {"[Content_Types].xml", "_rels/.rels"} else data) for n, data in kept]
    )


def _without_core(data: bytes) -> bytes:
    import re

    return re.sub(rb"<(?:Override|Relationship)[^>]*core[^>]*/>", b"", data)


def png(colour: int = 120) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes([colour, 60, 60] * 48) for _ in range(16))
    head = struct.pack(">IIBBBBB", 48, 16, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def jpg(seed: int = 0) -> bytes:
    """The frame of a photograph: markers right, picture data of no sense."""
    noise = bytes((seed * 31 + i * 7) % 251 for i in range(2600))
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x48\x00\x48\x00\x00" + noise + b"\xff\xd9"


def made(kind: str, argument: str) -> tuple[bytes, str]:
    """The bytes and the media type of an attachment of the table."""
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    if kind == "zip":  # argument: member name = text
        name, _, text = argument.partition("=")
        return archive([(name.encode("gb18030"), docx(text))]), "application/zip"
    simple = {
        "pdf": lambda: (pdf(argument), "application/pdf"),
        "docx": lambda: (docx(argument), word),
        "xlsx": lambda: (xlsx(argument), sheet),
        "jpg": lambda: (jpg(len(argument)), "image/jpeg"),
        "png": lambda: (png(len(argument) + 100), "image/png"),
        "rar": lambda: (b"Rar!\x1a\x07\x01\x00" + argument.encode("gb18030") * 9, "application/x-rar-compressed"),
        "winmail": lambda: (
            bytes.fromhex("789f3e22") + b"\x01\x00\x01\x90\x08\x00\x04\x00\x00\x00",
            "application/ms-tnef",
        ),
        "p7s": lambda: (b"\x30\x82\x05\x00" + bytes(range(200)), "application/pkcs7-signature"),
        "ics": lambda: (argument.encode(), "text/calendar"),
        "txt": lambda: (argument.encode(), "text/plain"),
    }
    return simple[kind]()
