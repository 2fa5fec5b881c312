"""The first half of fuzzing: every mail through decode, opening, reading and conclusion, under a clock."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import random
import re
import signal
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from daemon.attachments.openers import Openers
from daemon.reading.conclude import conclude
from daemon.reading.decode import decode, peek
from daemon.reading.read import explain, read
from daemon.reading.shapes import Known
from store import codec
from tests.accuracy import SAMPLES, arrival, samples
from tests.fuzz import hostile
from tests.fuzz.mutate import invented_words, made_up, mutated
from tests.sets.generate import all_sets
from tests.sets.known import load_known

#: A mail that takes longer hangs; one that takes six times as long is broken off.
HANG = 10.0
ARRIVED = datetime(2026, 11, 24, 2, tzinfo=UTC)
SLOWEST = 10


class Hung(Exception):
    """The clock broke a mail off."""


@dataclass(frozen=True)
class Source:
    """Mails of one school to begin with, and the school."""

    known: Known
    mails: Sequence[bytes]


@dataclass
class Told:
    """What came of a run. Times in seconds, memory in MB."""

    mails: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    files: Counter[str] = field(default_factory=Counter)
    slowest: list[tuple[float, float, str]] = field(default_factory=list)  # whole, of it opening files, name
    over_a_second: int = 0
    raised: list[tuple[str, str]] = field(default_factory=list)
    hung: list[str] = field(default_factory=list)
    memory: list[tuple[int, float]] = field(default_factory=list)
    seconds: float = 0.0

    def timed(self, whole: float, opening: float, name: str) -> None:
        self.slowest = sorted([*self.slowest, (round(whole, 2), round(opening, 2), name)], reverse=True)[:SLOWEST]
        self.over_a_second += whole > 1
        if whole > HANG:
            self.hung.append(name)


def sources() -> list[Source]:
    """The sets, and the samples where they are."""
    found = [Source(load_known(made.world.folder), [raw for _, raw in made.mails()]) for made in all_sets()]
    if SAMPLES.is_dir():
        given = samples()
        found.append(Source(load_known(given.world), [raw for _, raw in given.mails()]))
    return found


def stream(count: int, seed: int, runs: int, big: bool) -> Iterator[tuple[str, str, bytes, Source]]:
    """`count` mails as (kind, name, bytes, their school): the hostile ones spread among mutated and random ones."""
    dice = random.Random(seed)
    schools = sources()
    words = invented_words([case["body"] for made in all_sets() for case in made.cases() if "body" in case])
    bad = [each for each in hostile.every(runs) if big or not each.big]
    dice.shuffle(bad)
    every = max(3, count // max(1, len(bad)))  # of a short run a third; seeds take turns with the rest
    for number in range(count):
        school = dice.choice(schools)
        if number % every == 0 and bad:
            one = bad.pop()
            yield "hostile", one.name, one.make(), schools[0]
        elif (drawn := dice.random()) < 0.04:
            yield "hostile", f"mixture {seed}.{number}", hostile.mixture(dice), schools[0]
        elif drawn < 0.12:
            yield "random", f"random {seed}.{number}", made_up(dice, words), school
        else:
            yield "mutated", f"mutated {seed}.{number}", mutated(school.mails, dice), school


@contextlib.contextmanager
def clock(seconds: float) -> Iterator[None]:
    """Raises Hung in the middle of the work when the time is over, inside a pattern too."""

    def over(*_: Any) -> None:
        raise Hung

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


async def one(raw: bytes, source: Source, openers: Openers, told: Told) -> float:
    """One mail as the read loop takes it, and what a store would keep of it. Returns the seconds of opening files."""
    try:
        arrived = arrival(raw)
    except (ValueError, OverflowError):
        arrived = ARRIVED
    peek(raw)
    letter = decode(raw, arrived)
    begun = time.perf_counter()
    opened = await openers.open_parts(letter.parts) if letter.parts else ()
    opening = time.perf_counter() - begun
    for part in opened:
        told.files[part.error or "read"] += 1
    reading = read(letter, opened, source.known)
    concluded = conclude(reading, letter, opened, source.known, arrived)
    kept = [codec.dump(reading), *map(repr, concluded.commands), *explain(reading), letter.subject, letter.message_id]
    for text in (*kept, *(part.name for part in letter.parts)):
        text.encode("utf-8")
        if "\0" in text or "\\u0000" in text:
            raise ValueError("a NUL would be kept")
    told.ended[concluded.decision] += 1
    return opening


def memory() -> float:
    """Resident memory of this process now, MB."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return round(int(found[1]) / 1024, 1) if found else 0.0


async def run(
    mails: Iterator[tuple[str, str, bytes, Source]], told: Told, keep: Path | None, every: int = 2000
) -> None:
    """All of them, one after another; what raises or hangs is kept as bytes in `keep`."""
    openers = Openers(workers=2)
    begun = time.perf_counter()
    try:
        for kind, name, raw, source in mails:
            if told.mails % every == 0:
                gc.collect()
                told.memory.append((told.mails, memory()))
            told.mails += 1
            told.kinds[kind] += 1
            await _guarded(name, raw, source, openers, told, keep)
    finally:
        await openers.close()
    gc.collect()
    told.memory.append((told.mails, memory()))
    told.seconds = round(time.perf_counter() - begun, 1)


async def _guarded(name: str, raw: bytes, source: Source, openers: Openers, told: Told, keep: Path | None) -> None:
    begun, opening = time.perf_counter(), 0.0
    try:
        with clock(6 * HANG):
            opening = await one(raw, source, openers, told)
    except Hung:
        told.raised.append((name, "broken off\n" + traceback.format_exc(limit=-6)))
    except Exception:  # noqa: BLE001 - whatever a mail makes our code raise is what is looked for
        told.raised.append((name, traceback.format_exc(limit=-6)))
    took = time.perf_counter() - begun
    told.timed(took, opening, name)
    if keep is not None and (took > 2 or (told.raised and told.raised[-1][0] == name)) and len(raw) < 5_000_000:
        (keep / (re.sub(r"\W+", "-", name)[:80] + ".eml")).write_bytes(raw)


def read_all(count: int, seed: int, *, runs: int = 200_000, big: bool = True, keep: Path | None = None) -> Told:
    told = Told()
    asyncio.run(run(stream(count, seed, runs, big), told, keep))
    return told
