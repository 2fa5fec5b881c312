"""Whole letters in a made-up school: which matter, who says it, what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest

from daemon.reading.read import explain
from daemon.reading.shapes import Opened

NOTICE = b"%PDF-1.7 our notice"
REPORT = (("学生公寓热水改造办结报告.docx", b"PK report"),)


def test_a_liaisons_receipt_is_registered(office: Any) -> None:
    got = office.read("通知单收悉，即刻组织办理。")
    said = got.said[0]
    assert (said.kind, said.ref.key, said.certain) == ("receipt", "2026-5", True)
    assert (got.unit, got.trusted, got.person_role, got.decision) == ("A", True, "liaison", "register")
    assert not got.doubts


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({"sender": "someone@mail.example"}, "unknown_sender"),
        ({"sender": "lib@uni.example"}, "not_a_party_doubt"),
        ({"authentication": "mx.uni.example; dmarc=fail header.from=uni.example"}, "forged"),
        ({"authentication": "mx.uni.example; spf=fail smtp.mailfrom=zw@uni.example"}, "forged"),
        ({"answers": "", "authentication": ""}, "untrusted"),
        ({"answers": "", "authentication": "other.example; dmarc=pass header.from=uni.example"}, "untrusted"),
        ({"answers": "", "authentication": "mx.uni.example; spf=pass smtp.mailfrom=x@bulk.example"}, "untrusted"),
        ({"sender": "x@mail.example", "shown": "zw@uni.example"}, "forged"),
        ({"more": "From: <zw@uni.example>"}, "forged"),
    ],
)
def test_what_takes_trust_away(office: Any, changes: dict[str, str], doubt: str) -> None:
    got = office.read("收到", **changes)
    assert (got.trusted, got.decision) == (False, "queue")
    assert doubt in got.doubts


@pytest.mark.parametrize(
    "changes",
    [
        {"authentication": ""},  # the thread alone
        {"answers": ""},  # the pass alone
        {"answers": "", "authentication": "mx.uni.example; dkim=pass header.d=uni.example"},
        {"answers": "", "authentication": "mx.uni.example; dmarc=none; spf=pass smtp.mailfrom=zw@uni.example"},
        {"answers": "tok5a.changed@provider.example", "authentication": ""},  # the token in a rewritten Message-ID
        {"answers": "", "authentication": "", "more": "X-Duban-Token: tok5a"},
    ],
)
def test_two_signs_make_trust(office: Any, changes: dict[str, str]) -> None:
    assert office.read("收到", **changes).trusted


def test_a_forged_result_below_ours_counts_for_nothing(office: Any) -> None:
    fail = "mx.uni.example; dmarc=fail header.from=uni.example"
    more = "Authentication-Results: mx.uni.example; dmarc=pass header.from=uni.example"
    assert not office.read("收到", authentication=fail, more=more).trusted


def test_a_leader_is_trusted_in_what_he_supervises(office: Any) -> None:
    mine = office.read("同意，抓紧落实。", sender="gao@uni.example")
    other = office.read("同意，抓紧落实。", sender="shen@uni.example")
    principal = office.read("同意，抓紧落实。", sender="fang@uni.example")
    assert [r.said[0].kind for r in (mine, other, principal)] == ["leader_instruction"] * 3
    assert [r.trusted for r in (mine, other, principal)] == [True, False, True]
    assert {r.decision for r in (mine, other, principal)} == {"queue"}


def test_written_number_and_thread_disagree(office: Any) -> None:
    got = office.read("松院督字〔2026〕第6号通知单收悉。")
    assert (got.said[0].ref.key, got.said[0].certain, got.decision) == ("2026-6", False, "queue")
    assert "ref_conflict" in got.doubts


def test_a_number_that_does_not_exist(office: Any) -> None:
    got = office.read("松院督字〔2026〕第99号已办结，共3项。", answers="", subject="办结")
    assert (got.said[0].ref, got.trusted, got.decision) == (None, False, "queue")


def test_another_series_is_none_of_ours(office: Any) -> None:
    assert office.read("根据松院发〔2026〕6号文件，收到。").said[0].ref.key == "2026-5"


def test_a_number_only_in_a_file(office: Any) -> None:
    files = (("扫描件.pdf", b"%PDF report"),)
    opened = (Opened(0, "关于照明改造的办结报告\n松院督字〔2026〕第6号\n更换灯具300盏。"),)
    got = office.read("材料见附件，照明改造已全部完成。", subject="材料", answers="", files=files, opened=opened)
    assert (got.said[0].ref.key, got.said[0].certain) == ("2026-6", True)


def test_a_code_on_the_returned_form(office: Any) -> None:
    opened = (Opened(0, codes=("松院督字〔2026〕第6号",)),)
    got = office.read("签收回执", subject="回执", answers="", files=(("scan.jpg", b"x"),), opened=opened)
    assert got.said[0].ref.key == "2026-6"


def test_the_title_proposes(office: Any) -> None:
    got = office.read("校园照明节能改造正在推进，已换灯120盏。", subject="进展", answers="")
    assert (got.said[0].ref.key, got.said[0].certain, got.decision) == ("2026-6", False, "queue")


def test_the_only_open_matter_proposes(office: Any, office_with: Any) -> None:
    got = office.read("已收悉。", subject="回执", answers="", sender="lib@uni.example")
    assert got.said[0].ref is None
    one = office_with(matters=office.known.matters[:1])
    assert one.read("已收悉。", subject="回执", answers="").said[0].ref.key == "2026-5"


def test_several_matters_several_readings(office: Any) -> None:
    words = (
        "一、松院督字〔2026〕第5号：热水改造已全部完成，更换管道1200米，已办结。\n二、松院督字〔2026〕第6号：正在招标。"
    )
    got = office.read(words, subject="汇报", answers="")
    assert [(s.ref.key, s.kind) for s in got.said] == [("2026-5", "closure"), ("2026-6", "progress")]


def test_a_supporting_units_closure_is_progress(office: Any) -> None:
    got = office.read("我部承担的任务已办结，通知学生480人。", sender="xg@uni.example", answers="tok5b.1.x@uni.example")
    assert (got.said[0].kind, got.said[0].part, got.unit) == ("progress", True, "B")


def test_a_report_that_is_there(office: Any) -> None:
    got = office.read("办结报告见附件，请审阅。", files=REPORT)
    assert (got.said[0].kind, got.decision) == ("closure", "register")
    assert [a.role for a in got.attachments] == ["report"]


@pytest.mark.parametrize(
    ("words", "files", "doubt"),
    [
        ("办结报告见附件，请审阅。", (), "report_missing"),
        ("已办结，见附件。", (("2026-5.pdf", NOTICE),), "report_missing"),
        (
            "已办结，报告见附件。\n\n从QQ邮箱发来的超大附件\n\n办结报告.zip (186M, 2026年12月17日 到期)",
            (),
            "cloud_link_only",
        ),
    ],
)
def test_a_report_that_is_not_there(office: Any, words: str, files: Any, doubt: str) -> None:
    got = office.read(words, files=files)
    assert (got.said[0].kind, got.decision) == ("closure", "queue")
    assert doubt in got.doubts


def test_our_own_notice_is_no_report(office: Any) -> None:
    got = office.read("已办结，见附件。", files=(("tcmime.1.bin", NOTICE),))
    assert [a.role for a in got.attachments] == ["own_notice"]


def test_an_unreadable_report_waits(office: Any) -> None:
    got = office.read("办结报告见附件，请审阅。", files=REPORT, opened=(Opened(0, error="encrypted"),))
    assert got.decision == "queue"
    assert "attachment_unreadable" in got.doubts


def test_text_and_html_that_disagree(office: Any) -> None:
    got = office.read("收到", html="<div>已办结，共更换管道1200米。</div>")
    assert (got.said[0].kind, got.decision) == ("closure", "queue")
    assert "html_differs" in got.doubts


@pytest.mark.parametrize(
    "style", ["display:none", "font-size:0", "color:#fff", "visibility:hidden", "color:white;background:#ffffff"]
)
def test_hidden_words_are_not_read(office: Any, style: str) -> None:
    got = office.read("", html=f'<div>收到</div><div style="{style}">已全部办结，共3项。</div>')
    assert (got.body, got.said[0].kind) == ("收到", "receipt")


def test_white_on_black_is_seen(office: Any) -> None:
    got = office.read("", html='<div style="background:#000"><span style="color:#fff">收到</span></div>')
    assert got.body == "收到"


def test_the_rehearsals_one_address_speaks_for_the_unit_of_the_thread(office_with: Any) -> None:
    there = office_with(rehearsal_address="me@mail.example")
    got = there.read("收到", sender="me@mail.example", answers="tok5b.1.x@uni.example", authentication="")
    assert (got.unit, got.trusted, got.person_role) == ("B", True, "head")
    assert not there.read("收到", sender="me@mail.example", answers="", authentication="").trusted


def test_each_conclusion_has_its_words(office: Any) -> None:
    lines = explain(office.read("因厂家缺货，申请延期至12月30日。"))
    assert any("申请延期至12月30日" in line for line in lines)
    assert any("12月30日" in line and "新时限" in line for line in lines)
    assert not any(line.startswith(("classify.", "match.", "trust.")) for line in lines)


@pytest.mark.parametrize(
    "words",
    [
        "督察科：\n　　材料已交齐，因采购流标，难以按期完成，请求延期至2026年12月25日。",
        "松院督字〔2026〕第5号收悉，已安排。",
        "水泵已更换6台，其余3台下周进场。",
    ],
)
def test_a_findings_place_in_the_body_is_where_its_words_stand(office: Any, words: str) -> None:
    """The page marks the words by it; a sign of subject or headers has no place in the body."""
    got = office.read(words)
    assert any(one.offset >= 0 for one in got.findings)
    for one in got.findings:
        assert one.offset < 0 or (one.where, got.body[one.offset : one.offset + len(one.quote)]) == ("body", one.quote)
