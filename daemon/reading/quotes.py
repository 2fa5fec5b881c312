"""Where a quoted mail begins: separators, attributions and header blocks of the usual clients."""

from __future__ import annotations

import re

from daemon.reading.htmltext import Line, fold

SEPARATOR = re.compile(
    r"^[\s>*]*+[-—–_=*~ ]{0,80}+\s*+(?:原始邮件|原邮件|原始信息|原信|回复的原邮件|被?转发(?:的|邮件)?(?:邮件"
    r"|信息)?|邮件原件|历史邮件|以下是?转发(?:的)?邮件"
    r"|original(?: (?:message|e?mail))?|forwarded message|begin forwarded message|replied message"
    r"|reply above this line|原始郵件)\s*+[:：]?\s*+[-—–_=*~ ]{0,80}+\s*$",
    re.I,
)
_DASHED = re.compile(r"[-—–_=*~]{2,}")
_FROM = re.compile(r"^[\s>*]*(?:发\s*件\s*人|寄件者|寄件人|from|de)\s*[:：]?\s*(.*)$", re.I)
_FIELD = re.compile(
    (
        r"^[\s>*]*(?:发\s*(?:送|件)?\s*(?:时\s*间|日\s*期)|日\s*期|时\s*间|收\s*件\s*人|抄\s*送|密\s*送|主\s*题"
        r"|主\s*旨|发送时间|收件者|副本|附\s*件|sent|date|to|cc|subject|importance|重要性)\s*(?:[:：]|$)"
    ),
    re.I,
)
_WROTE = re.compile(
    (
        r"^[\s>*]*(?:(?:在|于|on|at|le)\s?.{4,160}(?:写道|寫道|来信说|wrote|écrit|说)\s*[:：]\s*|.{0,120}(?:@"
        r"|\d{4}\s*[年./-]|\d{1,2}:\d{2}).{0,120}(?:写道|寫道|来信|wrote)\s*[:：]\s*|.{1,60}(?:写道|寫道"
        r"|wrote)\s*[:：])$"
    ),
    re.I,
)
_WROTE_START = re.compile(r"^[\s>*]*(?:在|于|on|at)\s?.{0,40}\d", re.I)


_MAY_QUOTE = re.compile(
    (
        r"@|件\s*人|件者|写道|寫道|来信|邮件|原件|说\s*[:：]|[原转轉历].{0,12}(?:邮|信|郵)|[在于]|at |on |le |from"
        r"|de\b|wrote|original|forward|message|écrit|回复的"
    ),
    re.I,
)


def quote_starts(lines: list[Line], n: int) -> int:
    """How many lines open a quote at line n: a separator, an attribution, a block of mail headers; 0 for none."""
    text = lines[n].text.strip()
    if not text or len(text) > 300:
        return 0
    if not _MAY_QUOTE.search(text):
        return 0
    if SEPARATOR.match(text) and (_DASHED.search(text) or _header_block(lines, n + 1, 4)):
        return 1
    if _WROTE.match(text):
        return 1
    if _WROTE_START.match(text) or ("@" in text and not text.endswith(("。", "；", "！"))):
        joined = text
        for more in (1, 2):
            if n + more < len(lines) and not lines[n + more].depth:
                joined += " " + lines[n + more].text.strip()
                if _WROTE.match(joined):
                    return 1 + more
    if _FROM.match(text) and _is_header_block(lines, n):
        return 1
    return 0


def _header_block(lines: list[Line], start: int, within: int) -> bool:
    seen = 0
    for k in range(start, min(len(lines), start + within + 6)):
        text = lines[k].text.strip()
        if not text:
            continue
        if _FROM.match(text) and _is_header_block(lines, k):
            return True
        seen += 1
        if seen >= within:
            break
    return False


def _is_header_block(lines: list[Line], n: int) -> bool:
    """发件人 followed by two of 发送时间, 收件人, 主题 within a few lines; labels may stand on lines of their own."""
    first = _FROM.match(lines[n].text.strip())
    if first is None:
        return False
    fields = 0
    seen = 0
    for k in range(n + 1, min(len(lines), n + 18)):
        text = lines[k].text.strip()
        if not text:
            continue
        seen += 1
        if _FIELD.match(text):
            fields += 1
            if fields >= 2:
                return True
        if seen > 9:
            break
    return fields >= 1 and ("@" in lines[n].text or seen <= 2)


