"""The last part of a mail's way: claimed before the connection, settled for each recipient, unsure looked up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Literal, Protocol

from sqlalchemy import ColumnElement, func, select, update

from daemon.procedure.shapes import Mail
from store import codec
from store.columns import plain
from store.outbox_rows import OutboxRow, State, sendable, show
from store.tables import outbox as table
from store.tables import recipients
from store.transaction import Tx

#: Pauses after "refused for now", the last one repeated; after GIVE_UP the recipient counts as refused.
PAUSES = tuple(timedelta(minutes=m) for m in (5, 10, 20, 40, 80, 160, 240))
GIVE_UP = timedelta(days=3)
EXPIRED = "多次重试后对方服务器仍未接收"


class Delivery(Protocol):
    """What the courier says of one recipient."""

    @property
    def recipient(self) -> str: ...
    @property
    def outcome(self) -> Literal["delivered", "later", "refused", "unsure"]: ...
    @property
    def reply(self) -> str: ...


def claim(
    tx: Tx, who: str, now: datetime, lease: timedelta, *, only: Collection[str] | None = None
) -> OutboxRow | None:
    """Takes the next mail to send. Commit before you connect: a claim that outlives its lease is `unsure`.

    `only`: templates that may leave now, None: all.
    """
    query = sendable(now)
    if only is not None:
        query = query.where(table.c.template.in_(only))
    id = tx.conn.execute(tx.free_rows(query.limit(1))).scalar()
    if id is None:
        return None
    tx.conn.execute(
        update(table)
        .where(table.c.id == id)
        .values(
            state="sending",
            attempts=table.c.attempts + 1,
            claimed_by=who,
            claimed_until=now + lease,
            held_until=None,
            sent_at=now,
            first_sent_at=func.coalesce(table.c.first_sent_at, now, type_=table.c.sent_at.type),
        )
    )
    return show(tx, id)


def end_claims(tx: Tx, now: datetime) -> None:
    """Claims of a sender that is known to be dead (there is one daemon a store) end at once, not with their lease."""
    tx.conn.execute(update(table).where(table.c.state == "sending").values(claimed_until=now - timedelta(seconds=1)))


def dead_claims(tx: Tx, now: datetime) -> list[int]:
    """Mails whose sender died between claim and settling: nobody knows whether they left. They become `unsure`."""
    query = select(table.c.id).where(table.c.state == "sending", table.c.claimed_until < now).order_by(table.c.id)
    ids = list(tx.conn.execute(tx.free_rows(query)).scalars())
    for id in ids:
        tx.conn.execute(
            update(recipients)
            .where(recipients.c.outbox == id, recipients.c.outcome.in_(("open", "later")))
            .values(outcome="unsure", settled_at=now)
        )
        _conclude(tx, id, now)
    return ids


def settle(tx: Tx, id: int, deliveries: Sequence[Delivery], now: datetime) -> State:
    """Writes what became of each recipient; returns the mail's new state. A recipient not named stays open.

    Raises KeyError where the mail is not `sending` (its lease has ended).
    """
    state = tx.conn.execute(select(table.c.state).where(table.c.id == id)).scalar()
    if state != "sending":
        raise KeyError(f"outbox {id} is {state}, not sending")
    for delivery in deliveries:
        tx.conn.execute(
            update(recipients)
            .where(
                recipients.c.outbox == id,
                recipients.c.address == plain(delivery.recipient, 320),
                recipients.c.outcome.in_(("open", "later")),
            )
            .values(outcome=delivery.outcome, reply=plain(delivery.reply, 4000), settled_at=now)
        )
    return _conclude(tx, id, now)


def spare(tx: Tx, id: int, why: str, now: datetime, *, who: str) -> State | None:
    """Some have got it and it has lost its object: who has not got it yet does not. None where it is not `who`'s."""
    query = select(table.c.id).where(table.c.id == id, table.c.state == "sending", table.c.claimed_by == who)
    if tx.conn.execute(query if tx.dialect == "sqlite" else query.with_for_update()).first() is None:
        return None
    tx.conn.execute(
        update(recipients)
        .where(recipients.c.outbox == id, recipients.c.outcome.in_(("open", "later")))
        .values(outcome="refused", reply=plain(why, 4000), settled_at=now)
    )
    return _conclude(tx, id, now)


def settle_unsure(tx: Tx, id: int, delivered: bool, by: str, now: datetime) -> bool:
    """An unsure mail was found (or a person says so): delivered; or a person says that it did not leave: sent again."""
    if locked_mail(tx, id, table.c.state == "unsure") is None:
        return False
    outcome = "delivered" if delivered else "open"
    tx.conn.execute(
        update(recipients)
        .where(recipients.c.outbox == id, recipients.c.outcome == "unsure")
        .values(outcome=outcome, settled_at=now if delivered else None)
    )
    _conclude(tx, id, now)
    tx.conn.execute(update(table).where(table.c.id == id).values(why=plain(by)))
    return True


def _conclude(tx: Tx, id: int, now: datetime) -> State:
    """The mail's state from its recipients': unsure over later over delivered over refused.

    Our own blind copy reaches nobody: it is not tried again for its own sake, and counts only where it is all there is.
    """
    row = tx.conn.execute(select(table.c.attempts, table.c.first_sent_at).where(table.c.id == id)).one()
    if row.first_sent_at is not None and now - row.first_sent_at >= GIVE_UP:
        tx.conn.execute(
            update(recipients)
            .where(recipients.c.outbox == id, recipients.c.outcome == "later")
            .values(outcome="refused", reply=func.trim(recipients.c.reply + f" {EXPIRED}"), settled_at=now)
        )
    rows = tx.conn.execute(select(recipients.c.field, recipients.c.outcome).where(recipients.c.outbox == id)).all()
    outcomes = Counter(row.outcome for row in rows if row.field != "bcc") or Counter(row.outcome for row in rows)
    values: dict[str, object] = {"settled_at": now, "retry_at": None, **UNCLAIMED}
    state: State
    if outcomes["unsure"]:
        state = "unsure"
    elif outcomes["later"] or outcomes["open"]:
        state = "frozen"
        pause = PAUSES[min(max(row.attempts, 1), len(PAUSES)) - 1]
        values |= {"settled_at": None, "retry_at": now + pause if outcomes["later"] else now}
    else:
        state = "delivered" if outcomes["delivered"] else "refused"
    tx.conn.execute(update(table).where(table.c.id == id).values(state=state, **values))
    return state


def locked_mail(tx: Tx, id: int, *conditions: ColumnElement[bool]) -> Mail | None:
    """The Mail of a row that fits the conditions; the row stays locked for this transaction."""
    query = select(table.c.mail).where(table.c.id == id, *conditions)
    text = tx.conn.execute(query if tx.dialect == "sqlite" else query.with_for_update()).scalar()
    return codec.load(Mail, text) if text is not None else None


UNCLAIMED: dict[str, object] = {"claimed_by": None, "claimed_until": None}
