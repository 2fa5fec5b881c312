"""The acts in a letter's clauses: who receives, completes, delays, asks, declines or hands over what."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from daemon.procedure.workdays import Calendar
from daemon.reading import lexicon as lx
from daemon.reading.clauses import DOCUMENT, MATTER, QUOTED, Clause, Parsed
from daemon.reading.signature import looks_like_name


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
class Acts:
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


def find_acts(parsed: Parsed, ctx: Context) -> Acts:
    acts = Acts()
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
        if is_fact(clause) and not asks:
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
    if clause.has(r"以[^，。；]{1,14}为准|(?:取决于|有赖于)|(?:视|看)[^，。；]{1,10}而定") and not re.search(
        "[?？]", clause.mark
    ):
        return False
    return not clause.has(r"(?:已|均)[^，]{0,6}(?:明确|告知|答复|回复)")


def _declines(clause: Clause, ctx: Context) -> bool:
    if clause.conditional:
        return False
    text = clause.text
    if (
        lx.has(lx.DECLINE_FAULT, text)
        and not lx.has(r"是不是|是否", text)
        and lx.has(r"了|地方|单位|部门|学院|人|邮箱|误", text)
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
            (
                r"(?:我|本|咱)(?:处|院|中心|馆|部|单位|们|办|校)?[^，]{0,4}(?:负责|承担|牵头|主管|管理)|由我|由本"
                r"|专人|统一(?:报|汇总|负责)|汇总|其余|其他|余下|主办单位(?:负责|汇总|统一)|安排|配合|亲自"
                r"|总(?:负责|牵头)"
            ),
            text,
        )
        and not lx.has(lx.FUTURE + "|" + lx.ONGOING, text[:4])
    )


def _delays(clause: Clause, acts: Acts, asks: bool) -> None:
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
        if re.match(r"不能(?:算|视为|认定|作为|说是?|称)", rest):
            return
        if re.search(
            r"(?:原|本|曾|此前|一度)[^，。；]{0,3}(?:担心|以为|估计|报告|认为)|不会[^，。；]{0,4}$",
            text[: inability.start()],
        ):
            return  # 原担心交不了: of the past, or denied
        timed = lx.has(lx.IN_TIME, text) or lx.has(r"(?:办|完|交|报)不[了成齐完出上]|来不及|赶不[上及]", text)
        finish = lx.has(
            (
                rf"[完办交报干拿批出写]不[了成齐完出上下全来]|(?:答复|整改|落实|出具)不|{lx.COMPLETE}|办理(?!入)|反馈|答复|上报|报送|提交|交(?![通流接警叉换管代费])"
                rf"|办(?!公|法)|报告"
            ),
            rest,
        )
        if (timed and (finish or lx.has(r"按期|如期|按时|来不及|赶不[上及]", rest))) or (
            finish and lx.has(r"办结|完成|办完", rest) and not lx.has(r"单独|独立|自行", rest)
        ):
            acts.inability.append(clause)


_ASKED_FOR = re.compile(
    r"(?:请|望|盼|能否|可否|能不能|希望|申请)[^，。；]{0,8}(?:同意|批准|准许|准予|批)[^，。；]{0,4}$"
)
_GRANTED = re.compile(
    r"(?:同意(?:了)?(?:我们?|我处|我院|我单位|本单位)?|批准(?:了)?(?:我们?|我处|我院)?|准许|获准|获批|上次"
    r"|前次|此前|之前|原|曾|已经?|批复|经批准|领导批的?|前期)(?:的|申请|批准|同意|了)*\s*$"
)
_GRANTED_AFTER = re.compile(
    r"^(?:一事|的?事宜?|申请|请求|请示|报告)[^，。；]{0,8}(?:已|都|早)(?:经)?(?:同意|批|准)|^[^，。；]{0,10}(?:获|得到|经)[^，。；]{0,5}(?:批准|同意|批复|核准|准许|通过)|^[^，。；]{0,8}(?:未获|没获|被(?:驳回|退回|拒)|没批|不予批准)"
    r"|^(?:申请)?的?批复|^(?:的)?(?:事由|因素|风险|隐患)|^(?:申请|请示|报告|手续|事宜|一事|时间)?(?:已经?|业已|都已|均已"
    r"|刚)(?:被?|经?|获)(?:批|同意|准|得到|获)|^(?:后|期间|以来|之后)"
)


_OTHERS_ASK = re.compile(
    r"^(?:但|因|由于)?(?:[\u4e00-\u9fff]{0,6}(?:施工方|施工单位|施工队|厂家|厂商|供应商|供货商|对方|中标单位|承建方|公司|监理|学生|协办单位|其他单位|他们))"
    r"[^，。；]{0,4}(?:申请|请求|要求|提出|希望|想|建议)"
)


def _no_delay(clause: Clause, before: str, after: str, asks: bool) -> bool:
    """Mentioned, but negated, supposed, granted before, said of something else, or asked about."""
    if clause.conditional:
        return True
    if re.search(
        (
            r"(?:不会|不需要?|不用|不必|无需|无须|毋须|不再|不想|不打算|没有?|未|勿|别|不|不得|(?<!能)不能|避免"
            r"|取消|撤回|撤销|杜绝|决不|绝不|不予)(?:出现|发生|申请|要求|存在|有|再|有任何|需要|办理)*\s*$"
        ),
        before,
    ):
        return True
    if re.match(
        r"[^，。；]{0,2}(?:到|至|为|了)?\s*[\d一二三四五六七八九十两半]+\s*个?(?:小时|分钟|公?里|米|点)", after
    ):
        return True  # 供水延长到6小时: hours of a service, no deadline
    if _ASKED_FOR.search(before):
        return False
    if _GRANTED.search(before) or _GRANTED_AFTER.match(after):
        return True
    wants = lx.has(
        (
            r"申请|恳请|请求|请(?!假|教)|拟|希望|想|要|能否|可否|能不能|望|准予|予以|建议|特|商请|需|得|只能|打算"
            r"|考虑|可以不|行吗|可以吗|烦请|盼|争取|麻烦|求"
        ),
        clause.text,
    )
    if lx.has(lx.EVENT, before) and not wants:
        return True
    if _OTHERS_ASK.match(before):
        return True
    if re.match(r"^的(?!时间|期限|时限|请求|申请|原因)", after) and asks:
        return True
    if asks and re.search(r"批(?:了|准|下来|复)|同意(?:了|没|否)|审批", clause.text) and not wants:
        return True
    if re.search(
        r"(?:申请|提|报|交|递|呈|要求?)(?:交|上)?(?:去|来)?(?:过|了)?的(?:那个|这个|那次)?\s*$|那个\s*$", before
    ):
        return True
    return asks and bool(re.search(r"(?:怎么|如何|流程|手续|需要什么|找谁|是否需要|要不要|几次|多长)", clause.text))


def _receives(clause: Clause) -> bool:
    match = lx.pattern(lx.RECEIVE).search(clause.text)
    if clause.has(r"(?:只|仅)[^，。；]{0,4}(?:接收|收到|收)|(?:接收|收到)了?(?:一半|部分|一部分|大半|大部分)"):
        return False  # 只接收了一半: of other things than the notice
    if match is None:
        return bool(re.fullmatch(r"(?:1|嗯+|ok|好|好嘞|好的?收到|👌|[收]+)", clause.text, re.I))
    before, after = clause.text[: match.start()], clause.text[match.end() :]
    if lx.has(lx.NEGATION, before[-6:]) or clause.conditional or re.match(r"^(?:后|之后|以后)", after):
        return False
    thing = (
        r"^(?:的?(?:复函|回复|回函|资料|材料|来信|反馈|意见|投诉|举报|款|设备|学生|群众|费|问卷|不同|各"
        r"|[\d一二三四五六七八九十]+[份条件个]))"
    )
    return not re.match(thing, after) and not lx.has(lx.FUTURE + "|等|待", before[-5:])


#: Reports that close nothing: of progress, drafts, other people's.
NO_CLOSING_REPORT = (
    r"进展|阶段|中期|延期|初步|前期|情况报告如下|报告如下|初稿|草稿|草案|征求意见|讨论稿|修改稿|样稿"
    r"|(?:检测|检验|鉴定|评估|审计|测试|监测|化验|第三方|可研|可行性)[^，。；]{0,6}报告"
)


def _gives_report(clause: Clause, parsed: Parsed, n: int) -> bool:
    """A 办结报告 handed over now, in this clause or with the act of giving in the next one of the sentence."""
    text = clause.text
    noun = lx.pattern(lx.REPORT_NOUN).search(text)
    if noun is None or clause.conditional:
        return False
    if lx.has(NO_CLOSING_REPORT, text):
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


PAPER = re.compile(r"纸质|原件|盖章件?|电子版|正式文本|复印件|U盘|光盘")
KEEPS_ON = re.compile(
    r"长效|常态|巩固|长期坚持|今后|加强日常|持续(?:做好|加强|关注|巩固|跟踪)|后续(?:将|会|我们)|举一反三"
    r"|下一步(?:将|我|继续)"
)


_NOT_YET = r"(?:尚未|还未|仍未|暂未|还没|(?<![从并])未|没(?!问题|错|事))(?!必|来|知|免|雨|名)"
_NOTHING_WRONG = (
    r"未(?:曾|再)?(?:发现|出现|发生|收到|见|造成|影响|超|逾|到期|接到|提出|经|受|遗漏|漏)|没有?(?:发现|出现|发生"
    r"|收到|问题|异议|影响|遗漏|意见|接到|人)|未.{0,4}(?:异议|问题)"
)


def _remains(clause: Clause) -> bool:
    """Something is said to be left: by a word for the rest, or by 未 before an act."""
    text = clause.text
    if clause.conditional or PAPER.search(text) or KEEPS_ON.search(text):
        return False
    if lx.has(lx.REMAINDER, text) and not lx.has(_NO_REMAINDER, text):
        return clause.done != "whole"
    return lx.has(_NOT_YET, text) and not lx.has(_NOTHING_WRONG, text)


_NO_REMAINDER = r"剩余?(?:经费|资金|款项)已|还有(?:什么|何|哪|其他(?:要求|问题))|余件|无剩余"


def is_fact(clause: Clause) -> bool:
    """A clause that tells something: not a courtesy, a request, a date or the matter's name alone."""
    if salutes(clause) or looks_like_name(clause.text) or clause.has(r"^[\d年月日号时分点.:：/\s-]+$"):
        return False
    bare = re.sub(rf"[{MATTER}{QUOTED}{DOCUMENT}\s\d]+", "", clause.text)
    bare = lx.pattern(lx.COURTESY).sub("", bare)
    if len(re.findall(r"[\u4e00-\u9fff]", bare)) < 3:
        return bool(re.search(r"\d", clause.text) and re.search(r"[\u4e00-\u9fff]{2}", bare))
    return not re.match(r"请|烦请|敬请|恳请|望|盼", bare) or bool(re.search(r"\d", bare))


