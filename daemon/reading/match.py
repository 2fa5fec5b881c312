"""Which matters a letter speaks of, and how surely: 文号, thread, files and codes, title, the only open one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from daemon.procedure.refno import Found, find_all
from daemon.procedure.shapes import RefNo
from daemon.reading.knowing import Index, thread_of
from daemon.reading.shapes import Finding, KnownMatter, Letter, Opened, Rule

MATCH_RULES: tuple[Rule, ...] = (
    Rule("match.body", "match", "正文写明文号"),
    Rule("match.subject", "match", "主题写明文号"),
    Rule("match.attachment", "match", "附件中写明文号"),
    Rule("match.code", "match", "附件上的二维码指向该事项"),
    Rule("match.thread", "match", "回复的是该事项的邮件"),
    Rule("match.title", "match", "提到该事项的名称，需人确认"),
    Rule("match.only_open", "match", "发件单位仅有这一项在办，需人确认"),
    Rule("match.unknown", "match", "所写文号不存在"),
    Rule("match.conflict", "match", "所写文号与所回复邮件不是同一事项"),
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A 文号 of ours in the new words: where it stands in the body (-1: elsewhere)."""

    ref: RefNo
    matter: KnownMatter | None
    start: int
    end: int
    quote: str


@dataclass(slots=True)
class Matched:
    """What the letter hangs on. `certain` holds for all of `mentions`; `how`: the sign that decided."""

    mentions: list[Mention] = field(default_factory=list)
    certain: bool = False
    how: str = ""
    on_thread: bool = False
    findings: list[Finding] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    @property
    def matters(self) -> list[KnownMatter]:
        return list({m.matter.id: m.matter for m in self.mentions if m.matter}.values())


_INFORMAL = re.compile(
    r"(?<![\d.月/〕）)\]】-])(\d{1,4})\s*号(?=\s*(?:这|那|的?(?:这|那)(?:个|件|项)|督|通知单|件|任务))"
)


def match(
    letter: Letter, body: str, opened: Sequence[Opened], skip_parts: frozenset[int], unit: str | None, idx: Index
) -> Matched:
    """The matters of the letter by the rule of samples/README.md. `skip_parts`: our own notices and nested mails."""
    got = Matched()
    threads, via = thread_of(letter, idx)
    got.on_thread = bool(threads)
    hung = _thread_matters(threads, letter, idx)
    year = _year(hung, letter)
    written = _written(body, idx, year, hung, unit)
    where = "body"
    if not written:
        written, where = _written(letter.subject, idx, year, hung, unit), "subject"
        written = written or _key_alone(letter.subject, idx, hung, unit)
    if not written:
        written, where = _in_files(letter, opened, skip_parts, idx, year), "attachment"
    for each in hung:
        got.findings.append(Finding("match.thread", each.ref.key, via[0], "header"))
    if written:
        _by_writing(got, written, where, hung, threads_of=bool(threads))
        _subject_disagrees(got, letter, where, idx, year)
        return got
    if hung:
        got.mentions = [Mention(m.ref, m, -1, -1, "") for m in hung]
        got.certain, got.how = len(hung) == 1, "thread"
        if len(hung) > 1:
            got.doubts.append("several_matters")
        return got
    by_title = _by_title(letter, body, opened, skip_parts, unit, idx)
    if by_title:
        got.mentions = [Mention(m.ref, m, -1, -1, q) for m, q in by_title]
        got.how = "title"
        got.doubts.append("by_title_only")
        got.findings += [Finding("match.title", m.ref.key, q, "body") for m, q in by_title]
        return got
    only = idx.open_of.get(unit or "", [])
    if len(only) == 1:
        got.mentions = [Mention(only[0].ref, only[0], -1, -1, "")]
        got.how = "only_open"
        got.doubts.append("only_open_matter")
        got.findings.append(Finding("match.only_open", only[0].ref.key, "", "ledger"))
    return got


