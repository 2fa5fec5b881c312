"""school.toml made a School, and back."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from daemon.procedure.shapes import School
from daemon.roster.cells import address_expected, is_address
from daemon.roster.shapes import BadFile, RowProblem

#: What each key is, for messages and for the comments of an export.
KEYS = {
    "name": "学校全称",
    "short_name": "学校简称",
    "office": "督办单位，如 学校办公室",
    "section": "科室，如 督察科",
    "ref_prefix": "文号的代字，如 青师督字",
    "mailbox": "督办邮箱：交办从此发出，回复到此",
    "domain": "学校的邮件域名",
    "authserv_id": "本校邮件服务器在 Authentication-Results 中的名称；不写此头的留空",
    "contact": "通知单上的交办部门联系人",
    "phone": "联系电话",
    "section_address": "督察科收预告和告警的邮箱；留空即督办邮箱",
    "director": "学校办公室负责人姓名",
    "director_address": "学校办公室负责人邮箱",
    "grave_by_mail": "false：办结报告和延期申请一律待人工确认",
}
_NEEDED = ("name", "short_name", "office", "section", "ref_prefix", "mailbox", "domain")
_ADDRESSES = ("mailbox", "section_address", "director_address")


def read(path: Path) -> School:
    """The school of the file; BadFile with every bad key."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as bad:
        raise BadFile([RowProblem(str(path), 0, "", "没有这个文件", "school.toml 的路径")]) from bad
    except (OSError, UnicodeDecodeError) as bad:
        raise BadFile([RowProblem(str(path), 0, "", "读不了，或不是 UTF-8", "UTF-8 的 TOML 文件")]) from bad
    return parse(text, str(path))


def parse(text: str, file: str) -> School:
    """As `read`, from the text itself."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as bad:
        raise BadFile([RowProblem(file, 0, "", f"TOML 语法错误：{bad}", '形如 name = "某某大学" 的行')]) from bad
    problems = [RowProblem(file, 0, f"[{t}]", "没有这个表", "只有 [school] 一个表") for t in tables if t != "school"]
    table = tables.get("school")
    if not isinstance(table, dict):
        problems.append(RowProblem(file, 0, "[school]", "没有这个表", "[school] 之下写学校各项"))
        raise BadFile(problems)
    return _checked(table, file, problems)


def _checked(table: dict[str, Any], file: str, problems: Sequence[RowProblem] = ()) -> School:
    problems = [*problems, *(p for key, value in table.items() if (p := _problem(file, key, value)))]
    problems += [
        RowProblem(file, 0, key, "没有填写", KEYS[key]) for key in _NEEDED if not str(table.get(key, "")).strip()
    ]
    if problems:
        raise BadFile(problems)
    values: dict[str, Any] = {k: v.strip() if isinstance(v, str) else v for k, v in table.items()}
    return School(**values)


def _problem(file: str, key: str, value: Any) -> RowProblem | None:
    if key not in KEYS:
        return RowProblem(file, 0, key, "没有这个项目", "以下项目：" + "、".join(KEYS))
    if key == "grave_by_mail":
        return None if isinstance(value, bool) else RowProblem(file, 0, key, f"是 {value!r}", "true 或 false")
    if not isinstance(value, str):
        return RowProblem(file, 0, key, f"是 {value!r}", "加引号的文字")
    if any(ord(c) < 32 for c in value):
        return RowProblem(file, 0, key, "含有换行或控制字符", "一行文字")
    if key in _ADDRESSES and value and not is_address(value):
        return RowProblem(file, 0, key, f"是“{value}”", address_expected(value))
    return None


def write(school: School) -> str:
    """The school as TOML, each key with its comment; `parse` reads it back."""
    lines = ["[school]"]
    for field in fields(school):
        value = getattr(school, field.name)
        lines += [f"# {KEYS[field.name]}", f"{field.name} = {_toml(value)}"]
    return "\n".join(lines) + "\n"


def changed(school: School, given: Mapping[str, str]) -> School:
    """The school with these keys as a person typed them; BadFile with every bad one."""
    table: dict[str, Any] = asdict(school)
    for key, text in given.items():
        truth = {"true": True, "false": False, "是": True, "否": False}.get(text.strip().lower())
        table[key] = truth if key == "grave_by_mail" and truth is not None else text.strip()
    return _checked(table, "school")


def _toml(value: str | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
