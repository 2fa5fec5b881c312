"""No pattern of the reader is slow on what is written again and again: each is tried on every run of hostile.RUNS."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import daemon.reading
from tests.fuzz.hostile import RUNS
from tests.fuzz.reading import Hung, clock

ROOM = Path(daemon.reading.__file__).parent
#: Characters: as long as a clause may be. A pattern that costs more than the square of it takes seconds.
LONG = 400
MOST_SECONDS = 0.8


def of_modules() -> Iterator[tuple[str, re.Pattern[str]]]:
    for module in pkgutil.iter_modules([str(ROOM)]):
        for name, value in vars(importlib.import_module(f"daemon.reading.{module.name}")).items():
            found = value.items() if isinstance(value, dict) else [("", value)]
            for key, pattern in found:
                if isinstance(pattern, re.Pattern) and isinstance(pattern.pattern, str):
                    yield f"{module.name}.{name}{key}", pattern


def of_the_lexicon() -> Iterator[tuple[str, re.Pattern[str]]]:
    tables = tomllib.loads((ROOM / "lexicon.toml").read_text(encoding="utf-8"))
    for name, table in tables.items():
        for word in table["words"]:
            yield f"{name} {word}", re.compile(word, re.I)


def written_in_place() -> Iterator[tuple[str, re.Pattern[str]]]:
    """What is handed to re.search and `has` as text, with some that are no patterns at all."""
    for file in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(r"[*+}]", node.value):
                try:
                    yield f"{file.name}:{node.lineno}", re.compile(node.value, re.I)
                except re.error:
                    continue  # a sentence, or a piece of a pattern


TEXTS = [
    text[:LONG]
    for run in RUNS.values()
    for text in (run * LONG, "因设备未到货，" + run * LONG, (run * LONG)[: LONG - 1] + "〓")
]


@pytest.mark.slow
@pytest.mark.parametrize("patterns", [of_modules, of_the_lexicon, written_in_place], ids=lambda each: each.__name__)
def test_no_pattern_is_slow_on_runs(patterns: object) -> None:
    slow = []
    for name, pattern in {p.pattern: (n, p) for n, p in patterns()}.values():  # type: ignore[operator]
        for text in TEXTS:
            begun = time.process_time()
            try:
                with clock(5):
                    pattern.search(text)
            except Hung:
                slow.append(f"{name} on {text[:20]!r}: over 5 s")
                break
            if time.process_time() - begun > MOST_SECONDS:
                slow.append(f"{name} on {text[:20]!r}")
                break
    assert not slow
