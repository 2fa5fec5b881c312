"""What is known, turned over for looking up: addresses, numbers, threads; built once for each Known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from daemon.procedure.shapes import Leader, Role, Unit
from daemon.reading.shapes import Known, KnownMatter, Letter, Thread


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose an address is: a unit's person, the unit itself, or a leader's."""

    unit: str | None
    role: Role
    leader: str | None = None


@dataclass(slots=True)
class Index:
    known: Known
    owners: dict[str, list[Owner]] = field(default_factory=dict)
    units: dict[str, Unit] = field(default_factory=dict)
    leaders: dict[str, Leader] = field(default_factory=dict)
    by_key: dict[str, KnownMatter] = field(default_factory=dict)
    by_id: dict[str, KnownMatter] = field(default_factory=dict)
    open_of: dict[str, list[KnownMatter]] = field(default_factory=dict)
    threads: dict[str, Thread] = field(default_factory=dict)
    own: frozenset[str] = frozenset()
    unit_words: frozenset[str] = frozenset()  # names and short names of all units
    notices: dict[str, str] = field(default_factory=dict)  # sha256 of a notice → matter id
    titles: dict[str, tuple[frozenset[str], str]] = field(default_factory=dict)  # matter id → its bigrams, folded title

    def parties(self, matter: KnownMatter) -> tuple[str, ...]:
        return (matter.lead, *matter.supporting)


_held: list[Index] = []


def index(known: Known) -> Index:
    """The Index of `known`; kept for the last few, because a batch of letters is read under one Known."""
    for each in _held:
        if each.known is known:
            return each
    made = _build(known)
    _held.insert(0, made)
    del _held[4:]
    return made


def _build(known: Known) -> Index:
    made = Index(known)
    words: set[str] = set()
    for unit in known.units:
        made.units[unit.code] = unit
        words.update(w for w in (unit.name, unit.short_name) if w)
        for person, role in _people(unit):
            made.owners.setdefault(person, []).append(Owner(unit.code, role))
    for leader in known.leaders:
        made.leaders[leader.code] = leader
        if leader.address:
            made.owners.setdefault(leader.address.lower(), []).append(Owner(None, "supervising_leader", leader.code))
    for matter in known.matters:
        made.by_key[matter.ref.key] = matter
        made.by_id[matter.id] = matter
        for digest in matter.notice_sha256:
            made.notices[digest] = matter.id
        if matter.open:
            for code in dict.fromkeys(made.parties(matter)):
                made.open_of.setdefault(code, []).append(matter)
    made.threads = {k.strip("<> "): v for k, v in known.threads.items()}
    made.own = frozenset(a.lower() for a in (known.school.mailbox, *known.own_addresses) if a)
    made.unit_words = frozenset(words)
    return made


def _people(unit: Unit) -> Iterable[tuple[str, Role]]:
    """Addresses with the highest role each of them has: a head who is the liaison too signs as the head."""
    seen: set[str] = set()
    named: tuple[tuple[str, Role], ...] = (
        (unit.head.address if unit.head else "", "head"),
        (unit.second_head.address if unit.second_head else "", "head"),
        (unit.deputy.address if unit.deputy else "", "deputy"),
        (unit.liaison.address if unit.liaison else "", "liaison"),
        *((address, "unit") for address in unit.other_addresses),
    )
    for address, role in named:
        clean = address.strip().lower()
        if clean and clean not in seen:
            seen.add(clean)
            yield clean, role


def thread_of(letter: Letter, idx: Index) -> tuple[list[Thread], list[str]]:
    """The threads of ours that a letter hangs on, the mail it answers first, and the Message-IDs that say so."""
    found: list[Thread] = []
    via: list[str] = []
    for each in (*letter.in_reply_to, *reversed(letter.references)):
        thread = idx.threads.get(each) or _by_token(each, idx)
        if thread is not None and each not in via:
            found.append(thread)
            via.append(each)
    for name, value in letter.headers:
        if name == "x-duban-token" and value in idx.known.tokens and value not in via:
            found.append(idx.known.tokens[value])
            via.append(value)
    return found, via


def _by_token(message_id: str, idx: Index) -> Thread | None:
    """Our Message-IDs begin with the token: a provider may rewrite the rest of it."""
    token = message_id.partition("@")[0].partition(".")[0]
    return idx.known.tokens.get(token)
