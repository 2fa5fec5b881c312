"""Mails that no person wrote: a holiday reply, a returned mail, and one whose bytes were spoilt on the way."""

from __future__ import annotations

import base64
from datetime import datetime
from hashlib import sha256

from daemon.demo.client_looks import Draft
from daemon.demo.clients import CRLF, stamp, word


def holiday_reply(draft: Draft) -> tuple[str, bytes]:
    """QQ's 假期自动回复: no automatic header, only the subject tells, and the text is HTML."""
    message_id = f"auto.{_seed(draft.address, draft.at)}@{draft.address.partition('@')[2]}"
    subject = f"自动回复:{draft.original.subject if draft.original else ''}"
    page = f"<div>{draft.words}</div>".encode("gb18030")
    lines = [
        f'From: "{word(draft.name, "gb18030", "gb18030")}" <{draft.address}>',
        f'To: "{word(draft.to_name, "gb18030", "gb18030")}" <{draft.to_address}>',
        f"Subject: {word(subject, 'gb18030', 'gb18030')}",
        f"Date: {stamp(draft.at)}",
        "MIME-Version: 1.0",
        "X-QQ-MIME: TCMime 1.0 by Tencent",
        "X-Mailer: QQMail 2.x",
        f"Message-ID: <{message_id}>",
        "Content-Type: text/html;",
        '\tcharset="gb18030"',
        "Content-Transfer-Encoding: base64",
        "",
        base64.encodebytes(page).decode().replace("\n", CRLF),
    ]
    return message_id, CRLF.join(lines).encode("ascii")


def returned_mail(to: str, dead: str, original: bytes, at: datetime, server: str) -> tuple[str, bytes]:
    """What Postfix sends back: multipart/report with the status and the headers of the mail that came to nothing."""
    message_id = f"{at:%Y%m%d%H%M%S}.{_seed(dead, at)[:10].upper()}@{server}"
    boundary = f"{_seed(dead, at)[:10].upper()}.{int(at.timestamp())}/{server}"
    headers = original.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
    why = "550 5.1.1 User unknown"
    parts = [
        "Content-Description: Notification\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
        f"This is the mail system at host {server}.\r\n\r\nI'm sorry to have to inform you that your message could not"
        "\r\nbe delivered to one or more recipients. It's attached below.\r\n\r\n"
        f"<{dead}>: host {server} said: {why}\r\n",
        "Content-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; {server}\r\nArrival-Date: {stamp(at)}\r\n\r\nFinal-Recipient: rfc822; {dead}\r\n"
        f"Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; {why}\r\n",
        f"Content-Description: Undelivered Message Headers\r\nContent-Type: text/rfc822-headers\r\n\r\n{headers}\r\n",
    ]
    lines = [
        f"From: MAILER-DAEMON@{server} (Mail Delivery System)",
        f"To: {to}",
        "Subject: Undelivered Mail Returned to Sender",
        f"Date: {stamp(at, ' (CST)')}",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        f"Message-ID: <{message_id}>",
        "Content-Type: multipart/report; report-type=delivery-status;",
        f'\tboundary="{boundary}"',
        "",
        "This is a MIME-encapsulated message.",
        "",
    ]
    body = "".join(f"--{boundary}{CRLF}{part}" for part in parts) + f"--{boundary}--{CRLF}"
    return message_id, (CRLF.join(lines) + CRLF + body).encode("ascii", "replace")


def spoilt(draft: Draft) -> tuple[str, bytes]:
    """A forwarding box cut the mail in two and rewrote its charset: nothing in it can be read any more."""
    message_id = f"{_seed(draft.words, draft.at)}@{draft.address.partition('@')[2]}"
    rubbish = bytes((byte * 37 + 129) % 256 for byte in range(1, 220)).replace(b"\r", b"?").replace(b"\n", b"?")
    head = (
        f"From: <{draft.address}>\r\nTo: <{draft.to_address}>\r\nDate: {stamp(draft.at)}\r\n"
        f"Message-ID: <{message_id}>\r\nMIME-Version: 1.0\r\n"
    ).encode("ascii")
    body = (
        b"Subject: =?x-unknown?B?/v3+/f79?=\r\n"
        b'Content-Type: multipart/mixed; boundary="----=_cut"\r\n\r\n'
        b"------=_cut\r\nContent-Type: text/plain; charset=x-spoilt\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    )
    return message_id, head + body + rubbish + b"\r\n------=_cut\r\nContent-Type: application/octet-str"


def _seed(text: str, at: datetime) -> str:
    return sha256(f"{text}|{at.isoformat()}".encode()).hexdigest()[:24]
