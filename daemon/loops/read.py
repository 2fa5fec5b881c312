"""The read loop: understands kept letters and registers what is certain; the rest waits for a person.

What one letter says is registered whole, with its Reading and its settling in one commit, or not at all (a savepoint a
letter; letters that wait in numbers share the commit). A letter that ended the process twice is not read a third time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import ParamSpec, TypeVar

from daemon import maillog, outcomes
from daemon.attachments.openers import Openers
from daemon.loops import alarms
from daemon.procedure.rules import Rules
from daemon.procedure.shapes import Because, ClearAddress, MarkAddress, NoteAutoReply, Refusal
from daemon.procedure.workdays import day_of
from daemon.reading.conclude import Conclusion, conclude
from daemon.reading.decode import decode
from daemon.reading.read import read
from daemon.reading.shapes import Known, Letter, Opened, Reading
from daemon.register import MovedOn, Registered, register, set_school
from daemon.world import World
from store import ledger, letters, outbox, people
from store.letters import Claimed
from store.people import BadAddress
from store.transaction import StoreError, Tx

P = ParamSpec("P")
T = TypeVar("T")

#: How soon to look again whether a full mailbox has been kept.
WHILE_KEEPING = timedelta(seconds=0.5)
#: Letters read in one go while they wait in numbers.
GROUP = 50
LEASE = timedelta(minutes=5)
SOON = timedelta(seconds=1)
#: A letter claimed more often than this has ended the process with it.
MOST_CLAIMS = 2
#: Whoever makes work calls; this is only how long nothing at all may happen.
IDLE = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Understood:
    """A claimed letter with what was made of it; all None where it could not be read."""

    claimed: Claimed
    letter: Letter | None = None
    reading: Reading | None = None
    conclusion: Conclusion | None = None
    own: bool = False


@dataclass(frozen=True, slots=True)
class Shared:
    """What holds for all letters of one commit: rules, the first 交办, who first had each Message-ID."""

    rules: Rules
    first_dispatch: date | None  # as of the commit: matters may have been imported since the letters were read
    first_with: Mapping[str, int]
    bad: Mapping[str, BadAddress]  # as of the commit: no letter of it came after a mark that it makes


class Read:
    """`who` names this reader in its claims."""

    def __init__(self, openers: Openers, who: str) -> None:
        self._openers = openers
        self._who = who
        self._settled = False  # something was, and the schedule has not heard of it
        self._in_hand: list[int] = []  # claimed and not settled; what is in it still was not what ended the process

    async def step(self, world: World) -> datetime:
        """Reads what waits; says when to look again without being called."""
        now = world.clock.now()
        if "watch" in world.wake.busy:  # what is still in the mailbox is kept first; what was kept can wait
            return now + WHILE_KEEPING
        await self._give_back(world, now)
        claimed = await world.store.write(letters.claim, self._who, now, LEASE, GROUP)
        if not claimed:
            self._tell_schedule(world)
            again = await world.store.read(letters.next_moment) or now + IDLE
            return max(now + SOON, min(again, now + IDLE))
        self._in_hand = [one.id for one in claimed]
        try:
            states = await self._read(world, claimed, now)
        except asyncio.CancelledError:
            await self._give_back(world, now)
            raise
        self._in_hand = []
        if "registered" in states or "ignored" in states:  # a bounce may send a notice to the next person
            world.wake.call("prepare")
        self._settled = True
        if len(claimed) < GROUP:
            self._tell_schedule(world)
        return now

    def _tell_schedule(self, world: World) -> None:
        """Once all is read and not before: while anything is unread every reminder is held."""
        if self._settled:
            world.wake.call("schedule")
        self._settled = False

    async def _give_back(self, world: World, now: datetime) -> None:
        """A store that failed, or our own end in good order, says nothing against a letter: no claim counts."""
        for letter in self._in_hand:
            await world.store.write(letters.put_off, letter, now)
        self._in_hand = []

    async def _read(self, world: World, claimed: Sequence[Claimed], now: datetime) -> list[str]:
        known = await world.store.read(ledger.known, world.outlook.rehearsal_address)
        understood = await self._understand_all(world, claimed, known, now)
        try:
            return await world.store.write(_settle_all, understood, world, now)
        except (StoreError, MovedOn):
            raise
        except Exception as error:  # noqa: BLE001 - one letter whose registering fails must not stop the others
            maillog.loop_failed("read", error)
        return [await self._settle_alone(world, one, now) for one in understood]

    async def _settle_alone(self, world: World, one: Understood, now: datetime) -> str:
        try:
            return (await world.store.write(_settle_all, [one], world, now))[0]
        except (StoreError, MovedOn):
            raise
        except Exception as error:  # noqa: BLE001 - it waits for a person, with its bytes
            maillog.loop_failed("read", error)
        return (await world.store.write(_settle_all, [Understood(one.claimed)], world, now))[0]

    async def _understand_all(
        self, world: World, claimed: Sequence[Claimed], known: Known, now: datetime
    ) -> list[Understood]:
        """Three turns for the whole group, not for each letter: decoded, attachments opened, read."""
        fit = [one for one in claimed if one.claims <= MOST_CLAIMS]
        decoded = await world.store.read(_decode_all, fit)
        told = await asyncio.gather(*(self._open(world, letter, known) for letter in decoded), return_exceptions=True)
        opened: list[tuple[Opened, ...] | None] = []
        for place, one in enumerate(told):
            if isinstance(one, BaseException):
                _note(one)
                decoded[place] = None
            opened.append(None if isinstance(one, BaseException) else one)
        understood = await asyncio.to_thread(_understand_each, fit, decoded, opened, known, now)
        return [*understood, *(Understood(one) for one in claimed if one.claims > MOST_CLAIMS)]

    async def _open(self, world: World, letter: Letter | None, known: Known) -> tuple[Opened, ...] | None:
        """What the letter's attachments hold; None where it is our own copy."""
        if letter is None or await _left_from_here(world, letter, known):
            return None
        return await self._openers.open_parts(letter.parts) if letter.parts else ()


