"""Bytes of a mail in, a Letter out: never an exception, every part accounted for, repairs noted."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Literal

from daemon.reading.charsets import guess, to_text
from daemon.reading.headers import CONTROL, addresses, mail_date, message_ids, one_line
from daemon.reading.mime import Head, Leaf, read_head, split_head, take_apart
from daemon.reading.shapes import Letter, Part

_REPORT_TYPES = (
    "message/delivery-status",
    "message/global-delivery-status",
    "message/disposition-notification",
    "message/global-disposition-notification",
    "message/feedback-report",
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
    "message/rfc822",
    "message/global",
)
_OWN_FIELDS = frozenset(
    [
        "from",
        "sender",
        "reply-to",
        "to",
        "cc",
        "subject",
        "date",
        "in-reply-to",
        "references",
        "authentication-results",
        "message-id",
        "received",
    ]
)
_PATH = re.compile(r"^.*[/\\](?=[^/\\]+$)", re.S)
_NAME_LIMIT = 180
_BODY_LIMIT = 4_000_000  # bytes of all body parts together; what is longer is in the kept mail, and read by nobody


@dataclass(frozen=True, slots=True)
class Peek:
    """The little that keeping a mail needs of it."""

    message_id: str
    from_address: str
    subject: str


def peek(raw: bytes) -> Peek:
    """Message-ID, first From address and subject, without looking at the body. Never raises."""
    block, _ = split_head(raw[:262_144].lstrip(b"\r\n"))
    head = read_head(block, [])
    found = [address for value in head.all("from") for _, address in addresses(value)]
    return Peek(
        next(iter(message_ids(head.all("message-id")[:1])), ""),
        found[0] if found else "",
        one_line(head.first("subject")),
    )


def clean_name(name: str) -> str:
    """A file name as a person would read it: no path, control character or direction override, at most 180 long."""
    shown = re.sub(r"\s+", " ", CONTROL.sub("", name)).strip()
    shown = _PATH.sub("", shown).strip()
    if len(shown) > _NAME_LIMIT:
        stem, dot, ending = shown.rpartition(".")
        short = dot and len(ending) <= 10
        shown = f"{stem[: _NAME_LIMIT - 12]}….{ending}" if short else shown[:_NAME_LIMIT]
    return "" if shown in (".", "..") else shown


def decode(raw: bytes, arrived_at: datetime) -> Letter:
    """A mail as it came in, decoded. `arrived_at`: the server's INTERNALDATE, aware."""
    tree = take_apart(raw)
    head, notes = tree.head, tree.notes
    senders = [(name, address) for value in head.all("from") for name, address in addresses(value)]
    is_report = tree.content_type == "multipart/report"
    body = _Body()
    parts: list[Part] = []
    reports: list[Part] = []
    for leaf in tree.leaves:
        if is_report and _is_report_part(leaf):
            reports.append(_part(leaf, len(reports), notes))
        elif _is_body(leaf):
            body.add(leaf, notes)
        else:
            parts.append(_part(leaf, len(parts), notes))
    text, html = body.both()
    return Letter(
        message_id=next(iter(message_ids(head.all("message-id")[:1])), ""),
        from_addresses=tuple(dict.fromkeys(address for _, address in senders)),
        from_display=senders[0][0] if senders else one_line(head.first("from")),
        from_headers=len(head.all("from")),
        sender=next((a for value in head.all("sender") for _, a in addresses(value)), ""),
        reply_to=_list(head, "reply-to"),
        to=_list(head, "to"),
        cc=_list(head, "cc"),
        subject=one_line(head.first("subject")),
        date=mail_date(one_line(head.first("date"))),
        arrived_at=arrived_at,
        in_reply_to=message_ids(head.all("in-reply-to")),
        references=message_ids(head.all("references")),
        authentication=tuple(one_line(value) for value in head.all("authentication-results")[:50]),
        headers=tuple((k, one_line(v)) for k, v in head.fields[:500] if k not in _OWN_FIELDS),
        text=text,
        html=html,
        content_type=tree.content_type,
        report_type=tree.params.get("report-type", "").lower() if is_report else "",
        parts=tuple(parts),
        report_parts=tuple(reports),
        notes=tuple(dict.fromkeys(notes)),
    )


