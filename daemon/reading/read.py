"""The questions to a letter in their order: an answer? which matter? what does it say? who says it?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from daemon.procedure.workdays import day_of
from daemon.reading import answer, classify, match, roles, trim, trust
from daemon.reading.dates import DATE_RULES
from daemon.reading.knowing import Index, Owner, index, thread_of
from daemon.reading.shapes import (
    Attachment,
    Decision,
    Finding,
    Known,
    KnownMatter,
    Letter,
    Opened,
    Reading,
    Rule,
    Said,
)

RULES_VERSION = "1"
#: New words beyond this many characters are kept, but not read by rules: a person looks.
WORDS_LIMIT = 12_000

#: Every named rule of reading; `explain` looks its words up here.
RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        *answer.ANSWER_RULES,
        *match.MATCH_RULES,
        *trim.TRIM_RULES,
        *trust.TRUST_RULES,
        *roles.ATTACHMENT_RULES,
        *classify.CLASSIFY_RULES,
        *DATE_RULES,
    )
}

_ROBOTS = {"bounce": "bounce", "read_receipt": "read_receipt", "auto_reply": "auto_reply"}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was found out before the matter is looked for."""

    who: trust.Sender
    trimmed: trim.Trimmed
    attachments: tuple[Attachment, ...]
    own: frozenset[int]
    findings: tuple[Finding, ...]
    unreadable: frozenset[int]


def read(letter: Letter, opened: Sequence[Opened], known: Known) -> Reading:
    """Everything understood of a letter, with the evidence; the same letter under the same Known reads the same."""
    idx = index(known)
    who = _meant(letter, idx, trust.sender(letter, idx))
    trimmed = trim.trim(letter, idx)
    answered = answer.look(letter, trimmed.shown, trimmed.body, idx)
    if answered.what != "answer":
        return _robot(letter, answered, trimmed, who, idx)
    own = roles.own_notices(letter, idx)
    attachments, found = roles.roles(letter, opened, trimmed.cloud, idx)
    seen = _Seen(who, trimmed, tuple(attachments), own, (*trimmed.findings, *found), _unreadable(opened))
    return _answer(letter, opened, seen, idx)


def _unreadable(opened: Sequence[Opened]) -> frozenset[int]:
    return frozenset(o.index for o in opened if o.error)


def _meant(letter: Letter, idx: Index, who: trust.Sender) -> trust.Sender:
    """In a rehearsal a letter from the one rehearsal address counts as from the person who was meant."""
    rehearsal = idx.known.rehearsal_address.lower()
    if not rehearsal or not who.single or who.address != rehearsal:
        return who
    threads, _ = trust_threads(letter, idx)
    unit = next((u for u in threads if u), None)
    if unit is None or unit not in idx.units:
        return who
    head = idx.units[unit].head
    address = head.address.lower() if head and head.address else who.address
    owners = tuple(o for o in idx.owners.get(address, ()) if o.unit == unit) or (Owner(unit, "head"),)
    return trust.Sender(who.address, owners, True)


def trust_threads(letter: Letter, idx: Index) -> tuple[list[str], list[str]]:
    """The units that the letter's threads were written to."""
    threads, via = thread_of(letter, idx)
    return [t.unit for t in threads if t.unit], via


def _robot(letter: Letter, answered: answer.Answered, trimmed: trim.Trimmed, who: trust.Sender, idx: Index) -> Reading:
    texts = [letter.subject, answer.returned_subject(letter), trimmed.shown]
    matched = match.by_thread(answered.about, texts, letter, idx)
    kind = _ROBOTS.get(answered.what, "irrelevant")
    said = tuple(
        Said(m.ref, m.matter.id if m.matter else None, matched.certain, kind)  # type: ignore[arg-type]
        for m in matched.mentions
    ) or (Said(None, None, False, kind),)  # type: ignore[arg-type]
    body = trimmed.body if answered.what in ("auto_reply", "calendar", "newsletter") else ""
    attachments, found = roles.roles(letter, (), (), idx)
    return Reading(
        said=said,
        unit=who.unit if answered.what in ("calendar", "newsletter") else None,
        trusted=False,
        attachments=tuple(attachments),
        body=body,
        decision="ignore",
        findings=(*answered.findings, *matched.findings, *found),
        person_role="",
        bounced=answered.bounced,
        rules=RULES_VERSION,
    )


