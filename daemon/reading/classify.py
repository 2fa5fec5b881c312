"""What the letter says of one matter (first, plain form)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from daemon.procedure.workdays import Calendar
from daemon.reading.shapes import Finding, Kind


@dataclass(frozen=True, slots=True)
class Context:
    lead: bool = True
    deadline: date | None = None
    base: date | None = None
    calendar: Calendar | None = None
    report_file: bool = False
    form_file: bool = False
    leader: bool = False
    title: str = ""


@dataclass(slots=True)
class Statement:
    kind: Kind
    new_deadline: date | None = None
    deadline_words: str = ""
    arithmetic: str = ""
    reason: str = ""
    report_there: bool = False
    part: bool = False
    findings: list[Finding] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


def classify(text: str, ctx: Context) -> Statement:
    if ctx.leader:
        return Statement("leader_instruction")
    if re.search(r"[?？]|请问|请明确", text):
        return Statement("question")
    if re.search(r"申请.{0,20}(延期|延长|顺延|延至)", text):
        return Statement("extension", doubts=["deadline_unclear"])
    if re.search(r"(已|全部).{0,6}(办结|完成)", text) and not re.search(r"尚未|其中|预计", text):
        return Statement("closure", report_there=ctx.report_file or len(text) > 40)
    if re.search(r"收到|收悉|签收", text):
        return Statement("receipt")
    if not text.strip():
        return Statement("irrelevant")
    return Statement("progress")
