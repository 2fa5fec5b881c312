"""Mails that go out: asked, frozen with their bytes, claimed before the connection, settled for each recipient.

A mail is at every moment in exactly one state:
asked → frozen → sending → delivered | refused | unsure, or frozen again; aside: held, withdrawn, broken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, Protocol

from sqlalchemy import ColumnElement, Select, and_, case, delete, func, insert, or_, select, update

from daemon.procedure.shapes import Line, Mail
from daemon.procedure.workdays import SHANGHAI, day_of
from store import blobs, codec, projections
from store.columns import plain, sign
from store.tables import outbox as table
from store.tables import outbox_matters, recipients
from store.transaction import Tx

State = Literal["asked", "frozen", "sending", "delivered", "refused", "unsure", "held", "withdrawn", "broken"]

#: Not yet on its way: may be held, withdrawn, changed.
AT_HOME = ("asked", "frozen", "held", "broken")

#: Pauses after "refused for now", the last one repeated; after GIVE_UP the recipient counts as refused.
PAUSES = tuple(timedelta(minutes=m) for m in (5, 10, 20, 40, 80, 160, 240))
GIVE_UP = timedelta(days=3)
EXPIRED = "多次重试后对方服务器仍未接收"


@dataclass(frozen=True, slots=True)
class Addressed:
    """One envelope recipient. `field`: to, cc, bcc; `meant`: in a rehearsal, who would have got it."""

    address: str
    field: str
    role: str = ""
    meant: str = ""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A mail as it will leave, byte for byte. `facts`: what its text rests on, to see whether they changed."""

    message_id: str
    token: str
    subject: str
    raw: bytes
    facts: str
    recipients: tuple[Addressed, ...]


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


class Delivery(Protocol):
    """What the courier says of one recipient."""

    @property
    def recipient(self) -> str: ...
    @property
    def outcome(self) -> Literal["delivered", "later", "refused", "unsure"]: ...
    @property
    def reply(self) -> str: ...


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


# ---------------------------------------------------------------------------------------------------------------
# Asked


def ask(tx: Tx, mails: Sequence[Mail], now: datetime) -> list[int]:
    """Puts mails into the outbox; returns their ids."""
    ids: list[int] = []
    for mail in mails:
        key = tx.conn.execute(
            insert(table)
            .values(
                template=mail.template,
                unit=mail.unit,
                leader=mail.leader,
                mail=codec.dump(mail),
                state="asked",
                asked_at=now,
                not_before=mail.not_before,
                release=mail.release,
            )
            .returning(table.c.id)
        ).scalar_one()
        _write_lines(tx, key, mail)
        ids.append(key)
    return ids


def join(tx: Tx, id: int, mail: Mail) -> bool:
    """Puts another Mail in the place of one that has not left (a list that grew); prepared anew."""
    if not _home(tx, id, "", table.c.first_sent_at.is_(None)):
        return False
    _thaw(tx, id, "", mail=mail)
    return True


def to_prepare(tx: Tx, now: datetime, limit: int = 20, ahead: timedelta = timedelta(0)) -> list[OutboxRow]:
    """Asked mails whose time has come (or comes within `ahead`), and broken ones whose next try has."""
    query = _due(_unprepared(now), now + ahead)
    return _rows(tx, query.limit(limit))


def freeze(tx: Tx, id: int, frozen: Frozen, now: datetime) -> bool:
    """Keeps the bytes, the recipients, and where an answer to it leads; False where it is not asked any more."""
    mail = _mail(tx, id, or_(_unprepared(now), table.c.state == "broken"))
    if mail is None:
        return False
    raw = blobs.keep(tx, frozen.raw, now)
    tx.conn.execute(
        update(table)
        .where(table.c.id == id)
        .values(
            state="frozen",
            frozen_at=now,
            message_id=sign(frozen.message_id),
            token=plain(frozen.token, 64),
            subject=plain(frozen.subject),
            raw=raw,
            facts=plain(frozen.facts),
            held_until=None,
            retry_at=None,
            why="",
        )
    )
    tx.conn.execute(delete(recipients).where(recipients.c.outbox == id))
    rows = [
        {
            "outbox": id,
            "no": no,
            "address": plain(one.address, 320),
            "field": one.field,
            "role": one.role,
            "meant": plain(one.meant, 320),
            "outcome": "open",
            "reply": "",
        }
        for no, one in enumerate(frozen.recipients)
    ]
    if rows:
        tx.conn.execute(insert(recipients), rows)
    projections.add_signs(tx, frozen.message_id, frozen.token, [(line.matter, line.unit) for line in mail.lines])
    return True


