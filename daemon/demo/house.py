"""The demo's folder, store and world: born as a demo, knowing only the embedded servers, on a clock moved by hand."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from daemon import config
from daemon.demo import school as sample
from daemon.demo.officer import ACCOUNT
from daemon.demo.servers import LOOPBACK, PostOffice
from daemon.edges.dice import RealDice
from daemon.edges.imap import ImapAccount, ImapMailbox
from daemon.edges.smtp import SmtpAccount, SmtpCourier
from daemon.procedure.rules import Rules
from daemon.procedure.shapes import (
    Because,
    Command,
    Refusal,
    SchoolCommand,
    SetAccount,
    SetLeader,
    SetSchool,
    SetUnit,
)
from daemon.procedure.workdays import day_of
from daemon.register import register, set_school
from daemon.roster import matters as matter_file
from daemon.roster import people, school
from daemon.world import Outlook, World
from store import accounts, birth, ledger
from store.transaction import Store, Tx

#: A made-up month needs no poll a minute: every arrival wakes the watch loop.
POLL_SECONDS = 24 * 3600.0


class HandClock:
    """A clock that stands until it is moved."""

    real = False

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        """The time now, aware, UTC."""
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Never backwards."""
        self._now = max(self._now, moment.astimezone(UTC))
        self._moved.set()
        self._moved = asyncio.Event()

    async def sleep_until(self, moment: datetime) -> None:
        """Returns once somebody moved the clock to `moment`."""
        while self._now < moment:
            await self._moved.wait()


@dataclass(frozen=True, slots=True)
class House:
    """Everything the month is lived in."""

    root: Path
    world: World
    clock: HandClock
    mailbox: ImapMailbox
    password: str  # of the officer's account ACCOUNT


def build(root: Path, post: PostOffice, clock: HandClock, web: str) -> House:
    """Settings, store, school, people, matters and the officer's account, all in `root`; blocking."""
    password = secrets.token_urlsafe(9)
    key = secrets.token_urlsafe(48)
    _write(root / "secret.key", key + "\n")
    _write(root / config.FILE, _settings(post, web))
    settings = config.load(root)
    (root / "blobs").mkdir(mode=0o700, exist_ok=True)
    # The servers' mailboxes die with this process, so nothing here needs to outlive a power cut.
    store = Store.open(settings.database_url, settings.blob_folder, synchronous="OFF")
    store.migrate()
    with store.writing() as tx:
        _settle_in(tx, password, clock.now())
    account = settings.imap
    mailbox = ImapMailbox(
        ImapAccount(account.host, account.port, account.user, account.password, "none", folders=account.folders)
    )
    courier = SmtpCourier(SmtpAccount(settings.smtp.host, settings.smtp.port, account.user, account.password, "none"))
    outlook = Outlook(poll_seconds=POLL_SECONDS, web_address=web, notice_secret=key.encode())
    return House(root, World(clock, store, mailbox, courier, RealDice(), outlook), clock, mailbox, password)


def _settle_in(tx: Tx, password: str, now: datetime) -> None:
    """What `duban init` and the imports do, at the time of the made-up clock; the rules are the program's own."""
    here = sample.folder()
    birth.bear(tx, now, demo=True)
    officer = sample.load().officer
    accounts.make(tx, ACCOUNT, password, shown=officer, role="officer", now=now)
    leaders = people.leaders(here / "leaders.csv")
    units = people.units(here / "units.csv", [leader.code for leader in leaders])
    commands: list[SchoolCommand] = [
        SetSchool(school.read(here / "school.toml")),
        SetAccount(ACCOUNT, officer, "officer"),
        *(SetLeader(leader) for leader in leaders),
        *(SetUnit(unit) for unit in units),
    ]
    set_school(tx, commands, Because("import", note="demo"), now)
    _register(tx, _proposals(tx, ledger.rules(tx), now), now)


def _proposals(tx: Tx, rules: Rules, now: datetime) -> list[Command]:
    file = sample.folder() / "matters.csv"
    around = matter_file.Surroundings(
        prefix=rules.school.ref_prefix,
        units=rules.units.keys(),
        today=day_of(now),
        leaders={leader.name: leader.code for leader in rules.leaders.values()},
    )
    rows = matter_file.read(file, around)
    return list(matter_file.plan(str(file), rows, ledger.matters(tx), around, RealDice().new_id).commands)


def _register(tx: Tx, commands: Sequence[Command], now: datetime) -> None:
    done = register(tx, commands, Because("import", note="demo"), now=now, dice=RealDice())
    if isinstance(done, Refusal):
        raise ValueError(f"the demo's own matters were refused: {done}")


def _settings(post: PostOffice, web: str) -> str:
    """A duban.toml that knows nothing but the servers of this process."""
    account = f'user = "{post.section}"\npassword = "{post.password}"\nsecurity = "none"\nhost = "{LOOPBACK}"\n'
    return (
        f"# 演示用：只认得演示进程内的邮件服务器，演示结束即无用。\n"
        f'[imap]\n{account}port = {post.imap_port}\nfolders = ["INBOX"]\n\n'
        f"[smtp]\n{account}port = {post.smtp_port}\n\n"
        f"[web]\nport = {int(web.rpartition(':')[2].strip('/'))}\n"
    )


def _write(path: Path, text: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
