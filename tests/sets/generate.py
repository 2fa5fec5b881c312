"""A set of cases as mails, byte for byte the same each time, and what each of them means."""

from __future__ import annotations

import base64
import hashlib
import html
import quopri
import re
import tomllib
import urllib.parse
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.sets import attached
from tests.sets.clients import HABITS, Habit, Quoted, html_of, html_quote, text_of, text_quote
from tests.sets.robots import ROBOTS
from tests.sets.world import World

Case = dict[str, Any]
CODECS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "unknown-8bit": "gb18030",
    "windows-936": "gb18030",
    "hz-gb-2312": "hz",
}


def codec(charset: str) -> str:
    return CODECS.get(charset.lower(), charset)


def mark(case: Case, length: int = 24) -> str:
    return hashlib.sha256(case["name"].encode()).hexdigest()[:length].upper()


def word(text: str, charset: str, traps: list[str]) -> bytes:
    """A header's words: RFC 2047 in the client's way, or raw bytes, or cut inside a character."""
    if "raw_gb" in traps:
        return text.encode("gb18030")
    if "raw_utf8" in traps:
        return text.encode()
    if text.isascii():
        return text.encode()
    raw = text.encode(codec(charset))
    if "q_words" in traps:
        return b"=?%s?Q?%s?=" % (charset.encode(), b"".join(b"=%02X" % b for b in raw))
    if "split_words" in traps:  # 13 bytes: inside a character in every charset used here
        pieces = [raw[i : i + 13] for i in range(0, len(raw), 13)]
    elif "folded" in traps:  # one word, its base64 folded in the middle
        whole = b"=?%s?B?%s?=" % (charset.encode(), base64.b64encode(raw))
        return b"\n ".join(whole[i : i + 70] for i in range(0, len(whole), 70))
    else:
        letters, pieces = list(text), []
        while letters:
            pieces.append("".join(letters[:14]).encode(codec(charset)))
            letters = letters[14:]
    return b"\n ".join(b"=?%s?B?%s?=" % (charset.encode(), base64.b64encode(p)) for p in pieces)


def encoded(text: str, charset: str, encoding: str, traps: list[str]) -> bytes:
    raw = text.encode(codec(charset), "xmlcharrefreplace")
    if encoding == "base64":
        out = base64.encodebytes(raw)
        if "bad_b64" in traps:  # a gateway's line in the middle, the padding lost
            half = len(out) // 2
            out = out[:half] + b"\n!*" + out[half:].rstrip(b"=\n") + b"\n"
        return out
    if encoding == "quoted-printable":
        return quopri.encodestring(raw) + b"\n"
    return raw + b"\n"


def part(kind: str, text: str, charset: str, encoding: str, traps: list[str]) -> bytes:
    label = next((t.partition(":")[2] for t in traps if t.startswith("label:")), charset)
    shown = b"" if "no_charset" in traps else b'; charset="%s"' % label.encode()
    head = b"Content-Type: text/%s%s\nContent-Transfer-Encoding: %s\n\n" % (kind.encode(), shown, encoding.encode())
    return head + encoded(text, charset, encoding, traps)


def interleaved(case: Case, quote: Quoted) -> tuple[list[str], str]:
    """Each answer under a line of ours, as clients with `>` marks do it."""
    answers = list(case["body"].split("\n"))
    lines, page = (
        [f"在 {quote.at:%Y-%m-%d %H:%M}，{quote.who} 写道："],
        f"<div>在 {quote.at:%Y-%m-%d %H:%M}，{quote.who} 写道：</div>",
    )
    for number, line in enumerate(quote.lines):
        lines.append("> " + line)
        page += f"<blockquote>{html.escape(line)}</blockquote>"
        if 0 < number <= len(answers):
            lines += [answers[number - 1], ""]
            page += f"<div>{html.escape(answers[number - 1])}</div>"
    return lines, page


def cloud(name: str) -> tuple[list[str], str]:
    """A file kept at the provider: lines in the text, a block in the HTML."""
    url = "https://wx.mail.qq.com/ftn/download?func=3&key=5e2b&code=9d1a"
    until = "2026年12月10日 18:00"
    lines = ["", "从腾讯企业邮发来的超大附件", "", f"{name} (186.3M, {until} 到期)进入下载页面：{url}"]
    page = (
        '<div class="attachinfo" style="padding:5px"><div id="QQMAIL_BIGATTACH">从腾讯企业邮发来的超大附件</div>'
        f'<div><a href="{html.escape(url)}">{name}</a> (186.3M, {until} 到期)'
        f'<a href="{html.escape(url)}">进入下载页面</a></div></div>'
    )
    return lines, page


