"""`mailto:` links for the four answers a unit gives, with the subject filled in (RFC 6068)."""

from __future__ import annotations

from urllib.parse import quote

from daemon.compose.context import Links
from daemon.compose.plain import single_line

#: The first word of the subject says which answer it is.
ANSWERS = {"acknowledge": "签收", "progress": "报告进展", "extension": "申请延期", "report": "报送办结报告"}


def links(mailbox: str, ref: str, title: str) -> Links:
    """The links to `mailbox` for one matter; everything percent-encoded, so no word can become another header."""
    subjects = {name: f"【{word}】{ref} {single_line(title, 60)}" for name, word in ANSWERS.items()}
    signed = f"{ref}通知单收悉，我单位已签收。"
    return Links(
        acknowledge=_link(mailbox, subjects["acknowledge"], signed),
        progress=_link(mailbox, subjects["progress"]),
        extension=_link(mailbox, subjects["extension"]),
        report=_link(mailbox, subjects["report"]),
    )


def _link(mailbox: str, subject: str, body: str = "") -> str:
    address = f"mailto:{quote(mailbox, safe='@')}?subject={quote(subject, safe='')}"
    return f"{address}&body={quote(body, safe='')}" if body else address
