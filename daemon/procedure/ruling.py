"""What an article is given when it decides, and what it may answer: facts, a Refusal, or that it is so already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from daemon.procedure.rules import Rules
from daemon.procedure.shapes import Assignment, Because, Entry, Matter, Refusal
from daemon.procedure.workdays import day_of

#: What the law computed on that day and next year's rules must not compute again.
Facts = dict[str, str | int | bool | None]
#: None: what is already so is none.
Verdict = Facts | Refusal | None
Decide = Callable[["Case", Any], Verdict]
Evolve = Callable[[Matter, Any, Entry], Matter]


@dataclass(frozen=True, slots=True)
class Case:
    """A command's surroundings. `article`: the one of its step, which a Refusal names."""

    matter: Matter
    at: datetime
    rules: Rules
    because: Because
    article: str

    @property
    def today(self) -> date:
        return day_of(self.at)

    @property
    def by_person(self) -> bool:
        return self.because.actor.startswith("officer:")

    def refuse(self, code: str, article: str = "", **facts: str | int | date) -> Refusal:
        """A No of this case; `article` where another than the step's own forbids it."""
        return Refusal(code, article or self.article, {name: str(value) for name, value in facts.items()})

    def party(self, unit: str) -> Assignment | Refusal:
        """The unit's assignment, or the Refusal of a unit without a part in the matter (一)."""
        return self.matter.assignment(unit) or self.refuse("not_a_party", "一", unit=self.unit_name(unit))

    def came_on(self, on: date) -> Refusal | None:
        """The Refusal of a day that a person typed for what came by telephone or on paper; a letter has its arrival."""
        if not self.by_person or self.because.letter is not None:
            return None
        if on > self.today:
            return self.refuse("day_in_future", on=on)
        since = self.matter.dispatched_on
        return self.refuse("day_before_dispatch", on=on, since=since) if since and on < since else None

    def unit_name(self, code: str) -> str:
        known = self.rules.units.get(code)
        return known.name if known else code


def blank(text: str) -> bool:
    return not text.strip()


def fact_day(entry: Entry, name: str) -> date:
    """A day among an entry's facts."""
    return date.fromisoformat(str(entry.facts[name]))


def has_fact(entry: Entry, name: str) -> bool:
    return bool(entry.facts.get(name))
