"""An address that came back: an officer who knows that it works again says so, and mails go there as before."""

from __future__ import annotations

from datetime import datetime

from starlette.responses import Response

from daemon import maillog
from daemon.procedure.shapes import Because, ClearAddress
from daemon.register import set_school
from daemon.web.page import Visit
from store import people
from store.transaction import Tx


async def clear(visit: Visit) -> Response:
    """POST /addresses/clear: the mark of a bounce is taken off."""
    world, address = visit.desk.world, visit.typed("address").lower()
    cleared = await world.store.write(_clear, address, visit.actor, world.clock.now())
    if cleared:
        maillog.acted(visit.actor, ["address_cleared"], [])
        world.wake.call("prepare")
    return visit.said(f"{address} 已恢复使用。" if cleared else "这个邮箱没有退信标记。", "/")


def _clear(tx: Tx, address: str, actor: str, now: datetime) -> bool:
    if address not in people.bad(tx):
        return False
    set_school(tx, [ClearAddress(address, "已核实可以收信")], Because(actor), now)
    return True
