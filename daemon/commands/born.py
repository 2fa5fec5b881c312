"""`duban init`: a new folder with settings, database and first account, whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from daemon import config
from daemon.commands import place, settings_file
from daemon.commands.printing import Json, Said, json_line
from daemon.commands.rules import POLICY, only
from daemon.config import ImapTable, Settings, SmtpTable
from daemon.edges.clock import RealClock
from daemon.procedure.shapes import (
    School,
    SchoolCommand,
    SetAccount,
    SetCalendar,
    SetLeader,
    SetPolicy,
    SetSchool,
    SetUnit,
)
from daemon.procedure.shipped import default_text
from daemon.register import set_school
from daemon.roster import school as school_file
from daemon.roster.cells import is_address
from store import accounts, birth, ledger, rule_texts
from store.accounts import Account
from store.transaction import Tx

PASSWORD_FILE = "first-password.txt"
FIRST_ACCOUNT = "officer"
#: Letters and digits that are not mistaken for one another when typed from a paper.
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
#: Keys that name a file of the folder, to be taken along by --from.
_FILES = (
    ("imap", "password_file"), ("imap", "ca_file"), ("smtp", "password_file"), ("smtp", "ca_file"),
    ("web", "cert_file"), ("web", "key_file"), ("templates", "folder"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heritage:
    """What a new folder starts with."""

    settings: Settings
    commands: tuple[SchoolCommand, ...] = ()
    accounts: tuple[Account, ...] = ()
    files: tuple[tuple[Path, str], ...] = field(default=())  # from where, to which relative name


def add_to(app: typer.Typer) -> None:
    app.command("init")(init)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="新文件夹；不存在或为空。")],
    school: Annotated[Path | None, typer.Option("--school", metavar="FILE", help="学校信息 school.toml。")] = None,
    old: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="OLD", help="沿用旧文件夹的设置、学校、校历、规则、单位、领导和账号，不带事项。"
        ),
    ] = None,
    rehearsal: Annotated[
        str, typer.Option("--rehearsal", metavar="ADDRESS", help="演练：一切去信只发到这一个地址，终身如此。")
    ] = "",
    clock: Annotated[
        str, typer.Option("--clock", metavar="MOMENT", help="演练从这一假想时刻开始，如 2026-11-02T08:30。")
    ] = "",
    as_json: Json = False,
) -> None:
    """新建工作文件夹：设置、数据库、第一个账号（密码存文件）。"""
    if rehearsal and not is_address(rehearsal):
        raise Said(f"--rehearsal：“{rehearsal}”不是邮箱地址；应为如 name@school.example 的地址。")
    if clock and not rehearsal:
        raise Said("--clock 只用于演练，须与 --rehearsal 同用。")
    begins = place.moment_of(clock) if clock else RealClock().now()
    heritage = _inherited(old) if old else Heritage(_fresh())
    if school:
        heritage = _with_school(heritage, school_file.read(school))
    with built_aside(folder) as aside:
        account = _fill(aside, heritage, rehearsal, begins, bool(clock))
    _tell(folder, account, rehearsal, as_json, school=school is not None, inherited=old is not None)


@contextmanager
def built_aside(folder: Path) -> Iterator[Path]:
    """A folder beside the one wanted, renamed to it at the end; removed again where anything fails."""
    folder = Path(os.path.abspath(folder))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Said(f"{folder} 已存在且不是空文件夹，没有改动。请另选一个文件夹。")
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        yield aside
        os.rename(aside, folder)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def _fill(aside: Path, heritage: Heritage, rehearsal: str, begins: datetime, made_up: bool) -> str:
    """Everything a folder holds; returns the name of the account that may log in first."""
    write_private(aside / config.FILE, settings_file.render(heritage.settings))
    write_private(aside / heritage.settings.keys.file, secrets.token_urlsafe(48) + "\n")
    for source, name in heritage.files:
        copy_named(source, aside / name)
    settings = config.load(aside)
    if settings.blob_folder is not None:
        settings.blob_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = config.open_store(settings)
    try:
        store.migrate()
        with store.writing() as tx:
            return _begin(tx, aside, heritage, rehearsal, begins, made_up)
    finally:
        store.close()


def _begin(tx: Tx, aside: Path, heritage: Heritage, rehearsal: str, now: datetime, made_up: bool) -> str:
    """The first rows: birth, the school's chain, accounts."""
    if birth.found(tx) is not None:
        raise Said(
            "设置所指的数据库中已有一套数据，没有改动。请用环境变量 DUBAN_DATABASE__URL 指明一个空的数据库再试。"
        )
    birth.bear(tx, now, rehearsal)
    if made_up:
        place.set_clock(tx, now)
    commands = list(heritage.commands)
    kinds = {type(c) for c in commands}
    if SetCalendar not in kinds:  # without the holidays: a later program knows more of them
        commands.append(SetCalendar(only(default_text(), frozenset({"school"}))))
    if SetPolicy not in kinds:
        commands.append(SetPolicy(only(default_text(), POLICY)))
    why = place.because("init")
    for account in heritage.accounts:
        accounts.take_over(tx, account)
        commands.append(SetAccount(account.name, account.shown, account.role, account.address))
    first = heritage.accounts[0].name if heritage.accounts else _first_account(tx, aside, commands, now)
    set_school(tx, commands, why, now)
    return first


