"""去信 from a letter's page: 向单位核实, 回复, 请单位补报文件; the mail, the entry, once a letter, undone in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from starlette.testclient import TestClient

from daemon.compose.prepare import compose
from daemon.procedure.shapes import Because, NoteLetter, Refusal, WriteUnit
from daemon.register import register
from daemon.world import Outlook
from store import history, ledger, letters, outbox
from store.outbox import OutboxRow
from tests.web.conftest import Office, fields_in, mail


@pytest.fixture
def key(office: Office) -> str:
    key = office.matter("二食堂明厨亮灶", "D03")
    office.later(minutes=1)
    return key


def write(browser: TestClient, letter: int, kind: str, **fields: str) -> tuple[int, str]:
    path = f"/letters/{letter}/write/{kind}"
    page = browser.get(f"/letters/{letter}").text
    answer = browser.post(path, data=fields_in(page, path) | fields)
    return answer.status_code, answer.text


def written(office: Office, key: str) -> list[WriteUnit]:
    with office.store.reading() as tx:
        commands = [entry.command for entry in history.load(tx, office.id_of(key))]
    return [one for one in commands if isinstance(one, WriteUnit)]


def asked(office: Office, template: str) -> list[OutboxRow]:
    with office.store.reading() as tx:
        return [row for row in outbox.listing(tx) if row.mail.template == template]


def composed(office: Office, row: OutboxRow) -> tuple[list[str], str]:
    """Its envelope without our own copy, and its text."""
    with office.store.reading() as tx:
        outlook = Outlook(notice_secret=b"n" * 32)
        frozen = compose(tx, row, outlook, ledger.rules(tx), row.not_before, office.world.dice)
    body = message_from_bytes(frozen.raw, policy=policy.default).get_body(("plain",))
    assert body is not None
    return [one.address for one in frozen.recipients if one.field != "bcc"], body.get_content()


def state(office: Office, letter: int) -> str:
    with office.store.reading() as tx:
        row = letters.show(tx, letter)
    assert row is not None
    return row.state


def test_the_unit_is_asked_whether_it_wrote(office: Office, key: str) -> None:
    raw = mail(
        "liuyang@mail.example", "办结报告 http://evil.example/x", f"青师督字〔2026〕第{key[5:]}号已办结，请予销号。",
        passed=False,
    )  # fmt: skip
    letter, browser = office.arrives(raw), office.client()
    page = browser.get(f"/letters/{letter}").text
    assert page.count('class="blue"') == 1
    assert "向单位核实<kbd>y</kbd>" in page
    status, text = write(browser, letter, "verify_sender")
    assert status == 200
    assert f"核实来信将发给后勤处：{key}。09:06前可撤回。" in text
    assert "已就这封来信去信后勤处：核实来信" in text
    assert "向单位核实<kbd>y" not in text  # once a letter
    (row,) = asked(office, "verify_sender")
    assert row.not_before == office.clock.now() + timedelta(minutes=5)
    to, words = composed(office, row)
    assert to == ["houqin-head@qlnu.example", "houqin@qlnu.example"]  # never the sender
    assert "liuyang@mail.example" in words
    assert "evil.example" not in words
    assert "是否为你单位所发" in words
    assert state(office, letter) == "waiting"
    history_page = browser.get(f"/matters/{key}").text
    assert "核实来信，发后勤处" in history_page
    assert f'href="/letters/{letter}"' in history_page
    back = browser.post(f"/matters/{key}/undo", data=fields_in(text, f"/matters/{key}/undo"))
    assert "已撤回：核实来信" in back.text
    assert asked(office, "verify_sender")[0].state == "withdrawn"
    assert "向单位核实<kbd>y" in browser.get(f"/letters/{letter}").text  # and may be asked again


def test_asked_twice_by_two_officers_it_leaves_once(office: Office, key: str) -> None:
    raw = mail("liuyang@mail.example", "办结报告", f"青师督字〔2026〕第{key[5:]}号已办结。", passed=False)
    letter = office.arrives(raw)
    first, second = office.client("lijing"), office.client("wangmin")
    path = f"/letters/{letter}/write/verify_sender"
    stale = fields_in(second.get(f"/letters/{letter}").text, path)
    assert write(first, letter, "verify_sender")[0] == 200
    late = second.post(path, data=stale)
    assert late.status_code == 409
    assert "没有去信" in late.text
    assert len(written(office, key)) == 1


def test_a_question_is_answered_and_settled_in_one_act(office: Office, key: str) -> None:
    raw = mail("houqin@qlnu.example", "请教", f"青师督字〔2026〕第{key[5:]}号：请问办结报告用什么格式？")
    letter, browser = office.arrives(raw), office.client()
    assert 'data-key="r">回复' in browser.get(f"/letters/{letter}").text
    status, text = write(browser, letter, "answer", words="  ")
    assert (status, "请写明答复的内容" in text) == (422, True)
    status, text = write(browser, letter, "answer", words="用通知单所附样式。\n协办单位盖章即可。")
    assert status == 200
    assert "答复来信将发给后勤处" in text
    assert "来信已登记" in text
    assert state(office, letter) == "registered"
    with office.store.reading() as tx:
        kinds = [type(e.command) for e in history.load(tx, office.id_of(key)) if e.because.letter == letter]
    assert kinds == [NoteLetter, WriteUnit]
    (row,) = asked(office, "answer")
    _, words = composed(office, row)
    assert "　　用通知单所附样式。" in words
    assert "　　协办单位盖章即可。" in words
    browser.post(f"/matters/{key}/undo", data=fields_in(text, f"/matters/{key}/undo"))
    assert state(office, letter) == "waiting"
    assert asked(office, "answer")[0].state == "withdrawn"


def test_an_answer_keeps_what_was_typed_when_somebody_was_faster(office: Office, key: str) -> None:
    raw = mail("houqin@qlnu.example", "请教", f"青师督字〔2026〕第{key[5:]}号：请问办结报告用什么格式？")
    letter, browser = office.arrives(raw), office.client()
    path = f"/letters/{letter}/write/answer"
    stale = fields_in(browser.get(f"/letters/{letter}").text, path)
    assert write(office.client("lijing"), letter, "answer", words="甲")[0] == 200
    late = browser.post(path, data=stale | {"words": "我写的答复"})
    assert late.status_code == 409
    assert "我写的答复" in late.text
    assert [one.words for one in written(office, key)] == ["甲"]


def test_the_file_is_asked_for_where_only_a_link_came(office: Office, key: str) -> None:
    raw = mail("houqin@qlnu.example", "办结报告", f"青师督字〔2026〕第{key[5:]}号已全部办结，办结报告见附件。")
    letter, browser = office.arrives(raw, queue=True), office.client()
    page = browser.get(f"/letters/{letter}").text
    assert "请单位补报文件" in page
    status, text = write(browser, letter, "ask_file")
    assert status == 200
    assert "请单位补报文件</button>" not in text
    (row,) = asked(office, "ask_file")
    to, words = composed(office, row)
    assert to[0] == "houqin-head@qlnu.example"
    assert "以普通附件" in words
    assert state(office, letter) == "waiting"


def test_what_is_not_offered_is_refused(office: Office, key: str) -> None:
    fine = office.arrives(mail("houqin@qlnu.example", "签收", f"青师督字〔2026〕第{key[5:]}号收到。"), queue=True)
    stranger = office.arrives(mail("x@mail.example", "你好", "推销办公用品。", passed=False))
    leader = office.arrives(mail("zhoumin@qlnu.example", "批示", f"青师督字〔2026〕第{key[5:]}号请抓紧。周敏"))
    browser = office.client()
    for letter, kind in ((fine, "verify_sender"), (fine, "ask_file"), (stranger, "answer"), (leader, "answer")):
        page = browser.get(f"/letters/{letter}").text
        assert f"/write/{kind}" not in page
        token = fields_in(browser.get("/me").text, "/logout")["csrf"]
        with office.store.reading() as tx:
            row = letters.show(tx, letter)
        assert row is not None
        answer = browser.post(
            f"/letters/{letter}/write/{kind}", data={"csrf": token, "version": str(row.version), "words": "x"}
        )
        assert answer.status_code == 409, (letter, kind)
        assert browser.post(f"/letters/{letter}/write/novel", data={"csrf": token, "version": "0"}).status_code == 404
    assert written(office, key) == []


def test_what_was_asked_by_itself_is_shown_and_not_asked_again(office: Office, key: str) -> None:
    raw = mail("houqin@qlnu.example", "办结报告", f"青师督字〔2026〕第{key[5:]}号已全部办结，办结报告见附件。")
    letter, browser = office.arrives(raw, queue=True), office.client()
    now = office.clock.now()
    ask = WriteUnit(
        office.id_of(key), "HQ", "ask_file", letter, "houqin@qlnu.example", "办结报告", now.date(),
        role="liaison", missing="report",
    )  # fmt: skip
    with office.store.writing() as tx:
        ask = replace(ask, unit=ledger.matter(tx, ask.matter).lead)  # type: ignore[union-attr]
        done = register(tx, [ask], Because("letter", letter), now=now, dice=office.world.dice)
        assert not isinstance(done, Refusal)
    page = browser.get(f"/letters/{letter}").text
    assert "已就这封来信去信后勤处：请补报文件" in page
    assert "/write/ask_file" not in page
    assert "请补报文件（自动），发后勤处" in browser.get(f"/matters/{key}").text
    (row,) = asked(office, "ask_file")
    to, words = composed(office, row)
    assert to[0] == "houqin@qlnu.example"
    assert "信中说办结报告见附件" in words
