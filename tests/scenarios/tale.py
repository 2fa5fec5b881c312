"""A story told in story.txt, lived by the made-up office, and what came of it: ledger.txt and outbox.txt.

A line of story.txt: day, time, who, does what, with what. `#` begins a remark. The clock starts with the first line.

    2026-11-02 08:10  督察科            交办  供热管网检修 主办=后勤管理处 协办=教务处 期限=2026-11-23
    2026-11-02 09:00  后勤管理处联络员  来信  01.txt            (words in mails/01.txt, a reply to the 交办 mail)
    2026-11-02 09:00  后勤管理处负责人  冒名来信  02.txt        (the same, not from there)
    2026-11-20 09:00  督察科            退回  1 缺佐证
    2026-11-20 09:00  督察科            延期  1 2026-12-04     不予延期  1 理由     办结  1     暂缓  1 2026-12-04 理由
    2026-11-20 09:00  机房              停机     开机
    2026-11-30 18:00  督察科            结束
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from email.message import EmailMessage
from pathlib import Path

from daemon.procedure import lamps, refno
from daemon.procedure.shapes import (
    Close,
    Command,
    Entry,
    GrantExtension,
    HoldReminder,
    Matter,
    Refusal,
    RefuseExtension,
    Reminded,
    ReturnReport,
)
from daemon.procedure.words import name
from daemon.procedure.workdays import SHANGHAI, day_of
from store import ledger, outbox
from tests.world.office import LEADERS, SCHOOL, UNITS, Office

#: Entries that say nothing new: what the outbox tells, and the draft.
UNTOLD = ("mail_recorded", "proposed")
ROLES = {"负责人": "head", "直接责任人": "deputy", "联络员": "liaison"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a story."""

    when: str
    who: str
    act: str
    rest: tuple[str, ...]


def lines(story: Path) -> list[Line]:
    """The lines of story.txt; ValueError names one that is no line."""
    found = []
    for number, text in enumerate(story.read_text(encoding="utf-8").splitlines(), 1):
        words = text.partition("#")[0].split()
        if not words:
            continue
        if len(words) < 4:
            raise ValueError(f"{story}:{number}: day, time, who, does what")
        found.append(Line(f"{words[0]} {words[1]}", words[2], words[3], tuple(words[4:])))
    return found


