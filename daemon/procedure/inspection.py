"""三(三) 检查: progress that a unit reports, and what else a letter says of a matter.

「学校办公室要对督查督办事项定期检查，及时了解督查督办事项的办理情况。」
"""

from __future__ import annotations

from dataclasses import replace

from daemon.procedure.assignments import with_assignment
from daemon.procedure.ruling import Case, Decide, Evolve, Verdict, blank
from daemon.procedure.shapes import (
    Assignment,
    AutoReplied,
    Entry,
    Matter,
    NoteAutoReply,
    NoteLetter,
    Refusal,
    ReportProgress,
    WriteUnit,
)
from daemon.procedure.workdays import day_of


def progress(case: Case, c: ReportProgress) -> Verdict:
    """「及时了解督查督办事项的办理情况」: progress of any party; a part that is done is still progress."""
    party = case.party(c.unit)
    if isinstance(party, Refusal):
        return party
    return case.came_on(c.on) or {}


def note(case: Case, c: NoteLetter) -> Verdict:
    """「掌握工作动态，了解进展情况，及时反映问题」: kept with the matter, moves nothing."""
    if c.unit is not None:
        party = case.party(c.unit)
        if isinstance(party, Refusal):
            return party
    return {}


def write(case: Case, c: WriteUnit) -> Verdict:
    """「掌握工作动态，了解进展情况，及时反映问题」: a question to a listed address of a party, never to a sender.

    Only a file that is missing is asked for without a person: once a letter, and once a day of a unit.
    """
    if not case.by_person and c.mail != "ask_file":
        return case.refuse("needs_person")
    party = case.party(c.unit)
    if isinstance(party, Refusal):
        return party
    if c.mail == "answer":
        return case.refuse("answer_missing") if blank(c.words) else {}
    already = (c.letter, c.mail) in case.matter.written
    if not case.by_person:
        return None if already or (c.unit, case.today) in case.matter.file_asked else {}
    return case.refuse("written_already") if already else {}


def note_auto_reply(case: Case, c: NoteAutoReply) -> Verdict:
    """「及时了解督查督办事项的办理情况」: who is away does not know yet; noted once a mail of ours, else once a day."""
    party = case.party(c.unit)
    if isinstance(party, Refusal):
        return party
    said = [one for one in case.matter.auto_replies if (one.address, one.message_id) == (c.address, c.message_id)]
    return None if any(c.message_id or one.on == case.today for one in said) else {}


def progressed(matter: Matter, c: ReportProgress, entry: Entry) -> Matter:
    def told(a: Assignment) -> Assignment:
        return replace(a, progress_on=tuple(sorted({*a.progress_on, c.on})))

    return with_assignment(matter, c.unit, told)


def noted(matter: Matter, c: NoteLetter, entry: Entry) -> Matter:
    return matter


def written(matter: Matter, c: WriteUnit, entry: Entry) -> Matter:
    matter = replace(matter, written=(*matter.written, (c.letter, c.mail)))
    if c.mail == "ask_file":
        matter = replace(matter, file_asked=(*matter.file_asked, (c.unit, day_of(entry.at))))
    return matter


def auto_reply_noted(matter: Matter, c: NoteAutoReply, entry: Entry) -> Matter:
    one = AutoReplied(c.unit, c.address, day_of(entry.at), c.message_id, c.away, c.until)
    return replace(matter, auto_replies=(*matter.auto_replies, one))


DECIDE: dict[type, Decide] = {
    ReportProgress: progress,
    NoteLetter: note,
    WriteUnit: write,
    NoteAutoReply: note_auto_reply,
}
EVOLVE: dict[type, Evolve] = {
    ReportProgress: progressed,
    NoteLetter: noted,
    WriteUnit: written,
    NoteAutoReply: auto_reply_noted,
}
