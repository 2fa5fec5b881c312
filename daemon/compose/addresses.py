"""From the roles of a mail to the addresses of that day; an address that bounced is passed over for the next person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from daemon.compose.render import Broken
from daemon.compose.salutation import named
from daemon.procedure.rules import Rules
from daemon.procedure.shapes import Mail, Person, Role, Unit
from daemon.procedure.words import name

#: Who is asked instead where a role of the unit has no address that works.
INSTEAD: dict[Role, tuple[Role, ...]] = {
    "head": ("head", "deputy", "liaison", "unit"),
    "deputy": ("deputy", "head", "liaison", "unit"),
    "liaison": ("liaison", "unit", "deputy", "head"),
    "unit": ("unit", "liaison", "deputy", "head"),
}


@dataclass(frozen=True, slots=True)
class Reached:
    """One recipient found: who, in which role asked for, in which field (to or cc)."""

    person: Person
    role: Role
    field: str

    @property
    def shown(self) -> str:
        """For the note of a rehearsal: 主送：刘洋处长 <liu@school.example>."""
        word = "主送" if self.field == "to" else "抄送"
        who = named(self.person.name, self.person.title)
        role = name("roles", self.role)
        return f"{word}：{who}{'' if who == role else f'（{role}）'}<{self.person.address}>"


def reach(mail: Mail, rules: Rules, bad: Collection[str]) -> tuple[Reached, ...]:
    """The recipients of `mail`, each address once, To before Cc. Broken where nobody can be reached.

    A mail that is passed on names in its data whom it must not go to: who has it, and who is away.
    """
    found: dict[str, Reached] = {}
    passed_over = {*bad, *mail.data.get("not_to", "").split()}
    for field, roles in (("to", mail.to), ("cc", mail.cc)):
        for role in roles:
            for person in _candidates(mail, role, rules):
                if person.address.lower() not in passed_over:
                    found.setdefault(person.address.lower(), Reached(person, role, field))
                    break
    reached = tuple(found.values())
    if not any(one.field == "to" for one in reached):
        raise Broken(_nobody(mail, rules))
    return reached


def listed(unit: Unit) -> list[tuple[str, str]]:
    """Every address of a unit with whose it is, in words: 主要负责人马一处长."""
    persons = (("head", unit.head), ("head", unit.second_head), ("deputy", unit.deputy), ("liaison", unit.liaison))
    found = [
        (f"{name('roles', role)}{named(person.name, person.title)}", person.address)
        for role, person in persons
        if person is not None and person.address
    ]
    return [*found, *((name("roles", "unit"), address) for address in unit.other_addresses)]


def can_reach(mail: Mail, rules: Rules, bad: Collection[str]) -> bool:
    """Whether there is anybody today whom the mail could go to."""
    try:
        return bool(reach(mail, rules, bad))
    except Broken:
        return False


def _candidates(mail: Mail, role: Role, rules: Rules) -> list[Person]:
    """Whom the role means today, best first; only people with an address."""
    school = rules.school
    people: list[Person | None]
    if role in INSTEAD:
        people = _of_unit(mail.unit, role, rules)
    elif role in {"section", "officer"}:
        people = [Person(school.section, "", rules.section_address())]
    elif role == "director":
        people = [rules.director()]
    else:
        people = [_leader(mail, role, rules)]
    return [person for person in people if person is not None and person.address]


def _of_unit(code: str | None, role: Role, rules: Rules) -> list[Person | None]:
    unit = rules.units.get(code or "")
    if unit is None:
        return []
    by_role: dict[Role, list[Person | None]] = {
        "head": [unit.head, unit.second_head],
        "deputy": [unit.deputy],
        "liaison": [unit.liaison],
        "unit": [Person(unit.name, "", address) for address in unit.other_addresses],
    }
    return [person for other in INSTEAD[role] for person in by_role[other]]


def _leader(mail: Mail, role: Role, rules: Rules) -> Person | None:
    if role == "president":
        leader = rules.president()
    elif role == "secretary":
        leader = rules.secretary()
    elif mail.leader:
        leader = rules.leaders.get(mail.leader)
    else:
        leader = rules.supervising_leader(mail.unit or "")
    return Person(leader.name, leader.title, leader.address) if leader is not None else None


def _nobody(mail: Mail, rules: Rules) -> str:
    words = "、".join(name("roles", role) for role in mail.to)
    unit = rules.units.get(mail.unit or "")
    whose = f"{unit.name}的" if unit is not None and any(role in INSTEAD for role in mail.to) else ""
    return f"{whose}{words}没有可用的邮箱（未填写，或者都退过信）。请在单位通讯录中改正邮箱，改正后自动重新生成。"
