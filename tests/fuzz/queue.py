"""The second half of fuzzing: hostile mails in the mailbox of a whole office, and every one of them in its list."""

from __future__ import annotations

import random
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from daemon.procedure.workdays import SHANGHAI
from tests.fuzz import hostile
from tests.fuzz.mutate import mutated
from tests.world.office import Office

#: How a letter may end: before a person, in the list of what needs nobody, or in a matter's history.
ENDED = {"waiting", "ignored", "registered", "copy"}
ANSWERS = (
    "收到，这就布置下去。",
    "目前台账已核对一半，其余部分正在核对。",
    "现将办理情况报告如下：台账已全部核对完毕，差错2项已改正，材料已归档。特此报告。",
    "因设备未到货，申请延期至2026年12月30日。",
)


@dataclass
class Queued:
    delivered: int = 0
    states: Counter[str] = field(default_factory=Counter)
    why: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    alive: bool = False
    seconds: float = 0.0


def run(count: int, seed: int, *, runs: int = 20_000, big: bool = False) -> Queued:
    """Delivers `count` hostile mails among broken answers to a mail of ours, then one good answer."""
    told, begun = Queued(), time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        office = Office.open(Path(folder))
        try:
            office.matter("供热管网检修", "2026-11-23")
            for raw in _mails(office, count, seed, runs, big):
                office.mailbox.put(raw)
                told.delivered += 1
            _live(office)
            office.answer("收到，马上安排。", office.mails("dispatch")[0], "hq.liaison@lcnu.example")
            told.delivered += 1
            _live(office)
            _count(told, office)
        finally:
            office.close()
    told.seconds = round(time.perf_counter() - begun, 1)
    return told


def _mails(office: Office, count: int, seed: int, runs: int, big: bool) -> Iterator[bytes]:
    """No two with the same bytes: a mail that is there already is kept once, as it should."""
    dice = random.Random(seed)
    notice = office.mails("dispatch")[0]
    sound = []
    for n, words in enumerate(ANSWERS * 2):
        files = (("办结报告.pdf", "application/pdf", b"%PDF-1.4 broken"),) if n % 2 else ()
        sound.append(office.answer(words, notice, "hq.liaison@lcnu.example", attachments=files))
    office.mailbox.boxes["INBOX"].mails.clear()
    bad = [each for each in hostile.every(runs) if big or not each.big]
    for number in range(count):
        raw = dice.choice(bad).make() if number % 3 == 0 else mutated(sound, dice)
        yield b"X-Number: %d\r\n" % number + re.sub(rb"(?i)message-id:[^\n]*\n", b"", raw, count=1)


def _live(office: Office) -> None:
    office.world.wake.call("watch")
    until = office.clock.now().astimezone(SHANGHAI) + timedelta(minutes=3)
    office.live(until.replace(tzinfo=None).isoformat(sep=" "))


def _count(told: Queued, office: Office) -> None:
    rows = office.letters()
    told.states.update(row.state for row in rows)
    told.why.update(why for row in rows for why in row.why)
    told.lost = [f"letter {row.id} is {row.state}" for row in rows if row.state not in ENDED]
    if len(rows) != told.delivered:
        told.lost.append(f"{len(rows)} letters of {told.delivered} delivered")
    told.alive = bool(rows) and max(rows, key=lambda row: row.id).state == "registered"
