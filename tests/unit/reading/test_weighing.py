"""The second opinion: how signs add up, and what no weight of words may do."""

from __future__ import annotations

import math
from datetime import date
from unittest import mock

import pytest

from daemon.reading import classify as classifying
from daemon.reading.acts import Context
from daemon.reading.weighing import Weighed, Weights, weights

TABLE = Weights(
    ("receipt", "closure"), (0, 0), {"收到": (300, 0), "收": (100, 0), "已阅": (300, 0), "#done:whole": (0, 400)}
)
AROUND = Context(base=date(2026, 11, 10), deadline=date(2026, 11, 20), title="供热管网检修")


def said_by_weight(words: str, weighed: Weighed) -> classifying.Statement:
    table = mock.Mock(weigh=mock.Mock(return_value=weighed))
    with mock.patch.object(classifying, "weights", return_value=table):
        return classifying.classify(words, AROUND)


def test_weights_add_up_whatever_the_length() -> None:
    got = TABLE.weigh({"收到", "#done:whole", "nothing that is known"})
    difference = (4.0 - 3.0) / math.sqrt(2)
    assert got.kind == "closure"
    assert got.likely == pytest.approx(1 / (1 + math.exp(-difference)))


def test_what_told_most_is_named_in_one_order() -> None:
    assert (
        TABLE.weigh(["收到", "已阅", "收"]).telling == TABLE.weigh(["已阅", "收", "收到"]).telling == ("已阅", "收到")
    )


def test_nothing_known_is_nothing_sure() -> None:
    assert TABLE.weigh(()).likely == 0.5


def test_the_shipped_table_weighs_every_kind_that_words_can_tell() -> None:
    assert set(weights().kinds) == {
        "receipt", "progress", "closure", "extension", "question", "not_ours", "irrelevant"
    }  # fmt: skip
    assert all(len(row) == len(weights().kinds) for row in weights().of.values())


def test_no_weight_closes_what_is_said_to_be_open() -> None:
    got = said_by_weight("换了四台，剩下两台还没装。", Weighed("closure", 0.999, ("换了",)))
    assert (got.kind, "two_opinions" in got.doubts) == ("closure", True)


def test_no_weight_ignores_an_answer_that_is_not_plain() -> None:
    got = said_by_weight("换了四台，剩下两台还没装。", Weighed("irrelevant", 0.8, ("换了",)))
    assert (got.kind, "two_opinions" in got.doubts) == ("progress", True)


def test_where_both_agree_the_rules_speak() -> None:
    got = said_by_weight("收到。", Weighed("receipt", 0.9, ("收到",)))
    assert (got.kind, got.doubts, got.findings[0].rule) == ("receipt", [], "classify.receipt")
