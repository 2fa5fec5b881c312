"""Who is at the desk: cookies, idle time, the token that every POST carries, and messages kept for the next page."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

_SAID_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Keys:
    """What signs cookies, and whether they travel over TLS only (`__Host-` names)."""

    secret: bytes
    secure: bool

    def cookie(self, name: str) -> str:
        return f"__Host-duban_{name}" if self.secure else f"duban_{name}"

    def csrf(self, token: str) -> str:
        """The word that a form of this session (or of this log-in page) must carry."""
        return hmac.new(self.secret, b"form:" + token.encode(), hashlib.sha256).hexdigest()

    def csrf_right(self, token: str, given: object) -> bool:
        return isinstance(given, str) and bool(token) and hmac.compare_digest(self.csrf(token), given)

    def signer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.secret, salt="duban.said")


def new_token() -> str:
    """A session's token, 256 bits; only its hash is stored."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def give(response: Response, keys: Keys, name: str, value: str) -> None:
    """Set a cookie that lives until the browser closes and is sent to us alone, never from another site."""
    response.set_cookie(keys.cookie(name), value, path="/", secure=keys.secure, httponly=True, samesite="strict")


def take(response: Response, keys: Keys, name: str) -> None:
    response.delete_cookie(keys.cookie(name), path="/", secure=keys.secure, httponly=True, samesite="strict")


@dataclass(frozen=True, slots=True)
class Said:
    """What the last act did, in one sentence; with `matter` and `seq` it can still be undone."""

    text: str
    matter: str = ""
    seq: int = 0


def keep_said(response: Response, keys: Keys, said: Said) -> None:
    """Hand `said` to the page that follows this redirect."""
    give(response, keys, "said", keys.signer().dumps([said.text, said.matter, said.seq]))


def read_said(request: Request, keys: Keys) -> Said | None:
    kept = request.cookies.get(keys.cookie("said"), "")
    if not kept:
        return None
    try:
        value: Any = keys.signer().loads(kept, max_age=_SAID_SECONDS)
    except BadData:
        return None
    text, matter, seq = value
    return Said(text, matter, seq)
