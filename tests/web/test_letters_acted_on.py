"""A letter on the desk: confirmed, corrected, refused, undone; and two officers at one letter."""

from __future__ import annotations

from starlette.testclient import TestClient

from daemon.procedure.shapes import Matter, Propose
from store import ledger, letters
from store.letters import LetterRow
from tests.web.conftest import Office, day_after, fields_in, mail


def row_of(office: Office, letter: int) -> LetterRow:
    with office.store.reading() as tx:
        row = letters.show(tx, letter)
    assert row is not None
    return row


def matter_of(office: Office, key: str) -> Matter:
    with office.store.reading() as tx:
        matter = ledger.find(tx, key)
    assert matter is not None
    return matter


def correct(browser: TestClient, letter: int, **fields: str) -> tuple[int, str]:
    page = browser.get(f"/letters/{letter}").text
    hidden = fields_in(page, f"/letters/{letter}/correct")
    answer = browser.post(f"/letters/{letter}/correct", data=hidden | fields)
    return answer.status_code, answer.text


def receipt(office: Office, key: str, *, number: int = 0) -> int:
    text = f"青师督字〔2026〕第{key[5:]}号督办通知单收到了，我们马上办。"
    return office.arrives(mail("houqin@qlnu.example", "签收", text, number=number), queue=True)


def test_the_blue_button_does_what_it_says(office: Office) -> None:
    key = office.matter("二食堂明厨亮灶", "D03")
    first = receipt(office, key)
    office.matter("校门交通治理", "D05")
    second = office.arrives(mail("baowei@qlnu.example", "请问", "青师督字〔2026〕第2号：请问用什么格式报送？"))
    browser = office.client()
    page = browser.get(f"/letters/{first}").text
    assert 'data-key="y">确认签收' in page
    assert f"<mark>青师督字〔2026〕第{key[5:]}号</mark>" in page
    done = browser.post(f"/letters/{first}/confirm", data=fields_in(page, f"/letters/{first}/confirm"))
    assert done.url.path == f"/letters/{second}"  # the next of the list
    assert f"已登记签收：{key} 后勤处。" in done.text
    assert matter_of(office, key).lead_assignment.acknowledged_by == "liaison"  # type: ignore[union-attr]
    row = row_of(office, first)
    assert (row.state, row.read_by) == ("registered", "officer:wangmin")
    history = browser.get(f"/matters/{key}").text
    assert "后勤处签收（联络员代签）" in history
    assert "王敏" in history
    again = browser.get(done.url.path)
    assert "已登记签收" not in again.text  # said once


def test_an_untrusted_letter_has_no_blue_button_and_wants_a_reason(office: Office) -> None:
    key = office.matter("校门交通治理", "D05")
    letter = office.arrives(
        mail("zq@mail.example", "进展", "青师督字〔2026〕第1号进展：道闸已到货，正在安装。", passed=False)
    )
    browser = office.client()
    page = browser.get(f"/letters/{letter}").text
    assert f"/letters/{letter}/confirm" not in page
    assert "核实后经“改正”登记" in page
    version = row_of(office, letter).version
    hidden = fields_in(page, f"/letters/{letter}/correct")
    forced = browser.post(f"/letters/{letter}/confirm", data=hidden | {"version": str(version)})
    assert forced.status_code == 422
    status, text = correct(browser, letter, unit="D05", ref_0=key, kind_0="progress")
    assert status == 422
    assert "请写明凭什么登记" in text
    status, text = correct(browser, letter, unit="D05", ref_0=key, kind_0="progress", why="已电话向赵强核实")
    assert status == 200
    lead = matter_of(office, key).lead_assignment
    assert lead is not None
    assert len(lead.progress_on) == 1
    with office.store.reading() as tx:
        entry = ledger.history(tx, matter_of(office, key).id)[-1]
    assert (entry.because.actor, entry.because.letter, entry.because.note) == (
        "officer:wangmin", letter, "已电话向赵强核实",
    )  # fmt: skip


def test_a_wrong_correction_loses_nothing_that_was_typed(office: Office) -> None:
    office.matter("二食堂明厨亮灶", "D03")
    letter = office.arrives(mail("baowei@qlnu.example", "延期", "上次说的那件事要晚一点，申请延期。"))
    browser = office.client()
    status, text = correct(
        browser,
        letter,
        unit="D05",
        ref_0="青师督字〔2026〕第1号",
        kind_0="extension",
        day_0="下个月",
        reason_0="设备<未>到",
        why="w",
    )
    assert status == 422
    assert "<title>错误：" in text
    assert "“下个月”不是日期" in text
    assert '<a href="#ref_0">2026-1 的主办、协办单位里没有所选单位。</a>' in text
    assert 'value="下个月"' in text
    assert "设备&lt;未&gt;到" in text
    assert '<option value="D05" selected>' in text
    assert row_of(office, letter).state == "waiting"
    status, text = correct(browser, letter, unit="", ref_0="2026-99", kind_0="")
    for words in ("台帐里没有“2026-99”", "请选择来信类别", "请选择来信单位"):
        assert words in text


