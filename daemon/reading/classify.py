"""What a letter says of one matter: the acts of its clauses, then the kind of the greatest consequence."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from daemon.reading import lexicon as lx
from daemon.reading.acts import (
    KEEPS_ON,
    NO_CLOSING_REPORT,
    PAPER,
    Acts,
    Context,
    commits,
    find_acts,
    salutes,
    undertakes,
)
from daemon.reading.clauses import DOCUMENT, MATTER, QUOTED, Clause, Parsed, parse
from daemon.reading.dates import find
from daemon.reading.deadline import Deadline, length_in_days, new_deadline, promised
from daemon.reading.moments import Base, When
from daemon.reading.results import asks_to_close, checked, points_to_file, result_words, results, tells
from daemon.reading.shapes import Finding, Kind, Rule

__all__ = ["CLASSIFY_RULES", "Context", "Statement", "classify"]

CLASSIFY_RULES: tuple[Rule, ...] = (
    Rule("classify.receipt", "classify", "表示已收到、签收"),
    Rule("classify.whole", "classify", "表示整个事项已经完成"),
    Rule("classify.report", "classify", "随信报送办结报告"),
    Rule("classify.form", "classify", "退回填好的通知单"),
    Rule("classify.part", "classify", "只完成一部分或某个步骤"),
    Rule("classify.remainder", "classify", "说明还有未完成的部分"),
    Rule("classify.ongoing", "classify", "说明正在办理"),
    Rule("classify.follows", "classify", "说明报告另行报送"),
    Rule("classify.delay", "classify", "申请或提出延期"),
    Rule("classify.inability", "classify", "说明不能按期完成"),
    Rule("classify.late_promise", "classify", "所说完成日期晚于要求反馈时间"),
    Rule("classify.no_delay", "classify", "提到延期，但属否定、假设或已批"),
    Rule("classify.reason", "classify", "说明了延期原因"),
    Rule("classify.question", "classify", "向督察科提问或请求"),
    Rule("classify.decline", "classify", "表示不属本单位或建议转办"),
    Rule("classify.leader", "classify", "校领导来信"),
    Rule("classify.thanks", "classify", "仅为致谢、寒暄"),
    Rule("classify.broadcast", "classify", "群发通知、邀请或广告，与督办无关"),
    Rule("classify.deadline", "classify", "由来信文字算出的新时限"),
)


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


def classify(text: str, ctx: Context) -> Statement:
    """The kind of what is said, by the order of consequence, with its evidence and what is not plain in it."""
    parsed = parse(text, ctx.title, list(ctx.refs))
    if _nothing_to_us(text, parsed, ctx):
        return _stated("irrelevant", "broadcast", parsed.clauses[:1])
    if ctx.leader:
        if _only_thanks(parsed) and parsed.clauses:
            return _stated("irrelevant", "thanks", parsed.clauses[:1])
        return _stated("leader_instruction", "leader", parsed.clauses[:1])
    acts = find_acts(parsed, ctx)
    made = _kind(text, parsed, acts, ctx)
    made.doubts += _unclear(parsed, acts, made, ctx)
    return made


def _kind(text: str, parsed: Parsed, acts: Acts, ctx: Context) -> Statement:
    base = Base(ctx.base, ctx.deadline, ctx.calendar) if ctx.base else None
    extension = _extension(text, parsed, acts, base, ctx)
    if extension is not None:
        return extension
    if acts.decline and not (acts.whole or acts.report):
        return _stated("not_ours", "decline", acts.decline)
    closure = _closure(parsed, acts, ctx)
    if closure is not None:
        return closure
    if acts.question:
        return _stated("question", "question", acts.question)
    return _lesser(parsed, acts, ctx)


def _unclear(parsed: Parsed, acts: Acts, made: Statement, ctx: Context) -> list[str]:
    """Why a person must look although a kind was found: withdrawn, doubly negated, of two minds, or not plain."""
    out: list[str] = []
    if any(c.has(lx.WITHDRAWS) for c in parsed.clauses):
        out.append("withdrawal")
    if made.kind in ("receipt", "irrelevant"):
        return out
    if any(
        c.has(lx.DOUBLE_NEGATION) and (c.done or c in acts.delay or c in acts.no_delay or c in acts.inability)
        for c in parsed.clauses
    ):
        out.append("unclear")
    claims = [c for c in acts.whole if c.has(r"办结|销号")]
    if made.kind == "progress" and ctx.lead and claims and acts.remainder and not acts.part:
        out.append("two_kinds")
    if made.kind == "extension" and acts.whole and ctx.lead:
        out.append("two_kinds")
    if made.kind == "progress" and not tells(parsed, acts):
        out.append("unclear")
    return out


def _stated(kind: Kind, rule: str, clauses: list[Clause], **more: object) -> Statement:
    made = Statement(kind, **more)  # type: ignore[arg-type]
    for clause in clauses[:3]:
        made.findings.append(Finding(f"classify.{rule}", kind, clause.raw[:120], "body", clause.start))
    return made


# ---------------------------------------------------------------------------------------------------------------
# Kinds


def _nothing_to_us(text: str, parsed: Parsed, ctx: Context) -> bool:
    """Broadcasts, invitations, advertisements, and strangers' letters that name nothing of ours."""
    if not parsed.clauses:
        return not (ctx.report_file or ctx.form_file or ctx.other_file or ctx.progress_file or ctx.extension_file)
    ours = lx.has(lx.OUR_WORDS, text) or lx.has(lx.OUR_WORDS, ctx.subject)
    if ctx.hangs:
        return False
    if not ctx.listed and lx.has(lx.ADVERT, text):
        return True
    if lx.has(lx.BROADCAST, text) and not lx.has(r"督察科|督查科", text[:30]):
        return True
    if lx.has(lx.INVITATION, text) and not ours:
        return True
    return not ctx.listed and not ours


