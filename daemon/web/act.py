"""One act on a matter as a page shows it: its fields, when it is possible, the Command that it becomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from daemon.procedure.rules import Rules
from daemon.procedure.shapes import Command, Matter
from daemon.web import days
from daemon.web.page import DESK
from daemon.web.problems import Problem

Typed = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an act's form. `kind`: day, text, words, number, one (of `choices`), many (of `choices`)."""

    name: str
    label: str
    kind: str
    hint: str = ""
    must: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    first: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """What an act's fields and Command are made from."""

    matter: Matter
    rules: Rules
    today: date


@dataclass(frozen=True, slots=True)
class Act:
    """One act. `title` names it (verb and object); `final`: it cannot be undone by the next act of the same kind."""

    name: str
    title: str
    done: str
    follows: str
    when: Callable[[Matter], bool]
    fields: Callable[[Case], tuple[Field, ...]]
    command: Callable[[Case, Typed], Command | list[Problem]]
    roles: frozenset[str] = DESK
    blue: bool = False
    final: bool = False
    by_hand: bool = False  # registers what came by telephone, on paper or in person


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the typed fields and collects what is wrong with them."""

    typed: Typed
    today: date
    problems: list[Problem] = field(default_factory=list)

    def words(self, name: str, missing: str = "") -> str:
        value = " ".join(self.typed.get(name, ())).strip()
        if not value and missing:
            self.problems.append(Problem(name, missing))
        return value

    def day(self, name: str) -> date:
        value = self.words(name)
        day = days.typed_day(value, self.today) if value else None
        if day is None:
            wrong = f"“{value}”不是日期。可写 1130、11.30 或 11月30日。" if value else "请填写日期。"
            self.problems.append(Problem(name, wrong))
        return day or self.today

    def many(self, name: str, missing: str) -> tuple[str, ...]:
        values = self.typed.get(name, ())
        if not values:
            self.problems.append(Problem(name, missing))
        return tuple(values)


def unit_name(case: Case, code: str) -> str:
    unit = case.rules.units.get(code)
    return unit.short_name if unit else code
