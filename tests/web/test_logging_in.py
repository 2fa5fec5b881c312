"""Log-in: lock after five failures, idle time, tokens on every form, headers on every answer, no state by GET."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from daemon.web.app import make_app
from tests.web.conftest import PASSWORD, Office, fields_in, open_office, token_in


def log_in(office: Office, browser: TestClient, password: str, onward: str = "") -> tuple[int, str]:
    page = browser.get("/login", params={"next": onward} if onward else {})
    data = {"csrf": token_in(page.text), "name": "wangmin", "password": password, "next": onward}
    answer = browser.post("/login", data=data, follow_redirects=False)
    return answer.status_code, answer.headers.get("location", "") or answer.text


def browser_of(office: Office) -> TestClient:
    return TestClient(office.app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000))


def test_five_failures_lock_for_half_an_hour(office: Office) -> None:
    browser = browser_of(office)
    for _ in range(4):
        status, text = log_in(office, browser, "wrong")
        assert (status, "用户名或密码不对" in text) == (401, True)
    assert "账号已锁定，09:30后可以再试" in log_in(office, browser, "wrong")[1]
    assert "账号已锁定" in log_in(office, browser, PASSWORD)[1]
    office.login_clock.move_to(office.login_clock.now() + timedelta(minutes=31))
    assert log_in(office, browser, PASSWORD) == (303, "/")


def test_a_desk_left_alone_is_locked(office: Office) -> None:
    browser = office.client()
    office.login_clock.move_to(office.login_clock.now() + timedelta(minutes=19))
    assert browser.get("/", follow_redirects=False).status_code == 200
    office.login_clock.move_to(office.login_clock.now() + timedelta(minutes=19))
    assert browser.get("/", follow_redirects=False).status_code == 200
    office.login_clock.move_to(office.login_clock.now() + timedelta(minutes=21))
    answer = browser.get("/letters?state=waiting", follow_redirects=False)
    assert answer.headers["location"] == "/login?next=%2Fletters%3Fstate%3Dwaiting"


def test_the_worlds_clock_does_not_log_anybody_out(office: Office) -> None:
    browser = office.client()
    office.later(days=3)
    assert browser.get("/", follow_redirects=False).status_code == 200


@pytest.mark.parametrize("onward", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"])
def test_a_log_in_leads_to_our_own_pages_only(office: Office, onward: str) -> None:
    assert log_in(office, browser_of(office), PASSWORD, onward) == (303, "/")


def test_a_log_in_leads_to_where_one_wanted(office: Office) -> None:
    assert log_in(office, browser_of(office), PASSWORD, "/letters?state=waiting") == (303, "/letters?state=waiting")


def test_log_out_ends_the_session_on_the_server(office: Office) -> None:
    browser = office.client()
    page = browser.get("/me")
    kept = dict(browser.cookies)
    browser.post("/logout", data=fields_in(page.text, "/logout"))
    browser.cookies.update(kept)
    assert browser.get("/me", follow_redirects=False).status_code == 303


def test_every_form_needs_its_token(office: Office) -> None:
    browser = office.client()
    for data in ({}, {"csrf": "0" * 64}):
        assert browser.post("/logout", data=data).status_code == 403
    other = office.client("lijing")
    assert browser.post("/logout", data={"csrf": token_in(other.get("/me").text)}).status_code == 403
    good = {"csrf": token_in(browser.get("/me").text)}
    assert browser.post("/logout", data=good, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert browser.get("/me").status_code == 200
    assert browser.post("/login", data={"name": "wangmin", "password": PASSWORD}).status_code == 403


def test_a_huge_form_is_not_read(office: Office) -> None:
    browser = office.client()
    assert browser.post("/logout", data={"csrf": "x" * 300_000}).status_code == 413


def test_the_password_is_changed_and_others_are_logged_out(office: Office) -> None:
    browser, other = office.client(), office.client()
    page = browser.get("/me").text
    weak = {"csrf": token_in(page), "old": "wrong", "new": "short", "again": "other"}
    answer = browser.post("/me/password", data=weak)
    assert answer.status_code == 422
    assert "有3处要改" in answer.text
    good = {"csrf": token_in(page), "old": PASSWORD, "new": "Xin-Mima-2027", "again": "Xin-Mima-2027"}
    assert "已更改密码" in browser.post("/me/password", data=good).text
    assert browser.get("/me", follow_redirects=False).status_code == 200
    assert other.get("/me", follow_redirects=False).status_code == 303
    assert log_in(office, browser_of(office), "Xin-Mima-2027") == (303, "/")


def test_headers_of_every_answer(office: Office) -> None:
    browser = office.client()
    for path in ("/", "/login", "/static/duban.css", "/nowhere", "/health"):
        headers = browser.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
    assert browser.get("/").headers["cache-control"] == "no-store"


def test_cookies_stay_with_us(office: Office) -> None:
    secure = TestClient(
        make_app(office.world, session_secret=b"s" * 32, secure_cookies=True, true_clock=office.login_clock),
        base_url="https://duban.example",
    )
    page = secure.get("/login")
    data = {"csrf": token_in(page.text), "name": "wangmin", "password": PASSWORD}
    answer = secure.post("/login", data=data, follow_redirects=False)
    cookie = next(c for c in answer.headers.get_list("set-cookie") if "session" in c)
    assert cookie.startswith("__Host-duban_session=")
    for part in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"):
        assert part in cookie
    assert "strict-transport-security" in answer.headers


def test_a_link_from_a_mail_finds_its_way(office: Office) -> None:
    """A Strict cookie stays behind on the step from another site; our own page makes the second step."""
    browser = browser_of(office)
    first = browser.get("/letters/1", headers={"Sec-Fetch-Site": "cross-site"}, follow_redirects=False)
    assert first.status_code == 200
    assert 'http-equiv="refresh"' in first.text


def test_what_is_written_needs_post(office: Office) -> None:
    browser = office.client()
    for route in office.app.routes:
        if "POST" in route.methods and route.path != "/login":  # type: ignore[attr-defined]
            path = route.path.replace("{id:int}", "1").replace("{key}", "2026-1").replace("{act}", "close")  # type: ignore[attr-defined]
            if "/do/" not in path:
                assert browser.get(path).status_code == 405, path


def test_metrics_are_for_this_machine_alone(office: Office) -> None:
    assert "duban_" in browser_of(office).get("/metrics").text
    far = TestClient(office.app, base_url="http://duban.example", client=("203.0.113.7", 50000))
    assert far.get("/metrics").status_code == 404
    assert browser_of(office).get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 404


def test_a_rehearsal_is_named_on_every_page(
    tmp_path: Path, password_hash: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = open_office(tmp_path, password_hash, monkeypatch, rehearsal_address="drill@qlnu.example")
    office = next(opened)
    browser = office.client()
    for path in ("/", "/login", "/matters", "/me"):
        assert "【演练】所有邮件只发往 drill@qlnu.example" in browser.get(path).text
    next(opened, None)
