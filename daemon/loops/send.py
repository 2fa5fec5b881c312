"""The send loop: looks once more, marks the mail, hands it to SMTP, and writes what became of each recipient.

A reminder is looked at again when its row is claimed (promise 5): what was answered meanwhile is taken out of the list
and its key freed; where the facts of a text changed it is prepared anew. Beyond the ceilings (promise 6) sending stops
and the Section is told. After a crash, or a cut behind DATA, a mail is unsure: looked up by its token, never repeated.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from daemon import maillog, outcomes, recall
from daemon.compose import prepare as composing
from daemon.loops import alarms, look
from daemon.loops.prepare import BUG, TRY_AGAIN
from daemon.procedure.rules import Rules
from daemon.procedure.shapes import Because
from daemon.procedure.workdays import day_of, moment_of
from daemon.world import Delivery, MailboxAway, World
from store import ledger, outbox, people
from store.outbox import OutboxRow
from store.transaction import StoreError, Tx
from store.trouble import OF_THE_STORE

LEASE = timedelta(minutes=30)
#: Whoever makes work calls; this is only how long nothing at all may happen.
IDLE = timedelta(hours=6)
#: After this a mail that was found nowhere waits for a person's word (promise 7).
LOOKING_UP = timedelta(minutes=30)
LOOK_AGAIN = timedelta(minutes=2)
CEILING_PAUSE = timedelta(minutes=10)
#: Real seconds between tries to write down what SMTP said.
WRITE_AGAIN = (0.05, 0.2, 1.0, 5.0, 20.0)


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the mail in hand; `state` '' where there was none, then `wait` says when to come back."""

    state: str
    wait: datetime | None


class Send:
    """`who` names this sender in its claims."""

    def __init__(self, who: str) -> None:
        self._who = who
        self._in_hand: asyncio.Future[Sent] | None = None

    async def finish(self, seconds: float) -> None:
        """At the end of the daemon: the mail in hand is sent and written down, so that a stop makes none unsure."""
        if self._in_hand is not None and not self._in_hand.done():
            await asyncio.wait({self._in_hand}, timeout=seconds)

    async def step(self, world: World) -> datetime:
        """Sends what may leave now; says when to look again."""
        now = world.clock.now()
        look_again = await self._look_up(world, now)
        while True:
            self._in_hand = asyncio.ensure_future(self._one(world, now))
            sent = await asyncio.shield(self._in_hand)
            now, wait = world.clock.now(), sent.wait
            if not sent.state:
                break
            if sent.state == "unsure":
                look_again = min(look_again, now + LOOK_AGAIN)
        if wait is None:
            moment = await world.store.read(outbox.next_moment, ("frozen",))
            wait = moment if moment is not None else now + IDLE
        if "prepare" in world.wake.called or "watch" in world.wake.called:
            wait = now + timedelta(seconds=2)
        return max(now + timedelta(seconds=1), min(wait, look_again, now + IDLE))

    async def _one(self, world: World, now: datetime) -> Sent:
        """Claims one mail, hands it over and writes down what became of it."""
        row, wait = await world.store.write(_next, world, self._who, now)
        if row is None:
            return Sent("", wait)
        raw = await world.store.read(_bytes, row.id)
        deliveries = await world.courier.deliver(await world.store.read(_sender), row.to_deliver, raw)
        return Sent(await _write_down(world, row, deliveries, world.clock.now()), None)

    async def _look_up(self, world: World, now: datetime) -> datetime:
        """Unsure mails are looked for in Sent and among our own copies; found is proof, absence is none."""
        unsure = await world.store.write(_unsure, now)
        away = False
        try:
            found = await world.mailbox.find_own([row.token for row in unsure]) if unsure else {}
        except MailboxAway as error:
            maillog.alarm("look_up", str(error))
            found, away = {}, True
        for row in unsure:
            maillog.looked_up(row.id, row.token in found)
            if row.token in found:
                where = f"{found[row.token].folder} <{found[row.token].message_id}>"
                await world.store.write(outcomes.found, row, where, now=now, dice=world.dice)
        left = [row for row in unsure if row.token not in found]
        stale = [row for row in left if row.settled_at and now - row.settled_at >= LOOKING_UP]
        await world.store.write(_tell, stale, world, now)
        if not left:
            return now + IDLE
        return now + (LOOK_AGAIN if away or len(stale) < len(left) else LOOKING_UP)


async def _write_down(world: World, row: OutboxRow, deliveries: Sequence[Delivery], now: datetime) -> str:
    """What SMTP said is known here alone: a store that is busy, away or was changed meanwhile is asked again."""
    for pause in WRITE_AGAIN:
        try:
            return await world.store.write(_settle, row, deliveries, world, now)
        except StoreError as error:
            if not error.transient:
                raise
            maillog.loop_failed("send", error)
            await asyncio.sleep(pause)
    return await world.store.write(_settle, row, deliveries, world, now)


def _unsure(tx: Tx, now: datetime) -> list[OutboxRow]:
    """Claims of a dead sender become unsure."""
    outbox.dead_claims(tx, now)
    return outbox.listing(tx, state="unsure", limit=1000)


def _tell(tx: Tx, stale: Sequence[OutboxRow], world: World, now: datetime) -> None:
    """What nobody found for half an hour waits for a person's word."""
    if stale:
        alarms.ring(tx, "unsure", "、".join(str(row.id) for row in stale), now, wake=world.wake)
    else:
        alarms.end(tx, "unsure")


