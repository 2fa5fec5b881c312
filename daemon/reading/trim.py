"""The sender's own new words: quotes, our own text, signatures, 落款, client lines and disclaimers taken away."""

from __future__ import annotations

import html as html_entities
import re
from dataclasses import dataclass

from daemon.reading.closing import close
from daemon.reading.form_cells import typed
from daemon.reading.htmltext import Line, fold, lines_of
from daemon.reading.knowing import Index
from daemon.reading.mail_lines import is_mark
from daemon.reading.quotes import SEPARATOR, announces, between, coloured, depth_follows, quote_starts
from daemon.reading.shapes import Finding, Letter, Rule
from daemon.reading.signature import Names

TRIM_RULES: tuple[Rule, ...] = (
    Rule("trim.quote", "trim", "引用的原邮件，不算来信人的话"),
    Rule("trim.signature", "trim", "签名或落款，不算正文"),
    Rule("trim.html_differs", "trim", "纯文本与网页正文所说不一致，以网页为准，请人核对"),
    Rule("trim.hidden", "trim", "有读者看不见的文字，未读取"),
)

_BIG_FILE = re.compile(
    r"(?:从|来自|由).{0,16}(?:邮箱|网盘|云盘|微云|企业微信|钉钉|飞书).{0,10}(?:超大附件|云附件|大附件"
    r"|文件中转站|文件)|^\s*(?:超大附件|云附件|文件中转站)\s*(?:[:：(（]|$)"
    r"|以下(?:为|是).{0,6}(?:超大附件|云附件)|(?:超大附件|云附件)(?:列表|下载)",
)
_FILE_LINE = re.compile(
    (
        r"^\s*(?:附件\s*[:：]?\s*|📎\s*)?([^\s/\\:*?\"<>|][^/\\:*?\"<>|]{0,150}?\.(?:docx?|xlsx?|pptx?|pdf|zip|rar"
        r"|7z|ofd|wps|et|jpe?g|png|tar|gz|mp4|mov|txt|csv))(?=$|[\s(（,，|])"
    ),
    re.I,
)
_LINK_WORDS = re.compile(r"下载|到期|有效期|过期|expire|https?://|download|保存|提取码", re.I)
_ENTITY = re.compile(r"&(?:nbsp|gt|lt|amp|quot|#\d+);?")


#: Characters of a letter, quotes and all, that are looked at.
TEXT_LIMIT = 200_000


@dataclass(frozen=True, slots=True)
class Trimmed:
    """What is left of a letter: its new words, names of files kept elsewhere, and what was cut."""

    body: str
    cloud: tuple[str, ...]
    shown: str  # the whole text as a reader sees it, quotes too
    signature: str
    findings: tuple[Finding, ...]
    html_differs: bool = False
    interleaved: bool = False


def trim(letter: Letter, idx: Index) -> Trimmed:
    """The letter's new words. HTML counts where there is any; where the text part says other words, it is told."""
    names, display = _names(idx), re.sub(r"[\s　\"']+", "", letter.from_display)
    ours = _our_lines(idx)
    us = (*sorted(idx.own), idx.known.school.section)
    findings: list[Finding] = []
    from_text = _cut(_text_lines(letter.text), names, display, ours, us) if letter.text.strip() else None
    if not letter.html.strip():
        got = from_text or _Cut([], [], [], [])
        return _trimmed(got, letter.text, findings, False)
    shown = lines_of(letter.html)
    from_html = _cut(_within_limit(shown.lines), names, display, ours, us)
    if shown.hidden.strip():
        findings.append(Finding("trim.hidden", "hidden", shown.hidden[:120], "body"))
    whole = "\n".join(line.text for line in shown.lines)[:TEXT_LIMIT]
    if from_text is None:
        return _trimmed(from_html, whole, findings, False)
    one, other = fold("".join(from_text.body)), fold("".join(from_html.body))
    if one == other:
        return _trimmed(_merged(from_text, from_html), whole, findings, False)
    differs = _says_other(from_text.body, letter.text, from_html.body, whole)
    if differs:
        findings.append(Finding("trim.html_differs", "differs", "".join(from_text.body)[:120], "text"))
    if not other and one and not differs:
        return _trimmed(from_text, whole, findings, False)
    return _trimmed(_merged(from_html, from_text), whole, findings, differs)


