"""The append-only history: a hash chain a matter and one for the school, with a daily seal over all heads.

hash = SHA-256(prev + canonical envelope + body, exactly as stored). UNIQUE(chain, seq) is the lock: who decided on
an older state gets MovedOn and must decide again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from sqlalchemy import Row, and_, bindparam, func, select
from sqlalchemy.exc import IntegrityError

from daemon.procedure.matter import fold
from daemon.procedure.shapes import Entry, Matter
from store import codec
from store.columns import plain
from store.tables import entries as table
from store.tables import seals
from store.transaction import StoreError, Tx

SCHOOL = "school"
NO_HASH = "0" * 64
#: Matters kept as their history leaves them, so that the next entry needs no folding.
STATES_KEPT = 4000

_OF = table.c.chain == bindparam("of")
_ALL = select(table).where(_OF).order_by(table.c.seq)
_HEAD = select(table.c.seq, table.c.hash).where(_OF).order_by(table.c.seq.desc()).limit(1)
_INSERT = table.insert()


class MovedOn(StoreError):
    """Somebody else has added to the chain since it was loaded: load, decide and append again."""

    def __init__(self, chain: str) -> None:
        super().__init__("moved", f"chain {chain} has moved on")
        self.chain = chain


def load(tx: Tx, chain: str) -> list[Entry]:
    """All entries of a chain, oldest first. What is then appended must follow the last of them."""
    rows = tx.conn.execute(_ALL, {"of": chain}).all()
    tx.seen[chain] = (rows[-1].seq, rows[-1].hash) if rows else (0, NO_HASH)
    return [_entry(row) for row in rows]


def state(tx: Tx, chain: str) -> Matter | None:
    """The matter as its history leaves it, None without one; as `load`, for who needs no single entry.

    A hash stands for all entries up to it, so what they fold to is kept by it and never grows old.
    """
    if chain not in tx.seen:
        tx.seen[chain] = head(tx, chain)
    if tx.seen[chain][0] == 0:
        return None
    kept = _folded(tx).get(tx.seen[chain][1])
    return kept if kept is not None else remember(tx, chain, fold(load(tx, chain)))


def remember(tx: Tx, chain: str, matter: Matter) -> Matter:
    """Keeps what the chain folds to as it now stands in this transaction."""
    folded = _folded(tx)
    if len(folded) >= STATES_KEPT:
        folded.clear()
    folded[tx.seen[chain][1]] = matter
    return matter


def _folded(tx: Tx) -> dict[str, Matter]:
    found: dict[str, Matter] = tx.memory.setdefault("folded", {})
    return found


def look(tx: Tx, chain: str) -> list[Entry]:
    """All entries of a chain, oldest first, for who decides nothing on them."""
    return [_entry(row) for row in tx.conn.execute(_ALL, {"of": chain})]


def append(tx: Tx, chain: str, entries: Sequence[Entry]) -> list[Entry]:
    """Adds entries behind the last loaded one (or behind the last there is); returns them numbered.

    Raises MovedOn where the number is taken; the transaction is then lost and must be begun again.
    """
    seq, prev = tx.seen[chain] if chain in tx.seen else head(tx, chain)
    rows: list[dict[str, object]] = []
    numbered: list[Entry] = []
    for entry in entries:
        seq += 1
        numbered.append(replace(entry, seq=seq))
        row = {
            "chain": chain,
            "seq": seq,
            "kind": entry.kind,
            "version": Entry.VERSION,
            "at": entry.at.astimezone(UTC),
            "actor": plain(entry.because.actor, 100),
            "letter": entry.because.letter,
            "body": codec.dump_body(entry),
        }
        row["prev"], row["hash"] = prev, _hash(prev, row)
        prev = str(row["hash"])
        rows.append(row)
    if rows:
        try:
            tx.conn.execute(_INSERT, rows)
        except IntegrityError as error:
            raise MovedOn(chain) from error
    tx.seen[chain] = (seq, prev)
    return numbered


def chains(tx: Tx) -> list[str]:
    """The names of all chains, the school's among them."""
    return list(tx.conn.execute(select(table.c.chain).distinct().order_by(table.c.chain)).scalars())


def head(tx: Tx, chain: str) -> tuple[int, str]:
    """Number and hash of a chain's last entry; (0, zeros) where there is none."""
    row = tx.conn.execute(_HEAD, {"of": chain}).one_or_none()
    return (row.seq, row.hash) if row is not None else (0, NO_HASH)


def heads(tx: Tx) -> dict[str, tuple[int, str]]:
    """Number and hash of every chain's last entry."""
    last = select(table.c.chain, func.max(table.c.seq).label("seq")).group_by(table.c.chain).subquery()
    rows = tx.conn.execute(
        select(table.c.chain, table.c.seq, table.c.hash).join(
            last, and_(last.c.chain == table.c.chain, last.c.seq == table.c.seq)
        )
    )
    return {row.chain: (row.seq, row.hash) for row in rows}


