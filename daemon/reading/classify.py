"""What a letter says of one matter: acts found clause by clause, then the kind of the greatest consequence."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

from daemon.procedure.workdays import Calendar
from daemon.reading import lexicon as lx
from daemon.reading.clauses import DOCUMENT, MATTER, QUOTED, Clause, Parsed, parse
from daemon.reading.dates import Base, Deadline, When, find, length_in_days, new_deadline, promised
from daemon.reading.shapes import Finding, Kind, Rule
from daemon.reading.signature import looks_like_name

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


@dataclass(frozen=True, slots=True)
class Context:
    """What classification needs of the matter, the sender and the files."""

    lead: bool = True
    deadline: date | None = None
    base: date | None = None
    calendar: Calendar | None = None
    report_file: bool = False  # a file that is a 办结报告 or may be one
    progress_file: bool = False  # a file that says by its name that it reports progress
    extension_file: bool = False  # … or reasons for delay
    form_file: bool = False
    form_filled: bool = False  # its cell 办结报告 holds words
    other_file: bool = False
    leader: bool = False
    listed: bool = True  # the sender is in the address book
    hangs: bool = True  # a thread or a written 文号 ties the letter to a matter
    title: str = ""
    subject: str = ""
    refs: tuple[tuple[int, int], ...] = ()


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


@dataclass(slots=True)
class _Acts:
    """The clauses that carry each act."""

    receive: list[Clause] = field(default_factory=list)
    whole: list[Clause] = field(default_factory=list)
    bare: list[Clause] = field(default_factory=list)
    part: list[Clause] = field(default_factory=list)
    report: list[Clause] = field(default_factory=list)
    form: list[Clause] = field(default_factory=list)
    remainder: list[Clause] = field(default_factory=list)
    ongoing: list[Clause] = field(default_factory=list)
    follows: list[Clause] = field(default_factory=list)
    delay: list[Clause] = field(default_factory=list)
    no_delay: list[Clause] = field(default_factory=list)
    inability: list[Clause] = field(default_factory=list)
    question: list[Clause] = field(default_factory=list)
    decline: list[Clause] = field(default_factory=list)
    facts: list[Clause] = field(default_factory=list)


def classify(text: str, ctx: Context) -> Statement:
    """The kind of what is said, by the order of consequence, with its evidence and what is not plain in it."""
    parsed = parse(text, ctx.title, list(ctx.refs))
    if _nothing_to_us(text, parsed, ctx):
        return _stated("irrelevant", "broadcast", parsed.clauses[:1])
    if ctx.leader:
        if _only_thanks(parsed) and parsed.clauses:
            return _stated("irrelevant", "thanks", parsed.clauses[:1])
        return _stated("leader_instruction", "leader", parsed.clauses[:1])
    acts = _acts(parsed, ctx)
    made = _kind(text, parsed, acts, ctx)
    made.doubts += _unclear(parsed, acts, made, ctx)
    return made


def _kind(text: str, parsed: Parsed, acts: _Acts, ctx: Context) -> Statement:
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


_WITHDRAWS = (
    r"(?:撤回|撤销|收回|取消|作废)(?:了|我(?:处|院|们)|本|此前|之前|上次|上一|前|原|该|这|的|申请|提交|延期|邮件|报告|那封|封|次)*"
    r"(?:申请|延期|报告|邮件|来信|回复|签收)|(?:上一封|前一封|上封|刚才(?:那封|的邮件)|之前(?:那封|的邮件))[^，。；]{0,6}(?:作废|为准|有误|不算|发错)"
)
_DOUBLE = r"不得不|不能不|不可不|不会不|并非不|不是不|没有不|非不(?=[能可愿])|未必不|无不(?!适)"


def _unclear(parsed: Parsed, acts: _Acts, made: Statement, ctx: Context) -> list[str]:
    """Why a person must look although a kind was found: withdrawn, doubly negated, of two minds, or not plain."""
    out: list[str] = []
    if any(c.has(_WITHDRAWS) for c in parsed.clauses):
        out.append("withdrawal")
    if made.kind in ("receipt", "irrelevant"):
        return out
    if any(c.has(_DOUBLE) and (c.done or c in acts.delay or c in acts.no_delay or c in acts.inability) for c in parsed.clauses):
        out.append("unclear")
    claims = [c for c in acts.whole if c.has(r"办结|销号")]
    if made.kind == "progress" and ctx.lead and claims and acts.remainder and not acts.part:
        out.append("two_kinds")
    if made.kind == "extension" and acts.whole and ctx.lead:
        out.append("two_kinds")
    if made.kind == "progress" and not _evident(acts) and not _tells(acts):
        out.append("unclear")
    return out


def _evident(acts: _Acts) -> bool:
    return bool(acts.part or acts.remainder or acts.ongoing or acts.follows or acts.bare or acts.whole or acts.no_delay)


def _tells(acts: _Acts) -> bool:
    """A fact with an aspect or a figure in it: something about the work is told, whatever the words."""
    return any(c.has(_ASPECT + r"|\d") for c in acts.facts)


def _stated(kind: Kind, rule: str, clauses: list[Clause], **more: object) -> Statement:
    made = Statement(kind, **more)  # type: ignore[arg-type]
    for clause in clauses[:3]:
        made.findings.append(Finding(f"classify.{rule}", kind, clause.raw[:120], "body", clause.start))
    return made


# ---------------------------------------------------------------------------------------------------------------
# Acts


def _acts(parsed: Parsed, ctx: Context) -> _Acts:
    acts = _Acts()
    for n, clause in enumerate(parsed.clauses):
        asks = _asks(clause, parsed, n)
        if asks:
            acts.question.append(clause)
        if _declines(clause, ctx):
            acts.decline.append(clause)
        _delays(clause, acts, asks)
        if clause.done in ("whole", "claimed") and not asks:
            acts.whole.append(clause)
        elif clause.done == "bare" and not asks:
            acts.bare.append(clause)
        elif clause.done in ("part", "step"):
            acts.part.append(clause)
        elif clause.done == "negated" and not clause.conditional:
            acts.remainder.append(clause)
        if _receives(clause):
            acts.receive.append(clause)
        if not asks and _gives_report(clause, parsed, n):
            acts.report.append(clause)
        if (
            not asks
            and clause.has(r"通知单|签收单|回执")
            and clause.has(lx.GIVE + "|反馈|发回|寄回|返回|回传|扫描件")
            and not clause.has(lx.FUTURE)
        ):
            acts.form.append(clause)
        if clause.has(lx.FOLLOWS) and not clause.conditional and not asks:
            acts.follows.append(clause)
        if _remains(clause) and not asks:
            acts.remainder.append(clause)
        if clause.has(lx.ONGOING) and not clause.conditional and not asks:
            acts.ongoing.append(clause)
        if _is_fact(clause) and not asks:
            acts.facts.append(clause)
    return acts


def _asks(clause: Clause, parsed: Parsed, n: int) -> bool:
    if clause.conditional and not re.search("[?？]", clause.mark):
        return False
    if re.search(r"妥否|当否|可否(?=$)|收到请回", clause.text):
        return False
    last = n + 1 == len(parsed.clauses) or parsed.clauses[n + 1].sentence != clause.sentence
    if last and re.search("[?？]", clause.mark):
        return True
    if clause.has(lx.RESEND) or clause.has(lx.ASK_HELP):
        return True
    if not clause.has(lx.QUESTION):
        return False
    # 是否, 如何 inside a report of what was checked are no questions to us.
    if clause.has(
        r"(?:核查|检查|排查|核实|明确了|研究了?|讨论了?|确定了?|说明|确认)[^，]{0,8}(?:是否|有没有|如何|什么|多少|哪)"
    ) and not clause.has(r"请问|请(?:予)?明确|请示"):
        return False
    return not clause.has(r"(?:已|均)[^，]{0,6}(?:明确|告知|答复|回复)")


def _declines(clause: Clause, ctx: Context) -> bool:
    if clause.conditional:
        return False
    text = clause.text
    if (
        lx.has(lx.DECLINE_FAULT, text)
        and not lx.has(r"是不是|是否", text)
        and lx.has(r"了|地方|单位|部门|学院|人|邮箱", text)
    ):
        return True
    if any(
        lx.has(s, text)
        for s in (
            lx.DECLINE_NOT_US,
            lx.DECLINE_RELATION,
            lx.DECLINE_CANNOT,
            lx.HAND_OVER,
            lx.HANDED_OVER,
            lx.MOVED,
            lx.DUPLICATE,
        )
    ):
        return not lx.has(r"转(?:账|正|型|化|变|专业|岗|段|学)|不归还|不负众望", text)
    if lx.has(lx.DECLINE_SCOPE, text):
        return True
    return (
        lx.has(lx.OTHERS_DUTY, text)
        and not lx.has(
            r"(?:我|本|咱)(?:处|院|中心|馆|部|单位|们|办|校)?[^，]{0,4}(?:负责|承担|牵头|主管|管理)|由我|由本|专人|统一(?:报|汇总|负责)|汇总|其余|其他|余下|主办单位(?:负责|汇总|统一)|安排|配合|亲自|总(?:负责|牵头)",
            text,
        )
        and not lx.has(lx.FUTURE + "|" + lx.ONGOING, text[:4])
    )


def _delays(clause: Clause, acts: _Acts, asks: bool) -> None:
    text = clause.text
    match = lx.pattern(lx.DELAY).search(text)
    if match:
        before, after = text[: match.start()], text[match.end() :]
        if _no_delay(clause, before, after, asks):
            acts.no_delay.append(clause)
        else:
            acts.delay.append(clause)
    if clause.conditional:
        return
    inability = lx.pattern(lx.INABILITY).search(text)
    if inability and not asks:
        rest = text[inability.start() :]
        timed = lx.has(lx.IN_TIME, text) or lx.has(r"(?:办|完|交|报)不[了成齐完出上]|来不及|赶不[上及]", text)
        finish = lx.has(
            rf"[完办交报干]不[了成齐完]|{lx.COMPLETE}|办理(?!入)|反馈|上报|报送|提交|交(?![通流接警叉换管代费])|办(?!公|法)|报告", rest
        )
        if timed and (finish or lx.has(r"按期|如期|按时|来不及|赶不[上及]", rest)):
            acts.inability.append(clause)
        elif finish and lx.has(r"办结|完成|办完", rest) and not lx.has(r"单独|独立|自行", rest):
            acts.inability.append(clause)


_ASKED_FOR = re.compile(r"(?:请|望|盼|能否|可否|能不能|希望|申请)[^，。；]{0,8}(?:同意|批准|准许|准予|批)[^，。；]{0,4}$")
_GRANTED = re.compile(
    r"(?:同意(?:了)?(?:我们?|我处|我院|我单位|本单位)?|批准(?:了)?(?:我们?|我处|我院)?|准许|获准|获批|上次|前次|此前|之前|原|曾|已经?|批复|经批准|领导批的?|前期)(?:的|申请|批准|同意|了)*\s*$"
)
_GRANTED_AFTER = re.compile(
    r"^(?:的)?(?:事由|因素|风险|隐患)|^(?:申请|请示|报告|手续|事宜|一事|时间)?(?:已经?|业已|都已|均已|刚)(?:被?|经?|获)(?:批|同意|准|得到|获)|^(?:后|期间|以来|之后)"
)


def _no_delay(clause: Clause, before: str, after: str, asks: bool) -> bool:
    """Mentioned, but negated, supposed, granted before, said of something else, or asked about."""
    if clause.conditional:
        return True
    if re.search(
        r"(?:不会|不需要?|不用|不必|无需|无须|毋须|不再|不想|不打算|没有?|未|勿|别|不|不得|(?<!能)不能|避免|取消|撤回|撤销|杜绝|决不|绝不|不予)(?:出现|发生|申请|要求|存在|有|再|有任何|需要|办理)*\s*$",
        before,
    ):
        return True
    if _ASKED_FOR.search(before):
        return False
    if _GRANTED.search(before) or _GRANTED_AFTER.match(after):
        return True
    wants = lx.has(
        r"申请|恳请|请求|请(?!假|教)|拟|希望|想|要|能否|可否|能不能|望|准予|予以|建议|特|商请|需|得|只能|打算|考虑|可以不|行吗|可以吗|烦请|盼|争取|麻烦|求",
        clause.text,
    )
    if lx.has(lx.EVENT, before) and not wants:
        return True
    if re.match(r"^的(?!时间|期限|时限|请求|申请|原因)", after) and asks:
        return True
    if asks and re.search(r"批(?:了|准|下来|复)|同意(?:了|没|否)|审批", clause.text) and not wants:
        return True
    if re.search(r"(?:申请|提|报|要求?)(?:过|了)?的(?:那个|这个|那次)?\s*$|那个\s*$", before):
        return True
    return asks and bool(re.search(r"(?:怎么|如何|流程|手续|需要什么|找谁|是否需要|要不要|几次|多长)", clause.text))


def _receives(clause: Clause) -> bool:
    match = lx.pattern(lx.RECEIVE).search(clause.text)
    if match is None:
        return bool(re.fullmatch(r"(?:1|嗯+|ok|好|好嘞|好的?收到|👌|[收]+)", clause.text, re.I))
    before, after = clause.text[: match.start()], clause.text[match.end() :]
    if lx.has(lx.NEGATION, before[-6:]) or clause.conditional or re.match(r"^(?:后|之后|以后)", after):
        return False
    thing = r"^(?:的?(?:复函|回复|回函|资料|材料|来信|反馈|意见|投诉|举报|款|设备|学生|群众|费|问卷|不同|各|[\d一二三四五六七八九十]+[份条件个]))"
    return not re.match(thing, after) and not lx.has(lx.FUTURE + "|等|待", before[-5:])


def _gives_report(clause: Clause, parsed: Parsed, n: int) -> bool:
    """A 办结报告 handed over now, in this clause or with the act of giving in the next one of the sentence."""
    text = clause.text
    noun = lx.pattern(lx.REPORT_NOUN).search(text)
    if noun is None or clause.conditional:
        return False
    if lx.has(r"进展|阶段|中期|延期|初步|情况报告如下|报告如下", text):
        return False
    before, after = text[: noun.start()], text[noun.end() :]
    late = lx.FUTURE + "|" + lx.NEGATION + "|" + lx.ONGOING + "|另|再(?!次)|待|统一报|要用|需要"
    if lx.has(late, before[-10:]) or lx.has(late, after[:10]) or lx.has(lx.FOLLOWS, text):
        return False
    if lx.has(lx.GIVE, text):
        return True
    following = parsed.clauses[n + 1] if n + 1 < len(parsed.clauses) else None
    return (
        following is not None
        and following.sentence == clause.sentence
        and lx.has(
            r"^(?:请(?:予)?(?:查收|审阅|审核|查阅|审)|见附件|详见|附后|已?发|用[^，]{0,8}(?:附件|网盘)|现报|一并)",
            following.text,
        )
    )


_PAPER = re.compile(r"纸质|原件|盖章件?|电子版|正式文本|复印件|U盘|光盘")
_ANON_KEEP = re.compile(
    r"长效|常态|巩固|长期坚持|今后|加强日常|持续(?:做好|加强|关注|巩固|跟踪)|后续(?:将|会|我们)|举一反三|下一步(?:将|我|继续)"
)


_NOT_YET = r"(?:尚未|还未|仍未|暂未|还没|(?<![从并])未|没(?!问题|错|事))(?!必|来|知|免|雨|名)"
_NOTHING_WRONG = r"未(?:曾|再)?(?:发现|出现|发生|收到|见|造成|影响|超|逾|到期|接到|提出|经|受|遗漏|漏)|没有?(?:发现|出现|发生|收到|问题|异议|影响|遗漏|意见|接到|人)|未.{0,4}(?:异议|问题)"


def _remains(clause: Clause) -> bool:
    """Something is said to be left: by a word for the rest, or by 未 before an act."""
    text = clause.text
    if clause.conditional or _PAPER.search(text) or _ANON_KEEP.search(text):
        return False
    if lx.has(lx.REMAINDER, text) and not lx.has(_NO_REMAINDER, text):
        return clause.done != "whole"
    return lx.has(_NOT_YET, text) and not lx.has(_NOTHING_WRONG, text)


_NO_REMAINDER = r"剩余?(?:经费|资金|款项)已|还有(?:什么|何|哪|其他(?:要求|问题))|余件|无剩余"


def _is_fact(clause: Clause) -> bool:
    """A clause that tells something: not a courtesy, a request, a date or the matter's name alone."""
    if _salutes(clause) or looks_like_name(clause.text) or clause.has(r"^[\d年月日号时分点.:：/\s-]+$"):
        return False
    bare = re.sub(rf"[{MATTER}{QUOTED}{DOCUMENT}\s\d]+", "", clause.text)
    bare = lx.pattern(lx.COURTESY).sub("", bare)
    if len(re.findall(r"[\u4e00-\u9fff]", bare)) < 3:
        return bool(re.search(r"\d", clause.text) and re.search(r"[\u4e00-\u9fff]{2}", bare))
    return not re.match(r"请|烦请|敬请|恳请|望|盼", bare) or bool(re.search(r"\d", bare))


