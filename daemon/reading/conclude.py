"""From a Reading to Commands, or to a Doubt for a person: here understanding ends and the procedure begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from daemon.procedure.shapes import (
    Acknowledge,
    AskExtension,
    Command,
    Instruct,
    MarkAddress,
    NoteAutoReply,
    NoteLetter,
    ReceiveReport,
    ReportProgress,
    Role,
    WriteUnit,
)
from daemon.procedure.workdays import day_of
from daemon.reading.absence import absence
from daemon.reading.attached import missing
from daemon.reading.knowing import Index, Owner, index
from daemon.reading.shapes import Decision, Known, KnownMatter, Letter, Opened, Reading, Said
from daemon.reading.trust import Sender, authentication, part_in, sender

#: A letter read later than this after its arrival is registered, but no mail follows by itself.
LATE = timedelta(days=3)
#: Doubts that stop nothing by themselves are none; every code has its words in words.toml.
_ROLES: dict[str, Role] = {"head": "head", "deputy": "deputy", "liaison": "liaison", "unit": "unit"}


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What is to be done with a letter. `matters`: ids of the matters that it speaks of, to hold their reminders.

    `asks`: what is asked of its sender by itself, also where the letter waits; `letter` in them is not known here (0).
    """

    commands: tuple[Command, ...]
    decision: Decision
    doubts: tuple[str, ...]
    matters: tuple[str, ...]
    asks: tuple[WriteUnit, ...] = ()


def conclude(reading: Reading, letter: Letter, opened: Sequence[Opened], known: Known, now: datetime) -> Conclusion:
    """The commands of a letter that may be registered, or why a person must look."""
    idx = index(known)
    matters = tuple(dict.fromkeys(s.matter for s in reading.said if s.matter))
    decision, doubts = reading.decision, list(reading.doubts)
    if decision == "register" and not known.school.grave_by_mail and _grave(reading):
        decision = "queue"
        doubts.append("person_wanted")
    if decision == "register" and any(s.matter and not idx.by_id[s.matter].open for s in reading.said):
        decision = "queue"
        doubts.append("closed_matter")
    if decision == "ignore":
        robots = (*_bounces(reading, letter, idx), *_auto_replies(reading, letter, idx))
        return Conclusion(robots, decision, tuple(doubts), matters)
    late = now - letter.arrived_at > LATE
    asks = () if late else _asks(reading, letter, idx)
    if decision == "queue":
        return Conclusion((), decision, tuple(dict.fromkeys(doubts)), matters, asks)
    commands: list[Command] = []
    for said in reading.said:
        for command in commands_for(said, reading, letter, known):
            if late and isinstance(command, ReceiveReport | AskExtension):
                command = replace(command, late_read=True)
            if command not in commands:
                commands.append(command)
    return Conclusion(tuple(commands), decision, (), matters, asks)


def _asks(reading: Reading, letter: Letter, idx: Index) -> tuple[WriteUnit, ...]:
    """One mail for the file that a trusted letter speaks of and does not hold, about the first matter it lacks for."""
    if not reading.trusted or reading.unit is None:
        return ()
    for said in reading.said:
        matter = idx.by_id.get(said.matter or "")
        lacks = missing(reading, said.kind, said.report_there)
        if matter is None or not matter.open or not lacks or reading.unit not in idx.parties(matter):
            continue
        role, sender = _ROLES.get(reading.person_role, "unit"), letter.from_addresses[0]
        subject, on = letter.subject.strip()[:200], day_of(letter.arrived_at)
        return (WriteUnit(matter.id, reading.unit, "ask_file", 0, sender, subject, on, role=role, missing=lacks),)
    return ()


def _grave(reading: Reading) -> bool:
    return any(s.kind in ("closure", "extension") for s in reading.said)


