"""The schedule loop: asks for the reminders that are due, announces what leaders will hear, seals the day.

It decides nothing: `reminders.due` says what has fallen due and `reminders.hold` what must wait; both are pure. It is
called each minute and whenever a letter or an officer changed something.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from daemon import maillog
from daemon.loops import alarms, look
from daemon.procedure import reminders
from daemon.procedure.reminders import Due
from daemon.procedure.rules import Rules
from daemon.procedure.shapes import Because, Line, Mail, Matter, Refusal, Remind
from daemon.procedure.workdays import SHANGHAI, day_of, moment_of
from daemon.register import register, seal_day
from daemon.world import World
from store import ledger, marks, outbox
from store.transaction import Tx

SOON = timedelta(seconds=5)
EVERY = timedelta(minutes=30)
#: The mark that holds the last day whose morning mail was asked for.
MORNING = "morning"


@dataclass(frozen=True, slots=True)
class Round:
    """What one look at all open matters came to."""

    asked: int
    stale: bool
    away: bool = False


class Schedule:
    """The clock's commands."""

    async def step(self, world: World) -> datetime:
        """Registers what is due and free; says when to look again at the latest."""
        now = world.clock.now()
        done = await world.store.write(_round, world, now)
        if done.asked:
            world.wake.call("prepare")
        if done.stale:
            world.wake.call("watch")
            return now + (look.LATER if done.away else SOON)
        return _next_look(now)


def _next_look(now: datetime) -> datetime:
    """The next half hour of the day, and not before eight in the morning."""
    local = now.astimezone(SHANGHAI)
    ahead = now + EVERY - timedelta(minutes=local.minute % 30, seconds=local.second, microseconds=local.microsecond)
    first = moment_of(day_of(now), time(8, 30))
    if ahead < first:
        return first
    return ahead if local.hour < 18 else first + timedelta(days=1)


def _round(tx: Tx, world: World, now: datetime) -> Round:
    alarms.end_what_is_over(tx, now)
    if look.clock_trouble(tx, world.wake, now):
        return Round(0, False)
    rules = ledger.rules(tx)
    morning = _morning(tx, rules, now)
    facts = look.hold_facts(tx)
    open_matters = ledger.open_matters(tx)
    told = _told_today(open_matters, rules, now)
    commands: list[Remind] = []
    stale = False
    for matter in open_matters:
        for due in reminders.due(matter, rules, now):
            why = reminders.hold(matter, due.key, rules, facts, now)
            if why is None and _whom(due, rules) not in told:
                commands.append(due.command(matter.id))
            stale = stale or why == "hold_mailbox_stale"
    mails = _remind(tx, commands, rules, world, now)
    _announce(tx, mails, rules, now, told_by_morning=bool(morning))
    return Round(len(mails) + morning, stale, "mailbox" in alarms.ringing(tx))


def _remind(tx: Tx, commands: list[Remind], rules: Rules, world: World, now: datetime) -> list[int]:
    """All at once, so that a unit's lines share one mail; where one is refused, each by itself."""
    if not commands:
        return []
    because = Because("clock")
    done = register(tx, commands, because, now=now, dice=world.dice, rules=rules)
    if isinstance(done, Refusal):
        mails: list[int] = []
        for command in commands:
            alone = register(tx, [command], because, now=now, dice=world.dice, rules=rules)
            if not isinstance(alone, Refusal):
                mails.extend(alone.mails)
    else:
        mails = list(done.mails)
    maillog.acted("clock", [f"{c.key.unit}:{c.key.stage}" for c in commands], sorted({c.matter for c in commands}))
    return mails


def _announce(tx: Tx, mails: Iterable[int], rules: Rules, now: datetime, *, told_by_morning: bool) -> None:
    """Leaders never hear by surprise: the Section is told in the morning what leaves in the afternoon.

    By the morning mail where it leaves now, else (something was answered or released later) by a mail of its own.
    What was announced on a day on which it could not leave is announced again.
    """
    today = day_of(now)
    if not _announcing(rules, now):
        return
    fresh = set(mails)
    rows = [row for row in outbox.at_home(tx) if row.mail.release != "automatic" and day_of(row.not_before) <= today]
    rows = [row for row in rows if row.state != "held" and not row.held_why]
    untold = [row for row in rows if row.id in fresh or _untold(row, today)]
    if not untold:
        return
    for row in untold:
        if day_of(row.not_before) < today:
            outbox.postpone(tx, row.id, moment_of(today, rules.policy.reminders.leader_digest_at), "not_announced")
    if not told_by_morning:
        lines = tuple(line for row in rows for line in row.mail.lines)
        outbox.ask(tx, [Mail("announcement", to=("section",), lines=_without_keys(lines), not_before=now)], now)
    outbox.announced(tx, [row.id for row in rows], now)


def _announcing(rules: Rules, now: datetime) -> bool:
    policy, day = rules.policy.reminders, day_of(now)
    begins, ends = moment_of(day, policy.announce_at), moment_of(day, policy.announce_by)
    return rules.calendar.is_workday(day) and begins <= now <= ends


def _untold(row: outbox.OutboxRow, today: date) -> bool:
    """Not announced yet; what leaves by itself, not on the day on which it leaves."""
    if row.approved:
        return False
    if row.announced_at is None:
        return True
    return row.mail.release == "unless_held" and day_of(row.announced_at) < today


def _without_keys(lines: Iterable[Line]) -> tuple[Line, ...]:
    """An announcement tells of reminders and is none itself."""
    return tuple(Line(line.matter, line.unit, None, None) for line in dict.fromkeys(lines))


def _told_today(open_matters: Iterable[Matter], rules: Rules, now: datetime) -> set[tuple[str, str]]:
    """Whom a reminder has reached today: one mail a unit a day, one digest a leader a day."""
    told = set()
    for matter in open_matters:
        for assignment in matter.assignments:
            for one in assignment.reminded:
                stage = rules.policy.reminders.stage(one.key.stage)
                if stage and one.delivered and day_of(one.leaves_at) == day_of(now):
                    told.add(_addressee(stage.to, stage.mail, one.key.unit, rules))
    return told - {("", "")}


def _whom(due: Due, rules: Rules) -> tuple[str, str]:
    return _addressee(due.to, due.mail, due.unit, rules)


def _addressee(to: str, mail: str, unit: str, rules: Rules) -> tuple[str, str]:
    """Who counts as one reader a day; ('', '') where there is no such limit (the Section, a 督办函 by itself)."""
    if to == "supervising_leader":
        leader = rules.supervising_leader(unit)
        return ("leader", leader.code) if leader else ("", "")
    if to == "president":
        leader = rules.president()
        return ("leader", leader.code) if leader else ("", "")
    if to == "section" or mail == "intervention_letter":
        return ("", "")
    return ("unit", unit)


def _morning(tx: Tx, rules: Rules, now: datetime) -> int:
    """Once a working day from `announce_at`: yesterday's numbers and the seal over all chains leave the machine."""
    day = day_of(now)
    local = now.astimezone(SHANGHAI).time()
    mark = marks.get(tx, MORNING)
    if local < rules.policy.reminders.announce_at or not rules.calendar.is_workday(day):
        return 0
    if (mark is not None and mark.value == day.isoformat()) or not ledger.open_matters(tx):
        return 0
    seal = seal_day(tx, day, now)
    marks.set(tx, MORNING, day.isoformat(), now)
    data = {"seal": seal.hash, "seal_heads": str(seal.heads), "seal_day": seal.day.isoformat()}
    return len(outbox.ask(tx, [Mail("morning", to=("section",), lines=(), not_before=now, data=data)], now))
