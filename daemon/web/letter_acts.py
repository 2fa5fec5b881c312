"""What an officer does with a letter: confirm what was read, correct it, or refuse it; all through `register`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from starlette.responses import Response

from daemon import maillog
from daemon.procedure.shapes import Because, Command, NoteLetter, Refusal
from daemon.reading import conclude
from daemon.reading.shapes import Known, Letter, Reading
from daemon.register import Registered, register
from daemon.web import actors, correction, days, labels
from daemon.web import letter as page
from daemon.web.letter import Sheet
from daemon.web.page import Visit
from daemon.web.problems import Problem, refused
from daemon.world import Dice
from store import ledger, letters
from store.transaction import Tx


class SomebodyElse(Exception):
    """The letter is no longer what the form was filled in for; the transaction is lost."""


@dataclass(frozen=True, slots=True)
class Act:
    """What is to be kept of a letter in one transaction."""

    letter: int
    version: int
    state: letters.State
    decision: str
    commands: tuple[Command, ...]
    reading: Reading | None
    matters: tuple[str, ...]
    why: str
    actor: str


def keep(tx: Tx, act: Act, now: datetime, dice: Dice) -> Registered | Refusal:
    """Register and settle in one commit; SomebodyElse where another officer was faster."""
    done: Registered | Refusal = Registered((), (), ())
    if act.commands:
        done = register(tx, act.commands, Because(act.actor, act.letter, act.why), now=now, dice=dice)
        if isinstance(done, Refusal):
            return done
    settled = letters.settle(
        tx,
        act.letter,
        act.state,
        now,
        decision=act.decision,
        reading=act.reading,
        by=act.actor,
        matters=act.matters,
        expect_version=act.version,
    )
    if not settled:
        raise SomebodyElse
    return done


async def confirm(visit: Visit) -> Response:
    """POST /letters/812/confirm: what the blue button says."""
    sheet, letter = await page.open_sheet(visit.desk, visit.request.path_params["id"])
    reading = sheet.row.reading
    if sheet.row.version != visit.number("version") or sheet.row.state != "waiting":
        return await _too_late(visit, sheet, letter)
    if reading is None or not page.blue_button(sheet.row, reading):
        problem = Problem("", "这封来信不能直接确认，请经“改正”登记。")
        return await page.draw(visit, sheet, letter, problems=[problem], open_form="correct", status=422)
    said = reading.said
    if page.instructions(reading) and len(said) > 1:
        picked = set(visit.form.getlist("said"))
        said = tuple(one for one in said if one.matter in picked)
        if not said:
            problem = Problem("said", "请勾选批示针对的事项。")
            return await page.draw(visit, sheet, letter, problems=[problem], status=422)
    sure = replace(reading, said=tuple(replace(s, certain=True) for s in said), decision="register")
    return await _register(visit, sheet, letter, sure, "")


async def correct(visit: Visit) -> Response:
    """POST /letters/812/correct: ref, unit, kind, date and reason as the officer says; later too (更正)."""
    sheet, letter = await page.open_sheet(visit.desk, visit.request.path_params["id"])
    fields = correction.of_form(visit.form)
    if sheet.row.version != visit.number("version") or sheet.row.state not in page.CORRECTABLE:
        return await _too_late(visit, sheet, letter, fields)
    known = await _known(visit)
    before = sheet.row.reading
    need = correction.need(trusted=bool(before and before.trusted), waiting=sheet.row.state == "waiting")
    drafts = {matter.id for matter in await visit.desk.world.store.read(ledger.matters, "proposed")}
    checked = correction.check(fields, known, visit.desk.today(), need_why=need, proposed=drafts)
    if isinstance(checked, list):
        return await page.draw(visit, sheet, letter, fields=fields, problems=checked, open_form="correct", status=422)
    reading = correction.reading_of(checked, before, letter.text)
    return await _register(visit, sheet, letter, reading, checked.why, fields)


async def refuse(visit: Visit) -> Response:
    """POST /letters/812/refuse: 不予登记, with a reason that the matter's history keeps."""
    sheet, letter = await page.open_sheet(visit.desk, visit.request.path_params["id"])
    why = visit.typed("why")
    if sheet.row.version != visit.number("version") or sheet.row.state != "waiting":
        return await _too_late(visit, sheet, letter, refuse_why=why)
    if not why:
        problem = Problem("refuse_why", "请写明不予登记的理由。")
        return await page.draw(visit, sheet, letter, problems=[problem], open_form="refuse", status=422)
    reading = sheet.row.reading
    matters = _matters(reading)
    notes = tuple(NoteLetter(m, reading.unit if reading else None, "refused", why) for m in matters)
    act = Act(
        sheet.row.id, sheet.row.version, "ignored", "ignore", notes, reading, matters, why, visit.actor
    )  # fmt: skip
    try:
        done = await _kept(visit, act)
    except SomebodyElse:
        return await _too_late(visit, sheet, letter, refuse_why=why)
    if isinstance(done, Refusal):
        no = refused("不予登记", done)
        return await page.draw(visit, sheet, letter, no=no, refuse_why=why, open_form="refuse", status=409)
    maillog.settled(sheet.row.id, "ignored")
    return visit.said("已作不予登记处理，来信保存在“不予登记”中。", await _next(visit, sheet.row.id))