def _first_account(tx: Tx, aside: Path, commands: list[SchoolCommand], now: datetime) -> str:
    """An officer's account with a password of 93 bits, in a file for the owner alone."""
    shown = next((c.school.contact for c in commands if isinstance(c, SetSchool)), "") or "经办人"
    password = new_password()
    accounts.make(tx, FIRST_ACCOUNT, password, shown=shown, role="officer", now=now)
    commands.append(SetAccount(FIRST_ACCOUNT, shown, "officer"))
    write_private(aside / PASSWORD_FILE, f"账号：{FIRST_ACCOUNT}\n密码：{password}\n")
    return FIRST_ACCOUNT


def new_password() -> str:
    """16 letters and digits by chance: 93 bits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(16))


def _fresh() -> Settings:
    return Settings.model_construct(**{name: f.get_default() for name, f in Settings.model_fields.items()})


def _with_school(heritage: Heritage, school: School) -> Heritage:
    """The school's words, and its mailbox as the user name where none is filled in."""
    settings = heritage.settings
    imap: ImapTable = settings.imap
    smtp: SmtpTable = settings.smtp
    filled = settings.model_copy(
        update={
            "imap": imap.model_copy(update={"user": imap.user or school.mailbox}),
            "smtp": smtp.model_copy(update={"user": smtp.user or school.mailbox}),
        }
    )
    others = tuple(c for c in heritage.commands if not isinstance(c, SetSchool))
    return Heritage(filled, (SetSchool(school), *others), heritage.accounts, heritage.files)


def _inherited(old: Path) -> Heritage:
    """What --from takes along: no matter, no number, no letter, and a database of its own."""
    used = config.load(old)
    written = config.as_written(old)
    store = config.open_store(used)
    try:
        with store.reading() as tx:
            if birth.read(tx).demo:
                raise Said(f"{old} 是演示用的文件夹，不能沿用；请用 duban init DIR --school FILE 新建。")
            rules = ledger.rules(tx)
            texts = rule_texts.in_force(tx)
            kept = tuple(account for account in accounts.listing(tx) if account.closed_at is None)
    finally:
        store.close()
    commands: list[SchoolCommand] = [SetSchool(texts.school)] if texts.school else []
    if texts.calendar:
        commands.append(SetCalendar(texts.calendar))
    if texts.policy:
        commands.append(SetPolicy(texts.policy))
    commands += [SetLeader(leader) for leader in rules.leaders.values()]
    commands += [SetUnit(unit) for unit in rules.units.values()]
    own_database = written.model_copy(update={"database": type(written.database)(pool=written.database.pool)})
    return Heritage(own_database, tuple(commands), kept, files_of(written, old))


def files_of(settings: Settings, old: Path) -> tuple[tuple[Path, str], ...]:
    names = [getattr(getattr(settings, table), key) for table, key in _FILES]
    return tuple((old / name, name) for name in dict.fromkeys(names) if name and not Path(name).is_absolute())


def copy_named(source: Path, target: Path) -> None:
    if not target.resolve().is_relative_to(target.parent.resolve()) or not source.exists():
        raise Said(f"{source}：设置中提到的文件不存在，没有新建。请补上该文件，或改正设置后重试。")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)


def write_private(path: Path, text: str) -> None:
    """A file for its owner alone, from its first moment."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _tell(folder: Path, account: str, rehearsal: str, as_json: bool, *, school: bool, inherited: bool) -> None:
    password = folder / PASSWORD_FILE
    if as_json:
        json_line(
            {
                "folder": str(folder),
                "settings": str(folder / config.FILE),
                "account": account,
                "password_file": str(password) if password.exists() else None,
                "rehearsal": rehearsal or None,
            }
        )
        return
    typer.echo(f"已建立 {folder}" + (f"（演练：一切去信只发到 {rehearsal}）" if rehearsal else "") + "。")
    if password.exists():
        typer.echo(f"第一个账号 {account}，密码在 {password}；登录后请修改，并删去该文件。")
    else:
        typer.echo("账号和密码沿用旧文件夹的。")
    steps = ["leaders import 校领导.csv", "units import 单位.csv", "check", "serve"]
    if inherited:
        typer.echo(f"设置、学校、校历、规则和人员沿用旧文件夹的。接着：核对 {folder / config.FILE}，再依次运行")
        steps = ["check", "serve"]
    else:
        typer.echo(f"接着：填写 {folder / config.FILE} 的 [imap] 和 [smtp]，再依次运行")
    if not school and not inherited:
        steps.insert(0, "school import school.toml")
    for words in steps:
        typer.echo(f"  duban -C {folder} {words}")
