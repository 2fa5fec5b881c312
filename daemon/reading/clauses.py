"""A letter's words cut into clauses, with what stands in quotes masked and what is done to which object worked out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from daemon.reading import lexicon as lx

#: 〓 stands for the matter (its title, a 文号), ＂ for words between quotation marks, ※ for a document's name.
MATTER, QUOTED, DOCUMENT = "〓", "＂", "※"

Done = Literal["", "whole", "claimed", "bare", "part", "step", "future", "negated", "asked", "named"]

_SENTENCE = re.compile(r"[。！？!?；;\n]+|…{2,}")
_CLAUSE = re.compile(r"[，,：:]|(?<=[\u4e00-\u9fff〓※）)])[ 　]+(?=[\u4e00-\u9fff〓※\d“])|—{2,}")
_QUOTES = re.compile(r"“[^“”\n]{1,80}”|「[^「」\n]{1,80}」|‘[^‘’\n]{1,60}’|\"[^\"\n]{1,60}\"")
_BOOK = re.compile(r"《([^《》\n]{1,80})》")
_ITEM = re.compile(r"^\s*(?:[（(]?[一二三四五六七八九十\d]{1,2}[)）、.．]|[①-⑩]|[-•·*])\s*")
_THIS = re.compile(
    r"那(?:个|件)[^，。；]{0,10}事|(?<!别)(?<!他)的事情?(?=已|都|也|全|办|弄|做)|该(?:事项|项|任务|工作|件|事)|此(?:事项|项|事|件|任务|工作)|这(?:个|件|项|事)|本(?:件|案)|本(?:事项|项(?:工作|任务)"
    r"|任务)|上述|督[办查](?:事项|任务|件)|所列|(?:整项|全部|各项|所有)(?:工作|任务|事项|问题)|事项|任务"
)


@dataclass(slots=True)
class Clause:
    """One clause. `text` is masked; `mark` is what ends its sentence (？ makes a question); `if_` holds a condition."""

    text: str
    raw: str
    start: int
    sentence: int
    mark: str = ""
    sep: str = ""  # what ends the clause itself
    conditional: bool = False
    done: Done = ""
    done_word: str = ""
    excepted: bool = False  # 除…外 stands before it: what it says is said of the rest only

    def has(self, source: str) -> bool:
        return lx.has(source, self.text)


@dataclass(slots=True)
class Parsed:
    clauses: list[Clause] = field(default_factory=list)
    sentences: int = 0


def mask(text: str, title: str, refs: list[tuple[int, int]]) -> str:
    """The text with quotes, documents' names and mentions of the matter replaced by marks of the same length."""
    chars = list(text)
    for start, end in refs:
        chars[start:end] = MATTER * (end - start)
    text = "".join(chars)
    text = _QUOTES.sub(lambda m: QUOTED * len(m[0]), text)
    text = _BOOK.sub(lambda m: (DOCUMENT + ("报告" if "报告" in m[1] else "") + DOCUMENT * 80)[: len(m[0])], text)
    for piece in _title_pieces(title, text):
        text = text.replace(piece, MATTER * len(piece))
    return text


def _title_pieces(title: str, text: str) -> list[str]:
    """Pieces of the matter's title of four characters or more that stand in the text, longest first."""
    pieces: list[str] = []
    i = 0
    while i < len(title):
        size = 0
        while i + size < len(title) and title[i : i + size + 1] in text:
            size += 1
        if size >= 4:
            pieces.append(title[i : i + size])
            i += size
        else:
            i += 1
    return sorted(pieces, key=len, reverse=True)


def parse(text: str, title: str = "", refs: list[tuple[int, int]] | None = None) -> Parsed:
    """Clauses with their conditions and what is said to be done in each."""
    masked = mask(unicodedata.normalize("NFC", text), title, refs or [])
    out = Parsed()
    at = 0
    for piece in [*_SENTENCE.finditer(masked), None]:
        end = piece.start() if piece else len(masked)
        _sentence(masked, text, at, end, piece[0] if piece else "", out)
        at = piece.end() if piece else end
    return out


def _sentence(masked: str, text: str, start: int, end: int, mark: str, out: Parsed) -> None:
    body = masked[start:end]
    if not body.strip():
        return
    item = _ITEM.match(body)
    at = start + (item.end() if item else 0)
    conditional = False
    for stop, following, sep in _stops(masked, at, end):
        piece = masked[at:stop]
        if piece.strip():
            clause = Clause(piece.strip(), text[at:stop].strip(), at, out.sentences, mark, sep)
            own = bool(lx.pattern(rf"^[^{MATTER}]{{0,8}}?(?:{lx.CONDITION})|的话$").search(clause.text))
            clause.conditional = own or conditional
            conditional = own or (conditional and not re.match(r"[目现已]", clause.text))
            clause.done, clause.done_word = _done(clause)
            out.clauses.append(clause)
        at = following
    _set_apart([c for c in out.clauses if c.sentence == out.sentences])
    out.sentences += 1


