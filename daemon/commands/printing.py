"""How commands speak: JSON one object a line, tables for people, times at +08:00, and a No as an exception."""

from __future__ import annotations

import json
import shutil
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import is_dataclass
from datetime import date, datetime, time
from typing import Annotated, Any

import typer

from daemon.procedure.shapes import RefNo
from daemon.procedure.workdays import SHANGHAI

#: A yielding column of a table keeps these columns of the terminal.
NARROWEST = 10
_CLOSING = "，。、；：！？）》」』”’…"

Json = Annotated[bool, typer.Option("--json", help="每行一个 JSON 对象，时间为 ISO 8601（+08:00）。")]


class Said(Exception):
    """A command that refused or failed: Chinese words for the person at the terminal, exit code 1."""


def moment(value: datetime | None) -> str | None:
    """ISO 8601 with the offset of Asia/Shanghai, to the second."""
    return value.astimezone(SHANGHAI).isoformat(timespec="seconds") if value is not None else None


def shown_moment(value: datetime | None) -> str:
    """As people read it: 11-24 08:31; a day's first moment stands for the day alone."""
    if value is None:
        return ""
    there = value.astimezone(SHANGHAI)
    return there.strftime("%m-%d" if there.time() == time.min else "%m-%d %H:%M")


def plain(value: Any) -> Any:
    """Anything of ours as JSON can hold it."""
    if isinstance(value, RefNo):
        return value.key
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value


def json_line(value: Any) -> None:
    typer.echo(json.dumps(plain(value), ensure_ascii=False))


def columns() -> int:
    """How wide the terminal is: COLUMNS, else what it tells, else 80."""
    return max(shutil.get_terminal_size((80, 24)).columns, 40)


def table(
    header: Sequence[str], rows: Iterable[Sequence[str]], empty: str = "没有。", *, yielding: Sequence[int] = ()
) -> None:
    """Columns aligned, a Chinese character counted as two; the `yielding` ones are cut to fit the terminal."""
    lines = [list(header), *([clean(cell) for cell in row] for row in rows)]
    if len(lines) == 1:
        typer.echo(empty)
        return
    widths = [max(_width(line[i]) for line in lines) for i in range(len(header))]
    over = sum(widths) + 2 * (len(widths) - 1) - columns()
    while over > 0 and yielding:
        widest = max(yielding, key=lambda i: widths[i])
        if widths[widest] <= NARROWEST:
            break
        widths[widest] -= 1
        over -= 1
    for line in lines:
        cells = [cut(cell, widths[i]) for i, cell in enumerate(line)]
        typer.echo("  ".join(cell + " " * (widths[i] - _width(cell)) for i, cell in enumerate(cells)).rstrip())


def wrapped(head: str, text: str) -> None:
    """`text` behind `head`, broken at the terminal's edge, its further lines under its first; line ends are kept."""
    room = columns() - _width(head)
    for words in text.splitlines() or [""]:
        rest = clean(words)
        while True:
            line = _fitting(rest, room)
            typer.echo(f"{head}{line}".rstrip())
            head, rest = " " * _width(head), rest[len(line) :]
            if not rest:
                break


def _fitting(text: str, width: int) -> str:
    """As much of `text` as `width` columns hold, at least one character; closing marks do not begin a line."""
    used = 0
    for n, char in enumerate(text):
        used += _width(char)
        if used > width and n:
            return text[: n - 1] if char in _CLOSING and n > 1 else text[:n]
    return text


def clean(text: str) -> str:
    """Text from outside made safe for a terminal: one line, no control or direction characters."""
    kept = "".join(" " if c in "\r\n\t" else c for c in text)
    return "".join(c for c in kept if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))


def cut(text: str, width: int) -> str:
    """`text` on at most `width` columns."""
    text = clean(text)
    if _width(text) <= width:
        return text
    while text and _width(text) > width - 1:
        text = text[:-1]
    return text + "…"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
