"""Which expression of time in a letter is the new deadline: the one that asking, finishing or reporting governs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from daemon.reading.dates import find
from daemon.reading.moments import NUMERAL, Base, When, clause_start, value_of

_TO = re.compile(
    r"(?:(?:延|推|展|顺|缓|放|宽|拖|挪|移|改|调整|变更|后移|顺延|延期|推迟|放宽|宽限|延长|延缓|延后|调|定|排"
    r"|推后|改期|改为|改到)[^，。；！？,\n]{0,14}?(?:至|到|为|在|成)"
    r"|(?:申请|恳请|请求|拟|希望|请)[^，。；！？,\n]{0,12}?(?:至|到|于|在|为)|(?:最迟|最晚|至迟)(?:在|于|到"
    r"|不超过)?|[至到])\s*$"
)
_DELIVER = re.compile(
    r"^\s*+(?:[（(][^）)]{0,8}[)）])?\s*+(?:以?之?前|以?之?内|当天|当日|下班前|上班前|末|底|再|才|方|就|可|能|将"
    r"|会|一定|必定?|保证|全部|正式|统一|一并|左右|前后|把|之|的|时|拟|前能|可以|争取|定|予以|给你?们?|给贵科"
    r"|向贵科|向学校|我们?|我处|我院)*+\s*+"
    r"(?:将?[^，。；！？,\n]{0,10}?)?(?:办结|完成|办完|报送|上报|报出|补报|反馈|提交|交(?!付使用)|报(?!价|名"
    r"|批)|弄完|搞完|做完|弄好|结束|呈报|呈送|送达|收尾|落实|完毕|完工|竣工|答复|补[上交齐来报送]|交[上来齐])"
)
_STEP = re.compile(
    r"^[^，。；！？,\n]{0,8}?(?:开标|招标|评标|开会|召开|上会|例会|研究|审议|进场|到货|开工|动工|施工|送检"
    r"|评审|公示|启动|开始|面谈|出差|返校|返岗|回来|到校|放假|考试|签约|签订|发货|割接|安装|调试|采样|采数"
    r"|采购|复测|送审|讨论|报批|审批|现场|碰头|对接|协调)"
)
_NOT_EXACT = re.compile(r"左右|大约|大概|约(?!定)|争取|力争|尽量|前后|差不多|可能|也许|或许|尽可能")
_NEGATED = re.compile(
    r"不能|无法|难以|没法|完不成|交不|来不及|赶不上|未能|不了|不完|不具备|恐难|很难|难于|不可能|不齐|到期|原定"
    r"|原计划|原要求|要求|规定|应于|应在"
)
_PAST = re.compile(r"(?:已|已经|曾|刚|才|于)[^，。；]{0,6}$")


@dataclass(frozen=True, slots=True)
class Deadline:
    """The new deadline asked for. `day` None with words: said, but no exact day; `several`: they contradict."""

    day: date | None
    words: str = ""
    arithmetic: str = ""
    several: bool = False


def new_deadline(text: str, base: Base, whens: Sequence[When] | None = None) -> Deadline:
    """The one time in the text that is governed by 延期至, 顺延, or by completing or reporting."""
    ranked: list[tuple[int, When]] = []
    for when in find(text, base) if whens is None else whens:
        strength = _strength(text, when, base)
        if strength:
            ranked.append((strength, when))
    if not ranked:
        return Deadline(None)
    best = max(strength for strength, _ in ranked)
    chosen = [when for strength, when in ranked if strength == best]
    if all(w.nature == "vague" and w.anchor != "unsure" for w in chosen):
        # 推到寒假进行，预计1月25日完成: the exact day beside it tells what the vague one means.
        chosen = [w for s, w in ranked if s >= 2 and w.nature != "vague"] or chosen
    exact = [w for w in chosen if w.day is not None and w.exact and not _hedged(text, w)]
    if best < 3 or not exact:
        vague = [w for w in chosen if w not in exact]
        if vague:
            return Deadline(None, vague[0].words, vague[0].arithmetic)
    days = {w.day for w in exact}
    if len(days) == 1:
        return Deadline(exact[0].day, exact[-1].words, exact[0].arithmetic)
    return Deadline(None, "、".join(w.words for w in exact or chosen), several=len(days) > 1)


def _strength(text: str, when: When, base: Base) -> int:
    """3: the asking itself names it; 2: finishing or reporting is promised for it; 0: it is something else's time."""
    start = clause_start(text, when.start)
    before = text[start : when.start]
    end = next((i for i in range(when.end, len(text)) if text[i] in "，。；！？,;!?\n"), len(text))
    after = text[when.end : end]
    if when.anchor in ("deadline", "unsure"):
        return 3
    if _quoted(text, when.start):
        return 0
    if when.day is not None and when.day < base.mail and when.nature != "period":
        return 0
    if _TO.search(before) and not re.search(r"(?:(?<!能)不|未|没)[^，。]{0,3}$", before):
        return 3
    if when.day is not None and when.day == base.deadline:
        return 0
    if _NEGATED.search(before) or _NEGATED.search(after):
        return 0
    if _STEP.match(after) and not _DELIVER.match(after[:6]):
        return 0
    if _DELIVER.match(after):
        return 2
    if when.anchor == "mail" and re.search(r"(?:报|交|完成|办结|反馈)", before + after):
        return 2
    if when.nature == "vague" and re.search(r"(?:恐怕|得|要|需|只能|待|等|估计|预计|可能)[^，。；]{0,6}$", before):
        return 1
    if re.search(
        (
            r"(?:办结|完成|报送|上报|反馈|交付?|提交)(?:时间|日期|期限|时限)?[^，。；]{0,6}(?:为|是|在|于|定在|到"
            r"|得|预计|约)\s*$"
        ),
        before,
    ):
        return 2
    return 0


def _quoted(text: str, at: int) -> bool:
    opened = max(text.rfind("“", 0, at), text.rfind("《", 0, at), text.rfind("「", 0, at))
    closed = max(text.rfind("”", 0, at), text.rfind("》", 0, at), text.rfind("」", 0, at))
    return opened > closed


def _hedged(text: str, when: When) -> bool:
    start = clause_start(text, when.start)
    before, after = text[start : when.start], text[when.end : when.end + 3]
    if re.search(r"最迟|最晚|至迟|不晚于|不迟于", before):
        return False
    return bool(_NOT_EXACT.search(before) or re.match(r"\s*(?:左右|前后|上下|以后|之后|后(?!勤))", after))


def promised(text: str, base: Base, whens: Sequence[When]) -> Iterator[When]:
    """Times for which finishing or reporting is promised, to be set against the deadline in force."""
    for when in whens:
        if _strength(text, when, base) >= 2:
            yield when


def length_in_days(words: str) -> int | None:
    """两周 → 14: about how long a period is, to see whether it leads beyond a deadline."""
    match = re.search(rf"({NUMERAL}|半)\s*(个?工作日|个?半?月|个?星期|个?礼拜|周|天|日|年)", words)
    if match is None:
        return None
    count = 0.5 if match[1] == "半" else value_of(match[1])
    if count is None:
        return None
    unit = match[2]
    if "工作日" in unit:
        return int(count * 1.4)
    return int(count * (30 if "月" in unit else 7 if re.search(r"周|星期|礼拜", unit) else 365 if unit == "年" else 1))