def _salutes(clause: Clause) -> bool:
    """督察科：, 谷老师您好, at the head of the letter."""
    if clause.sentence > 1 or len(clause.text) > 16:
        return False
    if re.search(r"(?:您好|你好|老师好|上午好|下午好|早上好)$", clause.text):
        return True
    return clause.sep in ("：", ":") and bool(
        re.search(r"(?:科|室|办|处|部|中心|老师|同志|主任|处长|院长|科长|书记|校长|领导|好|们)$", clause.text)
    )


# ---------------------------------------------------------------------------------------------------------------
# Kinds


def _nothing_to_us(text: str, parsed: Parsed, ctx: Context) -> bool:
    """Broadcasts, invitations, advertisements, and strangers' letters that name nothing of ours."""
    if not parsed.clauses:
        return not (ctx.report_file or ctx.form_file or ctx.other_file or ctx.progress_file or ctx.extension_file)
    ours = lx.has(lx.OUR_WORDS, text) or lx.has(lx.OUR_WORDS, ctx.subject)
    if ctx.hangs:
        return False
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
        if rest and not _salutes(clause) and (not polite.search(clause.text) or lx.has(acting, rest) or len(rest) > 10):
            return False
    return True


def _extension(text: str, parsed: Parsed, acts: _Acts, base: Base | None, ctx: Context) -> Statement | None:
    late = _late_promise(text, acts, base, ctx)
    if base is not None:
        _more_time(text, parsed, acts, base)
        _put_off(text, parsed, acts, base)
    asked = bool(acts.delay) or bool(acts.inability) or ctx.extension_file
    if not asked and late is None:
        return None
    if (acts.whole or acts.report) and not acts.delay and not acts.remainder:
        return None
    if acts.decline and not acts.delay:
        return None
    if not acts.delay and not late and not ctx.extension_file:
        # Inability alone is a candidate: it needs a reason or a day.
        found = new_deadline(text, base) if base else Deadline(None)
        if not _reasons(acts) and found.day is None and not found.words:
            return None
    found = new_deadline(text, base) if base else Deadline(None)
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


