"""What pages, the schedule and reading look at: rules, matters, and the world as reading knows it. Nothing is written.

What is costly to make is kept in the store's memory by what it was made from, never by time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

from sqlalchemy import Select, func, or_, select

from daemon.procedure.refno import parse_one
from daemon.procedure.reminders import HoldFacts
from daemon.procedure.rules import Rules, default_text, load_policy
from daemon.procedure.shapes import Entry, Matter, School
from daemon.procedure.workdays import load_calendar
from daemon.reading.shapes import Known, KnownMatter, Thread
from store import codec, letters, people, rule_texts
from store import history as chains
from store.tables import assignments, threads
from store.tables import matters as table
from store.transaction import Tx

NO_SCHOOL = School("", "", "", "", "", "", "")
OPEN = ("running",)


# ---------------------------------------------------------------------------------------------------------------
# Rules


def rules(tx: Tx) -> Rules:
    """The rules in force: the school's last entries, the program's defaults where there are none."""
    head = chains.head(tx, chains.SCHOOL)
    kept: tuple[tuple[int, str], Rules] | None = tx.memory.get("rules")
    if kept is not None and kept[0] == head:
        return kept[1]
    made = _make_rules(tx)
    tx.memory["rules"] = (head, made)
    return made


def _make_rules(tx: Tx) -> Rules:
    texts = rule_texts.in_force(tx)
    return Rules(
        school=texts.school or NO_SCHOOL,
        calendar=load_calendar(texts.calendar or default_text()),
        policy=load_policy(texts.policy or default_text()),
        units=people.units(tx),
        leaders=people.leaders(tx),
    )


# ---------------------------------------------------------------------------------------------------------------
# Matters


@lru_cache(maxsize=4096)
def _matter(body: str) -> Matter:
    return codec.load(Matter, body)


def matter(tx: Tx, id: str) -> Matter | None:
    body = tx.conn.execute(select(table.c.body).where(table.c.id == id)).scalar()
    return _matter(body) if body is not None else None


def history(tx: Tx, id: str) -> list[Entry]:
    """All that happened to a matter, oldest first."""
    return chains.look(tx, id)


def find(tx: Tx, text: str) -> Matter | None:
    """A matter by its 文号 in any writing (without a year: the newest), or by its id."""
    ref = parse_one(text, rules(tx).school.ref_prefix, _newest_year(tx))
    if ref is not None:
        body = tx.conn.execute(
            select(table.c.body).where(table.c.year == ref.year, table.c.number == ref.number)
        ).scalar()
        if body is not None:
            return _matter(body)
    return matter(tx, text.strip())


def matters(
    tx: Tx,
    phase: str | Sequence[str] | None = None,
    unit: str | None = None,
    *,
    year: int | None = None,
    due_until: date | None = None,
    after: str = "",
    limit: int | None = None,
) -> list[Matter]:
    """Matters in the order of their 文号, those without one last; `after`: the id of the last of the page before."""
    query = select(table.c.body).order_by(table.c.year.is_(None), table.c.year, table.c.number, table.c.id)
    if phase is not None:
        query = query.where(table.c.phase.in_((phase,) if isinstance(phase, str) else tuple(phase)))
    if unit is not None:
        query = query.where(table.c.id.in_(select(assignments.c.matter).where(assignments.c.unit == unit)))
    if year is not None:
        query = query.where(table.c.year == year)
    if due_until is not None:
        query = query.where(table.c.deadline <= due_until)
    if after:
        query = _behind(tx, query, after)
    if limit is not None:
        query = query.limit(limit)
    return [_matter(body) for body in tx.conn.execute(query).scalars()]


def entries(tx: Tx, matter: str) -> list[Entry]:
    """A matter's history, oldest first, to be shown; who wants to add to it goes through the door."""
    seen = tx.seen.copy()
    found = chains.load(tx, matter)
    tx.seen.clear()
    tx.seen.update(seen)
    return found


def open_matters(tx: Tx) -> list[Matter]:
    """Matters that were dispatched and are not closed, suspended ones among them."""
    return matters(tx, phase=OPEN)


def first_dispatch(tx: Tx) -> date | None:
    """The earliest 交办 of all matters: what came before it is no answer to anything."""
    return tx.conn.execute(select(func.min(table.c.dispatched_on, type_=table.c.dispatched_on.type))).scalar()


def last_entry_at(tx: Tx) -> datetime | None:
    """When the newest entry of any chain was made: no clock may be behind it."""
    return chains.last_at(tx)


def counts(tx: Tx) -> dict[str, int]:
    """How many matters are in each phase."""
    rows = tx.conn.execute(select(table.c.phase, func.count().label("n")).group_by(table.c.phase))
    return {row.phase: row.n for row in rows}


def next_number(tx: Tx, year: int) -> int:
    """The next free 文号 of the year: the highest given, imported ones too, and one.

    In a writing transaction nobody else gets it; given up with the transaction, so that there are no gaps.
    """
    if tx.writes:
        tx.serialize(f"number {year}")
    return (tx.conn.execute(select(func.max(table.c.number)).where(table.c.year == year)).scalar() or 0) + 1


