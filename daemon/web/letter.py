"""来信: one mail's new words beside what was read and why, with the form to confirm, correct or refuse it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from starlette.exceptions import HTTPException
from starlette.responses import Response

from daemon.procedure.rules import Rules
from daemon.procedure.shapes import Matter
from daemon.reading import decode, read
from daemon.reading.shapes import Finding, Letter, Reading
from daemon.web import correction, labels, marked, washed, writing
from daemon.web.correction import Fields
from daemon.web.page import Desk, Visit
from daemon.web.problems import No, Problem
from store import ledger, letters
from store.letters import LetterRow
from store.transaction import Tx

#: What a person may still say about a letter: also later than the first word (更正), always with a reason then.
CORRECTABLE = ("waiting", "registered", "ignored", "copy", "old")


@dataclass(frozen=True, slots=True)
class File:
    """One attachment to download. `index` -1: a link elsewhere, nothing to download."""

    index: int
    name: str
    role: str
    size: int


@dataclass(frozen=True, slots=True)
class Conclusion:
    """One sign that the reading rests on. `number` ties it to its mark in the text; 0: it stands elsewhere."""

    number: int
    words: str
    quote: str


@dataclass(frozen=True, slots=True)
class SaidLine:
    """What the letter says of one matter, in words."""

    ref: str
    title: str
    kind: str
    certain: bool
    day: str
    reason: str
    follows: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A letter with all that its page needs, as gathered from the store; `letter` is decoded outside of it."""

    row: LetterRow
    raw: bytes
    rules: Rules
    titles: dict[str, str]
    before: int | None
    after: int | None
    place: int
    waiting: int
    about: Matter | None = None  # the first matter that the letter names


def gather(tx: Tx, letter_id: int) -> Sheet | None:
    """Everything of one letter that the store holds."""
    row = letters.show(tx, letter_id)
    if row is None:
        return None
    queue = [r.id for r in letters.listing(tx, state="waiting", limit=1000)]
    saids = row.reading.said if row.reading else ()
    named = [ledger.matter(tx, said.matter) for said in saids if said.matter]
    found = [matter for matter in named if matter is not None]
    titles = {matter.id: matter.title for matter in found}
    earlier = [i for i in queue if i < letter_id]
    later = [i for i in queue if i > letter_id]
    return Sheet(
        row,
        letters.raw(tx, letter_id),
        ledger.rules(tx),
        titles,
        earlier[-1] if earlier else None,
        later[0] if later else None,
        queue.index(letter_id) + 1 if letter_id in queue else 0,
        len(queue),
        found[0] if found else None,
    )


async def open_sheet(desk: Desk, letter_id: int) -> tuple[Sheet, Letter]:
    """The sheet and its decoded mail; 404 if there is none."""
    sheet = await desk.world.store.read(partial(gather, letter_id=letter_id))
    if sheet is None:
        raise HTTPException(404)
    return sheet, await asyncio.to_thread(decode.decode, sheet.raw, sheet.row.arrived_at)


async def show(visit: Visit) -> Response:
    """GET /letters/812"""
    sheet, letter = await open_sheet(visit.desk, visit.request.path_params["id"])
    wanted = visit.request.query_params.get("open", "")
    return await draw(visit, sheet, letter, open_form=wanted)


async def draw(
    visit: Visit,
    sheet: Sheet,
    letter: Letter,
    *,
    fields: Fields | None = None,
    problems: Sequence[Problem] = (),
    no: No | None = None,
    moved: Sequence[str] = (),
    refuse_why: str = "",
    answer: str = "",
    open_form: str = "",
    status: int = 200,
) -> Response:
    """The page, at first or with the form as it came back and what was wrong with it."""
    reading = sheet.row.reading
    body = reading.body if reading else letter.text
    unit = sheet.rules.units.get(reading.unit) if reading and reading.unit else None
    leader = leader_name(sheet.rules, sheet.row.from_address)
    html = await asyncio.to_thread(washed.wash, letter.html, letter.parts) if letter.html else None
    view = {
        "row": sheet.row,
        "letter": letter,
        "sheet": sheet,
        "state": labels.LETTER_STATES.get(sheet.row.state, sheet.row.state),
        "unit": unit,
        "who": unit.short_name if unit else (leader or marked.visible(letter.from_display)),
        "trust": _trust(reading),
        "subject": marked.visible(letter.subject),
        "pieces": marked.pieces(body, _in_order(reading)),
        "rest": marked.visible(marked.rest_of(letter.text, body)) if letter.text else "",
        "files": _files(letter, reading),
        "links": html.links if html else (),
        "has_html": bool(letter.html),
        "saids": _said(sheet, reading),
        "conclusions": _conclusions(reading),
        "doubts": _doubts(sheet.row, reading),
        "blue": blue_button(sheet.row, reading),
        "picks": _picks(sheet, reading),
        "fields": fields or correction.of_reading(reading),
        "kinds": labels.kinds(),
        "units": sorted(sheet.rules.units.values(), key=lambda u: u.code),
        "rows": correction.ROWS,
        "waiting": sheet.row.state == "waiting",
        "correctable": sheet.row.state in CORRECTABLE,
        "trusted": bool(reading and reading.trusted),
        "problems": list(problems),
        "no": no,
        "moved": list(moved),
        "refuse_why": refuse_why,
        "writing": writing.writing(sheet.row, sheet.about, sheet.rules),
        "answer": answer,
        "open_form": open_form,
    }
    return await visit.draw("letter.html", view, status=status)