def _only_thanks(parsed: Parsed) -> bool:
    polite = lx.pattern(lx.COURTESY + "|" + lx.THANKS)
    acting = rf"{lx.RECEIVE}|{lx.COMPLETE}|{lx.ONGOING}|{lx.DELAY}|{lx.INABILITY}|{lx.QUESTION}|附件|已|将|按|落实"
    for clause in parsed.clauses:
        rest = re.sub(r"[\W\d_]+", "", polite.sub("", clause.text))
        if rest and not salutes(clause) and (not polite.search(clause.text) or lx.has(acting, rest) or len(rest) > 10):
            return False
    return True


def _extension(text: str, parsed: Parsed, acts: Acts, base: Base | None, ctx: Context) -> Statement | None:
    whens = find(text, base) if base else []
    late = _late_promise(text, whens, acts, base, ctx)
    if base is not None:
        _more_time(whens, parsed, acts, base)
        _put_off(text, whens, parsed, acts, base)
    asked = bool(acts.delay) or bool(acts.inability) or ctx.extension_file
    if not asked and late is None:
        return None
    if (acts.whole or acts.report) and not acts.delay and not acts.remainder:
        return None
    if acts.decline and not acts.delay:
        return None
    if not acts.delay and not late and not ctx.extension_file:
        # Inability alone is a candidate: it needs a reason or a day.
        found = new_deadline(text, base, whens) if base else Deadline(None)
        if not _reasons(acts) and found.day is None and not found.words:
            return None
    found = new_deadline(text, base, whens) if base else Deadline(None)
    if found.day is None and not found.words and late is not None:
        found = Deadline(late.day if late.exact else None, late.words, late.arithmetic)
    reasons = _reasons(acts)
    made = _stated("extension", "delay" if acts.delay else "inability", acts.delay or acts.inability)
    if late is not None and not made.findings:
        made.findings.append(Finding("classify.late_promise", "extension", late.words, "body", late.start))
    made.new_deadline, made.deadline_words, made.arithmetic = found.day, found.words, found.arithmetic
    made.reason = "；".join(c.raw for c in reasons)[:200]
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


def _more_time(whens: list[When], parsed: Parsed, acts: Acts, base: Base) -> None:
    """还需20天, 再要两周: more time is asked for, if it leads beyond the deadline."""
    for when in whens:
        if when.anchor != "unsure":
            continue
        clause = _clause_at(parsed, when.start)
        later = length_in_days(when.words)
        if clause is None or clause.conditional or clause in acts.delay or clause in acts.no_delay:
            continue
        if base.deadline is None or later is None or base.mail + timedelta(days=later) > base.deadline:
            acts.delay.append(clause)


