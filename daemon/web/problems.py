"""What is wrong with a form, field by field, and a Refusal of the law in the words of the page."""

from __future__ import annotations

from dataclasses import dataclass

from daemon.procedure import words
from daemon.procedure.shapes import Refusal


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to change; `field` is the id of the field, '' for the whole form."""

    field: str
    words: str


@dataclass(frozen=True, slots=True)
class No:
    """A refusal as it is shown: what cannot be done, why, by which article, and what can be done."""

    title: str
    words: str
    article: str = ""
    way_out: str = ""


def refused(act: str, refusal: Refusal) -> No:
    """`不能办结：协办单位尚无意见。依据《办法》三（五）。` The act is verb and object."""
    return No(f"不能{act}", words.say(refusal.code, **refusal.facts), refusal.article, words.way_out(refusal.code))
