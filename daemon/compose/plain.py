"""Foreign text made harmless before it is set in a subject, a header, a form or a mail."""

from __future__ import annotations

import unicodedata

#: Direction overrides, isolates and marks: they make a line read other than it is written.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE = frozenset("\u200b\u2060\ufeff\u00ad")


def paragraphs(text: str) -> list[str]:
    """The paragraphs of `text`, trimmed, without control characters, direction overrides and lone surrogates."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n").split("\n")
    cleaned = (_harmless(line).strip() for line in lines)
    return [line for line in cleaned if line]


def single_line(text: str, limit: int = 0) -> str:
    """`text` on one line, runs of white space folded; longer than `limit` characters (0: no limit) ends in `…`."""
    line = " ".join(" ".join(paragraphs(text)).split())
    if limit and len(line) > limit:
        return line[: limit - 1].rstrip() + "…"
    return line


def _harmless(line: str) -> str:
    return "".join(_kept(char) for char in line)


def _kept(char: str) -> str:
    if char in _TURNING or char in _INVISIBLE:
        return ""
    category = unicodedata.category(char)
    if category == "Cc":
        return " "
    return "" if category in {"Cs", "Cn"} else char
