"""今日: what waits for me, what leaves for leaders today, what broke."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from starlette.responses import Response

from daemon.procedure import lamps
from daemon.procedure.lamps import Lamp
from daemon.procedure.shapes import Matter
from daemon.recall import ASKED_AGAIN
from daemon.web import alarms, days, labels, mail, outbox
from daemon.web.alarms import Alarm
from daemon.web.page import Visit
from store import ledger, letters, people
from store import outbox as mails
from store.outbox import OutboxRow
from store.transaction import Tx


@dataclass(frozen=True, slots=True)
class Waiting:
    """A matter in which something waits for our decision."""

    key: str
    title: str
    unit: str
    lamp: Lamp


@dataclass(frozen=True, slots=True)
class Leaving:
    """A mail that leaves today unless somebody holds it. `matters`: their 文号."""

    row: OutboxRow
    name: str
    to: str
    matters: tuple[str, ...]
    can: mail.Can


@dataclass(frozen=True, slots=True)
class Broken:
    """A mail of ours that a person must look at, in one line."""

    id: int
    name: str
    to: str
    state: str
    why: str
    unsure: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything of the start page."""

    letters: int
    oldest: datetime | None
    reports: tuple[Waiting, ...]
    extensions: tuple[Waiting, ...]
    to_dispatch: tuple[Waiting, ...]
    leaving: tuple[Leaving, ...]
    due: tuple[Waiting, ...]
    broken: tuple[Broken, ...]
    alarms: tuple[Alarm, ...]
    bad: tuple[tuple[str, str], ...]
    read_at: datetime | None


def gather(tx: Tx, today: date, role: str) -> Sheet:
    """One look over everything that wants somebody."""
    rules = ledger.rules(tx)

    def row_of(matter: Matter) -> Waiting:
        unit = rules.units.get(matter.lead)
        return Waiting(
            matter.ref.key if matter.ref else matter.id,
            matter.title,
            unit.short_name if unit else matter.lead,
            lamps.lamp(matter, rules, today),
        )

    running = ledger.open_matters(tx)
    first = letters.listing(tx, state="waiting", limit=1)
    calls = {f"unreachable:{code}" for code in rules.units}
    week = today + timedelta(days=6 - today.weekday())
    return Sheet(
        letters.counts(tx).get("waiting", 0),
        first[0].arrived_at if first else None,
        tuple(row_of(m) for m in running if any(a.report_waiting for a in m.assignments)),
        tuple(row_of(m) for m in running if any(a.extension_waiting for a in m.assignments)),
        tuple(row_of(m) for m in ledger.matters(tx, phase="ready")),
        tuple(_leaving(tx, today, role)),
        tuple(row_of(m) for m in running if m.deadline and today <= m.deadline <= week),
        tuple(_broken(tx)),
        tuple(alarm for alarm in alarms.ringing(tx) if not alarm.of_mails or alarm.name in calls),
        tuple((b.address, b.why) for b in people.bad(tx).values()),
        alarms.read_at(tx),
    )


def _leaving(tx: Tx, today: date, role: str) -> list[Leaving]:
    """Mails with a release of their own that leave today, and those held beyond it."""
    rules = ledger.rules(tx)
    found = []
    for row in mails.at_home(tx):
        if row.mail.release == "automatic" or row.state == "broken":
            continue
        if row.state != "held" and days.local(row.not_before).date() > today:
            continue
        keys = outbox.line(row, rules, outbox.references(tx, [row])).matters
        name = labels.mail(row.mail.template)
        found.append(Leaving(row, name, outbox.addressee(row, rules), keys, mail.can(row, role)))
    return found


def _broken(tx: Tx) -> list[Broken]:
    rules = ledger.rules(tx)
    rows = [row for state in ("unsure", "broken", "refused") for row in mails.listing(tx, state=state, limit=50)]
    rows = [row for row in rows if row.why != ASKED_AGAIN]  # another person got it
    return [
        Broken(
            row.id,
            labels.mail(row.mail.template),
            outbox.addressee(row, rules),
            labels.OUTBOX_STATES[row.state],
            row.why or next((r.reply for r in row.recipients if r.outcome == "refused"), ""),
            row.state == "unsure",
        )
        for row in rows
    ]


async def show(visit: Visit) -> Response:
    """GET /"""
    sheet = await visit.desk.world.store.read(partial(gather, today=visit.desk.today(), role=visit.role))
    return await visit.draw("today.html", {"sheet": sheet, "now": visit.desk.now()})
