"""Texts: plain, HTML, and mails that were attached to a mail."""

from __future__ import annotations

import codecs
import email
import email.policy
from email.header import decode_header, make_header
from email.message import Message

import lxml.html

from daemon.attachments import limits
from daemon.attachments.limits import Found

_BLOCKS = {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "table", "section", "article", "blockquote"}
_UNSEEN = {"script", "style", "head", "title", "template", "noscript"}


def decode(data: bytes, charset: str = "") -> str:
    """Bytes as text: by a byte order mark, UTF-8 where it is that, else the charset told, else GB18030 with marks."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(name, "replace")
    for name in ("utf-8", charset if charset.lower() in ("big5", "hz-gb-2312", "utf-16") else "gb18030"):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    return data.decode("gb18030", "replace")


def read_text(found: Found, media_type: str, name: str, data: bytes, charset: str = "") -> None:
    """A text part; of HTML the words that a reader would see."""
    text = decode(data[: limits.TEXT_CHARACTERS * 8], charset)
    if media_type == "text/html" or name.lower().endswith((".htm", ".html")):
        text = html_words(text)
    found.add_text(text)


def html_words(text: str) -> str:
    """The words of an HTML page, a line for each block."""
    if not text.strip():
        return ""
    parser = lxml.html.HTMLParser(
        recover=True, no_network=True, huge_tree=False, remove_comments=True, encoding="utf-8"
    )
    root = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    words: list[str] = []
    for event, element in lxml.etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if tag in _BLOCKS:
                words.append("\n")
            if tag and tag not in _UNSEEN and element.text:
                words.append(" ".join(element.text.split()) or " ")
        elif element.tail:
            words.append(" ".join(element.tail.split()) or " ")
    lines = ("".join(words)).split("\n")
    return "\n".join(line.strip() for line in lines if line.strip())


def read_mail(found: Found, data: bytes, depth: int) -> None:
    """A mail within the mail: subject, sender, its text, and its attachments while the depth allows."""
    from daemon.attachments.kinds import open_member  # the two call one another

    mail = email.message_from_bytes(data, policy=email.policy.compat32)
    found.add_text(f"{_header(mail, 'Subject')}\n{_header(mail, 'From')}\n{_header(mail, 'Date')}")
    plain = [part for part in mail.walk() if part.get_content_type() == "text/plain" and not part.get_filename()]
    pages = [part for part in mail.walk() if part.get_content_type() == "text/html" and not part.get_filename()]
    for part in plain or pages:
        read_text(found, part.get_content_type(), "", _payload(part), str(part.get_content_charset() or ""))
    if depth >= limits.DEPTH:
        return
    for part in mail.walk():
        name = part.get_filename()
        if name and not part.is_multipart() and len(found.members) < limits.MEMBERS:
            shown = _decoded(str(name))
            found.members.append(shown)
            open_member(found, shown, part.get_content_type(), _payload(part), depth + 1)


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _header(mail: Message, name: str) -> str:
    value = mail.get(name)
    return "" if value is None else f"{name}: {_decoded(str(value))}"


def _decoded(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except (ValueError, LookupError, UnicodeError):
        return value.encode("utf-8", "replace").decode("utf-8")
