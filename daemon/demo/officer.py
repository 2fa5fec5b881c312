"""The simulated officer: sends the notices out, works the queue twice a day, decides on reports and extensions.

Everything goes through the same doors as a person's work at the admin view: `register`, and `letter_acts.keep` for
what waits in the queue. What is right the officer knows from the diary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import get_args

from daemon.demo.clerks import Clerks, Written
from daemon.demo.school import Dispatching, SampleOffice
from daemon.procedure.shapes import (
    Because,
    Close,
    Command,
    Dispatch,
    GrantExtension,
    Matter,
    NoteLetter,
    Refusal,
    RefuseExtension,
    ReturnReport,
)
from daemon.procedure.workdays import day_of
from daemon.reading import conclude, decode
from daemon.reading.shapes import Kind, Reading, Said
from daemon.register import Registered, register
from daemon.web.letter_acts import Act, keep
from daemon.world import World
from store import ledger, letters
from store.letters import LetterRow
from store.transaction import Tx

ACCOUNT = "shenyan"
ACTOR = f"officer:{ACCOUNT}"
RETURNED_FOR = ("情况不清", "任务遗漏")
RETURN_WORDS = "请逐件写明两件异议的调查经过、结论和答复情况。"
DENIED_FOR = "细则印发不宜再拖，请提前开会，仍按原时限报送。"


@dataclass(frozen=True, slots=True)
class Decided:
    """One act of the officer, for the timeline and for counting. `day`: the deadline that follows, if another."""

    at: datetime
    matter: int
    what: str  # dispatch, accept, return, grant, deny, confirm, note, refuse
    unit: str = ""
    day: date | None = None
    message_id: str = ""


class Officer:
    """Knows the diary as somebody does who telephones the units."""

    def __init__(self, world: World, school: SampleOffice, clerks: Clerks) -> None:
        self.world = world
        self.school = school
        self.clerks = clerks
        self.decided: list[Decided] = []
        self.refusals: list[str] = []
        self.strange: list[str] = []  # letters in the queue that no diary knows

    async def dispatch(self, batch: Dispatching) -> None:
        """Sends the notices of one morning out."""
        matters = await self._matters()
        for row in batch.matters:
            await self._act(row, "dispatch", Dispatch(matters[row].id))

    async def session(self) -> None:
        """Works through the queue, then through reports and extensions that wait for a decision."""
        for row in await self.world.store.read(partial(letters.listing, state="waiting", limit=1000)):
            await self._letter(row)
        for number, matter in (await self._matters()).items():
            await self._decide(number, matter)

    async def _matters(self) -> dict[int, Matter]:
        by_title = {m.title: m for m in await self.world.store.read(partial(ledger.matters, limit=1000))}
        return {row: by_title[task.title] for row, task in self.school.tasks.items() if task.title in by_title}

    async def _letter(self, row: LetterRow) -> None:
        written = next((w for w in self.clerks.written if w.message_id == row.message_id), None)
        if written is None:
            self.strange.append(f"待审来信{row.id}（{row.subject}）不在办事员日记中")
            return
        if written.planned.officer == "confirm":
            await self._confirm(row, written)
        else:
            await self._put_away(row, written)

    async def _confirm(self, row: LetterRow, written: Written) -> None:
        matter = (await self._matters())[written.planned.matter]
        raw = await self.world.store.read(partial(letters.raw, id=row.id))
        letter = decode.decode(raw, row.arrived_at)
        known = await self.world.store.read(ledger.known)
        said = _said(written, matter)
        before = row.reading or Reading((), None, False, (), letter.text, "queue")
        reading = replace(before, said=(said,), unit=written.planned.unit, decision="register")
        commands = conclude.commands_for(said, reading, letter, known)
        why = "" if before.trusted else "已电话核实"
        act = Act(row.id, row.version, "registered", "register", tuple(commands), reading, (matter.id,), why, ACTOR)
        await self._keep(written, act, "confirm")

    async def _put_away(self, row: LetterRow, written: Written) -> None:
        """Read and answered by telephone, or refused: nothing of it is registered."""
        matters = tuple(dict.fromkeys(s.matter for s in row.reading.said if s.matter)) if row.reading else ()
        why = "来信冒名，不予登记" if written.planned.officer == "refuse" else "已电话答复"
        unit = row.reading.unit if row.reading else None
        kind = "refused" if written.planned.officer == "refuse" else written.planned.kind
        notes = tuple(NoteLetter(m, unit, kind, why) for m in matters)
        act = Act(row.id, row.version, "ignored", "ignore", notes, row.reading, matters, why, ACTOR)
        await self._keep(written, act, written.planned.officer)

    async def _keep(self, written: Written, act: Act, what: str) -> None:
        now = self.world.clock.now()
        done = await self.world.store.write(partial(keep, act=act, now=now, dice=self.world.dice))
        if isinstance(done, Refusal):
            self.refusals.append(f"经办人处理来信{act.letter}被拒：{done.code}（{done.article}）")
            return
        planned = written.planned
        self.decided.append(Decided(now, planned.matter, what, planned.unit, message_id=written.message_id))
        self.world.wake.call("prepare")

    async def _decide(self, number: int, matter: Matter) -> None:
        lead = matter.lead_assignment
        if matter.phase != "running" or lead is None:
            return
        today = day_of(self.world.clock.now())
        if lead.report_waiting and (report := self._last(number, "closure")):
            if report.planned.then == "return":
                command = ReturnReport(matter.id, lead.unit, RETURNED_FOR, False, today, words=RETURN_WORDS)
                await self._act(number, "return", command)
            elif report.planned.then == "accept":
                await self._act(number, "accept", Close(matter.id, today, "同意办结。"))
        if lead.extension_waiting and (asked := self._last(number, "extension")):
            await self._extension(number, matter, asked, today)

    async def _extension(self, number: int, matter: Matter, asked: Written, today: date) -> None:
        if asked.planned.then == "grant" and asked.planned.until:
            grant = GrantExtension(matter.id, asked.planned.until, today, "director", "同意，下不为例。")
            await self._act(number, "grant", grant)
        elif asked.planned.then == "deny":
            await self._act(number, "deny", RefuseExtension(matter.id, today, "director", DENIED_FOR))

    def _last(self, number: int, kind: str) -> Written | None:
        """The newest honest letter of that kind about the matter that the officer would act upon."""
        found = [
            w for w in self.clerks.written
            if w.planned.matter == number and w.planned.kind == kind and w.planned.officer == "confirm"
        ]  # fmt: skip
        return found[-1] if found else None

    async def _act(self, number: int, what: str, command: Command) -> None:
        now = self.world.clock.now()
        done = await self.world.store.write(_registered, [command], now, self.world)
        if isinstance(done, Refusal):
            title = self.school.tasks[number].title
            self.refusals.append(f"经办人办理“{title}”（{what}）被拒：{done.code}（{done.article}）{done.facts}")
            return
        day = done.matters[0].deadline if done.matters else None
        self.decided.append(Decided(now, number, what, self.school.tasks[number].lead, day))
        self.world.wake.call("prepare")


def _registered(tx: Tx, commands: Sequence[Command], now: datetime, world: World) -> Registered | Refusal:
    return register(tx, commands, Because(ACTOR), now=now, dice=world.dice)


def _said(written: Written, matter: Matter) -> Said:
    kinds = {str(kind): kind for kind in get_args(Kind)}
    planned = written.planned
    return Said(
        matter.ref,
        matter.id,
        True,
        kinds[planned.kind],
        new_deadline=planned.until,
        reason=planned.words if planned.kind == "extension" else "",
        report_there=planned.kind == "closure",
    )
