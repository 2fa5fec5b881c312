"""Every page opens, empty and filled, for whom it is."""

from __future__ import annotations

import pytest

from tests.web.conftest import Office, mail


def test_empty_pages_say_what_is_empty(office: Office) -> None:
    browser = office.client()
    assert "没有等您处理的事" in browser.get("/").text
    assert "没有待审来信" in browser.get("/letters?state=waiting").text
    assert "没有符合条件的事项" in browser.get("/matters").text
    assert "没有待发的邮件" in browser.get("/outbox").text
    assert "运行正常" in browser.get("/status").text


def test_filled_pages_open(office: Office) -> None:
    key = office.matter("二食堂明厨亮灶", "D03", supporting=("D05",))
    letter = office.arrives(mail("houqin@qlnu.example", f"{key} 请问", "青师督字〔2026〕第1号：请问报告用什么格式？"))
    browser = office.client()
    for path in ("/", "/letters?state=waiting", f"/letters/{letter}", "/matters", f"/matters/{key}", "/outbox",
                 "/outbox/1", "/me", "/status", f"/matters/{key}/do/suspend"):  # fmt: skip
        answer = browser.get(path)
        assert answer.status_code == 200, (path, answer.text)
    assert "二食堂明厨亮灶" in browser.get(f"/matters/{key}").text


@pytest.mark.parametrize("name", ["wangmin", "chenli", "shenji", "admin"])
def test_what_a_role_may_not_see_is_not_there(office: Office, name: str) -> None:
    key = office.matter("二食堂明厨亮灶", "D03")
    browser = office.client(name)
    desk, ledger = name in ("wangmin", "chenli"), name != "admin"
    allowed = {
        "/": desk,
        "/letters": desk,
        "/outbox": desk,
        "/outbox/1": desk,
        "/outbox/1/raw": False,
        "/letters/99": False,
        "/matters": ledger,
        f"/matters/{key}": ledger,
        f"/matters/{key}/do/suspend": desk,
        "/status": name != "shenji",
        "/me": True,
    }
    for path, may in allowed.items():
        assert browser.get(path).status_code == (200 if may else 404), (name, path)
    links = browser.get("/me").text
    assert ('href="/outbox"' in links) == desk
    assert ('href="/matters"' in links) == ledger
