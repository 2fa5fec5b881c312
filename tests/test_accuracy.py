"""How well mails are read must not fall below the figures of tests/accuracy.json."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
from types import ModuleType

import pytest

from tests import accuracy
from tests.sets.generate import Made, all_sets
from tests.sets.score import FIELDS, compare, false_registration

SETS = all_sets()


def held(corpus: accuracy.Corpus) -> None:
    before = accuracy.recorded()
    assert corpus.name in before, f'make accuracy ARGS="{corpus.name} --record"'
    score = accuracy.measured(corpus)
    assert not accuracy.worse(score.told(), before[corpus.name]), "\n".join(score.lines())


@pytest.mark.parametrize("made", SETS, ids=[made.name for made in SETS])
def test_a_set_is_read_as_well_as_recorded(made: Made) -> None:
    held(accuracy.corpus_of(made))


def needed() -> None:
    if not accuracy.SAMPLES.is_dir():
        assert not os.environ.get("CI"), "CI has no samples to read"
        pytest.skip(f"no samples at {accuracy.SAMPLES}")


@pytest.mark.shared
def test_the_samples_are_read_as_well_as_recorded() -> None:
    needed()
    held(accuracy.samples())


@pytest.mark.shared
def test_our_scorer_judges_as_the_samples_own() -> None:
    """Field by field, the same mails are right; nothing is registered falsely for one and not for the other."""
    needed()
    corpus = accuracy.samples()
    got = {each["file"]: each for each in asyncio.run(accuracy.answers(corpus))}
    broken = {
        name: {**one, "readings": [{"ref": "2026-1", "kind": "closure", "new_deadline": None}], "body": "x"}
        for name, one in got.items()
    }
    theirs = samples_scorer()
    for answers in (got, broken):
        for want in corpus.wanted:
            one = answers[want["file"]]
            for name, value in FIELDS.items():
                assert (value(one) == value(want)) == (theirs.FIELDS[name](one) == theirs.FIELDS[name](want)), name
            assert false_registration(one, want) == theirs.false_registration(one, want)


def samples_scorer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("samples_score", accuracy.SAMPLES / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_figure_that_fell_is_named() -> None:
    wanted = SETS[0].expected()
    full = compare(wanted, wanted).told()
    one_wrong = compare([{**wanted[0], "unit": "nobody"}, *wanted[1:]], wanted).told()
    assert [each.split()[0] for each in accuracy.worse(one_wrong, full)] == ["unit", "all"]
    assert not accuracy.worse(full, one_wrong)
    assert accuracy.worse({**full, "false_registrations": 1}, full) == ["false_registrations 1, recorded 0"]


def test_the_recorded_figures_are_of_what_is_there() -> None:
    names = {made.name for made in SETS} | {"samples"}
    assert set(json.loads(accuracy.RECORDED.read_text(encoding="utf-8"))) == names