def _more_time(text: str, parsed: Parsed, acts: _Acts, base: Base) -> None:
    """还需20天, 再要两周: more time is asked for, if it leads beyond the deadline."""
    for when in find(text, base):
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


def _put_off(text: str, parsed: Parsed, acts: _Acts, base: Base) -> None:
    """天冷无法施工，待开春后实施: it cannot be done now, and is put off to a time after."""
    if acts.delay or acts.inability or acts.whole:
        return
    unable = [c for c in parsed.clauses if c.has(lx.INABILITY) and not c.conditional and c not in acts.question]
    if not unable:
        return
    waits = r"(?:待|等|要到|得到?|只能|放在|恐怕|估计|最快|最早|争取)[^，。；]{0,8}$"
    for when in find(text, base):
        clause = _clause_at(parsed, when.start)
        if clause is None or clause.conditional:
            continue
        beyond = when.day is None or base.deadline is None or when.day > base.deadline
        if beyond and re.search(waits, text[clause.start : when.start]):
            acts.inability.extend(unable)
            return


def _late_promise(text: str, acts: _Acts, base: Base | None, ctx: Context) -> When | None:
    """Finishing is promised for a day after the deadline that is still to come."""
    if base is None or ctx.deadline is None or base.mail > ctx.deadline or acts.whole or acts.report:
        return None
    for when in promised(text, base):
        if when.day is not None and when.day > ctx.deadline and when.nature != "period":
            return when
    return None


