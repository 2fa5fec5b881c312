"""`duban letters list|show|confirm|correct|refuse`: what came in, what was read, and a person's word on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import typer

from daemon.commands import place
from daemon.commands.printing import Json, Said, json_line, moment, shown_moment, table, wrapped
from daemon.edges.dice import RealDice
from daemon.procedure.shapes import NoteLetter, Refusal
from daemon.procedure.workdays import day_of
from daemon.reading import conclude, decode
from daemon.reading import read as reading_room
from daemon.reading.shapes import Reading
from daemon.register import Registered
from daemon.roster.cells import parse_day
from daemon.web import correction, labels
from daemon.web.letter import blue_button, instructions
from daemon.web.letter_acts import Act, SomebodyElse, keep
from store import birth, ledger, letters, people
from store.letters import LetterRow
from store.transaction import Tx

Id = Annotated[int, typer.Argument(metavar="ID", help="来信编号，见 duban letters list。")]
PAGE = 500
_KINDS = "类别：" + "、".join(f"{code}（{name}）" for code, name in labels.kinds().items()) + "。"


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="来信：收到的、读出的、等候审核的。", no_args_is_help=True)
    group.command("list", help="列出来信。")(listing)
    group.command("show", help="一封来信、读出的内容和依据。")(show)
    group.command("confirm", help="确认所读内容并登记。")(confirm)
    group.command("correct", help="改正所读内容并登记。")(correct)
    group.command("refuse", help="不予登记。")(refuse)
    app.add_typer(group, name="letters")


def listing(
    ctx: typer.Context,
    state: Annotated[
        str, typer.Option("--state", help="kept、registered、waiting、ignored、copy、own、old 之一。")
    ] = "",
    as_json: Json = False,
) -> None:
    with place.opened(ctx) as here:
        rows, units = here.read(lambda tx: (_all(tx, state or None), people.units(tx)))
    if as_json:
        for row in rows:
            json_line(_row(row))
        return
    table(
        ("编号", "到达", "发件人", "主题", "状态", "读出"),
        (
            (
                str(row.id),
                shown_moment(row.arrived_at),
                units[row.unit].short_name if row.unit in units else row.from_address,
                row.subject,
                labels.LETTER_STATES[row.state],
                " ".join(f"{r['ref'] or '—'} {labels.kind(r['kind'])}" for r in _readings(row.reading)),
            )
            for row in rows
        ),
        "没有来信。",
        yielding=(2, 3, 5),
    )


def _all(tx: Tx, state: str | None) -> list[LetterRow]:
    """Page by page, so that no statement holds a term's mail at once."""
    rows: list[LetterRow] = []
    while page := letters.listing(tx, state, after=rows[-1].id if rows else 0, limit=PAGE):
        rows += page
    return rows


def _row(row: LetterRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "message_id": row.message_id,
        "received_at": moment(row.arrived_at),
        "registered_at": moment(row.registered_at),
        "state": "kept" if row.state == "reading" else row.state,
        "decision": row.decision,
        "readings": _readings(row.reading),
        "unit": row.unit,
        "from": row.from_address,
        "subject": row.subject,
        "why": list(row.why),
    }


def _readings(reading: Reading | None) -> list[dict[str, Any]]:
    return [
        {"ref": said.ref.key if said.ref else None, "kind": said.kind, "new_deadline": said.new_deadline}
        for said in (reading.said if reading else ())
    ]


def show(ctx: typer.Context, id: Id, as_json: Json = False) -> None:
    with place.opened(ctx) as here:
        row, raw = here.read(lambda tx: (_letter(tx, id), letters.raw(tx, id)))
    if as_json:
        json_line(
            _row(row) | {"copy_of": row.copy_of, "read_by": row.read_by, "reading": row.reading, "size": row.size}
        )
        return
    letter = decode.decode(raw, row.arrived_at)
    typer.echo(f"来信 {row.id}  {labels.LETTER_STATES[row.state]}  到达 {shown_moment(row.arrived_at)}")
    wrapped("发件人：", row.from_address)
    wrapped("主题：", letter.subject)
    for code in row.why:
        typer.echo(f"待审原因：{labels.doubt(code)}")
    if row.reading is not None:
        typer.echo("读出：")
        for line in reading_room.explain(row.reading):
            wrapped("  ", line)
        typer.echo("正文：")
        wrapped("  ", row.reading.body)


def _letter(tx: Tx, id: int) -> LetterRow:
    row = letters.show(tx, id)
    if row is None:
        raise Said(f"没有编号为 {id} 的来信。用 duban letters list 查看。")
    return row


def _waiting(tx: Tx, id: int) -> LetterRow:
    row = _letter(tx, id)
    if row.state != "waiting":
        raise Said(f"来信 {id} 现在是“{labels.LETTER_STATES[row.state]}”，不在待审之列。")
    return row


