"""Is the daemon well: for a monitor (/health), for Prometheus (/metrics), for people (运行)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from daemon.web import alarms, labels
from daemon.web.alarms import Alarm
from daemon.web.page import Desk, Endpoint, Visit
from store import letters, marks, outbox
from store.transaction import Tx


@dataclass(frozen=True, slots=True)
class State:
    """How mail flows now."""

    read_at: datetime | None
    alarms: tuple[Alarm, ...]
    letters: dict[str, int]
    mails: dict[str, int]


def gather(tx: Tx) -> State:
    """What the daemon has left behind as marks, and the counts of mails."""
    read = marks.get(tx, "mailbox_read")
    return State(read.at if read else None, alarms.ringing(tx), letters.counts(tx), outbox.counts(tx))


def health(desk: Desk) -> Endpoint:
    """GET /health: 200 while nothing rings, else 503; names of alarms, never their details."""

    async def endpoint(request: Request) -> Response:
        state = await desk.world.store.read(gather)
        body = {
            "ok": not state.alarms,
            "mailbox_read": state.read_at.isoformat() if state.read_at else None,
            "alarms": [alarm.name for alarm in state.alarms],
        }
        return JSONResponse(body, status_code=503 if state.alarms else 200)

    return endpoint


def metrics(desk: Desk) -> Endpoint:
    """GET /metrics: to this machine alone; 404 to others."""

    async def endpoint(request: Request) -> Response:
        if not _from_here(request):
            raise HTTPException(404)
        return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return endpoint


def _from_here(request: Request) -> bool:
    """Loopback, and not through a proxy that speaks for somebody else."""
    if request.client is None or "forwarded" in request.headers or "x-forwarded-for" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


async def status(visit: Visit) -> Response:
    """GET /status: 运行"""
    state = await visit.desk.world.store.read(gather)
    view = {
        "state": state,
        "letters": [(labels.LETTER_STATES[k], state.letters.get(k, 0)) for k in labels.LETTER_STATES],
        "mails": [(labels.OUTBOX_STATES[k], state.mails.get(k, 0)) for k in labels.OUTBOX_STATES],
    }
    return await visit.draw("status.html", view)
