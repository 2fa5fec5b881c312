"""一封发出的邮件: as its recipient sees it, who got it, and what can still be done with it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from daemon.procedure.rules import Rules
from daemon.reading import decode
from daemon.reading.shapes import Letter
from daemon.web import labels, washed
from daemon.web import outbox as listing
from daemon.web.download import download
from daemon.web.page import DIRECTOR, Visit
from daemon.web.problems import No, Problem
from store import ledger, outbox
from store.outbox import OutboxRow
from store.transaction import Tx

#: What may still be stopped; what has left or is leaving may not.
STOPPABLE = ("asked", "frozen", "held", "broken")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One mail as the store holds it; `raw` None until it is prepared."""

    row: OutboxRow
    raw: bytes | None
    rules: Rules
    refs: dict[str, str]


@dataclass(frozen=True, slots=True)
class Can:
    """What this person may do with the mail now."""

    hold: bool
    release: bool
    withdraw: bool
    settle: bool
    only_director: bool


def gather(tx: Tx, id: int) -> Sheet | None:
    """The mail, its bytes once there are any, the 文号 of its matters."""
    row = outbox.show(tx, id)
    if row is None:
        return None
    return Sheet(row, outbox.raw(tx, id), ledger.rules(tx), listing.references(tx, [row]))


async def open_sheet(visit: Visit) -> Sheet:
    """The mail of this address; 404 if there is none."""
    sheet = await visit.desk.world.store.read(partial(gather, id=visit.request.path_params["id"]))
    if sheet is None:
        raise HTTPException(404)
    return sheet


def can(row: OutboxRow, role: str) -> Can:
    """A mail to a leader may be held by whom the policy names; what is unsure is settled by any officer."""
    announced = row.mail.release != "automatic"
    only_director = announced and row.mail.may_hold == "director" and role != DIRECTOR
    waits = row.state in ("asked", "frozen")
    person_must = row.mail.release in ("officer", "director") and not row.approved
    return Can(
        hold=announced and waits and not only_director,
        release=(row.state == "held" or (waits and person_must))
        and not (only_director or (row.mail.release == "director" and role != DIRECTOR)),
        withdraw=row.state in STOPPABLE and not row.mail.undoable and not only_director,
        settle=row.state == "unsure",
        only_director=only_director,
    )


async def show(visit: Visit) -> Response:
    """GET /outbox/7"""
    return await draw(visit, await open_sheet(visit))


async def draw(
    visit: Visit,
    sheet: Sheet,
    *,
    problems: Sequence[Problem] = (),
    no: No | None = None,
    typed: dict[str, str] | None = None,
    open_form: str = "",
    status: int = 200,
) -> Response:
    """The page, at first or with what was wrong with its form."""
    letter = await _decoded(sheet)
    row = sheet.row
    view = {
        "sheet": sheet,
        "row": row,
        "letter": letter,
        "name": labels.mail(row.mail.template),
        "to": listing.addressee(row, sheet.rules),
        "line": listing.line(row, sheet.rules, sheet.refs),
        "can": can(row, visit.role),
        "outcomes": labels.OUTCOMES,
        "role": labels.role,
        "stage": labels.stage,
        "problems": list(problems),
        "no": no,
        "typed": typed or {},
        "open_form": open_form or visit.request.query_params.get("open", ""),
    }
    return await visit.draw("mail.html", view, status=status)


async def _decoded(sheet: Sheet) -> Letter | None:
    if sheet.raw is None:
        return None
    return await asyncio.to_thread(decode.decode, sheet.raw, sheet.row.asked_at)


async def html(visit: Visit) -> Response:
    """GET /outbox/7/html: as the recipient sees it, for the sandboxed frame."""
    letter = await _decoded(await open_sheet(visit))
    if letter is None or not letter.html:
        raise HTTPException(404)
    page = washed.wash(letter.html, letter.parts).page
    return HTMLResponse(page, headers={"Content-Security-Policy": washed.POLICY})


async def part(visit: Visit) -> Response:
    """GET /outbox/7/parts/0"""
    letter = await _decoded(await open_sheet(visit))
    wanted = visit.request.path_params["index"]
    found = next((p for p in letter.parts if p.index == wanted), None) if letter else None
    if found is None:
        raise HTTPException(404)
    return download(found.data, found.name or f"附件{wanted}")


async def raw(visit: Visit) -> Response:
    """GET /outbox/7/raw: the mail byte for byte, as it was handed to the server."""
    sheet = await open_sheet(visit)
    if sheet.raw is None:
        raise HTTPException(404)
    return download(sheet.raw, f"发件{sheet.row.id}.eml")
