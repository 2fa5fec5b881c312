"""Word's binary document ([MS-DOC]), which Kingsoft's .wps is too: words by the piece table, cells by their marks."""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from daemon.attachments.blocks import Blocks
from daemon.attachments.limits import Encrypted, Found, Unsupported

_WORD = 0xA5EC
_WORD_97 = 0xC1  # files of Word 6 and 95 have no Unicode and another layout
_ENCRYPTED, _TABLE_1 = 0x0100, 0x0200
_MOST_CHARACTERS = 1 << 20

# Places in the FIB: a pair of offset and length in the table stream each.
_CHPX, _PAPX, _CLX = 0xFA, 0x102, 0x1A2
_LENGTHS = 0x4C  # ccpText, ccpFtn, ccpHdd, (one unused), ccpAtn, ccpEdn, ccpTxbx, ccpHdrTxbx

# Properties (sprm) that say what we must know of a run or a paragraph.
_DELETED, _VANISH = 0x0800, 0x083C
_IN_TABLE, _ROW_END = 0x2416, 0x2417
_OPERAND = (1, 1, 2, 4, 2, 2, -1, 3)

_UNSEEN, _TABLE, _ROW = 1, 2, 4
_FIELD, _RESULT, _FIELD_END = "\x13", "\x14", "\x15"
_SHOWN = {"\t": "\t", "\x0b": "\n", "\x1e": "-", "\xa0": " "}


@dataclass(frozen=True, slots=True)
class _Run:
    """Bytes of the document stream with the flags of their properties."""

    start: int
    end: int
    flags: int


def read_doc(found: Found, document: bytes, tables: tuple[bytes, bytes]) -> None:
    """A WordDocument stream with its 0Table and 1Table. Raises Encrypted, and Unsupported before Word 97."""
    magic, fib = struct.unpack_from("<HH", document)
    (flags,) = struct.unpack_from("<H", document, 10)
    if magic != _WORD or fib < _WORD_97:
        raise Unsupported
    if flags & _ENCRYPTED:
        raise Encrypted
    table = tables[1 if flags & _TABLE_1 else 0]
    runs = _runs(document, table, _CHPX, _hidden) + _runs(document, table, _PAPX, _in_table)
    text, marks = _characters(document, table, sorted(runs, key=lambda run: run.start))
    blocks = Blocks()
    for start, end in _stories(document):
        _lay_out(blocks, text[start:end], marks[start:end])
        blocks.paragraph(in_table=False)
    blocks.give(found)


def _stories(document: bytes) -> list[tuple[int, int]]:
    """Which characters are the text, the notes and the text boxes: headers, remarks and the like are left out."""
    lengths = struct.unpack_from("<8i", document, _LENGTHS)
    stories = []
    start = 0
    for number, length in enumerate(lengths):
        if number == 3:
            continue
        length = max(0, length)
        if number in (0, 1, 5, 6):
            stories.append((start, start + length))
        start += length
    return stories


# -- pieces -------------------------------------------------------------------------------------------------------


