"""A small office on a made-up clock: real store and loops, fakes outside; a test says who answers what, and looks."""

from __future__ import annotations

import asyncio
import email
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

from daemon.attachments.openers import Openers
from daemon.edges.dice import SeededDice
from daemon.loops import alarms
from daemon.loops.prepare import Prepare
from daemon.loops.read import Read
from daemon.loops.schedule import Schedule
from daemon.loops.send import Send
from daemon.loops.turns import Turns
from daemon.loops.watch import Watch
from daemon.procedure.shapes import (
    Because,
    Command,
    Dispatch,
    Leader,
    Matter,
    Person,
    Propose,
    Refusal,
    School,
    SchoolCommand,
    SetLeader,
    SetPolicy,
    SetSchool,
    SetUnit,
    Unit,
)
from daemon.procedure.workdays import SHANGHAI
from daemon.register import Registered, register, set_school
from daemon.world import Outlook, World
from store import birth, ledger, letters, outbox
from store.transaction import Store
from tests.world.fakes import FakeClock, FakeCourier, FakeMailbox

T = TypeVar("T")

SCHOOL = School(
    name="临川师范学院",
    short_name="临川师院",
    office="学校办公室",
    section="督察科",
    ref_prefix="临师督字",
    mailbox="ducha@lcnu.example",
    domain="lcnu.example",
    authserv_id="mx.lcnu.example",
    contact="钟意",
    phone="0000-5550100",
    section_address="ducha-tongzhi@lcnu.example",
    director="章正",
    director_address="zhangzheng@lcnu.example",
)


def unit(code: str, name: str, leader: str) -> Unit:
    """A unit with head, deputy and liaison, each with an address made of its code."""
    low = code.lower()
    return Unit(
        code=code,
        name=name,
        short_name=name,
        head=Person("马一", "处长", f"{low}.head@lcnu.example"),
        deputy=Person("马二", "副处长", f"{low}.deputy@lcnu.example"),
        liaison=Person("马三", "", f"{low}.liaison@lcnu.example"),
        supervising=leader,
        other_addresses=(f"{low}@lcnu.example",),
    )


UNITS = (unit("HQ", "后勤管理处", "L3"), unit("JW", "教务处", "L4"), unit("TS", "图书馆", "L4"))
LEADERS = (
    Leader("L1", "石书记", "党委书记", "l1@lcnu.example", True),
    Leader("L2", "白校长", "校长", "l2@lcnu.example", True),
    Leader("L3", "周副", "副校长", "l3@lcnu.example"),
    Leader("L4", "吴副", "副校长", "l4@lcnu.example"),
)


