"""延期 by the rules: whether more time is asked for or needed, until which day, and for what reasons."""

from __future__ import annotations

import re
from datetime import timedelta

from daemon.reading import lexicon as lx
from daemon.reading.clauses import Clause, Parsed
from daemon.reading.deadline import Deadline, length_in_days, new_deadline, promised, requested
from daemon.reading.moments import Base, When
from daemon.reading.reasons import reasons
from daemon.reading.shapes import Finding
from daemon.reading.statement import Case, Statement, stated


def told_by_time(case: Case) -> None:
    """Adds the acts of delay that no word tells, but a time in its place: 还需20天, 申请12月4日再报, 待开春后实施."""
    if case.base is not None:
        _more_time(case, case.base)
        _asked_time(case, case.base)
        _put_off(case, case.base)


def extension(case: Case) -> Statement | None:
    """An extension by the rules: asked for, or finishing promised for a day too late, or inability with its reason."""
    acts, ctx = case.acts, case.ctx
    late = _late_promise(case)
    asked = bool(acts.delay) or bool(acts.inability) or ctx.extension_file
    if not asked and late is None:
        return None
    if (acts.whole or acts.report) and not acts.delay and not acts.remainder:
        return None
    if acts.decline and not acts.delay:
        return None
    if not acts.delay and not late and not ctx.extension_file:
        # Inability alone is a candidate: it needs a reason or a day.
        found = _new_deadline(case)
        if not reasons(acts, case.parsed, ctx.title) and found.day is None and not found.words:
            return None
    return asked_for(case, acts.delay or acts.inability, "delay" if acts.delay else "inability")


def _new_deadline(case: Case) -> Deadline:
    return new_deadline(case.text, case.base, case.whens) if case.base else Deadline(None)


def asked_for(case: Case, clauses: list[Clause], rule: str) -> Statement:
    """The statement of an extension: its new day, how it was computed, and its reasons."""
    acts, ctx = case.acts, case.ctx
    late, found = _late_promise(case), _new_deadline(case)
    if found.day is None and not found.words and late is not None:
        found = Deadline(late.day if late.exact else None, late.words, late.arithmetic, start=late.start)
    made = stated("extension", rule, clauses)
    if late is not None and not made.findings:
        made.findings.append(Finding("classify.late_promise", "extension", late.words, "body", late.start))
    made.new_deadline, made.deadline_words, made.arithmetic = found.day, found.words, found.arithmetic
    made.reason = "；".join(c.raw for c in reasons(acts, case.parsed, ctx.title, found.start))[:200]
    if not made.reason and ctx.extension_file:
        made.reason = "见附件"
    if made.reason:
        made.findings.append(Finding("classify.reason", "extension", made.reason[:120], "body"))
    if found.words:
        made.findings.append(Finding("classify.deadline", str(found.day or ""), found.words, "body"))
    if found.several:
        made.doubts.append("several_dates")
    if found.day is not None and ctx.deadline is not None and found.day <= ctx.deadline:
        made.doubts.append("unclear")
    return made


def _more_time(case: Case, base: Base) -> None:
    """还需20天, 再要两周: more time is asked for, if it leads beyond the deadline."""
    acts = case.acts
    for when in case.whens:
        if when.anchor != "unsure":
            continue
        clause = _clause_at(case.parsed, when.start)
        later = length_in_days(when.words)
        if clause is None or clause.conditional or clause in acts.delay or clause in acts.no_delay:
            continue
        if base.deadline is None or later is None or base.mail + timedelta(days=later) > base.deadline:
            acts.delay.append(clause)


_ASKS_LEAVE = re.compile(
    r"申请|请求(?!贵|您|学校)|(?:请|望|盼|能否|可否|恳)[^，。；]{0,3}(?:允许|准许|准予|准|容|同意|批准)|容我|拟请"
)
_LATER = re.compile(r"再|才|方|后|结束")


def _asked_time(case: Case, base: Base) -> None:
    """申请12月4日再报, 请允许考试结束后反馈: more time is asked for without a word for it."""
    text, acts = case.text, case.acts
    for when in requested(text, base, case.whens):
        clause = _clause_at(case.parsed, when.start)
        if clause is None or clause.conditional or clause in acts.delay or clause in acts.no_delay:
            continue
        if when.anchor == "deadline":  # 期限加两个礼拜
            acts.delay.append(clause)
            continue
        before, after = text[clause.start : when.start], text[when.end : when.end + 6]
        if not _ASKS_LEAVE.search(before) or re.search(r"贵|督[察查]科|您|学校", before[-6:]):
            continue
        beyond = when.day > base.deadline if when.day and base.deadline else _LATER.search(when.words + after)
        if beyond:
            acts.delay.append(clause)


def _clause_at(parsed: Parsed, at: int) -> Clause | None:
    return next((c for c in reversed(parsed.clauses) if c.start <= at), None)


def _put_off(case: Case, base: Base) -> None:
    """天冷无法施工，待开春后实施: it cannot be done now, and is put off to a time after."""
    acts = case.acts
    if acts.delay or acts.inability or acts.whole:
        return
    unable = [c for c in case.parsed.clauses if c.has(lx.INABILITY) and not c.conditional and c not in acts.question]
    if not unable:
        return
    waits = r"(?:待|等|要到|得到?|只能|放在|恐怕|估计|最快|最早|争取)[^，。；]{0,8}$"
    for when in case.whens:
        clause = _clause_at(case.parsed, when.start)
        if clause is None or clause.conditional:
            continue
        beyond = when.day is None or base.deadline is None or when.day > base.deadline
        if beyond and re.search(waits, case.text[clause.start : when.start]):
            acts.inability.extend(unable)
            return


def _late_promise(case: Case) -> When | None:
    """Finishing is promised for a day after the deadline that is still to come."""
    base, deadline = case.base, case.ctx.deadline
    if base is None or deadline is None or base.mail > deadline or case.acts.whole or case.acts.report:
        return None
    for when in promised(case.text, base, case.whens):
        if when.day is not None and when.day > deadline and when.anchor != "deadline":
            return when
    return None
