"""The crash test: the daemon killed with SIGKILL at random moments of a busy run, and what the servers counted.

`make crash` kills it a hundred times, tests/real/test_crash.py some. Clerks answer each 交办 mail with 签收, progress
and 办结报告 while it dies and comes back. Then: every mail delivered is in `letters list` once, every answer is
registered once or waits for a person, no mail was accepted by the SMTP server twice, history is whole.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path

from store import ledger, letters, outbox
from store.transaction import Store
from tests.world.daemon import MAILBOX, Daemon, SmtpThread, parsed, reply, until
from tests.world.dovecot import Dovecot
from tests.world.smtp_server import Accepted

WORDS = (
    "收到，这就布置下去。",
    "目前台账已核对一半，其余部分正在核对。",
    "现将办理情况报告如下：台账已全部核对完毕，共核对36项，差错2项已改正，材料已归档。特此报告。",
)
KINDS = ("acknowledged", "progress_reported", "report_received")


@dataclass
class Counted:
    """What came of a run; the counts are the servers' and the clerks', the registered ones the program's."""

    kills: int = 0
    delivered: int = 0
    lost: list[str] = field(default_factory=list)
    registered_twice: list[str] = field(default_factory=list)
    not_registered: list[str] = field(default_factory=list)
    waiting: int = 0
    sent: int = 0
    sent_twice: list[str] = field(default_factory=list)
    never_sent: int = 0
    unsure: int = 0
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def sound(self) -> bool:
        return not (
            self.lost
            or self.registered_twice
            or self.not_registered
            or self.sent_twice
            or self.faults
            or self.never_sent > self.unsure
        )


class Clerks:
    """Answer every 交办 mail in three letters, and put our own blind copies into our mailbox as a server would."""

    def __init__(self, dovecot: Dovecot) -> None:
        self._dovecot = dovecot
        self.delivered: list[str] = []
        self.answered: set[int] = set()  # numbers of the matters whose 交办 mail arrived
        self._lock = threading.Lock()

    def on_mail(self, accepted: Accepted) -> None:
        mail = parsed(accepted.raw)
        if MAILBOX in accepted.recipients:
            self._dovecot.deliver(accepted.raw)
        head = next((to for to in accepted.recipients if ".head@" in to), None)
        notice = any(part.get_content_type() == "application/pdf" for part in mail.walk())
        number = re.search(r"第(\d+)号", str(mail["Subject"]))
        if head is None or not notice or number is None or int(number[1]) in self.answered:
            return
        self.answered.add(int(number[1]))
        for n, words in enumerate(WORDS):
            serial = f"{len(self.delivered)}.{n}.{random.getrandbits(32):x}"
            self._dovecot.deliver(reply(mail, head, words, serial))
            with self._lock:
                self.delivered.append(f"{serial}@mail.lcnu.example")


def run(folder: Path, moments: int, seed: int, matters: int = 30) -> Counted:
    """One busy run with `moments` kills; seconds between kills are drawn so that start, reading and sending are hit."""
    dice = random.Random(seed)
    counted = Counted()
    began = time.monotonic()
    with Dovecot() as dovecot:
        clerks = Clerks(dovecot)
        with SmtpThread(clerks.on_mail) as smtp:
            daemon = Daemon.make(folder / "office", dovecot, smtp.server.port, units=6)
            daemon.matters(matters, (date.today() + timedelta(days=40)).isoformat(), units=6)
            refs = [str(one["ref"]) for one in daemon.told("matters", "list")]
            daemon.start()
            batch = max(1, len(refs) // (moments + 1))
            for kill in range(moments):
                chosen, refs = refs[:batch], refs[batch:]
                if chosen:
                    daemon.duban("dispatch", *chosen, "--now")
                time.sleep(dice.choice((0.05, 0.2, 0.5, 1.0, 2.0)) * dice.random() + (1.0 if kill % 3 else 0.0))
                daemon.kill()
                counted.kills += 1
                daemon.start()
            if refs:
                daemon.duban("dispatch", *refs, "--now")
            until(lambda: _calm(daemon, clerks), 240, "every mail sent or unsure, every letter settled")
            daemon.stop()
            _count(counted, daemon, clerks, smtp.accepted)
    counted.seconds = round(time.monotonic() - began, 1)
    return counted


def _calm(daemon: Daemon, clerks: Clerks) -> bool:
    with _opened(daemon) as store, store.reading() as tx:
        if any(outbox.listing(tx, state=state, limit=1) for state in ("asked", "frozen", "sending")):
            return False
        found = letters.listing(tx, limit=100_000)
    known = {one.message_id for one in found}
    return not any(one.state in ("kept", "reading") for one in found) and set(clerks.delivered) <= known


@contextlib.contextmanager
def _opened(daemon: Daemon) -> Iterator[Store]:
    store = Store.open(f"sqlite:///{daemon.folder / 'duban.db'}", daemon.folder / "blobs")
    try:
        yield store
    finally:
        store.close()


def _count(counted: Counted, daemon: Daemon, clerks: Clerks, accepted: Iterable[Accepted]) -> None:
    listed = daemon.told("letters", "list")
    seen = Counter(str(one["message_id"]).strip("<>") for one in listed)
    counted.delivered = len(clerks.delivered)
    counted.lost = [one for one in clerks.delivered if seen[one] != 1]
    counted.waiting = sum(one["state"] == "waiting" for one in listed)
    mails = Counter((str(parsed(one.raw)["Message-ID"]), to) for one in accepted for to in one.recipients)
    counted.sent = len({message_id for message_id, _ in mails})
    counted.sent_twice = [f"{message_id} {to}" for (message_id, to), n in mails.items() if n > 1]
    rows = daemon.told("outbox", "list")
    counted.unsure = sum(row["state"] == "unsure" for row in rows)
    left = {message_id.strip("<>") for message_id, _ in mails}
    counted.never_sent = sum(row["state"] != "withdrawn" and row["message_id"].strip("<>") not in left for row in rows)
    counted.faults = [str(fault) for fault in daemon.told("verify")[-1]["faults"]]
    _count_entries(counted, daemon, clerks.answered)


def _count_entries(counted: Counted, daemon: Daemon, answered: set[int]) -> None:
    """A unit that got its 交办 mail answered three times: each of the three stands once in its matter's history."""
    with _opened(daemon) as store, store.reading() as tx:
        for matter in ledger.matters(tx):
            kinds = Counter(entry.kind for entry in ledger.history(tx, matter.id))
            for kind in KINDS:
                if kinds[kind] > 1:
                    counted.registered_twice.append(f"{matter.ref} {kind} {kinds[kind]}")
                if kinds[kind] == 0 and matter.ref and matter.ref.number in answered and counted.waiting == 0:
                    counted.not_registered.append(f"{matter.ref} {kind}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        counted = run(Path(folder), given.moments, given.seed)
    print(json.dumps({"seed": given.seed, **asdict(counted), "sound": counted.sound}, ensure_ascii=False))
    return 0 if counted.sound else 1


if __name__ == "__main__":
    sys.exit(main())
