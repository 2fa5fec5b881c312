"""What broke, as sentences: since when, what is kept, what to do; and when the mailbox was last read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from daemon.compose.alarm_words import alarm_words
from store import ledger, marks
from store.transaction import Tx

ALARM = "alarm:"
LOOP = "loop:"
FOLDERS = "folders"

#: Alarms about single mails: these stand by themselves on 今日, and say nothing of the machine's health.
OF_MAILS = ("broken", "unsure", "refused", "rejected", "unreachable")

_LOOPS = {"watch": "收信", "read": "读信", "schedule": "催报安排", "prepare": "制作邮件", "send": "发信"}


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is broken now. `facts`: what is known and kept; `todo`: what to do."""

    name: str
    since: datetime
    headline: str
    facts: tuple[str, ...]
    todo: str

    @property
    def of_mails(self) -> bool:
        return self.name.partition(":")[0] in OF_MAILS


def ringing(tx: Tx) -> tuple[Alarm, ...]:
    """What rings, and the loops that fail, oldest first."""
    found = []
    for name, mark in marks.all(tx, ALARM).items():
        plain = name.removeprefix(ALARM)
        words = alarm_words(plain, mark.value)
        found.append(Alarm(plain, mark.at, words.headline, words.facts, words.todo))
    for name, mark in marks.all(tx, LOOP).items():
        loop = _LOOPS.get(name.removeprefix(LOOP), name.removeprefix(LOOP))
        facts = ("没有丢失邮件，程序会自动重试。",)
        found.append(Alarm(name, mark.at, f"{loop}出错", facts, "如一直不恢复，请系统管理员查看日志。"))
    return tuple(sorted(found, key=lambda alarm: alarm.since))


def read_at(tx: Tx) -> datetime | None:
    """When the slowest of the watched folders was last read to its end."""
    mark = marks.get(tx, FOLDERS)
    return ledger.hold_facts(tx, mark.value.split("\n")).mailbox_read_at if mark is not None else None
