"""A bad settings file in words: which file, table and key, what was found, what was expected, what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong. `table` and `key` may be empty; everything else is Chinese for the administrator."""

    file: str
    table: str
    key: str
    found: str
    expected: str
    todo: str

    def __str__(self) -> str:
        place = f"[{self.table}] " if self.table else ""
        what = f"{self.key} {self.found}" if self.key else self.found
        return f"{self.file}：{place}{what}；应为：{self.expected}。处理：{self.todo}。"


class BadSettings(Exception):
    """The settings cannot be used; `problems` names each one."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(p) for p in problems))
        self.problems = tuple(problems)


#: pydantic's error types → what was expected, with the error's context filled in.
EXPECTED = {
    "string_type": "加引号的文字",
    "int_type": "整数",
    "int_parsing": "整数",
    "int_from_float": "整数",
    "float_type": "数",
    "float_parsing": "数",
    "bool_type": "true 或 false",
    "bool_parsing": "true 或 false",
    "tuple_type": '列表，如 ["INBOX"]',
    "list_type": '列表，如 ["INBOX"]',
    "model_type": "一个表（[名称] 之下的若干行）",
    "model_attributes_type": "一个表（[名称] 之下的若干行）",
    "dict_type": "一个表（[名称] 之下的若干行）",
    "greater_than": "大于 {gt}",
    "greater_than_equal": "不小于 {ge}",
    "less_than": "小于 {lt}",
    "less_than_equal": "不大于 {le}",
    "literal_error": "{expected}",
}


def problems_of(bad: ValidationError, file: Path, environ: Mapping[str, str]) -> list[Problem]:
    """Each of pydantic's errors in our words; one that came from the environment names its variable."""
    return [_problem(error, file, environ) for error in bad.errors()]


def _problem(error: Any, file: Path, environ: Mapping[str, str]) -> Problem:
    where = [str(x) for x in error["loc"]]
    table = where[0] if where else ""
    key = where[1] if len(where) > 1 else ""
    variable = "DUBAN_" + "__".join(where[:2]).upper()
    source = f"环境变量 {variable}" if variable in {k.upper() for k in environ} else str(file)
    if error["type"] == "extra_forbidden":
        if key:
            return Problem(source, table, key, "没有这个项目", f"[{table}] 的已知项目", "检查拼写，或删去这一项")
        return Problem(source, "", f"[{table}]", "没有这个表", "已知的表", "检查拼写，或删去这个表")
    expected = (
        EXPECTED.get(error["type"], error["msg"])
        .format(**error.get("ctx", {}))
        .replace("'", "")
        .replace(" or ", " 或 ")
    )
    found = "内容有误" if "password" in key else f"是 {error['input']!r}"
    return Problem(source, table, key, found, expected, f"改正 {key or table}")
