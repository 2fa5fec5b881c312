"""我的账号: change the password, log out."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from daemon.web import session
from daemon.web.page import Visit
from daemon.web.problems import Problem
from store import accounts

_LONGEST = 1000


async def show(visit: Visit) -> Response:
    """GET /me"""
    return await visit.draw("me.html", {"problems": []})


async def change_password(visit: Visit) -> Response:
    """POST /me/password: the old one, the new one twice; every other session of the account ends."""
    store, now, name = visit.desk.world.store, visit.desk.true_clock.now(), visit.account.name
    old, new, again = (str(visit.form.get(field, ""))[:_LONGEST] for field in ("old", "new", "again"))
    problems = []
    verdict = await accounts.try_password(store, name, old, now)
    if verdict.locked_until is not None:
        problems.append(Problem("old", "输错次数太多，账号已锁定30分钟。"))
    elif not verdict.right:
        problems.append(Problem("old", "现用密码不对。"))
    if weak := accounts.weakness(new, name):
        problems.append(Problem("new", weak))
    elif new == old:
        problems.append(Problem("new", "新密码与现用密码相同。"))
    if new != again:
        problems.append(Problem("again", "两次输入的新密码不一致。"))
    if problems:
        return await visit.draw("me.html", {"problems": problems}, status=422)
    await accounts.set_password(store, name, new, now, keep=session.hash_of(_token(visit)))
    return visit.said("已更改密码。其他设备上的登录已退出。", "/me")


async def log_out(visit: Visit) -> Response:
    """POST /logout"""
    await visit.desk.world.store.write(accounts.end_session, session.hash_of(_token(visit)))
    answer = RedirectResponse("/login", status_code=303)
    session.take(answer, visit.desk.keys, "session")
    return answer


def _token(visit: Visit) -> str:
    return visit.request.cookies.get(visit.desk.keys.cookie("session"), "")
