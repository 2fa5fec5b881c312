"""The one door: commands in, entries kept or a Refusal out, in the caller's transaction.

Load the history, decide by the law, append, project, ask the outbox for what follows. Several commands (of one letter,
of one morning) are taken all or none: a Refusal leaves nothing written. Nobody else writes history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from daemon import recall
from daemon.procedure import correspondence, matter
from daemon.procedure.rules import Rules
from daemon.procedure.shapes import (
    Because,
    Command,
    Dispatch,
    Entry,
    HoldReminder,
    ImportDispatched,
    Instruct,
    MarkAddress,
    Matter,
    NoteAutoReply,
    Propose,
    RefNo,
    Refusal,
    SchoolCommand,
    Undo,
    WithdrawReminder,
)
from daemon.procedure.steps import kind_of
from daemon.procedure.workdays import day_of
from daemon.world import Dice
from store import history, ledger, people, projections
from store.transaction import Tx

SCHOOL = "school"
MovedOn = history.MovedOn


@dataclass(frozen=True, slots=True)
class Registered:
    """What came of the commands: the entries as numbered, the outbox rows asked for, the matters as they now stand."""

    entries: tuple[Entry, ...]
    mails: tuple[int, ...]
    matters: tuple[Matter, ...]


def register(
    tx: Tx,
    commands: Sequence[Command],
    because: Because,
    *,
    now: datetime,
    dice: Dice,
    rules: Rules | None = None,
) -> Registered | Refusal:
    """Decide, append, project and ask, all commands or none.

    `history.MovedOn` rises where another process was faster: the caller's transaction is lost, it reads again.
    """
    rules = rules or ledger.rules(tx)
    entries: list[Entry] = []
    accepted: list[Command] = []
    standing: dict[str, Matter] = {}
    seen = tx.seen.copy()
    savepoint = tx.conn.begin_nested()
    for command in _whole(tx, commands):
        answer = _take(tx, command, because, now, dice, rules)
        if isinstance(answer, Refusal):
            savepoint.rollback()
            tx.seen.clear()
            tx.seen.update(seen)
            return answer
        taken, after = answer
        entries.extend(taken)
        if taken:
            accepted.append(command)
        if after is not None:
            standing[after.id] = after
    recall.follow_commands(tx, accepted, now)
    mails = correspondence.merge(
        [mail for stands in standing.values() for mail in correspondence.follow(stands, _of(entries, stands), rules)]
    )
    asked = tuple(recall.ask(tx, mail, now) for mail in mails)
    savepoint.commit()
    return Registered(tuple(entries), asked, tuple(standing.values()))


def set_school(tx: Tx, commands: Sequence[SchoolCommand], because: Because, now: datetime) -> tuple[Entry, ...]:
    """Append to the school's own chain: people, rules, accounts. The caller has checked the values.

    An address that is new where it stands is given a new chance, if it was marked as one that does not work.
    """
    recall.mended(tx, commands)
    entries = [Entry(kind=kind_of(command), command=command, at=now, because=because, facts={}) for command in commands]
    numbered = history.append(tx, SCHOOL, entries)
    projections.write_school(tx, numbered)
    return tuple(numbered)


def seal_day(tx: Tx, day: date, now: datetime) -> history.Seal:
    """The daily seal over the heads of all chains (promise 8); the same day again gives the same seal."""
    return history.make_seal(tx, day, now)


def _whole(tx: Tx, commands: Sequence[Command]) -> list[Command]:
    """What was registered in one act is taken back in one: 签收 and progress of one letter, the last entry first."""
    whole: list[Command] = []
    for command in commands:
        if not isinstance(command, Undo):
            whole.append(command)
            continue
        past = history.load(tx, command.matter)
        meant = next((entry for entry in past if entry.seq == command.seq), None)
        act = [entry for entry in past if meant and meant.because.letter and _one_act(entry, meant)]
        whole += [replace(command, seq=entry.seq) for entry in reversed(act)] or [command]
    return whole


def _one_act(one: Entry, other: Entry) -> bool:
    """What one letter brought at one moment; acts without a letter stand each for itself."""
    return (one.at, one.because) == (other.at, other.because)


def _of(entries: Sequence[Entry], stands: Matter) -> list[Entry]:
    return [entry for entry in entries if getattr(entry.command, "matter", None) == stands.id]


def _take(
    tx: Tx, command: Command, because: Because, now: datetime, dice: Dice, rules: Rules
) -> tuple[list[Entry], Matter | None] | Refusal:
    before = history.state(tx, command.matter)
    if isinstance(command, Undo):
        left = recall.left_because_of(tx, command.matter, command.seq)
        if left:
            return Refusal("mail_left", "三（二）", {"mails": str(len(left))})
    if isinstance(command, HoldReminder | WithdrawReminder) and recall.on_its_way(tx, command.matter, command.key):
        return Refusal("reminder_left", "四（一）")
    answer = matter.decide(before, _fill(tx, command, before, now, dice), now, rules, because)
    if isinstance(answer, Refusal):
        return answer
    if not answer:
        return [], before
    numbered = history.append(tx, command.matter, answer)
    if isinstance(command, Undo) or before is None:
        after = matter.fold(history.load(tx, command.matter))
    else:
        after = before
        for entry in numbered:
            after = matter.evolve(after, entry)
    history.remember(tx, command.matter, after)
    projections.write(tx, after, before)
    if isinstance(command, Undo):
        recall.take_back(tx, command.matter, command.seq, now)
    if isinstance(command, MarkAddress):
        people.mark_bad(tx, command.address, command.why, now)
        recall.bounced(tx, command, now)
    if isinstance(command, NoteAutoReply):
        recall.pass_on(tx, command, after, rules, now)
    return list(numbered), after


def _fill(tx: Tx, command: Command, before: Matter | None, now: datetime, dice: Dice) -> Command:
    """Numbers and tokens are facts of the store and of chance; the law only checks them."""
    match command:
        case Propose(ref=None, leader_opinion=words) if words.strip():
            return replace(command, ref=_next_ref(tx, now))
        case Instruct(ref=None) if before is not None and before.phase == "proposed":
            return replace(command, ref=_next_ref(tx, now))
        case Dispatch(tokens=()) if before is not None:
            return replace(command, tokens=tuple(dice.new_token() for _ in before.units))
        case ImportDispatched(tokens=()):
            return replace(command, tokens=tuple(dice.new_token() for _ in (command.lead, *command.supporting)))
        case _:
            return command


def _next_ref(tx: Tx, now: datetime) -> RefNo:
    """From 1 each calendar year, the year in which the number is given."""
    year = day_of(now).year
    return RefNo(year, ledger.next_number(tx, year))
