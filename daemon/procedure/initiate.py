"""三(一) 立项: the draft of a 通知单, the 批示 that makes it a matter with a number, and 撤销.

「拟办意见呈送校长或分管领导批示后，开始立项督办。立项一般一事一项」
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from daemon.procedure.assignments import new_assignments
from daemon.procedure.rules import Rules
from daemon.procedure.ruling import Case, Decide, Evolve, Facts, Verdict, blank
from daemon.procedure.shapes import Entry, Instruct, Instruction, Matter, Propose, RefNo, Refusal, VoidMatter
from daemon.procedure.workdays import day_of

MOST_SUPPORTING = 5


def warnings(deadline: date, rules: Rules) -> list[str]:
    """What to tell whoever sets this deadline; codes of words.toml. None of them forbids it."""
    calendar = rules.calendar
    told = []
    if not calendar.is_workday(deadline):
        told.append("deadline_rest_day")
    if calendar.silent(deadline):
        told.append("deadline_in_vacation")
    if calendar.provisional(deadline):
        told.append("deadline_provisional")
    return told


def parties_refused(case: Case, lead: str, supporting: tuple[str, ...]) -> Refusal | None:
    """「责任明确」: exactly one 主办, at most five 协办, all of them known and none twice."""
    for unit in (lead, *supporting):
        if unit not in case.rules.units:
            return case.refuse("unknown_unit", unit=unit or "（空）")
    if len(supporting) > MOST_SUPPORTING:
        return case.refuse("too_many_supporting", most=MOST_SUPPORTING)
    if len({lead, *supporting}) <= len(supporting):
        return case.refuse("unit_twice")
    return None


def propose(case: Case, c: Propose) -> Verdict:
    """「及时提出督查督办的拟办意见」

    With the leader's words the 批示 is there and the matter ready; so must be its number and its deadline then.
    """
    for words, code in ((c.title, "title_missing"), (c.requirements, "requirements_missing")):
        if blank(words):
            return case.refuse(code)
    if refusal := parties_refused(case, c.lead, c.supporting):
        return refusal
    if c.instructing_leader is not None and c.instructing_leader not in case.rules.leaders:
        return case.refuse("unknown_leader", leader=c.instructing_leader)
    if c.deadline is not None and c.deadline < case.today:
        return case.refuse("deadline_past", "三（二）", deadline=c.deadline)
    ref = case.matter.ref or c.ref
    if case.matter.phase == "ready" and blank(c.leader_opinion):
        return case.refuse("instruction_missing")
    facts: Facts = {"phase": "proposed", "ref": ref.key if ref else None}
    if not blank(c.leader_opinion):
        return _ready(case, ref, c.deadline)
    return facts


def instruct(case: Case, c: Instruct) -> Verdict:
    """「拟办意见呈送校长或分管领导批示后，开始立项督办」; a later 批示 is kept, word for word."""
    if blank(c.words):
        return case.refuse("instruction_missing")
    if c.leader is not None and c.leader not in case.rules.leaders:
        return case.refuse("unknown_leader", leader=c.leader)
    letter = case.because.letter
    if letter is None and case.matter.phase == "ready":
        return case.refuse("phase_ready")
    if letter is not None and any((one.letter, one.words) == (letter, c.words) for one in case.matter.instructions):
        return None
    leader = case.rules.leaders.get(c.leader or "")
    name: Facts = {"leader": f"{leader.name}{leader.title}" if leader else "校领导"}
    if case.matter.phase != "proposed":
        return name
    facts = _ready(case, case.matter.ref or c.ref, case.matter.deadline)
    return facts | name if isinstance(facts, dict) else facts


def _ready(case: Case, ref: RefNo | None, deadline: date | None) -> Verdict:
    if deadline is None:
        return case.refuse("deadline_missing", "三（二）")
    if deadline < case.today:
        return case.refuse("deadline_past", "三（二）", deadline=deadline)
    if ref is None:
        return case.refuse("number_missing")
    return {"phase": "ready", "ref": ref.key, "warnings": " ".join(warnings(deadline, case.rules))}


def void(case: Case, c: VoidMatter) -> Verdict:
    """「立项一般一事一项」: what should not have been one is void; its number stays in the ledger."""
    return case.refuse("why_missing") if blank(c.why) else {}


def ref_of(entry: Entry) -> RefNo | None:
    """The number among an entry's facts."""
    key = entry.facts.get("ref")
    if not key:
        return None
    year, _, count = str(key).partition("-")
    return RefNo(int(year), int(count))


def proposed(matter: Matter, c: Propose, entry: Entry) -> Matter:
    return replace(
        matter,
        title=c.title,
        source=c.source,
        requirements=c.requirements,
        lead=c.lead,
        supporting=c.supporting,
        phase="ready" if entry.facts.get("phase") == "ready" else "proposed",
        ref=ref_of(entry),
        source_item=c.source_item,
        urgent=c.urgent,
        director_opinion=c.director_opinion,
        leader_opinion=c.leader_opinion,
        instructing_leader=c.instructing_leader,
        deadline=c.deadline,
        assignments=new_assignments(c.lead, c.supporting),
    )


def instructed(matter: Matter, c: Instruct, entry: Entry) -> Matter:
    initiates = entry.facts.get("phase") == "ready"
    one = Instruction(c.words, c.leader, c.on or day_of(entry.at), entry.because.letter, initiates)
    matter = replace(matter, instructions=(*matter.instructions, one))
    if not initiates:
        return matter
    return replace(
        matter,
        phase="ready",
        ref=ref_of(entry),
        leader_opinion=c.words,
        instructing_leader=c.leader or matter.instructing_leader,
    )


def voided(matter: Matter, c: VoidMatter, entry: Entry) -> Matter:
    return replace(matter, phase="void", suspended=False)


DECIDE: dict[type, Decide] = {Propose: propose, Instruct: instruct, VoidMatter: void}
EVOLVE: dict[type, Evolve] = {Propose: proposed, Instruct: instructed, VoidMatter: voided}
