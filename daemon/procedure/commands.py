"""Commands: what a letter, a person or the clock wants done with a matter, and what is set for the whole school."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from daemon.procedure.parties import Leader, RefNo, Role, School, StageKey, Unit

# ---------------------------------------------------------------------------------------------------------------
# Commands: what a letter, a person or the clock wants done. `matter` is the matter's id.


@dataclass(frozen=True, slots=True)
class Propose:
    """填写通知单 (三(一)). With `leader_opinion` the 批示 is there: the matter becomes ready and numbered."""

    matter: str
    title: str
    source: str
    requirements: str
    lead: str
    supporting: tuple[str, ...]
    deadline: date | None
    director_opinion: str = ""
    leader_opinion: str = ""
    instructing_leader: str | None = None
    source_item: int | None = None
    urgent: bool = False
    ref: RefNo | None = None  # given by the import; else by register


@dataclass(frozen=True, slots=True)
class Instruct:
    """批示: on a proposal it is 立项, the number is given (三(一)); on a matter under way it is kept, word for word.

    `on`: the day on which a leader's letter with it came.
    """

    matter: str
    words: str
    leader: str | None = None
    ref: RefNo | None = None  # of a proposal, filled in by register: the next free number of the year
    on: date | None = None


@dataclass(frozen=True, slots=True)
class ImportDispatched:
    """A matter that was dispatched before duban; `message_ids` and `tokens` in the order (lead, *supporting)."""

    matter: str
    ref: RefNo
    title: str
    source: str
    requirements: str
    lead: str
    supporting: tuple[str, ...]
    dispatched_on: date
    deadline: date
    director_opinion: str = ""
    leader_opinion: str = ""
    source_item: int | None = None
    message_ids: tuple[str, ...] = ()
    notice_sha256: str = ""
    tokens: tuple[str, ...] = ()  # filled in by register


@dataclass(frozen=True, slots=True)
class Dispatch:
    """交办 (三(二)): a mail to each assigned unit. `now`: without the five minutes in which it can be undone."""

    matter: str
    now: bool = False
    tokens: tuple[str, ...] = ()  # filled in by register, in the order of `Matter.units`


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """签收 (三(二)). `role`: who signed; a liaison's is 联络员代签. `on`: the day, where it was signed before today."""

    matter: str
    unit: str
    role: Role
    words: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class ReportProgress:
    """进展 (三(三)). `part`: a part is closed; still progress, never a closure."""

    matter: str
    unit: str
    words: str
    on: date
    part: bool = False


@dataclass(frozen=True, slots=True)
class ReceiveReport:
    """办结报告 arrived (三(五)); whether it satisfies is for people. `on`: day of arrival."""

    matter: str
    unit: str
    words: str
    on: date
    attachments: tuple[str, ...] = ()  # sha256 of the parts
    late_read: bool = False  # read more than three days after arrival: no mail follows


@dataclass(frozen=True, slots=True)
class AskExtension:
    """延期 asked for (三(五) second paragraph); granted only by people. `on`: day of arrival."""

    matter: str
    unit: str
    reason: str
    new_deadline: date | None
    on: date
    words: str = ""
    late_read: bool = False


@dataclass(frozen=True, slots=True)
class NoteLetter:
    """What a letter said that moves nothing: a question, 非本单位, a leader's words, thanks."""

    matter: str
    unit: str | None
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class WriteUnit:
    """去信 because of the unit's letter: did you send it, an answer, please send the file. Moves nothing.

    `words`: the answer. `sender`, `subject` and `came_on` say in the mail which letter is meant. `role`: whose address
    the letter came from, where it is answered by itself. `missing`: what the letter speaks of and does not hold: a
    report, a report behind a link, another file.
    """

    matter: str
    unit: str
    mail: Literal["verify_sender", "answer", "ask_file"]
    letter: int
    sender: str
    subject: str
    came_on: date
    words: str = ""
    role: Role | None = None
    missing: Literal["", "report", "link", "file"] = ""


@dataclass(frozen=True, slots=True)
class Remind:
    """催报 (四(一)), asked for by the clock. Refused if the key is in the history. `to`, `cc`: roles of that day."""

    matter: str
    key: StageKey
    mail: str
    to: Role
    cc: tuple[Role, ...]
    leaves_at: datetime
    release: str = "automatic"
    may_hold: str = ""


@dataclass(frozen=True, slots=True)
class WithdrawReminder:
    """A reminder that has not left is taken back; its key is free again."""

    matter: str
    key: StageKey
    why: str


