"""The school's rules as they were handed in: School, calendar and policy texts, for export and for what is new."""

from __future__ import annotations

from dataclasses import dataclass

from daemon.procedure.shapes import School, SetCalendar, SetPolicy, SetSchool
from store import history
from store.transaction import Tx


@dataclass(frozen=True, slots=True)
class RuleTexts:
    """The last of each; None and '' where none was handed in and the program's own hold."""

    school: School | None = None
    calendar: str = ""
    policy: str = ""


def in_force(tx: Tx) -> RuleTexts:
    school: School | None = None
    calendar = policy = ""
    for entry in history.look(tx, history.SCHOOL):
        match entry.command:
            case SetSchool():
                school = entry.command.school
            case SetCalendar():
                calendar = entry.command.toml
            case SetPolicy():
                policy = entry.command.toml
            case _:
                pass
    return RuleTexts(school, calendar, policy)
