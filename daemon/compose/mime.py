"""The bytes of a mail: headers by hand, so that no long reference is ever encoded, bodies by the email package.

Subject and display names are RFC 2047 words of at most 75 characters, cut between characters; bodies are UTF-8 in
base64; attachment names are ASCII (RFC 2231 names arrive at QQ as `tcmime.bin`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256

from daemon.compose.plain import single_line
from daemon.procedure.workdays import SHANGHAI

TOKEN_HEADER = "X-Duban-Token"
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}")
_ID = re.compile(r"[!-;=?-~]+")
_POLICY = policy.SMTP.clone(max_line_length=998)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address with the name shown beside it."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """`name`: ASCII file name. `parameters`: further ones of Content-Type."""

    name: str
    content_type: str
    data: bytes
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Headers:
    """What stands above the body. Message-IDs without <>. `references`: oldest first; the last is answered."""

    sender: Mailbox
    to: tuple[Mailbox, ...]
    subject: str
    message_id: str
    token: str
    date: datetime
    cc: tuple[Mailbox, ...] = ()
    references: tuple[str, ...] = ()
    rehearsal: bool = False


def make_message(headers: Headers, text: str, html: str, attachments: Sequence[Attachment] = ()) -> bytes:
    """The mail as sent: multipart/alternative, within multipart/mixed where there are attachments.

    Equal input gives equal bytes. ValueError for an address, Message-ID or file name that is not plain ASCII.
    """
    body = EmailMessage(policy=_POLICY)
    body.set_content(text, cte="base64")
    body.add_alternative(html, subtype="html", cte="base64")
    for one in attachments:
        if not _FILE_NAME.fullmatch(one.name):
            raise ValueError(f"an attachment needs a plain ASCII name: {one.name!r}")
        maintype, subtype = one.content_type.split("/")
        body.add_attachment(
            one.data, maintype=maintype, subtype=subtype, filename=one.name, params=dict(one.parameters)
        )
    # Boundaries from the token, so that the same mail is the same bytes; base64 cannot hold a line that starts with it.
    for number, part in enumerate(part for part in body.walk() if part.is_multipart()):
        part.set_boundary(f"=_{headers.token[-40:]}_{number}")
    lines = _header_lines(headers)
    return "".join(f"{line}\r\n" for line in lines).encode("ascii") + body.as_bytes(policy=_POLICY)


def _header_lines(headers: Headers) -> list[str]:
    lines = [
        f"Date: {format_datetime(headers.date.astimezone(SHANGHAI))}",
        f"From: {_mailboxes('From', (headers.sender,))}",
        f"To: {_mailboxes('To', headers.to)}",
    ]
    if headers.cc:
        lines.append(f"Cc: {_mailboxes('Cc', headers.cc)}")
    lines.append(f"Subject: {_words('Subject', single_line(headers.subject))}")
    lines.append(f"Message-ID: {_message_id(headers.message_id)}")
    if headers.references:
        ids = [_message_id(one) for one in headers.references]
        lines.append(f"In-Reply-To: {ids[-1]}")
        lines.append("References: " + "\r\n ".join(ids))
    lines.append(f"{TOKEN_HEADER}: {_token(headers.token)}")
    lines.append("Auto-Submitted: auto-generated")
    if headers.rehearsal:
        lines.append("X-Duban-Rehearsal: yes")
    return lines


def _words(name: str, value: str) -> str:
    if value.isascii():
        return Header(value, "us-ascii", header_name=name, maxlinelen=76).encode(linesep="\r\n")
    return Header(value, "utf-8", header_name=name, maxlinelen=76).encode(linesep="\r\n")


def _mailboxes(field: str, boxes: Sequence[Mailbox]) -> str:
    if not boxes:
        raise ValueError(f"{field} needs an address")
    return ",\r\n ".join(_mailbox(field, box) for box in boxes)


def _mailbox(field: str, box: Mailbox) -> str:
    address = box.address
    if not _ID.fullmatch(address) or address.count("@") != 1 or any(char in address for char in '",;:()[]\\'):
        raise ValueError(f"not an address that can be sent to: {address!r}")
    name = single_line(box.name, 60)
    if not name:
        return address
    if name.isascii():
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{address}>'
    return f"{_words(field, name)} <{address}>"


def _message_id(value: str) -> str:
    if not _ID.fullmatch(value):
        raise ValueError(f"not a Message-ID: {value!r}")
    return f"<{value}>"


def _token(value: str) -> str:
    if not _ID.fullmatch(value):
        raise ValueError("a token is plain ASCII without blanks")
    return value


def notice_sha256(raw: bytes) -> str:
    """SHA-256 of the PDF that a mail of ours carries ('' without one), to know the notice when it comes back."""
    message = message_from_bytes(raw, policy=policy.default)
    for part in message.walk():
        if part.get_content_type() == "application/pdf":
            payload = part.get_payload(decode=True)
            return sha256(payload if isinstance(payload, bytes) else b"").hexdigest()
    return ""
