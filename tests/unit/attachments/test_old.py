"""Old Word, WPS, Excel and RTF: the words that a reader would see, and the cells of our form."""

from __future__ import annotations

import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.attachments.child import answer
from daemon.attachments.kinds import open_part
from daemon.attachments.limits import Encrypted, Found, Unsupported
from tests.unit.attachments.old import DELETED, HIDDEN, Doc, compound, xls
from tests.unit.attachments.test_openers import opened

FORM = [
    ["主办单位", "教务处", "要求反馈时间", "2026年12月15日"],
    ["协办单位", ""],
    ["督查督办事项", "一、检查。\n二、整改。"],
    ["学校领导意见", "同意"],
    ["办结报告", "已办结，检修37处。\n制度已印发。"],
]


def read(name: str, data: bytes) -> Found:
    found = Found()
    open_part(found, name, "application/octet-stream", data)
    return found


def text(name: str, data: bytes) -> str:
    return "\n".join(read(name, data).text)


def form() -> Doc:
    doc = Doc().paragraph("某校行政督查督办通知单")
    for row in FORM:
        doc.row(*row)
    return doc


# -- Word and WPS -------------------------------------------------------------------------------------------------


def test_a_doc_gives_its_paragraphs_and_the_rows_of_its_tables() -> None:
    doc = Doc().paragraph("办结😀报告").row("任务", "", "结果").row("检修", "甲\n乙", "").paragraph("特此报告。")
    told = opened(doc.bytes(), "报告.wps")
    assert (told.text, told.error) == ("办结😀报告\n任务\t\t结果\n检修\t甲 乙\t\n特此报告。", "")


@pytest.mark.parametrize("flags", [0x0200, 0])
def test_the_form_as_an_old_word_file_gives_its_cells(flags: int) -> None:
    cells = read("通知单.doc", form().bytes(flags=flags)).form
    assert cells["主办单位"] == "教务处"
    assert cells["要求反馈时间"] == "2026年12月15日"
    assert cells["协办单位"] == ""
    assert cells["办结报告"] == "已办结，检修37处。\n制度已印发。"


def test_a_doc_says_what_a_reader_would_see() -> None:
    doc = Doc().run("可见").run("隐藏", HIDDEN).run("删去", DELETED)
    doc.run('\x13 HYPERLINK "x.example" \x14链接\x13 PAGE \x142\x15\x15\x01').paragraph("完")
    assert text("a.doc", doc.bytes(after="page header")) == "可见链接2完"


def test_pieces_of_one_byte_a_character() -> None:
    doc = Doc().paragraph("正文").bytes(after="Caf\xe9 report\r")
    (at,) = [n for n in range(len(doc) - 12) if doc[n : n + 12] == struct.pack("<3i", 3, 0, 12)]
    whole = doc[:at] + struct.pack("<3i", 15, 0, 0) + doc[at + 12 :]
    assert text("a.doc", whole) == "正文\nCaf\xe9 report"


def test_a_doc_without_properties_still_has_rows() -> None:
    doc = bytearray(Doc().row("办结报告", "已办结").bytes())
    at = doc.index(struct.pack("<HH", 0xA5EC, 0xC1))
    struct.pack_into("<II", doc, at + 0x102, 0, 0)
    assert text("a.doc", bytes(doc)) == "办结报告\t已办结"


def test_a_locked_doc_and_one_too_old() -> None:
    with pytest.raises(Encrypted):
        read("a.doc", Doc().paragraph("x").bytes(flags=0x0300))
    with pytest.raises(Unsupported):
        read("a.doc", Doc().paragraph("x").bytes().replace(struct.pack("<HH", 0xA5EC, 0xC1), b"\xdc\xa5\x65\x00"))
    with pytest.raises(Encrypted):
        read("a.docx", compound({"EncryptedPackage": b"x", "EncryptionInfo": b"y"}))
    with pytest.raises(Unsupported):
        read("a.ppt", compound({"PowerPoint Document": b"x"}))


def test_a_code_on_a_picture_in_an_old_word_file() -> None:
    import io

    import segno

    picture = io.BytesIO()
    segno.make("DUBAN:2026-12:X", error="q").save(picture, kind="png", scale=8, border=4)
    import olefile

    with olefile.OleFileIO(io.BytesIO(Doc().paragraph("见下图").bytes())) as streams:
        parts = {name: streams.openstream(name).read() for name in ("WordDocument", "1Table")}
    found = read("a.doc", compound({**parts, "Data": bytes(68) + picture.getvalue() + bytes(20)}))
    assert found.codes == ["DUBAN:2026-12:X"]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_old_file_is_an_outcome(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from([form().bytes(), xls([["甲", 46006.0]])])))
    for _ in range(data.draw(st.integers(1, 20))):
        raw[data.draw(st.integers(8, len(raw) - 1))] = data.draw(st.integers(0, 255))
    told = answer("a.doc", "", bytes(raw))
    assert told["error"] in ("", "damaged", "encrypted", "unsupported", "too_large")