async def _register(
    visit: Visit,
    sheet: Sheet,
    letter: Letter,
    reading: Reading,
    why: str,
    fields: correction.Fields | None = None,
) -> Response:
    """Register what the reading says and go on to the next letter."""
    known = await _known(visit)
    commands = await asyncio.to_thread(_commands, reading, letter, known)
    moves = bool(commands)
    act = Act(
        sheet.row.id,
        sheet.row.version,
        "registered" if moves else "ignored",
        "register" if moves else "ignore",
        commands,
        reading,
        _matters(reading),
        why,
        visit.actor,
    )
    try:
        done = await _kept(visit, act)
    except SomebodyElse:
        return await _too_late(visit, sheet, letter, fields)
    form = "correct" if fields else ""
    if isinstance(done, Refusal):
        no = refused("登记", done)
        return await page.draw(visit, sheet, letter, fields=fields, no=no, open_form=form, status=409)
    maillog.registered(sheet.row.id, act.matters, [s.kind for s in reading.said])
    visit.desk.world.wake.call("prepare")
    text, matter, seq = _sentence(sheet, reading, done)
    return visit.said(text, await _next(visit, sheet.row.id), matter=matter, seq=seq)


def _commands(reading: Reading, letter: Letter, known: Known) -> tuple[Command, ...]:
    found = [command for said in reading.said for command in conclude.commands_for(said, reading, letter, known)]
    return tuple(dict.fromkeys(found))


async def _kept(visit: Visit, act: Act) -> Registered | Refusal:
    world = visit.desk.world
    return await world.store.write(partial(keep, act=act, now=world.clock.now(), dice=world.dice))


async def _known(visit: Visit) -> Known:
    world = visit.desk.world
    return await world.store.read(partial(ledger.known, rehearsal_address=world.outlook.rehearsal_address))


def _matters(reading: Reading | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(s.matter for s in reading.said if s.matter)) if reading else ()


def _sentence(sheet: Sheet, reading: Reading, done: Registered) -> tuple[str, str, int]:
    """`已登记签收：2026-12 美术学院。08:46前可撤回。` with the entry that 撤回 takes back."""
    unit = sheet.rules.units.get(reading.unit or "")
    name = unit.short_name if unit else ""
    said = "；".join(
        f"{labels.DONE.get(s.kind, labels.kind(s.kind))}：{s.ref.key if s.ref else ''} {name}".strip()
        for s in reading.said
    )
    matter = done.matters[0] if len(done.matters) == 1 else None
    if matter is not None and done.entries and matter.undo_until is not None:
        until = f"{days.local(matter.undo_until):%H:%M}前可撤回。"
        return f"已登记{said}。{until}", matter.ref.key if matter.ref else matter.id, done.entries[-1].seq
    return f"已登记{said}。", "", 0


async def _next(visit: Visit, letter: int) -> str:
    """After an act: the next of the list."""
    rows = await visit.desk.world.store.read(partial(letters.listing, state="waiting", after=letter, limit=1))
    rows = rows or await visit.desk.world.store.read(partial(letters.listing, state="waiting", limit=1))
    return f"/letters/{rows[0].id}" if rows else "/letters?state=waiting"


async def _too_late(
    visit: Visit,
    sheet: Sheet,
    letter: Letter,
    fields: correction.Fields | None = None,
    refuse_why: str = "",
) -> Response:
    """`李静 08:41 已登记为延期申请。您填写的内容保留在下方。`"""
    fresh, _ = await page.open_sheet(visit.desk, sheet.row.id)
    lines = [_what_became(fresh, await _shown_name(visit, fresh))]
    form = "correct" if fields else ("refuse" if refuse_why else "")
    return await page.draw(
        visit, fresh, letter, fields=fields, moved=lines, refuse_why=refuse_why, open_form=form, status=409
    )


def _what_became(sheet: Sheet, who: str) -> str:
    row = sheet.row
    at = f" {days.local(row.settled_at):%H:%M}" if row.settled_at else ""
    if row.state == "registered" and row.reading:
        kinds = "、".join(dict.fromkeys(labels.DONE.get(s.kind, labels.kind(s.kind)) for s in row.reading.said))
        return f"{who}{at} 已登记为{kinds}。"
    if row.state == "ignored":
        return f"{who}{at} 已作不予登记处理。"
    return f"这封来信{at} 已有变动，现为“{labels.LETTER_STATES.get(row.state, row.state)}”。"


async def _shown_name(visit: Visit, sheet: Sheet) -> str:
    """Who settled the letter, by the name that people know."""
    return actors.shown(await visit.desk.world.store.read(actors.names), sheet.row.read_by)