def at(text: str) -> datetime:
    """`2026-11-24 10:00` in Asia/Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@dataclass
class Office:
    """The office. `live` lets time pass; `mails` is what left, parsed."""

    store: Store
    clock: FakeClock
    mailbox: FakeMailbox
    courier: FakeCourier
    world: World
    openers: Openers
    turns: Turns
    seen: int = 0
    count: int = field(default=0)

    @classmethod
    def open(
        cls, folder: Path, start: str = "2026-11-02 08:00", url: str = "", rehearsal: str = "", policy: str = ""
    ) -> Office:
        """A store with school, units and leaders, its clock standing at `start`. `policy`: TOML instead of ours."""
        store = Store.open(url or f"sqlite:///{folder / 'office.db'}", folder / "blobs", synchronous="OFF")
        if not url:
            store.migrate()
        clock = FakeClock(at(start))
        mailbox, courier = FakeMailbox(clock), FakeCourier()
        outlook = Outlook(rehearsal_address=rehearsal, notice_secret=b"s" * 32, poll_seconds=3600)
        world = World(clock, store, mailbox, courier, SeededDice(7), outlook)
        with store.writing() as tx:
            birth.bear(tx, clock.now(), rehearsal)
            people: list[SchoolCommand] = [SetSchool(SCHOOL), *map(SetUnit, UNITS), *map(SetLeader, LEADERS)]
            set_school(tx, [*people, *([SetPolicy(policy)] if policy else [])], Because("import"), clock.now())
        office = cls(store, clock, mailbox, courier, world, Openers(1), Turns(world, clock))
        office.start()
        return office

    def start(self) -> None:
        """The daemon begins: new loops over the same store, as after a crash."""
        self.openers, self.turns = Openers(1), Turns(self.world, self.clock)
        self.world.wake.called.clear()
        with self.store.writing() as tx:
            letters.end_claims(tx, self.clock.now())
            outbox.end_claims(tx, self.clock.now())
        steps: list[tuple[str, Callable[[World], Awaitable[datetime]]]] = [
            ("watch", Watch().step),
            ("read", Read(self.openers, "test").step),
            ("schedule", Schedule().step),
            ("prepare", Prepare().step),
            ("send", Send("test").step),
        ]
        for name, step in steps:
            self.turns.add(name, step)

    def off(self, until: str) -> None:
        """The machine is off till then; afterwards the daemon begins anew."""
        self.clock.move_to(at(until))
        self.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run(work)

    def live(self, until: str) -> None:
        """Time passes."""

        async def lived() -> None:
            try:
                await self.turns.run(at(until))
            finally:
                await self.openers.close()

        asyncio.run(lived())

    def act(self, *commands: Command, actor: str = "officer:zhong") -> Registered | Refusal:
        """An officer's commands through the door."""
        with self.store.writing() as tx:
            done = register(tx, commands, Because(actor), now=self.clock.now(), dice=self.world.dice)
        self.heard()
        return done

    def heard(self) -> None:
        """As the service does when another process has committed."""
        for loop in ("read", "prepare", "send", "schedule"):
            self.world.wake.call(loop)

    def matter(self, title: str, deadline: str, lead: str = "HQ", supporting: tuple[str, ...] = ()) -> Matter:
        """Approved and dispatched at once; lives some seconds so that the mails leave."""
        id = self.propose(title, deadline, lead, supporting)
        local = self.clock.now().astimezone(SHANGHAI)
        self.live((local + timedelta(seconds=20)).replace(tzinfo=None).isoformat(sep=" "))
        return self.get(id)

    def propose(self, title: str, deadline: str, lead: str = "HQ", supporting: tuple[str, ...] = ()) -> str:
        """Approved and dispatched, without the five minutes; its id."""
        self.count += 1
        id, words = f"m{self.count}", "1.完成整改；2.报送台账。"
        due = date.fromisoformat(deadline)
        for command in (
            Propose(id, title, "校长办公会议决定", words, lead, supporting, due, "拟请办理。", "同意。"),
            Dispatch(id, now=True),
        ):
            done = self.act(command)
            assert isinstance(done, Registered), done
        return id

    def get(self, id: str) -> Matter:
        with self.store.reading() as tx:
            found = ledger.matter(tx, id)
        assert found is not None
        return found

    def mails(self, template: str | None = None) -> list[EmailMessage]:
        """What left, in order; with `template` only the subject's kind is not known, so rows are asked."""
        with self.store.reading() as tx:
            rows = {row.message_id: row.mail.template for row in outbox.listing(tx, limit=10_000)}
        found = []
        for sent in self.courier.sent:
            mail = email.message_from_bytes(sent.raw, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            name = rows.get(str(mail["Message-ID"]).strip("<>"))
            if template is None or name == template:
                found.append(mail)
        return found

    def answer(
        self,
        text: str,
        to: EmailMessage,
        sender: str,
        *,
        subject: str = "",
        trusted: bool = True,
        attachments: tuple[tuple[str, str, bytes], ...] = (),
    ) -> bytes:
        """Bytes of a reply to a mail of ours, as a unit's client would send it; delivered to the mailbox."""
        mail = EmailMessage()
        mail["From"], mail["To"] = sender, SCHOOL.mailbox
        mail["Subject"] = subject or f"回复：{to['Subject']}"
        mail["Date"] = self.clock.now().astimezone(SHANGHAI)
        mail["Message-ID"] = f"<{self.world.dice.new_token()}@mail.lcnu.example>"
        mail["In-Reply-To"] = mail["References"] = str(to["Message-ID"])
        mail.set_content(text)
        for name, media_type, data in attachments:
            major, _, minor = media_type.partition("/")
            mail.add_attachment(data, maintype=major, subtype=minor, filename=name)
        verdict = "dmarc=pass" if trusted else "dmarc=fail"
        stamp = f"Authentication-Results: {SCHOOL.authserv_id}; {verdict} header.from={sender.partition('@')[2]}\r\n"
        raw = stamp.encode() + mail.as_bytes(policy=policy.SMTP)
        self.mailbox.put(raw)
        self.world.wake.call("watch")
        return raw

    def alarms(self) -> set[str]:
        """What rings."""
        with self.store.reading() as tx:
            return set(alarms.ringing(tx))

    def sent(self, template: str = "") -> list[outbox.OutboxRow]:
        """Mails that left, in their order."""
        rows = [row for row in self.rows() if row.state == "delivered" and template in ("", row.mail.template)]
        return sorted(rows, key=lambda row: (row.sent_at or row.asked_at, row.id))

    def letters(self) -> list[letters.LetterRow]:
        with self.store.reading() as tx:
            return letters.listing(tx, limit=10_000)

    def rows(self) -> list[outbox.OutboxRow]:
        with self.store.reading() as tx:
            return outbox.listing(tx, limit=10_000)

    def close(self) -> None:
        self.store.close()
