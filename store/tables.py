"""The tables, as SQLAlchemy Core; the only place that names a column. Times are aware and in UTC.

Each table has one writer: letters.py, history.py, projections.py, outbox.py, people.py, blobs.py, accounts.py.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC on both engines; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the store")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Id = BigInteger().with_variant(Integer, "sqlite")

#: What this store is, for life: schema of the data, live or rehearsal, born when.
birth = Table(
    "birth",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("born_at", Moment, nullable=False),
    Column("rehearsal_address", String(320), nullable=False, default=""),
    Column("demo", Boolean, nullable=False, default=False),
    CheckConstraint("id = 1", name="one"),
)

#: Raw bytes by hash; the bytes are in the blob folder, or here (`data`) where machines share a database only.
blobs = Table(
    "blobs",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("kept_at", Moment, nullable=False),
    Column("data", LargeBinary),
)

#: Our own cursor in each folder (promise 3).
cursors = Table(
    "cursors",
    metadata,
    Column("folder", String(255), primary_key=True),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    Column("read_at", Moment),  # when the folder was last read to its end
    Column("swept_at", Moment),  # when the last 30 days were last looked through
)

#: One row a distinct mail. state: kept, reading, registered, waiting, ignored, copy, own, old.
letters = Table(
    "letters",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("sha256", String(64), ForeignKey("blobs.sha256"), nullable=False, unique=True),
    Column("message_id", String(998), nullable=False, default="", index=True),
    Column("copy_of", Id, ForeignKey("letters.id")),
    Column("from_address", String(320), nullable=False, default=""),
    Column("subject", Text, nullable=False, default=""),
    Column("size", BigInteger, nullable=False),
    Column("arrived_at", Moment, nullable=False),  # INTERNALDATE
    Column("kept_at", Moment, nullable=False),
    Column("state", String(12), nullable=False, default="kept"),
    Column("claims", Integer, nullable=False, default=0),
    Column("claimed_by", String(64)),
    Column("claimed_until", Moment),
    Column("not_before", Moment),
    Column("settled_at", Moment),
    Column("registered_at", Moment),
    Column("decision", String(10)),
    Column("unit", String(20)),  # of the newest reading: whose matters it holds while it waits
    Column("reading", Id),  # the newest of `readings`
    Column("why", Text, nullable=False, default=""),  # doubts: codes joined by blanks; why it waits
    Column("version", Integer, nullable=False, default=1),  # for two officers on one form
    Index("ix_letters_state_id", "state", "id"),
    Index("ix_letters_unit_id", "unit", "id"),
)

#: Where each letter was seen; unique by mailbox position (promise 2).
positions = Table(
    "positions",
    metadata,
    Column("folder", String(255), primary_key=True),
    Column("uidvalidity", BigInteger, primary_key=True),
    Column("uid", BigInteger, primary_key=True),
    Column("letter", Id, ForeignKey("letters.id"), nullable=False, index=True),
)

#: What was understood of a letter, with its evidence; the newest counts. body is the Reading as JSON.
readings = Table(
    "readings",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("letter", Id, ForeignKey("letters.id"), nullable=False, index=True),
    Column("read_at", Moment, nullable=False),
    Column("rules", String(20), nullable=False),
    Column("by", String(100), nullable=False),  # rules, or officer:NAME who corrected it
    Column("unit", String(20)),
    Column("body", Text, nullable=False),
)

#: Which matters and units a letter holds or belongs to, for holds (promise 5) and the matter's page.
letter_matters = Table(
    "letter_matters",
    metadata,
    Column("letter", Id, ForeignKey("letters.id"), primary_key=True),
    Column("matter", String(32), primary_key=True),
    Index("ix_letter_matters_matter", "matter"),
)

#: The append-only history: one chain a matter, one named `school`.
entries = Table(
    "entries",
    metadata,
    Column("chain", String(32), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("letter", Id),
    Column("body", Text, nullable=False),  # JSON text, exactly as hashed
    Column("prev", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Index("ix_entries_at", "at"),
    Index("ix_entries_letter", "letter"),
)

#: The daily seal over all heads.
seals = Table(
    "seals",
    metadata,
    Column("day", Date, primary_key=True),
    Column("made_at", Moment, nullable=False),
    Column("heads", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("prev", String(64), nullable=False),
    Column("body", Text, nullable=False),  # JSON: chain → [seq, hash]
)

#: Projection: the matter as it stands, for lists and due dates. body is the Matter as JSON.
matters = Table(
    "matters",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("year", Integer),
    Column("number", Integer),
    Column("title", Text, nullable=False),
    Column("phase", String(12), nullable=False),
    Column("lead", String(20), nullable=False),
    Column("deadline", Date),
    Column("dispatched_on", Date),
    Column("closed_on", Date),
    Column("suspended", Boolean, nullable=False, default=False),
    Column("seq", Integer, nullable=False),
    Column("signs", Integer, nullable=False, default=0),  # how many rows of `threads` speak of it
    Column("body", Text, nullable=False),
    UniqueConstraint("year", "number"),
    Index("ix_matters_seq_signs", "seq", "signs"),  # what ledger.known looks at to know whether anything moved
    Index("ix_matters_phase_deadline", "phase", "deadline"),
)

#: Projection: one row a unit of a matter.
assignments = Table(
    "assignments",
    metadata,
    Column("matter", String(32), ForeignKey("matters.id"), primary_key=True),
    Column("unit", String(20), primary_key=True),
    Column("role", String(12), nullable=False),
    Column("acknowledged_at", Moment),
    Column("report_waiting", Boolean, nullable=False, default=False),
    Column("extension_waiting", Boolean, nullable=False, default=False),
    Index("ix_assignments_unit", "unit"),
)

#: Message-IDs and tokens of ours, to find the thread of an answer. One row a matter that the mail speaks of.
threads = Table(
    "threads",
    metadata,
    Column("sign", String(998), primary_key=True),  # Message-ID without <>, or a token
    Column("matter", String(32), primary_key=True),
    Column("unit", String(20)),
    Column("kind", String(10), nullable=False),  # message_id, token
    Index("ix_threads_matter", "matter"),
)

#: Mails that go out. state: asked, frozen, sending, delivered, refused, unsure, held, withdrawn, broken.
outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("template", String(40), nullable=False),
    Column("unit", String(20)),
    Column("leader", String(20)),
    Column("mail", Text, nullable=False),  # the Mail as JSON
    Column("state", String(10), nullable=False, default="asked"),
    Column("asked_at", Moment, nullable=False),
    Column("not_before", Moment, nullable=False),
    Column("held_until", Date),
    Column("held_why", Text, nullable=False, default=""),
    Column("release", String(12), nullable=False, default="automatic"),
    Column("approved", Boolean, nullable=False, default=False),  # where release waits for a person
    Column("announced_at", Moment),  # to the Section, where release is unless_held
    Column("retry_at", Moment),  # after a failure of prepare or a "later" of the server
    Column("frozen_at", Moment),
    Column("message_id", String(998), nullable=False, default="", index=True),
    Column("token", String(64), nullable=False, default="", index=True),
    Column("subject", Text, nullable=False, default=""),
    Column("raw", String(64), ForeignKey("blobs.sha256")),
    Column("facts", Text, nullable=False, default=""),  # what the frozen text rests on; other facts: back to asked
    Column("claimed_by", String(64)),
    Column("claimed_until", Moment),
    Column("attempts", Integer, nullable=False, default=0),
    Column("first_sent_at", Moment),
    Column("sent_at", Moment),  # when the last attempt began
    Column("settled_at", Moment),
    Column("why", Text, nullable=False, default=""),
    Index("ix_outbox_state_not_before", "state", "not_before"),
    Index("ix_outbox_sent_at", "sent_at"),
)

#: The matters of an outbox row, to hold and withdraw by matter.
outbox_matters = Table(
    "outbox_matters",
    metadata,
    Column("outbox", Id, ForeignKey("outbox.id"), primary_key=True),
    Column("matter", String(32), primary_key=True),
    Column("seq", Integer),  # the entry that asked for it
    Index("ix_outbox_matters_matter", "matter"),
)

#: Each recipient of a frozen mail settles by itself. `meant`: in a rehearsal, who would have got it (there several
#: recipients share one address).
recipients = Table(
    "recipients",
    metadata,
    Column("outbox", Id, ForeignKey("outbox.id"), primary_key=True),
    Column("no", Integer, primary_key=True, autoincrement=False),
    Column("address", String(320), nullable=False),
    Column("field", String(3), nullable=False),  # to, cc, bcc
    Column("role", String(20), nullable=False, default=""),
    Column("meant", String(320), nullable=False, default=""),
    Column("outcome", String(10), nullable=False, default="open"),  # open, delivered, later, refused, unsure
    Column("reply", Text, nullable=False, default=""),
    Column("settled_at", Moment),
    Index("ix_recipients_address", "address"),
)

#: The address book as it stands, a projection of the school's chain. body is the Unit or Leader as JSON.
units = Table(
    "units",
    metadata,
    Column("code", String(20), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("body", Text, nullable=False),
)
leaders = Table(
    "leaders",
    metadata,
    Column("code", String(20), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("body", Text, nullable=False),
)

#: Addresses that a bounce marked.
bad_addresses = Table(
    "bad_addresses",
    metadata,
    Column("address", String(320), primary_key=True),
    Column("since", Moment, nullable=False),
    Column("why", Text, nullable=False),
)

#: Officers and others who log in. password: argon2 hash.
accounts = Table(
    "accounts",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("shown", String(60), nullable=False),
    Column("role", String(12), nullable=False),  # officer, director, leader, auditor, admin
    Column("address", String(320), nullable=False, default=""),
    Column("password", String(200), nullable=False),
    Column("password_set_at", Moment, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("failures", Integer, nullable=False, default=0),
    Column("locked_until", Moment),
)
sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("account", String(60), ForeignKey("accounts.name"), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)

#: Small facts of the running daemon for other processes: mailbox read, alarms, heartbeat. value is JSON.
marks = Table(
    "marks",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("value", Text, nullable=False, default=""),
)