def by_thread(about: Iterable[str], subject_texts: Sequence[str], letter: Letter, idx: Index) -> Matched:
    """The matter that a robot or a thank-you hangs on: the Message-IDs it names, else a 文号 in what it gives back."""
    got = Matched()
    seen: dict[str, KnownMatter] = {}
    for each in about:
        thread = idx.threads.get(each) or idx.known.tokens.get(each.partition("@")[0].partition(".")[0])
        for matter_id in thread.matters if thread else ():
            if matter_id in idx.by_id:
                seen[matter_id] = idx.by_id[matter_id]
                got.findings.append(Finding("match.thread", idx.by_id[matter_id].ref.key, each, "header"))
    got.on_thread = bool(seen)
    if not seen:
        for text in subject_texts:
            for found in find_all(text, idx.known.school.ref_prefix, _year([], letter)):
                matter = idx.by_key.get(found.ref.key)
                if matter:
                    seen[matter.id] = matter
                    got.findings.append(Finding("match.subject", found.ref.key, found.quote, "subject"))
            if seen:
                break
    got.mentions = [Mention(m.ref, m, -1, -1, "") for m in seen.values()]
    got.certain = len(seen) == 1
    got.how = "thread"
    return got


def _thread_matters(threads: Sequence[object], letter: Letter, idx: Index) -> list[KnownMatter]:
    """Matters of the thread: those of the mail that is answered, if it is of one; else of all the References."""
    direct = next((t for t in (idx.threads.get(i) for i in letter.in_reply_to) if t is not None), None)
    if direct is not None and len(direct.matters) == 1 and direct.matters[0] in idx.by_id:
        return [idx.by_id[direct.matters[0]]]
    seen: dict[str, KnownMatter] = {}
    for thread in threads:
        for matter_id in getattr(thread, "matters", ()):
            if matter_id in idx.by_id:
                seen[matter_id] = idx.by_id[matter_id]
    return list(seen.values())


def _year(hung: Sequence[KnownMatter], letter: Letter) -> int:
    """The year of a 文号 without one: the thread's, else the letter's."""
    if hung:
        return hung[0].ref.year
    return letter.arrived_at.year if letter.date is None else letter.date.year


def _written(text: str, idx: Index, year: int, hung: Sequence[KnownMatter], unit: str | None) -> list[Mention]:
    found = find_all(text, idx.known.school.ref_prefix, year)
    out: list[Mention] = []
    for each in found:
        matter = idx.by_key.get(each.ref.key)
        if matter is None and not each.sure and not _formal(each):
            # 第3号 without year and series: a building, a clause of the plan. Ours only if it exists.
            continue
        if not each.sure and not _formal(each) and matter is not None and not _plausible(matter, hung, unit, idx):
            continue
        out.append(Mention(each.ref, matter, each.start, each.end, each.quote))
    taken = [(m.start, m.end) for m in out]
    for informal in _INFORMAL.finditer(unicodedata.normalize("NFKC", text) if len(text) < 20_000 else ""):
        matter = idx.by_key.get(f"{year}-{int(informal[1])}")
        if matter and _plausible(matter, hung, unit, idx) and not any(a <= informal.start() < b for a, b in taken):
            out.append(Mention(matter.ref, matter, informal.start(), informal.end(), informal[0]))
    return sorted(out, key=lambda m: m.start)


_KEY = re.compile(r"(?<![\d./-])(20\d\d)-0*([1-9]\d{0,2})(?!\d|[-./]\d|\s*[年月日])")


def _key_alone(text: str, idx: Index, hung: Sequence[KnownMatter], unit: str | None) -> list[Mention]:
    """2026-12 as files and commands write it, in a subject or a file's name, of a matter the sender has a part in."""
    out: list[Mention] = []
    for found in _KEY.finditer(text):
        matter = idx.by_key.get(f"{found[1]}-{found[2]}")
        if matter and (matter in hung or (unit is not None and unit in idx.parties(matter))):
            out.append(Mention(matter.ref, matter, -1, -1, found[0]))
    return out


def _formal(found: Found) -> bool:
    """Written with the series or the word that can only mean ours."""
    return bool(re.search(r"督|事项|通知单|办件", found.quote))


def _plausible(matter: KnownMatter, hung: Sequence[KnownMatter], unit: str | None, idx: Index) -> bool:
    return matter in hung or unit is None or unit in idx.parties(matter) or not hung


def _in_files(letter: Letter, opened: Sequence[Opened], skip: frozenset[int], idx: Index, year: int) -> list[Mention]:
    """A 文号 in a file's name, its QR code, its form or the first lines of its text."""
    prefix = idx.known.school.ref_prefix
    by_index = {o.index: o for o in opened}
    seen: dict[str, Mention] = {}
    for part in letter.parts:
        if part.index in skip:
            continue
        one = by_index.get(part.index)
        texts = [
            part.name,
            *(one.codes if one else ()),
            *(one.form.values() if one else ()),
            one.text[:600] if one else "",
        ]
        for text in texts:
            hits = [f for f in find_all(text, prefix, year) if f.sure or _formal(f)]
            if hits:
                for found in hits[:1]:
                    matter = idx.by_key.get(found.ref.key)
                    seen.setdefault(found.ref.key, Mention(found.ref, matter, -1, -1, found.quote))
                break
    return list(seen.values())


