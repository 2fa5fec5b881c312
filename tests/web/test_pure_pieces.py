"""Marks, washed HTML, dates as typed, names of downloads: the small parts by themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from daemon.procedure.parties import School
from daemon.procedure.shapes import RefNo
from daemon.reading.shapes import Finding, Known, KnownMatter, Part
from daemon.web import actors, correction, days, marked, washed
from daemon.web.download import download

TODAY = date(2026, 11, 24)


def finding(quote: str, offset: int) -> Finding:
    return Finding("rule", "value", quote, "body", offset)


def test_overlapping_marks_are_split() -> None:
    cut = marked.pieces("校门交通治理申请延期到11月30号", [finding("交通治理申请", 2), finding("申请延期", 6)])
    assert [(p.text, p.numbers) for p in cut] == [
        ("校门", ()),
        ("交通治理", (1,)),
        ("申请", (1, 2)),
        ("延期", (2,)),
        ("到11月30号", ()),
    ]
    assert [p.opens for p in cut] == [(), (), (1,), (2,), ()]


def test_a_finding_outside_of_the_body_marks_nothing() -> None:
    cut = marked.pieces("收到", [finding("收到", -1), finding("收到收到", 1), finding("", 0)])
    assert [(p.text, p.numbers) for p in cut] == [("收到", ())]


@example("\r\n", [])
@example("一\r\n二", [(0, 2)])
@given(st.text(max_size=30), st.lists(st.tuples(st.integers(-2, 30), st.integers(0, 10)), max_size=5))
def test_no_word_is_lost_by_marking(body: str, spans: list[tuple[int, int]]) -> None:
    findings = [finding(body[max(0, s) : max(0, s) + n], s) for s, n in spans]
    assert "".join(p.text for p in marked.pieces(body, findings)) == marked.visible(body)


def test_hidden_characters_are_seen() -> None:
    assert marked.visible("办\u202e结\u200b\x00") == "办□结□□"
    assert marked.visible("一行\r\n二行\t") == "一行\n二行\t"


def test_the_rest_stands_behind_the_new_words() -> None:
    whole = "收到。\n谢谢\n\n---- 原始邮件 ----\n请按期办理"
    assert marked.rest_of(whole, "收到。\n谢谢") == "---- 原始邮件 ----\n请按期办理"
    assert marked.rest_of(whole, "别的话") == whole


def test_html_loses_what_acts_or_fetches() -> None:
    part = Part(0, "a.png", "", "image/png", "inline", "<one@x>", b"\x89PNG", "0" * 64)
    svg = Part(1, "b.svg", "", "image/svg+xml", "inline", "<two@x>", b"<svg/>", "1" * 64)
    html = (
        '<p style="color:red;position:fixed;background:url(http://evil.example)" onclick="x()">字</p>'
        '<img src="cid:one@x"><img src="cid:two@x"><img src="http://evil.example/p.gif">'
        '<a href="javascript:x()">a</a><a href="https://pan.example/s">b</a><form action="/x"><input></form>'
        '<meta http-equiv="refresh" content="0;url=//evil.example"><script>x()</script><base href="//evil.example">'
        '<iframe src="//evil.example"></iframe><link rel="stylesheet" href="//evil.example/x.css">'
    )
    out = washed.wash(html, [part, svg])
    for bad in ("evil.example", "position", "onclick", "javascript", "<script", "<form", "<iframe", "refresh", "<base"):
        assert bad not in out.page, bad
    assert 'src="data:image/png;base64,' in out.page
    assert "svg" not in out.page
    assert out.links == ("https://pan.example/s",)
    assert "href" not in out.page


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("1130", date(2026, 11, 30)),
        ("11.30", date(2026, 11, 30)),
        ("11-30", date(2026, 11, 30)),
        ("１１／３０", date(2026, 11, 30)),
        ("11月30日", date(2026, 11, 30)),
        ("11月30号", date(2026, 11, 30)),
        ("2026-12-15", date(2026, 12, 15)),
        ("2026年12月15日", date(2026, 12, 15)),
        ("20261215", date(2026, 12, 15)),
        ("0115", date(2027, 1, 15)),
        ("1020", date(2026, 10, 20)),
        ("0230", None),
        ("明天", None),
        ("", None),
        ("13.5", None),
    ],
)
def test_dates_as_officers_type_them(typed: str, day: date | None) -> None:
    assert days.typed_day(typed, TODAY) == day


def test_dates_as_officials_read_them() -> None:
    moment = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    assert days.table_day(TODAY, TODAY) == "11-24"
    assert days.table_day(date(2025, 11, 24), TODAY) == "2025-11-24"
    assert days.sentence_moment(moment, TODAY) == "今天10:00"
    assert days.sentence_moment(moment, date(2026, 11, 23)) == "11月24日（周二）10:00"
    assert days.table_moment(datetime(2026, 11, 23, 16, 30, tzinfo=UTC), TODAY) == "00:30"


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("报告.pdf", "file.pdf"),
        ("a b.txt", "a b.txt"),
        ("../../etc/passwd", "....etcpasswd"),
        ('x".exe', "x.exe"),
        ("", "file"),
    ],
)
def test_downloads_are_never_opened_by_the_browser(name: str, plain: str) -> None:
    answer = download(b"x", name)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="{plain}"; filename*=UTF-8')
    assert "\n" not in answer.headers["content-disposition"]


def _matter(year: int, number: int) -> KnownMatter:
    return KnownMatter(f"m{year}{number}", RefNo(year, number), "清查", "U1", (), True, None, None)


@pytest.mark.parametrize(
    ("typed", "meant"), [("8", "m20268"), ("第8号", "m20268"), ("2025-8", "m20258"), ("9", None), ("", None)]
)
def test_a_number_without_a_year_is_of_the_newest_year(typed: str, meant: str | None) -> None:
    school = School(
        "临江理工学院", "临江理工", "学校办公室", "督察科", "临理督字", "d@school.example", "school.example"
    )
    known = Known(school, (), (), (_matter(2025, 8), _matter(2026, 8), _matter(2025, 9)), {}, {})
    fields = correction.Fields((correction.Row(typed, "receipt"),), "U1", "")
    checked = correction.check(fields, known, TODAY, need_why="")
    found = checked.said[0].matter if isinstance(checked, correction.Corrected) else None
    assert found == meant


def test_who_acted_is_named_in_chinese() -> None:
    known = {"lijing": "李静"}
    shown = [actors.shown(known, a) for a in ("officer:lijing", "officer:root", "courier", "letter")]
    assert shown == ["李静", "root（命令）", "系统", "来信"]


def test_the_title_of_a_mail_is_no_part_of_its_text() -> None:
    page = washed.wash("<html><head><title>交办</title><style>p{}</style></head><body><p>请签收</p></body></html>").page
    assert "交办" not in page
    assert "<p>请签收</p>" in page
