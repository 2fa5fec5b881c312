"""`duban check`: what of settings, database, mail, fonts, calendar and people works, and what to do about the rest."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import typer

from daemon import config
from daemon.commands import place
from daemon.commands.findings import Checked, failed, good, warning
from daemon.commands.mail_checks import check_imap, check_smtp
from daemon.commands.printing import Json, json_line
from daemon.config import Settings
from daemon.config_words import BadSettings
from daemon.edges.clock import RealClock
from daemon.procedure.rules import Rules
from daemon.procedure.shapes import Role
from daemon.procedure.workdays import day_of
from daemon.verify import broken_chains
from store import birth, ledger, revision
from store.birth import Birth
from store.transaction import Tx
from store.trouble import StoreError

#: Less than this free, and a term's mail may not fit.
FREE_BYTES = 1_000_000_000
_MARKS = {"ok": "✓", "warning": "！", "failed": "✗"}


def add_to(app: typer.Typer) -> None:
    app.command("check", help="检查设置、数据库、收发信、字体、校历和通讯录，并说明怎样处理。")(check)


def check(ctx: typer.Context, as_json: Json = False) -> None:
    """Everything that can be looked at, even where something before it failed. Exit code 1 where anything failed."""
    found = []

    def tell(one: Checked) -> None:
        found.append(one)
        if as_json:
            json_line(one)
            return
        typer.echo(f"{_MARKS[one.standing]} {one.name}：{one.found}")
        if one.todo:
            typer.echo(f"    处理：{one.todo}。")

    _check_all(place.root_of(ctx), tell)
    if any(one.standing == "failed" for one in found):
        raise typer.Exit(1)


def _check_all(root: Path, tell: Callable[[Checked], None]) -> None:
    try:
        settings = config.load(root)
        config.secret(settings)
    except BadSettings as bad:
        for problem in bad.problems:
            tell(failed("设置", f"{problem.file}：[{problem.table}] {problem.key} {problem.found}", problem.todo))
        return
    tell(good("设置", str(settings.root / config.FILE)))
    known = _check_database(settings, tell)
    tell(_free(settings.root))
    tell(_fonts())
    for wording in _templates(settings):
        tell(wording)
    if known is None:
        return
    rules, born, now = known
    for one in (_rehearsal(born), _school(rules), _next_year(rules, day_of(now)), *_people(rules)):
        if one is not None:
            tell(one)
    for one in asyncio.run(_check_mail(settings, rules, RealClock().now())):
        tell(one)


def _check_database(settings: Settings, tell: Callable[[Checked], None]) -> tuple[Rules, Birth, datetime] | None:
    store = config.open_store(settings)

    def look(tx: Tx) -> tuple[Rules, Birth, datetime, list[str]]:
        return ledger.rules(tx), birth.read(tx), place.now(tx), broken_chains(tx)

    try:
        with store.reading() as tx:
            revision.check(tx)
            rules, born, now, faults = look(tx)
    except StoreError as bad:
        tell(failed("数据库", str(bad), "照上面的提示处理后再运行 duban check"))
        return None
    finally:
        store.close()
    if faults:
        tell(failed("数据库", faults[0], "停止服务，运行 duban verify，用备份恢复"))
    else:
        tell(good("数据库", f"{store.dialect}，历史完整"))
    return rules, born, now


def _free(root: Path) -> Checked:
    free = shutil.disk_usage(root).free
    if free < FREE_BYTES:
        return warning("磁盘", f"只剩 {free // 1_000_000} MB", "清理或扩充磁盘，来信和发信原文都要保存")
    return good("磁盘", f"剩余 {free // 1_000_000_000} GB")


def _fonts() -> Checked:
    from daemon.compose import fonts  # Typst and the fonts' tables, which no other command needs

    faces = fonts.faces()
    if not faces.body:
        return failed("字体", "没有可用的中文字体", "重新安装 duban（字体随程序安装）")
    return good("字体", f"正文用 {faces.body[0]}")


def _templates(settings: Settings) -> list[Checked]:
    """The school's own wording: each override that is not used, by its name and why."""
    folder = settings.template_folder
    if folder is None:
        return []
    if not folder.is_dir():
        return [failed("模板", f"没有文件夹 {folder}，仍用系统自带模板", "建立该文件夹，或改正 [templates] folder")]
    from daemon.compose.render import OURS, Renderer  # Jinja, which most commands do without

    refused = Renderer(folder).refused
    if refused:
        todo = f"照 {OURS} 中的同名文件改正，再运行 duban check"
        return [failed("模板", said.rstrip("。"), todo) for said in refused]
    count = sum(1 for path in folder.rglob("*") if path.is_file())
    return [good("模板", f"学校自己的模板 {count} 个，均可用")]


def _rehearsal(born: Birth) -> Checked | None:
    if born.rehearsal_address:
        return good("演练", f"本文件夹是演练，一切去信只发到 {born.rehearsal_address}")
    return None


def _school(rules: Rules) -> Checked:
    if not rules.school.mailbox:
        return failed("学校信息", "还没有", "运行 duban school import FILE")
    return good("学校信息", f"{rules.school.name}，{rules.school.ref_prefix}，{rules.school.mailbox}")


def _next_year(rules: Rules, today: date) -> Checked:
    """A year that is not announced yet counts from statutory days only; pressing from November on."""
    year = today.year if rules.calendar.provisional(today) else today.year + 1
    if not rules.calendar.provisional(date(year, 1, 1)):
        return good("校历", f"{year} 年节假日已有")
    todo = f"国务院办公厅通知公布后，写入 [holidays.{year}] 并运行 duban calendar import FILE"
    found = f"{year} 年节假日尚未公布，暂按法定假日推算"
    if year > today.year and today.month < 11:
        return good("校历", found)
    return warning("校历", found, todo)


def _people(rules: Rules) -> list[Checked]:
    """Who cannot be reached."""
    if not rules.units:
        return [warning("单位", "还没有单位", "运行 duban units import FILE")]
    again = "补齐后运行 duban units import FILE"
    found = []
    roles: tuple[tuple[Role, str], ...] = (("head", "主要负责人"), ("liaison", "联络员"))
    for role, word in roles:
        lacking = [unit.name for unit in rules.units.values() if rules.person(unit.code, role) is None]
        if lacking:
            found.append(warning(word, f"缺{word}或其邮箱的单位：{'、'.join(lacking)}", again))
    without = [unit.name for unit in rules.units.values() if rules.supervising_leader(unit.code) is None]
    if without:
        found.append(warning("分管领导", f"缺分管、联系校领导的单位：{'、'.join(without)}", again))
    president = rules.president()
    if president is None or not president.address:
        found.append(warning("校长", "名单中没有校长或其邮箱", "补齐后运行 duban leaders import FILE"))
    return found or [good("通讯录", f"{len(rules.units)} 个单位、{len(rules.leaders)} 位校领导，人员和邮箱齐全")]


async def _check_mail(settings: Settings, rules: Rules, now: datetime) -> list[Checked]:
    received, sent = await asyncio.gather(check_imap(settings, rules.school, now), check_smtp(settings, rules.school))
    return [*received, *sent]
