"""发件箱: every mail that goes out, by where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from starlette.exceptions import HTTPException
from starlette.responses import Response

from daemon.procedure.rules import Rules
from daemon.web import labels
from daemon.web.page import Visit
from store import ledger, outbox
from store.outbox import OutboxRow
from store.transaction import Tx

#: The views over the list: name, the states in it, what the empty list says.
VIEWS: dict[str, tuple[str, tuple[str, ...]]] = {
    "open": ("待发", ("asked", "frozen", "sending")),
    "held": ("暂缓", ("held",)),
    "trouble": ("要处理", ("unsure", "broken", "refused")),
    "delivered": ("已发出", ("delivered",)),
    "withdrawn": ("已撤回", ("withdrawn",)),
}
LIMIT = 200


@dataclass(frozen=True, slots=True)
class Line:
    """One mail of the list. `to`: who it is for, in words."""

    id: int
    name: str
    to: str
    subject: str
    matters: tuple[str, ...]
    state: str
    at: datetime
    held_until: date | None


def line(row: OutboxRow, rules: Rules, refs: dict[str, str]) -> Line:
    """One row in words."""
    keys = dict.fromkeys(refs.get(one.matter, one.matter) for one in row.mail.lines)
    return Line(
        row.id,
        labels.mail(row.mail.template),
        addressee(row, rules),
        row.subject,
        tuple(keys),
        labels.OUTBOX_STATES[row.state],
        row.sent_at or row.not_before,
        row.held_until,
    )


def addressee(row: OutboxRow, rules: Rules) -> str:
    """总务处主要负责人, 周敏副校长, 督察科."""
    leader = rules.leaders.get(row.mail.leader or "")
    if leader is not None:
        return f"{leader.name}{leader.title}"
    unit = rules.units.get(row.mail.unit or "")
    roles = "、".join(labels.role(role) for role in row.mail.to)
    return f"{unit.short_name}{roles}" if unit else roles


def references(tx: Tx, rows: list[OutboxRow]) -> dict[str, str]:
    """Matter id → 2026-12, for the matters of these mails."""
    found = {}
    for id in {one.matter for row in rows for one in row.mail.lines}:
        matter = ledger.matter(tx, id)
        if matter is not None and matter.ref is not None:
            found[id] = matter.ref.key
    return found


def gather(tx: Tx, view: str) -> tuple[list[Line], dict[str, int]]:
    """The mails of a view, and how many there are in each."""
    states = VIEWS[view][1]
    newest_first = view in ("delivered", "withdrawn")
    rows = [row for state in states for row in outbox.listing(tx, state=state, limit=LIMIT, newest=newest_first)]
    rows.sort(key=lambda row: (row.sent_at or row.not_before, row.id), reverse=newest_first)
    counts = outbox.counts(tx)
    rules, refs = ledger.rules(tx), references(tx, rows)
    return [line(row, rules, refs) for row in rows], {
        name: sum(counts.get(state, 0) for state in states) for name, (_, states) in VIEWS.items()
    }


async def show(visit: Visit) -> Response:
    """GET /outbox?view=open"""
    view = visit.request.query_params.get("view", "open")
    if view not in VIEWS:
        raise HTTPException(404)
    lines, counts = await visit.desk.world.store.read(partial(gather, view=view))
    shown = {"lines": lines, "counts": counts, "view": view, "views": VIEWS, "limit": LIMIT}
    return await visit.draw("outbox.html", shown)
