"""Whether a reason for delay is told: any fact beside the asking; courtesies and the asking's own words are none."""

from __future__ import annotations

import itertools
import re

from daemon.reading import lexicon as lx
from daemon.reading.acts import Acts
from daemon.reading.clauses import DOCUMENT, MATTER, QUOTED, Clause, Parsed

#: Characters that are left of a clause when the words of asking are taken out of it, from which on it tells something.
_TELLS, _TELLS_BESIDE_THE_DAY, _TELLS_WHILE_ASKING = 2, 6, 10

#: Words of which asking for another day is made. Longer ones first: an alternation takes the first that fits.
_ASKING = re.compile(
    r"申请|恳请|请求|恳求|请示|希望|麻烦|劳驾|劳烦|拜托|烦请|能否|可否|能不能|可不可以|行不行|可以|妥否|建议|打算|准予|允许|准许|批准|同意|批复|审批"
    r"|审定|核准|理解|谅解|见谅|体谅|支持|包涵|海涵|谢谢|谢啦|感谢|抱歉|对不住|不好意思|添了?麻烦|谨致|致歉|歉意|打个?招呼|知悉|知晓|为盼|为荷"
    r"|贵科|贵办|督[察查]科|科里|老师|领导|主任|处长|院长|科长|馆长|书记|同志|我[们处院馆部办校]?|本[处院馆部办科件案单]+|咱们?|您|你们?|此件|这[一]?[件条项个事]"
    r"|事项|任务|工作|事情|一事|关于|督办件?|承办|承担|负责|期限|时限|限期|时间点?|日期|日子|到期|超期|逾期|原[定来订先]?"
    r"|反馈|办结|完成|报送|报结|上报|呈报|提交|办理|办妥|答复|交[卷差账]|收尾|见?分晓|结果|报告|结论|材料"
    r"|延[期长后缓至到]?|顺延|推[迟后到]?|改[期为到至成]?|调整|变更|宽[限展延]?|放宽|展[期限]|缓一?缓|[挪移拖]|通融|往后|向后|加"
    r"|按期|如期|按时|及时|无法|不能|难以|没法|来不及|不[了完成]|实际|实在|确实|困难|特殊|客观|各种|情况|原因|缘故|说明|如下"
    r"|一下|一声|意见|不要|别|等|帮忙?|记[得住]?|跟|说|讲|让|通知|告知|告|规定|比|晚|迟|慢|几天|一些|作废|届时|不是|计划|预计|估计|争取|最迟|最晚|务必|一定|保证"
    r"|今[天日]|明[天日]|[本下]?周[一二三四五六日末]?|[本下]?月[底末初]?|年底|星期|礼拜|元旦|[\d零〇一二两三四五六七八九十百半第]+|[年日号天个]"
    r"|[请望盼求烦想拟至到于在为是成前后内再才就把将给先特此现由从了的吧呀啊吗呢过也都得要能行好办报交批完做弄搞定会之以]"
)
#: Longer words first, and what was taken is not given back: else dates in a row cost the power of their number.
_TIME_ONLY = re.compile(
    rf"^[{MATTER}\s]*+(?:的)?(?:事项|工作|任务|这个|那个|这件|该项|一事)?(?:今天|今日|明天|明日|年底|月底"
    rf"|[\d一二三四五六七八九十]++[月日号]|已?到期|至|到|前|原定|仍|即将|将|于|完成|办结|报送|报|的"
    rf"|[\d年月日号.\-/〇二零]|之|以|现|特|预计|估计|争取|最迟|下?周[一二三四五]?|才|能|方|再)*+$"
)


#: 专家组验收推到12月15日，因此申请延期: what stands before it is the cause, also where it tells of a delay.
_SO = r"^(?:因此|因而|为此|故(?![障意宫])|所以|以致|致使|只好|只能|只得)"


def reasons(acts: Acts, parsed: Parsed, title: str = "", day_at: int = -1) -> list[Clause]:
    """Clauses that give a cause, by 因 or by telling a fact beside the asking. `day_at`: where the new day stands."""
    leads = {id(one) for one, so in itertools.pairwise(parsed.clauses) if so.has(_SO) and one.sentence == so.sentence}
    asking = {id(c) for c in (*acts.delay, *acts.no_delay, *acts.inability)}
    asked = {id(c) for c in acts.question}
    out: list[Clause] = []
    for clause in acts.facts:
        if lx.has(lx.EMPTY_CAUSE, clause.text):
            continue
        if lx.has(lx.CAUSE, clause.text):
            out.append(clause)
        elif id(clause) not in asked and not _only_time(clause):
            beside = clause.start <= day_at <= clause.start + len(clause.raw)
            if id(clause) in leads:
                asking.discard(id(clause))
            least = _TELLS_WHILE_ASKING if id(clause) in asking else _TELLS_BESIDE_THE_DAY if beside else _TELLS
            if _told(clause, title) >= least:
                out.append(clause)
    for clause in (*acts.delay, *acts.inability):
        # 因……，申请 in one clause: the cause stands before the asking.
        if clause not in out and lx.has(lx.CAUSE, clause.text) and not lx.has(lx.EMPTY_CAUSE, clause.text):
            out.append(clause)
    return out


def _told(clause: Clause, title: str) -> int:
    """How many characters a clause holds beside the words of asking and those of the matter's title."""
    rest = re.sub(rf"[{MATTER}{QUOTED}{DOCUMENT}]+", "", clause.text)
    if len(title) >= 4:
        rest = re.sub(rf"[{re.escape(title)}]{{2,}}", "", rest)
    return len(re.findall(r"[\u4e00-\u9fffA-Za-z]", _ASKING.sub("", rest)))


def _only_time(clause: Clause) -> bool:
    """今天到期, 12月25日前报: says when, gives no reason."""
    if _TIME_ONLY.match(clause.text) or clause.has(r"^(?:特此|现)(?:说明|报告|申请)|报送情况|特申请|见谅|理解|支持"):
        return True
    bare = re.sub(rf"[{MATTER}{QUOTED}{DOCUMENT}]+", "", clause.text)
    return len(re.findall(r"[\u4e00-\u9fff]", bare)) < 3 or clause.has(
        r"(?:说明|报告|申请|材料)[^，]{0,4}(?:见附件|附后|附上)"
    )