def _list(head: Head, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address for value in head.all(name) for _, address in addresses(value)))


def _is_report_part(leaf: Leaf) -> bool:
    return leaf.media_type in _REPORT_TYPES


def _is_body(leaf: Leaf) -> bool:
    """Text that a reader sees as the mail's own: no attachment, no file name."""
    if leaf.media_type not in ("text/plain", "text/html", "text/enriched"):
        return False
    if leaf.disposition == "attachment" or leaf.disposition_params.get("filename"):
        return False
    return not leaf.params.get("name") or leaf.media_type == "text/html"


class _Body:
    """Collects the text of the body parts: alternatives side by side, the others one below the other."""

    def __init__(self) -> None:
        self.left = _BODY_LIMIT
        self.blocks: list[dict[str, str]] = []
        self.of_alternative: dict[int, dict[str, str]] = {}

    def add(self, leaf: Leaf, notes: list[str]) -> None:
        data = leaf.body
        if len(data) > self.left:
            data = data[: data.rfind(b"\n", 0, self.left) + 1] or data[: self.left]
            notes.append("text_too_long")
        self.left -= len(data)
        text, note = to_text(data, leaf.params.get("charset", ""))
        if note:
            notes.append(note)
        text = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
        kind = "html" if leaf.media_type == "text/html" else "text"
        if kind == "text" and leaf.params.get("format", "").lower() == "flowed":
            text = _flowed(text, leaf.params.get("delsp", "").lower() == "yes")
        around = next((n for subtype, n in reversed(leaf.inside) if subtype == "alternative"), None)
        if around is None:
            self.blocks.append({kind: text})
            return
        block = self.of_alternative.get(around)
        if block is None:
            block = self.of_alternative[around] = {}
            self.blocks.append(block)
        block[kind] = f"{block[kind]}\n{text}" if block.get(kind) else text

    def both(self) -> tuple[str, str]:
        text = "\n".join(block["text"] for block in self.blocks if block.get("text"))
        if not any("html" in block for block in self.blocks):
            return text, ""
        shown = [
            block["html"] if block.get("html") else f"<div>{escape(block['text'])}</div>".replace("\n", "<br>")
            for block in self.blocks
            if block.get("html") or block.get("text", "").strip()
        ]
        return text, "\n".join(shown)


def _flowed(text: str, delete_space: bool) -> str:
    """RFC 3676: lines that end with a blank go on in the next, except before a signature line."""
    out: list[str] = []
    open_line = False
    for line in text.split("\n"):
        bare = line[1:] if line.startswith(" ") else line
        if out and not (open_line and not bare.startswith(">") and bare != "-- "):
            out.append("\n")
        open_line = bare.endswith(" ") and bare != "-- " and not bare.startswith(">")
        out.append(bare[:-1] if open_line and delete_space else bare)
    return "".join(out)


def _part(leaf: Leaf, index: int, notes: list[str]) -> Part:
    name = clean_name(leaf.disposition_params.get("filename", "") or leaf.params.get("name", ""))
    other = next((clean_name(lost) for lost in leaf.lost.values()), "")
    if not other and leaf.disposition_params.get("filename") and leaf.params.get("name"):
        other = clean_name(leaf.params["name"])
    if leaf.media_type in ("message/rfc822", "message/global") and not name:
        subject = peek(leaf.body).subject
        name = clean_name(f"{subject.replace('/', '／')}.eml") if subject else ""
    if other and other != name:
        notes.append("names_disagree")
    disposition: Literal["attachment", "inline", ""] = ""
    if leaf.disposition == "inline":
        disposition = "inline"
    elif leaf.disposition:
        disposition = "attachment"
    return Part(
        index=index,
        name=name,
        other_name=other if other != name else "",
        media_type=leaf.media_type,
        disposition=disposition,
        content_id=guess(leaf.head.first("content-id"))[0].strip(" <>"),
        data=leaf.body,
        sha256=hashlib.sha256(leaf.body).hexdigest(),
    )
