"""来信: what waits for a person, oldest first, and what became of the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from starlette.exceptions import HTTPException
from starlette.responses import Response

from daemon.procedure.rules import Rules
from daemon.web import alarms, labels, marked
from daemon.web.letter import leader_name
from daemon.web.page import Visit
from store import ledger, letters
from store.letters import LetterRow
from store.transaction import Tx

PAGE = 50
#: The views over the list; the address is the view.
VIEWS = ("waiting", "registered", "ignored", "copy", "old")


@dataclass(frozen=True, slots=True)
class Line:
    """One letter of the list. `says`: kind and 文号 of each matter that it speaks of."""

    id: int
    who: str
    says: tuple[tuple[str, str], ...]
    subject: str
    doubt: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """The list as gathered: `more` is the `after` of the next page, 0 at the end."""

    lines: tuple[Line, ...]
    count: int
    more: int
    read_at: datetime | None


def gather(tx: Tx, state: str, after: int) -> Page:
    """One page of the letters of a state, by age."""
    rows = letters.listing(tx, state=state, after=after, limit=PAGE + 1)
    rules = ledger.rules(tx)
    return Page(
        tuple(line(row, rules) for row in rows[:PAGE]),
        letters.counts(tx).get(state, 0),
        rows[PAGE - 1].id if len(rows) > PAGE else 0,
        alarms.read_at(tx),
    )


def line(row: LetterRow, rules: Rules) -> Line:
    """One row in words."""
    reading = row.reading
    said = reading.said if reading else ()
    unit = rules.units.get(reading.unit or "") if reading else None
    codes = row.why or (reading.doubts if reading else ())
    return Line(
        row.id,
        unit.short_name if unit else (leader_name(rules, row.from_address) or row.from_address),
        tuple((labels.kind(s.kind), s.ref.key if s.ref else "") for s in said),
        marked.visible(row.subject) or "（无主题）",
        labels.doubt(codes[0]) if codes else "",
        row.arrived_at,
    )


async def show(visit: Visit) -> Response:
    """GET /letters?state=waiting&after=0"""
    asked = visit.request.query_params
    state, after = asked.get("state", "waiting"), asked.get("after", "0")
    if state not in VIEWS or not after.isdecimal() or len(after) > 15:
        raise HTTPException(404)
    page = await visit.desk.world.store.read(partial(gather, state=state, after=int(after)))
    views = [(view, labels.LETTER_STATES[view]) for view in VIEWS]
    return await visit.draw("letters.html", {"page": page, "state": state, "views": views})
