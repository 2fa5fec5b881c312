"""`duban matters import|new|list|show` and `duban dispatch`: 立项 and 交办."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from daemon.commands import place
from daemon.commands.printing import Json, Said, json_line, moment, shown_moment, table, wrapped
from daemon.edges.dice import RealDice
from daemon.procedure import lamps, refno, words
from daemon.procedure.rules import Rules
from daemon.procedure.shapes import Because, Dispatch, Instruction, Matter, Propose
from daemon.procedure.workdays import day_of
from daemon.roster import matters as files
from daemon.roster.cells import parse_day, split
from daemon.roster.sources import item_of
from daemon.web import actors, labels, timeline
from store import ledger
from store.transaction import Tx

Refs = Annotated[list[str], typer.Argument(metavar="REF…", help="文号，任何写法均可，如 2026-12。")]
Ref = Annotated[str, typer.Argument(metavar="REF", help="文号，任何写法均可，如 2026-12；未编号的用事项编号。")]

_OUTCOMES = {"waiting": "待审", "accepted": "已认可", "returned": "已退回", "granted": "已批准", "refused": "未批准"}

group = typer.Typer(help="督查事项：导入、立项、查看、审查、延期、办结。", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    group.command("import", help="导入事项：已交办的连同交办邮件的 Message-ID，未交办的待交办。")(import_matters)
    group.command("new", help="拟办或立项一项；写了学校领导意见即立项编号。")(new)
    group.command("list", help="列出事项。")(listing)
    group.command("show", help="一个事项的全部情况。")(show)
    app.add_typer(group, name="matters")
    app.command("dispatch", help="交办：给每个承办单位发交办邮件和通知单。")(dispatch)


# ---------------------------------------------------------------------------------------------------------------
# Import


def import_matters(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="csv（UTF-8 或 GB18030）或 xlsx。")],
    as_json: Json = False,
) -> None:
    def take(tx: Tx) -> dict[str, int]:
        rules = _school_rules(tx)
        at = place.now(tx)
        around = files.Surroundings(
            prefix=rules.school.ref_prefix,
            units=rules.units.keys(),
            today=day_of(at),
            leaders={leader.name: leader.code for leader in rules.leaders.values()},
        )
        rows = files.read(file, around)
        plan = files.plan(str(file), rows, ledger.matters(tx), around, RealDice().new_id)
        place.do(tx, list(plan.commands), Because("import", note=f"{place.login()} {file.name}"), at)
        return {
            "dispatched": len(plan.dispatched),
            "proposed": len(plan.proposed),
            "changed": len(plan.updated),
            "unchanged": plan.unchanged,
        }

    with place.opened(ctx) as here:
        counts = here.write(take)
    if as_json:
        json_line(counts)
        return
    typer.echo(
        f"事项：导入已交办 {counts['dispatched']}，未交办 {counts['proposed']}，"
        f"更新 {counts['changed']}，未变 {counts['unchanged']}。"
    )


def _school_rules(tx: Tx) -> Rules:
    rules = ledger.rules(tx)
    if not rules.school.ref_prefix:
        raise Said("还没有学校信息，无法识别文号。请先运行 duban school import FILE。")
    return rules


# ---------------------------------------------------------------------------------------------------------------
# New


def new(
    ctx: typer.Context,
    title: Annotated[str, typer.Option("--title", help="督查督办事项。")],
    lead: Annotated[str, typer.Option("--lead", help="主办单位编号。")],
    requirements: Annotated[str, typer.Option("--requirements", help="办理要求。")] = "",
    source: Annotated[str, typer.Option("--source", help="来源，用办公室自己的话。")] = "",
    supporting: Annotated[str, typer.Option("--supporting", help="协办单位编号，以 ； 分隔。")] = "",
    deadline: Annotated[str, typer.Option("--deadline", help="要求反馈时间，如 2026-12-15。")] = "",
    director_opinion: Annotated[str, typer.Option("--director-opinion", help="学校办公室负责人意见。")] = "",
    leader_opinion: Annotated[str, typer.Option("--leader-opinion", help="学校领导意见（批示）。")] = "",
    leader: Annotated[str, typer.Option("--leader", help="批示的校领导编号。")] = "",
    item: Annotated[int, typer.Option("--item", min=0, max=6, help="职责范围第几项；0 为按来源推定。")] = 0,
    urgent: Annotated[bool, typer.Option("--urgent", help="特急。")] = False,
    as_json: Json = False,
) -> None:
    def take(tx: Tx) -> Matter:
        rules = _school_rules(tx)
        codes = (lead, *split(supporting.replace("、", "；").replace(",", "；")))
        for code in codes:
            if code not in rules.units:
                raise Said(f"没有编号为“{code}”的单位。已登记的单位：{'、'.join(rules.units) or '无'}。")
        if leader and leader not in rules.leaders:
            raise Said(f"没有编号为“{leader}”的校领导。已登记的校领导：{'、'.join(rules.leaders) or '无'}。")
        at = place.now(tx)
        due = _deadline(deadline, day_of(at))
        command = Propose(
            matter=RealDice().new_id(),
            title=title.strip(),
            source=source.strip(),
            requirements=requirements.strip(),
            lead=lead,
            supporting=codes[1:],
            deadline=due,
            director_opinion=director_opinion.strip(),
            leader_opinion=leader_opinion.strip(),
            instructing_leader=leader or None,
            source_item=item or item_of(source),
            urgent=urgent,
        )
        return place.do(tx, [command], place.because(), at).matters[0]

    with place.opened(ctx) as here:
        matter = here.write(take)
        rules = here.read(ledger.rules)
    if as_json:
        json_line(_row(matter, rules, matter.deadline or date.min))
    elif matter.ref:
        typer.echo(f"已立项 {refno.spoken(matter.ref, rules.school.ref_prefix)}。交办：duban dispatch {matter.ref.key}")
    else:
        typer.echo(f"已拟办，事项编号 {matter.id}；待学校领导批示后立项编号。")


def _deadline(text: str, today: date) -> date | None:
    if not text:
        return None
    due = parse_day(text)
    if due is None:
        raise Said(f"--deadline：“{text}”不是日期；应如 2026-12-15。")
    if due < today:
        raise Said(f"--deadline：{due} 早于今天（{today}）；应为今天或以后的日期。")
    return due


# ---------------------------------------------------------------------------------------------------------------
# List, show


def listing(
    ctx: typer.Context,
    phase: Annotated[str, typer.Option("--phase", help="proposed ready running closed archived void 之一。")] = "",
    unit: Annotated[str, typer.Option("--unit", help="单位编号。")] = "",
    as_json: Json = False,
) -> None:
    with place.opened(ctx) as here:
        matters, rules, at = here.read(
            lambda tx: (ledger.matters(tx, phase or None, unit or None), ledger.rules(tx), place.now(tx))
        )
    rows = [_row(matter, rules, day_of(at)) for matter in matters]
    if as_json:
        for row in rows:
            json_line(row)
        return
    names = {code: u.short_name for code, u in rules.units.items()}
    table(
        ("文号", "事项", "主办", "时限", "状态", "灯"),
        (
            (
                r["ref"] or r["id"],
                r["title"],
                names.get(r["lead"], r["lead"]),
                str(r["deadline"] or ""),
                labels.phase(r["phase"]),
                f"{words.name('colours', r['lamp'])} {r['lamp_word']}",
            )
            for r in rows
        ),
        "没有事项。",
        yielding=(1, 2),
    )


def _row(matter: Matter, rules: Rules, today: date) -> dict[str, Any]:
    lamp = lamps.lamp(matter, rules, today)
    return {
        "ref": matter.ref.key if matter.ref else None,
        "id": matter.id,
        "title": matter.title,
        "phase": matter.phase,
        "lead": matter.lead,
        "supporting": list(matter.supporting),
        "dispatched_on": matter.dispatched_on,
        "deadline": matter.deadline,
        "first_deadline": matter.first_deadline,
        "closed_on": matter.closed_on,
        "suspended": matter.suspended,
        "lamp": lamp.colour,
        "lamp_word": lamp.word,
        "acknowledged": {a.unit: moment(a.acknowledged_at) for a in matter.assignments},
        "report_waiting": any(a.report_waiting for a in matter.assignments),
        "extension_waiting": any(a.extension_waiting for a in matter.assignments),
    }


def show(ctx: typer.Context, ref: Ref, as_json: Json = False) -> None:
    with place.opened(ctx) as here:
        matter, rules, at = here.read(lambda tx: (find(tx, ref), ledger.rules(tx), place.now(tx)))
        entries, names = here.read(lambda tx: (ledger.history(tx, matter.id), actors.names(tx)))
    row = _row(matter, rules, day_of(at))
    if as_json:
        more = {
            "source": matter.source,
            "source_item": matter.source_item,
            "requirements": matter.requirements,
            "director_opinion": matter.director_opinion,
            "leader_opinion": matter.leader_opinion,
            "urgent": matter.urgent,
            "instructions": [
                {"leader": one.leader, "name": _leader(one, rules), "words": one.words, "on": one.on}
                | {"letter": one.letter, "initiates": one.initiates}
                for one in matter.instructions
            ],
            "assignments": list(matter.assignments),
        }
        json_line(row | more)
        return
    _print(matter, rules, row)
    typer.echo("办理过程：")
    short = {code: unit.short_name for code, unit in rules.units.items()}
    for line in timeline.timeline(
        entries, lambda code: short.get(code or "", code or ""), partial(actors.shown, names)
    ):
        way = {"in": "←", "out": "→"}.get(line.way, "·")
        undone = "（已撤回）" if line.undone else ""
        wrapped(f"  {shown_moment(line.at)} {way} ", f"{line.text}{undone} {line.who}")


def _leader(one: Instruction, rules: Rules) -> str:
    """周敏副校长, 校领导 where it is not known who."""
    leader = rules.leaders.get(one.leader or "")
    return f"{leader.name}{leader.title}" if leader else "校领导"


def _print(matter: Matter, rules: Rules, row: dict[str, Any]) -> None:
    def name(code: str) -> str:
        return rules.units[code].name if code in rules.units else code

    number = refno.spoken(matter.ref, rules.school.ref_prefix) if matter.ref else f"（未编号 {matter.id}）"
    facts = [
        (number, f"{words.name('colours', row['lamp'])} {row['lamp_word']}"),
        ("事项", matter.title),
        ("来源", matter.source),
        ("办理要求", matter.requirements),
        ("主办单位", name(matter.lead)),
        ("协办单位", "、".join(name(code) for code in matter.supporting)),
        ("交办时间", str(matter.dispatched_on or "")),
        ("要求反馈时间", str(matter.deadline or "")),
        ("负责人意见", matter.director_opinion),
        ("学校领导意见", matter.leader_opinion),
        *(
            ("批示", f"{one.words}（{_leader(one, rules)}，{one.on}）")
            for one in matter.instructions
            if not one.initiates
        ),
        ("状态", labels.phase(matter.phase) + ("（中止）" if matter.suspended else "")),
    ]
    for key, value in facts:
        if value:
            wrapped(f"{key}：", value)
    for assignment in matter.assignments:
        by = "（联络员代签）" if assignment.acknowledged_by == "liaison" else ""
        signed = f"{shown_moment(assignment.acknowledged_at)} 签收{by}" if assignment.acknowledged_at else "未签收"
        typer.echo(f"  {name(assignment.unit)}：{signed}，进展 {len(assignment.progress_on)} 次")
        for report in assignment.reports:
            typer.echo(f"    办结报告 {report.on} {_OUTCOMES[report.outcome]}")
        for asked in assignment.extensions:
            typer.echo(f"    延期申请 {asked.on} 至 {asked.new_deadline or '未写明'} {_OUTCOMES[asked.outcome]}")


def find(tx: Tx, text: str) -> Matter:
    """The matter that a person names; Said where there is none."""
    found = ledger.find(tx, text)
    if found is None:
        raise Said(f"没有找到“{text}”。应为本校文号（如 2026-12）或事项编号；用 duban matters list 查看。")
    return found


# ---------------------------------------------------------------------------------------------------------------
# Dispatch


def dispatch(
    ctx: typer.Context,
    refs: Annotated[list[str] | None, typer.Argument(metavar="REF…", help="文号，任何写法均可。")] = None,
    ready: Annotated[bool, typer.Option("--ready", help="交办全部已立项、未交办的事项。")] = False,
    now: Annotated[bool, typer.Option("--now", help="不等五分钟的撤回时间。")] = False,
    as_json: Json = False,
) -> None:
    if bool(refs) == ready:
        raise typer.BadParameter("写出文号，或写 --ready，二者取一。")

    def take(tx: Tx) -> list[Matter]:
        chosen = (
            ledger.matters(tx, "ready")
            if ready
            else list({m.id: m for m in (find(tx, r) for r in refs or [])}.values())
        )
        if not chosen:
            return []
        at: datetime = place.now(tx)
        place.do(tx, [Dispatch(m.id, now) for m in chosen], place.because(), at)
        return chosen

    with place.opened(ctx) as here:
        chosen = here.write(take)
    if as_json:
        for matter in chosen:
            json_line({"ref": matter.ref.key if matter.ref else None, "id": matter.id, "units": list(matter.units)})
    elif not chosen:
        typer.echo("没有待交办的事项。")
    else:
        when = "即刻发出" if now else "五分钟后发出，此前可在管理页面撤回"
        typer.echo(f"已交办 {len(chosen)} 项，交办邮件{when}（须 duban serve 在运行）。")
