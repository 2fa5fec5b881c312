"""The plain data of the law: matters, entries, refusals, and the mails they ask for; all shapes are had from here.

Nothing here knows a database, a mail or a clock. All times are aware datetimes in UTC, all days are days of
Asia/Shanghai. Every class is frozen; `evolve` makes new ones. Commands and people have files of their own beside this.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Literal

from daemon.procedure.commands import (
    Acknowledge,
    AskExtension,
    ClearAddress,
    Close,
    Command,
    Dispatch,
    GrantExtension,
    HoldReminder,
    ImportDispatched,
    Instruct,
    MarkAddress,
    NoteAutoReply,
    NoteLetter,
    Propose,
    ReceiveReport,
    RecordMail,
    RefuseExtension,
    ReleaseReminder,
    Remind,
    ReportProgress,
    Resume,
    ReturnReport,
    SchoolCommand,
    SetAccount,
    SetCalendar,
    SetLeader,
    SetPolicy,
    SetSchool,
    SetUnit,
    Suspend,
    Undo,
    VoidMatter,
    WithdrawReminder,
    WriteUnit,
)
from daemon.procedure.parties import (
    Leader,
    Person,
    RefNo,
    Role,
    School,
    StageKey,
    Unit,
)

__all__ = [
    "Acknowledge",
    "AskExtension",
    "Assignment",
    "AssignmentRole",
    "AutoReplied",
    "Because",
    "ClearAddress",
    "Close",
    "Command",
    "Dispatch",
    "Entry",
    "ExtensionAsked",
    "GrantExtension",
    "HoldReminder",
    "ImportDispatched",
    "Instruct",
    "Instruction",
    "Leader",
    "Line",
    "Mail",
    "MarkAddress",
    "Matter",
    "NoteAutoReply",
    "NoteLetter",
    "Person",
    "Phase",
    "Propose",
    "ReceiveReport",
    "RecordMail",
    "RefNo",
    "Refusal",
    "RefuseExtension",
    "ReleaseReminder",
    "Remind",
    "Reminded",
    "ReportProgress",
    "ReportReceived",
    "Resume",
    "ReturnReport",
    "Role",
    "School",
    "SchoolCommand",
    "SetAccount",
    "SetCalendar",
    "SetLeader",
    "SetPolicy",
    "SetSchool",
    "SetUnit",
    "StageKey",
    "Suspend",
    "Undo",
    "Unit",
    "VoidMatter",
    "WithdrawReminder",
    "WriteUnit",
]

# ---------------------------------------------------------------------------------------------------------------
# Matter and Assignment: two small machines

Phase = Literal[
    "proposed",  # a draft; 批示 not there yet (三(一))
    "ready",  # 立项: 批示 is there, the number is given
    "running",  # 交办, being done
    "closed",  # 办结
    "archived",  # 归档
    "void",  # 撤销, number kept as 作废
]
AssignmentRole = Literal["lead", "supporting"]


@dataclass(frozen=True, slots=True)
class Reminded:
    """A reminder that was asked for and not withdrawn. `at`: when it was asked for; `leaves_at`: not before."""

    key: StageKey
    at: datetime
    leaves_at: datetime
    delivered: bool = False
    held_until: date | None = None
    held_reason: str = ""
    release: str = "automatic"
    may_hold: str = ""
    released: bool = False  # let go by the person whom its release waits for


@dataclass(frozen=True, slots=True)
class ReportReceived:
    """One 办结报告 of a unit. `outcome`: waiting for 审查, accepted, returned."""

    seq: int
    on: date
    outcome: Literal["waiting", "accepted", "returned"] = "waiting"
    for_form: bool = False  # returned for form only: still in time
    letter: int | None = None  # the letter that brought it: the same letter again changes nothing


@dataclass(frozen=True, slots=True)
class ExtensionAsked:
    """One 延期申请. `new_deadline` None: no computable day was named; lapsed: overtaken by closure or return."""

    seq: int
    on: date
    reason: str
    new_deadline: date | None
    outcome: Literal["waiting", "granted", "refused", "lapsed"] = "waiting"
    late: Literal["", "临期申请", "逾期申请"] = ""
    letter: int | None = None
    decided_on: date | None = None
    granted_wd: int = 0  # working days granted, for the maxima


@dataclass(frozen=True, slots=True)
class Assignment:
    """主办 or 协办 of one unit. `message_id`: of its 交办 mail, '' until frozen or imported."""

    unit: str
    role: AssignmentRole
    message_id: str = ""
    token: str = ""  # the thread's unguessable token, in headers and Message-IDs of all our mails of this assignment
    acknowledged_at: datetime | None = None
    acknowledged_by: Role | None = None  # liaison: 联络员代签
    progress_on: tuple[date, ...] = ()
    reports: tuple[ReportReceived, ...] = ()
    extensions: tuple[ExtensionAsked, ...] = ()
    returned_on: date | None = None
    reminded: tuple[Reminded, ...] = ()

    @property
    def report_waiting(self) -> bool:
        return any(r.outcome == "waiting" for r in self.reports)

    @property
    def extension_waiting(self) -> bool:
        return any(e.outcome == "waiting" for e in self.extensions)


@dataclass(frozen=True, slots=True)
class AutoReplied:
    """One automatic reply. `away`: it told of an absence, until the end of `until` where that is known."""

    unit: str
    address: str
    on: date
    message_id: str
    away: bool = False
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Instruction:
    """批示 in the leader's exact words. `initiates`: the one of 三(一); a later one stands on no 通知单 that left."""

    words: str
    leader: str | None
    on: date
    letter: int | None = None
    initiates: bool = False