def commands_for(said: Said, reading: Reading, letter: Letter, known: Known) -> tuple[Command, ...]:
    """What one Said asks of the law, also when a person confirmed or corrected it.

    Any certain answer of a unit acknowledges by implication: the law takes what is already so as nothing.
    """
    if said.matter is None:
        return ()
    idx = index(known)
    matter, unit = idx.by_id.get(said.matter), reading.unit
    if said.kind == "leader_instruction":
        leader = sender(letter, idx).leader
        return (Instruct(said.matter, reading.body.strip(), leader, on=day_of(letter.arrived_at)),)
    if matter is None or unit is None or unit not in (matter.lead, *matter.supporting):
        return (NoteLetter(said.matter, unit, said.kind, reading.body),)
    on, words = day_of(letter.arrived_at), reading.body
    signed = Acknowledge(said.matter, unit, _ROLES.get(reading.person_role, "unit"), words)
    if said.kind == "receipt":
        return (signed,)
    if said.kind == "progress":
        return (signed, ReportProgress(said.matter, unit, words, on, said.part))
    if said.kind == "closure":
        if unit != matter.lead:
            return (signed, ReportProgress(said.matter, unit, words, on, part=True))
        return (signed, ReceiveReport(said.matter, unit, words, on, _reports(reading, letter)))
    if said.kind == "extension":
        return (signed, AskExtension(said.matter, unit, said.reason, said.new_deadline, on, words))
    return (NoteLetter(said.matter, unit, said.kind, words),)


def _reports(reading: Reading, letter: Letter) -> tuple[str, ...]:
    """Hashes of the files that make up a report: all but decoration, our own notice and nested mail."""
    by_index = {p.index: p for p in letter.parts}
    return tuple(
        by_index[a.index].sha256
        for a in reading.attachments
        if a.index in by_index and a.role in ("report", "returned_form", "evidence")
    )


def _bounces(reading: Reading, letter: Letter, idx: Index) -> tuple[Command, ...]:
    """A bounce that names a mail of ours marks the address it names; others could divert our mail.

    The address must be of the unit that the mail went to, or of a leader with a part where it went to no unit.
    """
    said = [s for s in reading.said if s.kind == "bounce" and s.matter]
    named = _named(reading, letter)
    if not said or not named:
        return ()
    why = next((f.quote for f in reading.findings if f.rule == "answer.bounce"), letter.subject)
    out: list[Command] = []
    for each in said:
        matter = idx.by_id[each.matter or ""]
        for address in reading.bounced:
            owner = next((o for o in idx.owners.get(address, ()) if _concerned(o, named, matter, idx)), None)
            if owner is not None:
                out.append(MarkAddress(matter.id, owner.unit, address, why, named))
    return tuple(out)


def _auto_replies(reading: Reading, letter: Letter, idx: Index) -> tuple[Command, ...]:
    """A robot that answers for one of the unit's people; never trusted, so it is noted and moves nothing by itself."""
    said = [s for s in reading.said if s.kind == "auto_reply" and s.matter]
    who = sender(letter, idx)
    proof = authentication(letter, idx.known.school.authserv_id)
    named = _named(reading, letter)
    if not said or who.unit is None or proof.failed or not (named or proof.passed):
        return ()
    away = absence(reading.body, day_of(letter.arrived_at))
    out: list[Command] = []
    for each in said:
        matter = idx.by_id[each.matter or ""]
        if who.unit in idx.parties(matter):
            note = NoteAutoReply(matter.id, who.unit, who.address, reading.body, named)
            out.append(replace(note, away=True, until=away.until) if away is not None else note)
    return tuple(out)


def _named(reading: Reading, letter: Letter) -> str:
    """The Message-ID of ours that a robot answers or gives back, '' where it names none."""
    ours = [f.quote for f in reading.findings if f.rule == "match.thread"]
    answered = [each for each in ours if each in letter.in_reply_to]
    older = [each for each in ours if each in letter.references]
    return next(iter((*answered, *reversed(older), *ours)), "")


def _concerned(owner: Owner, message_id: str, matter: KnownMatter, idx: Index) -> bool:
    """Whether a mail of ours may have gone to somebody's address."""
    thread = idx.threads.get(message_id) or idx.known.tokens.get(message_id.partition(".")[0])
    if owner.unit is None:
        return owner.leader is not None and part_in(Sender("", (owner,), True), matter, idx)
    return owner.unit in idx.parties(matter) and (thread is None or thread.unit in (None, owner.unit))