def salutes(clause: Clause) -> bool:
    """督察科：, 谷老师您好, at the head of the letter."""
    if clause.sentence > 1 or len(clause.text) > 16:
        return False
    if re.search(r"(?:您好|你好|老师好|上午好|下午好|早上好)$", clause.text):
        return True
    return clause.sep in ("：", ":") and bool(
        re.search(r"(?:科|室|办|处|部|中心|老师|同志|主任|处长|院长|科长|书记|校长|领导|好|们)$", clause.text)
    )


ASPECT = (
    r"(?:改|做|写|办|装|推进|进行)到|今[早天日晨]|昨[天日晚]|本周|这周|开始|启动|进场|到货|开工|已经?|业已|了(?=$|[\u4e00-\u9fff])|过(?=$)|正在"
    r"|目前|完(?=$|了|成)|进度|进展|[\d一二三四五六七八九两十]+\s*(?:%|％|成|项|个|条|处|件|名|人|栋|台|份|户|家)"
)


def undertakes(clause: Clause) -> bool:
    """Beside a receipt: what is undertaken, or told of the paper and not of the work."""
    if commits(clause):
        return True
    if clause.has(lx.FUTURE + "|会|将|去|就") and not clause.has(r"已|正在|目前"):
        return True
    return not clause.has(ASPECT)


def commits(clause: Clause) -> bool:
    """Undertakes, forwards, signs or registers: what one does on receiving, and no step of the work itself."""
    if clause.has(r"\d+\s*(?:%|％|项|个|条|处|件|名|人|栋|台|份|户|家)") or clause.has(
        r"已(?:经)?(?:召开|完成|起草|制定|形成|开展|启动|印发)"
    ):
        return False
    if clause.has(r"方案|初稿|草案|合同|招标|施工|图纸|设计|审批|报告") and not clause.has(lx.RECEIVE):
        return False
    return clause.has(lx.COMMIT) or not is_fact(clause)
