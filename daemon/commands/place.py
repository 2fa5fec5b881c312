"""The folder a command works in: its settings, its store, what time it is there, and who acts."""

from __future__ import annotations

import json
import os
import pwd
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import typer

from daemon import config
from daemon.commands.printing import Said
from daemon.config import Settings
from daemon.edges.clock import RealClock
from daemon.edges.dice import RealDice
from daemon.procedure import words
from daemon.procedure.shapes import Because, Command, Refusal
from daemon.procedure.workdays import SHANGHAI
from daemon.register import MovedOn, Registered, register
from store import birth, marks, revision
from store.transaction import Store, Tx

T = TypeVar("T")

#: How often a writing command tries again where another process was faster.
ATTEMPTS = 5
#: True seconds after which a made-up clock that nobody renews stands still.
STANDS_AFTER = 30.0


@dataclass(frozen=True, slots=True)
class Place:
    """An opened folder."""

    settings: Settings
    store: Store

    @property
    def root(self) -> Path:
        return self.settings.root

    def read(self, work: Callable[[Tx], T]) -> T:
        """`work` in a reading transaction."""
        with self.store.reading() as tx:
            return work(tx)

    def write(self, work: Callable[[Tx], T]) -> T:
        """`work` in a writing transaction, again where another process was faster."""
        for attempt in range(ATTEMPTS):
            try:
                with self.store.writing() as tx:
                    return work(tx)
            except MovedOn:
                if attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")


def root_of(ctx: typer.Context) -> Path:
    """-C, else DUBAN_HOME, else the current folder."""
    given = ctx.find_root().params.get("home") or os.environ.get("DUBAN_HOME")
    return Path(given) if given else Path.cwd()


@contextmanager
def opened(ctx: typer.Context) -> Iterator[Place]:
    """The folder of this call, its database one of this program's; the store is closed at the end."""
    settings = config.load(root_of(ctx))
    store = config.open_store(settings)
    try:
        with store.reading() as tx:
            revision.check(tx)
        yield Place(settings, store)
    finally:
        store.close()


def now(tx: Tx) -> datetime:
    """The time in this store: the true one, or in a rehearsal that of the daemon's made-up clock.

    The mark `clock` says: made-up time `made_up` at true time `real`, running `speed` times as fast. The daemon renews
    it each quarter of a minute; once it has stopped, made-up time stands still.
    """
    real = RealClock().now()
    mark = marks.get(tx, "clock")
    if mark is None or not birth.read(tx).rehearsal:
        return real
    told = json.loads(mark.value)
    since = datetime.fromisoformat(told["real"])
    alive = marks.get(tx, "alive")
    if alive is not None and (alive.at - since).total_seconds() > STANDS_AFTER:
        return real  # a daemon on true time has run since
    passed = (real - since).total_seconds()
    running = min(max(0.0, passed), STANDS_AFTER)
    return datetime.fromisoformat(told["made_up"]) + timedelta(seconds=running * float(told["speed"]))


def set_clock(tx: Tx, made_up: datetime) -> None:
    """Made-up time that stands at `made_up` until a daemon runs it."""
    real = RealClock().now()
    told = {"made_up": made_up.isoformat(), "real": real.isoformat(), "speed": 0}
    marks.set(tx, "clock", json.dumps(told), made_up)


def moment_of(text: str) -> datetime:
    """`--clock`: an ISO moment, Asia/Shanghai where it names no offset."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as bad:
        raise Said(f"--clock：“{text}”不是时刻；应如 2026-11-02T08:30（北京时间）。") from bad
    return found if found.tzinfo is not None else found.replace(tzinfo=SHANGHAI)


def because(note: str = "") -> Because:
    """The person at the terminal, by the name that the system knows."""
    return Because(actor=f"officer:{login()}", note=note or "duban")


def login() -> str:
    """The system's name of the person at the terminal; its number where it has no name."""
    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def do(tx: Tx, commands: list[Command], why: Because, at: datetime) -> Registered:
    """Through the door; a Refusal is said and takes the whole transaction back."""
    answer = register(tx, commands, why, now=at, dice=RealDice())
    if isinstance(answer, Refusal):
        raise Said(refusal_words(answer))
    return answer


def refusal_words(refusal: Refusal) -> str:
    """A Refusal in Chinese, its article, and the way out."""
    said = words.say(refusal.code, **refusal.facts)
    article = f"（依据：{refusal.article}）" if refusal.article else ""
    way_out = words.way_out(refusal.code)
    return f"{said}{article}" + (f"\n{way_out}" if way_out else "")