@dataclass(frozen=True, slots=True)
class Matter:
    """督查事项, folded from its entries by `evolve`. `seq` is the number of the last entry."""

    id: str
    title: str
    source: str
    requirements: str
    lead: str
    supporting: tuple[str, ...] = ()
    phase: Phase = "proposed"
    ref: RefNo | None = None
    source_item: int | None = None  # 1 to 6: the item of 职责范围
    urgent: bool = False  # 特急
    director_opinion: str = ""
    leader_opinion: str = ""
    instructing_leader: str | None = None  # leader code of the 批示人
    first_deadline: date | None = None  # as dispatched
    deadline: date | None = None  # in force: granted extension, term after a return
    deadline_since: date | None = None  # the day on which the deadline in force was set; earlier stages are dead
    late_from: date | None = None  # lateness is judged by this day: a return for substance does not move it
    dispatched_at: datetime | None = None
    dispatched_on: date | None = None
    imported_on: date | None = None
    imported_at: datetime | None = None  # stages due before it send nothing
    notice_sha256: tuple[str, ...] = ()  # every PDF of the notice that left, to know it when it comes back
    assignments: tuple[Assignment, ...] = ()
    suspended: bool = False  # 中止, 批示暂缓
    suspended_why: str = ""
    closed_on: date | None = None
    report_accepted_on: date | None = None  # arrival day of the accepted report
    written: tuple[tuple[int, str], ...] = ()  # (letter, mail) of every 去信: once a letter
    file_asked: tuple[tuple[str, date], ...] = ()  # (unit, day) on which a file was asked for: by itself once a day
    instructions: tuple[Instruction, ...] = ()
    auto_replies: tuple[AutoReplied, ...] = ()
    overdue_days_past: int = 0  # recorded when an extension or a return moves the deadline
    seq: int = 0
    undo_seq: int = 0  # the last entry that counts: the one that could be taken back
    undo_until: datetime | None = None  # till then the last entry can be taken back, if nothing follows

    def assignment(self, unit: str) -> Assignment | None:
        return next((a for a in self.assignments if a.unit == unit), None)

    @property
    def units(self) -> tuple[str, ...]:
        return (self.lead, *self.supporting)

    @property
    def lead_assignment(self) -> Assignment | None:
        return self.assignment(self.lead)


# ---------------------------------------------------------------------------------------------------------------
# Entries: what happened. The body is kept as JSON by kind and version; the envelope around it is the store's.


@dataclass(frozen=True, slots=True)
class Because:
    """Why an entry stands: who acted, and on which letter. `actor`: `officer:NAME`, `letter`, `clock`, `import`."""

    actor: str
    letter: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a matter's history: the command as accepted, with what the law added.

    `kind` is the command's class in snake case past tense (see `steps.STEPS`); `command` the accepted command;
    `facts` what the law computed at that time (new deadline, in time or late, lamp words), so that `evolve` never
    needs next year's rules to replay this year's history.
    """

    kind: str
    command: Command | SchoolCommand
    at: datetime
    because: Because
    facts: dict[str, str | int | bool | None] = field(default_factory=dict)
    seq: int = 0
    VERSION: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class Refusal:
    """A No, as a value: `code` has its Chinese words and way out in words.toml, `article` names the regulation."""

    code: str
    article: str
    facts: dict[str, str] = field(default_factory=dict)


# ---------------------------------------------------------------------------------------------------------------
# Mails that the law asks for; which person a role is on that day is decided when the mail is prepared.


@dataclass(frozen=True, slots=True)
class Line:
    """One matter in a mail. A reminder's line carries its key; a list loses the lines that were answered."""

    matter: str
    unit: str | None = None
    key: StageKey | None = None
    seq: int | None = None  # the entry that asked for the mail


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail asked for. `template` is a folder of mailtemplates; `to` and `cc` are roles of `unit` or `leader`."""

    template: str
    to: tuple[Role, ...]
    lines: tuple[Line, ...]
    not_before: datetime
    cc: tuple[Role, ...] = ()
    unit: str | None = None
    leader: str | None = None
    undoable: bool = False  # follows from an officer's act; withdrawn with it
    office_hours: bool = False  # leaves only in office hours of a working day
    release: str = "automatic"
    may_hold: str = ""
    data: dict[str, str] = field(default_factory=dict)