def _next(tx: Tx, world: World, who: str, now: datetime) -> tuple[OutboxRow | None, datetime | None]:
    """The next mail, claimed and marked, or when to come back. Looking again and marking are one commit.

    Beyond the ceiling of an hour, or on a clock that is wrong, nothing leaves but what tells the Section of it.
    """
    rules = ledger.rules(tx)
    stopped = _over_the_hour(tx, world, now) | bool(look.clock_trouble(tx, world.wake, now))
    while True:
        row = outbox.claim(tx, who, now, LEASE, only=(alarms.TEMPLATE,) if stopped else None)
        if row is None:
            return None, now + CEILING_PAUSE if stopped else None
        try:
            with tx.conn.begin_nested():
                free = _may_leave(tx, row, rules, world, who, now)
        except OF_THE_STORE:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it stops this one mail and none behind it
            maillog.loop_failed("send", error)
            tx.seen.clear()  # what was appended inside is gone
            _set_aside(tx, row, error, world, who, now)
            continue
        if free:
            return row, None


def _set_aside(tx: Tx, row: OutboxRow, error: Exception, world: World, who: str, now: datetime) -> None:
    """A mail whose last look met a bug of ours is shown as broken, and made anew later."""
    why, again = BUG.format(type(error).__name__), now + TRY_AGAIN
    if outbox.back_to_asked(tx, row.id, why, who=who):
        outbox.broke(tx, row.id, why, again)
    else:
        outbox.postpone(tx, row.id, again, why, who=who)
    alarms.ring(tx, "broken", why, now, wake=world.wake)


def _over_the_hour(tx: Tx, world: World, now: datetime) -> bool:
    """Whether the hour's mails have left. The alarm ends well below the ceiling, so that it does not ring each time."""
    sent, most = outbox.sent_since(tx, now - timedelta(hours=1)), world.outlook.per_hour
    if sent >= most:
        alarms.ring(tx, "per_hour", str(most), now, wake=world.wake)
    elif sent <= most * 3 // 4:
        alarms.end(tx, "per_hour")
    return sent >= most


def _may_leave(tx: Tx, row: OutboxRow, rules: Rules, world: World, who: str, now: datetime) -> bool:
    if row.mail.office_hours:
        opens = rules.calendar.office_moment_on_or_after(now)
        if opens > now:
            outbox.postpone(tx, row.id, opens, "office_hours", who=who)
            return False
        if not look.may_leave(tx, row, rules, world, who, now):
            return False
    if composing.facts(tx, row, rules, now) != row.facts and outbox.back_to_asked(tx, row.id, "facts_changed", who=who):
        world.wake.call("prepare")
        return False
    midnight = moment_of(day_of(now), datetime.min.time())
    for one in row.recipients:
        person = one.meant or one.address
        if one.field != "bcc" and outbox.sent_to_since(tx, person, midnight) >= world.outlook.per_address_per_day:
            alarms.ring(tx, "per_address", person, now, wake=world.wake)
            outbox.postpone(tx, row.id, midnight + timedelta(days=1, hours=8), "per_address", who=who)
            return False
    return True


def _bytes(tx: Tx, row: int) -> bytes:
    raw = outbox.raw(tx, row)
    if raw is None:
        raise RuntimeError(f"outbox {row} was claimed and has no bytes")
    return raw


def _sender(tx: Tx) -> str:
    """Providers refuse a sender that is not the account that logged in: always the school's mailbox."""
    return ledger.rules(tx).school.mailbox


def _settle(tx: Tx, row: OutboxRow, deliveries: Sequence[Delivery], world: World, now: datetime) -> str:
    """What became of each recipient, then in the histories; a mail that waits for its next try says nothing there."""
    state = outbox.settle(tx, row.id, deliveries, now)
    maillog.sent(row.id, [one.outcome for one in deliveries])
    settled = outbox.show(tx, row.id)
    if settled is None or state not in outcomes.SETTLED:
        return state
    _refused(tx, settled, world, now)
    replies = [one.reply for one in deliveries]
    refusal = outcomes.record(tx, settled, state, replies, Because("courier"), now=now, dice=world.dice)
    if refusal is not None:
        alarms.ring(tx, "record", f"{row.id}: {refusal.code}", now, wake=world.wake)
    if recall.ask_again(tx, settled, now):
        world.wake.call("prepare")
    return state


def _refused(tx: Tx, row: OutboxRow, world: World, now: datetime) -> None:
    """An address that does not exist is marked; a mail that its server does not want says nothing of the address."""
    for one in row.recipients:
        if one.outcome != "refused" or one.field == "bcc":
            continue
        if one.meant or not is_of_address(one.reply):  # a rehearsal's one address stands for many
            if row.mail.template != alarms.TEMPLATE:  # else the telling of it would have to be told
                alarms.ring(tx, "rejected", f"{one.address}：{one.reply}", now, wake=world.wake)
            continue
        people.mark_bad(tx, one.address, one.reply, now)
        alarms.ring(tx, f"refused:{one.address}", one.reply, now, wake=world.wake)
        alarms.ring_unreachable(tx, one.address, now, wake=world.wake)


#: RFC 3463: x.3 the server, x.6 the content, x.7 a policy; without such a code, replies that speak of the content.
_OF_THE_MAIL = re.compile(
    r"\b5\.[367]\.\d|^(?:552|554)\b|\b(?:spam|content|policy|DT:SPM)\b|sender|垃圾邮件|内容", re.I
)


def is_of_address(reply: str) -> bool:
    """Whether a refusal for good says that the address does not work, and not that the mail was unwanted."""
    return bool(re.search(r"\b5\.1\.\d", reply)) or not _OF_THE_MAIL.search(reply)