def _clause_at(parsed: Parsed, at: int) -> Clause | None:
    return next((c for c in reversed(parsed.clauses) if c.start <= at), None)


def _put_off(text: str, whens: list[When], parsed: Parsed, acts: Acts, base: Base) -> None:
    """天冷无法施工，待开春后实施: it cannot be done now, and is put off to a time after."""
    if acts.delay or acts.inability or acts.whole:
        return
    unable = [c for c in parsed.clauses if c.has(lx.INABILITY) and not c.conditional and c not in acts.question]
    if not unable:
        return
    waits = r"(?:待|等|要到|得到?|只能|放在|恐怕|估计|最快|最早|争取)[^，。；]{0,8}$"
    for when in whens:
        clause = _clause_at(parsed, when.start)
        if clause is None or clause.conditional:
            continue
        beyond = when.day is None or base.deadline is None or when.day > base.deadline
        if beyond and re.search(waits, text[clause.start : when.start]):
            acts.inability.extend(unable)
            return


def _late_promise(text: str, whens: list[When], acts: Acts, base: Base | None, ctx: Context) -> When | None:
    """Finishing is promised for a day after the deadline that is still to come."""
    if base is None or ctx.deadline is None or base.mail > ctx.deadline or acts.whole or acts.report:
        return None
    for when in promised(text, base, whens):
        if when.day is not None and when.day > ctx.deadline and when.nature != "period":
            return when
    return None


def _reasons(acts: Acts) -> list[Clause]:
    """Clauses that give a cause, by 因 or by telling a fact beside the asking."""
    asking = {id(c) for c in (*acts.delay, *acts.no_delay)}
    out: list[Clause] = []
    for clause in acts.facts:
        if lx.has(lx.EMPTY_CAUSE, clause.text):
            continue
        if lx.has(lx.CAUSE, clause.text):
            out.append(clause)
        elif id(clause) in asking or clause in acts.inability or clause in acts.question:
            continue
        elif not _only_time(clause):
            out.append(clause)
    for clause in (*acts.delay, *acts.inability):
        # 因……，申请 in one clause: the cause stands before the asking.
        if clause not in out and lx.has(lx.CAUSE, clause.text) and not lx.has(lx.EMPTY_CAUSE, clause.text):
            out.append(clause)
    return out


#: Longer words first, and what was taken is not given back: else dates in a row cost the power of their number.
_TIME_ONLY = re.compile(
    rf"^[{MATTER}\s]*+(?:的)?(?:事项|工作|任务|这个|那个|这件|该项|一事)?(?:今天|今日|明天|明日|年底|月底"
    rf"|[\d一二三四五六七八九十]++[月日号]|已?到期|至|到|前|原定|仍|即将|将|于|完成|办结|报送|报|的"
    rf"|[\d年月日号.\-/〇二零]|之|以|现|特|预计|估计|争取|最迟|下?周[一二三四五]?|才|能|方|再)*+$"
)


def _only_time(clause: Clause) -> bool:
    """今天到期, 12月25日前报: says when, gives no reason."""
    if _TIME_ONLY.match(clause.text) or clause.has(r"^(?:特此|现)(?:说明|报告|申请)|报送情况|特申请|见谅|理解|支持"):
        return True
    bare = re.sub(rf"[{MATTER}{QUOTED}{DOCUMENT}]+", "", clause.text)
    return len(re.findall(r"[\u4e00-\u9fff]", bare)) < 3 or clause.has(
        r"(?:说明|报告|申请|材料)[^，]{0,4}(?:见附件|附后|附上)"
    )


