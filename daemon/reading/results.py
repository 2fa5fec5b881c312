"""Closure said by its results, and whether anything at all is told of the work."""

from __future__ import annotations

import re

from daemon.reading import lexicon as lx
from daemon.reading.acts import ASPECT, KEEPS_ON, PAPER, Acts, commits
from daemon.reading.clauses import DOCUMENT, MATTER, QUOTED, Clause, Parsed


def checked(parsed: Parsed, acts: Acts) -> list[Clause]:
    """经核实，反映情况不属实: what was to be checked has been, and with what result."""
    if (
        acts.ongoing
        or acts.remainder
        or not any(
            c.has(r"经(?:[^，]{0,6})(?:核查|核实|核对|比对|调查|走访|查证|查|了解|排查)") for c in parsed.clauses
        )
    ):
        return []
    found = [
        c for c in parsed.clauses if c.has(r"属实|不实|未发现[^，]{0,8}(?:问题|异常|违规|情况)") and not c.conditional
    ]
    if any(c.has(r"(?<!不)(?<!未)属实") for c in found) and any(
        c.has(lx.FUTURE) or c.done == "future" for c in parsed.clauses
    ):
        return []  # 属实，下周整改: checked, and still to be mended
    return found


def asks_to_close(parsed: Parsed) -> bool:
    """请予办结, 现报办结; 届时再报办结 asks for nothing yet."""
    return any(
        c.has(r"请[^，]{0,8}(?:办结|销号)|予以(?:办结|销号)|报(?:告|请|予)?办结|现报")
        for c in parsed.clauses
        if c.done != "future" and not c.has(lx.FOLLOWS)
    )


def points_to_file(parsed: Parsed) -> bool:
    """The words send the reader to a file for the result: without the file there is no report."""
    return any(
        c.has(
            r"(?:报告|材料|详情|情况)[^，]{0,6}(?:见附件|在附件|附件里|附后|附上|详见)|见附件|详见(?:附件"
            r"|超大)|附件(?:里|中)|超大附件|云附件|网盘"
        )
        for c in parsed.clauses
    )


def result_words(parsed: Parsed, acts: Acts) -> bool:
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
        if re.search(
            r"\d|[一二两三四五六七八九十百]+(?=[个项条处件名人栋台份户家门所次批间套笔篇层盏米吨元万度]|小时|分钟)",
            c.text,
        )
    ]
    return bool(figures) or len(facts) >= 2


def _only_claim(clause: Clause) -> bool:
    """Nothing but that the matter is done: the title, 已, 全部, 办结."""
    text = re.sub(rf"[{MATTER}{QUOTED}{DOCUMENT}\s]+", "", clause.text)
    text = lx.pattern(rf"{lx.COMPLETE}|{lx.WHOLE}|{lx.PAST}|{lx.COURTESY}|{lx.REPORT_NOUN}|{lx.GIVE}").sub("", text)
    text = re.sub(
        (
            r"该|此|这|项|件|个|事项?|工作|任务|的|我(?:处|院|单位|们|中心|馆|部)?|本(?:处|院)?|现|予|为|也|由"
            r"|整改|督[办查]|第|号|请"
        ),
        "",
        text,
    )
    return len(re.findall(r"[\u4e00-\u9fff]", text)) < 4 and not re.search(r"\d", text)


_CLOSE_IT = (
    r"(?:请|望|盼|提请|申请|建议)(?:贵[^，]{1,2}|督[查察]科|办公室|予以?|给予|准予|批准|科里|老师|您|将?(?:该|此|本)[项件案事]*)*"
    r"(?:办结|销号|结案|了结|销案|核销)(?:此|该|本|为|手续|了|吧|[,。]|〓|$)|予以(?:办结|销号|结案)(?:此|该|本|为|了|$)"
)
#: 如无不妥, 若认可: a courtesy before the request and no condition of the work.
_IF_YOU_AGREE = r"无不妥|无异议|无其他|无问题|没有?(?:问题|意见|异议)|无意见|认可|可行|妥当"
_RESULT = (
    r"已|均|全部|逐|了$|完$|齐(?:了|$)|合格|达标|到位|期满|消除|解决|无异议"
    r"|\d+\s*(?:%|％|项|个|条|处|件|名|人|栋|台|份|户|家|篇|门|次|批|间|套|笔|盏|元|万|米)"
)
_MENDED = r"(?:已|均|全部)(?:经|彻底|全部|妥善|完全)?(?:解决|消除|修复|恢复|纠正|改正|消失)"
_NOT_BAD = r"(?:无|没有?|未(?:收到|接到|发现|提出)?)(?:任何)?(?:异议|投诉|意见|问题|反弹|复发|新增)"