def _decode_all(tx: Tx, claimed: Sequence[Claimed]) -> list[Letter | None]:
    return [_guarded(_decode, tx, one) for one in claimed]


def _decode(tx: Tx, claimed: Claimed) -> Letter:
    return decode(letters.raw(tx, claimed.id), claimed.arrived_at)


def _understand_each(
    claimed: Sequence[Claimed],
    decoded: Sequence[Letter | None],
    opened: Sequence[tuple[Opened, ...] | None],
    known: Known,
    now: datetime,
) -> list[Understood]:
    understood = []
    for one, letter, parts in zip(claimed, decoded, opened, strict=True):
        if letter is None or parts is None:
            understood.append(Understood(one, letter, own=letter is not None))
        else:
            understood.append(_guarded(_understand, one, letter, parts, known, now) or Understood(one))
    return understood


def _understand(
    claimed: Claimed, letter: Letter, opened: tuple[Opened, ...], known: Known, now: datetime
) -> Understood:
    reading = read(letter, opened, known)
    return Understood(claimed, letter, reading, conclude(reading, letter, opened, known, now))


def _guarded(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
    """None where a letter makes our code raise: it waits for a person with its bytes, and stops no other."""
    try:
        return work(*args, **kwargs)
    except Exception as error:  # noqa: BLE001 - whatever it is
        _note(error)
    return None


def _note(error: BaseException) -> None:
    """A failure over one letter is logged; one that says nothing of the letter is raised again."""
    if not isinstance(error, Exception) or (isinstance(error, StoreError) and error.transient):
        raise error
    maillog.loop_failed("read", error)


async def _left_from_here(world: World, letter: Letter, known: Known) -> bool:
    """Whether this is a copy of a mail in our own outbox: nothing in it needs to be opened or read."""
    ours = {known.school.mailbox.lower(), *(address.lower() for address in known.own_addresses)}
    if not letter.from_addresses or letter.from_addresses[0] not in ours:
        return False
    tokens = [value for name, value in letter.headers if name == "x-duban-token"]
    return any([token in known.tokens or await world.store.read(_in_outbox, token) for token in tokens])


def _in_outbox(tx: Tx, token: str) -> bool:
    """A mail without a matter (the morning's) is in no thread."""
    return bool(outbox.by_sign(tx, token))


def _settle_all(tx: Tx, understood: Sequence[Understood], world: World, now: datetime) -> list[str]:
    """Their registering, in one commit. What holds for all of them is asked once: no letter changes it."""
    ids = [one.letter.message_id for one in understood if one.letter is not None]
    shared = Shared(ledger.rules(tx), ledger.first_dispatch(tx), letters.first_with(tx, ids), people.bad(tx))
    states = []
    free = letters.unsettled(tx, [one.claimed.id for one in understood])
    for one in understood:
        if one.claimed.id not in free:  # our lease ran out, and somebody else has settled it
            states.append("settled")
            continue
        with tx.conn.begin_nested():
            states.append(_settle(tx, one, shared, world, now))
    return states


def _settle(tx: Tx, one: Understood, shared: Shared, world: World, now: datetime) -> str:
    """One letter, whole: registered with its Reading, or waiting, ignored, a copy, our own, old."""
    state, why, copy_of = _judge(tx, one, shared, world, now)
    reading, conclusion = one.reading, one.conclusion
    if state == "" and reading is not None and conclusion is not None:
        state, why = _register(tx, one.claimed.id, conclusion, shared.rules, world, now)
    letters.settle(
        tx,
        one.claimed.id,
        state or "waiting",  # type: ignore[arg-type]
        now,
        decision=conclusion.decision if conclusion else None,
        reading=reading,
        why=why,
        matters=conclusion.matters if conclusion else (),
        copy_of=copy_of,
    )
    if reading is not None and conclusion is not None and _alive(tx, one, shared.bad):
        address = one.letter.from_addresses[0] if one.letter else ""
        set_school(tx, [ClearAddress(address, "收到从这个邮箱发来的信")], Because("letter", one.claimed.id), now)
    if state != "registered":
        maillog.settled(one.claimed.id, state, why)
    return state


def _alive(tx: Tx, one: Understood, bad: Mapping[str, BadAddress]) -> bool:
    """Whether the letter proves that an address which had bounced works: trusted, or a robot in our thread, later."""
    letter, reading, conclusion = one.letter, one.reading, one.conclusion
    if letter is None or reading is None or conclusion is None or not letter.from_addresses:
        return False
    mark = bad.get(letter.from_addresses[0])
    if mark is None or one.claimed.arrived_at <= mark.since:
        return False
    robot = any(isinstance(command, NoteAutoReply) and command.message_id for command in conclusion.commands)
    return (reading.trusted or robot) and letter.from_addresses[0] in people.bad(tx)


def _judge(
    tx: Tx, one: Understood, shared: Shared, world: World, now: datetime
) -> tuple[str, tuple[str, ...], int | None]:
    """What needs no law: unreadable, our own copy, older than the first 交办, a copy of an earlier letter."""
    letter, reading = one.letter, one.reading
    if letter is not None and one.own:
        _own_copy(tx, letter, world, now)
        return "own", (), None
    if letter is None or reading is None:
        return "waiting", ("unreadable",), None
    if shared.first_dispatch is None or day_of(one.claimed.arrived_at) < shared.first_dispatch:
        return "old", (), None
    earlier = None
    if shared.first_with.get(letter.message_id, one.claimed.id) < one.claimed.id:
        earlier = letters.earlier_with(tx, letter.message_id, one.claimed.id)
    if earlier is not None:
        if earlier.reading is not None and _same_words(earlier.reading, reading):
            return "copy", (), earlier.id
        return "waiting", ("copy_differs",), earlier.id
    return "", (), None


def _same_words(one: Reading, other: Reading) -> bool:
    """By what was written, not by what we made of it: a matter that was closed between changes no words."""
    files = [sorted((a.name, a.index) for a in reading.attachments) for reading in (one, other)]
    return one.body == other.body and files[0] == files[1]


def _own_copy(tx: Tx, letter: Letter, world: World, now: datetime) -> None:
    """Our own blind copy proves that an unsure mail left (promise 7)."""
    for name, token in letter.headers:
        if name == "x-duban-token":
            for row in outbox.by_sign(tx, token):
                if outcomes.found(tx, row, "own_copy", now=now, dice=world.dice):
                    maillog.looked_up(row.id, True)


def _register(
    tx: Tx, letter: int, conclusion: Conclusion, rules: Rules, world: World, now: datetime
) -> tuple[str, tuple[str, ...]]:
    if conclusion.decision == "queue":
        _ask(tx, letter, conclusion, rules, world, now)
        return "waiting", conclusion.doubts
    done = register(tx, conclusion.commands, Because("letter", letter=letter), now=now, dice=world.dice, rules=rules)
    if isinstance(done, Refusal):
        return "waiting", (f"refused:{done.code}",)
    maillog.registered(letter, [m.id for m in done.matters], [e.kind for e in done.entries])
    for command in conclusion.commands:
        if isinstance(command, MarkAddress):
            alarms.ring_unreachable(tx, command.address, now, wake=world.wake)
    _ask(tx, letter, conclusion, rules, world, now)
    return ("registered" if conclusion.decision == "register" else "ignored"), ()


def _ask(tx: Tx, letter: int, conclusion: Conclusion, rules: Rules, world: World, now: datetime) -> None:
    """Asks for the file that is not in the letter; where the law refuses it, a person sees the letter all the same."""
    asks = [replace(ask, letter=letter) for ask in conclusion.asks]
    if not asks:
        return
    done = register(tx, asks, Because("letter", letter=letter), now=now, dice=world.dice, rules=rules)
    if isinstance(done, Registered) and done.entries:
        maillog.acted("letter", [e.kind for e in done.entries], [m.id for m in done.matters])
        world.wake.call("prepare")
