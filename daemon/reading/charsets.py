"""Bytes to text as Chinese mail really labels them: aliases, wrong labels, broken bytes; never an exception."""

from __future__ import annotations

import codecs
import re

_GB = "gb18030"
_ALIASES = {
    "gb2312": _GB,
    "gb_2312": _GB,
    "gb_2312-80": _GB,
    "gb2312-80": _GB,
    "csgb2312": _GB,
    "gbk": _GB,
    "x-gbk": _GB,
    "cp936": _GB,
    "ms936": _GB,
    "windows-936": _GB,
    "x-windows-936": _GB,
    "euc-cn": _GB,
    "x-euc-cn": _GB,
    "chinese": _GB,
    "gb18030": _GB,
    "gb-18030": _GB,
    "gb18030-2000": _GB,
    "gb18030-2005": _GB,
    "utf8": "utf-8",
    "utf-8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "x-utf-8": "utf-8",
    "big5": "big5hkscs",
    "big5-hkscs": "big5hkscs",
    "x-big5": "big5hkscs",
    "cn-big5": "big5hkscs",
    "hz-gb-2312": "hz",
    "hz": "hz",
    "iso-2022-cn": "iso-2022-cn",
    "iso-2022-cn-ext": "iso-2022-cn",
    "unicode-1-1-utf-7": "utf-7",
    "utf-7": "utf-7",
    "utf-16": "utf-16",
}
#: Labels that say nothing: UTF-8 if it is UTF-8, else GB18030.
_EMPTY = frozenset({"", "us-ascii", "ascii", "unknown-8bit", "x-unknown", "unknown", "default", "none", "binary"})
#: Labels that are often lies over Chinese bytes.
_WESTERN = frozenset({"iso-8859-1", "latin1", "latin-1", "windows-1252", "cp1252", "iso-8859-15"})
#: Codecs of Python that no mail is written in; some cost the square of the length.
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})
_SURROGATES = re.compile("[\ud800-\udfff]")
_CJK = re.compile("[\u4e00-\u9fff\u3000-\u303f\uff00-\uffef]")


def known_charset(label: str) -> str:
    """The codec meant by a label; the label itself, lower case, where we know no other name."""
    name = label.strip().strip("\"'").lower()
    return _ALIASES.get(name, name)


def storable(text: str) -> str:
    """Without NUL and lone surrogates, which PostgreSQL and SQLite refuse."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if _SURROGATES.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def guess(data: bytes) -> tuple[str, str]:
    """Unlabelled bytes: UTF-8 strictly, else GB18030 with replacement marks. Returns text and a note ('' if none)."""
    try:
        return storable(data.decode("utf-8")), ""
    except UnicodeDecodeError:
        pass
    try:
        return storable(data.decode(_GB)), "charset_guessed"
    except UnicodeDecodeError:
        return storable(data.decode(_GB, "replace")), "charset_broken"


def to_text(data: bytes, label: str = "") -> tuple[str, str]:
    """Bytes under a charset label to text, with a note of what was repaired: '' if nothing."""
    name = known_charset(label)
    if data.isascii() and name not in ("hz", "iso-2022-cn", "utf-7", "utf-16") and not name.startswith("iso-20"):
        return storable(data.decode("ascii")), ""
    if name in _EMPTY:
        return guess(data)
    if name == "iso-2022-cn":
        return storable(_iso_2022_cn(data)), ""
    if name in _WESTERN:
        text, note = guess(data)
        if note != "charset_broken" and len(_CJK.findall(text)) * 2 >= sum(1 for c in text if c > "\x7f"):
            return text, "charset_mislabelled"
    if name.replace("-", "_") in _NO_CHARSETS:
        return guess(data)[0], "charset_unknown"
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):
        return guess(data)[0], "charset_unknown"
    if not getattr(codec, "_is_text_encoding", True):
        return guess(data)[0], "charset_unknown"
    try:
        return storable(data.decode(name)), ""
    except (UnicodeError, ValueError):
        return _under_a_wrong_label(data, name)


def _under_a_wrong_label(data: bytes, name: str) -> tuple[str, str]:
    for other in ("utf-8", _GB):
        if other != name:
            try:
                return storable(data.decode(other)), "charset_mislabelled"
            except UnicodeDecodeError:
                continue
    try:
        return storable(data.decode(name, "replace")), "charset_broken"
    except (UnicodeError, ValueError):
        return guess(data)[0], "charset_broken"


def _iso_2022_cn(data: bytes) -> str:
    """ISO-2022-CN (RFC 1922), the GB 2312 half of it: SO and SI shift, ESC $ ) A names the set."""
    out: list[str] = []
    shifted = False
    for piece in re.split(rb"(\x1b\$[)*+][A-Z]|\x0e|\x0f|\r?\n)", data):
        if piece == b"\x0e":
            shifted = True
        elif piece == b"\x0f":
            shifted = False
        elif piece in (b"\n", b"\r\n"):
            shifted = False
            out.append("\n")
        elif piece.startswith(b"\x1b$"):
            continue
        elif shifted:
            out.append(bytes(b | 0x80 for b in piece).decode(_GB, "replace"))
        else:
            out.append(guess(piece)[0])
    return "".join(out)
