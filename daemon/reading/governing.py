"""How strongly the words around an expression of time make it the day on which the matter is to be finished."""

from __future__ import annotations

import bisect
import re
from collections.abc import Sequence

from daemon.reading.moments import Base, When, clause_start

#: Asked for; moved to; finishing or reporting promised; only reached (要到…, …就行); feared or named beside it.
ASKED, MOVED, DONE, WEAK, LOOSE = 5, 4, 3, 2, 1

_END = "，。；！？,;!?\n"
_REQUEST = re.compile(
    r"申请|恳请|恳求|请求|提请|呈请|报请|(?<![聘邀宴延])请(?!假|教|了|来|柬|客)|求您|希望|切望|(?<![有无失渴绝])望(?!江|远|而)|盼"
    r"|准予|准许|允许|容(?=我|到|至)|同意|批准|(?<![模虚初])拟(?!定|稿|订)|(?<![本原曾没料来])想(?!来)|打算|建议|能否|可否|能不能|可不可以|拜托|麻烦|劳驾|烦|我[们处院馆部办]?要求"
)
#: A wish, no request: it needs the verb of finishing behind it. 拟于12月3日召开评审会 asks for nothing.
_WILL = re.compile(r"拟|想|打算|希望|建议")
_NOUN = re.compile(
    r"期限|时限|限期|截止|(?:办结|完成|反馈|报送|呈报|上报|报结|答复|提交|办理|核发|整改|结束|完工|交付|任务|事项|本件|此件|这[一]?[件条项])的?"
    r"(?:时间|日期|日子|日(?!常)|时点|期(?!间))"
)
_NAMED = re.compile(
    r"(?:(?:期限|时限|限期|截止(?:日期?|时间)?|(?:办结|完成|反馈|报送|呈报|上报|报结|答复|提交)的?(?:时间|日期|日|期限|时限))"
    r"[^，。；！？,\n]{0,6}?(?:为|是|在|于|定在|到|得|预计|约|[:：])"
    r"|(?:期限|时限|限期|截止日期?)|(?:办结|完成|报送|上报|报结|交付|提交)(?:预计|可能|大约|定|拟|约)?(?:为|是|在|于))\s*$"
)
_MOVE = re.compile(
    r"(?:延|推|展|顺|缓|宽|拖|挪|移|迟|变更|调整?|(?<!整)(?<!修)改|换|更改|放(?=宽|[到至在]))[^，。；！？,\n]{0,14}?(?:至|到|为|在|成|于|以)\s*$"
    r"|(?<!整)(?<!修)(?:改|改定|延|推迟|推后|改期|延期|挪)\s*$"
)
_TO = re.compile(r"(?:至|到|于|在|为|成)\s*$")
_LATEST = re.compile(r"(?:最迟|最晚|至迟|不晚于|不迟于)(?:须|需|要|得|也|应)?(?:在|于|到|至|不超过)?\s*$")
_REACH = re.compile(
    r"(?:(?:要|得|须|需|只能|只好|只得|能|等|最早也?要?|怎么也|怕是?|就|才)*(?:到|至)|(?<![^\W只还就总也便])(?:要|得|是)|就定)\s*$"
)
#: 厂家定在…, 会议改到…, 停电挪到了…: somebody else's time, one step on the way.
_EVENT = re.compile(
    r"会议|例会|全会|评审|验收|考试|招标|开标|排期|公示|公告|付款|放款|到货|交货|供货|发货|停电|停机|开庭|庭期|结题|选课|演出|散场"
    r"|体检(?!整|工作)|检修|调解|专家|厂家|厂商|厂里|厂方|供应商|供货商|施工方|施工队|公司|银行|法院|仲裁|公安|派出所|海关|省厅|厅里|省里|市里"
    r"|区里|部里|学会|委员会|设计院|检测|监理|对方|(?<![我本])单位|站里|比赛|聚会|婚礼|活动|培训班|开学|航班"
)
_ACTOR = re.compile(
    r"^(?:因|由于|而|但|要等|等|待|据|经|可)?[\u4e00-\u9fff]{0,6}(?:厂家|厂商|厂里|厂方|供应商|供货商|施工方|施工队|银行|法院|仲裁庭?|公安|派出所|海关|省厅|厅里|省里|市里"
    r"|区里|部里|对方|专家组?|设计院|图纸?|配件|设备|货|芯片|检测公司|卡厂)"
)
#: 他们说12月2日交: somebody else's word. What our own head says is ours.
_HEARSAY = re.compile(
    r"(?:他们|人家|对方|[\u4e00-\u9fff]{1,8}(?<![主处院科馆部]任)(?<![处院科馆部]长)(?<!书记)(?<!领导)(?<![我您你]))(?<!再)(?<!来)(?<!先)(?:说(?!明|一声)|称|答应|承诺|答复|表示)"
)
_OURSELVES = re.compile(r"我[们处院馆部办校科方中单]?|本[处院馆部办科中单]|咱")
#: What follows is the sender's own conclusion.
_THEREFORE = re.compile(r"\s*(?:所以|因此|因而|故而?|只好|只能|只得|为此|于是|我)")
#: 我处把时间报宽一点，定为12月22日.
_SET = re.compile(
    r"^\s*(?:就|拟|现|暂|故|且|并)?定(?:为|在|到|于)\s*$|^\s*(?:就|暂|先)(?:写|按|算|填)(?:在|到|成|为|作)?\s*$"
)
_LEAD = (
    r"^\s*+(?:[（(][^）)]{0,8}[)）])?\s*+(?:以?之?前|以?之?内|当天|当日|当晚|晚上|上午|下午|下班前|上班前|这天|末|底|再|才|方|就|可|能|将"
    r"|会|一定|必定?|必然|保证|肯定|一准|准(?=[给报交能])|全部|正式|统一|一并|左右|前后|把|之|的|时|拟|前能|可以|争取|定(?=[能会可报])|予以|给你?们?|给贵科|给科里|给您"
    r"|向贵科|向学校|向您|向科里|向督[察查]科|我们?|我处|我院|我馆|我部|咱们?|您(?=看|见))*+\s*+"
)
_VERB = (
    r"办结|完成|办完|报送|上报|报出|补报|反馈|提交|交(?!付使用|货|汇|流|接)|(?<![校学日晚电海])报(?!价|名|批|到|废|警|销|社|纸|邮)|弄[完好]|搞[完定]|做[完好]|呈[报送上交]|送达|收尾|收官|收工|扫尾|交活"
    r"|落实|完毕|完工|竣工|答复|补[上交齐来报送]|了结|销账|销号|见(?:报告|分晓|结果|结论)|看见报告|端上来|送(?![检审货修餐菜医电气])|补齐|办妥|办好|回话|办理完|交[上来齐]"
)
_DELIVER = re.compile(
    _LEAD + r"(?:将?(?:(?!后(?![勤厨台]))[^，。；！？,\n]){0,10}?(?:" + _VERB + r")"
    r"|[^，。；！？,\n]{0,4}?(?<![看说讲播])[\u4e00-\u9fff]完(?!整|善|税|全|了?[再才后])|完(?=$|[了吧呀啊]))"
)
_GAVE = re.compile(
    r"^[^，。；！？,\n]{0,8}?(?<![发分补])(?:给(?:您|你们?|贵|科里|结果|结论|报告|答复|行|不|$)(?!打|电|添|发邮|回电)|送(?:到您|给您|上|交|来|达))"
)
_WELL = re.compile(
    r"^\s*+(?:之?前|以?内)?\s*+(?:就|才|再|能(?!行)|准|可(?![以否])|都)*+(?:能?行|可否|好不好|怎么样|可以|能行|齐|好|成|定|办|结束|结|了|可|$)"
)
_REPORTS = re.compile(r"^[^，。；！？,\n]{0,6}(?:报您|报给|报结|报送|反馈|上报|呈报|交差|交卷|办结|完成|交账|了结)")
#: 9日全部恢复并反馈: the last step and the report in one.
_AND_REPORTS = re.compile(
    r"^[^，。；！？,\n]{0,14}[并再](?:书面|正式|同时|一并)?(?:报您|报结|报送|反馈|上报|呈报|报告)"
)
_STEP = re.compile(
    r"^[^，。；！？,\n]{0,8}?(?:开标|招标|评标|开会|召开|上会|例会|研究|审议|进场|到货|开工|动工|施工|送检"
    r"|评审|公示|启动|开始|面谈|出差|返校|返岗|回来|到校|放假|考试|签约|签订|发货|割接|安装|调试|采样|采数"
    r"|采购|复测|送审|讨论|报批|审批|现场|碰头|对接|协调|开庭|解封|重开|恢复|付款|放款|散场|开放|表决|到位|抽检)"
)
_NEGATED = re.compile(
    r"不能|无法|难以|没法|完不成|交不|报不|来不及|赶不上|未能|不了|不完|不出|不成|不具备|恐难|很难|难于|不可能|不齐|到期|原[定订]|别等|不要等"
    r"|原计划|原要求|(?<!我处)(?<!我们)(?<!我院)要求|规定|应于|应在|无望|没戏|失约"
)
#: 二十号赶不上了，二十六号准成, without a comma between.
_DENIED = re.compile(rf"^[^{_END}]*[了的啦]\s*$")
_UNMOVED = r"(?:(?<!能)不|未|没)[^，。]{0,3}$"
#: 施工方请求12月10日前交付: not the sender's asking.
_OTHERS_ASK = re.compile(
    r"(?:厂家|厂商|厂里|厂方|供应商|供货商|施工方|施工队|承建方|乙方|公司|银行|法院|对方|(?<![我本])单位|学生|家长|他们)"
    r"(?:已|又|也|曾|来函|来电|提出|书面)*(?:申请|请求|要求|希望|建议)"
)
#: 请贵科于11月25日前答复: the day by which we are to answer.
_OF_YOU = re.compile(r"(?:请|望|盼|烦|麻烦)[^，。；]{0,3}(?:贵|您|督|学校|领导|上级|科里)")
_ANSWER = re.compile(r"[^，。；]{0,4}(?:答复|批复|回复|明确|告知|审批|审定|示下)")
#: 上次申请延到11月30日: asked before.
_FORMER = re.compile(r"\s*(?:我[们处院]?|本[处院])?(?:上次|上回|上一次|前次|此前|之前|先前|早先|原先|当初|曾)")
_COMPARED = re.compile(r"比|较|(?<![再请])(?:晚|迟|慢)[^，。；]{0,4}$")


