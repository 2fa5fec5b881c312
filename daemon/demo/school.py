"""The demo's school as data: people, matters, the officer's dispatches and the clerks' diary, read from office/.

`School` here is what somebody outside the program knows: plain values from the csv files, none of the program's shapes.
"""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

from daemon.procedure.workdays import SHANGHAI

YEAR = 2026


@dataclass(frozen=True, slots=True)
class Clerk:
    """A person or an office with an address; `unit` is '' for leaders and the Section."""

    name: str
    title: str
    address: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Office:
    """One unit: its people by role (head, deputy, liaison, unit, private)."""

    code: str
    name: str
    phone: str
    supervised_by: str
    people: dict[str, Clerk]


@dataclass(frozen=True, slots=True)
class Task:
    """One matter as the Section wrote it into matters.csv; `row` counts from 1."""

    row: int
    title: str
    lead: str
    supporting: tuple[str, ...]
    deadline: date


@dataclass(frozen=True, slots=True)
class Planned:
    """One entry of the diary: what a clerk will write and when, and what it truly is (see office/diary.toml)."""

    number: int
    at: datetime
    matter: int
    unit: str
    by: str
    client: str
    kind: str
    words: str
    thread: str = "dispatch"
    subject: str = ""
    display: str = ""
    file: str = ""
    report: str = ""
    until: date | None = None
    officer: str = "confirm"
    then: str = ""
    waits: bool = False
    forged: str = ""
    bulk: bool = False


@dataclass(frozen=True, slots=True)
class Dispatching:
    at: datetime
    matters: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SampleOffice:
    """Everything of the imaginary school."""

    name: str
    short_name: str
    mailbox: str
    domain: str
    authserv_id: str
    section_address: str
    director_address: str
    officer: str
    offices: dict[str, Office]
    leaders: dict[str, Clerk]
    tasks: dict[int, Task]
    diary: tuple[Planned, ...]
    dispatches: tuple[Dispatching, ...]
    dead: tuple[str, ...] = ()  # mailboxes that are gone
    addresses: dict[str, Clerk] = field(default_factory=dict)

    def clerk(self, planned: Planned) -> Clerk:
        """Whose address the entry is written from; an address of its own is nobody's."""
        if planned.by in self.leaders:
            return self.leaders[planned.by]
        if "@" in planned.by:
            return Clerk(planned.display or planned.by.partition("@")[0], "", planned.by, planned.unit)
        return self.offices[planned.unit].people[planned.by]


def folder() -> Path:
    """Where school.toml, leaders.csv, units.csv, matters.csv and diary.toml lie."""
    return Path(str(files("daemon.demo").joinpath("office")))


@cache
def load() -> SampleOffice:
    """The sample office, whole."""
    here = folder()
    school = tomllib.loads((here / "school.toml").read_text("utf-8"))["school"]
    leaders = {r["编号"]: Clerk(r["姓名"], r["职务"], r["邮箱"]) for r in _rows(here / "leaders.csv")}
    offices = {r["单位编号"]: _office(r) for r in _rows(here / "units.csv")}
    diary = tomllib.loads((here / "diary.toml").read_text("utf-8"))
    officer = Clerk(school["contact"], "督察科", school["section_address"])
    director = Clerk(school["director"], "学校办公室主任", school["director_address"])
    known = [*leaders.values(), officer, director, *(p for o in offices.values() for p in o.people.values())]
    return SampleOffice(
        name=school["name"],
        short_name=school["short_name"],
        mailbox=school["mailbox"],
        domain=school["domain"],
        authserv_id=school["authserv_id"],
        section_address=school["section_address"],
        director_address=school["director_address"],
        officer=school["contact"],
        offices=offices,
        leaders=leaders,
        tasks={t.row: t for t in map(_task, enumerate(_rows(here / "matters.csv"), 1))},
        diary=tuple(_planned(number, entry) for number, entry in enumerate(diary["letter"], 1)),
        dispatches=tuple(Dispatching(moment(d["at"]), tuple(d["matters"])) for d in diary["dispatch"]),
        dead=tuple(diary["dead"]),
        addresses={clerk.address: clerk for clerk in known},
    )


def moment(text: str) -> datetime:
    """`11-03 08:52` of the demo's year, in Shanghai."""
    return datetime.strptime(f"{YEAR}-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _office(row: dict[str, str]) -> Office:
    code = row["单位编号"]
    others = [a for a in row["其他邮箱"].split("；") if a]
    people = {
        "head": Clerk(row["主要负责人"], row["主要负责人职务"], row["主要负责人邮箱"], code),
        "deputy": Clerk(row["直接责任人"], "副职", row["直接责任人邮箱"], code),
        "liaison": Clerk(row["联络员"], "联络员", row["联络员邮箱"], code),
        "unit": Clerk(row["单位名称"], "", others[0], code),
    }
    if len(others) > 1:
        people["private"] = Clerk(row["联络员"], "联络员", others[1], code)
    return Office(code, row["单位名称"], row["联络员电话"], row["分管校领导"], people)


def _task(numbered: tuple[int, dict[str, str]]) -> Task:
    number, row = numbered
    supporting = tuple(code for code in row["协办单位"].split("；") if code)
    return Task(number, row["事项"], row["主办单位"], supporting, date.fromisoformat(row["要求反馈时间"]))


def _planned(number: int, entry: dict[str, object]) -> Planned:
    values = dict(entry)
    values["at"] = moment(str(entry["at"]))
    values["words"] = str(entry["words"]).strip("\n")
    values["report"] = str(entry.get("report", "")).strip()
    if "until" in entry:
        values["until"] = date.fromisoformat(str(entry["until"]))
    return Planned(number=number, **values)  # type: ignore[arg-type]
