"""Every set is what it says it is: the same bytes each time, expectations that fit its world."""

from __future__ import annotations

import hashlib

import pytest

from tests.sets.generate import Made, all_sets, mail
from tests.sets.score import compare

KINDS = {
    "receipt",
    "progress",
    "closure",
    "extension",
    "question",
    "not_ours",
    "leader_instruction",
    "auto_reply",
    "bounce",
    "read_receipt",
    "irrelevant",
}
SETS = all_sets()
of_each_set = pytest.mark.parametrize("made", SETS, ids=[made.name for made in SETS])


def test_there_are_enough_mails_of_every_kind() -> None:
    wanted = [each for made in SETS for each in made.expected()]
    assert len(wanted) >= 150
    assert {r["kind"] for each in wanted for r in each["readings"]} == KINDS


@of_each_set
def test_no_two_mails_of_a_set_have_one_name(made: Made) -> None:
    names = [each["file"] for each in made.expected()]
    assert len(set(names)) == len(names)


@of_each_set
def test_the_bytes_are_the_same_each_time(made: Made) -> None:
    first = [hashlib.sha256(mail(made.world, case)).digest() for case in made.cases()]
    assert first == [hashlib.sha256(raw).digest() for _, raw in made.mails()]


@of_each_set
def test_expectations_name_kinds_matters_and_units_of_this_world(made: Made) -> None:
    for want in made.expected():
        for reading in want["readings"]:
            assert reading["kind"] in KINDS, want["file"]
            if reading.get("ref"):
                assert reading["ref"].partition("-")[2] in made.world.matters, want["file"]
        assert want["unit"] is None or want["unit"] in made.world.units, want["file"]
        assert want["decision"] != "register" or want["trusted"], want["file"]


@of_each_set
def test_the_notices_in_the_world_are_those_that_the_generator_attaches(made: Made) -> None:
    for path, data in made.world.notices():
        assert path.read_bytes() == data, f"python -m tests.sets {made.name} --notices"


def test_the_scorer_sees_a_wrong_kind_and_a_false_registration() -> None:
    wanted = SETS[0].expected()
    assert not compare(wanted, wanted).misses
    queued = next(w for w in wanted if w["decision"] == "queue" and w["readings"][0]["kind"] == "closure")
    wrong = [{**w, "decision": "register"} if w is queued else w for w in wanted]
    assert compare(wrong, wanted).false == [queued["file"]]