# -- Excel --------------------------------------------------------------------------------------------------------


def test_an_xls_gives_what_is_shown() -> None:
    rows: list[list[str | float]] = [["项目", "日期"], ["检修", 46006.0], ["藏起来", ""], ["验收", 46006.25]]
    told = opened(xls(rows, hidden_rows=(2,)), "台账.et")
    assert (told.text, told.pages) == ("项目\t日期\n检修\t2025-12-15\n验收\t2025-12-15 06:00", 1)


def test_the_form_as_an_old_sheet() -> None:
    rows: list[list[str | float]] = [["某校行政督查督办通知单"], *[list(row) for row in FORM]]
    assert read("通知单.xls", xls(rows)).form["办结报告"] == "已办结，检修37处。\n制度已印发。"


def circle() -> bytes:
    """A compound file whose Workbook is short, and lies in small sectors of which the first is followed by itself."""
    raw = bytearray(compound({"M": bytes(4096), "Workbook": bytes(8192)}))
    struct.pack_into("<II", raw, 60, 0, 8)  # the table of small sectors: the stream M
    folder = 512 * (1 + int.from_bytes(raw[48:52], "little"))
    struct.pack_into("<IQ", raw, folder + 116, 8, 8192)  # where small sectors lie: the eighth and on
    struct.pack_into("<IQ", raw, folder + 256 + 116, 0, 100)
    return bytes(raw)


def test_a_compound_file_that_leads_in_a_circle_ends_soon() -> None:
    begun = time.process_time()
    assert answer("a.xls", "", circle())["error"] == "damaged"
    assert time.process_time() - begun < 2


def test_a_locked_xls() -> None:
    with pytest.raises(Encrypted):
        read("a.xls", xls([["x"]], locked=True))


# -- RTF ----------------------------------------------------------------------------------------------------------

HEAD = rb"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil Times New Roman;}{\f1\fnil\fcharset134 \'cb\'ce\'cc\'e5;}"
HEAD += rb"{\f2\fcharset136 x;}}{\colortbl;\red0\green0\blue0;}{\*\generator WPS;}{\info{\title \'d2\'fe}}"


def coded(words: str, charset: str = "gb18030") -> bytes:
    return b"".join(b"\\'%02x" % byte for byte in words.encode(charset))


def test_rtf_in_gbk_and_in_unicode() -> None:
    body = rb"\pard\f1 " + coded("办结报告") + rb"\par\uc1 " + "".join(f"\\u{ord(c)}?" for c in "已办结").encode()
    body += rb" \u-10179?\u-8704?\par\f2 " + coded("繁體", "big5") + rb"\par\f0\loch A\hich B\dbch "
    body += coded("中") + b"}"
    assert opened(HEAD + body, "报告.rtf").text == "办结报告\n已办结 😀\n繁體\nAB中"


def test_rtf_says_what_a_reader_would_see() -> None:
    body = (
        coded("可见") + rb"{\v " + coded("隐藏") + rb"}{\deleted " + coded("删去") + rb"}{\header " + coded("眉") + b"}"
    )
    body += rb'{\field{\*\fldinst HYPERLINK "x.example"}{\fldrslt ' + coded("链接") + rb"}}{\pict\bin4 {{{{}"
    body += rb"{\shp{\*\shpinst{\sp{\sn a}{\sv 1}}{\shptxt " + coded("框里的字") + rb"\par}}}\{\}\~\_\emdash}"
    assert text("a.rtf", HEAD + body) == "可见链接框里的字\n{} -—"


def test_the_form_as_rtf() -> None:
    def cell(words: str) -> bytes:
        return rb"\par ".join(coded(line) for line in words.split("\n")) + rb"\cell "

    rows = b"".join(rb"\trowd\pard\intbl " + b"".join(map(cell, row)) + rb"\row " for row in FORM)
    found = read(
        "通知单.rtf", HEAD + coded("某校行政督查督办通知单") + rb"\par " + rows + rb"\pard " + coded("完") + b"}"
    )
    assert found.form["办结报告"] == "已办结，检修37处。\n制度已印发。"
    assert found.form["协办单位"] == ""
    assert found.text[-1].endswith("完")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_rtf_is_an_outcome(body: bytes) -> None:
    assert answer("a.rtf", "", b"{\\rtf1\\ansi" + body)["error"] in ("", "damaged")
    assert answer("a.rtf", "", b"{\\rtf1" + b"{" * 2000)["error"] == "damaged"