#: A space between two words does the duty of a comma.
_GAP = re.compile(r"(?<=[\u4e00-\u9fff])[ \u3000]+(?=[\u4e00-\u9fff])")


def strength(text: str, when: When, base: Base, whens: Sequence[When] = ()) -> int:
    """ASKED … LOOSE, or 0 where it is something else's time: a step's, another's, past, quoted, the old deadline."""
    before, near, after = _around(text, when, whens)
    if _quoted(text, when.start) or (when.day is not None and when.day < base.mail and when.nature != "period"):
        return 0
    if when.anchor in ("deadline", "unsure", "today"):
        return 0 if _FORMER.match(before) else _of_period(when, before, after)
    if _FORMER.match(before) or _replaced(before, after) or _past(when, near, after):
        return 0
    if when.day is not None and when.day == base.deadline and not _MOVE.search(near):
        return 0
    if _OTHERS_ASK.search(before) or (_OF_YOU.search(before) and _ANSWER.match(after)):
        return 0
    moved = _moved(before, near, after)
    if moved >= MOVED:
        return moved
    found = 0 if re.search(_UNMOVED, before) else _let(before, near, after)
    if not found and (_NEGATED.search(_DENIED.sub("", near)) or _NEGATED.search(after)):
        return 0
    found = found or _promised(when, before, near, after)
    if found and when.day is not None and base.deadline is not None and when.day <= base.deadline:
        return LOOSE
    return found


