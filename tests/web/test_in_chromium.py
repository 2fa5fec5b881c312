"""The desk in a real browser: by keys, without script, at two widths, and looked over by axe."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from store import letters, outbox
from tests.web import term
from tests.web.browser import SIZES, chromium, served
from tests.web.conftest import PASSWORD, Office, open_office, reopen_office

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]


@dataclass
class Desk:
    """A morning of a term, at an address."""

    office: Office
    url: str
    browser: Browser

    def page(self, width: int = 1280, name: str = "wangmin", *, script: bool = True) -> Page:
        """A window in which `name` has logged in."""
        context = self.browser.new_context(
            viewport={"width": width, "height": SIZES[width]}, java_script_enabled=script
        )
        page = context.new_page()
        page.goto(f"{self.url}/login")
        page.fill("#name", name)
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{self.url}/")
        return page

    def waiting(self, kind: str) -> int:
        """The waiting letter of that kind."""
        with self.office.store.reading() as tx:
            rows = letters.listing(tx, state="waiting")
        return next(row.id for row in rows if row.reading and any(s.kind == kind for s in row.reading.said))

    def state(self, letter: int) -> str:
        with self.office.store.reading() as tx:
            row = letters.show(tx, letter)
        assert row is not None
        return row.state


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One browser for all these tests; each opens windows of its own."""
    with chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Path:
    """The folder of a term lived until this morning; each test takes a copy."""
    folder = tmp_path_factory.mktemp("term")
    with pytest.MonkeyPatch.context() as patch:
        opened = open_office(folder, password_hash, patch, start=term.START)
        term.fill(next(opened))
        next(opened, None)
    return folder


@pytest.fixture
def desk(window: Browser, lived: Path, tmp_path: Path) -> Iterator[Desk]:
    folder = shutil.copytree(lived, tmp_path / "office")
    opened = reopen_office(folder, term.TODAY)
    office = next(opened)
    with served(office.app) as url:
        yield Desk(office, url, window)
    next(opened, None)


def settled(page: Page) -> None:
    """Keys count from 300 ms after a page has come, so that none meant for the page before falls on it."""
    page.wait_for_timeout(350)


def test_a_receipt_is_confirmed_by_one_key(desk: Desk) -> None:
    page, letter = desk.page(), desk.waiting("receipt")
    page.goto(f"{desk.url}/letters/{letter}")
    page.keyboard.press("y")  # too early: nothing happens
    settled(page)
    assert desk.state(letter) == "waiting"
    page.keyboard.press("y")
    expect(page.get_by_role("status")).to_contain_text("已登记签收：2026-5 美术学院")
    assert desk.state(letter) == "registered"
    settled(page)
    page.keyboard.press("z")  # and taken back by one
    expect(page.get_by_role("status")).to_contain_text("已撤回：美术学院签收")
    assert desk.state(letter) == "waiting"


def test_keys_with_an_input_method_on(desk: Desk) -> None:
    page, letter = desk.page(), desk.waiting("receipt")
    page.goto(f"{desk.url}/letters/{letter}")
    settled(page)
    send = "([key, code]) => document.dispatchEvent(new KeyboardEvent('keydown', {key, code, bubbles: true}))"
    page.evaluate(send, ["？", "Slash"])
    expect(page.get_by_role("dialog")).to_contain_text("确认签收")
    page.keyboard.press("Escape")
    page.evaluate(send, ["Process", "KeyE"])
    expect(page.locator("#correct")).to_have_attribute("open", "")
    page.keyboard.type("yyy")  # in a field a key is a letter
    assert desk.state(letter) == "waiting"


def test_keys_can_be_turned_off(desk: Desk) -> None:
    page, letter = desk.page(), desk.waiting("receipt")
    page.goto(f"{desk.url}/letters/{letter}")
    settled(page)
    page.keyboard.press("?")
    page.get_by_role("button", name="关闭快捷键").click()
    page.keyboard.press("y")
    settled(page)
    assert desk.state(letter) == "waiting"


def test_from_the_list_to_the_letter_by_keys(desk: Desk) -> None:
    page = desk.page()
    settled(page)
    page.keyboard.press("g")
    page.keyboard.press("d")
    expect(page).to_have_url(f"{desk.url}/letters?state=waiting")
    settled(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_text("第2封，共6封")).to_be_visible()


