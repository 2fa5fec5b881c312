"""`duban read FILE…`: what the program reads in a mail, and on what evidence; nothing is kept."""

from __future__ import annotations

import asyncio
from datetime import datetime, time
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from daemon.commands import place
from daemon.commands.printing import Json, Said, json_line
from daemon.procedure.workdays import moment_of
from daemon.reading import conclude, decode
from daemon.reading import read as room
from daemon.reading.shapes import Known, Letter, Opened, Reading
from daemon.roster.cells import parse_day
from store import birth, ledger

MAX_BYTES = 60_000_000


def add_to(app: typer.Typer) -> None:
    app.command("read", help="试读邮件文件（eml），显示读出的内容和依据；不登记、不保存。")(read)


def read(
    ctx: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="eml 文件。")],
    as_of: Annotated[str, typer.Option("--as-of", metavar="DATE", help="到达日期；不写则取邮件自己的日期。")] = "",
    as_json: Json = False,
) -> None:
    arrived = _arrival(as_of)
    raws = [(file, _bytes(file)) for file in files]
    with place.opened(ctx) as here:
        known, now, workers = here.read(
            lambda tx: (
                ledger.known(tx, birth.read(tx).rehearsal_address),
                place.now(tx),
                here.settings.attachments.workers,
            )
        )
    asyncio.run(_read_all(raws, known, arrived, now, workers, as_json))


async def _read_all(
    raws: list[tuple[Path, bytes]], known: Known, arrived: datetime | None, now: datetime, workers: int, as_json: bool
) -> None:
    from daemon.attachments.openers import Openers

    openers = Openers(workers, reads_pictures=True)
    try:
        for file, raw in raws:
            letter = _decoded(raw, arrived, now)
            opened = await openers.open_parts(letter.parts)
            reading = room.read(letter, opened, known)
            concluded = conclude.conclude(reading, letter, opened, known, letter.arrived_at)
            if as_json:
                json_line(_row(file, reading, concluded.decision, concluded.doubts))
            else:
                _print(file, letter, opened, reading, concluded.decision)
    finally:
        await openers.close()


def _decoded(raw: bytes, arrived: datetime | None, now: datetime) -> Letter:
    """As it arrived: on the day that is named, else when our server's topmost Received, or its Date, says; else now."""
    if arrived is not None:
        return decode.decode(raw, arrived)
    letter = decode.decode(raw, now)
    moment = _received(letter) or letter.date
    return decode.decode(raw, moment) if moment is not None else letter


def _received(letter: Letter) -> datetime | None:
    stamp = next((value for name, value in letter.headers if name == "received"), "")
    try:
        moment = parsedate_to_datetime(stamp.rpartition(";")[2].strip())
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _arrival(text: str) -> datetime | None:
    if not text:
        return None
    day = parse_day(text)
    if day is None:
        raise Said(f"--as-of：“{text}”不是日期；应如 2026-11-24。")
    return moment_of(day, time(12))


def _bytes(file: Path) -> bytes:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise Said(f"{file}：大于 {MAX_BYTES // 1_000_000} MB，不是一封邮件。")
        return file.read_bytes()
    except OSError as bad:
        raise Said(f"{file}：读不了（{bad.strerror}）。请给出 eml 文件的路径。") from bad


def _row(file: Path, reading: Reading, decision: str, doubts: tuple[str, ...]) -> dict[str, Any]:
    return {
        "file": file.name,
        "readings": [
            {"ref": said.ref.key if said.ref else None, "kind": said.kind, "new_deadline": said.new_deadline}
            for said in reading.said
        ],
        "unit": reading.unit,
        "trusted": reading.trusted,
        "attachments": [{"name": one.name, "role": one.role} for one in reading.attachments],
        "body": reading.body,
        "decision": decision,
        "doubts": list(doubts),
        "evidence": [
            {"rule": one.rule, "value": one.value, "quote": one.quote, "where": one.where} for one in reading.findings
        ],
    }


def _print(file: Path, letter: Letter, opened: tuple[Opened, ...], reading: Reading, decision: str) -> None:
    words = {"register": "直接登记", "queue": "待审", "ignore": "不予登记"}
    typer.echo(f"{file.name}：{words[decision]}")
    for line in room.explain(reading):
        typer.echo(f"  {line}")
    for one in opened:
        if one.error:
            typer.echo(f"  附件 {letter.parts[one.index].name} 打不开：{one.error}")
    typer.echo("  正文：" + reading.body.replace("\n", "\n        "))
