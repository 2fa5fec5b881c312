"""Mails that go out, looked at: rows with their recipients, what is due, what was sent. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from daemon.procedure.shapes import Mail
from daemon.procedure.workdays import day_of
from store import blobs, codec
from store.columns import sign
from store.tables import outbox as table
from store.tables import outbox_matters, recipients
from store.transaction import Tx

State = Literal["asked", "frozen", "sending", "delivered", "refused", "unsure", "held", "withdrawn", "broken"]


#: Not yet on its way: may be held, withdrawn, changed.
AT_HOME = ("asked", "frozen", "held", "broken")


@dataclass(frozen=True, slots=True)
class Recipient:
    """One recipient of a frozen mail and what became of it. outcome: open, delivered, later, refused, unsure."""

    address: str
    field: str
    role: str
    meant: str
    outcome: str
    reply: str
    settled_at: datetime | None

    @property
    def pending(self) -> bool:
        return self.outcome in ("open", "later")


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A mail on its way. `raw`: the hash of its bytes, None until frozen."""

    id: int
    mail: Mail
    state: State
    asked_at: datetime
    not_before: datetime
    held_until: date | None
    held_why: str
    approved: bool
    announced_at: datetime | None
    retry_at: datetime | None
    frozen_at: datetime | None
    message_id: str
    token: str
    subject: str
    raw: str | None
    facts: str
    claimed_by: str | None
    claimed_until: datetime | None
    attempts: int
    first_sent_at: datetime | None
    sent_at: datetime | None
    settled_at: datetime | None
    why: str
    recipients: tuple[Recipient, ...]

    @property
    def to_deliver(self) -> tuple[str, ...]:
        """The envelope addresses that have not got it yet, each once."""
        return tuple(dict.fromkeys(r.address for r in self.recipients if r.pending))


def to_prepare(tx: Tx, now: datetime, limit: int = 20, ahead: timedelta = timedelta(0)) -> list[OutboxRow]:
    """Asked mails whose time has come (or comes within `ahead`), and broken ones whose next try has."""
    query = _due(unprepared(now), now + ahead)
    return _rows(tx, query.limit(limit))


def to_send(tx: Tx, now: datetime, limit: int = 100) -> list[OutboxRow]:
    """Frozen mails that may leave now, in their order; nothing is claimed."""
    return _rows(tx, sendable(now).limit(limit))


def show(tx: Tx, id: int) -> OutboxRow | None:
    found = _rows(tx, select(table.c.id).where(table.c.id == id))
    return found[0] if found else None


def listing(
    tx: Tx,
    state: str | None = None,
    limit: int = 100,
    after: int = 0,
    *,
    matter: str | None = None,
    newest: bool = False,
) -> list[OutboxRow]:
    """Mails by id, beginning behind the id `after`; `newest`: those asked for last come first."""
    order = table.c.id.desc() if newest else table.c.id
    query = select(table.c.id).where(table.c.id > after).order_by(order).limit(limit)
    if state is not None:
        query = query.where(table.c.state == state)
    if matter is not None:
        ids = select(outbox_matters.c.outbox).where(outbox_matters.c.matter == matter)
        query = query.where(table.c.id.in_(ids))
    return _rows(tx, query)


def counts(tx: Tx) -> dict[str, int]:
    """How many mails are in each state."""
    rows = tx.conn.execute(select(table.c.state, func.count().label("n")).group_by(table.c.state))
    return {row.state: row.n for row in rows}


def of_matter(tx: Tx, matter: str) -> list[OutboxRow]:
    """All mails that speak of a matter, oldest first."""
    ids = select(outbox_matters.c.outbox).where(outbox_matters.c.matter == matter)
    return _rows(tx, select(table.c.id).where(table.c.id.in_(ids)).order_by(table.c.id))


def at_home(tx: Tx, *, unit: str | None = None, leader: str | None = None) -> list[OutboxRow]:
    """Mails that have not left, of a unit or a leader where one is given: to join lists, to announce, to look again."""
    query = select(table.c.id).where(table.c.state.in_(AT_HOME)).order_by(table.c.not_before, table.c.id)
    if unit is not None:
        query = query.where(table.c.unit == unit)
    if leader is not None:
        query = query.where(table.c.leader == leader)
    return _rows(tx, query)


