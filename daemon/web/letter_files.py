"""What a letter brought along: its HTML in a cage, its parts and its exact bytes as downloads."""

from __future__ import annotations

from functools import partial

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from daemon.web import letter as page
from daemon.web import washed
from daemon.web.download import download
from daemon.web.page import Visit


async def html(visit: Visit) -> Response:
    """GET /letters/812/html: for the sandboxed frame only, under a policy of its own."""
    _, letter = await page.open_sheet(visit.desk, visit.request.path_params["id"])
    if not letter.html:
        raise HTTPException(404)
    return HTMLResponse(washed.wash(letter.html, letter.parts).page, headers={"Content-Security-Policy": washed.POLICY})


async def part(visit: Visit) -> Response:
    """GET /letters/812/parts/0"""
    _, letter = await page.open_sheet(visit.desk, visit.request.path_params["id"])
    wanted = visit.request.path_params["index"]
    found = next((p for p in letter.parts if p.index == wanted), None)
    if found is None:
        raise HTTPException(404)
    return download(found.data, found.name or f"附件{wanted}")


async def raw(visit: Visit) -> Response:
    """GET /letters/812/raw: the mail byte for byte."""
    number = visit.request.path_params["id"]
    sheet = await visit.desk.world.store.read(partial(page.gather, letter_id=number))
    if sheet is None:
        raise HTTPException(404)
    return download(sheet.raw, f"来信{number}.eml")
