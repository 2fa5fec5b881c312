"""STEPS: every step of the procedure, from which phase, by whom, under which article; the first gate of `decide`.

`python -m daemon.procedure.steps` prints the table as docs/procedure.md; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

from daemon.procedure import shapes as s
from daemon.procedure.words import name

#: How long an officer's act can be taken back, and what follows from it waits.
UNDO_FOR = timedelta(minutes=5)

Machine = Literal["Matter", "Assignment"]
Who = Literal["officer", "letter", "clock", "import"]
PERSON: tuple[Who, ...] = ("officer",)
LETTER: tuple[Who, ...] = ("officer", "letter")
ANYONE: tuple[Who, ...] = ()  # also the daemon itself, when it tells what became of a mail
EXISTING: tuple[s.Phase, ...] = get_args(s.Phase)
UNDER_WAY: tuple[s.Phase, ...] = ("proposed", "ready", "running", "closed")
OPEN: tuple[s.Phase, ...] = ("proposed", "ready", "running")


@dataclass(frozen=True, slots=True)
class Step:
    """One row. `first`: it may begin a history; `already`: phases in which what it wants is so, and nothing happens."""

    command: type
    machine: Machine
    phases: tuple[s.Phase, ...]
    who: tuple[Who, ...]
    article: str
    kind: str
    first: bool = False
    already: tuple[s.Phase, ...] = ()
    undoable: bool = False


STEPS: tuple[Step, ...] = (
    Step(s.Propose, "Matter", ("proposed", "ready"), ("officer", "import"), "三（一）", "proposed", first=True),
    Step(s.Instruct, "Matter", UNDER_WAY, PERSON, "三（一）", "instructed", undoable=True),
    Step(s.ImportDispatched, "Matter", (), ("officer", "import"), "三（二）", "imported", first=True),
    Step(s.VoidMatter, "Matter", OPEN, PERSON, "三（一）", "voided", already=("void",)),
    Step(s.Dispatch, "Matter", ("ready",), PERSON, "三（二）", "dispatched", undoable=True),
    Step(s.Acknowledge, "Assignment", ("running", "closed"), LETTER, "三（二）", "acknowledged", undoable=True),
    Step(s.ReportProgress, "Assignment", ("running",), LETTER, "三（三）", "progress_reported", undoable=True),
    Step(s.NoteLetter, "Matter", EXISTING, LETTER, "二", "letter_noted", undoable=True),
    Step(s.WriteUnit, "Assignment", ("running", "closed"), LETTER, "三（三）", "unit_written", undoable=True),
    Step(s.Suspend, "Matter", ("running",), PERSON, "三（四）", "suspended", undoable=True),
    Step(s.Resume, "Matter", ("running",), PERSON, "三（四）", "resumed", undoable=True),
    Step(s.ReceiveReport, "Assignment", ("running",), LETTER, "三（五）", "report_received", undoable=True),
    Step(s.ReturnReport, "Assignment", ("running",), PERSON, "三（五）", "report_returned", undoable=True),
    Step(s.Close, "Matter", ("running",), PERSON, "三（五）", "closed", already=("closed", "archived"), undoable=True),
    Step(s.AskExtension, "Assignment", ("running",), LETTER, "三（五）", "extension_asked", undoable=True),
    Step(s.GrantExtension, "Matter", ("running",), PERSON, "三（五）", "extension_granted", undoable=True),
    Step(s.RefuseExtension, "Matter", ("running",), PERSON, "三（五）", "extension_refused", undoable=True),
    Step(s.Remind, "Assignment", ("running",), ("clock", "officer"), "四（一）", "reminded"),
    Step(s.WithdrawReminder, "Assignment", EXISTING, ANYONE, "四（一）", "reminder_withdrawn"),
    Step(s.HoldReminder, "Assignment", ("running",), PERSON, "四（四）", "reminder_held"),
    Step(s.ReleaseReminder, "Assignment", ("running",), PERSON, "四（四）", "reminder_released"),
    Step(s.RecordMail, "Matter", EXISTING, ANYONE, "五（三）", "mail_recorded"),
    Step(s.MarkAddress, "Matter", EXISTING, ANYONE, "五（三）", "address_marked"),
    Step(s.NoteAutoReply, "Matter", EXISTING, LETTER, "三（三）", "auto_reply_noted"),
    Step(s.Undo, "Matter", EXISTING, PERSON, "二（一）", "undone"),
)
BY_COMMAND: dict[type, Step] = {step.command: step for step in STEPS}

#: Kinds of the entries on the school's chain; nobody's procedure decides them.
SCHOOL_KINDS: dict[type, str] = {
    s.SetSchool: "school_set",
    s.SetUnit: "unit_set",
    s.SetLeader: "leader_set",
    s.SetCalendar: "calendar_set",
    s.SetPolicy: "policy_set",
    s.SetAccount: "account_set",
    s.ClearAddress: "address_cleared",
}


def kind_of(command: s.Command | s.SchoolCommand) -> str:
    """The kind of the entry that a command becomes."""
    return SCHOOL_KINDS.get(type(command)) or BY_COMMAND[type(command)].kind


def document() -> str:
    """docs/procedure.md: the table for people."""
    lines = [
        "# The procedure, step by step",
        "",
        "Printed by `make docs` from `daemon/procedure/steps.py`; do not edit. Every command passes this table first,",
        "then the function of its article. The words of each refusal, and the way out, stand in `daemon/words.toml`.",
        "",
        "| step | command | moves | from | by | article | entry |",
        "|---|---|---|---|---|---|---|",
    ]
    for step in STEPS:
        phases = "any" if step.phases == EXISTING else "、".join(name("phases", phase) for phase in step.phases)
        if step.first:
            phases = f"（新）、{phases}" if phases else "（新）"
        cells = (
            name("kinds", step.kind),
            f"`{step.command.__name__}`",
            step.machine,
            phases,
            "、".join(name("actors", who) for who in step.who) or "any",
            step.article,
            f"`{step.kind}`",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(document(), end="")