def test_a_correction_registers_with_date_and_reason(office: Office) -> None:
    key = office.matter("校门交通治理", "D05")
    letter = office.arrives(mail("baowei@qlnu.example", "关于校门交通治理", "设备没到货，恐怕要晚一些。"))
    browser = office.client()
    status, _ = correct(
        browser, letter, unit="D05", ref_0=key, kind_0="extension", day_0="1215", reason_0="设备未到货", why="按来信",
    )  # fmt: skip
    assert status == 200
    lead = matter_of(office, key).lead_assignment
    assert lead is not None
    asked = lead.extensions[0]
    assert (asked.new_deadline.isoformat() if asked.new_deadline else "", asked.reason) == ("2026-12-15", "设备未到货")
    assert row_of(office, letter).reading.said[0].certain  # type: ignore[union-attr]


def test_the_law_says_no_in_the_pages_words(office: Office) -> None:
    key = office.matter("校门交通治理", "D05")
    letter = office.arrives(mail("baowei@qlnu.example", "关于校门交通治理", "设备没到货，恐怕要晚一些。"))
    browser = office.client()
    status, text = correct(
        browser, letter, unit="D05", ref_0=key, kind_0="extension", day_0="1125", reason_0="设备未到货", why="按来信",
    )  # fmt: skip
    assert status == 409
    assert "不能登记" in text
    assert "依据《办法》" in text
    assert 'value="1125"' in text
    assert row_of(office, letter).state == "waiting"
    lead = matter_of(office, key).lead_assignment
    assert lead is not None
    assert not lead.acknowledged_at  # all of a letter or nothing


def test_not_registered_keeps_the_reason(office: Office) -> None:
    key = office.matter("二食堂明厨亮灶", "D03")
    letter = receipt(office, key)
    browser = office.client()
    action = f"/letters/{letter}/refuse"
    hidden = fields_in(browser.get(f"/letters/{letter}").text, action)
    assert browser.post(action, data=hidden | {"why": " "}).status_code == 422
    done = browser.post(action, data=hidden | {"why": "重复来信"})
    assert "已作不予登记处理" in done.text
    assert row_of(office, letter).state == "ignored"
    assert "来信不予登记：重复来信" in browser.get(f"/matters/{key}").text
    lead = matter_of(office, key).lead_assignment
    assert lead is not None
    assert lead.acknowledged_at is None


def test_the_later_of_two_officers_is_told_and_keeps_what_was_typed(office: Office) -> None:
    key = office.matter("二食堂明厨亮灶", "D03")
    letter = receipt(office, key)
    first, second = office.client("lijing"), office.client("wangmin")
    theirs = fields_in(first.get(f"/letters/{letter}").text, f"/letters/{letter}/confirm")
    mine = fields_in(second.get(f"/letters/{letter}").text, f"/letters/{letter}/correct")
    first.post(f"/letters/{letter}/confirm", data=theirs)
    late = second.post(
        f"/letters/{letter}/correct",
        data=mine | {"unit": "D03", "ref_0": key, "kind_0": "progress", "why": "我的理由"},
    )
    assert late.status_code == 409
    assert "李静 09:00 已登记为签收。" in late.text
    assert "您填写的内容保留在下方" in late.text
    assert "我的理由" in late.text
    lead = matter_of(office, key).lead_assignment
    assert lead is not None
    assert not lead.progress_on
    again = fields_in(late.text, f"/letters/{letter}/correct")  # 更正: a new command beside the first
    typed = {"unit": "D03", "ref_0": key, "kind_0": "progress", "why": "信里也写了进展"}
    assert second.post(f"/letters/{letter}/correct", data=again | typed).status_code == 200
    lead = matter_of(office, key).lead_assignment
    assert lead is not None
    assert lead.progress_on


def test_a_registration_taken_back_waits_again(office: Office) -> None:
    key = office.matter("二食堂明厨亮灶", "D03")
    letter = receipt(office, key)
    browser = office.client()
    page = browser.get(f"/letters/{letter}").text
    done = browser.post(f"/letters/{letter}/confirm", data=fields_in(page, f"/letters/{letter}/confirm"))
    assert "前可撤回" in done.text
    back = browser.post(f"/matters/{key}/undo", data=fields_in(done.text, f"/matters/{key}/undo"))
    assert "已撤回：后勤处签收" in back.text
    assert back.url.path == f"/letters/{letter}"
    assert row_of(office, letter).state == "waiting"
    lead = matter_of(office, key).lead_assignment
    assert lead is not None
    assert lead.acknowledged_at is None