def depth_follows(lines: list[Line], n: int) -> bool:
    """Whether the quote that opens here is set off by depth, so that lines without depth behind it are new."""
    for line in lines[n : n + 7]:
        if line.depth:
            return True
        if line.text.strip():
            return False
    return False


_OUR_LINE = re.compile(
    r"督[办查察]|通知单|主办单位|协办单位|反馈时间|签收|办结报告|按期办结|直接回复|保留主题|文号|督察科|联系人\s*[:：]|电\s*话\s*[:：]"
    r"|^[^，。；]{2,20}[:：]$|请批示|呈报|即将到期|抓紧办理|延期申请|延期的"
    r"|^(?:办理|工作)要求\s*[:：]|主题中的|[勿要]改动.{0,4}主题|根据(?:学校|校)领导|现将.{2,60}(?:转|交|发)"
)
_ANNOUNCED = re.compile(
    r"[红蓝绿紫]\s*[字色]|标[红蓝]|颜色|逐[条项]{1,2}(?:答复|回复|作答|说明).{0,6}(?:在|见|写|于|如下|下)"
    r"|(?:答复|回复|意见|说明|情况|回答).{0,6}(?:原文|来信|来函|原邮件|各条|每条|原信).{0,6}[下中后里旁间]"
    r"|(?:在|见|写在|附在)(?:您的?|你的?|贵科)?(?:原文|来信|原邮件|原信|各条|每条|下面各)"
)
_OUR_LABEL = re.compile(
    r"^\s*(?:[●▲◆■]|文号|交办时间|主办单位|协办单位|(?:要求)?反馈时间|督查督办事项|办理要求|联系人|电话|邮箱|附件)"
)


def announces(words: str) -> bool:
    """Whether the words on top say that the answers stand among ours: `答复写在原文下面，红字部分`."""
    return bool(_ANNOUNCED.search(words))


def coloured(lines: list[Line], ours: frozenset[str], us: tuple[str, ...], announced: bool) -> list[Line]:
    """Answers between the lines of our mail, told from them by their colour only; where the top announces them, also
    those that go on behind our words in the same line."""
    start = next((n + quote_starts(lines, n) for n in range(len(lines)) if quote_starts(lines, n)), -1)
    if start < 0 or not any(
        word and word in line.text for line in lines[max(0, start - 6) : start + 12] for word in us
    ):
        return []
    quoted = [line for line in lines[start:] if line.text.strip() and not _is_head(line)]
    until = next((n for n in range(1, len(quoted)) if quote_starts(quoted, n)), len(quoted))
    base = quoted[0].depth if quoted else 0
    quoted = [line for line in quoted[:until] if line.depth <= base]
    strong = sum(line.coloured == line.text.strip() for line in quoted)
    if not quoted or strong * 3 > len(quoted) * 2 or quoted[0].coloured == quoted[0].text.strip():
        return []
    out: list[Line] = []
    for line in quoted:
        words = line.coloured
        whole = words == line.text.strip()
        behind = announced and len(words) >= 2 and line.text.rstrip().endswith(words)
        if words and (whole or behind) and not _OUR_LABEL.match(words) and fold(words) not in ours:
            out.append(Line(words, 0, "typed"))
    return out


def _is_head(line: Line) -> bool:
    return bool(_FIELD.match(line.text.strip()) or _FROM.match(line.text.strip()))


def between(lines: list[Line], ours: frozenset[str], us: tuple[str, ...]) -> list[Line]:
    """Nothing new stands above the quote: words typed below it, or between our lines, that are none of ours."""
    if not any(word and word in line.text for line in lines[:12] for word in us):
        return []  # somebody else's mail passed on: its words are not the sender's
    start = next((n + quote_starts(lines, n) for n in range(len(lines)) if quote_starts(lines, n)), 0)
    out: list[Line] = []
    for line in lines[start:]:
        text = line.text.strip()
        if line.depth or not text or fold(text) in ours or len(text) > 400:
            continue
        if _OUR_LINE.search(text) or _FIELD.match(text) or _FROM.match(text) or SEPARATOR.match(text):
            continue
        out.append(line)
    return out
