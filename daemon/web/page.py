"""What every page shares: the desk it stands on, who visits it, the guard at its door, and how it is drawn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import jinja2
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from daemon.web import days, session
from daemon.web.session import Keys, Said
from daemon.world import Clock, World
from store import accounts, letters
from store.transaction import Tx

OFFICER: Final = "officer"
DIRECTOR: Final = "director"
AUDITOR: Final = "auditor"
ADMIN: Final = "admin"
#: Who works at the desk; who may read the ledger; who looks after the machine; everybody who logs in here.
DESK: Final = frozenset({OFFICER, DIRECTOR})
LEDGER: Final = DESK | {AUDITOR}
MACHINE: Final = DESK | {ADMIN}
ANYBODY: Final = LEDGER | MACHINE | {"leader"}

#: Where each role begins.
HOME = {OFFICER: "/", DIRECTOR: "/", AUDITOR: "/matters", ADMIN: "/status"}

ROLES = {OFFICER: "经办人", DIRECTOR: "负责人", AUDITOR: "审计员", ADMIN: "管理员", "leader": "校领导"}
#: Forms here are text; nothing is uploaded.
FORM_LIMIT = 256 * 1024
#: A page opened within it of the last one is not written down again.
_SEEN_STEP = timedelta(seconds=30)


@dataclass(slots=True)
class Desk:
    """What the pages need of the world. `true_clock`: log-ins keep true time, also where the world's is made up."""

    world: World
    keys: Keys
    true_clock: Clock
    templates: jinja2.Environment

    def now(self) -> datetime:
        return self.world.clock.now()

    def today(self) -> date:
        return days.local(self.now()).date()


@dataclass(slots=True)
class Visit:
    """One request of somebody who is logged in. `form` is empty but on a POST, whose token was checked."""

    request: Request
    desk: Desk
    account: accounts.Account
    csrf: str
    form: FormData = field(default_factory=FormData)

    @property
    def actor(self) -> str:
        """As history names who acted."""
        return f"officer:{self.account.name}"

    @property
    def role(self) -> str:
        return self.account.role

    def typed(self, name: str) -> str:
        """A field of the form without blanks around it; '' where it is missing."""
        value = self.form.get(name)
        return value.strip() if isinstance(value, str) else ""

    def number(self, name: str) -> int:
        """A number that the form carries for itself; 404 where somebody wrote another."""
        value = self.typed(name)
        if not value.isdecimal() or len(value) > 15:
            raise HTTPException(404)
        return int(value)

    def said(self, text: str, to: str, *, matter: str = "", seq: int = 0) -> Response:
        """Done: on to the next page (303), where `text` stands on top, with 撤回 if `seq` is given."""
        answer = RedirectResponse(to, status_code=303)
        session.keep_said(answer, self.desk.keys, Said(text, matter, seq))
        return answer

    async def draw(self, template: str, view: Mapping[str, Any], *, status: int = 200) -> Response:
        """The page `template` over its view, with the frame that all pages share."""
        frame = await self.desk.world.store.read(partial(_frame, self.role))
        said = session.read_said(self.request, self.desk.keys)
        html = self.desk.templates.get_template(template).render(
            visit=self,
            csrf=self.csrf,
            path=self.request.url.path,
            today=self.desk.today(),
            frame=frame,
            rehearsal=self.desk.world.outlook.rehearsal_address,
            said=said,
            role_name=ROLES.get(self.role, self.role),
            **view,
        )
        answer = HTMLResponse(html, status_code=status)
        if said is not None:
            session.take(answer, self.desk.keys, "said")
        return answer


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands in the head of every page."""

    waiting: int
    desk: bool
    ledger: bool
    machine: bool


def _frame(role: str, tx: Tx) -> Frame:
    desk = role in DESK
    return Frame(letters.counts(tx).get("waiting", 0) if desk else 0, desk, role in LEDGER, role in MACHINE)


Handler = Callable[[Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def guarded(desk: Desk, handler: Handler, roles: frozenset[str]) -> Endpoint:
    """`handler` behind the door: logged in, of a role that may see it (else 404), a POST with its form's token."""

    async def endpoint(request: Request) -> Response:
        token = request.cookies.get(desk.keys.cookie("session"), "")
        account = await _who(desk, token)
        if account is None:
            return _to_login(request)
        if account.role not in roles:
            raise HTTPException(404)
        visit = Visit(request, desk, account, desk.keys.csrf(token))
        if request.method == "POST":
            visit.form = await read_form(request)
            if not desk.keys.csrf_right(token, visit.form.get("csrf")):
                raise HTTPException(403)
        return await handler(visit)

    return endpoint


async def read_form(request: Request) -> FormData:
    """The form of a POST from our own pages; 403 from another site, 411 and 413 for no or a large length."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(403)
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise HTTPException(411)
    if int(length) > FORM_LIMIT:
        raise HTTPException(413)
    return await request.form(max_files=0, max_fields=400)


async def _who(desk: Desk, token: str) -> accounts.Account | None:
    if not token:
        return None
    now = desk.true_clock.now()
    store = desk.world.store
    found = await store.read(accounts.session, session.hash_of(token), now)
    if found is None:
        return None
    account, seen_at = found
    if now - seen_at > _SEEN_STEP:
        await store.write(accounts.touch, session.hash_of(token), now)
    return account


def _to_login(request: Request) -> Response:
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method in ("GET", "HEAD") and request.headers.get("sec-fetch-site") == "cross-site":
        # A link from a mail: a Strict cookie stays behind on the first step, not on a step of our own page.
        return HTMLResponse(
            '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>正在打开</title>'
            '<meta http-equiv="refresh" content="0"></head><body><p><a href="">打开页面</a></p></body></html>'
        )
    if request.method == "POST" or here == "/":
        return RedirectResponse("/login", status_code=303)
    return RedirectResponse(
        str(request.url_for("login").include_query_params(next=here).replace(scheme="", netloc="")), status_code=303
    )


_ERRORS = {
    403: ("表单已失效", "页面打开太久，或不是从本系统打开的。没有登记任何内容。请返回上一页，刷新后重新填写。"),
    404: ("没有这个页面", "地址有误，或您的账号不能查看。"),
    405: ("不能这样打开", "这个地址只接收表单。请从页面上的按钮进入。"),
    413: ("内容太长", "一次提交的文字超过限制，没有登记任何内容。请缩短后重新提交。"),
}


def error_page(desk: Desk) -> Callable[[Request, Exception], Response]:
    """What somebody reads where a page cannot be shown; it says what was kept and what to do."""

    def answer(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        unknown = ("程序出错", "没有登记任何内容。请返回上一页重试；如再次出现，请告知系统管理员查看日志。")
        title, words = _ERRORS.get(status, unknown)
        html = desk.templates.get_template("error.html").render(title=title, words=words)
        return HTMLResponse(html, status_code=status)

    return answer


def environment() -> jinja2.Environment:
    """Jinja with escaping always on and a missing name as an error."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(
        table_day=days.table_day,
        table_moment=days.table_moment,
        sentence_day=days.sentence_day,
        sentence_moment=days.sentence_moment,
        week_day=days.week_day,
    )
    return env
