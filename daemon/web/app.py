"""The admin view as one ASGI application: its addresses, and who may open each of them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from daemon.edges.clock import RealClock
from daemon.web import (
    addresses,
    do,
    health,
    letter,
    letter_acts,
    letter_files,
    letter_writing,
    letters,
    login,
    mail,
    mail_acts,
    matter,
    matters,
    me,
    outbox,
    today,
)
from daemon.web.headers import SafeHeaders
from daemon.web.page import ANYBODY, DESK, LEDGER, MACHINE, Desk, Handler, environment, error_page, guarded
from daemon.web.session import Keys
from daemon.world import Clock, World

_STATIC = {"duban.css": "text/css; charset=utf-8", "keys.js": "text/javascript; charset=utf-8"}


def make_app(
    world: World, *, session_secret: bytes, secure_cookies: bool, true_clock: Clock | None = None
) -> Starlette:
    """The admin view over `world`.

    `secure_cookies`: false only where it is served without TLS on loopback. `true_clock`: what log-ins go by, also
    where the world's clock is made up; the machine's own by default.
    """
    desk = Desk(world, Keys(session_secret, secure_cookies), true_clock or RealClock(), environment())
    answer = error_page(desk)
    return Starlette(
        routes=_routes(desk),
        middleware=[Middleware(SafeHeaders, secure=secure_cookies)],
        exception_handlers=dict.fromkeys((403, 404, 405, 411, 413, 500), answer),
    )


def _routes(desk: Desk) -> list[BaseRoute]:
    def get(path: str, handler: Handler, roles: frozenset[str]) -> Route:
        return Route(path, guarded(desk, handler, roles), methods=["GET"])

    def post(path: str, handler: Handler, roles: frozenset[str]) -> Route:
        return Route(path, guarded(desk, handler, roles), methods=["POST"])

    return [
        Route("/login", login.login_page(desk), methods=["GET", "POST"], name="login"),
        Route("/health", health.health(desk), methods=["GET"]),
        Route("/metrics", health.metrics(desk), methods=["GET"]),
        *(Route(f"/static/{name}", partial(_static, name=name), methods=["GET"]) for name in _STATIC),
        get("/me", me.show, ANYBODY),
        post("/me/password", me.change_password, ANYBODY),
        post("/logout", me.log_out, ANYBODY),
        get("/", today.show, DESK),
        post("/addresses/clear", addresses.clear, DESK),
        get("/status", health.status, MACHINE),
        get("/letters", letters.show, DESK),
        get("/letters/{id:int}", letter.show, DESK),
        get("/letters/{id:int}/html", letter_files.html, DESK),
        get("/letters/{id:int}/raw", letter_files.raw, DESK),
        get("/letters/{id:int}/parts/{index:int}", letter_files.part, DESK),
        post("/letters/{id:int}/confirm", letter_acts.confirm, DESK),
        post("/letters/{id:int}/correct", letter_acts.correct, DESK),
        post("/letters/{id:int}/refuse", letter_acts.refuse, DESK),
        post("/letters/{id:int}/write/{mail}", letter_writing.write, DESK),
        get("/matters", matters.show, LEDGER),
        get("/matters/{key}", matter.show, LEDGER),
        get("/matters/{key}/do/{act}", do.show, DESK),
        post("/matters/{key}/do/{act}", do.do, DESK),
        post("/matters/{key}/undo", do.undo, DESK),
        get("/outbox", outbox.show, DESK),
        get("/outbox/{id:int}", mail.show, DESK),
        get("/outbox/{id:int}/html", mail.html, DESK),
        get("/outbox/{id:int}/raw", mail.raw, DESK),
        get("/outbox/{id:int}/parts/{index:int}", mail.part, DESK),
        post("/outbox/{id:int}/hold", mail_acts.hold, DESK),
        post("/outbox/{id:int}/release", mail_acts.release, DESK),
        post("/outbox/{id:int}/withdraw", mail_acts.withdraw, DESK),
        post("/outbox/{id:int}/settle", mail_acts.settle, DESK),
    ]


async def _static(request: Request, name: str) -> Response:
    """Our one CSS and one script; browsers keep them for an hour."""
    body = Path(__file__).with_name("static").joinpath(name).read_bytes()
    return Response(body, headers={"Content-Type": _STATIC[name], "Cache-Control": "public, max-age=3600"})