#: Characters. Nobody writes a longer clause; a longer stretch is taken in pieces, for patterns cost its square.
_LONGEST = 400


def _stops(masked: str, at: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Where each clause ends, where the next one begins, and what stands between them."""
    for cut in [*_CLAUSE.finditer(masked, at, end), None]:
        stop = cut.start() if cut else end
        while stop - at > _LONGEST:
            at += _LONGEST
            yield at, at, ""
        yield stop, cut.end() if cut else stop, cut[0].strip() if cut else ""
        at = cut.end() if cut else stop


#: 除两处车库外, 除了…, 不含…: what follows is said of the rest; 此外, 除湿, 消除 are other words.
_EXCEPT = re.compile(
    r"(?<![消拆清解排免删扣去铲根剔驱破废开])除(?!夕|湿|草|尘|虫|锈|险|冰|雪|此|名|法|甲)(?:(?:了|去|却)?[^，]{1,40}?外(?![墙语线网教籍壳窗包籍立]|$)"
    r"|(?:了|去|却)?[^，]{1,40}外$|[了去却](?!此|这))|(?:不含|不包括|不算|扣除|刨去|撇开)(?![税])"
)
_ADDS = re.compile(r"^[^，]{0,6}(?:还|也|另|又|同时|并(?!无|不|未))")


def _set_apart(clauses: list[Clause]) -> None:
    """除…外，全部完成: a part, whatever word for the whole follows; 除…外，还… only adds."""
    apart = False
    for clause in clauses:
        opens = _EXCEPT.search(clause.text)
        if not opens and _ADDS.search(clause.text):
            apart = False
        apart = apart or bool(opens)
        if apart and clause.done in ("whole", "claimed", "bare", "step"):
            clause.done, clause.excepted = "part", True


# ---------------------------------------------------------------------------------------------------------------
# What is done


_NOMINAL = re.compile(
    r"^(?:报告|时限|时间|期限|要求|标准|日期|率|期(?!间)|材料|手续|函|单|与否|审核|事宜|台账|证明|意见|申请"
    r"|进度|度|资料|的?时候|节点|通知|表|比例)"
)
_SITUATION = re.compile(r"^的?情况")
_AFTERWARDS = re.compile(r"^(?:之?后|以后|了?之?后|时(?!间)|前|之前|以前|即|的话|了?再|了?就)")
_MODAL = (
    r"能够?(?!源|力|耗|量|效|级|见度)|可以|可望|可(?=[于在按如完办])|会(?=[如按准在完办尽])|肯定|一定(?!程度)|必定"
    r"|必将|力求|尽力|努力|不影响|有信心|要求|务必|必须|(?<![供响反适对呼相效])应(?!用|届|急|邀|收)|(?<![必急])须"
    r"|(?<![必急所刚])需(?!求)|确保|保证|力保|目标|任务是|限期|督促|争取|尚待|有待|有望|才|方可|方能|以便|为了"
    r"|便于|直至|直到|的?(?:条件|可能)|想|打算|希望"
)
_ASSERTED = re.compile(r"(?:已经?|业已|均已|现已|都已|早已|刚刚|终于|顺利)[^，。；]{0,14}$")
_COUNTED = re.compile(
    r"^了?(?:其中的?|约|近|超过|共|共计|[\u4e00-\u9fff]{0,8}?)\s*(?:[\d一二两三四五六七八九十百]+)\s*(?:余"
    r"|多)?\s*(?:项|个|条|处|件|名|人|栋|台|份|户|家|门|所|%|％|成|次|批|间|套|笔|例|对|组|段|层|号楼|位|篇|册"
    r"|公里|米|平)"
)
_SHARE_BEFORE = re.compile(r"(?<!\d)[\d.]+\s*[%％]|[一二三四五六七八九两]成(?!立|果|为|员|绩|本)")
_OURS = re.compile(
    r"(?:我|本)(?:处|院|中心|馆|部|单位|办|方|科|室)[^，。；]{0,6}(?:负责|承担|配合|协助"
    r"|分管)[^，。；]{0,4}(?:的|部分|工作)|(?:负责|承担)的?[^，。；]{0,10}(?:部分|任务|工作|环节)|这(?:块|边"
    r"|部分)|部分(?=已|工作已)"
)


def _done(clause: Clause) -> tuple[Done, str]:
    """The strongest thing that the clause says of completing; '' if it says nothing of it."""
    best: tuple[Done, str] = ("", "")
    for match in lx.pattern(lx.COMPLETE).finditer(clause.text):
        got = _judged(clause, match)
        if _RANK.index(got) < _RANK.index(best[0]):
            best = (got, match[0])
    return best


_RANK: tuple[Done, ...] = ("part", "negated", "step", "whole", "claimed", "bare", "asked", "future", "named", "")


#: Somebody else says so, or promises it: no claim of the sender's.
_HEARSAY = re.compile(
    r"承诺|答应|声称|宣称|(?<![名职简统])称|表示(?!感谢)|听说|据说|据[^，。；]{1,10}(?:反映|介绍|告知)|说(?![明服])"
    r"|仍?按(?=原|\d)"
)


def _judged(clause: Clause, match: re.Match[str]) -> Done:
    text = clause.text
    before, after = text[: match.start()], text[match.end() :]
    if _NOMINAL.match(after):
        return "named"
    if _HEARSAY.search(before):
        return "future"
    if _AFTERWARDS.match(after):
        return "future" if not _SITUATION.match(after) else "named"
    if after.startswith(("不了", "不成", "不完")):
        return "negated"
    asserted = _ASSERTED.search(before)
    tail = before[asserted.start() :] if asserted else before
    if lx.has(lx.NEGATION, tail) and not re.search(r"没有?问题|无(?:异议|误|故障|遗漏)|不再|不断", tail):
        return "negated"
    if _SITUATION.match(after) or re.match(r"^的(?!$)", after):
        return "part" if lx.has(lx.PARTIAL, text) else "named"
    if not asserted:
        if lx.has(lx.REQUEST, tail) or lx.has(r"(?:同意|批准|准予|给予|给)\s*$", tail):
            return "asked"
        if clause.conditional or lx.has(_MODAL, tail) or lx.has(lx.FUTURE, tail) or lx.has(lx.ONGOING, tail):
            return "future"
    elif lx.has(lx.ONGOING + "|" + lx.FUTURE, tail[2:]) and not re.search(r"按(?:期|时|要求|计划)", tail):
        return "future"
    if clause.conditional:
        return "future"
    return _scope(text, before, after, match[0])


def _scope(text: str, before: str, after: str, word: str) -> Done:
    """How much of the matter an asserted completion covers."""
    whole = lx.has(lx.WHOLE, text)
    share = _SHARE_BEFORE.search(text)
    if lx.has(lx.PARTIAL, text) and not (share and share[0].rstrip(" %％") in ("100",) and whole):
        return "part"
    if share and share[0].rstrip(" %％") != "100":
        return "part"
    if lx.has(lx.REMAINDER, text) or _OURS.search(text):
        return "part"
    if _COUNTED.match(after) and not whole:
        return "part"
    named = _THIS.search(text) is not None or MATTER in text
    if lx.has(lx.STEP, text) and not (whole and named) and not lx.has(lx.CLOSE_ONLY, word):
        return "step"
    if whole or _THIS.search(text) or (MATTER in before and not re.search(r"的[^〓]{2,}$", before)):
        return "whole"
    if lx.has(lx.CLOSE_ONLY, word) or _elided(before, after) or _project(before, word):
        return "claimed"
    return "bare"


_ADVERBS = re.compile(
    r"已经?|业已|均已|现已?|都|全|早就?|终于|刚刚?|今[天日早]|昨[天日晚]|前[天日]|上周[一二三四五六日]?"
    r"|本周[一二三四五六日]?|于|在|我(?:们|处|院|单位|中心|馆|部|校)?|本(?:处|院|单位|中心|馆|部)|如期|按(?:期"
    r"|时|要求|计划|照)|顺利|提前|及时|这边|[\d年月日号上下午点一二三四五六七八九十]+|了"
)


#: 工作完成: the work as such, not one piece of it.
_WORK = re.compile(r"^(?:(?:全部|各项|整个|相关)?(?:工作|任务|事项|事情?|活儿?|整改工作|办理工作))$")
_FINAL = r"竣工|完工|验收|交付|投入|恢复开放|启用|上线"
_PROJECT = re.compile(r"^(?:该|本|此|整个)?[\u4e00-\u9fff]{0,6}(?:项目|工程)$")


def _project(before: str, word: str) -> bool:
    """项目已竣工: the project as such, no numbered part of it, reached its last step."""
    return bool(re.search(_FINAL, word)) and bool(_PROJECT.match(_ADVERBS.sub("", before).strip()))


def _elided(before: str, after: str) -> bool:
    """The object is left out, so that it is the matter of the thread: 搞定了, 已于昨日处理完毕并答复本人."""
    return not _WORK.sub("", _ADVERBS.sub("", before)).strip() and (
        not after.strip("了的啦 ") or after.startswith(("并", "了并", "且"))
    )
