"""Ids and tokens: their shape, and that only the seeded ones repeat."""

from __future__ import annotations

import re

from daemon.edges.dice import RealDice, SeededDice


def test_shapes() -> None:
    for dice in (RealDice(), SeededDice(1)):
        assert re.fullmatch(r"[a-z0-9]{16}", dice.new_id())
        assert re.fullmatch(r"[a-z0-9]{20,}", dice.new_token())  # 96 bits take 20 of 30 letters
        assert len({dice.new_token() for _ in range(1000)}) == 1000


def test_a_seed_repeats_and_real_dice_do_not() -> None:
    def throw(dice: RealDice | SeededDice) -> list[str]:
        return [dice.new_id(), dice.new_token(), dice.new_id()]

    assert throw(SeededDice(7)) == throw(SeededDice(7))
    assert throw(SeededDice(7)) != throw(SeededDice(8))
    assert throw(RealDice()) != throw(RealDice())
