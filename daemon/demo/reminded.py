"""Whether a reminder that left was right: its day computed once more by plain counting, and the answers before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from daemon.demo import plain_days
from daemon.demo.clerks import Written
from daemon.demo.officer import Decided
from daemon.demo.school import SampleOffice
from daemon.demo.servers import Carried
from daemon.procedure.workdays import SHANGHAI

ANSWERS = ("receipt", "progress", "closure", "extension")
#: Stage → working days after the dispatch, or after the deadline in force.
AFTER_DISPATCH = {"ack1": 1, "ack2": 2, "ack3": 3}
AFTER_DEADLINE = {
    "pre5": -5, "pre2": -2, "day0": 0, "over1": 1, "over3": 3, "lead3": 3, "over5": 5, "pres10": 10, "week": 15,
}  # fmt: skip
LEAST_TERM = {"check": 15, "pre5": 15, "pre2": 5, "day0": 2}
TO_LEADERS = {"lead3": "supervising", "week": "supervising", "pres10": "president"}
#: Units hear at 10:00, leaders and the 督办函 at 14:30.
AFTERNOON = ("lead3", "over5", "pres10", "week")
PRESIDENT = "校长"
RETURN_TERM = 5


@dataclass(frozen=True, slots=True)
class Line:
    """One matter in a reminder. `matter`: row of matters.csv."""

    matter: int
    unit: str
    stage: str
    counts_from: date


class Judge:
    """Knows the diaries: when each unit's answer lay in the mailbox, and when the officer decided what."""

    def __init__(self, school: SampleOffice, written: Sequence[Written], decided: Sequence[Decided]) -> None:
        self._school = school
        self._written = written
        self._decided = decided

    def wrong(self, line: Line, carried: Carried) -> str:
        """'' for a reminder that was right, else what is wrong with it, in words."""
        at = carried.at.astimezone(SHANGHAI)
        name = f"{at:%m-%d %H:%M} 对“{self._school.tasks[line.matter].title}”{line.unit}的 {line.stage}"
        answered = self._answered(line, carried.at)
        if answered:
            return f"{name}：{answered}"
        days = self._days(line, carried.at)
        if not days:
            return f"{name}：按时限和办理周期，不该有这一级"
        if not plain_days.works(at.date()) or not _office_hour(at):
            return f"{name}：不在办公时间"
        if at.date() not in days and not self._was_held(line, days, carried.at):
            return f"{name}：应在 {'或'.join(sorted(d.isoformat() for d in days))}"
        return self._misdirected(line, carried, name)

    def missing(self, ours: Sequence[Carried], lines: Mapping[str, tuple[Line, ...]], ends: datetime) -> list[str]:
        """Stages that should have left for units that never answered anything, and did not."""
        sent = {(line.matter, line.unit, line.stage) for c in ours for line in lines.get(c.message_id, ())}
        found = []
        for task in self._school.tasks.values():
            began = self._dispatched(task.row)
            if began is None or self._letters(task.row, task.lead, ends):
                continue
            for stage in (*AFTER_DISPATCH, *AFTER_DEADLINE):
                line = Line(task.row, task.lead, stage, task.deadline)
                days = self._days(line, ends)
                if days and min(days) <= ends.date() and (task.row, task.lead, stage) not in sent:
                    found.append(f"“{task.title}”一直无人答复，却没有发 {stage}（应在 {min(days)}）")
        return found

    # -- what had been answered ---------------------------------------------------------------------------------

    def _letters(self, matter: int, unit: str, before: datetime) -> list[Written]:
        """Honest letters of the unit about the matter that lay in the mailbox."""
        return [
            w for w in self._written
            if w.planned.matter == matter and w.planned.unit == unit and w.at < before and w.planned.officer != "refuse"
        ]  # fmt: skip

    def _answered(self, line: Line, at: datetime) -> str:
        letters = [w for w in self._letters(line.matter, line.unit, at) if w.planned.kind in ANSWERS]
        confirmed = [w for w in letters if w.planned.officer == "confirm"]
        if line.stage in AFTER_DISPATCH:
            return f"{_when(confirmed[0])} 已有答复" if confirmed else ""
        if self._last("accept", line.matter, at):
            return "事项已办结"
        reports = [w for w in confirmed if w.planned.kind == "closure"]
        returned = self._last("return", line.matter, at)
        if reports and (returned is None or returned.at < reports[-1].at):
            return f"{_when(reports[-1])} 办结报告已到"
        asked = [w for w in confirmed if w.planned.kind == "extension"]
        if asked and not any(d.at >= asked[-1].at for d in self._of(("grant", "deny"), line.matter, at)):
            return f"{_when(asked[-1])} 延期申请待批"
        fresh = [w for w in confirmed if plain_days.between(_day(w.at), _day(at)) <= RETURN_TERM]
        if line.stage == "check" and any(w.planned.kind == "progress" for w in fresh):
            return f"{_when(fresh[-1])} 刚报过进展"
        return ""

    def _was_held(self, line: Line, days: set[date], at: datetime) -> bool:
        """Whether something of the unit waited for the officer when the stage fell due, and it left soon after."""
        due = datetime.combine(min(days), _due_time(line.stage), SHANGHAI)
        if due > at:
            return False
        for written in self._letters(line.matter, line.unit, at) + self._letters(0, line.unit, at):
            freed = self._freed(written)
            soon = freed is not None and plain_days.between(_day(freed), _day(at)) <= 1
            if written.at <= due < (freed or at) and (soon or freed is None):
                return True
        return False

    def _freed(self, written: Written) -> datetime | None:
        """When the officer was done with the letter and with what it asked for."""
        ends = [d.at for d in self._decided if d.message_id == written.message_id]
        if written.planned.kind in ("closure", "extension"):
            decisions = self._of(("accept", "return", "grant", "deny"), written.planned.matter, None)
            ends += [d.at for d in decisions if d.at >= written.at][:1]
        return max(ends, default=None)

    # -- its day ------------------------------------------------------------------------------------------------

    def _days(self, line: Line, at: datetime) -> set[date]:
        """The day of the stage, by the deadline in force at `at`; two where half a term has a half day."""
        began = self._dispatched(line.matter)
        if began is None:
            return set()
        first = _day(began)
        if line.stage in AFTER_DISPATCH:
            return {plain_days.later(first, AFTER_DISPATCH[line.stage])}
        task = self._school.tasks[line.matter]
        if line.unit != task.lead:
            return set()
        start, deadline = self._in_force(line.matter, first, at)
        term = plain_days.between(start, deadline)
        if term < LEAST_TERM.get(line.stage, 0):
            return set()
        if line.stage == "check":
            return {plain_days.later(first, half) for half in {term // 2, (term + 1) // 2}}
        days = {plain_days.later(deadline, AFTER_DEADLINE[line.stage])}
        if line.stage == "week":
            days |= {plain_days.later(deadline, 15 + 5 * nth) for nth in range(1, 10)}
        return days

    def _in_force(self, matter: int, first: date, at: datetime) -> tuple[date, date]:
        """From when the term runs, and the deadline, after grants and returns before `at`."""
        start, deadline = first, self._school.tasks[matter].deadline
        for decided in self._of(("grant", "return"), matter, at):
            day = _day(decided.at)
            if decided.what == "grant":
                asked = [
                    w.planned.until for w in self._written
                    if w.planned.matter == matter and w.planned.until and w.at <= decided.at
                ]  # fmt: skip
                deadline = asked[-1] or deadline
            else:
                start, deadline = day, max(deadline, plain_days.later(day, RETURN_TERM))
        return start, deadline

    def _dispatched(self, matter: int) -> datetime | None:
        return next((d.at for d in self._decided if d.what == "dispatch" and d.matter == matter), None)

    def _of(self, what: tuple[str, ...], matter: int, before: datetime | None) -> list[Decided]:
        return [
            d for d in self._decided
            if d.what in what and d.matter == matter and (before is None or d.at < before)
        ]  # fmt: skip

    def _last(self, what: str, matter: int, before: datetime) -> Decided | None:
        found = self._of((what,), matter, before)
        return found[-1] if found else None

    # -- its reader ---------------------------------------------------------------------------------------------

    def _misdirected(self, line: Line, carried: Carried, name: str) -> str:
        """A leader's digest goes to that leader, a unit's reminder to that unit."""
        school = self._school
        if line.stage in TO_LEADERS:
            code = school.offices[line.unit].supervised_by
            if TO_LEADERS[line.stage] == "president":
                code = next(c for c, leader in school.leaders.items() if leader.title == PRESIDENT)
            meant = {school.leaders[code].address}
        elif line.stage == "ack3":
            meant = {school.section_address, school.mailbox}
        else:
            meant = {p.address for p in school.offices[line.unit].people.values()}
        if meant & set(carried.recipients):
            return ""
        return f"{name}：收件人不对（{'、'.join(carried.recipients)}）"


def _due_time(stage: str) -> time:
    return time(14, 30) if stage in AFTERNOON else time(10, 0)


def _office_hour(at: datetime) -> bool:
    minutes = at.hour * 60 + at.minute
    return 8 * 60 + 30 <= minutes <= 11 * 60 + 30 or 13 * 60 + 30 <= minutes <= 17 * 60


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def _when(written: Written) -> str:
    return f"{written.at.astimezone(SHANGHAI):%m-%d %H:%M}"
