"""The live timeline: each mail, each registration and each decision as one line in Chinese, day by day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from rich.console import Console
from rich.live import Live
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from daemon.procedure.workdays import SHANGHAI

WEEKDAYS = "一二三四五六日"
STYLES = {
    "交办": "bold cyan",
    "来信": "white",
    "登记": "green",
    "待审": "yellow",
    "忽略": "dim",
    "提醒": "yellow",
    "催报": "bold yellow",
    "督办": "bold red",
    "领导": "bold magenta",
    "经办": "blue",
    "回告": "cyan",
    "退信": "dim red",
    "科内": "dim",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One line: `sort` is a key of STYLES and the coloured word at the line's head."""

    at: datetime
    sort: str
    who: str
    whom: str
    what: str


class Timeline:
    """Prints as the month goes by; `quiet` keeps everything and prints nothing."""

    def __init__(self, console: Console, *, quiet: bool) -> None:
        self._console = console
        self._quiet = quiet
        self._day: date | None = None
        self._live: Live | None = None
        self.events: list[Event] = []
        self.counts: Counter[str] = Counter()

    def __enter__(self) -> Timeline:
        if not self._quiet and self._console.is_terminal:
            self._live = Live(self._foot(None), console=self._console, refresh_per_second=8)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def tell(self, event: Event) -> None:
        self.events.append(event)
        self.counts[event.sort] += 1
        if self._quiet:
            return
        local = event.at.astimezone(SHANGHAI)
        if local.date() != self._day:
            self._day = local.date()
            words = f"{local.month}月{local.day}日　星期{WEEKDAYS[local.weekday()]}"
            self._console.print(Rule(words, style="dim", align="left"))
        self._console.print(_line(event, local), soft_wrap=False, overflow="ellipsis", no_wrap=True)
        if self._live is not None:
            self._live.update(self._foot(local))

    def _foot(self, now: datetime | None) -> Table:
        """Where we are and what has passed so far."""
        foot = Table.grid(padding=(0, 2))
        clock = f"{now.month}月{now.day}日 {now:%H:%M}" if now else "……"
        cells = [Text(f" {clock} ", style="reverse")]
        for sort in ("交办", "来信", "登记", "待审", "提醒", "催报", "督办", "领导"):
            cells.append(Text(f"{sort} {self.counts[sort]}", style=STYLES[sort]))
        foot.add_row(*cells)
        return foot


def _line(event: Event, local: datetime) -> Text:
    line = Text(f"{local:%H:%M} ", style="dim")
    line.append(f"{event.sort} ", style=STYLES[event.sort])
    line.append(event.who)
    if event.whom:
        line.append(" → ", style="dim")
        line.append(event.whom)
    line.append("　")
    line.append(event.what, style=STYLES[event.sort])
    return line
