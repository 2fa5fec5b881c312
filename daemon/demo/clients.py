"""The bytes that QQ, 163, Coremail, Outlook and iPhone would send: their headers, charsets, quotes and attachments.

Written by hand and not by a mail library, because the program must read what those programs write, not what ours would.
"""

from __future__ import annotations

import base64
import quopri
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from daemon.demo import client_looks
from daemon.demo.client_looks import Draft, File
from daemon.procedure.workdays import SHANGHAI

CRLF = "\r\n"
ENGLISH_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Style:
    """How one program writes: charset as it names it, codec, transfer encoding, and its own lines."""

    charset: str
    codec: str
    quoted_printable: bool
    message_id: Callable[[str, Draft], str]
    headers: Callable[[str, Draft], list[str]]
    text: Callable[[Draft], str]
    html: Callable[[Draft], str]
    boundary: Callable[[str], str]
    reply: str = "回复："


def write(client: str, draft: Draft) -> tuple[str, bytes]:
    """The mail as `client` sends it: its Message-ID without <>, and the bytes. `client`: a key of STYLES."""
    style = STYLES[client]
    seed = sha256(f"{client}|{draft.address}|{draft.at.isoformat()}|{draft.words}".encode()).hexdigest()
    message_id = style.message_id(seed, draft)
    top = _top(style, seed, draft, message_id)
    kind, body = _alternative(style, seed, draft)
    if draft.files:
        kind, body = _mixed(style, seed, kind, body, draft.files)
    return message_id, (CRLF.join([*top, kind, "", ""]) + body).encode("ascii")


def word(text: str, charset: str, codec: str) -> str:
    """RFC 2047 words of at most 45 bytes each, folded, split between characters."""
    words, chunk = [], ""
    for letter in text:
        if chunk and len((chunk + letter).encode(codec)) > 39:
            words.append(chunk)
            chunk = ""
        chunk += letter
    words.append(chunk)
    return f"{CRLF} ".join(f"=?{charset}?B?{base64.b64encode(w.encode(codec)).decode()}?=" for w in words)


def stamp(at: datetime, suffix: str = "") -> str:
    """The Date header of `at` in Shanghai."""
    local = at.astimezone(SHANGHAI)
    day = f"{ENGLISH_DAYS[local.weekday()]}, {local.day} {MONTHS[local.month - 1]} {local.year}"
    return f"{day} {local:%H:%M:%S} +0800{suffix}"


def _top(style: Style, seed: str, draft: Draft, message_id: str) -> list[str]:
    lines = style.headers(seed, draft)
    lines.append(f'From: "{word(draft.name, style.charset, style.codec)}" <{draft.address}>')
    lines.append(f'To: "{word(draft.to_name, style.charset, style.codec)}" <{draft.to_address}>')
    lines.append(f"Subject: {word(draft.subject, style.charset, style.codec)}")
    if draft.original:
        chain = (*draft.original.references, draft.original.message_id)
        lines.append(f"In-Reply-To: <{draft.original.message_id}>")
        lines.append("References: " + f"{CRLF} ".join(f"<{one}>" for one in chain))
    if draft.bulk:
        lines += [f"List-Unsubscribe: <mailto:leave@{draft.address.partition('@')[2]}>", "Precedence: bulk"]
    return [*lines, f"Message-ID: <{message_id}>", "MIME-Version: 1.0"]


def _alternative(style: Style, seed: str, draft: Draft) -> tuple[str, str]:
    boundary = style.boundary(seed)
    parts = [_text_part(style, "plain", style.text(draft)), _text_part(style, "html", style.html(draft))]
    body = "".join(f"--{boundary}{CRLF}{part}{CRLF}" for part in parts) + f"--{boundary}--{CRLF}"
    return f'Content-Type: multipart/alternative;{CRLF}\tboundary="{boundary}"', body


def _text_part(style: Style, kind: str, text: str) -> str:
    raw = text.replace("\n", CRLF).encode(style.codec, "replace")
    if style.quoted_printable:
        how, body = "quoted-printable", quopri.encodestring(raw.replace(b"\r\n", b"\n")).decode("ascii")
        body = body.replace("\n", CRLF)
    else:
        how, body = "base64", _base64(raw)
    charset = f'Content-Type: text/{kind};{CRLF}\tcharset="{style.charset}"'
    return f"{charset}{CRLF}Content-Transfer-Encoding: {how}{CRLF * 2}{body}"


def _mixed(style: Style, seed: str, kind: str, body: str, files: tuple[File, ...]) -> tuple[str, str]:
    boundary = style.boundary(seed[::-1])
    parts = [f"{kind}{CRLF * 2}{body}", *(_file_part(style, one) for one in files)]
    joined = "".join(f"--{boundary}{CRLF}{part}{CRLF}" for part in parts)
    return f'Content-Type: multipart/mixed;{CRLF}\tboundary="{boundary}"', joined + f"--{boundary}--{CRLF}"


