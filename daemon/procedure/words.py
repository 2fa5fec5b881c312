"""The Chinese words for codes: refusals with their way out, doubts, holds, phases, kinds, lamps, stages, roles."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

#: Sections whose codes `say` knows; no code stands in two of them.
SAYABLE = ("refusals", "warnings", "doubts", "holds", "lamps", "reasons")


@cache
def tables() -> Mapping[str, Mapping[str, str | dict[str, str]]]:
    """words.toml as it stands: section, code, words (refusals: words and way_out)."""
    text = (resources.files("daemon") / "words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def say(code: str, **facts: object) -> str:
    """The words of a code, its {facts} filled in. Raises KeyError for a code without words."""
    for section in SAYABLE:
        if code in tables()[section]:
            words = tables()[section][code]
            return (words if isinstance(words, str) else words["words"]).format_map(facts)
    raise KeyError(f"no words for {code!r} in words.toml")


def way_out(code: str) -> str:
    """What may be done instead of what was refused."""
    refusal = tables()["refusals"][code]
    return refusal if isinstance(refusal, str) else refusal["way_out"]


def name(section: str, code: str) -> str:
    """The name of a phase, kind, stage, role, mail or article; the code itself where there is none."""
    found = tables()[section].get(code, code)
    return found if isinstance(found, str) else code