def _closure(parsed: Parsed, acts: Acts, ctx: Context) -> Statement | None:
    done = acts.whole
    situation = [
        c
        for c in parsed.clauses
        if c.has(r"(?:办结|完成)(?:的)?情况$")
        or (
            c.has(
                r"(?:办理|落实|整改|核查|自查|处理|排查|办结|完成)(?:工作)?情况[^，]{0,4}(?:报告|汇报|反馈"
                r"|说明|函告)?如下$"
            )
            and not c.has(r"进展|阶段")
        )
    ]
    done = done or checked(parsed, acts) or results(parsed, acts)
    result = [
        c
        for c in parsed.clauses
        if c.has(lx.WHOLE) and c.done == "" and not c.has(lx.NEGATION) and not c.has(lx.FUTURE)
    ]
    silent = not _says_kind(acts) and not situation and not any(c.has(NO_CLOSING_REPORT) for c in parsed.clauses)
    by_file = ctx.report_file and silent and not acts.receive
    by_form = ctx.form_file and (ctx.form_filled or bool(acts.bare or acts.whole)) and not acts.remainder
    given = acts.report and (not ctx.progress_file or ctx.report_file)
    bare = (
        acts.bare if (ctx.report_file or (len(acts.bare) >= 1 and not acts.ongoing)) and asks_to_close(parsed) else []
    )
    if not (done or given or by_file or by_form or (situation and (result or acts.bare)) or bare):
        return None
    if _blocked(parsed, acts, ctx):
        return None
    if acts.follows and not ctx.report_file and not result_words(parsed, acts):
        return None
    clauses = done or acts.report or bare or situation or acts.form or parsed.clauses[:1]
    there = ctx.report_file or by_form or (result_words(parsed, acts) and not points_to_file(parsed))
    if not ctx.lead:
        made = _stated("progress", "part", clauses, part=True)
    else:
        made = _stated("closure", "whole" if done else "report", clauses, report_there=there)
    return made


def _says_kind(acts: Acts) -> bool:
    return bool(
        acts.part
        or acts.remainder
        or acts.ongoing
        or acts.whole
        or acts.bare
        or acts.follows
        or acts.question
        or acts.delay
    )


def _blocked(parsed: Parsed, acts: Acts, ctx: Context) -> bool:
    """Something is left, goes on or is not yet: then the whole is not done, whatever else is said."""
    if acts.remainder or any(c.excepted for c in acts.part):
        return True
    going = [
        c for c in acts.ongoing if c not in acts.whole and not PAPER.search(c.text) and not KEEPS_ON.search(c.text)
    ]
    if going:
        return not all(c.has(r"运行|使用中|正常|试运行") for c in going)
    partial = [
        c for c in acts.part if not c.has(lx.WHOLE) and not (c.done == "step" and ctx.report_file and acts.report)
    ]
    if partial and not acts.whole:
        return True
    return any(c.has(lx.PARTIAL) and c.done == "part" for c in acts.part) and not any(
        c.has(lx.WHOLE) for c in acts.whole
    )


def _lesser(parsed: Parsed, acts: Acts, ctx: Context) -> Statement:
    """Progress, receipt, or nothing."""
    moving = acts.part or acts.remainder or acts.ongoing or acts.follows or acts.bare or acts.whole
    if acts.receive and not moving:
        told = [c for c in acts.facts if c not in acts.receive and not undertakes(c)]
        if not told:
            return _stated("receipt", "receipt", acts.receive)
    if ctx.form_file and not moving and not ctx.form_filled:
        return _stated("receipt", "form", acts.form or parsed.clauses[:1])
    if not acts.receive and _only_thanks(parsed) and not (ctx.report_file or ctx.other_file or ctx.progress_file):
        return _stated("irrelevant", "thanks", parsed.clauses[:1])
    if acts.receive and moving and all(commits(c) and not c.has(r"\d") for c in _moving(acts)) and not acts.follows:
        return _stated("receipt", "receipt", acts.receive)
    promised_end = any(c.done == "future" for c in parsed.clauses)
    if (
        not acts.receive
        and not moving
        and not promised_end
        and acts.facts
        and all(commits(c) for c in acts.facts)
        and not ctx.other_file
    ):
        return _stated("receipt", "receipt", acts.facts)
    rule = "part" if acts.part else "remainder" if acts.remainder else "follows" if acts.follows else "ongoing"
    clauses = acts.part or acts.remainder or acts.follows or acts.ongoing or parsed.clauses[:1]
    return _stated("progress", rule, clauses, part=any(c.done == "part" for c in acts.part))


def _moving(acts: Acts) -> list[Clause]:
    return [*acts.part, *acts.remainder, *acts.ongoing, *acts.bare, *acts.whole]
