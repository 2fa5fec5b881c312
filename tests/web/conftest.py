"""An office to look at: a made-up school, a few matters of a term, letters that arrived, and people who log in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from daemon.edges.dice import SeededDice
from daemon.procedure import reminders
from daemon.procedure.shapes import (
    Because,
    Command,
    Dispatch,
    Leader,
    Person,
    Propose,
    ReceiveReport,
    Refusal,
    School,
    SetLeader,
    SetSchool,
    SetUnit,
    Unit,
)
from daemon.reading.conclude import conclude
from daemon.reading.decode import decode
from daemon.reading.read import read
from daemon.register import Registered, register, set_school
from daemon.web.app import make_app
from daemon.world import Fetched, Outlook, World
from store import accounts, ledger, letters, marks, outbox
from store.transaction import Store
from tests.world.fakes import FakeClock, FakeCourier, FakeMailbox

PASSWORD = "Qinglan-2026"
MORNING = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # Tuesday 09:00 in Shanghai
SCHOOL = School(
    name="青澜师范学院",
    short_name="青澜师院",
    office="学校办公室",
    section="督察科",
    ref_prefix="青师督字",
    mailbox="dcdb@qlnu.example",
    domain="qlnu.example",
    authserv_id="mx.qlnu.example",
    contact="谷若溪",
    phone="0999-5550126",
    director="陈立",
    director_address="chenli@qlnu.example",
)
LEADERS = (
    Leader("L01", "方远", "校长", "fangyuan@qlnu.example", True),
    Leader("L03", "周敏", "副校长", "zhoumin@qlnu.example"),
)


def _unit(code: str, name: str, short: str, key: str, head: str, liaison: str) -> Unit:
    return Unit(
        code,
        name,
        short,
        head=Person(head, "处长", f"{key}-head@qlnu.example"),
        liaison=Person(liaison, "", f"{key}@qlnu.example"),
        supervising="L03",
    )


UNITS = (
    _unit("D03", "后勤管理处", "后勤处", "houqin", "刘洋", "孙悦"),
    _unit("D05", "保卫处", "保卫处", "baowei", "赵强", "何静"),
    _unit("C07", "美术学院", "美术学院", "meishu", "秦岚", "陶然"),
)


@dataclass
class Office:
    """The world with its application, and short ways to let things happen in it."""

    world: World
    clock: FakeClock
    login_clock: FakeClock
    app: Starlette
    uid: int = 0

    @property
    def store(self) -> Store:
        return self.world.store

    def act(self, *commands: Command, by: str = "officer:wangmin", letter: int | None = None) -> Registered:
        """Through the door; a Refusal fails the test."""
        with self.store.writing() as tx:
            done = register(tx, commands, Because(by, letter), now=self.clock.now(), dice=self.world.dice)
        assert not isinstance(done, Refusal), done
        return done

    def matter(
        self, title: str, lead: str, days: int = 14, supporting: Sequence[str] = (), requirements: str = ""
    ) -> str:
        """A matter dispatched now; its 文号 as 2026-1."""
        id = self.world.dice.new_id()
        deadline = self.clock.now().date() + timedelta(days=days)
        propose = Propose(
            matter=id,
            title=title,
            source="2026年第18次校长办公会议决定",
            requirements=requirements or f"请围绕“{title}”制定方案并落实，报送台账和制度文本。",
            lead=lead,
            supporting=tuple(supporting),
            deadline=deadline,
            director_opinion="拟请主办单位牵头办理。妥否，请周副校长批示。陈立 11.9",
            leader_opinion="同意，抓紧落实。周敏 11.10",
            instructing_leader="L03",
        )
        self.act(propose)
        done = self.act(Dispatch(id, now=True))
        ref = done.matters[0].ref
        assert ref is not None
        return ref.key

    def arrives(self, raw: bytes, *, read_it: bool = True, queue: bool = False) -> int:
        """A mail is kept, read and settled as the read loop does; `queue`: it waits whatever was read."""
        self.uid += 1
        now = self.clock.now()
        with self.store.writing() as tx:
            (letter_id,) = letters.keep(tx, "INBOX", 1, [Fetched(self.uid, now, raw)], now)
            letters.move_cursor(tx, "INBOX", 1, self.uid, now)
            marks.set(tx, "folders", "INBOX", now)
            if not read_it:
                letters.settle(tx, letter_id, "waiting", now, decision="queue", why=("unreadable",))
                return letter_id
            letter, known = decode(raw, now), ledger.known(tx)
            reading = read(letter, (), known)
            outcome = conclude(reading, letter, (), known, now)
            state = {"register": "registered", "queue": "waiting", "ignore": "ignored"}[outcome.decision]
            if queue and state == "registered":
                state, outcome = "waiting", replace(outcome, doubts=("person_wanted",))
            if state == "registered":
                done = register(tx, outcome.commands, Because("letter", letter_id), now=now, dice=self.world.dice)
                assert not isinstance(done, Refusal), done
            settled = letters.settle(
                tx,
                letter_id,
                state,  # type: ignore[arg-type]
                now,
                decision=outcome.decision,
                reading=reading,
                why=outcome.doubts,
                matters=outcome.matters,
            )
            assert settled
        return letter_id

    def id_of(self, key: str) -> str:
        """The matter's id by its 文号."""
        with self.store.reading() as tx:
            matter = ledger.find(tx, key)
        assert matter is not None
        return matter.id

    def settle_as_report(self, letter: int, key: str, unit: str) -> None:
        """The letter brought the 办结报告 of `unit`, whatever the rules of reading make of it."""
        now = self.clock.now()
        with self.store.writing() as tx:
            row = letters.show(tx, letter)
            assert row is not None
            if row.state == "registered":
                return
            matter = ledger.find(tx, key)
            assert matter is not None
            command = ReceiveReport(matter.id, unit, "办结报告", now.date())
            done = register(tx, [command], Because("officer:wangmin", letter), now=now, dice=self.world.dice)
            assert not isinstance(done, Refusal), done
            letters.settle(tx, letter, "registered", now, by="officer:wangmin", reading=row.reading)

    def client(self, name: str = "wangmin") -> TestClient:
        """A browser in which `name` has logged in."""
        browser = TestClient(self.app, base_url="http://127.0.0.1", client=("127.0.0.1", 50000))
        page = browser.get("/login")
        answer = browser.post(
            "/login", data={"csrf": token_in(page.text), "name": name, "password": PASSWORD}, follow_redirects=False
        )
        assert answer.status_code == 303, answer.text
        return browser

    def remind(self) -> None:
        """What the schedule does at this moment, the announcement to the Section included."""
        now = self.clock.now()
        with self.store.writing() as tx:
            rules = ledger.rules(tx)
            for matter in ledger.open_matters(tx):
                for due in reminders.due(matter, rules, now):
                    done = register(tx, [due.command(matter.id)], Because("clock"), now=now, dice=self.world.dice)
                    assert not isinstance(done, Refusal), done
            outbox.announced(tx, [row.id for row in outbox.at_home(tx) if row.mail.release != "automatic"], now)

    def prepare(self) -> None:
        """Every mail that waits gets its bytes: enough of them to be looked at."""
        now = self.clock.now()
        with self.store.writing() as tx:
            for row in outbox.listing(tx, state="asked", limit=1000):
                message = EmailMessage()
                message["From"], message["To"] = SCHOOL.mailbox, "houqin-head@qlnu.example"
                message["Subject"] = f"【督办】{row.mail.template}"
                message.set_content("请按期办理。")
                message.add_alternative("<p>请<b>按期</b>办理。</p>", subtype="html")
                message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="notice.pdf")
                to = (outbox.Addressed("houqin-head@qlnu.example", "to", "head"),)
                token = self.world.dice.new_token()
                frozen = outbox.Frozen(f"{token}.{row.id}@qlnu.example", token, "督办", message.as_bytes(), "", to)
                assert outbox.freeze(tx, row.id, frozen, now)

    def later(self, **much: float) -> None:
        """Time passes, for the world and for log-ins."""
        self.clock.move_to(self.clock.now() + timedelta(**much))