#: Characters before and after a time that can govern it: a clause without commas may be as long as the letter.
_BEFORE, _AFTER = 80, 40


def _around(text: str, when: When, whens: Sequence[When]) -> tuple[str, str, str]:
    """The clause before the time; what of it stands nearer than the time before; what follows up to the next one."""
    start = max(clause_start(text, when.start), when.start - _BEFORE)
    gaps = [m.end() for m in _GAP.finditer(text[start : when.start])]
    start += gaps[-1] if gaps else 0
    limit = min(len(text), when.end + _AFTER)
    end = next((i for i in range(when.end, limit) if text[i] in _END), limit)
    at = bisect.bisect_left(whens, when.start, key=lambda w: w.start)
    nearer = max(start, whens[at - 1].end) if at and whens[at - 1].end <= when.start else start
    at = bisect.bisect_left(whens, when.end, key=lambda w: w.start)
    following = min(end, whens[at].start) if at < len(whens) else end
    return text[start : when.start], text[nearer : when.start], _GAP.split(text[when.end : following])[0]


def _quoted(text: str, at: int) -> bool:
    opened = max(text.rfind("“", 0, at), text.rfind("《", 0, at), text.rfind("「", 0, at))
    closed = max(text.rfind("”", 0, at), text.rfind("》", 0, at), text.rfind("」", 0, at))
    return opened > closed


