"""Mails that go out: asked, frozen with their bytes, claimed before the connection, settled for each recipient.

A mail is at every moment in exactly one state:
asked → frozen → sending → delivered | refused | unsure, or frozen again; aside: held, withdrawn, broken.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, case, delete, insert, null, or_, select, update

from daemon.procedure.shapes import Line, Mail
from daemon.procedure.workdays import SHANGHAI, day_of
from store import blobs, codec, projections
from store.columns import plain, sign
from store.outbox_rows import (
    AT_HOME,
    OutboxRow,
    Recipient,
    State,
    at_home,
    by_sign,
    counts,
    listing,
    next_moment,
    of_matter,
    raw,
    sent_since,
    sent_to_since,
    show,
    to_prepare,
    to_send,
    unprepared,
)
from store.outbox_sending import (
    EXPIRED,
    GIVE_UP,
    PAUSES,
    Delivery,
    claim,
    dead_claims,
    end_claims,
    locked_mail,
    settle,
    settle_unsure,
    spare,
)
from store.tables import outbox as table
from store.tables import outbox_matters, recipients
from store.transaction import Tx

__all__ = [
    "AT_HOME",
    "EXPIRED",
    "GIVE_UP",
    "PAUSES",
    "Addressed",
    "Delivery",
    "Frozen",
    "OutboxRow",
    "Recipient",
    "State",
    "announced",
    "approve",
    "ask",
    "at_home",
    "back_to_asked",
    "broke",
    "by_sign",
    "claim",
    "counts",
    "dead_claims",
    "drop_lines",
    "end_claims",
    "freeze",
    "hold",
    "join",
    "listing",
    "next_moment",
    "note",
    "of_matter",
    "postpone",
    "raw",
    "release",
    "sent_since",
    "sent_to_since",
    "settle",
    "settle_unsure",
    "show",
    "spare",
    "to_prepare",
    "to_send",
    "withdraw",
]


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


def freeze(tx: Tx, id: int, frozen: Frozen, now: datetime) -> bool:
    """Keeps the bytes, the recipients, and where an answer to it leads; False where it is not asked any more."""
    mail = locked_mail(tx, id, or_(unprepared(now), table.c.state == "broken"))
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
        .values(state="held", held_until=until, held_why=plain(why), not_before=moment, **_GIVEN_BACK)
    )
    return True


def release(tx: Tx, id: int) -> bool:
    """A held mail is let go, to leave at the time it was asked for."""
    mail = locked_mail(tx, id, table.c.state == "held")
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
    state = case((table.c.state == "sending", "frozen"), else_=table.c.state)
    values = {"not_before": not_before, "why": plain(why), "state": state, **_GIVEN_BACK}
    tx.conn.execute(update(table).where(table.c.id == id).values(values))
    return True


def note(tx: Tx, id: int, why: str) -> None:
    """A word on a mail that is settled."""
    tx.conn.execute(update(table).where(table.c.id == id).values(why=plain(why)))


def withdraw(tx: Tx, id: int, why: str, *, who: str = "", now: datetime | None = None) -> bool:
    """It does not leave; False where it is on its way already or was."""
    if not _home(tx, id, who):
        return False
    values = {"state": "withdrawn", "why": plain(why), "settled_at": now, **_GIVEN_BACK}
    tx.conn.execute(update(table).where(table.c.id == id).values(values))
    return True


def drop_lines(tx: Tx, id: int, lines: Iterable[Line], why: str, *, who: str = "") -> bool:
    """Takes answered lines from a list; a mail that loses its last is withdrawn, a frozen one is prepared anew.

    False too where somebody has got the list already and lines would be left: it goes to the others as it is.
    """
    mail = locked_mail(tx, id)
    gone = set(lines)
    if mail is None or not gone & set(mail.lines) or not _home(tx, id, who):
        return False
    left = tuple(line for line in mail.lines if line not in gone)
    if not left:
        return withdraw(tx, id, why, who=who)
    if _delivered(tx, id):
        return False
    _thaw(tx, id, why, mail=replace(mail, lines=left))
    return True


def back_to_asked(tx: Tx, id: int, why: str, *, who: str = "") -> bool:
    """A frozen mail whose facts changed is prepared anew; False where somebody has got these bytes already."""
    if not _home(tx, id, who) or _delivered(tx, id):
        return False
    _thaw(tx, id, why)
    return True


# ---------------------------------------------------------------------------------------------------------------

_SENDING = table.c.state == "sending"

#: A claim that ends before any connection was no attempt.
_GIVEN_BACK: dict[str, object] = {
    "claimed_by": None,
    "claimed_until": None,
    "attempts": case((_SENDING, table.c.attempts - 1), else_=table.c.attempts),
    "sent_at": case((_SENDING, null()), else_=table.c.sent_at),
    "first_sent_at": case((and_(_SENDING, table.c.attempts <= 1), null()), else_=table.c.first_sent_at),
}
_BACK_FROM_HOLD = case((table.c.raw.is_(None), "asked"), else_="frozen")


def _home(tx: Tx, id: int, who: str, *conditions: ColumnElement[bool]) -> bool:
    """Whether it may still be changed; the row stays locked for this transaction."""
    free: ColumnElement[bool] = table.c.state.in_(AT_HOME)
    if who:
        free = or_(free, and_(table.c.state == "sending", table.c.claimed_by == who))
    query = select(table.c.id).where(table.c.id == id, free, *conditions)
    return tx.conn.execute(query if tx.dialect == "sqlite" else query.with_for_update()).first() is not None


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
        **_GIVEN_BACK,
    }
    if mail is not None:
        values["mail"] = codec.dump(mail)
        _write_lines(tx, id, mail)
    tx.conn.execute(update(table).where(table.c.id == id).values(values))
    tx.conn.execute(delete(recipients).where(recipients.c.outbox == id))


def _delivered(tx: Tx, id: int) -> bool:
    query = select(recipients.c.no).where(
        recipients.c.outbox == id, recipients.c.field != "bcc", recipients.c.outcome.in_(("delivered", "unsure"))
    )
    return tx.conn.execute(query.limit(1)).first() is not None


def _write_lines(tx: Tx, id: int, mail: Mail) -> None:
    tx.conn.execute(delete(outbox_matters).where(outbox_matters.c.outbox == id))
    rows: dict[str, dict[str, object]] = {}
    for line in mail.lines:
        rows.setdefault(line.matter, {"outbox": id, "matter": line.matter, "seq": line.seq})
    if rows:
        tx.conn.execute(insert(outbox_matters), list(rows.values()))
