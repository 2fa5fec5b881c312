"""Acts on a matter (return, close, extension, suspend, dispatch) and on a mail (hold, release, withdraw, settle)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from daemon.procedure.shapes import (
    AskExtension,
    Because,
    MarkAddress,
    Matter,
    NoteAutoReply,
    Propose,
    ReceiveReport,
    Refusal,
)
from daemon.register import register
from daemon.world import Delivery
from store import ledger, marks, outbox
from store.outbox import OutboxRow
from tests.web.conftest import MORNING, Office, day_after, fields_in, mail


def matter_of(office: Office, key: str) -> Matter:
    with office.store.reading() as tx:
        matter = ledger.find(tx, key)
    assert matter is not None
    return matter


def do(browser: TestClient, key: str, act: str, **fields: object) -> tuple[int, str]:
    path = f"/matters/{key}/do/{act}"
    page = browser.get(path)
    assert page.status_code == 200
    assert "data-key" in page.text
    answer = browser.post(path, data=fields_in(page.text, path) | fields)
    return answer.status_code, answer.text


def reported(office: Office) -> str:
    key = office.matter("二食堂明厨亮灶", "D03")
    office.act(ReceiveReport(office.id_of(key), "D03", "办结报告", day_after(0)))
    return key


def test_a_report_is_returned_with_reasons(office: Office) -> None:
    key = reported(office)
    browser = office.client()
    assert "审查报告" in browser.get("/").text
    status, text = do(browser, key, "return", unit="D03", form="substance", term="40")
    assert status == 422
    for words in ("请至少选择一条退回理由", "“40”不在1至10之间"):
        assert words in text
    status, text = do(
        browser, key, "return", unit="D03", form="substance", reasons=["缺佐证", "任务遗漏"], term="3", words="请补台账"
    )
    assert status == 200
    assert f"已退回报告：{key}" in text
    lead = matter_of(office, key).lead_assignment
    assert lead is not None
    assert lead.reports[0].outcome == "returned"
    assert "退回后勤处办结报告：缺佐证、任务遗漏。请补台账" in browser.get(f"/matters/{key}").text


def test_a_matter_is_closed_on_a_page_of_its_own(office: Office) -> None:
    key = reported(office)
    browser = office.client("chenli")
    page = browser.get(f"/matters/{key}/do/close").text
    assert f"办结第{key[5:]}号</button>" in page
    assert "以后不再催报" in page
    status, text = do(browser, key, "close", words="符合要求")
    assert status == 200
    assert matter_of(office, key).phase == "closed"
    assert "前可撤回" in text
    back = browser.post(f"/matters/{key}/undo", data=fields_in(text, f"/matters/{key}/undo"))
    assert "已撤回：办结" in back.text
    assert matter_of(office, key).phase == "running"


def test_an_extension_is_granted_or_refused(office: Office) -> None:
    keys = [office.matter("校门交通治理", "D05"), office.matter("消防检查", "D05")]
    for key in keys:
        ask = AskExtension(office.id_of(key), "D05", "设备未到货", day_after(17), day_after(0))
        office.act(ask)
    browser = office.client("chenli")
    page = browser.get(f"/matters/{keys[0]}/do/extend").text
    assert f'value="{day_after(17).isoformat()}"' in page
    status, _ = do(browser, keys[0], "extend", day="1211", by="director")
    assert status == 200
    assert matter_of(office, keys[0]).deadline == day_after(17)
    status, text = do(browser, keys[1], "refuse-extension", by="L03", why="")
    assert (status, "请写明不同意的理由" in text) == (422, True)
    status, _ = do(browser, keys[1], "refuse-extension", by="L03", why="时限不变")
    assert status == 200
    lead = matter_of(office, keys[1]).lead_assignment
    assert lead is not None
    assert lead.extensions[0].outcome == "refused"


def test_a_refusal_names_its_article_and_keeps_the_form(office: Office) -> None:
    key = office.matter("校门交通治理", "D05")
    office.act(AskExtension(office.id_of(key), "D05", "设备未到货", day_after(60), day_after(0)))
    status, text = do(office.client(), key, "extend", day="2027-02-28", by="director", words="同意")
    assert status == 409
    assert "不能同意延期" in text
    assert "依据《办法》" in text
    assert "可以：" in text
    assert 'value="2027-02-28"' in text


def test_reminders_are_suspended_and_resumed(office: Office) -> None:
    key = office.matter("二食堂明厨亮灶", "D03")
    browser = office.client()
    assert do(browser, key, "suspend", why="")[0] == 422
    assert do(browser, key, "suspend", why="周副校长批示暂缓")[0] == 200
    page = browser.get(f"/matters/{key}").text
    assert "催报已中止：周副校长批示暂缓" in page
    assert matter_of(office, key).suspended
    office.later(minutes=6)
    assert do(browser, key, "resume")[0] == 200
    assert not matter_of(office, key).suspended


def test_a_ready_matter_is_dispatched(office: Office) -> None:
    propose = Propose(
        "m1", "图书馆延时开放", "校长信箱", "提出方案并报送。", "D03", (), day_after(20), "拟办", "同意。周敏"
    )
    office.act(propose)
    browser = office.client()
    assert "/do/dispatch" in browser.get("/").text
    assert do(browser, "2026-1", "dispatch")[0] == 200
    assert matter_of(office, "2026-1").phase == "running"


def test_an_act_upon_an_older_state_is_shown_what_happened(office: Office) -> None:
    key = reported(office)
    first, second = office.client("lijing"), office.client("chenli")
    path = f"/matters/{key}/do/close"
    stale = fields_in(second.get(path).text, path)
    assert do(first, key, "suspend", why="批示暂缓")[0] == 200
    late = second.post(path, data=stale | {"words": "我的意见"})
    assert late.status_code == 409
    assert "李静 09:00 已登记：中止催报：批示暂缓。" in late.text
    assert "我的意见" in late.text
    assert matter_of(office, key).phase == "running"
    again = second.post(path, data=fields_in(late.text, path) | {"words": "我的意见"})
    assert again.status_code in (200, 409)  # the law decides now, not the form


def test_what_the_machine_notes_stops_nobody(office: Office) -> None:
    key = reported(office)
    browser = office.client()
    path = f"/matters/{key}/do/return"
    stale = fields_in(browser.get(path).text, path)
    before = matter_of(office, key)
    from daemon.procedure.shapes import RecordMail

    office.act(RecordMail(before.id, 1, "dispatch", "delivered", ("houqin@qlnu.example",)), by="clock")
    assert matter_of(office, key).seq > before.seq
    answer = browser.post(path, data=stale | {"unit": "D03", "form": "form", "reasons": ["格式"]})
    assert answer.status_code == 200


# ---------------------------------------------------------------------------------------------------------------
# Mails


@pytest.fixture
def escalated(office: Office) -> OutboxRow:
    """A digest to 周敏 that leaves this afternoon: the deadline was three working days ago."""
    office.matter("二食堂明厨亮灶", "D03", 14)
    office.clock.move_to(MORNING + timedelta(days=17, minutes=-20))  # 2026-12-11, Friday 08:40
    office.remind()
    office.prepare()
    with office.store.reading() as tx:
        (row,) = [r for r in outbox.at_home(tx) if r.mail.leader == "L03"]
    return row


def state(office: Office, row: OutboxRow) -> OutboxRow:
    with office.store.reading() as tx:
        found = outbox.show(tx, row.id)
    assert found is not None
    return found


def test_a_leaders_mail_is_held_and_released(office: Office, escalated: OutboxRow) -> None:
    browser = office.client()
    page = browser.get("/").text
    assert "周敏副校长" in page
    assert "今天14:30自动发出" in page
    action = f"/outbox/{escalated.id}/hold"
    hidden = fields_in(page, action)
    assert browser.post(action, data=hidden | {"why": ""}).status_code == 422
    too_long = browser.post(action, data=hidden | {"why": "已电话", "until": "2027-01-15"})
    assert too_long.status_code == 422
    assert "最晚12月18日" in too_long.text
    done = browser.post(action, data=hidden | {"why": "处长已电话说明，明日报送", "until": "1214"})
    assert done.url.path == "/"
    assert "已暂缓发送：周敏副校长" in done.text
    assert "处长已电话说明，明日报送" in done.text
    held = state(office, escalated)
    assert (held.state, str(held.held_until)) == ("held", "2026-12-14")
    assert "暂缓发送至2026年12月14日（周一）" in browser.get("/matters/2026-1").text
    back = browser.post(f"/outbox/{escalated.id}/release", data=fields_in(done.text, f"/outbox/{escalated.id}/release"))
    assert "已恢复发送：周敏副校长" in back.text
    assert state(office, escalated).state == "frozen"


def test_a_mail_that_has_left_cannot_be_held(office: Office, escalated: OutboxRow) -> None:
    browser = office.client()
    action = f"/outbox/{escalated.id}/hold"
    hidden = fields_in(browser.get("/").text, action)
    with office.store.writing() as tx:
        later = office.clock.now() + timedelta(hours=8)
        while (row := outbox.claim(tx, "test", later, timedelta(minutes=5))) is not None:
            outbox.settle(tx, row.id, [Delivery(a, "delivered") for a in row.to_deliver], later)
    answer = browser.post(action, data=hidden | {"why": "晚了"})
    assert answer.status_code == 409
    assert "不能暂缓发送：邮件现为“已发出”。" in answer.text


def test_what_only_the_director_holds(office: Office) -> None:
    office.matter("二食堂明厨亮灶", "D03", 14)
    office.clock.move_to(MORNING + timedelta(days=21, minutes=-20))  # five working days after the deadline
    office.remind()
    with office.store.reading() as tx:
        (row,) = [r for r in outbox.at_home(tx) if r.mail.template == "intervention_letter"]
    officer, director = office.client(), office.client("chenli")
    page = officer.get("/").text
    assert "由负责人暂缓" in page
    assert f"/outbox/{row.id}/hold" not in page
    token = {"csrf": fields_in(officer.get("/me").text, "/logout")["csrf"], "why": "x"}
    forced = officer.post(f"/outbox/{row.id}/hold", data=token)
    assert forced.status_code == 409
    assert state(office, row).state == "asked"
    action = f"/outbox/{row.id}/hold"
    done = director.post(action, data=fields_in(director.get("/").text, action) | {"why": "已约谈"})
    assert "已暂缓发送" in done.text
    assert state(office, row).state == "held"


def test_an_unsure_send_is_settled_by_a_person(office: Office) -> None:
    office.matter("二食堂明厨亮灶", "D03")
    office.prepare()
    with office.store.writing() as tx:
        now = office.clock.now()
        row = outbox.claim(tx, "test", now, timedelta(minutes=5))
        assert row is not None
        outbox.settle(tx, row.id, [Delivery(a, "unsure", "timeout") for a in row.to_deliver], now)
    browser = office.client()
    page = browser.get("/").text
    assert "未知是否发出" in page
    action = f"/outbox/{row.id}/settle"
    assert browser.post(action, data=fields_in(page, action) | {"delivered": "perhaps"}).status_code == 404
    done = browser.post(action, data=fields_in(page, action) | {"delivered": "yes"})
    assert "已登记为已发出" in done.text
    assert state(office, row).state == "delivered"


def test_a_mail_as_its_recipient_sees_it(office: Office) -> None:
    office.matter("二食堂明厨亮灶", "D03")
    browser = office.client()
    assert "邮件还没有制作" in browser.get("/outbox/1").text
    office.prepare()
    page = browser.get("/outbox/1").text
    assert "houqin-head@qlnu.example" in page
    assert "notice.pdf" in page
    assert "请<b>按期</b>办理" in browser.get("/outbox/1/html").text
    assert browser.get("/outbox/1/parts/0").content == b"%PDF-1.7"
    assert b"Subject:" in browser.get("/outbox/1/raw").content
    for view in ("open", "held", "trouble", "delivered", "withdrawn"):
        assert browser.get(f"/outbox?view={view}").status_code == 200
    assert browser.get("/outbox?view=all").status_code == 404


def test_what_broke_is_said_with_what_is_kept(office: Office) -> None:
    browser = office.client()
    assert browser.get("/health").json() == {"ok": True, "alive": None, "mailbox_read": None, "alarms": []}
    with office.store.writing() as tx:
        marks.set(tx, "alarm:mailbox", "unreachable", office.clock.now())
    page = browser.get("/").text
    assert "今天09:00</span>起：" in page
    assert "收信邮箱读不到" in page
    health = browser.get("/health")
    assert health.status_code == 503
    assert health.json()["alarms"] == ["mailbox"]
    with office.store.writing() as tx:
        marks.clear(tx, "alarm:mailbox")
        marks.set(tx, "alarm:broken", "模板缺少字段", office.clock.now())  # one mail's trouble is not the machine's
        marks.set(tx, "alive", "1", office.login_clock.now())
    assert browser.get("/health").status_code == 200
    office.login_clock.move_to(office.login_clock.now() + timedelta(minutes=4))
    assert browser.get("/health").status_code == 503


def test_the_list_is_filtered_by_its_address(office: Office) -> None:
    for title, unit in (("二食堂明厨亮灶", "D03"), ("校门交通治理", "D05")):
        office.matter(title, unit)
    browser = office.client("shenji")
    assert "校门交通治理" not in browser.get("/matters?unit=D03").text
    assert "校门交通治理" in browser.get("/matters?q=保卫处").text
    assert "没有符合条件的事项" in browser.get("/matters?lamp=red").text
    assert browser.get("/matters?lamp=pink").status_code == 404
    assert browser.get("/matters/2026-77").status_code == 404
    page = browser.get("/matters/青师督字〔2026〕第2号").text
    assert "校门交通治理" in page
    assert "/do/" not in page  # an auditor looks, and does nothing


def test_a_waiting_letter_stands_on_its_matter(office: Office) -> None:
    key = office.matter("二食堂明厨亮灶", "D03")
    letter = office.arrives(mail("houqin@qlnu.example", "请教格式", f"青师督字〔2026〕第{key[5:]}号请问用什么格式？"))
    page = office.client().get(f"/matters/{key}").text
    assert "有来信待审，催报暂停" in page
    assert f"/letters/{letter}" in page


def test_a_bad_address_is_shown_with_the_matter_and_an_officer_clears_it(office: Office) -> None:
    key = office.matter("二食堂明厨亮灶", "D03")
    now, browser = office.clock.now(), office.client()
    with office.store.writing() as tx:
        matter = ledger.find(tx, key)
        assert matter is not None
        marked = MarkAddress(matter.id, matter.lead, "houqin@qlnu.example", "550 no such user")
        away = NoteAutoReply(
            matter.id, matter.lead, "houqin-head@qlnu.example", "我在外地休假。", away=True, until=MORNING.date()
        )  # fmt: skip
        done = register(tx, [marked, away], Because("letter", None), now=now, dice=office.world.dice)
        assert not isinstance(done, Refusal)
    page = browser.get(f"/matters/{key}").text
    assert "houqin@qlnu.example 退信，邮件改发本单位其他人" in page
    assert "houqin-head@qlnu.example 自动回复：不在岗至" in page
    assert "我在外地休假。" in page
    start = browser.get("/").text
    assert "退信 houqin@qlnu.example" in start
    done_page = browser.post("/addresses/clear", data=fields_in(start, "/addresses/clear"))
    assert "houqin@qlnu.example 已恢复使用" in done_page.text
    assert "退信 houqin@qlnu.example" not in browser.get("/").text
    assert "退信，邮件改发" not in browser.get(f"/matters/{key}").text
