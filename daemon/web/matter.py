"""一个事项: what comes next and why, what can be done, the facts, the history, the mails."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from starlette.exceptions import HTTPException
from starlette.responses import Response

from daemon import recall
from daemon.compose.addresses import listed
from daemon.procedure import lamps, refno, reminders
from daemon.procedure.lamps import Lamp
from daemon.procedure.reminders import Planned
from daemon.procedure.rules import Rules
from daemon.procedure.shapes import Assignment, Entry, Instruction, Matter, Unit
from daemon.web import actors, acts, days, labels, timeline
from daemon.web.page import DESK, Visit
from store import ledger, letters, outbox, people
from store.letters import LetterRow
from store.outbox import OutboxRow
from store.transaction import Tx


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything of one matter that the store holds."""

    matter: Matter
    entries: tuple[Entry, ...]
    rules: Rules
    names: dict[str, str]
    mails: tuple[OutboxRow, ...]
    letters: tuple[LetterRow, ...]
    bad: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """As addresses name the matter: 2026-12, or its id while it has no number."""
        return self.matter.ref.key if self.matter.ref else self.matter.id

    @property
    def spoken(self) -> str:
        """青师督字〔2026〕第12号, or 未编号."""
        return refno.spoken(self.matter.ref, self.rules.school.ref_prefix) if self.matter.ref else "未编号"

    def unit(self, code: str | None) -> str:
        found = self.rules.units.get(code or "")
        return found.short_name if found else (code or "")

    def who(self, actor: str) -> str:
        return actors.shown(self.names, actor)


@dataclass(frozen=True, slots=True)
class Part:
    """主办 or 协办 of a unit, in words."""

    role: str
    unit: str
    head: str
    liaison: str
    acknowledged: datetime | None
    by_liaison: bool
    told: tuple[str, ...] = ()  # of its addresses: 退信, 不在岗


def gather(tx: Tx, key: str) -> Sheet | None:
    """The matter of an address; None if there is none."""
    matter = ledger.find(tx, key)
    if matter is None:
        return None
    return Sheet(
        matter,
        tuple(ledger.history(tx, matter.id)),
        ledger.rules(tx),
        actors.names(tx),
        tuple(outbox.of_matter(tx, matter.id)),
        tuple(r for r in letters.listing(tx, matter=matter.id, limit=500) if r.state == "waiting"),
        frozenset(people.bad(tx)),
    )


async def open_sheet(visit: Visit) -> Sheet:
    """The sheet of this address; 404 if there is none."""
    sheet = await visit.desk.world.store.read(partial(gather, key=visit.request.path_params["key"]))
    if sheet is None:
        raise HTTPException(404)
    return sheet


async def show(visit: Visit) -> Response:
    """GET /matters/2026-12"""
    sheet = await open_sheet(visit)
    matter, rules, today = sheet.matter, sheet.rules, visit.desk.today()
    lead = rules.units.get(matter.lead)
    view = {
        "sheet": sheet,
        "matter": matter,
        "lamp": lamp_of(matter, rules, today),
        "lead": lead,
        "parts": [part(a, sheet, today) for a in matter.assignments],
        "planned": planned(matter, rules, visit.desk.now()),
        "stage": labels.stage,
        "role": labels.role,
        "instructions": [replace(one, leader=_leader(one, rules)) for one in matter.instructions if not one.initiates],
        "phase": labels.phase(matter.phase),
        "happened": timeline.timeline(sheet.entries, sheet.unit, sheet.who),
        "mails": [(row, labels.mail(row.mail.template), labels.OUTBOX_STATES[row.state]) for row in sheet.mails],
        "acts": acts.possible(matter, visit.role) if visit.role in DESK else (),
        "undo": undoable(matter, visit.desk.now()) and visit.role in DESK,
        "may_open": visit.role in DESK,
    }
    return await visit.draw("matter.html", view)


def _leader(one: Instruction, rules: Rules) -> str:
    leader = rules.leaders.get(one.leader or "")
    return f"{leader.name}{leader.title}" if leader else "校领导"


def lamp_of(matter: Matter, rules: Rules, today: date) -> Lamp:
    return lamps.lamp(matter, rules, today)


def planned(matter: Matter, rules: Rules, now: datetime) -> list[Planned]:
    """What leaves if nobody answers, in its order."""
    return list(reminders.preview(matter, rules, now)) if matter.phase == "running" else []


def part(assignment: Assignment, sheet: Sheet, today: date) -> Part:
    """One unit's part with its people of today."""
    unit = sheet.rules.units.get(assignment.unit)
    head = unit.head.name if unit and unit.head else ""
    liaison = unit.liaison.name if unit and unit.liaison else ""
    return Part(
        "主办" if assignment.role == "lead" else "协办",
        unit.short_name if unit else assignment.unit,
        head,
        liaison,
        assignment.acknowledged_at,
        assignment.acknowledged_by == "liaison",
        _told(sheet, unit, today) if unit else (),
    )


def _told(sheet: Sheet, unit: Unit, today: date) -> tuple[str, ...]:
    """What robots said of the unit's addresses and is still so."""
    away = recall.away(sheet.matter, today)
    told = []
    for who, address in listed(unit):
        if address.lower() in sheet.bad:
            told.append(f"{who} {address} 退信，邮件改发本单位其他人")
        elif address.lower() in away:
            until = away[address.lower()]
            told.append(f"{who} {address} 自动回复：不在岗" + (f"至{days.sentence_day(until)}" if until else ""))
    return tuple(told)


def undoable(matter: Matter, now: datetime) -> bool:
    """Whether the last entry can still be taken back."""
    return matter.undo_until is not None and now < matter.undo_until
