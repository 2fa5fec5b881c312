"""How all words of a letter weigh together: a second opinion on its kind beside the rules, learnt from sayings.

The rules say what one construction means; no list of them is ever complete. Here every sign of a letter (runs of one to
four characters of its clauses, the acts and files that the rules found, times before and after the deadline) has a
weight for each kind, kept as a table in weights.tsv that `make weights` makes from tests/sayings and the sets of mails.
A kind is likely as the softmax of the sums of its weights (multinomial logistic regression).
"""

from __future__ import annotations

import dataclasses
import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from daemon.reading.acts import Context
from daemon.reading.clauses import Clause
from daemon.reading.moments import When
from daemon.reading.shapes import Kind
from daemon.reading.statement import Case

#: The longest run of characters that is a sign.
LONGEST = 4
#: What a weight of 1 is in the table.
UNIT = 100
_FILES = ("report_file", "progress_file", "extension_file", "form_file", "form_filled", "other_file")
_RUNS = tuple((re.compile(rf"{mark}+"), mark) for mark in "〓＂※")


@dataclass(frozen=True, slots=True)
class Weighed:
    """The likeliest kind, how likely it is (0 to 1), and the clauses' words that spoke most for it."""

    kind: Kind
    likely: float
    telling: tuple[str, ...]


def signs(case: Case, by_rules: Kind | None) -> set[str]:
    """All signs of a letter. `by_rules`: the kind that the rules found, None where they must not be asked."""
    acts, ctx, clauses = case.acts, case.ctx, case.parsed.clauses
    found: set[str] = set()
    for clause in clauses:
        found |= _runs(clause)
        if clause.done:
            found.add(f"#done:{clause.done}")
        if clause.conditional:
            found.add("#if")
        if "？" in clause.mark or "?" in clause.mark:
            found.add("#asks")
    found |= {f"#act:{each.name}" for each in dataclasses.fields(acts) if getattr(acts, each.name)}
    found |= {f"#{name}" for name in _FILES if getattr(ctx, name)}
    found |= {f"#when:{_place(when, ctx)}" for when in case.whens}
    length = sum(len(clause.text) for clause in clauses)
    found.add(f"#length:{sum(length >= step for step in (12, 30, 80))}")
    if not ctx.lead:
        found.add("#supporting")
    if by_rules is not None:
        found.add(f"#rules:{by_rules}")
    return found


def _runs(clause: Clause) -> set[str]:
    text = f"^{_flat(clause.text)}$"
    return {text[at : at + size] for size in range(1, LONGEST + 1) for at in range(len(text) - size + 1)}


def _flat(text: str) -> str:
    """As one sees it: no blanks, each number a 0, each mark for a title or quotation once."""
    text = re.sub(r"\d+", "0", re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)))
    for run, mark in _RUNS:
        text = run.sub(mark, text)
    return text


def _place(when: When, ctx: Context) -> str:
    """Where a time lies: before the letter, between it and the deadline, after the deadline, or nowhere exactly."""
    if when.day is None or ctx.base is None:
        return "vague"
    if ctx.deadline is not None and when.day > ctx.deadline:
        return "after"
    return "ahead" if when.day > ctx.base else "past"


@dataclass(frozen=True, slots=True)
class Weights:
    """The table: for each sign its weight for each of the kinds. `bias`: where nothing is known."""

    kinds: tuple[Kind, ...]
    bias: tuple[int, ...]
    of: dict[str, tuple[int, ...]]

    def weigh(self, found: Iterable[str]) -> Weighed:
        known = [(sign, self.of[sign]) for sign in found if sign in self.of]
        # Long letters have more signs, and speak no louder for it.
        scale = 1 / (UNIT * math.sqrt(len(known) or 1))
        sums = [bias / UNIT + scale * sum(weights[n] for _, weights in known) for n, bias in enumerate(self.bias)]
        highest = max(sums)
        shares = [math.exp(each - highest) for each in sums]
        best = shares.index(max(shares))
        words = (sign for sign, _ in known if sign[0] != "#" and len(sign) > 1)
        # By the word where the weights are the same: one letter is always explained by the same words.
        spoken = sorted(words, key=lambda word: (-self.of[word][best], word))
        return Weighed(self.kinds[best], shares[best] / sum(shares), tuple(spoken[:5]))


@cache
def weights() -> Weights:
    """The table as shipped, read when the first letter is."""
    lines = (resources.files("daemon.reading") / "weights.tsv").read_text(encoding="utf-8").splitlines()
    head, bias, *rows = (line.split("\t") for line in lines if not line.startswith("# "))
    kinds = tuple(head[1:])
    return Weights(kinds, tuple(map(int, bias[1:])), {row[0]: tuple(map(int, row[1:])) for row in rows})  # type: ignore[arg-type]