def _replaced(before: str, after: str) -> bool:
    """由11月20日改为…: the old one."""
    return bool(
        re.search(r"(?:由|从|自|把|将|原定?于?)\s*$", before)
        and re.match(r"\s*(?:[\u4e00-\u9fff]{0,6}?)(?:改|变更|调|推|延|顺|挪|移|换|后)", after)
    )


def _past(when: When, near: str, after: str) -> bool:
    """已于6号交省厅, 9号办完了移交: told of what is done, where a bare day would be taken for the next such day."""
    if re.search(r"(?:已经?|早已?|刚刚?|曾)(?:于|在)?\s*$", near):
        return True
    return re.fullmatch(r"[^月年周期]{1,4}[日号]", when.words) is not None and bool(
        re.match(r"[^，。；！？]{0,10}?(?:[完好齐毕过]了|已|就[\u4e00-\u9fff]?完)", after)
    )


def _of_period(when: When, before: str, after: str) -> int:
    """A length of time that is added: asked for, told (要慢一周), or told of something else (到货推迟两周)."""
    asks = bool(_REQUEST.search(before)) or bool(_NOUN.search(before))
    if when.anchor == "unsure":
        return ASKED if asks or re.search(r"再给|再容|多给|再宽", before) else WEAK
    if when.anchor == "today":
        return ASKED if asks or re.search(r"给|要|需|报|交|完成|办结|反馈", before + after) else 0
    if asks:
        return ASKED
    if _COMPARED.search(before) or (_EVENT.search(before) and not _OURSELVES.search(before)):
        return WEAK
    return MOVED


def _moved(before: str, near: str, after: str) -> int:
    """延至, 改到, 请准到, 以…为时限, 最迟…: ASKED or MOVED; 0 where the time is not moved to."""
    if re.search(_UNMOVED, before):
        return 0
    request, noun = _REQUEST.search(before), _NOUN.search(before)
    if re.search(r"以\s*$", before) and re.match(
        r"\s*为(?:新的?|最终)?(?:时限|期限|宜|限|准|截止|办结|反馈|妥)", after
    ):
        return ASKED
    if _MOVE.search(near):
        if request or noun:
            return ASKED
        ours = _OURSELVES.search(before) or _THEREFORE.match(before) or _REPORTS.match(after)
        others = _EVENT.search(before) and not ours
        return 0 if others or re.search(r"了\s*$", near) else MOVED
    if _SET.match(before):
        return MOVED
    if _NAMED.search(before) and not re.search(r"原|要求", before):
        return ASKED
    if _LATEST.search(near):
        return 0 if _STEP.match(after) and not _REPORTS.match(after) else MOVED
    return 0


def _let(before: str, near: str, after: str) -> int:
    """请准我处12月4日再报, 拟于26日上报: asked or planned for it by no word of moving."""
    request = _REQUEST.search(before)
    if request is None or _STEP.match(after):
        return 0
    to = _TO.search(near) and (not _WILL.search(request[0]) or not after.strip())
    return ASKED if to or _DELIVER.match(after) else 0


def _promised(when: When, before: str, near: str, after: str) -> int:
    """Finishing or reporting said for the time, or only that it comes to it."""
    if _STEP.match(after) and not _DELIVER.match(after[:6]) and not _AND_REPORTS.match(after):
        return 0
    others = bool(_ACTOR.match(before) or _HEARSAY.match(before)) and not _OURSELVES.search(before)
    if _AND_REPORTS.match(after) and not others:
        return DONE
    if _DELIVER.match(after) or _GAVE.match(after):
        return 0 if others and not _REPORTS.match(after) else DONE
    if when.anchor == "mail" and re.search(r"(?:报|交|完成|办结|反馈)", before + after):
        return DONE
    if when.nature == "vague":
        feared = re.search(r"(?:恐怕|得|要|需|只能|待|等|估计|预计|可能|到|至)[^，。；]{0,6}$", before)
        return LOOSE if feared else 0
    if others or _EVENT.search(near):
        return 0
    return WEAK if _REACH.search(near) or _WELL.match(after) else 0