# ---------------------------------------------------------------------------------------------------------------
# A person's word


def confirm(ctx: typer.Context, id: Id) -> None:
    def take(tx: Tx) -> None:
        row = _waiting(tx, id)
        if row.reading is None or not blue_button(row, row.reading):
            raise Said(
                f"来信 {id} 不能直接确认：发件人未经证实，或事项、类别、理由没有读全。"
                "请用 duban letters correct 写明并登记，或 duban letters refuse 不予登记。"
            )
        if instructions(row.reading) and not all(s.certain for s in row.reading.said):
            raise Said(f"来信 {id} 的批示没有写明针对哪一事项。请用 duban letters correct --ref 写明文号并登记。")
        sure = replace(row.reading, said=tuple(replace(s, certain=True) for s in row.reading.said), decision="register")
        _register(tx, row, sure, "")

    with place.opened(ctx) as here:
        here.write(take)
    typer.echo(f"已登记来信 {id}。")


def correct(
    ctx: typer.Context,
    id: Id,
    ref: Annotated[str, typer.Option("--ref", help="文号；未编号的用事项编号。")],
    kind: Annotated[str, typer.Option("--kind", help=_KINDS)],
    unit: Annotated[str, typer.Option("--unit", help="单位编号；不写为读出的单位。")] = "",
    new_deadline: Annotated[str, typer.Option("--new-deadline", help="延期申请的新时限。")] = "",
    reason: Annotated[str, typer.Option("--reason", help="延期理由。")] = "",
    why: Annotated[str, typer.Option("--why", help="改正的依据；发件人不可信时必填。")] = "",
) -> None:
    if new_deadline and parse_day(new_deadline) is None:
        raise Said(f"--new-deadline：“{new_deadline}”不是日期；应如 2026-12-25。")

    def take(tx: Tx) -> None:
        row = _waiting(tx, id)
        known = ledger.known(tx, birth.read(tx).rehearsal_address)
        own_unit = unit or (row.reading.unit if row.reading else None) or ""
        fields = correction.Fields((correction.Row(ref, kind, new_deadline, reason),), own_unit, why)
        need = correction.need(trusted=bool(row.reading and row.reading.trusted), waiting=True)
        drafts = {matter.id for matter in ledger.matters(tx, "proposed")}
        checked = correction.check(fields, known, day_of(place.now(tx)), need_why=need, proposed=drafts)
        if isinstance(checked, list):
            raise Said("\n".join(problem.words for problem in checked))
        letter = decode.decode(letters.raw(tx, id), row.arrived_at)
        _register(tx, row, correction.reading_of(checked, row.reading, letter.text), checked.why)

    with place.opened(ctx) as here:
        here.write(take)
    typer.echo(f"已按改正登记来信 {id}。")


def refuse(ctx: typer.Context, id: Id, why: Annotated[str, typer.Option("--why", help="不予登记的理由。")]) -> None:
    if not why.strip():
        raise Said("--why 是空的：请写明不予登记的理由。")

    def take(tx: Tx) -> None:
        row = _waiting(tx, id)
        matters = _matters(row.reading)
        unit = row.reading.unit if row.reading else None
        notes = tuple(NoteLetter(m, unit, "refused", why) for m in matters)
        _keep(tx, Act(id, row.version, "ignored", "ignore", notes, row.reading, matters, why, _actor()), place.now(tx))

    with place.opened(ctx) as here:
        here.write(take)
    typer.echo(f"来信 {id} 不予登记。")


def _register(tx: Tx, row: LetterRow, reading: Reading, why: str) -> None:
    """What the reading says is kept whole with it and the letter's settling, or not at all."""
    letter = decode.decode(letters.raw(tx, row.id), row.arrived_at)
    known = ledger.known(tx, birth.read(tx).rehearsal_address)
    asked = [command for said in reading.said for command in conclude.commands_for(said, reading, letter, known)]
    commands = tuple(dict.fromkeys(asked))
    act = Act(
        row.id,
        row.version,
        "registered" if commands else "ignored",
        "register" if commands else "ignore",
        commands,
        reading,
        _matters(reading),
        why,
        _actor(),
    )
    _keep(tx, act, place.now(tx))


def _keep(tx: Tx, act: Act, now: datetime) -> Registered:
    try:
        done = keep(tx, act, now, RealDice())
    except SomebodyElse as bad:
        raise Said(f"来信 {act.letter} 刚由别人处理，没有登记。请重新查看。") from bad
    if isinstance(done, Refusal):
        raise Said(place.refusal_words(done))
    return done


def _matters(reading: Reading | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(said.matter for said in (reading.said if reading else ()) if said.matter))


def _actor() -> str:
    return place.because().actor
