"""办理: one check page for each act on a matter (facts, fields, the mail that follows, the button), and 撤回."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from starlette.exceptions import HTTPException
from starlette.responses import Response

from daemon import maillog
from daemon.procedure.shapes import Because, Command, Entry, Refusal, Undo
from daemon.register import Registered, register
from daemon.web import acts, by_hand, days, timeline
from daemon.web import matter as page
from daemon.web.act import Act, Case, Typed
from daemon.web.matter import Sheet
from daemon.web.page import Visit
from daemon.web.problems import No, Problem, refused
from store import letters
from store.transaction import Tx


async def show(visit: Visit) -> Response:
    """GET /matters/2026-12/do/close"""
    sheet, act, case = await _open(visit)
    if not act.when(sheet.matter):
        return visit.said(f"现在不能{act.title}：事项的状态已变。", f"/matters/{sheet.key}")
    typed = {f.name: (f.first,) for f in act.fields(case) if f.first}
    return await _draw(visit, sheet, act, case, typed)


async def do(visit: Visit) -> Response:
    """POST /matters/2026-12/do/close: the form carries the matter's seq."""
    sheet, act, case = await _open(visit)
    typed: Typed = {f.name: _typed(visit, f.name) for f in act.fields(case)}
    if lines := timeline.moved_on(sheet.entries, visit.number("seq"), sheet.unit, sheet.who):
        return await _draw(visit, sheet, act, case, typed, moved=lines, status=409)
    command = act.command(case, typed)
    if isinstance(command, list):
        return await _draw(visit, sheet, act, case, typed, problems=command, status=422)
    done = await _register(visit, [command], by_hand.way_of(typed) if act.by_hand else "")
    if isinstance(done, Refusal):
        return await _draw(visit, sheet, act, case, typed, no=refused(act.title, done), status=409)
    return _done(visit, sheet, act, done)


async def undo(visit: Visit) -> Response:
    """POST /matters/2026-12/undo: the last entry is taken back; a letter that it came from waits again."""
    sheet = await page.open_sheet(visit)
    seq = visit.number("entry")
    taken = next((e for e in sheet.entries if e.seq == seq), None)
    if taken is None:
        raise HTTPException(404)
    world = visit.desk.world
    why = Because(visit.actor)
    done = await world.store.write(partial(_undo, sheet=sheet, taken=taken, because=why, visit=visit))
    back = f"/matters/{sheet.key}"
    if isinstance(done, Refusal):
        no = refused("撤回", done)
        return visit.said(f"{no.title}：{no.words}{no.way_out}", back)
    maillog.acted(visit.actor, [e.kind for e in done.entries], [sheet.matter.id])
    what = timeline.sentence(taken, sheet.unit)[1].rstrip("。")
    letter = taken.because.letter
    if letter is not None:
        return visit.said(f"已撤回：{what}。来信回到待审。", f"/letters/{letter}")
    return visit.said(f"已撤回：{what}。", back)


def _undo(tx: Tx, sheet: Sheet, taken: Entry, because: Because, visit: Visit) -> Registered | Refusal:
    world = visit.desk.world
    now = world.clock.now()
    done = register(tx, [Undo(sheet.matter.id, taken.seq)], because, now=now, dice=world.dice)
    letter = letters.show(tx, taken.because.letter) if taken.because.letter is not None else None
    if isinstance(done, Registered) and letter is not None:
        letters.settle(
            tx, letter.id, "waiting", now, decision="queue", by=because.actor, why=("undone",),
            expect_version=letter.version,
        )  # fmt: skip
    return done


async def _open(visit: Visit) -> tuple[Sheet, Act, Case]:
    sheet = await page.open_sheet(visit)
    act = acts.named(visit.request.path_params["act"])
    if act is None or visit.role not in act.roles:
        raise HTTPException(404)
    return sheet, act, Case(sheet.matter, sheet.rules, visit.desk.today())


async def _register(visit: Visit, commands: Sequence[Command], note: str) -> Registered | Refusal:
    world = visit.desk.world
    why = Because(visit.actor, note=note)
    done = await world.store.write(
        partial(register, commands=commands, because=why, now=world.clock.now(), dice=world.dice)
    )
    if isinstance(done, Registered):
        maillog.acted(visit.actor, [e.kind for e in done.entries], [m.id for m in done.matters])
        world.wake.call("prepare")
    return done


def _done(visit: Visit, sheet: Sheet, act: Act, done: Registered) -> Response:
    after = done.matters[0] if done.matters else sheet.matter
    text = f"{act.done}：{sheet.key} {sheet.matter.title}。"
    if done.entries and after.undo_until is not None:
        text += f"{days.local(after.undo_until):%H:%M}前可撤回。"
        return visit.said(text, f"/matters/{sheet.key}", matter=sheet.key, seq=done.entries[-1].seq)
    return visit.said(text, f"/matters/{sheet.key}")


async def _draw(
    visit: Visit,
    sheet: Sheet,
    act: Act,
    case: Case,
    typed: Typed,
    *,
    problems: Sequence[Problem] = (),
    no: No | None = None,
    moved: Sequence[str] = (),
    status: int = 200,
) -> Response:
    number = f"第{sheet.matter.ref.number}号" if act.final and sheet.matter.ref else ""
    view = {
        "sheet": sheet,
        "matter": sheet.matter,
        "act": act,
        "lamp": page.lamp_of(sheet.matter, sheet.rules, case.today),
        "fields": act.fields(case),
        "typed": typed,
        "button": f"{act.title}{number}",
        "facts": [h for h in timeline.timeline(sheet.entries, sheet.unit, sheet.who) if h.way == "in"][:3],
        "problems": list(problems),
        "no": no,
        "moved": list(moved),
    }
    return await visit.draw("do.html", view, status=status)


def _typed(visit: Visit, name: str) -> tuple[str, ...]:
    return tuple(v.strip() for v in visit.form.getlist(name) if isinstance(v, str) and v.strip())
