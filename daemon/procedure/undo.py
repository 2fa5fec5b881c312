"""撤回: the last entry is taken back while its mail has not left; later there is only a new step.

「实事求是的原则。」 What was entered by mistake stays in the history,
and so does that it was taken back; `fold` skips it.
"""

from __future__ import annotations

from daemon.procedure.ruling import Case, Decide, Evolve, Verdict
from daemon.procedure.shapes import Entry, Matter, Undo


def undo(case: Case, c: Undo) -> Verdict:
    """「全面准确地了解和反映情况」: only the last entry, and only within the minutes that its mail waits."""
    if c.seq != case.matter.undo_seq or case.matter.undo_until is None:
        return case.refuse("undo_followed")
    if case.at > case.matter.undo_until:
        return case.refuse("undo_too_late")
    return {}


def undone(matter: Matter, c: Undo, entry: Entry) -> Matter:
    """The line itself moves nothing: the state before is folded from the entries that count."""
    return matter


DECIDE: dict[type, Decide] = {Undo: undo}
EVOLVE: dict[type, Evolve] = {Undo: undone}
