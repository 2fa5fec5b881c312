"""The send loop: looks once more, marks the mail, hands it to SMTP, and writes what became of each recipient.

A reminder is looked at again when its row is claimed (promise 5): what was answered meanwhile is taken out of the list
and its key freed; where the facts of a text changed it is prepared anew. Beyond the ceilings (promise 6) sending stops
and the Section is told. After a crash, or a cut behind DATA, a mail is unsure: looked up by its token, never repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from daemon import maillog
from daemon.compose import prepare as composing
from daemon.compose.mime import notice_sha256
from daemon.loops import alarms, look
from daemon.procedure.rules import Rules
from daemon.procedure.shapes import Because, RecordMail, Refusal
from daemon.procedure.workdays import day_of, moment_of
from daemon.register import register
from daemon.world import Delivery, MailboxAway, World
from store import ledger, outbox, people
from store.outbox import OutboxRow
from store.transaction import Tx

LEASE = timedelta(minutes=30)
#: Whoever makes work calls; this is only how long nothing at all may happen.
IDLE = timedelta(hours=6)
#: After this a mail that was found nowhere waits for a person's word (promise 7).
LOOKING_UP = timedelta(minutes=30)
LOOK_AGAIN = timedelta(minutes=2)
CEILING_PAUSE = timedelta(minutes=10)


class Send:
    """`who` names this sender in its claims."""

    def __init__(self, who: str) -> None:
        self._who = who

    async def step(self, world: World) -> datetime:
        """Sends what may leave now; says when to look again."""
        now = world.clock.now()
        look_again = await self._look_up(world, now)
        while True:
            row, wait = await world.store.write(_next, world, self._who, now)
            if row is None:
                break
            raw = await world.store.read(_bytes, row.id)
            deliveries = await world.courier.deliver(await world.store.read(_sender), row.to_deliver, raw)
            await world.store.write(_settle, row, raw, deliveries, world, world.clock.now())
            now = world.clock.now()
        if wait is None:
            moment = await world.store.read(outbox.next_moment, ("frozen",))
            wait = moment if moment is not None else now + IDLE
        if "prepare" in world.wake.called or "watch" in world.wake.called:
            wait = now + timedelta(seconds=2)
        return max(now + timedelta(seconds=1), min(wait, look_again, now + IDLE))

    async def _look_up(self, world: World, now: datetime) -> datetime:
        """Unsure mails are looked for in Sent and among our own copies; found is proof, absence is none."""
        unsure = await world.store.write(_unsure, now)
        young = [row for row in unsure if row.settled_at and now - row.settled_at < LOOKING_UP]
        if not young:
            return now + IDLE
        try:
            found = await world.mailbox.find_own([row.token for row in young])
        except MailboxAway as away:
            maillog.alarm("look_up", str(away))
            return now + LOOK_AGAIN
        for row in young:
            maillog.looked_up(row.id, row.token in found)
            if row.token in found:
                await world.store.write(_found, row, found[row.token].message_id, world, now)
        return now + LOOK_AGAIN


def _unsure(tx: Tx, now: datetime) -> list[OutboxRow]:
    """Claims of a dead sender become unsure; those that nobody found for half an hour are told to the Section."""
    outbox.dead_claims(tx, now)
    rows = outbox.listing(tx, state="unsure", limit=1000)
    stale = [row for row in rows if row.settled_at and now - row.settled_at >= LOOKING_UP]
    if stale:
        alarms.ring(tx, "unsure", "、".join(str(row.id) for row in stale), now)
    else:
        alarms.end(tx, "unsure")
    return rows


def _next(tx: Tx, world: World, who: str, now: datetime) -> tuple[OutboxRow | None, datetime | None]:
    """The next mail, claimed and marked, or when to come back. Looking again and marking are one commit."""
    rules = ledger.rules(tx)
    if outbox.sent_since(tx, now - timedelta(hours=1)) >= world.outlook.per_hour:
        alarms.ring(tx, "per_hour", str(world.outlook.per_hour), now)
        return None, now + CEILING_PAUSE
    alarms.end(tx, "per_hour")
    trouble = look.clock_trouble(tx, now)
    while True:
        row = outbox.claim(tx, who, now, LEASE)
        if row is None:
            return None, None
        if trouble and row.mail.office_hours:
            outbox.postpone(tx, row.id, now + CEILING_PAUSE, trouble, who=who)
        elif _may_leave(tx, row, rules, world, who, now):
            return row, None


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
            alarms.ring(tx, "per_address", person, now)
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


def _settle(tx: Tx, row: OutboxRow, raw: bytes, deliveries: Sequence[Delivery], world: World, now: datetime) -> None:
    state = outbox.settle(tx, row.id, deliveries, now)
    maillog.sent(row.id, [one.outcome for one in deliveries])
    refused = {one.recipient: one.reply for one in deliveries if one.outcome == "refused"}
    for one in row.recipients:
        if one.address in refused and not one.meant:  # a rehearsal's one address stands for many
            people.mark_bad(tx, one.address, refused[one.address], now)
            alarms.ring(tx, f"refused:{one.address}", refused[one.address], now)
    _record(tx, row, raw, state, deliveries, world, now)


def _found(tx: Tx, row: OutboxRow, message_id: str, world: World, now: datetime) -> None:
    if outbox.settle_unsure(tx, row.id, True, f"found {message_id}", now):
        found = [Delivery(one.address, "delivered", "found by its token") for one in row.recipients]
        _record(tx, row, _bytes(tx, row.id), "delivered", found, world, now)


def _record(
    tx: Tx, row: OutboxRow, raw: bytes, state: str, deliveries: Sequence[Delivery], world: World, now: datetime
) -> None:
    """The matter's history says what became of its mail; a mail that waits for its next try says nothing yet."""
    if state not in ("delivered", "refused", "unsure"):
        return
    commands = _records(row, notice_sha256(raw) if row.mail.template == "dispatch" else "", state, deliveries)
    done = register(tx, commands, Because("courier"), now=now, dice=world.dice)
    if isinstance(done, Refusal):
        alarms.ring(tx, "record", f"{row.id}: {done.code}", now)


def _records(row: OutboxRow, notice: str, state: str, deliveries: Sequence[Delivery]) -> list[RecordMail]:
    """One command for each matter of the mail, with the keys of its lines."""
    outcome: Literal["delivered", "refused", "unsure"] = (
        "delivered" if state == "delivered" else "refused" if state == "refused" else "unsure"
    )
    reply = "；".join(dict.fromkeys(one.reply for one in deliveries if one.reply))
    return [
        RecordMail(
            matter=matter,
            outbox=row.id,
            mail=row.mail.template,
            outcome=outcome,
            recipients=tuple(one.meant or one.address for one in row.recipients if one.field != "bcc"),
            message_id=row.message_id,
            reply=reply,
            keys=tuple(line.key for line in row.mail.lines if line.matter == matter and line.key is not None),
            unit=row.mail.unit,
            notice_sha256=notice,
        )
        for matter in dict.fromkeys(line.matter for line in row.mail.lines)
    ]