def _answer(letter: Letter, opened: Sequence[Opened], seen: _Seen, idx: Index) -> Reading:
    who, body = seen.who, seen.trimmed.body[:WORDS_LIMIT]
    nested = frozenset(a.index for a in seen.attachments if a.role == "nested_mail")
    matched = match.match(letter, body, opened, seen.own | nested, who.unit, idx)
    findings = [*seen.findings, *matched.findings]
    doubts = list(matched.doubts)
    pieces = _segments(body, matched)
    statements = [
        (piece.mentions, classify.classify(piece.text, _context(letter, opened, seen, piece, matched, idx)))
        for piece in pieces
    ]
    said: list[Said] = []
    for mentions, one in statements:
        findings += one.findings
        doubts += one.doubts
        for mention in mentions or (None,):
            said.append(_said(mention, one, matched.certain))
    said = _joined(said)
    if all(s.kind == "irrelevant" for s in said) and matched.how not in ("thread", "body", "subject"):
        said = [Said(None, None, False, "irrelevant")]
    matters = [idx.by_id[s.matter] for s in said if s.matter]
    trusted, why, more = trust.judge(letter, who, matters, matched.on_thread, idx)
    if said[0].kind == "irrelevant" and said[0].ref is None:
        more = []
    findings += why
    doubts += more
    doubts += _shape_doubts(seen, said)
    if len(seen.trimmed.body) > WORDS_LIMIT:
        doubts.append("unclear")
    decision = _decision(said, trusted, doubts)
    return Reading(
        said=tuple(said),
        unit=who.unit,
        trusted=trusted,
        attachments=seen.attachments,
        body=seen.trimmed.body,
        decision=decision,
        findings=tuple(findings),
        doubts=tuple(dict.fromkeys(doubts)) if decision == "queue" else (),
        person_role=who.role,
        rules=RULES_VERSION,
    )


def _said(mention: match.Mention | None, one: classify.Statement, certain: bool) -> Said:
    matter = mention.matter if mention else None
    return Said(
        ref=matter.ref if matter else None,
        matter=matter.id if matter else None,
        certain=certain and matter is not None,
        kind=one.kind,
        new_deadline=one.new_deadline,
        deadline_words=one.deadline_words,
        arithmetic=one.arithmetic,
        reason=one.reason,
        report_there=one.report_there,
        part=one.part,
    )


_GRAVITY = (
    "extension", "closure", "not_ours", "question", "leader_instruction", "progress", "receipt",
    "auto_reply", "bounce", "read_receipt", "irrelevant",
)  # fmt: skip


def _joined(said: list[Said]) -> list[Said]:
    """One Said a matter: the gravest, where a letter comes back to the same matter."""
    best: dict[str | None, Said] = {}
    for each in said:
        key = each.matter
        if key not in best or _GRAVITY.index(each.kind) < _GRAVITY.index(best[key].kind):
            best[key] = each
    return [each for key, each in best.items() if key is not None or len(best) == 1]


@dataclass(frozen=True, slots=True)
class _Piece:
    """The stretch of the body that speaks of some matters, and where their 文号 stand in it."""

    mentions: list[match.Mention]
    text: str
    refs: tuple[tuple[int, int], ...]
    alone: bool


def _segments(body: str, matched: match.Matched) -> list[_Piece]:
    """A piece for each matter; what stands before the first belongs to all."""
    placed = [m for m in matched.mentions if m.start >= 0 and matched.how == "body"]
    if len({m.ref for m in placed}) < 2:
        return [_Piece(matched.mentions, body, tuple((m.start, m.end) for m in placed), True)]
    groups: list[tuple[list[match.Mention], int]] = []
    for mention in placed:
        between = body[groups[-1][0][-1].end : mention.start] if groups else ""
        if groups and not _breaks(between):
            groups[-1][0].append(mention)
        else:
            groups.append(([mention], _line_start(body, mention.start)))
    opening = body[: groups[0][1]]
    out: list[_Piece] = []
    for n, (mentions, start) in enumerate(groups):
        end = groups[n + 1][1] if n + 1 < len(groups) else len(body)
        shift = len(opening) - start
        refs = tuple((m.start + shift, m.end + shift) for m in mentions)
        out.append(_Piece(mentions, opening + body[start:end], refs, len(groups) == 1))
    return out


def _breaks(between: str) -> bool:
    return any(c in between for c in "。；;！!？?\n") or len(between) > 6