def last_at(tx: Tx) -> datetime | None:
    """When the newest entry of all chains happened: a clock behind it is wrong."""
    return tx.conn.execute(select(func.max(table.c.at))).scalar()


def check(tx: Tx, chain: str) -> list[str]:
    """What is wrong with a chain, as Chinese sentences; empty where every hash and number fits."""
    faults: list[str] = []
    prev, seq = NO_HASH, 0
    for row in tx.conn.execute(select(table).where(table.c.chain == chain).order_by(table.c.seq)):
        seq += 1
        if row.seq != seq:
            faults.append(f"{_shown(chain)}缺少第{seq}条记录。")
            seq = row.seq
        if row.prev != prev:
            faults.append(f"{_shown(chain)}第{row.seq}条记录与前一条不衔接。")
        if row.hash != _hash(row.prev, dict(row._mapping)):
            faults.append(f"{_shown(chain)}第{row.seq}条记录的内容与校验值不符，可能被改动。")
        prev = row.hash
    return faults


# ---------------------------------------------------------------------------------------------------------------
# Seals


@dataclass(frozen=True, slots=True)
class Seal:
    """The daily seal: one hash over all heads and the seal before; it leaves the machine in the morning mail."""

    day: date
    heads: int
    hash: str


def make_seal(tx: Tx, day: date, now: datetime) -> Seal:
    """Seals all heads for `day`; the one there is, if the day is sealed already."""
    tx.serialize("seal")
    there = tx.conn.execute(select(seals).where(seals.c.day == day)).one_or_none()
    if there is not None:
        return Seal(there.day, there.heads, there.hash)
    prev = tx.conn.execute(select(seals.c.hash).order_by(seals.c.day.desc()).limit(1)).scalar() or NO_HASH
    now_heads = heads(tx)
    body = codec.text_of({chain: [seq, hashed] for chain, (seq, hashed) in now_heads.items()})
    hashed = _seal_hash(prev, day, body)
    tx.conn.execute(
        seals.insert().values(day=day, made_at=now, heads=len(now_heads), hash=hashed, prev=prev, body=body)
    )
    return Seal(day, len(now_heads), hashed)


def seal_count(tx: Tx) -> int:
    return tx.conn.execute(select(func.count()).select_from(seals)).scalar_one()


def check_seals(tx: Tx) -> list[str]:
    """What is wrong with the seals, or gone since one was made, as Chinese sentences."""
    faults: list[str] = []
    prev = NO_HASH
    lost: set[str] = set()
    for row in tx.conn.execute(select(seals).order_by(seals.c.day)):
        if row.prev != prev:
            faults.append(f"{row.day}的封存值与前一日不衔接，中间的封存记录可能被删除。")
        if row.hash != _seal_hash(row.prev, row.day, row.body):
            faults.append(f"{row.day}的封存值与内容不符，可能被改动。")
        prev = row.hash
        sealed: dict[str, tuple[int, str]] = {chain: (seq, h) for chain, (seq, h) in json.loads(row.body).items()}
        for chain, (seq, hashed) in sealed.items():
            if chain in lost:
                continue
            kept = tx.conn.execute(select(table.c.hash).where(table.c.chain == chain, table.c.seq == seq)).scalar()
            if kept != hashed:
                lost.add(chain)
                what = "已不存在" if kept is None else "与封存时不同"
                faults.append(f"{row.day}封存的{_shown(chain)}第{seq}条记录{what}。")
    return faults


def all_entries(tx: Tx) -> Iterator[tuple[str, list[Entry]]]:
    """Every chain with its entries."""
    for chain in chains(tx):
        yield chain, look(tx, chain)


def _entry(row: Row[tuple[object, ...]]) -> Entry:
    return codec.load_entry(
        row.body, kind=row.kind, version=row.version, at=row.at, actor=row.actor, letter=row.letter, seq=row.seq
    )


def _hash(prev: str, row: dict[str, object]) -> str:
    at = row["at"]
    assert isinstance(at, datetime)
    names = ("chain", "seq", "kind", "version", "actor", "letter")
    envelope = codec.text_of({"at": at.astimezone(UTC).isoformat()} | {name: row[name] for name in names})
    return hashlib.sha256(f"{prev}{envelope}{row['body']}".encode()).hexdigest()


def _seal_hash(prev: str, day: date, body: str) -> str:
    return hashlib.sha256(f"{prev}{day.isoformat()}{body}".encode()).hexdigest()


def _shown(chain: str) -> str:
    return "学校档案链" if chain == SCHOOL else f"事项{chain}"
