"""Which fonts a form is set in, and which characters they lack.

A system's 仿宋 and 黑体 come first where there are any; the fonts installed with the program cover all of GBK. Typst
says nothing of a character that no font has, so the cmaps are asked here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import pylopdf_fonts_zh_cn
import typst
from fontTools.ttLib import TTFont

BODY = ("FangSong_GB2312", "FangSong", "STFangsong", "Noto Serif SC", "Noto Serif CJK SC")
TITLE = ("SimHei", "Noto Sans SC", "Noto Sans CJK SC")
#: Printed where no font has the character (the printers' 〓).
MISSING_MARK = "〓"


@dataclass(frozen=True, slots=True)
class Faces:
    """The fonts found: `index` for Typst, families in order of preference, and every code point they cover."""

    index: typst.Fonts
    body: tuple[str, ...]
    title: tuple[str, ...]
    covered: frozenset[int]


@lru_cache(maxsize=1)
def faces() -> Faces:
    """The fonts of this machine; searched once a process (tens of milliseconds)."""
    packaged = str(pylopdf_fonts_zh_cn.serif_path().parent)
    index = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=[packaged])
    files = {(face.family, face.path, face.index) for face in index.fonts() if face.family in {*BODY, *TITLE}}
    families = {family for family, _, _ in files}
    body = tuple(family for family in BODY if family in families)
    title = tuple(family for family in TITLE if family in families)
    covered: set[int] = set()
    for _, path, number in files:
        with TTFont(path, lazy=True, fontNumber=number) as font:
            covered.update(font.getBestCmap() or {})
    return Faces(index, body, (*title, *body), frozenset(covered))


def missing(text: str) -> tuple[str, ...]:
    """The characters of `text` that no font here has, each once, in order."""
    covered = faces().covered
    return tuple(dict.fromkeys(char for char in text if char not in "\n\t" and ord(char) not in covered))


def printable(text: str) -> str:
    """`text` with 〓 in place of each character that no font here has."""
    lacking = missing(text)
    return text.translate({ord(char): MISSING_MARK for char in lacking}) if lacking else text
