"""Is the daemon well: for a monitor (/health), for Prometheus (/metrics), for people (运行)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from daemon.web import alarms, labels
from daemon.web.alarms import Alarm
from daemon.web.page import Desk, Endpoint, Visit
from store import letters, marks, outbox
from store.transaction import Tx

#: A daemon without a sign of life for this long has stopped or hangs.
SILENT = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class State:
    """How mail flows now."""

    read_at: datetime | None
    alive_at: datetime | None
    alarms: tuple[Alarm, ...]
    letters: dict[str, int]
    mails: dict[str, int]


def gather(tx: Tx) -> State:
    """What the daemon has left behind as marks, and the counts of mails."""
    alive = marks.get(tx, "alive")
    return State(
        alarms.read_at(tx), alive.at if alive else None, alarms.ringing(tx), letters.counts(tx), outbox.counts(tx)
    )


def health(desk: Desk) -> Endpoint:
    """GET /health: 503 while the daemon is silent or anything but a single mail is in trouble; names, no details."""

    async def endpoint(request: Request) -> Response:
        state = await desk.world.store.read(gather)
        ringing = [alarm.name for alarm in state.alarms if not alarm.of_mails]
        silent = state.alive_at is not None and desk.true_clock.now() - state.alive_at > SILENT
        body = {
            "ok": not ringing and not silent,
            "alive": state.alive_at.isoformat() if state.alive_at else None,
            "mailbox_read": state.read_at.isoformat() if state.read_at else None,
            "alarms": ringing,
        }
        return JSONResponse(body, status_code=200 if body["ok"] else 503)

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
