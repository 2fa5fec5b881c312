"""A born folder to copy, a small school's files, and the command as a function."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.cli import main
from daemon.edges.clock import RealClock
from daemon.procedure.workdays import day_of

SCHOOL = """[school]
name = "北山师范大学"
short_name = "北师大"
office = "学校办公室"
section = "督察科"
ref_prefix = "北师督字"
mailbox = "dc@north.example"
domain = "north.example"
authserv_id = "mx.north.example"
contact = "秦越"
phone = "000-0001"
"""
LEADERS = """编号,姓名,职务,邮箱,主要领导
A1,高远,校长,gaoyuan@north.example,是
A2,林静,副校长,linjing@north.example,否
"""
UNITS = """\
单位编号,单位名称,简称,分管校领导,主要负责人,主要负责人职务,主要负责人邮箱,直接责任人,直接责任人邮箱,联络员,联络员邮箱,联络员电话,其他邮箱
U1,总务处,总务,A2,石磊,处长,shilei@north.example,方圆,fang@north.example,叶子,yezi@north.example,1,zw@north.example
U2,外国语学院,外院,A2,江帆,院长,jiangfan@north.example,沙白,sha@north.example,何苗,hemiao@north.example,2,
U3,校医院,医院,A1,安康,院长,ankang@north.example,,,宁静,ning@north.example,3,
"""
HEADER = (
    "文号,事项,来源,办理要求,主办单位,协办单位,交办时间,要求反馈时间,学校办公室负责人意见,学校领导意见,"
    "主办交办邮件,协办交办邮件,通知单文件"
)
TODAY = day_of(RealClock().now())


def day(offset: int) -> str:
    """A day so many calendar days from today."""
    return (TODAY + timedelta(days=offset)).isoformat()


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("DUBAN_") or name == "CREDENTIALS_DIRECTORY":
            monkeypatch.delenv(name)


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def call(*words: object) -> Ran:
        capfd.readouterr()
        try:
            main([str(word) for word in words])
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        said = capfd.readouterr()
        assert "Traceback" not in said.err + said.out
        return Ran(code, said.out, said.err)

    return call


@pytest.fixture(scope="session")
def born(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with school, leaders and units, made once; tests work in copies."""
    base = tmp_path_factory.mktemp("born")
    for name, text in (("school.toml", SCHOOL), ("leaders.csv", LEADERS), ("units.csv", UNITS)):
        (base / name).write_text(text, encoding="utf-8")
    home = base / "home"
    for words in (
        ["init", home, "--school", base / "school.toml"],
        ["leaders", "import", base / "leaders.csv", "-C", home],
        ["units", "import", base / "units.csv", "-C", home],
    ):
        with pytest.raises(SystemExit) as end:
            main([str(word) for word in words])
        assert not end.value.code
    return base


@pytest.fixture
def home(born: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "home"
    shutil.copytree(born / "home", copied)
    return copied


def matters_file(folder: Path, *rows: str, header: str = HEADER, name: str = "matters.csv") -> Path:
    file = folder / name
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def row(
    ref: str = "",
    title: str = "食堂明厨亮灶",
    *,
    lead: str = "U1",
    supporting: str = "",
    dispatched: str = "",
    deadline: str = "",
    leader: str = "",
    mails: str = ",",
    notice: str = "",
) -> str:
    first = f"{ref},{title},校长批示,完成改造。,{lead},{supporting},{dispatched},{deadline}"
    return f"{first},拟请办理,{leader},{mails},{notice}"
