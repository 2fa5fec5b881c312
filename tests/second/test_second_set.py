"""The second set is what it says it is: enough mails, the same bytes each time, expectations that fit its world."""

from __future__ import annotations

import hashlib

from tests.second import world
from tests.second.generate import cases, expected, mail
from tests.second.score import compare

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


def test_there_are_enough_mails_of_every_kind() -> None:
    wanted = [expected(case) for case in cases()]
    assert len(wanted) >= 150
    assert len({each["file"] for each in wanted}) == len(wanted)
    assert {r["kind"] for each in wanted for r in each["readings"]} == KINDS


def test_the_bytes_are_the_same_each_time() -> None:
    first = [hashlib.sha256(mail(case)).digest() for case in cases()]
    assert first == [hashlib.sha256(mail(case)).digest() for case in cases()]


def test_expectations_name_matters_and_units_of_this_world() -> None:
    for case in cases():
        want = expected(case)
        for reading in want["readings"]:
            if reading.get("ref"):
                assert reading["ref"].removeprefix("2026-") in world.matters(), case["name"]
        assert want["unit"] is None or want["unit"] in world.units(), case["name"]
        assert want["decision"] != "register" or want["trusted"], case["name"]


def test_the_notices_in_the_world_are_those_that_the_generator_attaches() -> None:
    for number in world.matters():
        assert (world.WORLD / "notices" / f"2026-{number}.pdf").read_bytes() == world.notice(number)


def test_the_scorer_sees_a_wrong_kind_and_a_false_registration() -> None:
    wanted = [expected(case) for case in cases()]
    assert not compare(wanted, wanted).misses
    queued = next(w for w in wanted if w["decision"] == "queue" and w["readings"][0]["kind"] == "closure")
    wrong = [{**w, "decision": "register"} if w is queued else w for w in wanted]
    assert compare(wrong, wanted).false == [queued["file"]]