def by_sign(tx: Tx, text: str) -> list[OutboxRow]:
    """Mails of ours with this Message-ID or token (a bounce, our own copy)."""
    key = sign(text)
    query = select(table.c.id).where(or_(table.c.message_id == key, table.c.token == key)).order_by(table.c.id)
    return _rows(tx, query) if key else []


def raw(tx: Tx, mail: OutboxRow | int) -> bytes | None:
    """The frozen bytes of a mail (or of its id); None where it is not frozen."""
    if isinstance(mail, OutboxRow):
        return blobs.read(tx, mail.raw) if mail.raw is not None else None
    sha256 = tx.conn.execute(select(table.c.raw).where(table.c.id == mail)).scalar()
    return blobs.read(tx, sha256) if sha256 is not None else None


def sent_since(tx: Tx, moment: datetime) -> int:
    """Mails whose last attempt began at `moment` or later (the ceiling of an hour)."""
    return tx.conn.execute(select(func.count()).where(table.c.sent_at >= moment)).scalar_one()


def sent_to_since(tx: Tx, address: str, moment: datetime) -> int:
    """Mails to one address (in a rehearsal: the person meant) since `moment` (the ceiling of a day)."""
    person = case((recipients.c.meant != "", recipients.c.meant), else_=recipients.c.address)
    query = (
        select(func.count(recipients.c.outbox.distinct()))
        .join(table, table.c.id == recipients.c.outbox)
        .where(person == address, recipients.c.outcome.in_(("delivered", "unsure")), table.c.sent_at >= moment)
    )
    return tx.conn.execute(query).scalar_one()


def next_moment(tx: Tx, states: Sequence[str] = ("asked", "frozen", "broken", "held")) -> datetime | None:
    """When the next mail in these states falls due (it may be past); None where there is none.

    A mail that waits for a person, or for the announcement, is left out: it falls due by that.
    """
    due = case((table.c.retry_at > table.c.not_before, table.c.retry_at), else_=table.c.not_before)
    query = select(func.min(due, type_=table.c.not_before.type)).where(
        table.c.state.in_(states),
        or_(table.c.state != "held", table.c.held_until.is_not(None)),
        or_(table.c.raw.is_(None), _RELEASED),
    )
    return tx.conn.execute(query).scalar()


_RELEASED: ColumnElement[bool] = or_(
    table.c.release == "automatic",
    and_(table.c.release == "unless_held", table.c.announced_at.is_not(None)),
    table.c.approved,
)


def _due(condition: ColumnElement[bool], moment: datetime) -> Select[int]:
    return select(table.c.id).where(condition, table.c.not_before <= moment).order_by(table.c.not_before, table.c.id)


def _hold_over(now: datetime) -> ColumnElement[bool]:
    return and_(table.c.state == "held", table.c.held_until <= day_of(now))


def unprepared(now: datetime) -> ColumnElement[bool]:
    return or_(
        table.c.state == "asked",
        and_(table.c.state == "broken", table.c.retry_at <= now),
        and_(_hold_over(now), table.c.raw.is_(None)),
    )


def sendable(now: datetime) -> Select[int]:
    ready = and_(
        or_(table.c.state == "frozen", and_(_hold_over(now), table.c.raw.is_not(None))),
        or_(table.c.retry_at.is_(None), table.c.retry_at <= now),
        _RELEASED,
    )
    return _due(ready, now)


def _rows(tx: Tx, query: Select[int]) -> list[OutboxRow]:
    ids = list(tx.conn.execute(query).scalars())
    if not ids:
        return []
    rows = {row.id: row for row in tx.conn.execute(select(table).where(table.c.id.in_(ids)))}
    people: dict[int, list[Recipient]] = {id: [] for id in ids}
    found = tx.conn.execute(
        select(recipients).where(recipients.c.outbox.in_(ids)).order_by(recipients.c.outbox, recipients.c.no)
    )
    for r in found:
        people[r.outbox].append(Recipient(r.address, r.field, r.role, r.meant, r.outcome, r.reply, r.settled_at))
    names = [name for name in OutboxRow.__dataclass_fields__ if name not in ("mail", "recipients")]
    return [
        OutboxRow(
            **{name: getattr(rows[id], name) for name in names},
            mail=codec.load(Mail, rows[id].mail),
            recipients=tuple(people[id]),
        )
        for id in ids
    ]