def leader_name(rules: Rules, address: str) -> str:
    """周敏副校长, if the address is a leader's; else ''."""
    found = next((one for one in rules.leaders.values() if address and one.address.lower() == address), None)
    return f"{found.name}{found.title}" if found else ""


def blue_button(row: LetterRow, reading: Reading | None) -> str:
    """What the blue button says: the act itself. '' where nothing may be confirmed as it was read."""
    if row.state != "waiting" or reading is None or not reading.trusted or not reading.said:
        return ""
    if any(said.matter is None or said.kind not in labels.ACTS for said in reading.said):
        return ""
    if any(said.kind == "extension" and not said.reason for said in reading.said):
        return ""  # the law wants a reason: somebody has to fill it in
    kinds = {said.kind for said in reading.said}
    if instructions(reading) and len(reading.said) > 1:
        return labels.ACTS["leader_instruction"]  # of which matters is ticked beside it
    if len(kinds) > 1:
        return f"登记这{len(reading.said)}项"
    act = labels.ACTS[kinds.pop()]
    return act if len(reading.said) == 1 else f"{act}（{len(reading.said)}项）"


def instructions(reading: Reading | None) -> bool:
    """Whether all that the letter says is a leader's 批示."""
    return reading is not None and {said.kind for said in reading.said} == {"leader_instruction"}


def _picks(sheet: Sheet, reading: Reading | None) -> tuple[tuple[str, str, str, bool], ...]:
    """Of several matters that a 批示 may mean: id, 文号, title, and whether its words name it."""
    if reading is None or not instructions(reading) or len(reading.said) < 2:
        return ()
    return tuple(
        (said.matter, said.ref.key if said.ref else "", sheet.titles.get(said.matter, ""), said.certain)
        for said in reading.said
        if said.matter
    )


def _trust(reading: Reading | None) -> str:
    if reading is None:
        return "未能读出"
    if reading.trusted:
        return "发件人相符"
    return "发件人未经证实"


def _said(sheet: Sheet, reading: Reading | None) -> tuple[SaidLine, ...]:
    if reading is None:
        return ()
    return tuple(
        SaidLine(
            said.ref.key if said.ref else "",
            sheet.titles.get(said.matter or "", ""),
            labels.kind(said.kind) + ("（部分办结）" if said.part else ""),
            said.certain,
            said.new_deadline.isoformat() if said.new_deadline else "",
            said.reason,
            labels.FOLLOWS.get(said.kind, ""),
        )
        for said in reading.said
    )


def _conclusions(reading: Reading | None) -> tuple[Conclusion, ...]:
    if reading is None:
        return ()
    by_finding = tuple(
        Conclusion(n if _in_body(f) else 0, _finding_words(f.rule), marked.visible(f.quote))
        for n, f in enumerate(_in_order(reading), 1)
    )
    return by_finding or tuple(Conclusion(0, line, "") for line in read.explain(reading))


def _in_body(finding: Finding) -> bool:
    return finding.offset >= 0 and bool(finding.quote)


def _in_order(reading: Reading | None) -> tuple[Finding, ...]:
    """The findings that stand in the body first, in its order, so that their numbers begin with 1."""
    found = reading.findings if reading else ()
    inside = sorted((f for f in found if _in_body(f)), key=lambda f: f.offset)
    return (*inside, *(f for f in found if not _in_body(f)))


def _finding_words(rule: str) -> str:
    known = read.RULES.get(rule)
    return known.says if known else rule


def _doubts(row: LetterRow, reading: Reading | None) -> tuple[str, ...]:
    codes = dict.fromkeys((*(reading.doubts if reading else ()), *row.why))
    return tuple(labels.doubt(code) for code in codes)


def _files(letter: Letter, reading: Reading | None) -> tuple[File, ...]:
    roles = {a.index: labels.ATTACHMENTS.get(a.role, a.role) for a in reading.attachments} if reading else {}
    parts = [File(p.index, marked.visible(p.name) or "附件", roles.get(p.index, ""), len(p.data)) for p in letter.parts]
    links = (
        [File(-1, marked.visible(a.name), "网盘链接，未取回", 0) for a in reading.attachments if a.index < 0]
        if reading
        else []
    )
    return (*parts, *links)
