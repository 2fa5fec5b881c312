"""The plain data of reading: a Letter decoded from bytes, what its attachments hold, what we know, what we understood.

Nothing here knows a database, a process or a clock: bytes and facts in, a Reading with its evidence out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from daemon.procedure.shapes import Leader, RefNo, School, Unit

if TYPE_CHECKING:
    from daemon.procedure.workdays import Calendar

# ---------------------------------------------------------------------------------------------------------------
# What came in


@dataclass(frozen=True, slots=True)
class Part:
    """One attachment-like part of a letter, in the order of the mail. `index` is its place among the parts."""

    index: int
    name: str  # as a person would read it; no paths, no control characters
    other_name: str  # `filename` where it disagrees with `filename*`
    media_type: str
    disposition: Literal["attachment", "inline", ""]
    content_id: str
    data: bytes = field(repr=False)
    sha256: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that came in, decoded. Never an exception: what was repaired or lost stands in `notes`."""

    message_id: str
    from_addresses: tuple[str, ...]  # every address of every From header, lower case
    from_display: str
    from_headers: int
    sender: str
    reply_to: tuple[str, ...]
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    date: datetime | None  # Date header, CST read as +08:00
    arrived_at: datetime  # the server's INTERNALDATE, UTC
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    authentication: tuple[str, ...]  # every Authentication-Results header, topmost first, unfolded
    headers: tuple[tuple[str, str], ...]  # every other header, decoded, lower-case names
    text: str  # the text part(s), decoded; '' where there is none
    html: str  # the HTML part(s), decoded; '' where there is none
    content_type: str  # of the whole mail, lower case
    report_type: str  # of a multipart/report
    parts: tuple[Part, ...]
    report_parts: tuple[Part, ...]  # message/delivery-status, rfc822-headers … of a multipart/report
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """What the limited child found. `error`: too_large, encrypted, timeout, killed, damaged, unsupported."""

    index: int
    text: str = ""
    form: dict[str, str] = field(default_factory=dict)  # the 通知单's cells by label, where the part is one
    codes: tuple[str, ...] = ()  # QR codes read
    members: tuple[str, ...] = ()  # names in an archive
    pages: int = 0
    error: str = ""
    ocr: str = ""  # words read off pictures and scans, never part of `text`: a 文号 found here is never certain
    seal: bool | None = None  # a round red seal on the form or the scan: a hint; None where there are no colours


# ---------------------------------------------------------------------------------------------------------------
# What we know when we read


@dataclass(frozen=True, slots=True)
class KnownMatter:
    """As much of a matter as reading needs. `threads`: Message-IDs of our mails of it → unit ('' for the Section's)."""

    id: str
    ref: RefNo
    title: str
    lead: str
    supporting: tuple[str, ...]
    open: bool
    dispatched_on: date | None
    deadline: date | None  # in force
    notice_sha256: tuple[str, ...] = ()
    notice_text: str = ""  # our own words, to be known when quoted or returned
    requirements: str = ""


@dataclass(frozen=True, slots=True)
class Thread:
    """Where a Message-ID or a token of ours leads: usually one matter; a list mail leads to several."""

    matters: tuple[str, ...]
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """The world as reading sees it, from `ledger.known`; plain data, so that a reading can be repeated."""

    school: School
    units: tuple[Unit, ...]
    leaders: tuple[Leader, ...]
    matters: tuple[KnownMatter, ...]
    threads: dict[str, Thread]  # Message-ID without <> → thread
    tokens: dict[str, Thread]  # token → thread
    own_addresses: tuple[str, ...] = ()
    rehearsal_address: str = ""
    calendar: Calendar | None = None  # None: every weekday works


# ---------------------------------------------------------------------------------------------------------------
# What we understood

Kind = Literal[
    "receipt",
    "progress",
    "closure",
    "extension",
    "question",
    "not_ours",
    "leader_instruction",
    "auto_reply",
    "bounce",
    "read_receipt",
    "irrelevant",
]
Decision = Literal["register", "queue", "ignore"]
AttachmentRole = Literal[
    "report", "returned_form", "own_notice", "evidence", "decoration", "calendar", "nested_mail", "cloud_link"
]


@dataclass(frozen=True, slots=True)
class Finding:
    """One sign: which rule hit, what it concluded, the very words, where they stand (subject, body, 附件…)."""

    rule: str
    value: str
    quote: str
    where: str
    offset: int = -1  # in the reading's body, -1 elsewhere


@dataclass(frozen=True, slots=True)
class Rule:
    """A named rule with its question and its examples beside it; one generic test runs them all."""

    name: str
    question: Literal["answer", "match", "classify", "trust", "date", "attachment", "trim"]
    says: str  # what a hit means, in Chinese, for the queue page
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """What the letter says of one matter. `ref` and `matter` None: of none of ours."""

    ref: RefNo | None
    matter: str | None
    certain: bool
    kind: Kind
    new_deadline: date | None = None
    deadline_words: str = ""  # the words the date was read from, also where no exact day came of them
    arithmetic: str = ""  # 12-15 + 10个工作日 = 12-29
    reason: str = ""  # of an extension
    report_there: bool = False  # of a closure: in the words or as a file
    part: bool = False  # a part is closed


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    role: AttachmentRole
    index: int = -1  # of the Part; -1 for a cloud link


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything understood of a letter, with the evidence for each conclusion (samples' README names the fields)."""

    said: tuple[Said, ...]
    unit: str | None
    trusted: bool
    attachments: tuple[Attachment, ...]
    body: str
    decision: Decision
    findings: tuple[Finding, ...] = ()
    doubts: tuple[str, ...] = ()  # codes with Chinese words in words.toml: why a person must look
    person_role: str = ""  # head, deputy, liaison, unit, leader: whose address it came from
    bounced: tuple[str, ...] = ()  # addresses that a bounce names
    rules: str = "1"  # version of the rules