class Tale:
    """One story on its way through an office."""

    def __init__(self, folder: Path, office: Office) -> None:
        self.folder, self.office = folder, office
        self._down = False
        self._acts: dict[str, Callable[[Line], None]] = {
            "交办": self._dispatch,
            "来信": lambda line: self._letter(line, trusted=True),
            "冒名来信": lambda line: self._letter(line, trusted=False),
            "退回": lambda line: self._do(
                line, lambda m: ReturnReport(m.id, m.lead, tuple(line.rest[1:]), False, self._today())
            ),
            "延期": lambda line: self._do(
                line, lambda m: GrantExtension(m.id, date.fromisoformat(line.rest[1]), self._today(), "president")
            ),
            "不予延期": lambda line: self._do(
                line, lambda m: RefuseExtension(m.id, self._today(), "director", line.rest[1])
            ),
            "办结": lambda line: self._do(line, lambda m: Close(m.id, self._today())),
            "暂缓": self._hold,
            "停机": lambda _: setattr(self, "_down", True),
            "开机": lambda _: None,
            "结束": lambda _: None,
        }

    def live(self) -> None:
        """The whole story."""
        for line in lines(self.folder / "story.txt"):
            if self._down:
                self.office.off(line.when)
                self._down = line.act != "开机"
            else:
                self.office.live(line.when)
            self._acts[line.act](line)

    # -- acts ---------------------------------------------------------------------------------------------------------

    def _today(self) -> date:
        return day_of(self.office.clock.now())

    def _dispatch(self, line: Line) -> None:
        title, *rest = line.rest
        told = dict(word.split("=", 1) for word in rest)
        codes = {unit.name: unit.code for unit in UNITS}
        supporting = tuple(codes[unit] for unit in told.get("协办", "").split("、") if unit)
        self.office.propose(title, told["期限"], codes[told["主办"]], supporting)

    def _letter(self, line: Line, *, trusted: bool) -> None:
        unit = next(unit for unit in UNITS if line.who.startswith(unit.name))
        person = getattr(unit, ROLES[line.who.removeprefix(unit.name)])
        number = int(line.rest[1]) if len(line.rest) > 1 else 1
        words = (self.folder / "mails" / line.rest[0]).read_text(encoding="utf-8")
        notice = self._notice(f"m{number}", unit.code)
        if not trusted:  # who forges has not seen our mail
            del notice["Message-ID"]
            notice["Message-ID"] = "<elsewhere@mail.example>"
        self.office.answer(words, notice, person.address, trusted=trusted)

    def _notice(self, matter: str, unit: str) -> EmailMessage:
        rows = {
            r.message_id
            for r in self.office.sent("dispatch")
            if r.mail.unit == unit and r.mail.lines[0].matter == matter
        }
        return next(mail for mail in self.office.mails("dispatch") if str(mail["Message-ID"]).strip("<>") in rows)

    def _do(self, line: Line, make: Callable[[Matter], Command]) -> None:
        done = self.office.act(make(self.office.get(f"m{line.rest[0]}")))
        if isinstance(done, Refusal):
            raise ValueError(f"{line}: {done.code}")

    def _hold(self, line: Line) -> None:
        waiting = [one for a in self.office.get(f"m{line.rest[0]}").assignments for one in a.reminded if _waits(one)]
        until, why = date.fromisoformat(line.rest[1]), line.rest[2]
        self._do(line, lambda m: HoldReminder(m.id, waiting[-1].key, until, why, "director"))

    # -- what came of it ----------------------------------------------------------------------------------------------

    def ledger(self) -> str:
        """Each matter with its lamp and its history, then the letters that wait."""
        told: list[str] = []
        with self.office.store.reading() as tx:
            rules = ledger.rules(tx)
            for matter in ledger.matters(tx):
                ref = refno.spoken(matter.ref, SCHOOL.ref_prefix) if matter.ref else ""
                lamp = lamps.lamp(matter, rules, self._today())
                stands = f"{name('phases', matter.phase)}  {name('colours', lamp.colour)}灯 {lamp.word}"
                told.append(f"{ref} {matter.title}  期限{matter.deadline}  {stands}")
                told += [_entry(one) for one in ledger.history(tx, matter.id) if one.kind not in UNTOLD]
        waiting = [row for row in self.office.letters() if row.state == "waiting"]
        told += ["", f"待审来信 {len(waiting)}封"]
        for row in waiting:
            why = "、".join(name("doubts", code) for code in row.why)
            told.append(f"    {_moment(row.arrived_at)}  {row.from_address}  {why}")
        return "\n".join(told) + "\n"

    def outbox(self) -> str:
        """Every mail that left, and those that wait: when, which, to whom."""
        rows = [row for row in self.office.sent() if row.mail.template != "morning"]
        told = [f"{_moment(row.sent_at)}  {_mail(row)}" for row in rows if row.sent_at]
        left = [row for row in self.office.rows() if row.state not in ("delivered",)]
        return "\n".join([*told, *(f"未发出（{row.state}）  {_mail(row)}" for row in left)]) + "\n"


def _entry(entry: Entry) -> str:
    key = getattr(entry.command, "key", None)
    stage = f" {name('stages', key.stage)}" if key else ""
    actor = name("actors", entry.because.actor.partition(":")[0])
    return f"    {_moment(entry.at)}  {actor}  {name('kinds', entry.kind)}{stage}"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%m-%d %H:%M}"


def _waits(one: Reminded) -> bool:
    return not one.delivered and bool(one.may_hold)


def _mail(row: outbox.OutboxRow) -> str:
    people = "、".join(_person(one.address) for one in row.recipients if one.field == "to")
    copies = "、".join(_person(one.address) for one in row.recipients if one.field == "cc")
    matters = "、".join(dict.fromkeys(line.matter.removeprefix("m") for line in row.mail.lines))
    about = f"  第{matters}项" if matters else ""
    return f"{name('mails', row.mail.template)}  致 {people}{f'  抄送 {copies}' if copies else ''}{about}"


def _person(address: str) -> str:
    for unit in UNITS:
        for role, attribute in ROLES.items():
            if getattr(unit, attribute).address == address:
                return f"{unit.name}{role}"
        if address in unit.other_addresses:
            return f"{unit.name}邮箱"
    known = {leader.address: leader.name for leader in LEADERS}
    known |= {SCHOOL.section_address: "督察科", SCHOOL.director_address: "办公室负责人"}
    return known.get(address, address)
