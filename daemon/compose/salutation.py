"""How a person is addressed in writing: 刘处长, 周校长 (副 is dropped), 方老师."""

from __future__ import annotations

import re

from daemon.compose.plain import single_line

_RANK = re.compile("(?:校长|院长|书记|处长|部长|主任|馆长|科长|主席|所长|组长|总监|秘书长|园长|社长)$")
_ATTACHED = re.compile("(?:校长助理|院长助理|总会计师|总工程师|巡视员|调研员)$")
_TWO_CHARACTER_NAME = re.compile(
    "欧阳|上官|司马|东方|南宫|夏侯|诸葛|尉迟|赫连|澹台|皇甫|公孙|慕容|钟离|长孙|宇文|司徒|鲜于|司空|令狐|端木|呼延|西门|"
    "百里|东郭|申屠|轩辕|闻人|宗政|濮阳|公冶|独孤|拓跋|万俟|太史|闾丘|公羊|仲孙|左丘|梁丘|乐正|谷梁|段干|南门|羊舌|纳兰"
)


def surname(name: str) -> str:
    """The family name: two characters where it is one of the known ones and a given name follows."""
    name = single_line(name)
    return name[:2] if len(name) > 2 and _TWO_CHARACTER_NAME.match(name) else name[:1]


def rank(title: str) -> str:
    """The rank that one is addressed by: 副校长 → 校长, 党委副书记、校长 → 校长; '' where the title names none."""
    parts = [part.strip() for part in re.split(r"[、,，;；/兼]", re.sub(r"[（(].*?[）)]", "", single_line(title)))]
    found = [_rank_of(part) for part in parts if part]
    named = [word for word in found if word]
    return next((word for word in named if word != "书记"), named[0] if named else "")


def _rank_of(part: str) -> str:
    found = _ATTACHED.search(part) or _RANK.search(part)
    return found.group() if found else ""


def addressed(name: str, title: str = "") -> str:
    """刘处长, or 刘老师 where no rank is known. Names that are not Chinese are left whole."""
    name = single_line(name)
    if not name:
        return ""
    family = surname(name) if re.fullmatch(r"[\u3400-\u9fff·\U00020000-\U0003ffff]+", name) else name
    return f"{family}{rank(title) or '老师'}"


def named(name: str, title: str = "") -> str:
    """周敏副校长, for a line that names somebody: name and whole title."""
    return f"{single_line(name)}{single_line(title)}"
