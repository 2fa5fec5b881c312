"""Single cells checked: days, addresses, lists, Message-IDs, 是/否; each returns the value or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from daemon.roster.shapes import Row, RowProblem

_DAY = re.compile(r"^(\d{4})\s*(?:[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})|年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日?)$")
_DIGITS = str.maketrans("０１２３４５６７８９－／．", "0123456789-/.")
#: RFC 5321 without quoted local parts: letters, digits and the usual signs, a domain with a dot. ASCII only.
_ADDRESS = re.compile(
    r"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$"
)
_CODE = re.compile(r"^[0-9A-Za-z一-鿿_.-]{1,20}$")
_LIST = re.compile(r"[；;]")


@dataclass(slots=True)
class Checker:
    """Reads the cells of one file and collects what is wrong."""

    file: str
    problems: list[RowProblem] = field(default_factory=list)

    def bad(self, row: Row, column: str, found: str, expected: str) -> None:
        self.problems.append(RowProblem(self.file, row.number, column, found, expected))

    def words(self, row: Row, column: str, *, longest: int = 4000, needed: bool = True) -> str:
        """The cell as it is; controls are refused, since they would stand in mails and PDFs."""
        text = row[column]
        if needed and not text:
            self.bad(row, column, "是空的", "不能为空")
        if len(text) > longest:
            self.bad(row, column, f"有 {len(text)} 字", f"不多于 {longest} 字")
        if any((ord(c) < 32 and c not in "\n\r\t") or ord(c) == 127 for c in text):
            self.bad(row, column, f"含有控制字符 {text!r}", "普通文字")
        return text

    def line(self, row: Row, column: str, *, longest: int = 200, needed: bool = True) -> str:
        """Words without a line break: they stand in subjects and headers."""
        text = self.words(row, column, longest=longest, needed=needed)
        if "\n" in text or "\r" in text:
            self.bad(row, column, "含有换行", "一行文字")
        return text

    def code(self, row: Row, column: str, *, needed: bool = True) -> str:
        text = row[column]
        if not text and not needed:
            return ""
        if not _CODE.match(text):
            self.bad(row, column, f"是“{text}”" if text else "是空的", "编号：字母、数字、汉字，不多于 20 个")
        return text

    def day(self, row: Row, column: str) -> date | None:
        """A day, None where the cell is empty."""
        text = row[column]
        if not text:
            return None
        found = parse_day(text)
        if found is None:
            self.bad(row, column, f"是“{text}”", "日期，如 2026-12-15")
        return found

    def address(self, row: Row, column: str) -> str:
        text = row[column]
        if text and not is_address(text):
            self.bad(row, column, f"是“{text}”", address_expected(text))
        return text

    def addresses(self, row: Row, column: str) -> tuple[str, ...]:
        found = split(row[column])
        for text in found:
            if not is_address(text):
                self.bad(row, column, f"其中的“{text}”", address_expected(text))
        return found

    def yes(self, row: Row, column: str) -> bool:
        text = row[column]
        if text not in ("是", "否", ""):
            self.bad(row, column, f"是“{text}”", "是 或 否")
        return text == "是"

    def unique(self, rows: list[tuple[Row, str]], column: str, say: Callable[[str], str] = str) -> None:
        """Names each row whose value an earlier row already has."""
        first: dict[str, int] = {}
        for row, value in rows:
            if not value:
                continue
            if value in first:
                self.bad(row, column, f"{say(value)} 与第{first[value]}行重复", "每个只出现一次")
            else:
                first[value] = row.number


def parse_day(text: str) -> date | None:
    """2026-12-15, 2026/12/15, 2026.12.15, 2026年12月15日, 20261215; a time of day behind it is cut off."""
    plain = text.translate(_DIGITS).strip()
    plain = re.sub(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$", "", plain)
    if re.fullmatch(r"\d{8}", plain):
        plain = f"{plain[:4]}-{plain[4:6]}-{plain[6:]}"
    match = _DAY.match(plain)
    if not match:
        return None
    year, month, day = (int(g) for g in match.groups() if g)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def is_address(text: str) -> bool:
    """Whether `text` is one plain ASCII mail address (servers here do not speak SMTPUTF8)."""
    return len(text) <= 254 and bool(_ADDRESS.match(text)) and len(text.split("@")[0]) <= 64


def address_expected(text: str) -> str:
    if not text.isascii():
        return "英文字母和数字写成的邮箱地址（不含全角字符和汉字）"
    return "邮箱地址，如 name@school.example"


def split(text: str) -> tuple[str, ...]:
    """A list inside a cell, separated by ；"""
    return tuple(part.strip() for part in _LIST.split(text) if part.strip())


def message_ids(text: str) -> tuple[str, ...]:
    """Message-IDs of a cell, without their <>; an empty place between two ； stays empty, so that order holds."""
    if not text:
        return ()
    return tuple(part.strip().removeprefix("<").removesuffix(">").strip() for part in _LIST.split(text))
