"""What an IMAP server answers to FETCH, taken apart by its literals (RFC 3501 7.4.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

#: What imaplib hands over: a line, or a line that ended in a literal with that literal.
Piece = bytes | tuple[bytes, bytes] | None

_HEAD = re.compile(rb"^\d+ \(")
_UID = re.compile(rb"\bUID (\d+)", re.I)
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)", re.I)
_DATE = re.compile(rb'\bINTERNALDATE "([^"]*)"', re.I)
_QUOTED_BODY = re.compile(rb'\bBODY\[[^\]]*\](?:<\d+>)? "((?:[^"\\]|\\.)*)"', re.I)
_INTERNAL = re.compile(r"^\s*(\d{1,2})-([A-Za-z]{3})-(\d{4}) (\d{2}):(\d{2}):(\d{2}) ([+-])(\d{2})(\d{2})$")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Item:
    """One message of a FETCH answer. `body` None: the server sent no text for it. Sizes in bytes, -1 unknown."""

    uid: int
    size: int
    internal_date: datetime | None
    body: bytes | None


def items(pieces: Iterable[Piece]) -> Iterator[Item]:
    """The messages of an answer; what has no UID (a flag change announced in between) is left out."""
    for message in _messages(pieces):
        words = b" ".join(piece if isinstance(piece, bytes) else piece[0] for piece in message)
        uid = _UID.search(words)
        if uid is None:
            continue
        size, date = _SIZE.search(words), _DATE.search(words)
        yield Item(
            uid=int(uid[1]),
            size=int(size[1]) if size else -1,
            internal_date=internal_date(date[1].decode("ascii", "replace")) if date else None,
            body=_body(message, words),
        )


def _messages(pieces: Iterable[Piece]) -> Iterator[list[bytes | tuple[bytes, bytes]]]:
    message: list[bytes | tuple[bytes, bytes]] = []
    for piece in pieces:
        if piece is None:
            continue
        if _HEAD.match(piece if isinstance(piece, bytes) else piece[0]) and message:
            yield message
            message = []
        message.append(piece)
    if message:
        yield message


def _body(message: Sequence[bytes | tuple[bytes, bytes]], words: bytes) -> bytes | None:
    for piece in message:
        if isinstance(piece, tuple) and b"BODY[" in piece[0].upper():
            return piece[1]
    quoted = _QUOTED_BODY.search(words)
    return re.sub(rb"\\(.)", rb"\1", quoted[1]) if quoted else None


def internal_date(text: str) -> datetime | None:
    """`17-Jul-1996 02:44:25 -0700` as a moment in UTC; None if it is no such date. strptime would ask the locale."""
    found = _INTERNAL.match(text)
    if found is None or found[2].lower() not in _MONTHS:
        return None
    offset = timedelta(hours=int(found[8]), minutes=int(found[9])) * (-1 if found[7] == "-" else 1)
    try:
        day, year, hour, minute, second = (int(found[n]) for n in (1, 3, 4, 5, 6))
        month = _MONTHS.index(found[2].lower()) + 1
        return datetime(year, month, day, hour, minute, second, tzinfo=timezone(offset)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def header_fields(block: bytes) -> list[tuple[str, str]]:
    """The fields of a header block, names in lower case, folds undone."""
    unfolded = re.sub(rb"\r?\n[ \t]+", b" ", block)
    fields = []
    for line in unfolded.splitlines():
        name, colon, value = line.partition(b":")
        if colon:
            fields.append((name.strip().lower().decode("ascii", "replace"), value.strip().decode("utf-8", "replace")))
    return fields