def hold_facts(tx: Tx, folders: Sequence[str]) -> HoldFacts:
    """What may hold a reminder beside its matter: when the slowest folder was read; what waits unread, unreviewed."""
    cursors = [letters.cursor(tx, folder) for folder in folders]
    moments = [cursor.read_at for cursor in cursors if cursor is not None and cursor.read_at is not None]
    return HoldFacts(
        mailbox_read_at=min(moments) if moments and len(moments) == len(folders) else None,
        waiting_matters=letters.waiting_matters(tx),
        waiting_units=letters.waiting_units(tx),
        unread=letters.unread(tx),
    )


def _newest_year(tx: Tx) -> int | None:
    return tx.conn.execute(select(func.max(table.c.year))).scalar()


def _behind(tx: Tx, query: Select[str], after: str) -> Select[str]:
    last = tx.conn.execute(select(table.c.year, table.c.number).where(table.c.id == after)).one_or_none()
    if last is None:
        return query
    if last.year is None:
        return query.where(table.c.year.is_(None), table.c.id > after)
    return query.where(
        or_(
            table.c.year.is_(None),
            table.c.year > last.year,
            (table.c.year == last.year) & (table.c.number > last.number),
        )
    )


# ---------------------------------------------------------------------------------------------------------------
# The world as reading knows it


@dataclass(slots=True)
class _KnownMemory:
    """The last Known with what it was made from, so that the next is made from the difference."""

    key: tuple[object, ...]
    stamps: dict[str, tuple[int, int]]  # matter → (seq, signs)
    matters: dict[str, KnownMatter]
    threads: dict[str, Thread]
    tokens: dict[str, Thread]
    known: Known


def known(tx: Tx, rehearsal_address: str = "") -> Known:
    """Everything a reading may look at. Cheap where nothing moved; else only what moved is made again."""
    key = _known_key(tx, rehearsal_address)
    kept: _KnownMemory | None = tx.memory.get("known")
    if kept is not None and kept.key == key:
        return kept.known
    made = _make_known(tx, key, rehearsal_address, kept)
    if not tx.wrote and (not tx.writes or _known_key(tx, rehearsal_address) == key):  # nothing uncommitted or half seen
        tx.memory["known"] = made
    return made.known


def _known_key(tx: Tx, rehearsal_address: str) -> tuple[object, ...]:
    """Sequence numbers and signs only grow, so their sums stand for one state."""
    row = tx.conn.execute(select(func.count(), func.sum(table.c.seq), func.sum(table.c.signs)).select_from(table)).one()
    return (chains.head(tx, chains.SCHOOL), rehearsal_address, *row)


def _make_known(tx: Tx, key: tuple[object, ...], rehearsal_address: str, kept: _KnownMemory | None) -> _KnownMemory:
    in_force = rules(tx)
    rows = tx.conn.execute(select(table.c.id, table.c.seq, table.c.signs)).all()
    stamps = {id: (seq, signs) for id, seq, signs in rows}
    before = kept.stamps if kept is not None else {}
    if kept is None or before.keys() - stamps.keys():
        before, known_matters, by_id, by_token = {}, {}, {}, {}
    else:
        known_matters, by_id, by_token = dict(kept.matters), dict(kept.threads), dict(kept.tokens)
    moved = [id for id, stamp in stamps.items() if before.get(id) != stamp]
    for begin in range(0, len(moved), 500):
        _learn(tx, moved[begin : begin + 500], known_matters, by_id, by_token)
    made = Known(
        school=in_force.school,
        units=tuple(in_force.units.values()),
        leaders=tuple(in_force.leaders.values()),
        matters=tuple(sorted(known_matters.values(), key=lambda m: (m.ref.year, m.ref.number))),
        threads=by_id,
        tokens=by_token,
        own_addresses=tuple(a for a in dict.fromkeys((in_force.school.mailbox, in_force.school.section_address)) if a),
        rehearsal_address=rehearsal_address,
        calendar=in_force.calendar,
    )
    return _KnownMemory(key, stamps, known_matters, by_id, by_token, made)


def _learn(
    tx: Tx,
    ids: Sequence[str],
    known_matters: dict[str, KnownMatter],
    by_id: dict[str, Thread],
    by_token: dict[str, Thread],
) -> None:
    for body in tx.conn.execute(select(table.c.body).where(table.c.id.in_(ids))).scalars():
        seen = known_matter(_matter(body))
        if seen is not None:
            known_matters[seen.id] = seen
    rows = tx.conn.execute(select(threads).where(threads.c.matter.in_(ids)).order_by(threads.c.sign, threads.c.matter))
    for row in rows:
        where = by_id if row.kind == "message_id" else by_token
        there = where.get(row.sign)
        if there is None:
            where[row.sign] = Thread((row.matter,), row.unit)
        elif row.matter not in there.matters:
            unit = there.unit if there.unit == row.unit else None
            where[row.sign] = replace(there, matters=(*there.matters, row.matter), unit=unit)


def known_matter(matter: Matter) -> KnownMatter | None:
    """As much of a matter as reading needs; None before it has a 文号."""
    if matter.ref is None:
        return None
    words = (matter.title, matter.source, matter.requirements, matter.director_opinion, matter.leader_opinion)
    return KnownMatter(
        id=matter.id,
        ref=matter.ref,
        title=matter.title,
        lead=matter.lead,
        supporting=matter.supporting,
        open=matter.phase in OPEN,
        dispatched_on=matter.dispatched_on,
        deadline=matter.deadline,
        notice_sha256=matter.notice_sha256,
        notice_text="\n".join(word for word in words if word),
        requirements=matter.requirements,
    )
