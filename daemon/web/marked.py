"""A letter's words with the places marked that conclusions rest on; overlaps split, hidden characters made visible."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from daemon.reading.shapes import Finding

#: Direction overrides, zero-width and control characters could make a reader see other words than those that count.
_KEPT_CONTROLS = "\n\t"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of the text. `numbers`: the conclusions (from 1) that rest on it; empty: plain text."""

    text: str
    numbers: tuple[int, ...] = ()
    opens: tuple[int, ...] = ()  # the numbers whose mark ends here, to be shown behind it


def visible(text: str) -> str:
    """`text` with every control, direction and zero-width character as □ and with plain line ends."""
    return "".join(_shown(text))


def _shown(text: str) -> list[str]:
    """What stands for each character, so that an edge between CR and LF makes no second line end."""
    shown = []
    for place, char in enumerate(text):
        if char == "\r":
            shown.append("" if text.startswith("\n", place + 1) else "\n")
        else:
            shown.append("□" if _hidden(char) else char)
    return shown


def _hidden(char: str) -> bool:
    return char not in _KEPT_CONTROLS and unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs")


def pieces(body: str, findings: Sequence[Finding]) -> tuple[Piece, ...]:
    """`body` cut at the edges of every finding that stands in it; the number of a finding is its place from 1."""
    spans = [
        (f.offset, f.offset + len(f.quote), number)
        for number, f in enumerate(findings, 1)
        if f.quote and f.offset >= 0 and f.offset + len(f.quote) <= len(body)
    ]
    edges = sorted({0, len(body), *(s[0] for s in spans), *(s[1] for s in spans)})
    shown = _shown(body)
    cut = []
    for start, end in pairwise(edges):
        inside = tuple(n for s, e, n in spans if s <= start and end <= e)
        ends = tuple(n for _, e, n in spans if e == end)
        cut.append(Piece("".join(shown[start:end]), inside, ends if inside else ()))
    return tuple(cut)


def rest_of(whole: str, body: str) -> str:
    """What stands in the letter's text behind its new words (quotes, signature); all of it if they are not found."""
    lines = [_folded(line) for line in body.splitlines() if _folded(line)]
    if not lines:
        return whole.strip()
    wanted = iter(lines)
    now = next(wanted)
    kept = whole.splitlines()
    for index, line in enumerate(kept):
        if _folded(line) == now:
            following = next(wanted, None)
            if following is None:
                return "\n".join(kept[index + 1 :]).strip()
            now = following
    return whole.strip()


def _folded(line: str) -> str:
    return re.sub(r"\s+", "", line)