def closing_requests(parsed: Parsed) -> list[Clause]:
    """请予办结, 如无不妥请予销号: asked without a condition that is still to be met."""
    out: list[Clause] = []
    for n, clause in enumerate(parsed.clauses):
        if not clause.has(_CLOSE_IT) or clause.has(
            lx.PARTIAL
            + "|"
            + lx.STEP
            + "|"
            + lx.FUTURE
            + r"|按期|按时|限期|[日号月周底]之?前|再请|要求|来函|各单位|施工|厂家|对方"
        ):
            continue
        if clause.conditional:
            said_if = [c for c in parsed.clauses[: n + 1] if c.sentence == clause.sentence and c.conditional]
            if not any(c.has(_IF_YOU_AGREE) for c in said_if):
                continue
        out.append(clause)
    return out


def results(parsed: Parsed, acts: Acts) -> list[Clause]:
    """隐患已消除，压力0.35兆帕，请予办结: results beside the request to close, and nothing left open."""
    if not closing_requests(parsed):
        return []
    if acts.remainder or acts.question or acts.follows or acts.delay or acts.inability or acts.decline:
        return []
    if any(c.done in ("part", "negated") or (c.done == "future" and not c.conditional) for c in parsed.clauses):
        return []
    if any(not PAPER.search(c.text) and not KEEPS_ON.search(c.text) for c in acts.ongoing):
        return []
    return [c for c in acts.facts if _is_result(c)]


def _is_result(clause: Clause) -> bool:
    if clause.conditional or clause.has(_CLOSE_IT) or not clause.has(_RESULT) or commits(clause):
        return False
    if clause.has(lx.FUTURE) or (clause.has(lx.STEP) and not clause.has(_NOT_BAD)):
        return False
    if clause.has(_MENDED) and not clause.has(r"未|没|不能|无法|难以|尚" + "|" + lx.PARTIAL):
        return True  # 来信反映的热水不热已解决: the negation is the complaint's
    return not clause.has(lx.NEGATION + "|" + lx.PARTIAL) or clause.has(_NOT_BAD)


#: What is told of the work has an aspect or a figure of things in it; a date alone, or an urging, tells nothing.
_FIGURE = (
    r"(?:\d|[一二两三四五六七八九十百千])\s*(?:多|余)?\s*(?:%|％|成|项|个|条|处|件|名|人|栋|台|份|户|家|篇|门|所|次|批|间|套|笔"
    r"|盏|层|稿|轮|组|张|类|对|米|吨|万|元|度|小时|号楼|标段)"
)
_URGES = r"别|勿|注意|吧$|保重|不妨|吗$"
_KEEPS_TIME = r"(?:能|可|可以|会|将|保证|确保|预计|肯定|一定)[^，。；]{0,6}(?:按期|按时|如期|准时)"
_LATER = r"(?:只能|只好|唯有)[^，。；]{0,6}(?:待|等|再)|另报|另行(?:报告|告知|确定)"


def tells(parsed: Parsed, acts: Acts) -> bool:
    """Whether any rule understands something of the work: else a person looks, and nothing is registered."""
    unable = [c for c in acts.facts if c.has(lx.INABILITY) and not c.conditional and not c.has(_NOT_BAD)]
    if unable and (acts.follows or any(c.has(_LATER) for c in acts.facts)):
        return False  # 出不来，另报: it may be a delay that no rule of delays knows
    if acts.part or acts.remainder or acts.ongoing or acts.bare or acts.whole or acts.no_delay:
        return not any(c.has(_LATER) and not c.conditional for c in acts.facts if c not in acts.follows)
    if acts.follows or any(c.has(_KEEPS_TIME) and not c.has(lx.NEGATION) for c in parsed.clauses):
        return True
    told = [c for c in acts.facts if c not in acts.decline and not c.has(lx.INABILITY + "|" + _URGES)]
    return any(c.has(ASPECT + "|" + _FIGURE) or (c.has(lx.STEP) and c.has(r"\d\s*[月日号]")) for c in told)