@dataclass(frozen=True, slots=True)
class HoldReminder:
    """暂缓发送: anyone whom the policy names may hold an escalation, with a reason, at most `hold_max_wd`."""

    matter: str
    key: StageKey
    until: date
    why: str
    by_role: Role = "officer"


@dataclass(frozen=True, slots=True)
class ReleaseReminder:
    """A held escalation is let go, or one that waits for a person is approved."""

    matter: str
    key: StageKey
    by_role: Role = "officer"


@dataclass(frozen=True, slots=True)
class ReturnReport:
    """退回 (三(五)): the report does not satisfy. `term_wd`: working days for the next one, 1 to 10."""

    matter: str
    unit: str
    reasons: tuple[str, ...]
    for_form: bool
    on: date
    term_wd: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Close:
    """办结 (三(五)): the report satisfies, the director has read it, the leader was told."""

    matter: str
    on: date
    words: str = ""


@dataclass(frozen=True, slots=True)
class GrantExtension:
    """The decision on a 延期申请. `by`: director, leader code, or president, as the policy allows."""

    matter: str
    new_deadline: date
    on: date
    by: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class RefuseExtension:
    matter: str
    on: date
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Suspend:
    """中止, 批示暂缓: reminders rest."""

    matter: str
    why: str


@dataclass(frozen=True, slots=True)
class Resume:
    matter: str


@dataclass(frozen=True, slots=True)
class VoidMatter:
    """撤销; a number that was given stays in the ledger as 作废."""

    matter: str
    why: str


@dataclass(frozen=True, slots=True)
class RecordMail:
    """What became of a mail of ours that belongs to a matter, for each recipient."""

    matter: str
    outbox: int
    mail: str
    outcome: Literal["delivered", "refused", "unsure", "settled"]
    recipients: tuple[str, ...]
    message_id: str = ""
    reply: str = ""  # the server's last words
    keys: tuple[StageKey, ...] = ()
    unit: str | None = None
    notice_sha256: str = ""


@dataclass(frozen=True, slots=True)
class MarkAddress:
    """A bounce that names a mail of ours (`message_id`): the address does not work."""

    matter: str
    unit: str | None
    address: str
    why: str
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class NoteAutoReply:
    """A robot answered for one of the unit's people. `message_id`: the mail of ours that it answers, '' if none.

    `away`: the words tell of an absence, `until` its last day where they name one. Moves nothing in the procedure; the
    mail goes once more to the next person.
    """

    matter: str
    unit: str
    address: str
    words: str
    message_id: str = ""
    away: bool = False
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Undo:
    """撤回: the entry `seq` is taken back, if nothing followed and its mail has not left."""

    matter: str
    seq: int
    why: str = ""


Command = (
    Propose
    | Instruct
    | ImportDispatched
    | Dispatch
    | Acknowledge
    | ReportProgress
    | ReceiveReport
    | AskExtension
    | NoteLetter
    | WriteUnit
    | Remind
    | WithdrawReminder
    | HoldReminder
    | ReleaseReminder
    | ReturnReport
    | Close
    | GrantExtension
    | RefuseExtension
    | Suspend
    | Resume
    | VoidMatter
    | RecordMail
    | MarkAddress
    | NoteAutoReply
    | Undo
)

# ---------------------------------------------------------------------------------------------------------------
# Commands on the school's own chain (people, rules, accounts); decided by nobody's procedure, kept all the same.


@dataclass(frozen=True, slots=True)
class SetSchool:
    school: School


@dataclass(frozen=True, slots=True)
class SetUnit:
    unit: Unit


@dataclass(frozen=True, slots=True)
class SetLeader:
    leader: Leader


@dataclass(frozen=True, slots=True)
class SetCalendar:
    """The whole calendar as TOML text ([holidays.*], [school])."""

    toml: str


@dataclass(frozen=True, slots=True)
class SetPolicy:
    """The whole policy as TOML text ([reminders], [lamps], [extension] …)."""

    toml: str


@dataclass(frozen=True, slots=True)
class SetAccount:
    """An account made, closed or given another role; the password is no history."""

    name: str
    shown: str
    role: str
    address: str = ""
    closed: bool = False


@dataclass(frozen=True, slots=True)
class ClearAddress:
    """An address that bounced works again: a letter came from it, or an officer knows."""

    address: str
    why: str = ""


SchoolCommand = SetSchool | SetUnit | SetLeader | SetCalendar | SetPolicy | SetAccount | ClearAddress