def _file_part(style: Style, file: File) -> str:
    if style.charset == "utf-8":  # RFC 2231, as the iPhone does
        named = "".join(f"%{byte:02X}" for byte in file.name.encode())
        name, filename = f'name="{word(file.name, "utf-8", "utf-8")}"', f"filename*=utf-8''{named}"
    else:  # an encoded word inside the quotes, against RFC 2047, as nearly everybody here does
        encoded = word(file.name, style.charset, style.codec)
        name, filename = f'name="{encoded}"', f'filename="{encoded}"'
    return CRLF.join(
        [
            f"Content-Type: {file.media_type};",
            f"\t{name}",
            "Content-Transfer-Encoding: base64",
            "Content-Disposition: attachment;",
            f"\t{filename}",
            "",
            _base64(file.data),
        ]
    )


def _base64(data: bytes) -> str:
    flat = base64.b64encode(data).decode("ascii")
    return "".join(flat[i : i + 76] + CRLF for i in range(0, len(flat), 76))


STYLES = {
    "qq": Style(
        charset="gb18030",
        codec="gb18030",
        quoted_printable=False,
        message_id=lambda seed, draft: f"tencent_{seed[:40].upper()}@qq.com",
        headers=lambda seed, draft: [
            f"X-QQ-mid: webmail484t{int(draft.at.timestamp())}t{int(seed[:6], 16)}",
            f"X-HAS-ATTACH: {'yes' if draft.files else 'no'}",
            "X-QQ-BUSINESS-ORIGIN: 2",
            "X-QQ-STYLE: ",
            f"Date: {stamp(draft.at)}",
            "X-Priority: 3",
            "X-QQ-MIME: TCMime 1.0 by Tencent",
            "X-Mailer: QQMail 2.x",
            "X-QQ-Mailer: QQMail 2.x",
        ],
        text=client_looks.qq_text,
        html=client_looks.qq_html,
        boundary=lambda seed: f"----=_NextPart_{seed[:8].upper()}_{seed[8:16].upper()}_{seed[16:24].upper()}",
    ),
    "163": Style(
        charset="GBK",
        codec="gbk",
        quoted_printable=False,
        message_id=lambda seed, draft: f"{seed[:8]}.0cda.{seed[8:19]}.Coremail.{draft.address.split('@')[0]}@163.com",
        headers=lambda seed, draft: [
            f"Date: {stamp(draft.at, ' (CST)')}",
            "X-Priority: 3",
            "X-Mailer: Coremail Webmail Server Version 2024.2-cmXT6 build",
            " 20241203(6b039d88) Copyright (c) 2002-2026 www.mailtech.cn 163com",
            f"X-NTES-SC: AL_{seed[:32]}",
            "X-Coremail-Locale: zh_CN",
        ],
        text=client_looks.netease_text,
        html=client_looks.netease_html,
        boundary=lambda seed: f"----=_Part_{int(seed[:5], 16)}_{int(seed[5:12], 16)}.{int(seed[12:22], 16)}",
        reply="Re:",
    ),
    "coremail": Style(
        charset="UTF-8",
        codec="utf-8",
        quoted_printable=False,
        message_id=lambda seed, draft: f"{seed[:7]}.1b25.{seed[7:18]}.Coremail.{draft.address}",
        headers=lambda seed, draft: [
            f"Date: {stamp(draft.at, ' (GMT+08:00)')}",
            "X-CM-HeaderCharset: UTF-8",
            "X-Priority: 3",
            "X-Mailer: Coremail Webmail Server Version XT6.0.5 build 20240911(e6cfd8ab)",
            f" Copyright (c) 2002-2026 www.mailtech.cn {draft.address.partition('@')[2]}",
            "X-Coremail-Locale: zh_CN",
            f"X-CM-SenderInfo: {seed[:16]}/",
        ],
        text=client_looks.coremail_text,
        html=client_looks.coremail_html,
        boundary=lambda seed: f"----=_Part_{int(seed[:5], 16)}_{int(seed[5:12], 16)}.{int(seed[12:22], 16)}",
        reply="Re: ",
    ),
    "outlook": Style(
        charset="gb2312",
        codec="gb18030",  # what Outlook calls gb2312
        quoted_printable=True,
        message_id=lambda seed, draft: (
            f"{seed[:8].upper()}${seed[8:16]}${seed[16:24]}$@{draft.address.partition('@')[2]}"
        ),
        headers=lambda seed, draft: [
            f"Date: {stamp(draft.at)}",
            "X-Mailer: Microsoft Outlook 16.0",
            f"Thread-Index: AQAd{seed[:24]}Q==",
            "Content-Language: zh-cn",
        ],
        text=client_looks.outlook_text,
        html=client_looks.outlook_html,
        boundary=lambda seed: f"----=_NextPart_000_{seed[:4].upper()}_{seed[4:12].upper()}.{seed[12:20].upper()}",
        reply="答复: ",
    ),
    "iphone": Style(
        charset="utf-8",
        codec="utf-8",
        quoted_printable=True,
        message_id=lambda seed, draft: (
            "-".join((seed[:8], seed[8:12], seed[12:16], seed[16:20], seed[20:32])).upper()
            + f"@{draft.address.partition('@')[2]}"
        ),
        headers=lambda seed, draft: [f"Date: {stamp(draft.at)}", "X-Mailer: iPhone Mail (23B82)"],
        text=client_looks.iphone_text,
        html=client_looks.iphone_html,
        boundary=lambda seed: f"Apple-Mail-{seed[:8].upper()}-{seed[8:12].upper()}-{seed[12:24].upper()}",
    ),
}
