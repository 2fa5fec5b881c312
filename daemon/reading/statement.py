"""A letter's words on one matter, taken apart, and the statement that is made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from daemon.reading.acts import Acts, Context
from daemon.reading.clauses import Clause, Parsed
from daemon.reading.moments import Base, When
from daemon.reading.shapes import Finding, Kind


@dataclass(slots=True)
class Case:
    """One letter's words on one matter, taken apart: what both opinions look at.

    `whens`: every expression of time; none where `base`, from which they count, is not known.
    """

    text: str
    parsed: Parsed
    acts: Acts
    base: Base | None
    whens: list[When]
    ctx: Context


@dataclass(slots=True)
class Statement:
    """What is said of one matter, and the clauses that say so."""

    kind: Kind
    new_deadline: date | None = None
    deadline_words: str = ""
    arithmetic: str = ""
    reason: str = ""
    report_there: bool = False
    part: bool = False
    findings: list[Finding] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def stated(kind: Kind, rule: str, clauses: list[Clause], **more: object) -> Statement:
    made = Statement(kind, **more)  # type: ignore[arg-type]
    for clause in clauses[:3]:
        made.findings.append(Finding(f"classify.{rule}", kind, clause.raw[:120], "body", clause.start))
    return made
