"""去信 from a letter's page: did you send this, an answer, please send the file; to the unit's listed people only."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import get_args

from starlette.exceptions import HTTPException
from starlette.responses import Response

from daemon import maillog
from daemon.procedure.shapes import Because, Command, Refusal, WriteUnit
from daemon.procedure.workdays import day_of
from daemon.reading import conclude, decode
from daemon.reading.attached import Missing, missing
from daemon.reading.shapes import Reading
from daemon.register import Registered, register
from daemon.web import days, labels
from daemon.web import letter as page
from daemon.web.letter import Sheet
from daemon.web.letter_acts import Act, SomebodyElse, keep
from daemon.web.page import Visit
from daemon.web.problems import Problem, refused
from daemon.web.writing import Kind, writing
from daemon.world import World
from store import ledger
from store.transaction import Tx


async def write(visit: Visit) -> Response:
    """POST /letters/812/write/answer: a mail that leaves in five minutes, and an entry of the matter."""
    kind = visit.request.path_params["mail"]
    if kind not in get_args(Kind):
        raise HTTPException(404)
    sheet, letter = await page.open_sheet(visit.desk, visit.request.path_params["id"])
    words = visit.typed("words")
    may = writing(sheet.row, sheet.about, sheet.rules)
    if sheet.row.version != visit.number("version") or may is None or kind not in may.may:
        moved = ["这封来信已有变动，没有去信。请看现在的情况。"]
        return await page.draw(visit, sheet, letter, moved=moved, answer=words, open_form="reply", status=409)
    if kind == "answer" and not words:
        problem = Problem("answer", "请写明答复的内容。")
        return await page.draw(visit, sheet, letter, problems=[problem], open_form="reply", status=422)
    subject = letter.subject.strip()[:200]
    command = WriteUnit(
        may.matter.id,
        may.unit,
        kind,
        sheet.row.id,
        sheet.row.from_address,
        subject,
        day_of(sheet.row.arrived_at),
        words,
        missing=_missing(sheet.row.reading) if kind == "ask_file" else "",
    )
    settles = may.settles and kind == "answer"
    try:
        done = await visit.desk.world.store.write(
            partial(_keep, visit=visit, sheet=sheet, command=command, settles=settles)
        )
    except SomebodyElse:
        moved = ["这封来信刚由别人处理，没有去信。"]
        return await page.draw(visit, sheet, letter, moved=moved, answer=words, open_form="reply", status=409)
    name = labels.mail(kind)
    if isinstance(done, Refusal):
        no = refused(name, done)
        return await page.draw(visit, sheet, letter, no=no, answer=words, open_form="reply", status=409)
    maillog.acted(visit.actor, [e.kind for e in done.entries], [may.matter.id])
    visit.desk.world.wake.call("prepare")
    until = done.matters[0].undo_until if done.matters else None
    text = f"{name}将发给{may.unit_name}：{may.key}。" + ("来信已登记。" if settles else "")
    if until is None:
        return visit.said(text, f"/letters/{sheet.row.id}")
    text += f"{days.local(until):%H:%M}前可撤回。"
    return visit.said(text, f"/letters/{sheet.row.id}", matter=may.key, seq=done.entries[-1].seq)


def _missing(reading: Reading | None) -> Missing:
    """What the letter speaks of and does not hold, for the words of the mail."""
    if reading is None:
        return ""
    found = (missing(reading, said.kind, said.report_there) for said in reading.said)
    return next((one for one in found if one), "")


def _keep(tx: Tx, visit: Visit, sheet: Sheet, command: WriteUnit, settles: bool) -> Registered | Refusal:
    """The mail alone, or with the question that it settles, in one commit."""
    world, reading = visit.desk.world, sheet.row.reading
    now = world.clock.now()
    if not settles or reading is None:
        return register(tx, [command], Because(visit.actor), now=now, dice=world.dice)
    sure = replace(reading, said=tuple(replace(s, certain=True) for s in reading.said), decision="register")
    commands = (*_question(tx, world, sheet, sure, now), command)
    matters = tuple(dict.fromkeys(s.matter for s in sure.said if s.matter))
    act = Act(
        sheet.row.id, sheet.row.version, "registered", "register", commands, sure, matters, "", visit.actor
    )  # fmt: skip
    return keep(tx, act, now, world.dice)


def _question(tx: Tx, world: World, sheet: Sheet, reading: Reading, now: datetime) -> tuple[Command, ...]:
    letter = decode.decode(sheet.raw, sheet.row.arrived_at)
    known = ledger.known(tx, world.outlook.rehearsal_address)
    found = [command for said in reading.said for command in conclude.commands_for(said, reading, letter, known)]
    return tuple(dict.fromkeys(found))
