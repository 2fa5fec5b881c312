"""What each kind of file gives, read in this process; the bombs are for test_openers, in the child."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pytest
from docx import Document
from openpyxl import Workbook
from PIL import Image

from daemon.attachments import limits
from daemon.attachments.child import answer
from daemon.attachments.kinds import open_part
from daemon.attachments.limits import Encrypted, Found, TooLarge
from daemon.compose.notice import NoticeData, notice_pdf
from daemon.compose.report_form import ReportForm, report_docx
from tests.unit.attachments import attached

DAY = date(2026, 12, 15)
CODE = "DUBAN:2026-12:ABCDEFGHIJKLMNOP"
NOTICE = NoticeData(
    school_name="示例师范学院",
    office="学校办公室",
    ref="示师督字〔2026〕第12号",
    lead="后勤管理处",
    requirements="供热管网检修和报修制度。",
    supporting=("保卫处",),
    dispatched_on=date(2026, 11, 24),
    deadline=date(2026, 12, 15),
    director_opinion="拟请后勤处牵头。",
    leader_opinion="同意。",
    contact="李宁",
    phone="0000-0000000",
    code=CODE,
)


def read(name: str, data: bytes, media_type: str = "application/octet-stream") -> Found:
    found = Found()
    open_part(found, name, media_type, data)
    return found


def text(found: Found) -> str:
    return "\n".join(found.text)


# -- PDF ----------------------------------------------------------------------------------------------------------


def test_our_form_filled_in_gives_its_cells_and_its_code() -> None:
    report = "12月11日前检修37处，全部合格。\n" + "制度已经印发。" * 30
    found = read("x", notice_pdf(replace(NOTICE, report=report)))
    assert found.form["主办单位"] == "后勤管理处"
    assert found.form["要求反馈时间"].replace(" ", "") == "2026年12月15日"
    assert found.form["办结报告"].replace(" ", "").startswith("12月11日前检修37处，全部合格。\n制度已经印发。")
    assert found.codes == [CODE]
    assert found.pages in (1, 2)
    assert "第12号" in text(found).replace(" ", "")


def test_a_form_that_grows_over_pages_is_read_whole() -> None:
    paragraphs = [
        f"第{n}项：检修完成，记录齐全，逐项销号，并由分管负责人签字确认，相关材料一并归档。" for n in range(60)
    ]
    found = read("x.pdf", notice_pdf(replace(NOTICE, report="\n".join(paragraphs))))
    assert found.pages > 1
    read_back = "".join(found.form["办结报告"].split())
    assert [p for p in paragraphs if p not in read_back] == []


def test_words_typed_over_the_form_stand_in_its_cell() -> None:
    found = read("x.pdf", attached.typed_over(notice_pdf(NOTICE), "办结报告", "已于12月11日办结。"))
    assert found.form["办结报告"] == "已于12月11日办结。"
    assert "已于12月11日办结。" in text(found)


@pytest.mark.parametrize("turn", [0, 90, 180, 7])
def test_a_photo_or_scan_of_the_form_gives_its_code(turn: int) -> None:
    import pypdfium2

    page = pypdfium2.PdfDocument(notice_pdf(NOTICE))[0].render(scale=2, grayscale=True).to_pil()
    scan = page.rotate(turn, expand=True, fillcolor=200)
    picture, scanned = io.BytesIO(), io.BytesIO()
    scan.save(picture, "JPEG", quality=60)
    scan.save(scanned, "PDF")
    assert read("photo.jpg", picture.getvalue()).codes == [CODE]
    assert read("scan.pdf", scanned.getvalue()).codes == [CODE]


def test_a_locked_pdf() -> None:
    with pytest.raises(Encrypted):
        read("x.pdf", _locked_pdf())


def _locked_pdf() -> bytes:
    """A PDF whose /Encrypt needs a password that is not empty."""
    plain = attached.pdf(b"", filters="/FlateDecode")
    lock = b"/Encrypt<</Filter/Standard/V 1/R 2/Length 40/P -4/O<%s>/U<%s>>>/ID[<00><00>]" % (b"11" * 32, b"22" * 32)
    return plain.replace(b"/Root 1 0 R", b"/Root 1 0 R" + lock)


# -- Office -------------------------------------------------------------------------------------------------------


def test_docx_as_word_writes_it() -> None:
    document = Document()
    document.add_paragraph("关于供热检修的办结报告")
    grid = document.add_table(rows=2, cols=2)
    grid.cell(0, 0).text, grid.cell(0, 1).text = "任务", "结果"
    grid.cell(1, 0).text, grid.cell(1, 1).text = "检修", "完成"
    document.add_paragraph("特此报告。")
    out = io.BytesIO()
    document.save(out)
    assert text(read("r.docx", out.getvalue())) == "关于供热检修的办结报告\n任务\t结果\n检修\t完成\n特此报告。"


def test_docx_says_what_a_reader_would_see() -> None:
    body = (
        "<w:p><w:r><w:t>可见</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>隐藏</w:t></w:r>"
        '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>仍可见</w:t></w:r>'
        "<w:del><w:r><w:delText>删去</w:delText></w:r></w:del>"
        "<mc:AlternateContent><mc:Choice><w:r><w:t>一次</w:t></w:r></mc:Choice>"
        "<mc:Fallback><w:r><w:t>一次</w:t></w:r></mc:Fallback></mc:AlternateContent></w:p>"
    )
    assert text(read("a.docx", attached.docx(body))) == "可见仍可见一次"


def test_the_form_as_a_word_table() -> None:
    rows = [
        ["主办单位", "教务处"],
        ["协办单位", ""],
        ["督查督办事项", "检查"],
        ["学校领导意见", "同意"],
        ["办结报告", "已办结"],
    ]
    found = read("f.docx", attached.docx(attached.paragraph("某校行政督查督办通知单") + attached.table(rows)))
    assert found.form["办结报告"] == "已办结"
    assert found.form["主办单位"] == "教务处"


def test_tables_in_cells_and_content_controls() -> None:
    inner = attached.table([["甲", "乙"]])
    cell = f"<w:tc>{attached.paragraph('附表')}{inner}</w:tc>"
    control = f"<w:sdt><w:sdtContent><w:tc>{attached.paragraph('控件里的话')}</w:tc></w:sdtContent></w:sdt>"
    row = f"<w:tr><w:tc>{attached.paragraph('办结报告')}</w:tc>{control}</w:tr>"
    grid = f"<w:tbl>{row}<w:tr>{cell}</w:tr></w:tbl>"
    assert text(read("f.docx", attached.docx(grid))) == "办结报告\t控件里的话\n附表 甲\t乙"
    title = attached.paragraph("通知单 主办单位 协办单位 要求反馈时间 学校领导意见")
    assert read("f.docx", attached.docx(title + grid)).form["办结报告"] == "控件里的话"


def test_a_report_made_with_our_own_form_is_no_returned_notice() -> None:
    asked = ReportForm(
        "示例师范学院", "学校办公室", NOTICE.ref, "供热检修", "后勤管理处", ("保卫处",), "按通知单办理。", DAY, DAY
    )
    found = read("r.docx", report_docx(asked))
    assert "供热检修" in text(found)
    assert found.form == {}


def test_a_code_on_a_picture_in_word() -> None:
    import segno

    picture = io.BytesIO()
    segno.make(CODE, error="q").save(picture, kind="png", scale=4)
    found = read("p.docx", attached.docx(attached.paragraph("扫描件"), {"word/media/image1.png": picture.getvalue()}))
    assert found.codes == [CODE]


def test_xlsx_as_excel_writes_it() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["楼号", "完成日期", "数量", "合格"])
    sheet.append(["3号楼", date(2026, 12, 15), 37, True])
    hidden = book.create_sheet("隐藏")
    hidden.append(["看不见"])
    hidden.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    assert text(read("t.xlsx", out.getvalue())) == "楼号\t完成日期\t数量\t合格\n3号楼\t2026-12-15\t37\t是"


def test_xlsx_cells_keep_their_columns() -> None:
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>丙</t></is></c></row>'
    shared = "<si><r><t>甲</t></r><r><t>一</t></r><rPh><t>jia</t></rPh></si>"
    assert text(read("t.xlsx", attached.xlsx(rows, shared=shared))) == "甲一\t\t丙"


# -- archives -----------------------------------------------------------------------------------------------------


def test_a_zip_is_listed_with_gbk_names_and_read() -> None:
    found = read("x.zip", attached.gbk_zip("佐证材料/办结报告.txt", "已办结".encode("gb18030")))
    assert found.members == ["佐证材料/办结报告.txt"]
    assert text(found) == "【佐证材料/办结报告.txt】\n已办结"


def test_documents_in_archives_are_read_to_depth_two() -> None:
    report = attached.docx(attached.paragraph("套在里面的报告"))
    inner = attached.zipped({"报告.docx": report})
    found = read("x.zip", attached.zipped({"里.zip": inner}))
    assert found.members == ["里.zip", "报告.docx"]
    assert "套在里面的报告" in text(found)
    deeper = read("x.zip", attached.zipped({"外.zip": attached.zipped({"里.zip": inner})}))
    assert "里.zip" in deeper.members
    assert "套在里面的报告" not in text(deeper)


def test_one_damaged_member_stops_nothing_beside_it() -> None:
    found = read("x.zip", attached.zipped({"坏.docx": b"PK\x03\x04 broken", "好.txt": "好"}))
    assert found.error == "damaged"
    assert "好" in text(found)


def test_too_many_members_and_too_many_bytes() -> None:
    with pytest.raises(TooLarge):
        read("x.zip", attached.zipped({f"{n}.txt": b"" for n in range(limits.MEMBERS + 1)}))
    with pytest.raises(TooLarge):
        read("x.zip", attached.zeros_zip(limits.UNPACKED_BYTES // (1 << 20) + 1))
    many = {f"{n}.zip": attached.zeros_zip(20) for n in range(4)}
    with pytest.raises(TooLarge):
        read("x.zip", attached.zipped(many))


# -- texts and mails ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_plain_text_in_its_charset(charset: str) -> None:
    assert text(read("a.txt", "第12号已办结。".encode(charset), "text/plain")) == "第12号已办结。"


def test_html_gives_what_is_seen() -> None:
    head = "<html><head><title>x</title><style>p{}</style></head>"
    page = head + "<body><p>已<b>办</b>结</p><script>no</script><p>此致</body>"
    assert text(read("a.html", page.encode(), "text/html")) == "已办结\n此致"


def test_a_mail_in_the_mail_gives_its_words_and_its_files() -> None:
    raw = (
        "From: a@school.example\r\nSubject: =?utf-8?b?5Yqe57uT5oql5ZGK?=\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n见附件\r\n"
        '--b\r\nContent-Type: text/plain; name="a.txt"\r\nContent-Disposition: attachment; filename="a.txt"\r\n\r\n'
        "附件的话\r\n--b--\r\n"
    ).encode()
    found = read("转发.eml", raw, "message/rfc822")
    assert "办结报告" in text(found)
    assert "见附件" in text(found)
    assert "附件的话" in text(found)
    assert found.members == ["a.txt"]


def test_words_are_cut_at_the_limit() -> None:
    told = answer("a.txt", "text/plain", ("字" * 300_000).encode())
    assert len(str(told["text"])) == limits.TEXT_CHARACTERS


def test_an_image_without_a_code_is_no_error() -> None:
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "white").save(out, "PNG")
    told = answer("a.png", "image/png", out.getvalue())
    assert told["error"] == ""
    assert told["codes"] == []


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4 nonsense", b"PK\x03\x04 nonsense", b"\xff\xd8\xff nonsense", b"BM"])
def test_damaged_files_are_an_outcome(data: bytes) -> None:
    told = answer("a", "application/octet-stream", data)
    assert told["error"] in ("", "damaged")
    assert bool(told["error"]) == bool(data)