def test_an_unreadable_letter_is_there_with_its_bytes(office: Office) -> None:
    raw = b"From: x\x00\r\n\xff\xfe broken"
    letter = office.arrives(raw, read_it=False)
    browser = office.client()
    assert "来信无法读取，原件已保存" in browser.get(f"/letters/{letter}").text
    answer = browser.get(f"/letters/{letter}/raw")
    assert answer.content == raw
    assert answer.headers["content-type"] == "application/octet-stream"


def test_what_a_letter_brought_along_is_safe(office: Office) -> None:
    key = office.matter("二食堂明厨亮灶", "D03")
    letter = office.arrives(
        mail(
            "houqin@qlnu.example",
            "<script>alert(1)</script>",
            f"青师督字〔2026〕第{key[5:]}号 <b>收到</b>？\u202e",
            html='<p>青师督字〔2026〕第1号 收到？</p><script>x()</script><img src="http://evil.example/p">',
            files=[("报告<1>.html", b"<script>x()</script>")],
        ),
        queue=True,
    )
    browser = office.client()
    page = browser.get(f"/letters/{letter}").text
    assert "<script>alert" not in page
    assert 'sandbox src="/letters/' in page
    framed = browser.get(f"/letters/{letter}/html")
    assert "sandbox" in framed.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in framed.headers["content-security-policy"]
    assert "x-frame-options" not in framed.headers
    assert "script" not in framed.text
    assert "evil.example" not in framed.text
    part = browser.get(f"/letters/{letter}/parts/0")
    assert part.headers["content-disposition"].startswith("attachment")
    assert part.content.startswith(b"<script>")
    assert browser.get(f"/letters/{letter}/parts/9").status_code == 404


def test_a_leaders_words_become_a_批示_of_the_matters_that_an_officer_ticks(office: Office) -> None:
    keys = [office.matter("二食堂明厨亮灶", "D03"), office.matter("校门交通治理", "D05")]
    text = f"青师督字〔2026〕第{keys[0][5:]}号、第{keys[1][5:]}号：请抓紧，下周五前办结并报我。"
    letter, browser = office.arrives(mail("zhoumin@qlnu.example", "批示", text)), office.client()
    page = browser.get(f"/letters/{letter}").text
    assert "登记批示<kbd>y</kbd>" in page
    assert "批示针对哪些事项" in page
    form = fields_in(page, f"/letters/{letter}/confirm")
    form.pop("said", None)
    none = browser.post(f"/letters/{letter}/confirm", data=form)
    assert (none.status_code, "请勾选批示针对的事项" in none.text) == (422, True)
    done = browser.post(f"/letters/{letter}/confirm", data=form | {"said": matter_of(office, keys[1]).id})
    assert "已登记批示" in done.text
    assert matter_of(office, keys[0]).instructions == ()
    (one,) = matter_of(office, keys[1]).instructions
    assert (one.words, one.leader, one.letter, one.initiates) == (text, "L03", letter, False)
    assert matter_of(office, keys[1]).leader_opinion == "同意，抓紧落实。周敏 11.10"
    shown = browser.get(f"/matters/{keys[1]}").text
    assert f"周敏副校长批示：{text}" in shown
    assert shown.count(text) == 2  # among the facts and in the history
    back = browser.post(f"/matters/{keys[1]}/undo", data=fields_in(shown, f"/matters/{keys[1]}/undo"))
    assert "已撤回" in back.text
    assert matter_of(office, keys[1]).instructions == ()
    assert row_of(office, letter).state == "waiting"


def test_a_batch_for_a_draft_is_its_立项(office: Office) -> None:
    office.act(
        Propose("p1", "图书馆闭馆时间", "校长信箱", "1.调研；2.报方案。", "D05", (), day_after(20))
    )  # fmt: skip
    letter, browser = (
        office.arrives(mail("zhoumin@qlnu.example", "图书馆闭馆时间", "同意立项。"), queue=True),
        office.client(),
    )
    status, text = correct(browser, letter, ref_0="p1", kind_0="leader_instruction", why="已与周副校长核实")
    assert status == 200, text
    matter = matter_of(office, "p1")
    assert (matter.phase, matter.leader_opinion, matter.instructing_leader) == ("ready", "同意立项。", "L03")
    assert matter.ref is not None
    assert [(one.letter, one.initiates) for one in matter.instructions] == [(letter, True)]
    assert "周敏副校长批示立项：同意立项。" in browser.get(f"/matters/{matter.ref.key}").text
