"""Alarms: what the Section is told once when it begins, by a mark on its page and one mail, until it ends."""

from __future__ import annotations

from datetime import datetime

from daemon import maillog
from daemon.procedure.shapes import Mail
from store import marks, outbox
from store.transaction import Tx

PREFIX = "alarm:"


def ring(tx: Tx, name: str, detail: str, now: datetime) -> bool:
    """Begins an alarm; False where it rings already. `name` and `detail` have their words in words.toml."""
    if marks.get(tx, PREFIX + name) is not None:
        return False
    marks.set(tx, PREFIX + name, detail, now)
    outbox.ask(
        tx,
        [Mail("alarm", to=("section",), lines=(), not_before=now, data={"alarm": name, "detail": detail})],
        now,
    )
    maillog.alarm(name, detail)
    return True


def end(tx: Tx, name: str) -> None:
    """What rang is over; an alarm mail that has not left is not needed any more."""
    if marks.get(tx, PREFIX + name) is not None:
        marks.clear(tx, PREFIX + name)


def ringing(tx: Tx) -> dict[str, tuple[datetime, str]]:
    """The alarms that ring: since when, and their detail."""
    return {name.removeprefix(PREFIX): (mark.at, mark.value) for name, mark in marks.all(tx, PREFIX).items()}
