"""The prepare loop: turns a mail that was asked for into frozen bytes; a broken template stops that one mail only."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from daemon import maillog
from daemon.compose import prepare as composing
from daemon.compose.render import Broken
from daemon.loops import alarms
from daemon.world import World
from store import ledger, outbox
from store.outbox import OutboxRow
from store.transaction import StoreError, Tx

#: Whoever makes work calls; this is only how long nothing at all may happen.
IDLE = timedelta(hours=6)
#: A broken mail is tried again after this, in case the template or the address book was mended.
TRY_AGAIN = timedelta(minutes=30)
#: What a person reads of a mail that met a bug of ours.
BUG = "程序内部错误（{}），请系统管理员查看日志。"


class Prepare:
    """Prepares what is due; one mail at a time, since one form compiler serves the process."""

    async def step(self, world: World) -> datetime:
        """Freezes every asked mail whose time has come; says when the next one falls due."""
        now = world.clock.now()
        due = await world.store.write(outbox.to_prepare, now)
        for row in due:
            await self._prepare(world, row, now)
        if due:
            world.wake.call("send")
            return now
        moment = await world.store.read(outbox.next_moment, ("asked", "broken"))
        return max(now, min(moment or now + IDLE, now + IDLE))

    async def _prepare(self, world: World, row: OutboxRow, now: datetime) -> None:
        try:
            frozen = await asyncio.to_thread(_compose, world, row, now)
        except Broken as broken:
            await world.store.write(_broke, row.id, str(broken), world, now)
            return
        except StoreError:
            raise  # it says nothing of the mail
        except Exception as error:  # noqa: BLE001 - whatever it is, it stops this one mail and none behind it
            maillog.loop_failed("prepare", error)
            await world.store.write(_broke, row.id, BUG.format(type(error).__name__), world, now)
            return
        if await world.store.write(outbox.freeze, row.id, frozen, now):
            maillog.frozen(row.id, frozen.message_id, len(frozen.recipients))


def _compose(world: World, row: OutboxRow, now: datetime) -> outbox.Frozen:
    with world.store.reading() as tx:
        return composing.compose(tx, row, world.outlook, ledger.rules(tx), now, world.dice)


def _broke(tx: Tx, row: int, why: str, world: World, now: datetime) -> None:
    outbox.broke(tx, row, why, now + TRY_AGAIN)
    maillog.broken(row, why)
    alarms.ring(tx, "broken", why, now, wake=world.wake)