def _line_start(body: str, at: int) -> int:
    """Where the clause that holds a 文号 begins: behind the last sentence mark or line end before it."""
    marks = [body.rfind(c, 0, at) for c in "。；;！!？?\n"]
    return max(marks) + 1


def _context(
    letter: Letter, opened: Sequence[Opened], seen: _Seen, piece: _Piece, matched: match.Matched, idx: Index
) -> classify.Context:
    matter: KnownMatter | None = next((m.matter for m in piece.mentions if m.matter), None)
    files = [a for a in seen.attachments if piece.alone or matter is None or _speaks_of(a.name, matter)]
    reports = [a.name for a in files if a.role == "report"]
    forms = {a.index for a in files if a.role == "returned_form"}
    return classify.Context(
        lead=matter is None or seen.who.unit not in matter.supporting,
        deadline=matter.deadline if matter else None,
        base=_base(letter),
        calendar=idx.known.calendar,
        report_file=any(roles.report_kind(name) == "closure" for name in reports),
        progress_file=any(roles.report_kind(name) == "progress" for name in reports),
        extension_file=any(roles.report_kind(name) == "extension" for name in reports),
        form_file=bool(forms),
        form_filled=any(_filled(o) for o in opened if o.index in forms),
        other_file=any(a.role == "evidence" for a in files),
        leader=seen.who.leader is not None or (not seen.who.owners and trust.pretended_leader(letter, idx)),
        listed=bool(seen.who.owners),
        hangs=matched.how in ("thread", "body", "subject", "attachment"),
        title=matter.title if matter else "",
        subject=letter.subject,
        refs=piece.refs,
    )


def _speaks_of(name: str, matter: KnownMatter) -> bool:
    """Whether a file's name tells that it belongs to this one of several matters."""
    if str(matter.ref.number) in re.findall(r"\d+", name):
        return True
    return any(matter.title[i : i + 4] in name for i in range(max(1, len(matter.title) - 3)))


def _filled(opened: Opened) -> bool:
    """Whether the cell 办结报告 of the returned form holds words."""
    if opened.form:
        return any("办结" in label and len(words.strip()) >= 6 for label, words in opened.form.items())
    return re.search(r"^[ \t　]*办结报告[ \t　]*[:：][ \t　]*\S[^\n]{5,}", opened.text, re.M) is not None


def _base(letter: Letter) -> date:
    """The day from which a reply's dates count: its Date header if within two days of arrival, else arrival."""
    if letter.date is not None and abs(letter.date - letter.arrived_at) <= timedelta(days=2):
        return day_of(letter.date)
    return day_of(letter.arrived_at)


_FOR_PEOPLE = {"question": "question", "not_ours": "not_ours", "leader_instruction": "leader"}


def _shape_doubts(seen: _Seen, said: Sequence[Said]) -> list[str]:
    out: list[str] = []
    if seen.trimmed.html_differs:
        out.append("html_differs")
    if seen.trimmed.interleaved:
        out.append("unclear")
    if any(a.index in seen.unreadable for a in seen.attachments if a.role in ("report", "returned_form")):
        out.append("attachment_unreadable")
    elsewhere = any(roles.report_kind(name) == "closure" for name in seen.trimmed.cloud)
    if elsewhere and not any(a.role == "report" for a in seen.attachments) and said and said[0].kind == "progress":
        out.append("cloud_link_only")
    for each in said:
        if each.kind == "closure" and not each.report_there:
            out.append("cloud_link_only" if seen.trimmed.cloud else "report_missing")
        if each.kind == "extension" and each.new_deadline is None:
            out.append("date_inexact" if each.deadline_words else "no_date")
        if each.kind == "extension" and not each.reason:
            out.append("no_reason")
        if each.kind in _FOR_PEOPLE:
            out.append(_FOR_PEOPLE[each.kind])
    return out


def _decision(said: Sequence[Said], trusted: bool, doubts: Sequence[str]) -> Decision:
    if all(each.kind == "irrelevant" for each in said):
        return "ignore"
    if not trusted or doubts or not all(each.certain for each in said):
        return "queue"
    return "register"


def explain(reading: Reading) -> list[str]:
    """The reading in Chinese lines: each conclusion with the words that led to it."""
    lines: list[str] = []
    for finding in reading.findings:
        rule = RULES.get(finding.rule)
        says = rule.says if rule else finding.rule
        quote = f"：“{finding.quote}”" if finding.quote else ""
        lines.append(f"{says}{quote}")
    return list(dict.fromkeys(lines))