def texts(world: World, case: Case, habit: Habit) -> bytes:
    """The text of the mail: one part, or a text and an HTML that say the same (unless the case says otherwise)."""
    traps = case.get("traps", [])
    who = world.sender(case["from"])
    quote = world.quoted(case["thread"], who) if case.get("thread") and case.get("quote", "top") != "none" else None
    if quote and "below" in case:  # a colleague's words between ours and theirs
        inner = ("", *text_quote("coremail", quote))
        quote = replace(quote, who="同事", address=f"keshi@{world.domain}", lines=(case["below"], *inner))
    body, sign = case["body"].split("\n"), case.get("sign", "").split("\n") if case.get("sign") else []
    body += ["", *case["closing"].split("\n")] if case.get("closing") else []
    charset = case.get("charset", habit.charset)
    encoding = case.get("encoding", habit.encoding)
    bottom = case.get("quote") == "bottom"
    below = cloud(case["link"]) if "link" in case else ([], "")
    if case.get("quote") == "interleaved" and quote:
        lines, page = interleaved(case, quote)
        text = "\n".join(lines)
    else:
        text = text_of(case["client"], body + below[0], sign, quote, bottom)
        shown = case.get("html_body", "").split("\n") if "html_body" in case else body
        page = html_of(case["client"], shown, sign, quote, bottom)
    if "hidden" in case:
        styles = ("display:none", "font-size:0", "color:#ffffff;background:#ffffff")
        style = styles[len(case["hidden"]) % 3]
        hidden = f'<div style="{style}">{html.escape(case["hidden"])}</div>'
        page = page.replace("</body>", hidden + "</body>") if "</body>" in page else page + hidden
    if quote and below[1]:
        old = html_quote(case["client"], quote)
        page = page.replace(old, below[1] + old, 1)
    if "text_only" in traps or not habit.html:
        return part("plain", text, charset, encoding, traps)
    if "html_only" in traps:
        return part("html", page, charset, encoding, traps)
    return multipart(
        "alternative",
        [part("plain", text, charset, encoding, traps), part("html", page, charset, encoding, traps)],
        case,
    )


def multipart(kind: str, parts: list[bytes], case: Case) -> bytes:
    boundary = f"----=_Part_{kind}_{mark(case, 12)}".encode()
    inside = b"".join(b"--%s\n%s\n" % (boundary, each) for each in parts)
    return b'Content-Type: multipart/%s;\n boundary="%s"\n\n%s--%s--\n' % (kind.encode(), boundary, inside, boundary)


def named(name: str, how: str) -> tuple[bytes, bytes]:
    """A file name in Content-Type and in Content-Disposition, in one of the ways met in the field."""
    b64 = b"=?utf-8?B?%s?=" % base64.b64encode(name.encode())
    gb = b"=?gb18030?B?%s?=" % base64.b64encode(name.encode("gb18030"))
    quoted = urllib.parse.quote(name.encode())
    if how == "2231gb":
        return b"", b"; filename*=gb18030''" + urllib.parse.quote(name.encode("gb18030")).encode()
    if how == "cont":
        pieces = [quoted[i : i + 36] for i in range(0, len(quoted), 36)]
        rows = [f"filename*{i}*={p}" for i, p in enumerate(pieces)]
        rows[0] = f"filename*0*=UTF-8''{pieces[0]}"
        return b"", b"".join(b";\n " + r.encode() for r in rows)
    if how == "raw":
        return b'; name="' + name.encode("gb18030") + b'"', b'; filename="' + name.encode("gb18030") + b'"'
    if how == "rawutf8":
        return b"", b'; filename="' + name.encode() + b'"'
    if how == "name":
        return b'; name="' + gb + b'"', b""
    if how == "percent":
        return b"", b'; filename="' + quoted.encode() + b'"'
    if how == "entity":
        return b"", b'; filename="' + "".join(c if c.isascii() else f"&#{ord(c)};" for c in name).encode() + b'"'
    if how.startswith("both:"):
        return b"", b'; filename="' + how[5:].encode() + b"\";\n filename*=UTF-8''" + quoted.encode()
    if how == "qword":
        return b"", b'; filename="=?utf-8?Q?' + b"".join(b"=%02X" % c for c in name.encode()) + b'?="'
    if how == "gb":
        return b'; name="' + gb + b'"', b'; filename="' + gb + b'"'
    if how == "rtl":
        turned = base64.b64encode(("\u202e" + name).encode())
        return b"", b'; filename="=?utf-8?B?' + turned + b'?="'
    return b'; name="' + b64 + b'"', b'; filename="' + b64 + b'"'


