"""How commands speak: JSON one object a line, tables for people, times at +08:00, and a No as an exception."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import is_dataclass
from datetime import date, datetime
from typing import Annotated, Any

import typer

from daemon.procedure.shapes import RefNo
from daemon.procedure.workdays import SHANGHAI

Json = Annotated[bool, typer.Option("--json", help="每行一个 JSON 对象，时间为 ISO 8601（+08:00）。")]


class Said(Exception):
    """A command that refused or failed: Chinese words for the person at the terminal, exit code 1."""


def moment(value: datetime | None) -> str | None:
    """ISO 8601 with the offset of Asia/Shanghai, to the second."""
    return value.astimezone(SHANGHAI).isoformat(timespec="seconds") if value is not None else None


def shown_moment(value: datetime | None) -> str:
    """As people read it: 11-24 08:31."""
    return value.astimezone(SHANGHAI).strftime("%m-%d %H:%M") if value is not None else ""


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


def table(header: Sequence[str], rows: Iterable[Sequence[str]], empty: str = "没有。") -> None:
    """Columns aligned, a Chinese character counted as two; `empty` where there is no row."""
    lines = [[clean(cell) for cell in row] for row in rows]
    if not lines:
        typer.echo(empty)
        return
    widths = [max(_width(line[i]) for line in [list(header), *lines]) for i in range(len(header))]
    for line in [list(header), *lines]:
        cells = [cell + " " * (widths[i] - _width(cell)) for i, cell in enumerate(line)]
        typer.echo("  ".join(cells).rstrip())


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
