"""Alarms: what the Section is told once when it begins, by a mark on its page and one mail, until it ends."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from daemon import maillog
from daemon.compose.addresses import listed
from daemon.procedure.shapes import Mail
from daemon.procedure.workdays import day_of
from daemon.world import Wake
from store import marks, outbox, people
from store.transaction import Tx

PREFIX = "alarm:"
TEMPLATE = "alarm"
UNREACHABLE = "unreachable:"
#: A mail that its server did not want is shown for so long; there is nothing that would end it.
REJECTED_FOR = timedelta(days=7)


def ring(
    tx: Tx, name: str, detail: str, now: datetime, *, wake: Wake | None = None, patience: timedelta = timedelta(0)
) -> bool:
    """Begins an alarm; False where it rings already. `name` and `detail` have their words in words.toml.

    The page shows it at once; the mail leaves after `patience`, if it still rings then.
    """
    if marks.get(tx, PREFIX + name) is not None:
        return False
    marks.set(tx, PREFIX + name, detail, now)
    data = {"alarm": name, "detail": detail}
    outbox.ask(tx, [Mail(TEMPLATE, to=("section",), lines=(), not_before=now + patience, data=data)], now)
    maillog.alarm(name, detail)
    if wake is not None:
        wake.call("prepare")
    return True


def ring_unreachable(tx: Tx, address: str, now: datetime, *, wake: Wake | None = None) -> None:
    """Where an address was the last of a unit that worked, somebody has to take up the telephone."""
    bad = people.bad(tx).keys()
    for unit in people.units(tx).values():
        theirs = {one.lower() for _, one in listed(unit)}
        if address.lower() in theirs and theirs <= bad:
            who = f"联络员{unit.liaison.name}，" if unit.liaison and unit.liaison.name else ""
            phone = f"{who}电话{unit.liaison_phone}" if unit.liaison_phone else f"{who}通讯录中没有电话"
            ring(tx, f"{UNREACHABLE}{unit.code}", f"{unit.name}（{phone}）", now, wake=wake)


def end(tx: Tx, name: str) -> None:
    """What rang is over; an alarm mail that has not left is not needed any more."""
    if marks.get(tx, PREFIX + name) is None:
        return
    marks.clear(tx, PREFIX + name)
    for row in outbox.at_home(tx):
        if row.mail.template == TEMPLATE and row.mail.data.get("alarm") == name:
            outbox.withdraw(tx, row.id, "alarm_over")


def end_what_is_over(tx: Tx, now: datetime) -> None:
    """Ends the alarms whose reason stands in the store and has gone from it."""
    rings = ringing(tx)
    if "broken" in rings and not outbox.counts(tx).get("broken"):
        end(tx, "broken")
    if "per_address" in rings and day_of(rings["per_address"][0]) < day_of(now):
        end(tx, "per_address")
    bad = people.bad(tx)
    for name, (since, _) in rings.items():
        kind, _, about = name.partition(":")
        if kind == "refused" and about.lower() not in bad:
            end(tx, name)
        if name.startswith(UNREACHABLE) and not _all_bad(tx, about, bad):
            end(tx, name)
        if name == "rejected" and now - since >= REJECTED_FOR:
            end(tx, name)


def _all_bad(tx: Tx, unit: str, bad: Collection[str]) -> bool:
    found = people.units(tx).get(unit)
    return found is not None and all(address.lower() in bad for _, address in listed(found))


def ringing(tx: Tx) -> dict[str, tuple[datetime, str]]:
    """The alarms that ring: since when, and their detail."""
    return {name.removeprefix(PREFIX): (mark.at, mark.value) for name, mark in marks.all(tx, PREFIX).items()}