def _reasons(acts: _Acts) -> list[Clause]:
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


_TIME_ONLY = re.compile(
    rf"^[{MATTER}\s]*(?:的)?(?:事项|工作|任务|这个|那个|这件|该项|一事)?(?:今天|今日|明天|明日|[\d一二三四五六七八九十]+[月日号]|至|到|前|原定|已?到期|仍|即将|将|于|完成|办结|报送|报|的|[\d年月日号.\-/〇二零]|之|以|现|特|预计|估计|争取|最迟|年底|月底|下?周[一二三四五]?|才|能|方|再)*$"
)


def _only_time(clause: Clause) -> bool:
    """今天到期, 12月25日前报: says when, gives no reason."""
    if _TIME_ONLY.match(clause.text) or clause.has(r"^(?:特此|现)(?:说明|报告|申请)|报送情况|特申请|见谅|理解|支持"):
        return True
    bare = re.sub(rf"[{MATTER}{QUOTED}{DOCUMENT}]+", "", clause.text)
    return len(re.findall(r"[\u4e00-\u9fff]", bare)) < 3 or clause.has(
        r"(?:说明|报告|申请|材料)[^，]{0,4}(?:见附件|附后|附上)"
    )


def _closure(parsed: Parsed, acts: _Acts, ctx: Context) -> Statement | None:
    done = acts.whole
    situation = [
        c
        for c in parsed.clauses
        if c.has(r"(?:办结|完成)(?:的)?情况$")
        or (
            c.has(
                r"(?:办理|落实|整改|核查|自查|处理|排查|办结|完成)(?:工作)?情况[^，]{0,4}(?:报告|汇报|反馈|说明|函告)?如下$"
            )
            and not c.has(r"进展|阶段")
        )
    ]
    done = done or _checked(parsed, acts)
    result = [
        c
        for c in parsed.clauses
        if c.has(lx.WHOLE) and c.done == "" and not c.has(lx.NEGATION) and not c.has(lx.FUTURE)
    ]
    silent = not _says_kind(acts) and not situation
    by_file = ctx.report_file and silent and not acts.receive
    by_form = ctx.form_file and (ctx.form_filled or bool(acts.bare or acts.whole)) and not acts.remainder
    given = acts.report and (not ctx.progress_file or ctx.report_file)
    bare = acts.bare if (ctx.report_file or len(acts.bare) >= 1 and not acts.ongoing) and _asks_to_close(parsed) else []
    if not (done or given or by_file or by_form or (situation and (result or acts.bare)) or bare):
        return None
    if _blocked(parsed, acts, ctx):
        return None
    if acts.follows and not ctx.report_file and not _result_words(parsed, acts):
        return None
    clauses = done or acts.report or bare or situation or acts.form or parsed.clauses[:1]
    there = ctx.report_file or by_form or (_result_words(parsed, acts) and not _points_to_file(parsed))
    if not ctx.lead:
        made = _stated("progress", "part", clauses, part=True)
    else:
        made = _stated("closure", "whole" if done else "report", clauses, report_there=there)
    return made


