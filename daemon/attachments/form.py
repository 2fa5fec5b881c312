"""The 通知单's cells by their labels, from the rows of a table, whichever file it was read from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

LABELS = ("主办单位", "协办单位", "要求反馈时间", "督查督办事项", "学校办公室负责人意见", "学校领导意见", "办结报告")
_BY_KEY = {label: label for label in LABELS} | {
    "要求反馈日期": "要求反馈时间",
    "反馈时间": "要求反馈时间",
    "督查事项": "督查督办事项",
    "办公室负责人意见": "学校办公室负责人意见",
    "领导意见": "学校领导意见",
    "办结情况": "办结报告",
    "办理结果": "办结报告",
}
_SPACE = re.compile(r"\s+")
_STOPS = "。；;！!？?：:）)"


def looks_like_form(text: str) -> bool:
    """Whether a text has the form's title and most of its labels.

    A report made with our 办结报告 form has five of them; the 领导意见 stands on the notice alone.
    """
    folded = _SPACE.sub("", text)
    return "通知单" in folded and "领导意见" in folded and sum(label in folded for label in LABELS) >= 4


def cells_by_label(rows: Iterable[Sequence[str | None]]) -> dict[str, str]:
    """Each label's words. A row that begins with an empty cell continues the row above, over pages too.

    None stands for a cell that another one spans; a label may stand beside another in one row.
    """
    cells: dict[str, list[str]] = {}
    label = ""
    for row in rows:
        beginning = True
        for cell in row:
            words = (cell or "").strip()
            known = _label(words)
            if known and (beginning or known not in cells):
                label = known
                cells.setdefault(label, [])
            elif words and beginning and row[0] and not known:
                label = ""  # a row of another table
            elif words and label:
                cells[label].append(_unwrapped(words))
            beginning = beginning and not words
    return {name: "\n".join(words) for name, words in cells.items()}


def _label(words: str) -> str:
    return _BY_KEY.get(_SPACE.sub("", words).rstrip("：:"), "")


def _unwrapped(words: str) -> str:
    """A cell's lines with the form's own line breaks undone: a full line that ends in no stop goes on in the next."""
    lines = [line.strip() for line in words.split("\n") if line.strip()]
    full = max((len(line) for line in lines), default=0) * 0.8
    whole: list[str] = []
    previous = ""
    for line in lines:
        if previous and len(previous) >= full and previous[-1] not in _STOPS:
            space = " " if previous[-1].isascii() and previous[-1].isalnum() and line[0].isascii() else ""
            whole[-1] += space + line
        else:
            whole.append(line)
        previous = line
    return "\n".join(whole)
