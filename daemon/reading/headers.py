"""Header fields of a mail: RFC 2047 words, RFC 2231 parameters, addresses, dates, as clients really write them."""

from __future__ import annotations

import binascii
import html
import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz
from urllib.parse import unquote_to_bytes

from daemon.reading.charsets import guess, known_charset, storable, to_text

#: Longer fields are cut: nobody writes a subject of a megabyte.
FIELD_LIMIT = 65_536
_WORD = re.compile(rb"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BLANK = re.compile(rb"[ \t\r\n]+")
_B64_BLOCKS = re.compile(rb"[A-Za-z0-9+/=]+")
_B64_BLOCK = re.compile(rb"[A-Za-z0-9+/]+=*")
_NOT_B64 = re.compile(rb"[^A-Za-z0-9+/]+")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SHANGHAI_FIXED = timezone(timedelta(hours=8))


def base64_bytes(data: bytes) -> tuple[bytes, bool]:
    """Base64 with stray characters or missing padding; True where it had to be repaired."""
    whole = data.translate(None, b" \t\r\n")
    try:
        return binascii.a2b_base64(whole, strict_mode=True), False
    except binascii.Error:
        blocks = _B64_BLOCK.findall(whole) if _B64_BLOCKS.fullmatch(whole) else []
    if len(blocks) > 1 and not any(len(block) % 4 for block in blocks):  # a gateway put its own below the padding
        return b"".join(map(binascii.a2b_base64, blocks)), True
    body, _, rest = data.partition(b"=")
    clean = _NOT_B64.sub(b"", body)
    dirty = len(clean) != len(_BLANK.sub(b"", body)) or bool(rest.strip(b"=\r\n\t "))
    if len(clean) % 4 == 1:
        clean, dirty = clean[:-1], True
    short = -len(clean) % 4
    dirty = dirty or (short > 0 and data.count(b"=") < short)
    return binascii.a2b_base64(clean + b"=" * short), dirty


def _word_bytes(encoding: bytes, text: bytes) -> bytes:
    if encoding in b"bB":
        return base64_bytes(_BLANK.sub(b"", text))[0]
    return binascii.a2b_qp(text.replace(b"\r\n", b"").replace(b"\n", b""), header=True)


def words(value: bytes) -> str:
    """A field with its RFC 2047 words decoded; adjacent words of one charset are joined as bytes first."""
    value = value[:FIELD_LIMIT]
    if b"=?" not in value:
        return guess(value)[0]
    out: list[str] = []
    charset, held, end = "", b"", 0
    for found in _WORD.finditer(value):
        between = value[end : found.start()]
        label = found[1].decode("ascii", "replace").partition("*")[0]
        same = known_charset(label) == known_charset(charset)
        blank = not between.strip(b" \t\r\n")
        if held and not (blank and same):
            out.append(to_text(held, charset)[0])
            held = b""
        if not blank or (end == 0 and between):
            out.append(guess(between)[0])
        charset = label
        held += _word_bytes(found[2], found[3])
        end = found.end()
    if held:
        out.append(to_text(held, charset)[0])
    out.append(guess(value[end:])[0])
    return storable("".join(out))


_FOLD = re.compile(rb"\r?\n[ \t]?")
_SPACES = re.compile(r"[ \t\r\n]+")
_PLAIN = re.compile(rb"[\x20-\x7e]*")


def one_line(value: bytes) -> str:
    """A field as one line of text: folding and control characters gone."""
    if b"=?" not in value and b"  " not in value and _PLAIN.fullmatch(value):
        return value[:FIELD_LIMIT].decode("ascii").strip()
    text = words(_FOLD.sub(b" ", value))
    return _SPACES.sub(" ", CONTROL.sub("", text.replace("\t", " "))).strip()


def parameters(value: bytes) -> tuple[str, dict[str, str], dict[str, str]]:
    """A Content-Type or Content-Disposition: its value, its parameters, and the plain ones that lost to a `name*`."""
    value = value[:FIELD_LIMIT].replace(b"\r", b"").replace(b"\n", b" ")
    pieces = _split(value, b";")
    main = guess(pieces[0])[0].strip().lower() if pieces else ""
    plain: dict[str, bytes] = {}
    extended: dict[str, dict[int, tuple[bytes, bool]]] = {}
    for piece in pieces[1:]:
        key, eq, text = piece.partition(b"=")
        name = guess(key)[0].strip().lower()
        if not eq or not name:
            continue
        text = _unquoted(text.strip())
        numbered = re.fullmatch(r"([^*]+)(?:\*(\d{1,4}))?(\*)?", name)
        if numbered and (numbered[2] or numbered[3]):
            pieces_of = extended.setdefault(numbered[1], {})
            pieces_of.setdefault(int(numbered[2] or 0), (text, bool(numbered[3])))
        else:
            plain.setdefault(name, text)
    found = {name: _plain_text(text) for name, text in plain.items()}
    lost: dict[str, str] = {}
    for name, numbers in extended.items():
        if name in found:
            lost[name] = found[name]
        found[name] = _extended_text(numbers)
    return main, found, lost


_OUTSIDE = {
    at: re.compile(rb'[^"' + at + rb']*(?:"(?:\\.|[^"\\])*(?:"|\Z)[^"' + at + rb"]*)*", re.S) for at in (b";", b",")
}


def _split(value: bytes, at: bytes) -> list[bytes]:
    """Split outside of quotes. A quote that never closes ends with the field."""
    if b'"' not in value:
        return value.split(at)
    out: list[bytes] = []
    start = 0
    while start <= len(value):
        found = _OUTSIDE[at].match(value, start)
        end = found.end() if found else len(value)
        out.append(value[start:end])
        start = end + 1
    return out


def _unquoted(text: bytes) -> bytes:
    if len(text) >= 2 and text[:1] == text[-1:] == b'"':
        text = text[1:-1]
    elif text[:1] == b'"':
        text = text[1:]
    # Only \" and \\ are escapes: Windows paths stand here unescaped, and GBK has 0x5C as a second byte.
    return text.replace(b'\\"', b'"')


def _plain_text(text: bytes) -> str:
    if b"=?" in text:
        return words(text)
    shown = guess(text)[0]
    if "%" in shown and re.search(r"(?:%[0-9A-Fa-f]{2}){2}", shown):
        shown = guess(unquote_to_bytes(shown))[0]
    if "&" in shown and ";" in shown:
        shown = html.unescape(shown)
    return storable(shown)


def _extended_text(numbers: dict[int, tuple[bytes, bool]]) -> str:
    """RFC 2231: charset'language'percent-encoded, in numbered pieces; the charset stands in the first."""
    ordered = [numbers[n] for n in sorted(numbers)]
    first, encoded = ordered[0]
    charset = ""
    if encoded and first.count(b"'") >= 2:
        label, _, rest = first.split(b"'", 2)
        charset = label.decode("ascii", "replace")
        ordered[0] = (rest, True)
    data = b"".join(unquote_to_bytes(text) if percent else text for text, percent in ordered)
    if b"=?" in data:
        return words(data)
    if not charset and re.search(rb"(?:%[0-9A-Fa-f]{2}){2}", data):
        data = unquote_to_bytes(data)
    return to_text(data, charset)[0]


_ANGLE = re.compile(rb"<([^<>]*)>\s*(?:\([^()]*\)\s*)?$")
#: The look behind lets a match begin at the beginning of a word only: else each letter of a long one is tried.
_BARE = re.compile(rb"(?<![^\s<>()\",;:])[^\s<>()\",;:]+@[^\s<>()\",;:]+")
_HELD_LIMIT, _HELD_PIECES = 1_000, 20  # bytes and pieces of a name that holds commas


def addresses(value: bytes) -> list[tuple[str, str]]:
    """(display name, address in lower case) of each mailbox. What stands in the name is never taken for the address."""
    out: list[tuple[str, str]] = []
    held = b""
    for piece in _split(value[:FIELD_LIMIT].replace(b"\r", b"").replace(b"\n", b""), b","):
        piece = held + piece
        angle = _ANGLE.search(piece)
        if angle:
            shown, address = piece[: angle.start()], angle[1]
        else:
            bare = _BARE.search(piece)
            if not bare:
                held = piece + b"," if len(piece) < _HELD_LIMIT and piece.count(b",") < _HELD_PIECES else b""
                continue
            shown, address = piece[: bare.start()] + piece[bare.end() :], bare[0]
        held = b""
        name = CONTROL.sub("", words(_unquoted(shown.strip(b" \t;:()")))).strip(" \"'")
        written = re.sub(r"\s+", "", guess(address)[0]).strip("\"'").lower()
        if written.startswith("=?"):
            written = re.sub(r"\s+", "", words(address)).strip("<>\"'").lower()
        out.append((name, CONTROL.sub("", written)))
    return out


_BARE_ID = re.compile(r"(?<![^\s<>,;])[^\s<>,;]+@[^\s<>,;]+")


def message_ids(values: list[bytes]) -> tuple[str, ...]:
    """Message-IDs without their brackets, in order, each once; also where a client wrapped them in RFC 2047 words."""
    seen: dict[str, None] = {}
    for value in values:
        text = words(value) if b"=?" in value else guess(value[:FIELD_LIMIT])[0]
        found = re.findall(r"<([^<>]*)>", text) or _BARE_ID.findall(text)
        for each in found[:400]:
            clean = re.sub(r"\s+", "", each)
            if clean:
                seen.setdefault(clean)
    return tuple(seen)


_CHINESE = re.compile(
    r"(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})"
    r"(?:[^\d上下中晚]{0,16}(上午|下午|晚上|中午)?\s*(\d{1,2})\s*[:：时]\s*(\d{1,2})(?:\s*[:：分]\s*(\d{1,2}))?)?"
)
_ZONE = re.compile(r"[+-]\d{4}\b|\b(?:GMT|UTC?|Z|EST|EDT|PST|PDT|MST|MDT|JST|KST|HKT)\b")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def mail_date(text: str) -> datetime | None:
    """A Date header; CST and a missing zone mean +08:00. None where no date can be read."""
    text = text[:200]
    for n, name in reversed(
        list(
            enumerate(
                ["一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "十一月", "十二月"]
            )
        )
    ):
        if name in text and "年" not in text:
            text = text.replace(name, _MONTHS[n])
    text = re.sub(r"(?:星期|周)[一二三四五六日天]\s*,?", "", text)
    try:
        got = parsedate_tz(text)
        if got and got[0] >= 1970 and "年" not in text:
            zone = got[9]
            if zone is None or not _ZONE.search(text):  # CST is China's here, and no zone too
                zone = 8 * 3600
            return (datetime(*got[:6], tzinfo=UTC) - timedelta(seconds=zone)).astimezone(UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        pass
    found = _CHINESE.search(text)
    if not found:
        return None
    hour, minute, second = (int(found[n] or 0) for n in (5, 6, 7))
    if found[4] in ("下午", "晚上") and hour < 12:
        hour += 12
    try:
        day = datetime(int(found[1]), int(found[2]), int(found[3]), hour, minute, second, tzinfo=_SHANGHAI_FIXED)
    except ValueError:
        return None
    return day.astimezone(UTC)
