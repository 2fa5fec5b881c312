"""`duban reminders preview`: what a matter will hear, when, who and why, if nobody answers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time
from typing import Annotated

import typer

from daemon.commands import place
from daemon.commands.matters import Ref, find
from daemon.commands.printing import Json, Said, json_line, moment, shown_moment, table
from daemon.compose.addresses import reach
from daemon.compose.render import Broken
from daemon.procedure import reminders
from daemon.procedure.reminders import Planned
from daemon.procedure.rules import Rules
from daemon.procedure.shapes import Mail
from daemon.procedure.workdays import moment_of
from daemon.roster.cells import parse_day
from daemon.web import labels
from store import ledger, people


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="催报。", no_args_is_help=True)
    group.callback()(_group)
    group.command("preview", help="若无人答复，这一事项将于何时向谁发什么、为什么。")(preview)
    app.add_typer(group, name="reminders")


def _group() -> None:
    """催报。"""


def preview(
    ctx: typer.Context,
    ref: Ref,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="从这一天起看；不写为现在。")] = "",
    as_json: Json = False,
) -> None:
    with place.opened(ctx) as here:
        matter, rules, bad, now = here.read(lambda tx: (find(tx, ref), ledger.rules(tx), people.bad(tx), place.now(tx)))
    planned = reminders.preview(matter, rules, _moment(as_of, now))
    rows = [(one, *_addresses(one, rules, bad.keys())) for one in planned]
    if as_json:
        for one, to, cc in rows:
            json_line(
                {
                    "stage": one.stage,
                    "at": moment(one.at),
                    "to": to,
                    "mail": one.mail,
                    "release": one.release,
                    "reason": one.reason,
                    "cc": cc,
                    "unit": one.unit,
                }
            )
        return
    table(
        ("时间", "催报", "单位", "发给", "理由"),
        (
            (
                shown_moment(one.at) if one.at.year == now.year else (moment(one.at) or "")[:10],
                labels.stage(one.stage),
                rules.units[one.unit].short_name if one.unit in rules.units else one.unit,
                labels.role(one.to_role) + ("" if to else "（缺邮箱）"),
                one.reason,
            )
            for one, to, _ in rows
        ),
        "此后没有催报。",
        yielding=(4, 1),
    )


def _moment(text: str, now: datetime) -> datetime:
    """The beginning of the day that is named; without one, now."""
    if not text:
        return now
    day = parse_day(text)
    if day is None:
        raise Said(f"--as-of：“{text}”不是日期；应如 2026-11-24。")
    return moment_of(day, time(0))


def _addresses(one: Planned, rules: Rules, bad: Collection[str]) -> tuple[list[str], list[str]]:
    """Who would get it today; nobody where no address works."""
    mail = Mail(one.mail, (one.to_role,), (), one.at, cc=one.cc, unit=one.unit)
    try:
        reached = reach(mail, rules, bad)
    except Broken:
        return [], []
    return (
        [r.person.address for r in reached if r.field == "to"],
        [r.person.address for r in reached if r.field == "cc"],
    )
