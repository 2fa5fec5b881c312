"""What each mail template is given: frozen, typed, with nothing optional that a template could trip over.

A template's variables are the fields of its class, by name. `CONTEXTS` names the class of each template; samples.py
has an example of each.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Office:
    """Who writes: the school, its office and Section, and how to reach them."""

    school: str
    office: str
    section: str
    mailbox: str
    contact: str = ""
    phone: str = ""

    @property
    def signature(self) -> str:
        """学校办公室督察科, as one unit where the Section's name already names the office."""
        return self.section if self.section.startswith(self.office) else f"{self.office}{self.section}"


@dataclass(frozen=True, slots=True)
class MatterFacts:
    """One 督查事项 as a mail tells of it. `overdue`: calendar days after the deadline, 0 while in time.

    `left`: working days from today to the deadline, 0 on the day itself and after it, and before a deadline on a rest
    day that only rest days part from today. `state`: what was heard so far.
    """

    ref: str
    title: str
    source: str
    requirements: tuple[str, ...]
    lead: str
    supporting: tuple[str, ...]
    deadline: date
    dispatched_on: date
    overdue: int = 0
    left: int = 0
    due_today: bool = False
    urgent: bool = False
    acknowledged: bool = False
    state: str = ""
    role: str = "主办"


@dataclass(frozen=True, slots=True)
class Links:
    """`mailto:` addresses with the subject filled in; a plain reply does as well."""

    acknowledge: str
    progress: str
    extension: str
    report: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What every mail has. `rehearsal`: in a rehearsal the true recipients, a line each; else empty.

    `instead_of`: whom a mail that is passed on was for, who is away; else ''.
    """

    office: Office
    salutation: str
    day: date
    rehearsal: tuple[str, ...]
    instead_of: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class MatterLetter(Letter):
    """A mail to one unit about one matter, in that matter's thread."""

    matter: MatterFacts
    links: Links
    unit: str


@dataclass(frozen=True, slots=True)
class Dispatch(MatterLetter):
    """交办. `attachments`: what each attached file is, in order."""

    attachments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reminder(MatterLetter):
    """催报 of one matter. `since`: working days since 交办. `reminders`: 催报 sent for this deadline so far."""

    since: int
    reminders: int


@dataclass(frozen=True, slots=True)
class ReminderLine:
    """One matter of a list: what is asked of the unit about it today."""

    matter: MatterFacts
    asked: str


@dataclass(frozen=True, slots=True)
class ReminderList(Letter):
    """催报 of several matters of one unit: one mail a day."""

    unit: str
    lines: tuple[ReminderLine, ...]


@dataclass(frozen=True, slots=True)
class PhoneCall:
    """A unit that has not signed: since how many working days, whom to call, which of its addresses bounced."""

    matter: MatterFacts
    unit: str
    since: int
    people: tuple[str, ...]
    bad_addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhoneHint(Letter):
    """To the Section: whom to call today."""

    calls: tuple[PhoneCall, ...]


@dataclass(frozen=True, slots=True)
class LeaderDigest(Letter):
    """To a leader: the matters of units in their charge that are overdue. `proposals`: what the Section proposes.

    `audience`: leader, president, or section where no leader is entered for the unit.
    """

    matters: tuple[MatterFacts, ...]
    audience: str
    proposals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Received(MatterLetter):
    """办结报告 or 延期申请 was registered: received, what happens next. `what`: one of these two words."""

    what: str
    received_on: date
    new_deadline: date | None
    late: str


@dataclass(frozen=True, slots=True)
class Returned(MatterLetter):
    """退回: why, and by when the next report is due (the matter's deadline)."""

    reasons: tuple[str, ...]
    words: str
    for_form: bool


@dataclass(frozen=True, slots=True)
class ExtensionDecided(MatterLetter):
    """延期 granted (the matter's deadline is the new one) or refused."""

    granted: bool
    words: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class Closed(MatterLetter):
    """办结, as 反馈 to the units. `late_by`: calendar days, 0 if in time."""

    closed_on: date
    late_by: int
    words: str


@dataclass(frozen=True, slots=True)
class AboutLetter(MatterLetter):
    """去信 about a letter that came: which one it was, and the answer. `subject` may be empty.

    `missing`: what the letter spoke of and did not hold: report, link (a report elsewhere), file; '' not known.
    """

    sender: str
    subject: str
    came_on: date
    words: tuple[str, ...]
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Voided(MatterLetter):
    """撤销 of a matter that was dispatched."""

    why: str


@dataclass(frozen=True, slots=True)
class Announced:
    """One escalation mail that leaves today unless somebody holds it."""

    outbox: int
    leaves_at: datetime
    to: str
    what: str
    why: str
    may_hold: str


@dataclass(frozen=True, slots=True)
class Announcement(Letter):
    """08:30, to the Section: what leaves for leaders this afternoon."""

    mails: tuple[Announced, ...]
    waiting: tuple[Announced, ...]
    web: str


@dataclass(frozen=True, slots=True)
class Alarm(Letter):
    """To the Section: something of the service itself needs a person. `facts`: what is known, a line each."""

    headline: str
    facts: tuple[str, ...]
    todo: str
    web: str


@dataclass(frozen=True, slots=True)
class Morning(Letter):
    """The Section's morning mail: numbers of the day before and the daily seal."""

    numbers: tuple[tuple[str, str], ...]
    seal_day: date
    seal_heads: int
    seal: str
    mails: tuple[Announced, ...]
    waiting: tuple[Announced, ...]
    web: str


CONTEXTS: dict[str, type[Letter]] = {
    "dispatch": Dispatch,
    "ack_reminder": Reminder,
    "ack_urge": Reminder,
    "phone_hint": PhoneHint,
    "progress_check": Reminder,
    "due_soon": Reminder,
    "due_today": Reminder,
    "urge_1": Reminder,
    "urge_2": Reminder,
    "intervention_letter": Reminder,
    "reminder": ReminderList,
    "leader_digest": LeaderDigest,
    "announcement": Announcement,
    "received": Received,
    "verify_sender": AboutLetter,
    "answer": AboutLetter,
    "ask_file": AboutLetter,
    "return": Returned,
    "extension_decided": ExtensionDecided,
    "closed": Closed,
    "voided": Voided,
    "alarm": Alarm,
    "morning": Morning,
}
