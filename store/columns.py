"""What both engines take into a column: no NUL, no lone surrogates, no more characters than fit."""

from __future__ import annotations

import hashlib
import re

_REFUSED = re.compile("[\x00\ud800-\udfff]")

#: PostgreSQL's index takes some 2,700 bytes.
SIGN_BYTES = 900


def plain(text: str, length: int | None = None) -> str:
    """`text` as a column takes it, cut to `length` characters."""
    return _REFUSED.sub("\ufffd", text)[:length]


def sign(message_id: str) -> str:
    """A Message-ID (without <>) or token as it is kept and looked for; one beyond all measure is cut by its hash."""
    text = plain(message_id.strip().removeprefix("<").removesuffix(">"))
    raw = text.encode()
    if len(raw) <= SIGN_BYTES:
        return text
    return raw[: SIGN_BYTES - 100].decode(errors="ignore") + "~" + hashlib.sha256(raw).hexdigest()
