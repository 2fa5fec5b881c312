"""The plain data of the law: people, matters, commands, entries, refusals, and the mails they ask for.

Nothing here knows a database, a mail or a clock. All times are aware datetimes in UTC, all days are days of
Asia/Shanghai. Every class is frozen; `evolve` makes new ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Literal

# ---------------------------------------------------------------------------------------------------------------
# 文号


@dataclass(frozen=True, slots=True, order=True)
class RefNo:
    """文号: year and number; the prefix (青师督字) is the school's. `key` is `2026-12`, `file` is `2026-012`."""

    year: int
    number: int

    @property
    def key(self) -> str:
        return f"{self.year}-{self.number}"

    @property
    def file(self) -> str:
        return f"{self.year}-{self.number:03d}"


# ---------------------------------------------------------------------------------------------------------------
# The school and its people (一: 机构及职责范围). They come from the school's chain, never from a machine's settings.

Role = Literal[
    "head",  # 主要负责人, 第一责任人
    "deputy",  # 直接责任人
    "liaison",  # 督查督办工作联络人员
    "unit",  # an address of the unit itself
    "supervising_leader",  # 分管校领导
    "attached_leader",  # 联系校领导
    "president",  # 校长
    "secretary",  # 党委书记
    "director",  # 学校办公室负责人
    "section",  # 督察科
    "officer",  # 经办人
]


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    title: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """承办单位. `supervising` and `attached` are leader codes; `other_addresses` also count as the unit's own."""

    code: str
    name: str
    short_name: str
    head: Person | None = None
    second_head: Person | None = None  # a college's 书记
    deputy: Person | None = None
    liaison: Person | None = None
    liaison_phone: str = ""
    supervising: str | None = None
    attached: str | None = None
    other_addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Leader:
    """校领导. `principal` is true for 校长 and 党委书记 (学校主要领导)."""

    code: str
    name: str
    title: str
    address: str
    principal: bool = False


@dataclass(frozen=True, slots=True)
class School:
    """`[school]` of school.toml. The optional addresses default to `mailbox` where they are used."""

    name: str
    short_name: str
    office: str
    section: str
    ref_prefix: str
    mailbox: str
    domain: str
    authserv_id: str = ""
    contact: str = ""
    phone: str = ""
    section_address: str = ""  # who reads announcements and alarms; empty: the mailbox
    director: str = ""  # 学校办公室负责人
    director_address: str = ""
    grave_by_mail: bool = True  # false: closures and extensions by mail wait for a person (no Authentication-Results)


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
class StageKey:
    """What makes a reminder one and the same (promise 6). `counts_from` is the date its stage counts from."""

    unit: str
    stage: str
    counts_from: date
    nth: int = 1


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
    overdue_days_past: int = 0  # recorded when an extension or a return moves the deadline
    seq: int = 0
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
    """批示 on a proposal: 立项, the number is given (三(一))."""

    matter: str
    words: str
    leader: str | None = None
    ref: RefNo | None = None  # filled in by register: the next free number of the year


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
    """签收 (三(二)). `role`: who signed; a liaison's is 联络员代签."""

    matter: str
    unit: str
    role: Role
    words: str = ""


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
    """A bounce that names a mail of ours: the address does not work."""

    matter: str
    unit: str | None
    address: str
    why: str


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


SchoolCommand = SetSchool | SetUnit | SetLeader | SetCalendar | SetPolicy | SetAccount

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