def _checked(parsed: Parsed, acts: _Acts) -> list[Clause]:
    """经核实，反映情况不属实: what was to be checked has been, and with what result."""
    if (
        acts.ongoing
        or acts.remainder
        or not any(c.has(r"经(?:[^，]{0,6})(?:核查|核实|调查|查证|查|了解|排查)") for c in parsed.clauses)
    ):
        return []
    return [
        c for c in parsed.clauses if c.has(r"属实|不实|未发现[^，]{0,8}(?:问题|异常|违规|情况)") and not c.conditional
    ]


def _says_kind(acts: _Acts) -> bool:
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


def _asks_to_close(parsed: Parsed) -> bool:
    return any(c.has(r"请[^，]{0,8}(?:办结|销号)|予以(?:办结|销号)|报(?:告|请|予)?办结|现报") for c in parsed.clauses)


def _blocked(parsed: Parsed, acts: _Acts, ctx: Context) -> bool:
    """Something is left, goes on or is not yet: then the whole is not done, whatever else is said."""
    if acts.remainder:
        return True
    going = [
        c for c in acts.ongoing if c not in acts.whole and not _PAPER.search(c.text) and not _ANON_KEEP.search(c.text)
    ]
    if going and not (ctx.report_file and acts.report):
        return not all(c.has(r"运行|使用中|正常|试运行") for c in going)
    partial = [c for c in acts.part if not c.has(lx.WHOLE) and not (c.done == "step" and ctx.report_file and acts.report)]
    if partial and not acts.whole:
        return True
    return any(c.has(lx.PARTIAL) and c.done == "part" for c in acts.part) and not any(
        c.has(lx.WHOLE) for c in acts.whole
    )