_NO_WORD = re.compile(r"[^\w\u4e00-\u9fff]+")
_PLACEHOLDER = re.compile(r"\[(?:cid|图片|image|inline)[^\]]{0,200}\]|<?https?://\S+>?", re.I)


def _says_other(text_lines: list[str], whole_text: str, html_lines: list[str], whole_html: str) -> bool:
    """Whether one part holds new words that stand nowhere in the other; where a quote was cut is a matter of layout."""
    return _absent(text_lines, whole_html) or _absent(html_lines, whole_text)


def _absent(lines: list[str], whole: str) -> bool:
    seen = _NO_WORD.sub("", fold(whole))
    for line in lines:
        words = _NO_WORD.sub("", fold(_PLACEHOLDER.sub("", line)))
        if len(words) >= 2 and words not in seen and not SEPARATOR.match(line.strip()):
            return True
    return False


def _merged(first: _Cut, second: _Cut) -> _Cut:
    return _Cut(
        first.body, first.signature, [*dict.fromkeys([*first.cloud, *second.cloud])], first.quoted, first.interleaved
    )


def _trimmed(got: _Cut, whole: str, findings: list[Finding], differs: bool) -> Trimmed:
    body = re.sub(r"\n{3,}", "\n\n", "\n".join(got.body)).strip("\n ")
    if got.quoted:
        findings.append(Finding("trim.quote", "quote", got.quoted[0].strip()[:80], "body"))
    if got.signature:
        findings.append(
            Finding("trim.signature", "signature", "／".join(s.strip() for s in got.signature)[:120], "body")
        )
    signature = "\n".join(got.signature)
    return Trimmed(body, tuple(got.cloud), whole, signature, tuple(findings), differs, got.interleaved)


# ---------------------------------------------------------------------------------------------------------------
# Lines


_ARROW = re.compile(r"\s?[>＞|]\s?")


def _text_lines(text: str) -> list[Line]:
    """Lines of a text part; `>` counts as one level of quoting each."""
    out: list[Line] = []
    for raw in text[:TEXT_LIMIT].split("\n"):
        if "&" in raw and _ENTITY.search(raw):
            raw = html_entities.unescape(raw)
        raw = raw.replace("\xa0", " ").replace("\ufeff", "").rstrip()
        depth = 0
        bare = raw
        while depth < 20:
            found = _ARROW.match(bare)
            if not found or (bare.lstrip()[:1] == "|" and depth == 0):
                break
            depth += 1
            bare = bare[found.end() :]
        out.append(Line(bare if depth else raw, depth))
    return out


def _within_limit(lines: list[Line]) -> list[Line]:
    """As much of a page as of a text part."""
    left = TEXT_LIMIT
    for n, line in enumerate(lines):
        left -= len(line.text) + 1
        if left < 0:
            return lines[:n]
    return lines


@dataclass(slots=True)
class _Cut:
    body: list[str]
    signature: list[str]
    cloud: list[str]
    quoted: list[str]
    interleaved: bool = False  # the new words were found among lines of a quote


def _cut(lines: list[Line], names: Names, display: str, ours: frozenset[str], us: tuple[str, ...]) -> _Cut:
    """The algorithm for text and HTML alike: quotes off, then file blocks, then what closes the letter."""
    got = _Cut([], [], [], [])
    kept = _unquoted(lines, got, ours)
    top = "\n".join(line.text for line in kept)
    answers = coloured(lines, ours, us, announces(top)) if got.quoted else []
    if got.quoted and not answers and (not top.strip() or announces(top)):
        found = between(lines, ours, us)
        if top.strip():
            answers = [Line(line.text, 0, "typed") for line in found]
            got.interleaved = bool(found)
        else:
            kept = found
            got.interleaved = bool(kept) and not _below_all(lines, kept)
    kept = _without_files(kept, got)
    kept, got.signature = close(typed(kept), names, display)
    got.body.extend(line.text for line in (*kept, *answers))
    return got


