"""The 通知单: every field stands on the page, long texts grow, the QR reads, hostile words stay words."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pdfplumber
import pypdfium2
import pytest
import zxingcpp

from daemon.compose import fonts
from daemon.compose.notice import RULES, NoticeData, notice_pdf, typeset
from daemon.compose.qr import code_holds, qr_svg, signed_code
from daemon.procedure.shapes import Matter, RefNo

CODE = "DUBAN:2026-12:ABCDEFGHIJKLMNOP"
DATA = NoticeData(
    school_name="示例师范学院",
    office="学校办公室",
    ref="示师督字〔2026〕第12号",
    lead="后勤管理处",
    requirements="供热管网检修和报修制度\n1.完成6栋公寓供热管网检修；\n2.报送台账和制度文本。",
    supporting=("学生工作部（处）", "保卫处"),
    dispatched_on=date(2026, 11, 24),
    deadline=date(2026, 12, 15),
    director_opinion="拟请后勤处牵头，学工部、保卫处配合。妥否，请批示。",
    leader_opinion="同意，抓紧落实。",
    contact="李宁",
    phone="0000-0000000",
    code=CODE,
)


def words(pdf: bytes) -> str:
    """All text of the pages without white space (Typst's spacing between scripts reads back as blanks)."""
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        return "".join("".join((page.extract_text() or "").split()) for page in opened.pages)


def tables(pdf: bytes) -> list[list[list[str | None]]]:
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        return [table for page in opened.pages for table in page.extract_tables()]


def page_count(pdf: bytes) -> int:
    return len(pypdfium2.PdfDocument(pdf))


def test_every_field_of_the_form_reads_back() -> None:
    said = words(notice_pdf(DATA))
    for expected in (
        "示例师范学院行政督查督办通知单",
        "行政督查督办单位（公章）：学校办公室",
        "示师督字〔2026〕第12号",
        "交办时间：2026年11月24日",
        "要求反馈时间2026年12月15日",
        "主办单位后勤管理处",
        "协办单位学生工作部（处）、保卫处",
        "供热管网检修和报修制度",
        "2.报送台账和制度文本。",
        "妥否，请批示。",
        "同意，抓紧落实。",
        "办结报告",
        "（主办单位公章）（协办单位公章）",
        "交办部门联系人：李宁联系电话：0000-0000000",
        *RULES,
    ):
        assert expected in said, expected


def test_table_reads_back_cell_by_cell() -> None:
    (table,) = tables(notice_pdf(DATA))
    cells = {(row[0] or "").replace("\n", ""): "".join((row[1] or "").split()) for row in table}
    assert cells["主办单位"] == "后勤管理处"
    assert cells["督查督办事项"].startswith("供热管网检修和报修制度1.完成6栋")
    assert cells["办结报告"] == ""


def test_requirements_are_word_for_word_those_of_the_regulation() -> None:
    assert RULES[0] == (
        "1．接到本《通知》后，请按行政督查督办程序和时限要求办理，并由主办单位按时将本通知单反馈交办部门。"
    )
    assert RULES[1] == "2．如不能按时完成，请在要求时限内书面报告进展情况。"
    assert RULES[2] == "3．督查内容或办结报告内容较多，可另附附件。"


def test_long_texts_grow_over_pages_with_the_header_repeated() -> None:
    lines = [f"{n}.逐项排查安全隐患，建立问题清单、责任清单和整改清单，第{n}项完成后签字确认。" for n in range(1, 61)]
    pdf = notice_pdf(replace(DATA, requirements="\n".join(lines)))
    assert page_count(pdf) >= 3
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        for page in opened.pages:
            said = "".join((page.extract_text() or "").split())
            assert "示例师范学院行政督查督办通知单" in said
            assert "示师督字〔2026〕第12号" in said
    joined = "".join("".join((cell or "").split()) for table in tables(pdf) for row in table for cell in row)
    for line in lines:
        assert "".join(line.split()) in joined


@pytest.mark.parametrize("tasks", [9, 10, 12, 14, 16, 18, 21, 24, 27, 30])
def test_wherever_the_text_ends_the_report_has_room_and_the_stamps_their_place(tasks: int) -> None:
    lines = [f"{n}.逐项排查安全隐患，建立问题清单、责任清单和整改清单，完成后签字确认。" for n in range(1, tasks + 1)]
    pdf = notice_pdf(replace(DATA, requirements="\n".join(lines)))
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        said = ["".join((page.extract_text() or "").split()) for page in opened.pages]
        table = opened.pages[-1].find_tables()[-1]
    assert all("示例师范学院行政督查督办通知单" in page for page in said)
    assert "（主办单位公章）" in said[-1]
    assert "办结报告" in said[-1]
    report = table.rows[-1].bbox
    assert (report[3] - report[1]) / 72 * 25.4 >= 30


def test_an_ordinary_notice_is_one_page() -> None:
    ordinary = replace(DATA, requirements="供热管网检修\n" + "完成检修并报送台账。" * 30)
    assert page_count(notice_pdf(ordinary)) == 1


def test_it_declares_pdf_a_2b() -> None:
    pdf = notice_pdf(DATA)
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in pdf


def test_same_data_is_the_same_bytes_and_other_data_is_not() -> None:
    assert notice_pdf(DATA) == notice_pdf(DATA)
    assert notice_pdf(DATA) != notice_pdf(replace(DATA, phone="0000-0000001"))


def qr_codes(pdf: bytes) -> list[zxingcpp.Barcode]:
    image = pypdfium2.PdfDocument(pdf)[0].render(scale=150 / 72).to_pil()
    return list(zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode))