def _points_to_file(parsed: Parsed) -> bool:
    """The words send the reader to a file for the result: without the file there is no report."""
    return any(
        c.has(
            r"(?:报告|材料|详情|情况)[^，]{0,6}(?:见附件|在附件|附件里|附后|附上|详见)|见附件|详见(?:附件|超大)|附件(?:里|中)|超大附件|云附件|网盘"
        )
        for c in parsed.clauses
    )


def _result_words(parsed: Parsed, acts: _Acts) -> bool:
    """The result itself stands in the words: a fact with a figure, or two facts, beside the claim of being done."""
    facts = [
        c
        for c in acts.facts
        if c not in acts.report and c not in acts.form and c not in acts.question and c not in acts.follows
        and not _only_claim(c) and c.done not in ("future", "asked")
        and not c.has(lx.FUTURE) and not c.has(r"^(?:根据|按照?|依据|关于|对照)")
    ]  # fmt: skip
    figures = [
        c
        for c in facts
        if re.search(r"\d|[一二两三四五六七八九十百]+(?=[个项条处件名人栋台份户家门所次批间套笔])", c.text)
    ]
    return bool(figures) or len(facts) >= 2


def _only_claim(clause: Clause) -> bool:
    """Nothing but that the matter is done: the title, 已, 全部, 办结."""
    text = re.sub(rf"[{MATTER}{QUOTED}{DOCUMENT}\s]+", "", clause.text)
    text = lx.pattern(rf"{lx.COMPLETE}|{lx.WHOLE}|{lx.PAST}|{lx.COURTESY}|{lx.REPORT_NOUN}|{lx.GIVE}").sub("", text)
    text = re.sub(
        r"该|此|这|项|件|个|事项?|工作|任务|的|我(?:处|院|单位|们|中心|馆|部)?|本(?:处|院)?|现|予|为|也|由|整改|督[办查]|第|号|请",
        "",
        text,
    )
    return len(re.findall(r"[\u4e00-\u9fff]", text)) < 4 and not re.search(r"\d", text)


