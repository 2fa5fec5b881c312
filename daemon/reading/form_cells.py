"""Our 通知单 as it is pasted into a mail: what was typed into its cells is the sender's, the rest of it is ours."""

from __future__ import annotations

import re

from daemon.reading.htmltext import Line

_OURS = (
    r"行政督查督办单位|督查督办单位|文\s*号|编\s*号|交办(?:时间|日期)|主办单位|协办单位|(?:要求)?(?:反馈|办结)(?:时间|期限)"
    r"|督查督办\s*事项|督查督办|事\s*项|(?:督查|督办)内容|督查督办内容|办理要求|工作要求"
    r"|(?:学校|校)?办公室\s*(?:负责人)?\s*意见|学校办公室|负责人\s*意见|(?:学校|校)\s*领导\s*(?:意见|批示)?"
    r"|(?:分管)?(?:校)?领导(?:意见|批示)|交办部门联系人|交办部门|联系人|联系电话|要\s*求|说\s*明"
)
_THEIRS = (
    r"签\s*收(?:人|时间|日期|栏|单位|情况|意见)?|(?:主要)?负责人签(?:字|收|名)|办结报告|办结情况"
    r"|办理(?:情况|结果|进展|意见)|进展情况|落实情况|完成情况|整改情况|反馈(?:情况|意见|内容)"
    r"|延期(?:说明|申请|理由|原因)|承办(?:人|意见|情况)|经办人|(?:主办|协办)单位意见"
)
_LABEL = re.compile(
    rf"(?:^|(?<=[\s　]))(?:(?P<theirs>{_THEIRS})|(?P<ours>{_OURS}))\s*(?:[（(][^）)]{{0,12}}[)）])?"
    r"\s*(?:[:：]|(?=[\s　]|$))"
)
_TITLE = re.compile(r"^[^。！？；，,]{0,30}督[查办]{1,3}(?:督办|督查)?通知单[^。！？；，,]{0,4}$")
_SURELY_OURS = re.compile(r"(?:办公室|校?领导)\s*(?:负责人)?\s*(?:意见|批示)|督查督办\s*事项|^负责人\s*意见")
_STAMP = re.compile(r"[（(](?:(?:主办|协办)?单位)?(?:公章|盖章|签章|签字|签名)[)）]")
_RULES = re.compile(
    r"^(?:\d\s*[．.、]\s*)?(?:接到本《?通知|如不能按时完成|督查内容或办结报告内容较多)|^要\s*求\s*[:：]\s*$"
)
#: A form has this many lines at most; longer answers in one cell go on.
_LIMIT = 200


def typed(lines: list[Line]) -> list[Line]:
    """The lines with our form, where it stands among them, cut down to what was typed into it (marked `typed`)."""
    found = _span(lines)
    if found is None:
        return lines
    start, last = found
    out = lines[:start]
    theirs = False
    for n in range(start, last + 1):
        line = lines[n]
        text = line.text.strip()
        if _TITLE.match(text) or _RULES.match(text):
            theirs = False
            continue
        labels = list(_LABEL.finditer(text)) if len(text) <= 2000 else []
        pieces = [(theirs, text[: labels[0].start()] if labels else text)]
        for at, label in enumerate(labels):
            until = labels[at + 1].start() if at + 1 < len(labels) else len(text)
            theirs = label["theirs"] is not None
            pieces.append((theirs, text[label.end() : until]))
        said = "　".join(_STAMP.sub("", words).strip(" 　") for mine, words in pieces if mine)
        if said.strip(" 　"):
            out.append(Line(said.strip(" 　"), 0, "typed"))
    # Where the last cell is the sender's, its words go on below.
    return [*out, *lines[last + 1 :]]


def _span(lines: list[Line]) -> tuple[int, int] | None:
    """First and last line of our form; None: no form."""
    title = next((n for n, line in enumerate(lines) if _TITLE.match(line.text.strip())), None)
    begin = title if title is not None else 0
    at: list[int] = []
    seen: set[str] = set()
    for n in range(begin, min(len(lines), begin + _LIMIT)):
        text = lines[n].text.strip()
        if _RULES.match(text):
            at.append(n)
            continue
        first = _LABEL.match(text) if len(text) <= 2000 else None
        if first:
            at.append(n)
            seen.update("".join(label[0].split()).rstrip(":：") for label in _LABEL.finditer(text))
    sure = title is not None or sum(bool(_SURELY_OURS.search(label)) for label in seen) >= 2
    if not sure or len(seen) < 3:
        return None
    start, last = (title if title is not None else at[0]), at[-1]
    label = _LABEL.match(lines[last].text.strip())
    if label and label["ours"] and label.end() == len(lines[last].text.strip()) and last + 1 < len(lines):
        last += 1  # the value stands in the next line
    return start, last
