"""What a command changes in mails that were asked for and have not left: taken back, held, let go, joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import get_args

from daemon import maillog
from daemon.compose.addresses import can_reach, listed
from daemon.procedure import correspondence
from daemon.procedure.rules import Rules
from daemon.procedure.shapes import (
    ClearAddress,
    Command,
    HoldReminder,
    ImportDispatched,
    Line,
    Mail,
    MarkAddress,
    Matter,
    NoteAutoReply,
    ReleaseReminder,
    Role,
    SchoolCommand,
    SetLeader,
    SetSchool,
    SetUnit,
    StageKey,
    Unit,
    VoidMatter,
    WithdrawReminder,
)
from daemon.procedure.workdays import day_of, moment_of
from store import letters, outbox, people
from store.outbox import AT_HOME, OutboxRow
from store.transaction import Tx

#: Mails that want nothing of their reader.
TELLS_ONLY = frozenset({"received", "closed"})
#: A mail that is older is not passed on any more, whenever its reader's robot was heard.
PASSED_WITHIN = timedelta(days=7)
#: How long somebody is taken to be away who named no day.
AWAY_FOR = timedelta(days=7)
#: Why a mail that reached nobody needs no more looking after.
ASKED_AGAIN = "asked_again"


def left_because_of(tx: Tx, matter: str, seq: int) -> list[OutboxRow]:
    """Mails that an entry asked for and that are on their way or were: it cannot be undone any more."""
    return [row for row in _asked_by(tx, matter, seq) if row.state not in (*AT_HOME, "withdrawn")]


def on_its_way(tx: Tx, matter: str, key: StageKey) -> bool:
    """Whether a reminder is being handed over, or nobody knows whether it was: too late to hold or withdraw it."""
    rows = [row for row in outbox.of_matter(tx, matter) if row.state in ("sending", "unsure")]
    return any(line.matter == matter and line.key == key for row in rows for line in row.mail.lines)


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
            case VoidMatter():
                _nothing_more(tx, command.matter)
            case ImportDispatched():
                letters.reopen_old(tx, moment_of(command.dispatched_on, time()))
            case _:
                pass
    for id, lines in held.items():
        _hold(tx, id, [line for line, _ in lines], lines[0][1], now)


def ask(tx: Tx, mail: Mail, now: datetime) -> int:
    """Puts a mail into the outbox; one to the same unit or leader that still waits takes its lines."""
    if mail.lines and mail.lines[0].key is not None:
        for row in outbox.at_home(tx, unit=mail.unit, leader=mail.leader):
            if row.mail.data.get("passes_on"):
                continue  # to somebody else, once
            if row.state == "held" or row.first_sent_at or not _same_person(row.mail, mail):
                continue
            if day_of(row.not_before) > day_of(mail.not_before):
                continue
            if row.approved and row.mail.release != "unless_held":
                continue  # a person let that list go as it was
            merged = correspondence.merge([replace(row.mail, not_before=mail.not_before), mail])
            if len(merged) == 1 and outbox.join(tx, row.id, merged[0]):
                return row.id
    return outbox.ask(tx, [mail], now)[0]


def ask_again(tx: Tx, row: OutboxRow, now: datetime) -> bool:
    """A mail whose every address has been refused reached nobody: asked for once more, for the next person.

    Who that is, is decided when it is prepared; where there is nobody it waits till an address is mended.
    """
    people_of = [one for one in row.recipients if one.field != "bcc"]
    if row.state not in ("delivered", "refused") or row.why == ASKED_AGAIN or not people_of:
        return False
    bad = people.bad(tx)
    if any(one.meant or one.address.lower() not in bad for one in people_of):
        return False
    outbox.note(tx, row.id, ASKED_AGAIN)
    outbox.ask(tx, [replace(row.mail, not_before=max(now, row.mail.not_before))], now)
    return True


def bounced(tx: Tx, command: MarkAddress, now: datetime) -> None:
    """An address bounced: the mail that came back, and the 交办 mail of the matter, go to the next person.

    Only where they went to nobody else.
    """
    came_back = {row.id for row in _named(tx, command.message_id)}
    for row in outbox.of_matter(tx, command.matter):
        if row.mail.unit is None or not (row.mail.template == "dispatch" or row.id in came_back):
            continue
        if any(one.address.lower() == command.address.lower() for one in row.recipients):
            ask_again(tx, row, now)


def pass_on(tx: Tx, command: NoteAutoReply, stands: Matter, rules: Rules, now: datetime) -> None:
    """A mail whose reader is away goes once more to the next person of the unit, whoever else answers so.

    Nobody who has it gets it again, nor anyone who is away; where nobody is left, nobody is asked.
    """
    if not command.away:
        return
    passed = {row.mail.data.get("passes_on") for row in outbox.of_matter(tx, command.matter)}
    for row in _named(tx, command.message_id):
        reader = next((one for one in row.recipients if _is(one, command.address) and one.field != "bcc"), None)
        wanted = row.mail.unit == command.unit and row.mail.template not in TELLS_ONLY
        if reader is None or not wanted or row.mail.data.get("passes_on") or str(row.id) in passed:
            continue
        if row.sent_at is None or now - row.sent_at > PASSED_WITHIN:
            continue
        has_it = {(one.meant or one.address).lower() for one in row.recipients}
        not_to = sorted(has_it | away(stands, day_of(now)).keys())
        data = row.mail.data | {"passes_on": str(row.id), "reader": command.address, "not_to": " ".join(not_to)}
        to: tuple[Role, ...] = tuple(role for role in get_args(Role) if role == reader.role)
        mail = replace(row.mail, to=to, cc=(), not_before=now, undoable=False, release="automatic", data=data)
        if can_reach(mail, rules, people.bad(tx)):
            outbox.ask(tx, [mail], now)


def away(matter: Matter, day: date) -> dict[str, date | None]:
    """Addresses whose robot said so, each until the day it named, or for a week (None)."""
    return {
        one.address.lower(): one.until
        for one in matter.auto_replies
        if one.away and day <= (one.until or one.on + AWAY_FOR)
    }


def _named(tx: Tx, message_id: str) -> list[OutboxRow]:
    """Mails by their Message-ID; where a provider rewrote its domain, by the token at the end of what stands before."""
    if not message_id:
        return []
    return outbox.by_sign(tx, message_id) or outbox.by_sign(tx, message_id.partition("@")[0].rpartition(".")[2])


def _is(one: outbox.Recipient, address: str) -> bool:
    return (one.meant or one.address).lower() == address.lower()


def mended(tx: Tx, commands: Sequence[SchoolCommand]) -> None:
    """Addresses that a command puts where they were not, or clears: whatever was said against them is past."""
    units, leaders = people.units(tx), people.leaders(tx)
    for command in commands:
        match command:
            case SetUnit(unit):
                before, after = units.get(unit.code), addresses(unit)
                new = after - (addresses(before) if before else set())
            case SetLeader(leader):
                old = leaders.get(leader.code)
                new = {leader.address} - {old.address if old else ""}
            case SetSchool(school):
                new = {school.section_address, school.director_address, school.mailbox}
            case ClearAddress(address):
                new = {address}
            case _:
                new = set()
        for address in new - {""}:
            people.clear_bad(tx, address)


def addresses(unit: Unit) -> set[str]:
    """All addresses of a unit: its people's, their private ones, its own."""
    return {address for _, address in listed(unit)}


def _same_person(one: Mail, other: Mail) -> bool:
    return (one.unit, one.leader, one.release) == (other.unit, other.leader, other.release)


def _nothing_more(tx: Tx, matter: str) -> None:
    """A matter that is void sends nothing that has not left; what then tells the units so is asked for after this."""
    for row in outbox.of_matter(tx, matter):
        if row.state in AT_HOME:
            outbox.drop_lines(tx, row.id, [line for line in row.mail.lines if line.matter == matter], "void")
            maillog.withdrawn(row.id, "void")


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
