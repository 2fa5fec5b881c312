"""The signed code of a matter's notice, and its QR image."""

from __future__ import annotations

import base64
import hmac
import io
from hashlib import sha256

import segno

from daemon.procedure.shapes import Matter

_MARK = "DUBAN"


def signed_code(matter: Matter, secret: bytes) -> str:
    """`DUBAN:2026-12:` and 80 bits of HMAC-SHA256 over number and id, in characters of QR's alphanumeric mode.

    Without a number there is no code (''); without a secret the code has no signature and proves nothing.
    """
    if matter.ref is None:
        return ""
    bare = f"{_MARK}:{matter.ref.key}"
    if not secret:
        return bare
    digest = hmac.new(secret, f"{bare}:{matter.id}".encode(), sha256).digest()[:10]
    return f"{bare}:{base64.b32encode(digest).decode('ascii')}"


def code_holds(code: str, matter: Matter, secret: bytes) -> bool:
    """Whether `code`, as read from a QR, was signed here for this matter."""
    expected = signed_code(matter, secret)
    return bool(secret) and bool(expected) and hmac.compare_digest(code.strip().encode(), expected.encode())


def qr_svg(code: str) -> str:
    """`code` as an SVG with its quiet zone of four modules; version 3-Q where it fits (47 characters), else larger."""
    try:
        image = segno.make_qr(code, error="q", version=3, boost_error=False)
    except segno.DataOverflowError:
        image = segno.make_qr(code, error="q", boost_error=False)
    out = io.BytesIO()
    image.save(out, kind="svg", border=4, xmldecl=False, omitsize=True)
    return out.getvalue().decode("ascii")
