"""The plain data of a list file: its rows, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One row under the header. `number` as a spreadsheet counts: the header is row 1. Every known column is there."""

    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file read: its name as the user wrote it, its header and its rows that are not blank."""

    file: str
    header: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing wrong in a file, in Chinese. `row` 0: the whole file, or its key `column`."""

    file: str
    row: int
    column: str
    found: str
    expected: str

    def __str__(self) -> str:
        place = f"第{self.row}行" if self.row else ""
        column = f"“{self.column}”列" if self.row and self.column else self.column
        where = f"：{place}{column}" if place or column else ""
        return f"{self.file}{where}：{self.found}；应为：{self.expected}"


class BadFile(Exception):
    """A file of which nothing was taken; `problems` names every one found."""

    def __init__(self, problems: Sequence[RowProblem]) -> None:
        super().__init__("\n".join(str(p) for p in problems))
        self.problems = tuple(problems)