def attachment(world: World, each: Case, case: Case) -> bytes:
    kind, argument, name = each["is"], each.get("of", ""), each["name"]
    content_type, disposition = named(name, each.get("how", ""))
    if kind == "eml":
        inside = b"From: a@%s\nSubject: %s\nContent-Type: text/plain; charset=utf-8\n\n%s\n" % (
            world.domain.encode(),
            word(name.removesuffix(".eml"), "utf-8", []),
            argument.encode(),
        )
        return b"Content-Type: message/rfc822%s\nContent-Disposition: attachment%s\n\n%s" % (
            content_type,
            disposition,
            inside,
        )
    if kind == "notice":
        data, media = world.notice(argument), "application/pdf"
    elif kind == "form":
        number, _, report = argument.partition("=")
        data, media = attached.pdf(world.notice_text(number, report, "已签收")), "application/pdf"
    elif kind == "signed":
        data, media = attached.pdf(world.notice_text(argument, "", "主要负责人签名 2026年")), "application/pdf"
    else:
        data, media = attached.made(kind, argument)
    where = b"inline" if "cid" in each else b"attachment"
    ident = b"Content-ID: <%s>\n" % each["cid"].encode() if "cid" in each else b""
    media = each.get("media", media)
    head = b"Content-Type: %s%s\nContent-Transfer-Encoding: base64\n%sContent-Disposition: %s%s\n\n"
    return head % (media.encode(), content_type, ident, where, disposition) + base64.encodebytes(data)


def results(world: World, case: Case, address: str) -> list[str]:
    """Authentication-Results, topmost first."""
    domain = address.rpartition("@")[2]
    good = (
        f"{world.gate}; spf=pass smtp.mailfrom={address}; dkim=pass header.d={domain}; dmarc=pass header.from={domain}"
    )
    return {
        "pass": [good],
        "none": [],
        "empty": [f"{world.gate}; spf=none smtp.helo=out.example; dkim=none"],
        "fail": [
            f"{world.gate}; spf=fail smtp.mailfrom={address}; dkim=none; dmarc=fail (p=none) header.from={domain}"
        ],
        "spf_fail": [f"{world.gate}; spf=fail smtp.mailfrom={address}; dkim=none"],
        "softfail": [f"{world.gate}; spf=softfail smtp.mailfrom={address}; dkim=fail header.d={domain}"],
        "foreign": [f"mx.elsewhere.example; spf=pass smtp.mailfrom={address}; dmarc=pass header.from={domain}"],
        "forged_below": [
            f"{world.gate}; spf=none smtp.helo=out.example; dmarc=fail (p=reject) header.from={domain}",
            f"{world.gate}; spf=pass smtp.mailfrom={address}; dmarc=pass header.from={domain}",
        ],
        "unaligned": [f"{world.gate}; dkim=none; spf=pass smtp.mailfrom=bounce@bulk.example"],
        "dkim_only": [f"{world.gate}; spf=fail smtp.mailfrom=x@list.example; dkim=pass header.d={domain}"],
    }[case.get("auth", "pass")]


def envelope(world: World, case: Case, address: str) -> list[bytes]:
    moment = datetime.fromisoformat(case.get("arrived", case["at"])).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    stamp = format_datetime(moment)
    lines = [
        f"Return-Path: <{'' if 'robot' in case else address}>",
        f"Delivered-To: {world.mailbox}",
        f"Received: from {world.gate} (localhost [127.0.0.1])\n\t"
        f"by store.{world.domain} with LMTP id {mark(case, 10)}\n\tfor <{world.mailbox}>; {stamp}",
        *(f"Authentication-Results: {each}" for each in results(world, case, address)),
        f"Received: from out.example (out.example [203.0.113.9])\n\t"
        f"by {world.gate} (Postfix) with ESMTPS id {mark(case, 9)}; {stamp}",
    ]
    return [line.encode() for line in lines]


def date_header(case: Case) -> str | None:
    traps = case.get("traps", [])
    moment = datetime.fromisoformat(case["at"]).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    if "no_date" in traps:
        return None
    if "zh_date" in traps:
        return f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M:%S}"
    if "cst" in traps:
        return f"{moment:%a, %d %b %Y %H:%M:%S} CST"
    if "wrong_date" in traps:
        return "Thu, 01 Jan 2015 08:00:00 +0800"
    return format_datetime(moment)


