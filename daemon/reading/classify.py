"""What a letter says of one matter: the rules' opinion by the acts of its clauses, beside that of all words weighed."""

from __future__ import annotations

import re

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
from daemon.reading.clauses import Clause, Parsed, parse
from daemon.reading.dates import find
from daemon.reading.extension import asked_for, extension, told_by_time
from daemon.reading.moments import Base
from daemon.reading.results import asks_to_close, checked, points_to_file, result_words, results, tells
from daemon.reading.shapes import Kind, Rule
from daemon.reading.statement import Case, Statement, stated
from daemon.reading.weighing import Weighed, signs, weights

__all__ = ["CLASSIFY_RULES", "Context", "Statement", "classify", "for_weighing"]

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
    Rule("classify.weighed", "classify", "全部用语合起来看，更像此类"),
    Rule("classify.deadline", "classify", "由来信文字算出的新时限"),
)


def classify(text: str, ctx: Context) -> Statement:
    """The kind of what is said, with its evidence and what is not plain in it.

    Two opinions: the rules', by the order of consequence; and that of all words weighed together. See `_agreed`.
    """
    case = _taken_apart(text, ctx)
    plain = _plain(case)
    if plain is not None:
        return plain
    by_rules = _kind(case)
    second = weights().weigh(signs(case, by_rules.kind))
    made = _agreed(case, by_rules, second)
    made.doubts += _unclear(case, made, second)
    return made


def for_weighing(text: str, ctx: Context, *, ask_rules: bool) -> set[str] | None:
    """The signs of a labelled text, for `make weights`; None where its kind is plain without weighing."""
    case = _taken_apart(text, ctx)
    if _plain(case) is not None:
        return None
    return signs(case, _kind(case).kind if ask_rules else None)


def _taken_apart(text: str, ctx: Context) -> Case:
    parsed = parse(text, ctx.title, list(ctx.refs))
    base = Base(ctx.base, ctx.deadline, ctx.calendar) if ctx.base else None
    case = Case(text, parsed, find_acts(parsed, ctx), base, find(text, base) if base else [], ctx)
    told_by_time(case)
    return case


def _plain(case: Case) -> Statement | None:
    """What needs no weighing: nothing to us, nothing said in words, or a leader's letter."""
    text, parsed, ctx = case.text, case.parsed, case.ctx
    if _nothing_to_us(text, parsed, ctx):
        return stated("irrelevant", "broadcast", parsed.clauses[:1])
    if ctx.leader:
        if _only_thanks(parsed) and parsed.clauses:
            return stated("irrelevant", "thanks", parsed.clauses[:1])
        return stated("leader_instruction", "leader", parsed.clauses[:1])
    return _kind(case) if not parsed.clauses else None


def _kind(case: Case) -> Statement:
    """The rules' opinion."""
    acts = case.acts
    later = extension(case)
    if later is not None:
        return later
    if acts.decline and not (acts.whole or acts.report):
        return stated("not_ours", "decline", acts.decline)
    closure = _closure(case)
    if closure is not None:
        return closure
    if acts.question:
        return stated("question", "question", acts.question)
    return _lesser(case)


#: Below this nobody is sure, even where both opinions agree.
_SURE_ENOUGH = 0.5
#: Where they differ, a letter is registered only by words that speak so plainly; grave ones still more so.
_PLAIN_WORDS = 0.6
_PLAIN_FOR_GRAVE = 0.85
#: Progress in which no rule understands anything of the work is registered only where the words leave no doubt.
_NO_RULE_NEEDED = 0.97


def _agreed(case: Case, by_rules: Statement, second: Weighed) -> Statement:
    """The rules' statement where both opinions agree; else the weighed kind, which waits for a person unless plain."""
    if second.kind == by_rules.kind:
        if second.likely < _SURE_ENOUGH:
            by_rules.doubts.append("unclear")
        return by_rules
    if second.kind == "irrelevant" and second.likely < _PLAIN_FOR_GRAVE:
        by_rules.doubts.append("two_opinions")  # nobody looks at what is irrelevant: an answer must not get lost so
        return by_rules
    made = _weighed(case, second)
    grave = made.kind in ("closure", "extension")
    if second.likely < (_PLAIN_FOR_GRAVE if grave else _PLAIN_WORDS) or (grave and _something_else(case, made.kind)):
        made.doubts.append("two_opinions")
    return made


