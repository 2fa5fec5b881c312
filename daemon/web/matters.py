"""事项: how everything stands, by lamp and unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from starlette.exceptions import HTTPException
from starlette.responses import Response

from daemon.procedure import lamps, reminders
from daemon.procedure.lamps import Lamp
from daemon.procedure.reminders import Planned
from daemon.procedure.rules import Rules
from daemon.procedure.shapes import Matter
from daemon.web import days, labels
from daemon.web.page import Visit
from store import ledger
from store.transaction import Tx

VIEWS = {"open": "在办", "closed": "已办结", "all": "全部"}
LAMPS = {"red": "▲ 逾期", "yellow": "◆ 临期等", "blue": "■ 等我方", "green": "● 正常", "grey": "○ 其他"}
_ORDER = list(LAMPS)
#: How many are drawn; more are found by filters.
LIMIT = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One matter of the list. `next`: the next mail if nobody answers."""

    key: str
    title: str
    unit: str
    lamp: Lamp
    dispatched: date | None
    deadline: date | None
    next: Planned | None
    mine: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters, as the address says them."""

    view: str = "open"
    lamp: str = ""
    unit: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """The list as gathered. `counts`: matters by lamp before the lamp filter."""

    lines: tuple[Line, ...]
    counts: dict[str, int]
    left_out: int
    units: tuple[tuple[str, str], ...]


def gather(tx: Tx, chosen: Chosen, now: datetime) -> Page:
    """The matters of the view, red first, then by deadline."""
    rules, today = ledger.rules(tx), days.local(now).date()
    matters = [m for m in ledger.matters(tx) if _in_view(m, chosen) and _matches(m, chosen, rules)]
    lit = [(m, lamps.lamp(m, rules, today)) for m in matters]
    counts = dict.fromkeys(LAMPS, 0)
    for _, lamp in lit:
        counts[lamp.colour] += 1
    kept = [(m, lamp) for m, lamp in lit if not chosen.lamp or lamp.colour == chosen.lamp]
    kept.sort(key=lambda pair: (_ORDER.index(pair[1].colour), pair[0].deadline or date.max, pair[0].id))
    lines = tuple(line(m, lamp, rules, now) for m, lamp in kept[:LIMIT])
    units = tuple((code, unit.short_name) for code, unit in sorted(rules.units.items()))
    return Page(lines, counts, max(0, len(kept) - LIMIT), units)


def line(matter: Matter, lamp: Lamp, rules: Rules, now: datetime) -> Line:
    """One row in words."""
    lead = rules.units.get(matter.lead)
    planned = reminders.preview(matter, rules, now) if matter.phase == "running" else []
    return Line(
        matter.ref.key if matter.ref else matter.id,
        matter.title,
        lead.short_name if lead else matter.lead,
        lamp,
        matter.dispatched_on,
        matter.deadline,
        planned[0] if planned else None,
        lamp.colour == "blue" or matter.phase in ("proposed", "ready"),
    )


def _in_view(matter: Matter, chosen: Chosen) -> bool:
    done = matter.phase in ("closed", "archived", "void")
    return chosen.view == "all" or done == (chosen.view == "closed")


def _matches(matter: Matter, chosen: Chosen, rules: Rules) -> bool:
    if chosen.unit and chosen.unit not in matter.units:
        return False
    names = " ".join(u.name + u.short_name for u in (rules.units.get(c) for c in matter.units) if u)
    text = f"{matter.ref.key if matter.ref else ''} {matter.title} {names}"
    return all(word in text for word in chosen.words.split())


async def show(visit: Visit) -> Response:
    """GET /matters?view=open&lamp=red&unit=D03&q=…"""
    asked = visit.request.query_params
    chosen = Chosen(asked.get("view", "open"), asked.get("lamp", ""), asked.get("unit", ""), asked.get("q", "").strip())
    if chosen.view not in VIEWS or chosen.lamp not in ("", *LAMPS):
        raise HTTPException(404)
    page = await visit.desk.world.store.read(partial(gather, chosen=chosen, now=visit.desk.now()))
    view = {"page": page, "chosen": chosen, "views": VIEWS, "lamps": LAMPS, "stage": labels.stage}
    return await visit.draw("matters.html", view)