def broke(tx: Tx, id: int, why: str, again_at: datetime) -> bool:
    """The mail could not be prepared; tried again at `again_at`, shown to the Section till then."""
    query = update(table).where(table.c.id == id, table.c.state.in_(("asked", "broken")))
    return tx.conn.execute(query.values(state="broken", why=plain(why), retry_at=again_at)).rowcount == 1


# ---------------------------------------------------------------------------------------------------------------
# Held, changed, withdrawn: until it is `sending`, or by the very sender that has claimed it and not connected yet


def hold(tx: Tx, id: int, until: date | None, why: str, *, who: str = "") -> bool:
    """暂缓发送. It leaves on `until` at its own time of day, None: when somebody lets it go."""
    row = tx.conn.execute(select(table.c.not_before).where(table.c.id == id)).one_or_none()
    if row is None or not _home(tx, id, who):
        return False
    moment = row.not_before
    if until is not None and until > day_of(moment):
        local = moment.astimezone(SHANGHAI)
        moment = local.replace(year=until.year, month=until.month, day=until.day)
    tx.conn.execute(
        update(table)
        .where(table.c.id == id)
        .values(state="held", held_until=until, held_why=plain(why), not_before=moment, **_UNCLAIMED)
    )
    return True


def release(tx: Tx, id: int) -> bool:
    """A held mail is let go, to leave at the time it was asked for."""
    mail = _mail(tx, id, table.c.state == "held")
    if mail is None:
        return False
    tx.conn.execute(
        update(table)
        .where(table.c.id == id)
        .values(state=_BACK_FROM_HOLD, held_until=None, held_why="", not_before=mail.not_before)
    )
    return True


def approve(tx: Tx, id: int) -> bool:
    """A mail whose release waits for a person may leave."""
    query = update(table).where(table.c.id == id, table.c.state.in_(AT_HOME))
    return tx.conn.execute(query.values(approved=True)).rowcount == 1


def announced(tx: Tx, ids: Sequence[int], now: datetime) -> None:
    """These mails stood in the morning's announcement; those that are `unless_held` may leave at their time."""
    tx.conn.execute(update(table).where(table.c.id.in_(ids), table.c.state.in_(AT_HOME)).values(announced_at=now))


def postpone(tx: Tx, id: int, not_before: datetime, why: str = "", *, who: str = "") -> bool:
    """It leaves later; a claim is given back and does not count as an attempt."""
    if not _home(tx, id, who):
        return False
    values = {"not_before": not_before, "why": plain(why), **_UNCLAIMED}
    if who:
        values |= {"state": "frozen", "attempts": case((table.c.attempts > 0, table.c.attempts - 1), else_=0)}
        values |= {"sent_at": None, "first_sent_at": case((table.c.attempts > 1, table.c.first_sent_at), else_=None)}
    tx.conn.execute(update(table).where(table.c.id == id).values(values))
    return True


def withdraw(tx: Tx, id: int, why: str, *, who: str = "", now: datetime | None = None) -> bool:
    """It does not leave; False where it is on its way already or was."""
    if not _home(tx, id, who):
        return False
    values = {"state": "withdrawn", "why": plain(why), "settled_at": now, **_UNCLAIMED}
    tx.conn.execute(update(table).where(table.c.id == id).values(values))
    return True


def drop_lines(tx: Tx, id: int, lines: Iterable[Line], why: str, *, who: str = "") -> bool:
    """Takes answered lines from a list; a mail that loses its last is withdrawn, a frozen one is prepared anew."""
    mail = _mail(tx, id)
    gone = set(lines)
    if mail is None or not gone & set(mail.lines) or not _home(tx, id, who):
        return False
    left = tuple(line for line in mail.lines if line not in gone)
    if not left:
        return withdraw(tx, id, why, who=who)
    _thaw(tx, id, why, mail=replace(mail, lines=left))
    return True


def back_to_asked(tx: Tx, id: int, why: str, *, who: str = "") -> bool:
    """A frozen mail whose facts changed is prepared anew; False where somebody has got these bytes already."""
    if not _home(tx, id, who) or _delivered(tx, id):
        return False
    _thaw(tx, id, why)
    return True


# ---------------------------------------------------------------------------------------------------------------
# Sent


def to_send(tx: Tx, now: datetime, limit: int = 100) -> list[OutboxRow]:
    """Frozen mails that may leave now, in their order; nothing is claimed."""
    return _rows(tx, _sendable(now).limit(limit))


def claim(tx: Tx, who: str, now: datetime, lease: timedelta) -> OutboxRow | None:
    """Takes the next mail to send. Commit before you connect: a claim that outlives its lease is `unsure`."""
    id = tx.conn.execute(tx.free_rows(_sendable(now).limit(1))).scalar()
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


def settle_unsure(tx: Tx, id: int, delivered: bool, by: str, now: datetime) -> bool:
    """An unsure mail was found (or a person says so): delivered; or a person says that it did not leave: sent again."""
    if _mail(tx, id, table.c.state == "unsure") is None:
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


