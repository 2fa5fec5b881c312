"""From delivery in Dovecot to the registered entry, beside a bare IDLE client that notices the same deliveries."""

from __future__ import annotations

import random
import smtplib
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bench import looking, post
from daemon.edges.line import ImapAccount, Line
from tests.world.daemon import Daemon, SmtpThread, until
from tests.world.dovecot import PASSWORD, USER, Dovecot

#: Seconds in which a delivery must have been registered.
PATIENCE = 30
#: How often the store is looked at, in seconds: so much the figures may be too high.
LOOK = 0.002


@dataclass
class Listener:
    """A bare IDLE client: logged in, INBOX open, it notes when the server announces a mail."""

    dovecot: Dovecot
    seen: list[float] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Listener:
        self._line = Line(ImapAccount("127.0.0.1", self.dovecot.imap, USER, PASSWORD, security="none"))
        self._line.begin()
        self._line.open("INBOX")
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._line.interrupt()
        self._thread.join(10)
        self._line.drop()

    def _listen(self) -> None:
        idle: Any = self._line._box.idle
        idle.start()
        while not self._stop.is_set():
            for line in idle.poll(30):
                if line.rstrip().endswith(b"EXISTS"):
                    self.seen.append(time.perf_counter())


def measure(count: int = 100, pause: float = 0.8) -> dict[str, Any]:
    """`count` mails, one after the other, at uneven distances."""
    today = date.today()
    some = post.tasks(max(1, count // (2 * post.LETTERS_OF_A_UNIT)), today)
    chance = random.Random(1)
    with tempfile.TemporaryDirectory(prefix="duban-bench-") as folder, Dovecot() as dovecot, SmtpThread() as smtp:
        daemon = looking.office(Path(folder) / "office", dovecot, smtp.server.port, some, today)
        with daemon.running(), Listener(dovecot) as listener:
            looking.wait_ready(daemon, time.perf_counter())
            until(lambda: looking.asked(daemon, "SELECT count(read_at) FROM cursors") > 0, 30, "the first look")
            time.sleep(1)
            bare, ours = [], []
            with closing(looking.database(daemon)) as base, smtplib.LMTP("127.0.0.1", dovecot.lmtp) as lmtp:
                for nth, piece in enumerate(post.letters(some, count, with_pdf="none"), 1):
                    begun = time.perf_counter()
                    lmtp.sendmail("unit@lcnu.example", [USER], piece.raw)
                    ours.append(_settled(base, nth, begun))
                    until(lambda: len(listener.seen) >= nth, PATIENCE, "the bare client's notice")  # noqa: B023
                    bare.append(listener.seen[nth - 1] - begun)
                    time.sleep(pause * (0.5 + chance.random()))
            states = dict(base_states(daemon))
    told: dict[str, Any] = {
        "mails": count,
        "bare_idle": looking.spread(bare),
        "registered": looking.spread(ours),
        "states": states,
    }
    told["more"] = {name: round(told["registered"][name] - told["bare_idle"][name], 1) for name in ("p50_ms", "p95_ms")}
    return told


def base_states(daemon: Daemon) -> list[tuple[str, int]]:
    """How many letters are in each state."""
    with closing(looking.database(daemon)) as base:
        return base.execute("SELECT state, count(*) FROM letters GROUP BY state").fetchall()


def _settled(base: Any, nth: int, begun: float) -> float:
    """Seconds from `begun` until the nth letter's registering was committed."""
    while time.perf_counter() - begun < PATIENCE:
        done = base.execute("SELECT count(*) FROM letters WHERE state NOT IN ('kept', 'reading')").fetchone()[0]
        if done >= nth:
            return time.perf_counter() - begun
        time.sleep(LOOK)
    raise RuntimeError(f"letter {nth} was not settled in {PATIENCE} s")
