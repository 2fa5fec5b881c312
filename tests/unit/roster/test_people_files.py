"""leaders.csv, units.csv and school.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.procedure.shapes import School
from daemon.roster import people, school
from daemon.roster.shapes import BadFile

LEADERS = (
    "编号,姓名,职务,邮箱,主要领导\nA1,高远,校长,gaoyuan@north.example,是\nA2,林静,副校长,linjing@north.example,否\n"
)
HEADER = ",".join(people.UNIT_COLUMNS)
UNIT = (
    "U1,总务处,总务,A2,石磊,处长,shilei@north.example,方圆,fang@north.example,"
    "叶子,yezi@north.example,123,zw@north.example"
)


def put(folder: Path, text: str) -> Path:
    file = folder / "list.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_leaders(tmp_path: Path) -> None:
    found = people.leaders(put(tmp_path, LEADERS))
    assert [(x.code, x.name, x.principal) for x in found] == [("A1", "高远", True), ("A2", "林静", False)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("A1,高远,校长,gao＠north.example,是", ["第4行“邮箱”列", "gao＠north.example", "全角"]),
        ("A3,高远,校长,gao@north.example,对", ["“主要领导”列", "是 或 否"]),
        ("A2,高远,校长,gao@north.example,是", ["“编号”列", "A2 与第3行重复"]),
        (",高远,校长,gao@north.example,是", ["“编号”列", "是空的"]),
        ("A3,,校长,gao@north.example,是", ["“姓名”列", "不能为空"]),
    ],
)
def test_bad_leaders(tmp_path: Path, line: str, expected: list[str]) -> None:
    with pytest.raises(BadFile) as caught:
        people.leaders(put(tmp_path, LEADERS + line + "\n"))
    for word in expected:
        assert word in str(caught.value)


def test_units_with_and_without_the_optional_columns(tmp_path: Path) -> None:
    (unit,) = people.units(put(tmp_path, f"{HEADER}\n{UNIT}；other@mail.example\n"), {"A1", "A2"})
    assert unit.head is not None
    assert (unit.head.name, unit.head.title, unit.head.address) == ("石磊", "处长", "shilei@north.example")
    assert unit.second_head is None
    assert unit.other_addresses == ("zw@north.example", "other@mail.example")
    more = f"{HEADER},第二负责人,第二负责人职务,第二负责人邮箱,联系校领导\n{UNIT},白露,书记,bailu@north.example,A1\n"
    (unit,) = people.units(put(tmp_path, more), {"A1", "A2"})
    assert unit.second_head is not None
    assert unit.second_head.address == "bailu@north.example"
    assert (unit.supervising, unit.attached) == ("A2", "A1")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (",A2,", ",A9,", ["第2行“分管校领导”列", "“A9”", "A1、A2"]),
        ("yezi@north.example", "叶子@north.example", ["“联络员邮箱”列", "英文字母"]),
        ("zw@north.example", "zw@north.example；坏的", ["“其他邮箱”列", "其中的“坏的”"]),
        ("叶子,", ",", ["“联络员”列", "邮箱已填"]),
        ("总务处", "", ["“单位名称”列", "是空的"]),
    ],
)
def test_bad_units(tmp_path: Path, old: str, new: str, expected: list[str]) -> None:
    with pytest.raises(BadFile) as caught:
        people.units(put(tmp_path, f"{HEADER}\n{UNIT.replace(old, new, 1)}\n"), {"A1", "A2"})
    for word in expected:
        assert word in str(caught.value)


def test_every_problem_of_a_file_is_named(tmp_path: Path) -> None:
    text = f"{HEADER}\n{UNIT}\n{UNIT}\n{UNIT.replace('A2', 'A7').replace('U1', 'U2')}\n"
    with pytest.raises(BadFile) as caught:
        people.units(put(tmp_path, text), {"A2"})
    assert {(p.row, p.column) for p in caught.value.problems} == {
        (3, "单位编号"), (3, "单位名称"), (4, "单位名称"), (4, "分管校领导"),
    }  # fmt: skip


SCHOOL = School(
    name="北山\"师范\"大学", short_name="北师", office="学校办公室", section="督察科", ref_prefix="北师督字",
    mailbox="dc@north.example", domain="north.example", authserv_id="mx.north.example", grave_by_mail=False,
)  # fmt: skip


def test_a_school_goes_out_and_in_unchanged() -> None:
    assert school.parse(school.write(SCHOOL), "x") == SCHOOL


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("mailbox = ", "mailboxx = ", ["mailboxx：没有这个项目", "mailbox：没有填写"]),
        ("dc@north.example", "督察@north.example", ["mailbox", "英文字母"]),
        ("grave_by_mail = false", "grave_by_mail = 0", ["grave_by_mail", "true 或 false"]),
        ("[school]", "[schule]", ["[schule]", "[school]"]),
        ('section = "督察科"', 'section = ""', ["section：没有填写"]),
        ('section = "督察科"', "section = 督察科", ["TOML 语法错误"]),
    ],
)
def test_bad_schools(old: str, new: str, expected: list[str]) -> None:
    with pytest.raises(BadFile) as caught:
        school.parse(school.write(SCHOOL).replace(old, new, 1), "school.toml")
    for word in expected:
        assert word in str(caught.value)