def _lesser(parsed: Parsed, acts: _Acts, ctx: Context) -> Statement:
    """Progress, receipt, or nothing."""
    moving = acts.part or acts.remainder or acts.ongoing or acts.follows or acts.bare or acts.whole
    if acts.receive and not moving:
        told = [c for c in acts.facts if c not in acts.receive and not _undertakes(c)]
        if not told:
            return _stated("receipt", "receipt", acts.receive)
    if ctx.form_file and not moving and not ctx.form_filled:
        return _stated("receipt", "form", acts.form or parsed.clauses[:1])
    if not acts.receive and _only_thanks(parsed) and not (ctx.report_file or ctx.other_file or ctx.progress_file):
        return _stated("irrelevant", "thanks", parsed.clauses[:1])
    if acts.receive and moving and all(_commits(c) and not c.has(r"\d") for c in _moving(acts)) and not acts.follows:
        return _stated("receipt", "receipt", acts.receive)
    promised_end = any(c.done == "future" for c in parsed.clauses)
    if not acts.receive and not moving and not promised_end and acts.facts and all(_commits(c) for c in acts.facts) and not ctx.other_file:
        return _stated("receipt", "receipt", acts.facts)
    rule = "part" if acts.part else "remainder" if acts.remainder else "follows" if acts.follows else "ongoing"
    clauses = acts.part or acts.remainder or acts.follows or acts.ongoing or parsed.clauses[:1]
    return _stated("progress", rule, clauses, part=any(c.done == "part" for c in acts.part))


def _moving(acts: _Acts) -> list[Clause]:
    return [*acts.part, *acts.remainder, *acts.ongoing, *acts.bare, *acts.whole]


_ASPECT = r"今[早天日晨]|昨[天日晚]|本周|这周|开始|启动|进场|到货|开工|已经?|业已|了(?=$|[\u4e00-\u9fff])|过(?=$)|正在|目前|完(?=$|了|成)|进度|进展|[\d一二三四五六七八九两十]+\s*(?:%|％|成|项|个|条|处|件|名|人|栋|台|份|户|家)"


def _undertakes(clause: Clause) -> bool:
    """Beside a receipt: what is undertaken, or told of the paper and not of the work."""
    if _commits(clause):
        return True
    if clause.has(lx.FUTURE + "|会|将|去|就") and not clause.has(r"已|正在|目前"):
        return True
    return not clause.has(_ASPECT)


def _commits(clause: Clause) -> bool:
    """Undertakes, forwards, signs or registers: what one does on receiving, and no step of the work itself."""
    if clause.has(r"\d+\s*(?:%|％|项|个|条|处|件|名|人|栋|台|份|户|家)") or clause.has(
        r"已(?:经)?(?:召开|完成|起草|制定|形成|开展|启动|印发)"
    ):
        return False
    if clause.has(r"方案|初稿|草案|合同|招标|施工|图纸|设计|审批|报告") and not clause.has(lx.RECEIVE):
        return False
    return clause.has(lx.COMMIT) or not _is_fact(clause)
