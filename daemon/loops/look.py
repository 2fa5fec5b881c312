"""Look before you nag (promise 5): what is looked at before a reminder is asked for, and again before it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from daemon import maillog, outcomes
from daemon.loops import alarms
from daemon.loops.watch import CLOCK_OFF, FOLDERS
from daemon.procedure import reminders
from daemon.procedure.reminders import HoldFacts
from daemon.procedure.rules import Rules
from daemon.procedure.shapes import Because, Line, WithdrawReminder
from daemon.procedure.workdays import day_of, moment_of
from daemon.register import register
from daemon.world import Wake, World
from store import ledger, marks, outbox
from store.outbox import OutboxRow
from store.transaction import Tx

#: Holds that end by themselves within moments: the mail waits for them and is not taken back.
BRIEF = {"hold_mailbox_stale": "watch", "hold_unread_letter": "read"}
#: A clock this far behind the last entry is wrong; nothing leaves by it.
BEHIND = timedelta(minutes=3)
SOON = timedelta(seconds=5)
#: What stands beside a recipient whom a reminder did not reach before it lost its object.
SPARED = "情况已变，不再发送"
#: While the mailbox is away.
LATER = timedelta(minutes=1)
#: The mailbox was read so lately when a reminder leaves: after a downtime it is read first.
FRESH = timedelta(minutes=10)


def hold_facts(tx: Tx) -> HoldFacts:
    """What holds reminders: the folders as last watched, and the letters that nobody has read or reviewed."""
    mark = marks.get(tx, FOLDERS)
    folders = mark.value.split("\n") if mark is not None else []
    return ledger.hold_facts(tx, folders)


def clock_trouble(tx: Tx, wake: Wake, now: datetime) -> str:
    """'' if the clock may be trusted, else the alarm that rings: behind our own history, or off the mail server's."""
    last = ledger.last_entry_at(tx)
    if last is not None and now < last - BEHIND:
        alarms.ring(tx, "clock_behind", last.isoformat(), now, wake=wake)
        return "clock_behind"
    alarms.end(tx, "clock_behind")
    off = marks.get(tx, CLOCK_OFF)
    if off is not None:
        alarms.ring(tx, "clock_off", off.value, now, wake=wake)
        return "clock_off"
    alarms.end(tx, "clock_off")
    return ""


def may_leave(tx: Tx, row: OutboxRow, rules: Rules, world: World, who: str, now: datetime) -> bool:
    """Looks again at each line of a claimed reminder; takes out what was answered or is held, and frees its key."""
    facts = hold_facts(tx)
    fresh = facts.mailbox_read_at is not None and facts.mailbox_read_at >= now - FRESH
    away = "mailbox" in alarms.ringing(tx)
    gone: list[tuple[Line, str]] = []
    for line in row.mail.lines:
        if line.key is None:
            continue
        matter = ledger.matter(tx, line.matter)
        if matter is None or reminders.answered(matter, line.key, rules):
            gone.append((line, "answered"))
            continue
        if reminders.overtaken(matter, line.key, rules, day_of(now)):
            gone.append((line, "overtaken"))
            continue
        why = reminders.hold(matter, line.key, rules, facts, now) or ("" if fresh else "hold_mailbox_stale")
        if why in BRIEF:
            outbox.postpone(tx, row.id, now + (LATER if away else SOON), why, who=who)
            world.wake.call(BRIEF[why])
            return False
        if why:
            gone.append((line, why))
    partly = any(one.outcome in ("delivered", "unsure") for one in row.recipients if one.field != "bcc")
    if partly and len(gone) == len(row.mail.lines):
        _spare(tx, row, world, who, now)
        return False
    if not gone or partly:  # a list that one reader has goes to the others as it is
        return _announced_today(tx, row, rules, world, who, now)
    _take_out(tx, row, gone, rules, world, who, now)
    return False


def _spare(tx: Tx, row: OutboxRow, world: World, who: str, now: datetime) -> None:
    """A reminder that one reader has is spent; the others are spared it, and its key is not free again."""
    state = outbox.spare(tx, row.id, SPARED, now, who=who)
    settled = outbox.show(tx, row.id)
    if state not in outcomes.SETTLED or settled is None:
        return
    maillog.sent(row.id, [one.outcome for one in settled.recipients])
    outcomes.record(tx, settled, state, [SPARED], Because("courier"), now=now, dice=world.dice)


def _announced_today(tx: Tx, row: OutboxRow, rules: Rules, world: World, who: str, now: datetime) -> bool:
    """A leader's mail that missed its afternoon (downtime) is announced again and leaves in the next round."""
    if row.mail.release != "unless_held" or row.approved or row.held_why:
        return True
    if row.announced_at is not None and day_of(row.announced_at) == day_of(now):
        return True
    outbox.postpone(tx, row.id, next_round(rules, now), "not_announced", who=who)
    world.wake.call("schedule")
    return False


def next_round(rules: Rules, now: datetime) -> datetime:
    """When the next mail to a leader may leave that is announced from now on: today's afternoon, else the next one."""
    policy, day = rules.policy.reminders, day_of(now)
    if now > moment_of(day, policy.announce_by):
        day += timedelta(days=1)
    return moment_of(rules.calendar.on_or_after(day), policy.leader_digest_at)


def _take_out(
    tx: Tx, row: OutboxRow, gone: Sequence[tuple[Line, str]], rules: Rules, world: World, who: str, now: datetime
) -> None:
    """The list loses its lines first (the row is still ours), then the history says that they were withdrawn."""
    outbox.drop_lines(tx, row.id, [line for line, _ in gone], gone[0][1], who=who)
    maillog.withdrawn(row.id, " ".join(sorted({why for _, why in gone})))
    commands = [WithdrawReminder(line.matter, line.key, why) for line, why in gone if line.key is not None]
    for command in commands:
        # A matter that is closed meanwhile needs no withdrawal; its Refusal changes nothing.
        register(tx, [command], Because("clock"), now=now, dice=world.dice, rules=rules)
    world.wake.call("prepare")