def test_two_qr_copies_read_from_a_scan_at_150_dpi() -> None:
    assert [code.text for code in qr_codes(notice_pdf(DATA))] == [CODE, CODE]


def test_qr_copies_stand_on_opposite_corners_away_from_the_stamps() -> None:
    pdf = notice_pdf(DATA)
    dots = 150 / 25.4
    boxes = []
    for code in qr_codes(pdf):
        place = code.position
        corners = (place.top_left, place.top_right, place.bottom_left, place.bottom_right)
        boxes.append([(corner.x / dots, corner.y / dots) for corner in corners])
    (top, bottom) = sorted(boxes, key=lambda box: box[0][1])
    assert min(x for x, _ in top) > 105 > max(x for x, _ in bottom)
    assert max(y for _, y in top) < 60
    assert min(y for _, y in bottom) > 240
    for centre in stamp_centres(pdf):
        for corner in (*top, *bottom):
            distance = ((corner[0] - centre[0]) ** 2 + (corner[1] - centre[1]) ** 2) ** 0.5
            assert distance - 21 >= 22, (centre, corner, distance)


def stamp_centres(pdf: bytes) -> list[tuple[float, float]]:
    """Where stamps (42 mm wide) are set: on the middle of each line that says （…公章）, in mm."""
    found = []
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        for word in opened.pages[0].extract_words(keep_blank_chars=True):
            if "公章" in word["text"]:
                centre = ((word["x0"] + word["x1"]) / 2 / 72 * 25.4, (word["top"] + word["bottom"]) / 2 / 72 * 25.4)
                found.append(centre)
    assert len(found) >= 3
    return found


def test_without_a_number_there_is_no_qr_and_an_empty_place() -> None:
    said = words(notice_pdf(replace(DATA, ref="", code="", dispatched_on=None, ref_prefix="示师督字")))
    assert "示师督字〔〕第号" in said
    assert "交办时间：年月日" in said


@pytest.mark.parametrize(
    "hostile",
    [
        '#import "x.typ"; #panic("x")',
        "*粗* _斜_ $x^2$ #{1+1} @ref <label> [内容] \\ `code` // 注释",
        '"}; #read("/etc/passwd") {"',
        "= 标题\n- 列表\n+ 编号",
        "上行\u202e倒写\u202c下行",
        "零宽\u200b字符\x00\x07控制",
    ],
)
def test_hostile_words_are_only_words(hostile: str) -> None:
    pdf = notice_pdf(replace(DATA, requirements=hostile, lead=hostile, leader_opinion=hostile))
    said = words(pdf)
    assert "示例师范学院行政督查督办通知单" in said
    assert "root:" not in said
    assert "\u202e" not in said
    cells = ["".join((cell or "").split()) for table in tables(pdf) for row in table for cell in row]
    kept = "".join(char for char in hostile if char.isprintable() and not char.isspace())
    assert kept in cells


def test_a_character_without_a_glyph_is_marked_and_told() -> None:
    set_ = typeset(replace(DATA, leader_opinion="同意。\U0001f600"))
    assert set_.missing == ("\U0001f600",)
    assert f"同意。{fonts.MISSING_MARK}" in words(set_.pdf)
    assert typeset(DATA).missing == ()


def test_rare_names_have_glyphs() -> None:
    assert fonts.missing("𬭎𠅤㛃䶮喆犇翀昉龑〔〕（）、《》①②—…　〓") == ()


def matter(number: int = 12, id: str = "m1") -> Matter:
    return Matter(id=id, title="题", source="", requirements="", lead="HQ", ref=RefNo(2026, number))


def test_the_signed_code_holds_for_its_matter_only() -> None:
    code = signed_code(matter(), b"secret")
    assert code.startswith("DUBAN:2026-12:")
    assert code_holds(code, matter(), b"secret")
    assert not code_holds(code, matter(13), b"secret")
    assert not code_holds(code, matter(id="m2"), b"secret")
    assert not code_holds(code, matter(), b"other")
    assert not code_holds(signed_code(matter(), b""), matter(), b"")
    assert signed_code(replace(matter(), ref=None), b"secret") == ""


def test_qr_is_version_three_where_it_fits_and_larger_where_not() -> None:
    assert 'viewBox="0 0 37 37"' in qr_svg(signed_code(matter(9999), b"secret"))
    assert 'viewBox="0 0 37 37"' not in qr_svg("DUBAN:2026-12:" + "A" * 80)