def token_in(html: str) -> str:
    """The token that a page's forms carry."""
    return html.split('name="csrf" value="', 1)[1].split('"', 1)[0]


def fields_in(html: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that posts to `action`."""
    form = html.split(f'action="{action}"', 1)[1].split("</form>", 1)[0]
    found = {}
    for piece in form.split('<input type="hidden" ')[1:]:
        name = piece.split('name="', 1)[1].split('"', 1)[0]
        found[name] = piece.split('value="', 1)[1].split('"', 1)[0]
    return found


def mail(
    sender: str,
    subject: str,
    text: str,
    *,
    html: str = "",
    files: Sequence[tuple[str, bytes]] = (),
    passed: bool = True,
    number: int = 0,
) -> bytes:
    """A unit's mail as its program sends it; `passed`: our own server vouches for the sender."""
    message = EmailMessage()
    if passed:
        message["Authentication-Results"] = f"mx.qlnu.example; dmarc=pass header.from={sender.rpartition('@')[2]}"
    message["From"] = sender
    message["To"] = SCHOOL.mailbox
    message["Subject"] = subject
    message["Date"] = "Tue, 24 Nov 2026 08:31:00 +0800"
    message["Message-ID"] = f"<{abs(hash((sender, subject, text)))}.{number}@{sender.rpartition('@')[2]}>"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for name, data in files:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Hashing costs half a second: once for all tests."""
    return accounts.hash_password(PASSWORD)


@pytest.fixture
def office(tmp_path: Path, password_hash: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """A school with three units and two leaders, an officer, a director, an auditor and an administrator."""
    yield from open_office(tmp_path, password_hash, monkeypatch)


def open_office(
    folder: Path,
    password_hash: str,
    monkeypatch: pytest.MonkeyPatch,
    start: datetime = MORNING,
    **outlook: str,
) -> Iterator[Office]:
    """The office in `folder`, on the morning of `start`."""
    opened = reopen_office(folder, start, new=True, **outlook)
    office = next(opened)
    people = (
        ("wangmin", "王敏", "officer"),
        ("lijing", "李静", "officer"),
        ("chenli", "陈立", "director"),
        ("shenji", "沈计", "auditor"),
        ("admin", "管理员", "admin"),
    )
    with monkeypatch.context() as patch, office.store.writing() as tx:
        patch.setattr(accounts, "hash_password", lambda _: password_hash)
        for name, shown, role in people:
            accounts.make(tx, name, PASSWORD, shown=shown, role=role, now=start)  # type: ignore[arg-type]
        commands = [SetSchool(SCHOOL), *(SetUnit(u) for u in UNITS), *(SetLeader(one) for one in LEADERS)]
        set_school(tx, commands, Because("officer:wangmin"), start)
    yield office
    next(opened, None)


def reopen_office(folder: Path, start: datetime, *, new: bool = False, **outlook: str) -> Iterator[Office]:
    """The office that is in `folder`, at the moment `start`."""
    store = Store.open(f"sqlite:///{folder}/duban.db", folder / "blobs", synchronous="OFF")
    if new:
        store.migrate()
    clock, login_clock = FakeClock(start), FakeClock(start)
    dice = SeededDice(7 if new else 8)
    world = World(clock, store, FakeMailbox(), FakeCourier(), dice, Outlook(**outlook))  # type: ignore[arg-type]
    app = make_app(world, session_secret=b"s" * 32, secure_cookies=False, true_clock=login_clock)
    yield Office(world, clock, login_clock, app)
    store.close()


def day_after(days: int) -> date:
    return MORNING.date() + timedelta(days=days)
