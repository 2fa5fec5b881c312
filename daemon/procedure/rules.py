"""What decides beside the regulation: the school, its calendar, its policy, its units and leaders, on one day."""

from __future__ import annotations

from dataclasses import dataclass

from daemon.procedure.checking import BadRules
from daemon.procedure.policy import (
    AccountabilityPolicy,
    ExtensionPolicy,
    LampPolicy,
    OutboxCeilings,
    Policy,
    ReminderPolicy,
    Stage,
    load_policy,
)
from daemon.procedure.shapes import Leader, Person, Role, School, Unit
from daemon.procedure.shipped import default_text
from daemon.procedure.workdays import Calendar

__all__ = [
    "AccountabilityPolicy",
    "BadRules",
    "ExtensionPolicy",
    "LampPolicy",
    "OutboxCeilings",
    "Policy",
    "ReminderPolicy",
    "Rules",
    "Stage",
    "default_text",
    "load_policy",
]


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a day. The policy's office hours are put into the calendar, so that it alone answers for them."""

    school: School
    calendar: Calendar
    policy: Policy
    units: dict[str, Unit]
    leaders: dict[str, Leader]

    def __post_init__(self) -> None:
        object.__setattr__(self, "calendar", self.calendar.with_hours(self.policy.reminders.hours))

    def supervising_leader(self, unit: str) -> Leader | None:
        """分管校领导, else 联系校领导 of a unit (五(二)1 names either)."""
        known = self.units.get(unit)
        if known is None:
            return None
        for code in (known.supervising, known.attached):
            if code is not None and code in self.leaders:
                return self.leaders[code]
        return None

    def president(self) -> Leader | None:
        """校长 (院长 of a college-level school): the principal leader who is not only 党委书记."""
        principals = self._principals()
        titled = [one for one in principals if "校长" in one.title or "院长" in one.title]
        others = [one for one in principals if "书记" not in one.title]
        return next(iter([*titled, *others]), None)

    def secretary(self) -> Leader | None:
        """党委书记, the other 学校主要领导."""
        return next((one for one in self._principals() if "书记" in one.title), None)

    def _principals(self) -> list[Leader]:
        return [self.leaders[code] for code in sorted(self.leaders) if self.leaders[code].principal]

    def director(self) -> Person:
        """学校办公室负责人; the address is the Section's where none is entered."""
        return Person(self.school.director, "学校办公室负责人", self.school.director_address or self.section_address())

    def section_address(self) -> str:
        """Who reads announcements and alarms."""
        return self.school.section_address or self.school.mailbox

    def person(self, unit: str, role: Role) -> Person | None:
        """The person of a unit in a role, None where nobody with an address is entered."""
        known = self.units.get(unit)
        if known is None:
            return None
        if role == "head":
            people = [known.head, known.second_head]
        elif role == "deputy":
            people = [known.deputy]
        elif role == "liaison":
            people = [known.liaison]
        elif role == "unit":
            people = [Person(known.name, "", address) for address in known.other_addresses[:1]]
        else:
            people = []
        return next((one for one in people if one is not None and one.address), None)

    def reachable(self, unit: str) -> bool:
        """Whether any address of the unit is known."""
        roles: tuple[Role, ...] = ("head", "liaison", "deputy", "unit")
        return any(self.person(unit, role) is not None for role in roles)
