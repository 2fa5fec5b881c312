"""Files of old Office for the tests, byte by byte: compound files, Word 97 documents, Excel 97 workbooks."""

from __future__ import annotations

import struct

_SECTOR = 512
_END, _FAT, _FREE = 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file. Each stream is padded to 4096 bytes, so that no mini stream is needed."""
    table: list[int] = []
    body = b""
    entries = []
    for name, data in sorted(streams.items(), key=lambda item: (len(item[0]), item[0].upper())):
        whole = data.ljust(4096, b"\0")
        whole += bytes(-len(whole) % _SECTOR)
        first, count = len(table), len(whole) // _SECTOR
        table += [*range(first + 1, first + count), _END]
        body += whole
        entries.append((name, first, len(whole)))
    folder = _entry("Root Entry", 5, 1 if entries else _FREE, _FREE, _END, 0)
    for number, (name, first, size) in enumerate(entries, 1):
        folder += _entry(name, 2, _FREE, number + 1 if number < len(entries) else _FREE, first, size)
    folder += bytes(-len(folder) % _SECTOR)
    begin, count = len(table), len(folder) // _SECTOR
    table += [*range(begin + 1, begin + count), _END]
    places = []
    while len(table) + len(places) > len(places) * 128:
        places.append(0)
    places = [len(table) + n for n in range(len(places))]
    table += [_FAT] * len(places)
    table += [_FREE] * (-len(table) % 128)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    head += struct.pack("<IIIIIIIII", len(places), begin, 0, 4096, _END, 0, _END, 0, 0)[:32]
    head += struct.pack("<109I", *places, *[_FREE] * (109 - len(places)))
    return head + body + folder + struct.pack(f"<{len(table)}I", *table)


def _entry(name: str, kind: int, child: int, right: int, first: int, size: int) -> bytes:
    raw = name.encode("utf-16-le") + b"\0\0"
    tree = struct.pack("<III", _FREE, right, child)
    return (
        raw.ljust(64, b"\0")
        + struct.pack("<HBB", len(raw), kind, 1)
        + tree
        + bytes(36)
        + struct.pack("<IQ", first, size)
    )


# -- Word ---------------------------------------------------------------------------------------------------------

HIDDEN, DELETED = struct.pack("<HB", 0x083C, 1), struct.pack("<HB", 0x0800, 1)
_IN_TABLE, _ROW_END = struct.pack("<HB", 0x2416, 1), struct.pack("<HB", 0x2417, 1)
#: As Word writes it before what we look for: a table's definition, whose length takes two bytes.
_TABLE_DEFINITION = struct.pack("<HHB", 0xD608, 4, 0) + b"\0\0"


class Doc:
    """A Word 97 document in the making."""

    def __init__(self) -> None:
        self._text: list[tuple[str, bytes]] = []  # pieces with the properties of their characters
        self._paragraphs: list[tuple[int, bytes]] = []  # count of characters, properties

    def run(self, text: str, properties: bytes = b"") -> Doc:
        self._text.append((text, properties))
        return self

    def paragraph(self, text: str = "", *, in_table: bool = False) -> Doc:
        return self.run(text)._mark("\r", _IN_TABLE if in_table else b"")

    def row(self, *cells: str) -> Doc:
        """A row; a line feed in a cell begins a paragraph."""
        for cell in cells:
            *before, last = cell.split("\n")
            for line in before:
                self.paragraph(line, in_table=True)
            self.run(last)._mark("\x07", _IN_TABLE)
        return self._mark("\x07", _TABLE_DEFINITION + _IN_TABLE + _ROW_END)

    def _mark(self, mark: str, properties: bytes) -> Doc:
        self._text.append((mark, b""))
        length = sum(_units(text) for text, _ in self._text) - sum(count for count, _ in self._paragraphs)
        self._paragraphs.append((length, properties))
        return self

    def bytes(self, *, flags: int = 0x0200, after: str = "") -> bytes:
        """The file; `after`: what stands after the text as its header, in one byte a character."""
        start = 0x800
        body = "".join(text for text, _ in self._text).encode("utf-16-le")
        tail = after.encode("cp1252")
        document = bytearray(start) + body + tail
        document += bytes(-len(document) % 512)
        characters = [(_units(text), properties) for text, properties in self._text]
        table = b""
        for place, runs, whole in ((0xFA, characters, False), (0x102, self._paragraphs, True)):
            pages, bounds = _pages(start, runs, whole)
            first = len(document) // 512
            document += b"".join(pages)
            plc = struct.pack(f"<{len(bounds)}I", *bounds)
            plc += struct.pack(f"<{len(pages)}I", *range(first, first + len(pages)))
            struct.pack_into("<II", document, place, len(table), len(plc))
            table += plc
        units = len(body) // 2
        ends = [0, units] + ([units + len(tail)] if tail else [])
        pieces = struct.pack("<HIH", 0, start, 0)
        pieces += struct.pack("<HIH", 0, (start + len(body)) * 2 | 0x40000000, 0) if tail else b""
        plc = struct.pack(f"<{len(ends)}I", *ends) + pieces
        clx = b"\x01\x02\x00\x00\x00\x02" + struct.pack("<I", len(plc)) + plc  # a Prc that is of no interest to us
        struct.pack_into("<II", document, 0x1A2, len(table), len(clx))
        struct.pack_into("<HH", document, 0, 0xA5EC, 0xC1)
        struct.pack_into("<H", document, 10, flags)
        struct.pack_into("<3i", document, 0x4C, units, 0, len(tail))
        return compound({"WordDocument": bytes(document), "1Table" if flags & 0x200 else "0Table": table + clx})


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _pages(start: int, runs: list[tuple[int, bytes]], paragraphs: bool) -> tuple[list[bytes], list[int]]:
    """Pages of 512 bytes with ten runs each, and the offsets where each page begins, and the end."""
    pages, bounds = [], [start]
    for ten in range(0, len(runs), 10):
        page = bytearray(512)
        few = runs[ten : ten + 10]
        ends = [bounds[-1]]
        top = 510
        for number, (count, told) in enumerate(few):
            ends.append(ends[-1] + 2 * count)
            at = 4 * (len(few) + 1) + number * (13 if paragraphs else 1)
            if told:
                body = b"\0\0" + told if paragraphs else told
                body += b"\0" * (paragraphs and len(body) % 2 == 0)
                whole = bytes(((len(body) + 1) // 2 if paragraphs else len(body),)) + body
                top = (top - len(whole)) & ~1
                page[top : top + len(whole)] = whole
                page[at] = top // 2
        struct.pack_into(f"<{len(ends)}I", page, 0, *ends)
        page[511] = len(few)
        pages.append(bytes(page))
        bounds.append(ends[-1])
    return pages, bounds


# -- Excel --------------------------------------------------------------------------------------------------------


def xls(rows: list[list[str | float]], *, locked: bool = False, hidden_rows: tuple[int, ...] = ()) -> bytes:
    """A workbook of Excel 97: one sheet that is shown, one that is not. A float is a day, as Excel counts them."""
    out = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0x1234, 1997, 0, 0))
    if locked:
        out += _record(0x2F, struct.pack("<HHH", 1, 1, 1) + bytes(48))
    out += _record(0x42, struct.pack("<H", 1200))
    out += _record(0x31, struct.pack("<HHHHHBBBB", 200, 0, 0x7FFF, 400, 0, 0, 0, 134, 0) + b"\x04\x00Song") * 5
    for number in (0, 14):  # General, a date
        out += _record(0xE0, struct.pack("<HHHBBBBIIH", 0, number, 0, 0x20, 0, 0, 0, 0, 0, 0x20C0))
    names = [("表".encode("utf-16-le"), 0), ("隐".encode("utf-16-le"), 1)]
    sheets = [_sheet(rows, hidden_rows), _sheet([["看不见"]], ())]
    at = len(out) + sum(12 + len(name) for name, _ in names) + 4
    for (name, state), sheet in zip(names, sheets, strict=True):
        out += _record(0x85, struct.pack("<IBBBB", at, state, 0, len(name) // 2, 1) + name)
        at += len(sheet)
    return compound({"Workbook": out + _record(0x0A, b"") + b"".join(sheets)})


def _sheet(rows: list[list[str | float]], hidden_rows: tuple[int, ...]) -> bytes:
    out = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0x1234, 1997, 0, 0))
    for down in hidden_rows:
        out += _record(0x208, struct.pack("<HHHHHHI", down, 0, 9, 255, 0, 0, 0x20 | 0x100))
    for down, row in enumerate(rows):
        for across, value in enumerate(row):
            where = struct.pack("<HHH", down, across, isinstance(value, float))
            if isinstance(value, float):
                out += _record(0x203, where + struct.pack("<d", value))
            elif value:
                raw = value.encode("utf-16-le")
                out += _record(0x204, where + struct.pack("<HB", len(raw) // 2, 1) + raw)
    return out + _record(0x0A, b"")


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body