def _by_writing(
    got: Matched, written: list[Mention], where: str, hung: Sequence[KnownMatter], *, threads_of: bool
) -> None:
    got.how = where
    got.mentions = written
    for each in written:
        rule = f"match.{where}" if each.matter else "match.unknown"
        got.findings.append(Finding(rule, each.ref.key, each.quote, where, each.start if where == "body" else -1))
    existing = got.matters
    if not existing:
        got.doubts.append("ref_unknown")
        return
    if any(m.matter is None for m in written):
        got.doubts.append("ref_unknown")
        return
    if hung and not any(m in hung for m in existing):
        got.doubts.append("ref_conflict")
        at = written[0].start if where == "body" else -1
        got.findings.append(Finding("match.conflict", existing[0].ref.key, written[0].quote, where, at))
        return
    got.certain = True


def _subject_disagrees(got: Matched, letter: Letter, where: str, idx: Index, year: int) -> None:
    """The body names one matter, the subject of a mail without thread another."""
    if where != "body" or not got.certain:
        return
    refs = {f.ref for f in find_all(letter.subject, idx.known.school.ref_prefix, year) if f.sure or _formal(f)}
    mine = {m.ref for m in got.mentions}
    if refs and not refs & mine:
        got.certain = False
        got.doubts.append("ref_conflict")


# ---------------------------------------------------------------------------------------------------------------
# Title


_EMPTY_WORDS = re.compile(r"关于|的|和|与|及|情况|工作|事项|专项|进行|开展|有关|通知|落实|督办|督查|办结报告|报告")


def _grams(text: str) -> frozenset[str]:
    return frozenset(text[i : i + 2] for i in range(len(text) - 1))


def _by_title(
    letter: Letter, body: str, opened: Sequence[Opened], skip: frozenset[int], unit: str | None, idx: Index
) -> list[tuple[KnownMatter, str]]:
    """The one matter whose title the letter repeats more of than of any other, among those the sender has a part in."""
    names = " ".join(p.name for p in letter.parts if p.index not in skip)
    text = _plain(f"{letter.subject} {body[:3000]} {names}")
    if len(text) < 3:
        return []
    open_ones = idx.open_of.get(unit, []) if unit else [m for m in idx.known.matters if m.open]
    pool = open_ones or [m for m in idx.known.matters if unit is None or unit in idx.parties(m)]
    here = _grams(text)
    scored: list[tuple[float, int, KnownMatter]] = []
    for matter in pool:
        grams, title = _title(matter, idx)
        if not grams:
            continue
        common = grams & here
        longest = _longest(title, text)
        scored.append((len(common) / len(grams), longest, matter))
    good = [s for s in scored if (s[0] >= 0.5 and s[1] >= 3) or s[1] >= max(4, len(_title(s[2], idx)[1]) * 0.6)]
    if not good and unit:
        # Within a unit's few matters a distinctive part of the title is enough for a proposal.
        ranked = sorted(scored, key=lambda s: (s[1], s[0]), reverse=True)
        if ranked and ranked[0][1] >= 3 and (len(ranked) == 1 or ranked[1][1] < ranked[0][1]):
            good = ranked[:1]
    if not good:
        return []
    good.sort(key=lambda s: s[0] + s[1] / 10, reverse=True)
    best = good[0]
    if len(good) > 1 and good[1][0] + good[1][1] / 10 >= best[0] + best[1] / 10 - 0.05:
        return []
    return [(best[2], best[2].title)]


def _plain(text: str) -> str:
    return _EMPTY_WORDS.sub("", re.sub(r"[^\w\u4e00-\u9fff]+", "", unicodedata.normalize("NFKC", text)))


def _title(matter: KnownMatter, idx: Index) -> tuple[frozenset[str], str]:
    if matter.id not in idx.titles:
        plain = _plain(matter.title)
        idx.titles[matter.id] = (_grams(plain), plain)
    return idx.titles[matter.id]


def _longest(title: str, text: str) -> int:
    """Length of the longest piece of the title that stands in the text."""
    best = 0
    for i in range(len(title)):
        while i + best < len(title) and title[i : i + best + 1] in text:
            best += 1
    return best