# ---------------------------------------------------------------------------------------------------------------
# Looking


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


# ---------------------------------------------------------------------------------------------------------------

_UNCLAIMED: dict[str, object] = {"claimed_by": None, "claimed_until": None}
_BACK_FROM_HOLD = case((table.c.raw.is_(None), "asked"), else_="frozen")
_RELEASED: ColumnElement[bool] = or_(
    table.c.release == "automatic",
    and_(table.c.release == "unless_held", table.c.announced_at.is_not(None)),
    table.c.approved,
)


def _due(condition: ColumnElement[bool], moment: datetime) -> Select[int]:
    return select(table.c.id).where(condition, table.c.not_before <= moment).order_by(table.c.not_before, table.c.id)


def _hold_over(now: datetime) -> ColumnElement[bool]:
    return and_(table.c.state == "held", table.c.held_until <= day_of(now))


def _unprepared(now: datetime) -> ColumnElement[bool]:
    return or_(
        table.c.state == "asked",
        and_(table.c.state == "broken", table.c.retry_at <= now),
        and_(_hold_over(now), table.c.raw.is_(None)),
    )


def _sendable(now: datetime) -> Select[int]:
    ready = and_(
        or_(table.c.state == "frozen", and_(_hold_over(now), table.c.raw.is_not(None))),
        or_(table.c.retry_at.is_(None), table.c.retry_at <= now),
        _RELEASED,
    )
    return _due(ready, now)


def _home(tx: Tx, id: int, who: str, *conditions: ColumnElement[bool]) -> bool:
    """Whether it may still be changed; the row stays locked for this transaction."""
    free: ColumnElement[bool] = table.c.state.in_(AT_HOME)
    if who:
        free = or_(free, and_(table.c.state == "sending", table.c.claimed_by == who))
    query = select(table.c.id).where(table.c.id == id, free, *conditions)
    return tx.conn.execute(query if tx.dialect == "sqlite" else query.with_for_update()).first() is not None


def _mail(tx: Tx, id: int, *conditions: ColumnElement[bool]) -> Mail | None:
    """The Mail of a row that fits the conditions; the row stays locked for this transaction."""
    query = select(table.c.mail).where(table.c.id == id, *conditions)
    text = tx.conn.execute(query if tx.dialect == "sqlite" else query.with_for_update()).scalar()
    return codec.load(Mail, text) if text is not None else None


def _thaw(tx: Tx, id: int, why: str, mail: Mail | None = None) -> None:
    """Back to asked; a held mail stays held. What the old bytes' Message-ID leads to stays known."""
    values: dict[str, object] = {
        "state": case((table.c.state == "held", "held"), else_="asked"),
        "frozen_at": None,
        "message_id": "",
        "token": "",
        "subject": "",
        "raw": None,
        "facts": "",
        "retry_at": None,
        "why": plain(why),
        **_UNCLAIMED,
    }
    if mail is not None:
        values["mail"] = codec.dump(mail)
        _write_lines(tx, id, mail)
    tx.conn.execute(update(table).where(table.c.id == id).values(values))
    tx.conn.execute(delete(recipients).where(recipients.c.outbox == id))


def _delivered(tx: Tx, id: int) -> bool:
    query = select(recipients.c.no).where(recipients.c.outbox == id, recipients.c.outcome.in_(("delivered", "unsure")))
    return tx.conn.execute(query.limit(1)).first() is not None


def _write_lines(tx: Tx, id: int, mail: Mail) -> None:
    tx.conn.execute(delete(outbox_matters).where(outbox_matters.c.outbox == id))
    rows: dict[str, dict[str, object]] = {}
    for line in mail.lines:
        rows.setdefault(line.matter, {"outbox": id, "matter": line.matter, "seq": line.seq})
    if rows:
        tx.conn.execute(insert(outbox_matters), list(rows.values()))


def _conclude(tx: Tx, id: int, now: datetime) -> State:
    """The mail's state from its recipients': unsure over later over delivered over refused."""
    row = tx.conn.execute(select(table.c.attempts, table.c.first_sent_at).where(table.c.id == id)).one()
    if row.first_sent_at is not None and now - row.first_sent_at >= GIVE_UP:
        tx.conn.execute(
            update(recipients)
            .where(recipients.c.outbox == id, recipients.c.outcome == "later")
            .values(outcome="refused", reply=func.trim(recipients.c.reply + f" {EXPIRED}"), settled_at=now)
        )
    outcomes = Counter(tx.conn.execute(select(recipients.c.outcome).where(recipients.c.outbox == id)).scalars())
    values: dict[str, object] = {"settled_at": now, "retry_at": None, **_UNCLAIMED}
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
