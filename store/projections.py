"""Matters, assignments, threads and the address book as tables, written with the entries they come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from daemon.procedure.matter import fold
from daemon.procedure.shapes import Assignment, Entry, Matter, SetLeader, SetUnit
from store import codec, history, people
from store.columns import sign
from store.tables import assignments, threads
from store.tables import matters as table
from store.transaction import Tx

#: What is set comes with each execution.
_UPDATE = update(table).where(table.c.id == bindparam("which"))
_UPDATE_ASSIGNMENT = update(assignments).where(
    assignments.c.matter == bindparam("of"), assignments.c.unit == bindparam("whose")
)


def write(tx: Tx, matter: Matter, before: Matter | None = None) -> None:
    """Writes a matter as it stands after its entries. Raises history.MovedOn where its 文号 was just taken.

    `before`: as it was written last, where the caller knows.
    """
    values: dict[str, object] = {
        "year": matter.ref.year if matter.ref else None,
        "number": matter.ref.number if matter.ref else None,
        "title": matter.title,
        "phase": matter.phase,
        "lead": matter.lead,
        "deadline": matter.deadline,
        "dispatched_on": matter.dispatched_on,
        "closed_on": matter.closed_on,
        "suspended": matter.suspended,
        "seq": matter.seq,
        "body": codec.dump(matter),
    }
    known_before = before is not None
    before = before or _before(tx, matter.id)
    try:
        if not (known_before and tx.conn.execute(_UPDATE, {"which": matter.id, **values}).rowcount):
            statement = tx.insert(table).values(id=matter.id, signs=0, **values)
            tx.conn.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
    except IntegrityError as error:
        raise history.MovedOn(matter.id) from error
    if before is None or before.assignments != matter.assignments:
        _write_assignments(tx, matter, before.assignments if before is not None else ())
    known = {(a.message_id, a.token) for a in before.assignments} if before is not None else set()
    for assignment in matter.assignments:
        if (assignment.message_id, assignment.token) not in known:
            add_signs(tx, assignment.message_id, assignment.token, [(matter.id, assignment.unit)])


def add_signs(tx: Tx, message_id: str, token: str, leads_to: Iterable[tuple[str, str | None]]) -> None:
    """Notes where a Message-ID and a token of ours lead: (matter, unit), once each; '' is no sign."""
    pairs = dict(leads_to)
    for text, kind in ((message_id, "message_id"), (token, "token")):
        if not text:
            continue
        for matter, unit in pairs.items():
            if tx.insert_new(threads, sign=sign(text), matter=matter, unit=unit, kind=kind):
                tx.conn.execute(update(table).where(table.c.id == matter).values(signs=table.c.signs + 1))


def write_school(tx: Tx, entries: Sequence[Entry]) -> None:
    """Units and leaders as the school's new entries set them."""
    for entry in entries:
        if isinstance(entry.command, SetUnit):
            people.put_unit(tx, entry.command.unit)
        elif isinstance(entry.command, SetLeader):
            people.put_leader(tx, entry.command.leader)


def rebuild(tx: Tx) -> None:
    """Writes all again from the history. What only the outbox knew (Message-IDs of reminders) stays."""
    people.forget_all(tx)
    tx.conn.execute(update(table).values(body=""))
    kept: set[str] = set()
    for chain, entries in history.all_entries(tx):
        if chain == history.SCHOOL:
            write_school(tx, entries)
        else:
            write(tx, fold(entries))
            kept.add(chain)
    for gone in set(tx.conn.execute(select(table.c.id)).scalars()) - kept:
        tx.conn.execute(delete(assignments).where(assignments.c.matter == gone))
        tx.conn.execute(delete(table).where(table.c.id == gone))
    counted = select(func.count()).select_from(threads).where(threads.c.matter == table.c.id).scalar_subquery()
    tx.conn.execute(update(table).values(signs=counted))


def compare(tx: Tx) -> list[str]:
    """Where the tables disagree with the history, as Chinese sentences."""
    faults: list[str] = []
    bodies = {row.id: row.body for row in tx.conn.execute(select(table.c.id, table.c.body))}
    units: dict[str, str] = {}
    leaders: dict[str, str] = {}
    for chain, entries in history.all_entries(tx):
        if chain == history.SCHOOL:
            for entry in entries:
                if isinstance(entry.command, SetUnit):
                    units[entry.command.unit.code] = codec.dump(entry.command.unit)
                elif isinstance(entry.command, SetLeader):
                    leaders[entry.command.leader.code] = codec.dump(entry.command.leader)
            continue
        body = bodies.pop(chain, None)
        if body is None:
            faults.append(f"事项{chain}有历史记录，但台帐中没有。")
        elif body != codec.dump(fold(entries)):
            faults.append(f"事项{chain}在台帐中的状态与历史记录不符。")
    faults += [f"事项{id}在台帐中，但没有历史记录。" for id in sorted(bodies)]
    if units != {code: codec.dump(unit) for code, unit in people.units(tx).items()}:
        faults.append("单位名册与历史记录不符。")
    if leaders != {code: codec.dump(leader) for code, leader in people.leaders(tx).items()}:
        faults.append("校领导名册与历史记录不符。")
    return faults


def _before(tx: Tx, id: str) -> Matter | None:
    """The matter as it was written last; None where there is none, or none that this program reads."""
    body = tx.conn.execute(select(table.c.body).where(table.c.id == id)).scalar()
    try:
        return codec.load(Matter, body) if body else None
    except codec.CodecError:
        return None  # a projection of an older program: it is written anew


def _write_assignments(tx: Tx, matter: Matter, before: Sequence[Assignment]) -> None:
    units = [a.unit for a in matter.assignments]
    if units != [a.unit for a in before]:
        tx.conn.execute(delete(assignments).where(assignments.c.matter == matter.id, assignments.c.unit.not_in(units)))
    for assignment in matter.assignments:
        if assignment in before:
            continue
        values: dict[str, object] = {
            "role": assignment.role,
            "acknowledged_at": assignment.acknowledged_at,
            "report_waiting": assignment.report_waiting,
            "extension_waiting": assignment.extension_waiting,
        }
        where = {"of": matter.id, "whose": assignment.unit}
        if not tx.conn.execute(_UPDATE_ASSIGNMENT, {**where, **values}).rowcount:
            statement = tx.insert(assignments).values(matter=matter.id, unit=assignment.unit, **values)
            tx.conn.execute(statement.on_conflict_do_update(index_elements=["matter", "unit"], set_=values))
