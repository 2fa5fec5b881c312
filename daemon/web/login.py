"""登录: name and password; five failures lock the account for half an hour."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from daemon.web import days, session
from daemon.web.page import HOME, Desk, Endpoint, read_form
from daemon.web.problems import Problem
from store import accounts, ledger

_WRONG = "用户名或密码不对。连续输错5次，账号锁定30分钟。"


def login_page(desk: Desk) -> Endpoint:
    """GET shows the form, POST logs in. Nobody needs to be logged in for it."""

    async def endpoint(request: Request) -> Response:
        if request.method != "POST":
            return await _draw(desk, request, request.query_params.get("next", ""), "", [])
        form = await read_form(request)
        onward = str(form.get("next", ""))
        name = str(form.get("name", "")).strip()[:60]
        password = str(form.get("password", ""))[:1000]
        pre = request.cookies.get(desk.keys.cookie("login"), "")
        if not desk.keys.csrf_right(pre, form.get("csrf")):
            return await _draw(desk, request, onward, name, [Problem("", "登录页打开太久，请重新输入密码。")], 403)
        problem = await _log_in(desk, name, password)
        if isinstance(problem, Problem):
            return await _draw(desk, request, onward, name, [problem], 401)
        token, role = problem
        answer = RedirectResponse(_inside(onward) or HOME.get(role, "/me"), status_code=303)
        session.give(answer, desk.keys, "session", token)
        session.take(answer, desk.keys, "login")
        return answer

    return endpoint


async def _log_in(desk: Desk, name: str, password: str) -> Problem | tuple[str, str]:
    """The token of a new session and the role, or what is wrong; an unknown name costs as much as a wrong password."""
    now, store = desk.true_clock.now(), desk.world.store
    verdict = await accounts.try_password(store, name, password, now)
    if verdict.locked_until is not None:
        until = f"{days.local(verdict.locked_until):%H:%M}"
        return Problem("name", f"账号已锁定，{until}后可以再试；急用请联系系统管理员。")
    account = await store.read(accounts.find, name) if verdict.right else None
    if account is None:
        return Problem("name", _WRONG)
    token = session.new_token()
    await store.write(accounts.begin_session, name, session.hash_of(token), now)
    return token, account.role


async def _draw(
    desk: Desk, request: Request, onward: str, name: str, problems: list[Problem], status: int = 200
) -> Response:
    rules = await desk.world.store.read(ledger.rules)
    pre = request.cookies.get(desk.keys.cookie("login"), "") or session.new_token()
    html = desk.templates.get_template("login.html").render(
        csrf=desk.keys.csrf(pre),
        onward=onward,
        name=name,
        problems=problems,
        school=rules.school,
        rehearsal=desk.world.outlook.rehearsal_address,
    )
    answer = HTMLResponse(html, status_code=status)
    session.give(answer, desk.keys, "login", pre)
    return answer


def _inside(onward: str) -> str:
    """`onward` if it is a path of ours, else nothing."""
    parts = urlsplit(onward)
    fine = onward.startswith("/") and not onward.startswith("//") and "\\" not in onward
    return onward if fine and not parts.netloc and not parts.scheme and onward.isprintable() else ""
