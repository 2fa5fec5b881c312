"""A small school and a desk at which commands are decided and folded, for every test of the law."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import pytest

from daemon.procedure import matter as law
from daemon.procedure import reminders
from daemon.procedure.rules import Rules, default_text, load_policy
from daemon.procedure.shapes import (
    Acknowledge,
    Because,
    Close,
    Dispatch,
    Entry,
    Leader,
    Matter,
    Person,
    Propose,
    ReceiveReport,
    RefNo,
    Refusal,
    School,
    Unit,
)
from daemon.procedure.workdays import SHANGHAI, load_calendar

SCHOOL = School(
    name="青澜师范学院",
    short_name="青澜师院",
    office="学校办公室",
    section="督察科",
    ref_prefix="青师督字",
    mailbox="ducha@qlnu.example",
    domain="qlnu.example",
    director="陈立",
    director_address="chenli@qlnu.example",
)


def unit(code: str, name: str, supervising: str | None, attached: str | None = None) -> Unit:
    return Unit(
        code=code,
        name=name,
        short_name=name,
        head=Person("头", "处长", f"{code.lower()}.head@qlnu.example"),
        liaison=Person("联", "科员", f"{code.lower()}.liaison@qlnu.example"),
        supervising=supervising,
        attached=attached,
    )


def make_rules(extra: str = "") -> Rules:
    units = [unit("HQ", "后勤管理处", "L2"), unit("XG", "学生工作部", "L3"), unit("BW", "保卫处", None, "L3")]
    leaders = [
        Leader("L1", "王校", "校长", "l1@qlnu.example", principal=True),
        Leader("L2", "周敏", "副校长", "l2@qlnu.example"),
        Leader("L3", "李副", "副校长", "l3@qlnu.example"),
        Leader("L4", "赵书", "党委书记", "l4@qlnu.example", principal=True),
    ]
    return Rules(
        school=SCHOOL,
        calendar=load_calendar(extra or default_text()),
        policy=load_policy(default_text()),
        units={one.code: one for one in units},
        leaders={one.code: one for one in leaders},
    )


def moment(text: str) -> datetime:
    """A moment of Shanghai: 2026-11-24 10:00, at 09:00 where no time is written."""
    return datetime.fromisoformat(text if " " in text else f"{text} 09:00").replace(tzinfo=SHANGHAI)


def day(text: str) -> date:
    return date.fromisoformat(text)


def draft(deadline: str | None = "2026-12-15", **changes: Any) -> Propose:
    plain = Propose(
        matter="m1",
        title="6栋公寓供热管网检修",
        source="2026年第18次校长办公会议",
        requirements="1.完成检修；2.报送台账。",
        lead="HQ",
        supporting=("XG",),
        deadline=day(deadline) if deadline else None,
        leader_opinion="同意，抓紧落实。",
        instructing_leader="L2",
        ref=RefNo(2026, 12),
    )
    return replace(plain, **changes)


@dataclass
class Desk:
    """One matter's history. `do` decides, numbers and keeps; a Refusal is returned and changes nothing."""

    rules: Rules
    entries: list[Entry] = field(default_factory=list)

    @property
    def matter(self) -> Matter | None:
        return law.fold(self.entries) if self.entries else None

    def do(
        self, when: str, command: Any, actor: str = "officer:li", letter: int | None = None
    ) -> Refusal | list[Entry]:
        answer = law.decide(self.matter, command, moment(when), self.rules, Because(actor, letter))
        if isinstance(answer, Refusal):
            return answer
        seq = len(self.entries)
        kept = [replace(entry, seq=seq + n) for n, entry in enumerate(answer, 1)]
        self.entries += kept
        return kept

    def must(self, when: str, command: Any, actor: str = "officer:li", letter: int | None = None) -> list[Entry]:
        answer = self.do(when, command, actor, letter)
        assert not isinstance(answer, Refusal), answer
        return answer

    def refused(self, when: str, command: Any, actor: str = "officer:li", letter: int | None = None) -> str:
        answer = self.do(when, command, actor, letter)
        assert isinstance(answer, Refusal), answer
        return answer.code

    def dispatched(self, on: str = "2026-11-24", deadline: str = "2026-12-15", **changes: Any) -> Desk:
        self.must(on, draft(deadline, **changes))
        self.must(on, Dispatch("m1", tokens=("t1", "t2")))
        return self

    def acknowledged(self, on: str = "2026-11-24") -> Desk:
        for a in self.matter.assignments:
            self.must(f"{on} 11:00", Acknowledge("m1", a.unit, "head"), "letter", 1)
        return self

    def reported(self, on: str, letter: int = 7) -> Desk:
        self.must(on, ReceiveReport("m1", "HQ", "已完成", day(on[:10])), "letter", letter)
        return self

    def closed(self, on: str) -> Desk:
        self.must(on, Close("m1", day(on[:10])))
        return self

    def due(self, when: str) -> list[str]:
        """The stages due at a moment, a supporting unit's with its code."""
        lead = self.matter.lead
        found = reminders.due(self.matter, self.rules, moment(when))
        return [one.key.stage if one.unit == lead else f"{one.key.stage}:{one.unit}" for one in found]

    def remind(self, when: str) -> list[str]:
        """Registers what is due, as the clock does."""
        found = reminders.due(self.matter, self.rules, moment(when))
        for one in found:
            self.must(when, one.command("m1"), "clock")
        return [one.key.stage for one in found]

    def preview(self, when: str) -> list[tuple[str, str]]:
        plan = reminders.preview(self.matter, self.rules, moment(when))
        return [(one.stage, one.at.astimezone(SHANGHAI).strftime("%m-%d %H:%M")) for one in plan if one.unit == "HQ"]


@pytest.fixture(scope="session")
def rules() -> Rules:
    return make_rules()


@pytest.fixture
def desk(rules: Rules) -> Desk:
    return Desk(rules)


@pytest.fixture(scope="session")
def new_desk(rules: Rules) -> Any:
    """For tests that need a fresh desk in every example."""
    return lambda: Desk(rules)


@pytest.fixture(scope="session")
def made() -> Any:
    """The builders of this file, for the tests beside it."""

    class Made:
        rules = staticmethod(make_rules)
        moment = staticmethod(moment)
        day = staticmethod(day)
        draft = staticmethod(draft)
        desk = Desk

    return Made