def _characters(document: bytes, table: bytes, runs: list[_Run]) -> tuple[str, bytearray]:
    """Every character with its flags, in the order of the text."""
    starts = [run.start for run in runs]
    longest = max((run.end - run.start for run in runs), default=0)
    words: list[str] = []
    marks = bytearray()
    for offset, count, wide in _pieces(table, *_place(document, _CLX)):
        width = 2 if wide else 1
        raw = document[offset : offset + count * width]
        text = raw.decode("utf-16-le", "replace") if wide else raw.decode("cp1252", "replace")
        # Beyond the BMP one character of ours is two of Word's: both are told apart here as Word counts them.
        flags = bytearray(len(raw) // width)
        for number in range(bisect_left(starts, offset - longest), bisect_left(starts, offset + len(raw))):
            run = runs[number]
            for at in range(max(run.start - offset, 0) // width, max(0, min(run.end - offset, len(raw))) // width):
                flags[at] |= run.flags
        words.append(_by_units(text) if wide else text)
        marks += flags
        if len(marks) > _MOST_CHARACTERS:
            break
    return "".join(words), marks


def _by_units(text: str) -> str:
    """A text in which each character beyond the BMP is followed by a NUL, so that it counts as two."""
    return text if text.isascii() or max(text) < "\U00010000" else "".join(c + "\0" * (c > "\uffff") for c in text)


def _pieces(table: bytes, place: int, length: int) -> Iterator[tuple[int, int, bool]]:
    """Offset in the document stream, count of characters, and whether they are UTF-16, of each piece."""
    clx = table[place : place + length]
    at = 0
    while clx[at : at + 1] == b"\x01":
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if clx[at : at + 1] != b"\x02":
        raise ValueError("no piece table")
    (size,) = struct.unpack_from("<I", clx, at + 1)
    plc = clx[at + 5 : at + 5 + size]
    count = (len(plc) - 4) // 12
    ends = struct.unpack_from(f"<{count + 1}I", plc)
    for number in range(count):
        (told,) = struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * number + 2)
        offset, compressed = told & 0x3FFFFFFF, bool(told & 0x40000000)
        yield (offset // 2 if compressed else offset), max(0, ends[number + 1] - ends[number]), not compressed


def _place(document: bytes, where: int) -> tuple[int, int]:
    place, length = struct.unpack_from("<II", document, where)
    return place, length


# -- properties ---------------------------------------------------------------------------------------------------


def _runs(document: bytes, table: bytes, where: int, flags_of: object) -> list[_Run]:
    """The runs that have a flag, from the pages of 512 bytes that the bin table of the FIB lists."""
    assert callable(flags_of)
    place, length = _place(document, where)
    plc = table[place : place + length]
    count = max(0, (len(plc) - 4) // 8)
    runs = []
    for (number,) in struct.iter_unpack("<I", plc[4 * (count + 1) : 4 * (count + 1) + 4 * count]):
        page = document[(number & 0x3FFFFF) * 512 :][:512]
        if len(page) < 512 or 4 * (page[511] + 1) > 511:
            continue
        bounds = struct.unpack_from(f"<{page[511] + 1}I", page)
        for run in range(page[511]):
            if flags := flags_of(page, run, page[511]):
                runs.append(_Run(bounds[run], bounds[run + 1], flags))
    return runs


def _hidden(page: bytes, run: int, count: int) -> int:
    """Whether a run of characters is hidden, or was deleted while changes were recorded."""
    place = page[4 * (count + 1) + run] * 2
    if not place:
        return 0
    told = dict(_properties(page[place + 1 : place + 1 + page[place]]))
    return _UNSEEN if any(told.get(name, b"\0")[:1] in (b"\x01", b"\x81") for name in (_DELETED, _VANISH)) else 0


def _in_table(page: bytes, run: int, count: int) -> int:
    """Whether a paragraph stands in a table, and whether its mark ends a row."""
    at = 4 * (count + 1) + 13 * run
    place = page[at] * 2 if at < 511 else 0
    if not 0 < place < 510:
        return 0
    length = page[place] * 2 - 1 if page[place] else page[place + 1] * 2
    start = place + (1 if page[place] else 2)
    told = dict(_properties(page[start + 2 : start + length]))
    return _TABLE * (told.get(_IN_TABLE, b"")[:1] == b"\x01") | _ROW * (told.get(_ROW_END, b"")[:1] == b"\x01")


def _properties(told: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 2 < len(told):
        (name,) = struct.unpack_from("<H", told, at)
        length = _OPERAND[name >> 13]
        start = at + 2
        if length < 0:
            length = told[start] + 1
            if name == 0xD608 and start + 2 <= len(told):  # a table's definition: two bytes of length
                length = struct.unpack_from("<H", told, start)[0] + 1
        yield name, told[start : start + length]
        at = start + length


# -- layout -------------------------------------------------------------------------------------------------------


def _lay_out(blocks: Blocks, text: str, marks: bytearray) -> None:
    """Words, paragraphs, cells and rows of one story; of a field its result alone."""
    rows_known = any(mark & _ROW for mark in marks)
    fields: list[bool] = []  # of each open field, whether its result has begun
    before = ""
    for char, mark in zip(text, marks, strict=False):
        if char == _FIELD:
            fields.append(False)
        elif char in (_RESULT, _FIELD_END) and fields:
            fields[-1:] = [True] if char == _RESULT else []
        elif char == "\x07":
            ends_row = mark & _ROW if rows_known else before == "\x07"
            blocks.row() if ends_row else blocks.cell()
        elif char in "\r\x0c":
            blocks.paragraph(in_table=bool(mark & _TABLE))
        elif not mark & _UNSEEN and all(fields):
            shown = _SHOWN.get(char, char)
            if shown in "\t\n" or shown >= " ":
                blocks.words(shown)
        before = char