def _below_all(lines: list[Line], kept: list[Line]) -> bool:
    """The new words stand together, set off by a blank line below the telephone line that ends our mails."""
    new = {id(line) for line in kept}
    first = next(n for n, line in enumerate(lines) if id(line) in new)
    above = next((line.text.strip() for line in reversed(lines[:first]) if line.text.strip()), "")
    if lines[first - 1].text.strip() or not re.match(r"联系人|(?:联系)?电\s*话", above):
        return False
    return all(id(line) in new or not line.text.strip() for line in lines[first:])


def _unquoted(lines: list[Line], got: _Cut, ours: frozenset[str]) -> list[Line]:
    kept: list[Line] = []
    n, cutting, indented = 0, False, any(line.depth for line in lines)
    while n < len(lines):
        line = lines[n]
        text = line.text.strip()[:500]
        if line.mark == "cloud":
            kept.append(line)
            n += 1
            continue
        if line.depth:
            got.quoted.append(line.text)
            n += 1
            continue
        ended = 0 if cutting else quote_starts(lines, n)
        if ended:
            while kept and (not kept[-1].text.strip() or is_mark(kept[-1].text)) and kept[-1].mark != "rule":
                kept.pop()
            got.quoted.extend(each.text for each in lines[n : n + ended])
            n += ended
            cutting = not depth_follows(lines, n)
            continue
        if cutting:
            if _BIG_FILE.search(text):
                kept.extend(lines[n:])
                break
            got.quoted.append(line.text)
        elif text and fold(text) in ours and (indented or got.quoted):
            got.quoted.append(line.text)
        else:
            kept.append(line)
        n += 1
    return kept


def _without_files(lines: list[Line], got: _Cut) -> list[Line]:
    """Blocks of 超大附件 taken out; the names of their files are kept."""
    kept: list[Line] = []
    n = 0
    while n < len(lines):
        text = lines[n].text.strip()[:500]
        if lines[n].mark == "cloud" or (_BIG_FILE.search(text) and len(text) < 60 and not re.search(r"[。！？]", text)):
            k = n if lines[n].mark == "cloud" else n + 1
            end = n + 1
            while k < len(lines) and k < n + 40:
                each = lines[k].text.strip()
                name = _FILE_LINE.match(each)
                if name:
                    got.cloud.append(name[1].strip())
                elif each and lines[k].mark != "cloud" and not _LINK_WORDS.search(each) and not _SIZE.search(each):
                    break
                k += 1
                end = k
            n = max(end, n + 1)
            continue
        kept.append(lines[n])
        n += 1
    got.cloud[:] = dict.fromkeys(got.cloud)
    return kept


_SIZE = re.compile(r"^\s*[(（]?\s*[\d.]+\s*[KMG]B?\b", re.I)


# ---------------------------------------------------------------------------------------------------------------
# What is known to stand in our mails and in signatures


_cache: list[tuple[Index, Names, frozenset[str]]] = []


def _built(idx: Index) -> tuple[Index, Names, frozenset[str]]:
    for each in _cache:
        if each[0] is idx:
            return each
    known = idx.known
    people: list[str] = [leader.name for leader in known.leaders]
    for unit in known.units:
        people += [p.name for p in (unit.head, unit.second_head, unit.deputy, unit.liaison) if p]
    units = [*idx.unit_words, known.school.office]
    names = Names((known.school.name, known.school.short_name), tuple(units), tuple(people))
    ours: set[str] = set()
    for matter in known.matters:
        for line in matter.notice_text.split("\n"):
            if len(fold(line)) >= 6:
                ours.add(fold(line))
        if matter.requirements:
            for end in ("", "。"):
                said = fold(matter.requirements.rstrip("。") + end)
                ours.update((said, "办理要求:" + said))
    made = (idx, names, frozenset(ours))
    _cache.insert(0, made)
    del _cache[4:]
    return made


def _names(idx: Index) -> Names:
    return _built(idx)[1]


def _our_lines(idx: Index) -> frozenset[str]:
    return _built(idx)[2]
