"""What a command changes in mails that were asked for and have not left: taken back, held, let go, joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from daemon import maillog
from daemon.procedure import correspondence
from daemon.procedure.shapes import Command, HoldReminder, Line, Mail, ReleaseReminder, StageKey, WithdrawReminder
from daemon.procedure.workdays import day_of
from store import outbox
from store.outbox import AT_HOME, OutboxRow
from store.transaction import Tx


def left_because_of(tx: Tx, matter: str, seq: int) -> list[OutboxRow]:
    """Mails that an entry asked for and that are on their way or were: it cannot be undone any more."""
    return [row for row in _asked_by(tx, matter, seq) if row.state not in (*AT_HOME, "withdrawn")]


def take_back(tx: Tx, matter: str, seq: int, now: datetime) -> None:
    """Withdraws what the entry `seq` asked for (撤回)."""
    for row in _asked_by(tx, matter, seq):
        if outbox.drop_lines(tx, row.id, [line for line in row.mail.lines if line.seq == seq], "undone"):
            maillog.withdrawn(row.id, "undone")


def follow_commands(tx: Tx, commands: Sequence[Command], now: datetime) -> None:
    """Holds, releases and withdrawals act on the waiting mail itself; holds of one mail act together."""
    held: dict[int, list[tuple[Line, HoldReminder]]] = {}
    for command in commands:
        match command:
            case HoldReminder():
                for row, line in _with_key(tx, command.matter, command.key):
                    held.setdefault(row.id, []).append((line, command))
            case ReleaseReminder():
                for row, _ in _with_key(tx, command.matter, command.key):
                    outbox.release(tx, row.id)
                    outbox.approve(tx, row.id)
            case WithdrawReminder():
                for row, line in _with_key(tx, command.matter, command.key):
                    outbox.drop_lines(tx, row.id, [line], command.why)
                    maillog.withdrawn(row.id, command.why)
            case _:
                pass
    for id, lines in held.items():
        _hold(tx, id, [line for line, _ in lines], lines[0][1], now)


def ask(tx: Tx, mail: Mail, now: datetime) -> int:
    """Puts a mail into the outbox; one of the same day to the same unit or leader that still waits takes its lines."""
    if mail.lines and mail.lines[0].key is not None:
        for row in outbox.at_home(tx, unit=mail.unit, leader=mail.leader):
            if row.state == "held" or row.first_sent_at or not _same_person(row.mail, mail):
                continue
            if day_of(row.not_before) != day_of(mail.not_before):
                continue
            merged = correspondence.merge([row.mail, mail])
            if len(merged) == 1 and outbox.join(tx, row.id, merged[0]):
                return row.id
    return outbox.ask(tx, [mail], now)[0]


def _same_person(one: Mail, other: Mail) -> bool:
    return (one.unit, one.leader, one.release) == (other.unit, other.leader, other.release)


def _asked_by(tx: Tx, matter: str, seq: int) -> Sequence[OutboxRow]:
    return [
        row
        for row in outbox.of_matter(tx, matter)
        if any(line.matter == matter and line.seq == seq for line in row.mail.lines)
    ]


def _with_key(tx: Tx, matter: str, key: StageKey) -> list[tuple[OutboxRow, Line]]:
    return [
        (row, line)
        for row in outbox.of_matter(tx, matter)
        if row.state in AT_HOME
        for line in row.mail.lines
        if line.matter == matter and line.key == key
    ]


def _hold(tx: Tx, id: int, lines: Sequence[Line], command: HoldReminder, now: datetime) -> None:
    """Held lines of a list wait together in a mail of their own; the rest of the list leaves in time."""
    row = outbox.show(tx, id)
    if row is None:
        raise KeyError(id)
    held = id
    if len(lines) < len(row.mail.lines):
        outbox.drop_lines(tx, id, lines, "held")
        (apart,) = correspondence.merge([replace(row.mail, lines=tuple(lines))])
        held = outbox.ask(tx, [apart], now)[0]
        outbox.announced(tx, [held], now)
    outbox.hold(tx, held, command.until, command.why)