def test_everything_works_without_script(desk: Desk) -> None:
    page, letter = desk.page(script=False), desk.waiting("receipt")
    page.goto(f"{desk.url}/letters/{letter}")
    page.get_by_role("button", name="确认签收").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("已登记签收")
    assert desk.state(letter) == "registered"
    question = desk.waiting("extension")
    page.goto(f"{desk.url}/letters/{question}")
    page.get_by_role("link", name="不予登记").click()
    page.get_by_label("理由", exact=True).fill("重复来信")
    page.get_by_role("button", name="不予登记").click()
    expect(page.get_by_role("status")).to_contain_text("不予登记")
    assert desk.state(question) == "ignored"


@pytest.mark.parametrize("script", [True, False])
def test_a_leaders_mail_is_held_by_click_reason_enter(desk: Desk, script: bool) -> None:
    page = desk.page(script=script)
    page.get_by_text("暂缓发送周敏副校长").click()
    page.get_by_label("理由").fill("处长已电话说明")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("已暂缓发送：周敏副校长")
    with desk.office.store.reading() as tx:
        (held,) = outbox.listing(tx, state="held")
    assert held.held_why == "处长已电话说明"


def test_a_mails_html_does_nothing_by_itself(desk: Desk) -> None:
    page, letter = desk.page(), desk.waiting("extension")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{desk.url}/letters/{letter}")
    page.get_by_text("网页版式", exact=True).click()
    frame = page.frame_locator("iframe")
    expect(frame.locator("table")).to_contain_text("11月27日到货")
    assert frame.locator("b").evaluate("node => getComputedStyle(node).fontWeight") == "700"
    assert frame.locator("a").get_attribute("href") is None
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if not url.startswith(desk.url)] == []


def _pages(desk: Desk) -> list[str]:
    with desk.office.store.reading() as tx:
        rows = letters.listing(tx, state="waiting")
        queue = [
            f"/letters/{row.id}" for row in (rows[0], rows[3], rows[-1])
        ]  # to confirm, from a stranger, unreadable
        mails = [f"/outbox/{row.id}" for row in outbox.at_home(tx)[:2]]
    return [
        "/", "/letters?state=waiting", "/letters?state=registered", "/letters?state=copy", *queue,
        "/matters", "/matters?lamp=grey&q=无此", "/matters/2026-1", "/matters/2026-4", "/matters/2026-4/do/return",
        "/matters/2026-4/do/close", "/matters/2026-3/do/acknowledge", "/outbox", "/outbox?view=held",
        "/outbox?view=trouble", *mails, "/me", "/status",
    ]  # fmt: skip


@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_and_nothing_is_cut_off(desk: Desk, width: int) -> None:
    page = desk.page(width)
    axe = Axe()
    found: list[str] = []
    for path in _pages(desk):
        page.goto(desk.url + path)
        for box in page.locator("details").all():
            box.evaluate("node => { node.open = true }")
        report = axe.run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]})
        for problem in report.response["violations"]:
            where = [node["target"] for node in problem["nodes"]][:3]
            found.append(f"{path}: {problem['id']} {problem['help']} {where}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{path}: {wide} wide")
    page.goto(f"{desk.url}/letters/{desk.waiting('receipt')}?open=refuse")
    page.locator("#refuse").get_by_role("button").click()
    expect(page.get_by_role("alert")).to_contain_text("有1处要改")
    found += [f"error: {p['id']}" for p in axe.run(page).response["violations"]]
    page.get_by_role("link", name="王敏").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page).to_have_url(f"{desk.url}/login")
    found += [f"login: {p['id']}" for p in axe.run(page).response["violations"]]
    assert found == []


def test_pages_are_light(desk: Desk) -> None:
    here = Path(__file__).parents[2] / "daemon" / "web" / "static"
    assert (here / "duban.css").stat().st_size <= 16 * 1024
    assert (here / "keys.js").stat().st_size <= 6 * 1024
    page = desk.page()
    for path in _pages(desk):
        answer = page.goto(desk.url + path)
        assert answer is not None
        assert len(answer.body()) <= 100 * 1024, path
