"""The tree of a mail's parts, taken apart from bytes without recursion and within limits; never an exception."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field

from daemon.reading.headers import base64_bytes, parameters

HEAD_LIMIT = 1_048_576  # bytes of a header block that are looked at
DEPTH_LIMIT = 40
LEAF_LIMIT = 1_000
_NAME = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_END_OF_HEAD = re.compile(rb"\r?\n[ \t]*\r?\n|\r\r")


@dataclass(slots=True)
class Head:
    """A header block: (lower-case name, raw value) in the order of the mail."""

    fields: list[tuple[str, bytes]] = field(default_factory=list)

    def all(self, name: str) -> list[bytes]:
        return [value for key, value in self.fields if key == name]

    def first(self, name: str) -> bytes:
        return next((value for key, value in self.fields if key == name), b"")


@dataclass(slots=True)
class Leaf:
    """A part that is no multipart. `inside`: the multiparts around it, outermost first, as (subtype, number)."""

    head: Head
    media_type: str
    params: dict[str, str]
    disposition: str
    disposition_params: dict[str, str]
    lost: dict[str, str]
    body: bytes
    inside: tuple[tuple[str, int], ...]


@dataclass(slots=True)
class Tree:
    head: Head
    content_type: str
    params: dict[str, str]
    leaves: list[Leaf]
    notes: list[str]


def split_head(raw: bytes) -> tuple[bytes, bytes]:
    """Header block and body. Blank lines and an mbox `From ` line before the headers are passed over."""
    start = 0
    while raw[start : start + 1] in (b"\r", b"\n"):
        start += 1
    if start:
        # A part that begins with a blank line has no headers.
        return b"", raw[start:]
    found = _END_OF_HEAD.search(raw, 0, HEAD_LIMIT)
    if found:
        return raw[: found.start()], raw[found.end() :]
    if len(raw) > HEAD_LIMIT:
        ends = [at for at in (raw.find(b"\n\r\n", HEAD_LIMIT - 4), raw.find(b"\n\n", HEAD_LIMIT - 4)) if at >= 0]
        if ends:
            return raw[: min(HEAD_LIMIT + 1, min(ends))], raw[min(ends) + 1 :].lstrip(b"\r\n")
    if _NAME.match(raw) or raw.startswith(b"From "):
        return raw, b""
    return b"", raw


def read_head(block: bytes, notes: list[str]) -> Head:
    """Header fields. A line that is neither a field nor a continuation is joined to the field before it."""
    if len(block) > HEAD_LIMIT:
        block = block[:HEAD_LIMIT]
        notes.append("header_too_long")
    head = Head()
    pieces: list[bytes] = []
    name = ""
    for n, line in enumerate(block.replace(b"\r\n", b"\n").split(b"\n")):
        if (n == 0 and line.startswith(b"From ")) or line.startswith(b">From "):
            continue
        if line[:1] in (b" ", b"\t"):
            if name:
                pieces.append(line)
            continue
        found = _NAME.match(line)
        if not found:
            if line.strip() and name:
                pieces.append(b" " + line)
                notes.append("header_broken_line")
            continue
        if name:
            head.fields.append((name, b"\n".join(pieces).strip()))
        name = found[1].decode("ascii", "replace").lower()
        pieces = [line[found.end() :]]
    if name:
        head.fields.append((name, b"\n".join(pieces).strip()))
    return head


def take_apart(raw: bytes) -> Tree:
    """All leaves of a mail in their order, and notes of what was repaired or left whole."""
    notes: list[str] = []
    while raw[:1] in (b"\r", b"\n"):
        raw = raw.lstrip(b"\r\n")
    block, body = split_head(raw)
    head = read_head(block, notes)
    media_type, params, _ = parameters(head.first("content-type"))
    tree = Tree(head, media_type or "text/plain", params, [], notes)
    counter = 0
    waiting: list[tuple[Head, bytes, tuple[tuple[str, int], ...], str]] = [(head, body, (), "text/plain")]
    while waiting:
        head, body, inside, default = waiting.pop()
        media_type, params, lost_type = parameters(head.first("content-type"))
        if "/" not in media_type:
            if media_type:
                notes.append("content_type_broken")
            media_type = default
        boundary = params.get("boundary", "")
        if media_type.startswith("multipart/") and len(inside) < DEPTH_LIMIT and len(tree.leaves) < LEAF_LIMIT:
            pieces = _pieces(body, boundary, notes)
            if pieces is not None:
                counter += 1
                around = (*inside, (media_type[10:], counter))
                below = "message/rfc822" if media_type == "multipart/digest" else "text/plain"
                if len(pieces) > LEAF_LIMIT:
                    notes.append("too_many_parts")
                    pieces = [*pieces[:LEAF_LIMIT], b"\n\n" + b"\n".join(pieces[LEAF_LIMIT:])]
                for piece in reversed(pieces):
                    inner_block, inner_body = split_head(piece)
                    waiting.append((read_head(inner_block, notes), inner_body, around, below))
                continue
            media_type = "text/plain" if not boundary or default == "text/plain" else "application/octet-stream"
        elif media_type.startswith("multipart/"):
            notes.append("too_deep")
            media_type = "application/octet-stream"
        disposition, found, lost = parameters(head.first("content-disposition"))
        tree.leaves.append(
            Leaf(head, media_type, params, disposition, found, lost_type | lost, _content(head, body, notes), inside)
        )
    return tree


def _pieces(body: bytes, boundary: str, notes: list[str]) -> list[bytes] | None:
    """The bodies between boundary lines; None where the boundary never comes."""
    if not boundary:
        notes.append("boundary_missing")
        return None
    mark = b"--" + boundary.encode("utf-8", "replace")
    if mark not in body:
        notes.append("boundary_missing")
        return None
    marks = _boundary_lines(body, mark)
    if not marks:
        notes.append("boundary_missing")
        return None
    out: list[bytes] = []
    for n, (_, after, closing) in enumerate(marks):
        if closing:
            break
        end = marks[n + 1][0] if n + 1 < len(marks) else len(body)
        if n + 1 == len(marks):
            notes.append("boundary_not_closed")
        piece = body[after:end]
        out.append(piece[2:] if piece[:2] == b"\r\n" else piece[1:] if piece[:1] in (b"\r", b"\n") else piece)
    return out


_REST_OF_LINE = re.compile(rb"(--)?[ \t]*(?=\r?\n|\r|\Z)")


def _boundary_lines(body: bytes, mark: bytes) -> list[tuple[int, int, bool]]:
    """Where each line that is the boundary begins, with the break before it, where it ends, and whether it closes.

    Found by hand: a pattern for each boundary would be compiled for each mail.
    """
    found: list[tuple[int, int, bool]] = []
    at = body.find(mark)
    while at >= 0:
        rest = _REST_OF_LINE.match(body, at + len(mark))
        before = body[max(0, at - 2) : at]
        if rest and (not at or before[-1:] in (b"\r", b"\n")):
            found.append((at - (2 if before == b"\r\n" else min(at, 1)), rest.end(), bool(rest[1])))
        at = body.find(mark, at + len(mark))
    return found


def _content(head: Head, body: bytes, notes: list[str]) -> bytes:
    """The bytes of a part, its transfer encoding undone."""
    encoding = re.sub(rb"[^a-z0-9-]", b"", head.first("content-transfer-encoding").lower())
    if encoding == b"base64":
        data, repaired = base64_bytes(body.strip())
        repaired = repaired and _really_dirty(body)
        if repaired:
            notes.append("base64_repaired")
        return data
    if encoding == b"quoted-printable":
        try:
            return binascii.a2b_qp(body)
        except binascii.Error:
            notes.append("quoted_printable_broken")
            return body
    if encoding in (b"x-uuencode", b"uuencode", b"x-uue", b"uue"):
        return _uudecode(body, notes)
    return body


def _really_dirty(body: bytes) -> bool:
    clean = re.sub(rb"\s+", b"", body)
    return bool(re.search(rb"[^A-Za-z0-9+/=]|=[^=]", clean)) or len(clean) % 4 != 0


def _uudecode(body: bytes, notes: list[str]) -> bytes:
    out: list[bytes] = []
    for line in body.splitlines():
        if line.startswith((b"begin ", b"end")) or not line.strip():
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            notes.append("uuencode_broken")
    return b"".join(out)