def headers(world: World, case: Case, habit: Habit) -> list[bytes]:
    traps = case.get("traps", [])
    charset = case.get("charset", habit.charset)
    who = world.sender(case["from"])
    shown = case.get("shown", who.name)
    number = int(mark(case, 6), 16)
    out = [b"From: " + word(shown, charset, traps) + b" <%s>" % who.address.encode()]
    if "second_from" in case:
        out.append(b"From: " + case["second_from"].encode())
    out.append(b"To: " + word("督察科", charset, traps) + b" <%s>" % world.mailbox.encode())
    thread = case.get("thread", "").partition("/")[0]
    subject = case.get("subject", habit.prefix + world.subject(thread) if thread else "")
    out.append(b"Subject: " + word(subject, charset, traps))
    if date := date_header(case):
        out.append(b"Date: " + date.encode())
    out.append(b"Message-ID: " + habit.message_id.format(h=mark(case, 20), n=number, d=world.domain).encode())
    if case.get("thread") and "no_thread" not in traps:
        mid = world.message_id(case["thread"]).encode()
        if habit.charset != "gb2312":  # Foxmail and Outlook of these years keep References alone
            out.append(b"In-Reply-To: " + mid)
        more = b" ".join(world.message_id(t).encode() for t in case.get("also_thread", []))
        out.append(b"References: " + (mid + b" " + more).strip())
    out += [line.format(h=mark(case), n=number).encode() for line in habit.headers]
    return [*out, b"MIME-Version: 1.0"]


def mail(world: World, case: Case) -> bytes:
    """The bytes of one case."""
    if "robot" in case:
        heads, body = ROBOTS[case["robot"]](
            world, {**case, "traps": " ".join(case.get("traps", []))}, world.message_id(case["thread"])
        )
        address = re.search(r"[\w.]+@[\w.]+", heads[0])
        assert address
        date = format_datetime(datetime.fromisoformat(case["at"]).replace(tzinfo=ZoneInfo("Asia/Shanghai")))
        top = [
            *envelope(world, case, address[0]),
            *(h.encode() for h in heads),
            f"To: {world.mailbox}".encode(),
            f"Date: {date}".encode(),
        ]
        return (
            b"\n".join([*top, b"Message-ID: <%s@robot.example>" % mark(case).encode(), b"MIME-Version: 1.0", b"", b""])
            + body.encode()
        )
    habit = HABITS[case["client"]]
    content = texts(world, case, habit)
    if files := case.get("attach", []):
        content = multipart("mixed", [content, *(attachment(world, f, case) for f in files if f["is"] != "link")], case)
    who = world.sender(case["from"])
    raw = b"\n".join([*envelope(world, case, who.address), *headers(world, case, habit), content])
    return raw.replace(b"\n", b"\r\n") if "crlf" in case.get("traps", []) else raw


def expected(world: World, case: Case) -> dict[str, Any]:
    """The meaning of a case with all defaults of the rules filled in."""
    want = dict(case["want"])
    kinds = {"auto_reply", "bounce", "read_receipt", "irrelevant"}
    said = want.get("readings") or [
        {"ref": want.get("ref"), "kind": want["kind"], "new_deadline": want.get("new_deadline")}
    ]
    said = [{"new_deadline": None, **r} for r in said]
    robot = said[0]["kind"] in {"auto_reply", "bounce", "read_receipt"} or "robot" in case
    unit = None if robot else world.sender(case["from"]).unit
    trusted = want.get("trusted", not robot and all(r["ref"] for r in said))
    decision = "ignore" if all(r["kind"] in kinds for r in said) else "queue"
    plain = all(
        r["kind"] in {"receipt", "progress", "closure"} or (r["kind"] == "extension" and r["new_deadline"])
        for r in said
    )
    if trusted and plain:
        decision = "register"
    bodiless = said[0]["kind"] in {"bounce", "read_receipt"}
    return {
        "file": case["name"] + ".eml",
        "readings": said,
        "unit": want.get("unit", unit) or None,
        "trusted": trusted,
        "attachments": [{"name": f["name"], "role": f["role"]} for f in case.get("attach", []) if f.get("role") != "-"],
        "body": want.get(
            "body", "" if bodiless or case.get("robot") == "delayed" else case.get("html_body", case.get("body", ""))
        ),
        "decision": want.get("decision", decision),
    }


class Made:
    """A set: a folder with `world/` and `cases/`."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self.folder = folder
        self.world = World(folder / "world")

    def cases(self) -> Iterator[Case]:
        """Every case of the table, in the order of the files."""
        for path in sorted((self.folder / "cases").glob("*.toml")):
            yield from tomllib.loads(path.read_text(encoding="utf-8"))["mail"]

    def mails(self) -> Iterator[tuple[str, bytes]]:
        """Each mail's file name and bytes."""
        for case in self.cases():
            yield case["name"] + ".eml", mail(self.world, case)

    def expected(self) -> list[dict[str, Any]]:
        """The meaning of each mail, in the fields of the samples' README."""
        return [expected(self.world, case) for case in self.cases()]


def all_sets() -> list[Made]:
    """Every folder here that has cases."""
    return [Made(path.parent) for path in sorted(Path(__file__).parent.glob("*/cases"))]