def _something_else(case: Case, kind: Kind) -> bool:
    """The rules see what speaks against a closure or an extension: no weight of words registers one then."""
    acts = case.acts
    if kind == "closure":
        return _blocked(case) or bool(acts.delay or acts.inability or acts.decline)
    return bool(acts.whole or acts.report or (acts.no_delay and not acts.delay))


def _weighed(case: Case, second: Weighed) -> Statement:
    """A statement of the weighed kind, with what the rules know of such a kind."""
    clauses = _telling(case.parsed, second)
    if second.kind == "extension":
        return asked_for(case, clauses, "weighed")
    if second.kind == "closure":
        return _reported(case, clauses, "weighed")
    return stated(second.kind, "weighed", clauses, part=bool(case.acts.part) and second.kind == "progress")


def _telling(parsed: Parsed, second: Weighed) -> list[Clause]:
    """The clauses in which the words stand that spoke most for the kind."""
    words = [word.strip("^$") for word in second.telling]
    found = [clause for clause in parsed.clauses if any(word and word in clause.text for word in words)]
    return found or parsed.clauses[:1]


def _unclear(case: Case, made: Statement, second: Weighed) -> list[str]:
    """Why a person must look although a kind was found: withdrawn, doubly negated, of two minds, or not plain."""
    parsed, acts, ctx = case.parsed, case.acts, case.ctx
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
    if made.kind == "progress" and second.likely < _NO_RULE_NEEDED and not tells(parsed, acts):
        out.append("unclear")
    return out


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


def _closure(case: Case) -> Statement | None:
    parsed, acts, ctx = case.parsed, case.acts, case.ctx
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
    if _blocked(case):
        return None
    if acts.follows and not ctx.report_file and not result_words(parsed, acts):
        return None
    clauses = done or acts.report or bare or situation or acts.form or parsed.clauses[:1]
    return _reported(case, clauses, "whole" if done else "report", by_form=by_form)


def _reported(case: Case, clauses: list[Clause], rule: str, *, by_form: bool = False) -> Statement:
    """The statement of a closure; a supporting unit's is progress. The report is in a file, our form or the words."""
    parsed, acts, ctx = case.parsed, case.acts, case.ctx
    if not ctx.lead:
        return stated("progress", "part", clauses, part=True)
    there = ctx.report_file or by_form or (result_words(parsed, acts) and not points_to_file(parsed))
    return stated("closure", rule, clauses, report_there=there)


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


def _blocked(case: Case) -> bool:
    """Something is left, goes on or is not yet: then the whole is not done, whatever else is said."""
    acts, ctx = case.acts, case.ctx
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


def _lesser(case: Case) -> Statement:
    """Progress, receipt, or nothing."""
    parsed, acts, ctx = case.parsed, case.acts, case.ctx
    moving = acts.part or acts.remainder or acts.ongoing or acts.follows or acts.bare or acts.whole
    if acts.receive and not moving:
        told = [c for c in acts.facts if c not in acts.receive and not undertakes(c)]
        if not told:
            return stated("receipt", "receipt", acts.receive)
    if ctx.form_file and not moving and not ctx.form_filled:
        return stated("receipt", "form", acts.form or parsed.clauses[:1])
    if not acts.receive and _only_thanks(parsed) and not (ctx.report_file or ctx.other_file or ctx.progress_file):
        return stated("irrelevant", "thanks", parsed.clauses[:1])
    if acts.receive and moving and all(commits(c) and not c.has(r"\d") for c in _moving(acts)) and not acts.follows:
        return stated("receipt", "receipt", acts.receive)
    promised_end = any(c.done == "future" for c in parsed.clauses)
    if (
        not acts.receive
        and not moving
        and not promised_end
        and acts.facts
        and all(commits(c) for c in acts.facts)
        and not ctx.other_file
    ):
        return stated("receipt", "receipt", acts.facts)
    rule = "part" if acts.part else "remainder" if acts.remainder else "follows" if acts.follows else "ongoing"
    clauses = acts.part or acts.remainder or acts.follows or acts.ongoing or parsed.clauses[:1]
    return stated("progress", rule, clauses, part=any(c.done == "part" for c in acts.part))


def _moving(acts: Acts) -> list[Clause]:
    return [*acts.part, *acts.remainder, *acts.ongoing, *acts.bare, *acts.whole]
