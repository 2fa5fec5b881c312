"""What came by telephone or on paper, registered on the matter's page: 签收, 进展, 办结报告, 延期申请."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from daemon.procedure.shapes import Acknowledge, Matter
from daemon.web import acts
from store import ledger, outbox
from tests.web.conftest import Office, day_after, fields_in

TEMPLATES = Path(__file__).parents[2] / "mailtemplates"


def matter_of(office: Office, key: str) -> Matter:
    with office.store.reading() as tx:
        matter = ledger.find(tx, key)
    assert matter is not None
    return matter


def do(office: Office, key: str, act: str, **fields: object) -> tuple[int, str]:
    browser = office.client()
    path = f"/matters/{key}/do/{act}"
    answer = browser.post(path, data=fields_in(browser.get(path).text, path) | fields)
    return answer.status_code, answer.text


@pytest.fixture
def key(office: Office) -> str:
    key = office.matter("二食堂明厨亮灶", "D03", 14, ("D05",))
    office.later(days=2)
    return key


def test_a_signature_by_telephone_stops_the_reminder(office: Office, key: str) -> None:
    page = office.client().get(f"/matters/{key}").text
    assert page.index("登记电话、纸质来件") < page.index("登记签收")
    status, text = do(
        office, key, "acknowledge", unit="D03", role="head", on="1125", way="电话", words="刘洋处长电话答应签收"
    )
    assert status == 200
    assert f"已登记签收：{key}" in text
    lead, other = matter_of(office, key).assignments
    assert lead.acknowledged_by == "head"
    assert lead.acknowledged_at is not None
    assert other.acknowledged_at is None
    page = office.client().get(f"/matters/{key}").text
    assert "后勤处签收（电话，11月25日（周三））：刘洋处长电话答应签收" in page.replace("2026年", "")
    assert '<span class="nw">11-25</span> 签收' in page  # the day alone is known
    office.later(hours=2)
    office.remind()
    with office.store.reading() as tx:
        reminded = [row for row in outbox.at_home(tx) if row.mail.template in ("ack_reminder", "ack_urge")]
    assert {row.mail.unit for row in reminded} == {"D05"}
    page = office.client().get(f"/matters/{key}/do/acknowledge").text
    assert 'value="D03"' not in page  # who has signed is not asked again
    assert 'value="D05"' in page


def test_a_liaisons_signature_is_marked(office: Office, key: str) -> None:
    assert do(office, key, "acknowledge", unit="D05", role="liaison", on="1126", way="当面")[0] == 200
    page = office.client().get(f"/matters/{key}").text
    assert "保卫处签收（联络员代签）（当面）" in page
    assert "签收（联络员代签）" in page


def test_a_paper_report_is_as_good_as_a_mailed_one_and_can_be_taken_back(office: Office, key: str) -> None:
    status, _ = do(office, key, "report", on="1126", way="纸质", words="报告3页，存第2号卷")
    assert status == 200
    lead = matter_of(office, key).lead_assignment
    assert lead is not None
    assert [(r.on, r.letter) for r in lead.reports] == [(day_after(2), None)]
    with office.store.reading() as tx:
        (row,) = [row for row in outbox.at_home(tx) if row.mail.template == "received"]
    assert row.not_before == office.clock.now() + timedelta(minutes=5)
    assert "后勤处报来办结报告（纸质）：报告3页，存第2号卷" in office.client().get(f"/matters/{key}").text
    assert "/do/report" not in office.client().get(f"/matters/{key}").text  # one waits
    browser = office.client()
    browser.post(f"/matters/{key}/undo", data=fields_in(browser.get(f"/matters/{key}").text, f"/matters/{key}/undo"))
    assert not matter_of(office, key).lead_assignment.report_waiting  # type: ignore[union-attr]
    with office.store.reading() as tx:
        assert outbox.show(tx, row.id).state == "withdrawn"  # type: ignore[union-attr]


def test_a_request_on_paper_waits_for_a_decision(office: Office, key: str) -> None:
    status, text = do(office, key, "ask-extension", to="1220", reason="", on="1126", way="纸质")
    assert status == 422
    assert "请写明不能按期办结的原因" in text
    assert 'value="1220"' in text  # nothing typed is lost
    assert do(office, key, "ask-extension", to="1220", reason="设备未到货", on="1126", way="纸质")[0] == 200
    page = office.client().get(f"/matters/{key}").text
    assert "同意延期" in page
    assert "/do/ask-extension" not in page
    assert office.client().get(f"/matters/{key}/do/extend").text.count('value="2026-12-20"') == 1


def test_progress_is_kept_with_its_day(office: Office, key: str) -> None:
    assert do(office, key, "progress", unit="D05", words="", on="1126", way="电话")[0] == 422
    assert do(office, key, "progress", unit="D05", words="已装好2个点位", on="11.25", way="电话")[0] == 200
    assert matter_of(office, key).assignments[1].progress_on == (day_after(1),)


@pytest.mark.parametrize(("on", "said"), [("1127", "还没有到"), ("1120", "早于交办时间"), ("昨天", "不是日期")])
def test_days_that_cannot_be(office: Office, key: str, on: str, said: str) -> None:
    before = matter_of(office, key).seq
    for act, fields in (
        ("acknowledge", {"unit": "D03", "role": "head"}),
        ("progress", {"unit": "D03", "words": "施工中"}),
        ("report", {}),
        ("ask-extension", {"reason": "缺货", "to": "1220"}),
    ):
        status, text = do(office, key, act, on=on, way="电话", **fields)
        assert status in (409, 422), act
        assert said in text, act
    assert matter_of(office, key).seq == before


def test_a_forged_field_is_refused(office: Office, key: str) -> None:
    assert do(office, key, "acknowledge", unit="D03", role="king", on="1126", way="电话")[0] == 422
    assert do(office, key, "acknowledge", unit="C07", role="head", on="1126", way="电话")[0] == 409
    assert do(office, key, "acknowledge", unit="D03", role="head", on="1126", way="飞鸽")[0] == 200
    assert "飞鸽" not in office.client().get(f"/matters/{key}").text


def test_after_a_letter_signed_nothing_is_left_to_register(office: Office, key: str) -> None:
    for unit in ("D03", "D05"):
        office.act(Acknowledge(office.id_of(key), unit, "head"), by="letter", letter=1)
    assert "登记签收" not in office.client().get(f"/matters/{key}").text
    assert "/do/" not in office.client("shenji").get(f"/matters/{key}").text


def test_the_mail_that_asks_to_call_names_what_the_page_has() -> None:
    titles = {act.title for act in acts.ACTS}
    page = (Path(acts.__file__).parent / "templates" / "matter.html").read_text(encoding="utf-8")
    for name in ("body.txt", "body.html"):
        named = re.findall("“(.+?)”", (TEMPLATES / "phone_hint" / name).read_text(encoding="utf-8"))
        assert "登记签收" in named
        assert [words for words in named if words not in titles and words not in page] == []
