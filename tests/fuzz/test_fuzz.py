"""A short form of `make fuzz`: no mail makes the reader raise or hang, none is lost in an office."""

from __future__ import annotations

import random

import pytest

from tests.fuzz import hostile, queue, reading
from tests.fuzz.__main__ import faults, grown
from tests.fuzz.mutate import MUTATIONS


@pytest.mark.slow
def test_some_hundred_mails_are_read_and_some_more_queued() -> None:
    told = reading.read_all(450, 5, runs=4_000, big=False)
    queued = queue.run(60, 5, runs=2_000)
    assert told.mails == 450
    assert not faults(told, queued)


def test_what_must_not_be_is_seen() -> None:
    told, queued = reading.Told(mails=2), queue.Queued(lost=["letter 7 is kept"])
    told.raised.append(("one", "ValueError"))
    told.timed(11.0, 0.0, "two")
    told.memory += [(n, 100.0 + (n > 5) * 90) for n in range(9)]
    assert [fault.split()[0] for fault in faults(told, queued)] == ["one", "two", "memory", "letter", "the"]
    assert grown([(0, 50.0), (1, 400.0)]) == 0.0


def test_the_clock_breaks_a_pattern_off() -> None:
    import re

    with pytest.raises(reading.Hung), reading.clock(0.2):
        re.match(r"(?:a+)+$", "a" * 60 + "b")


def test_every_mutation_changes_some_mail() -> None:
    mails = [raw for source in reading.sources() for raw in source.mails][:60]
    for mutation in MUTATIONS:
        dice = random.Random(1)
        assert any(mutation(raw, dice, mails) != raw for raw in mails), mutation.__name__


def test_no_two_hostile_mails_have_one_name() -> None:
    names = [each.name for each in hostile.every()]
    assert len(set(names)) == len(names) > 400
