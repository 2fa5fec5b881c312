"""`duban accounts list|add|close|role|password`: who logs in; passwords by a private file or on a terminal."""

from __future__ import annotations

import getpass
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, get_args

import typer

from daemon.commands import place
from daemon.commands.born import new_password, write_private
from daemon.commands.place import Place
from daemon.commands.printing import Json, Said, json_line, moment, shown_moment, table
from daemon.edges.clock import RealClock
from daemon.procedure.shapes import SetAccount
from daemon.register import set_school
from daemon.web.page import DESK, ROLES
from store import accounts
from store.accounts import Account
from store.transaction import Tx

Name = Annotated[str, typer.Argument(metavar="NAME", help="账号名：登录时填写的。")]
Ask = Annotated[bool, typer.Option("--ask", help="在终端里输入密码；不写则随机生成，存入只许属主读取的文件。")]
#: A leader's own page comes with a later version.
_GIVEN: tuple[accounts.Role, ...] = tuple(role for role in get_args(accounts.Role) if role != "leader")
_ROLES = "、".join(f"{role}（{ROLES[role]}）" for role in _GIVEN)
_NAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="账号：增加、关闭、改身份、重设密码。", no_args_is_help=True)
    group.command("list", help="列出账号。")(listing)
    group.command("add", help="增加账号。")(add)
    group.command("close", help="关闭账号，立即退出登录；账号名不再使用。")(close)
    group.command("role", help="改身份或姓名。")(role)
    group.command("password", help="重设密码，解除锁定，退出其他登录。")(password)
    app.add_typer(group, name="accounts")


def listing(ctx: typer.Context, as_json: Json = False) -> None:
    with place.opened(ctx) as here:
        found = here.read(accounts.listing)
    now = RealClock().now()
    if as_json:
        for one in found:
            json_line(
                {
                    "name": one.name,
                    "shown": one.shown,
                    "role": one.role,
                    "address": one.address or None,
                    "made_at": moment(one.made_at),
                    "closed_at": moment(one.closed_at),
                    "locked_until": moment(one.locked_until if _locked(one, now) else None),
                    "password_set_at": moment(one.password_set_at),
                }
            )
        return
    table(
        ("账号", "姓名", "身份", "状态", "改密码"),
        ((one.name, one.shown, ROLES[one.role], _state(one, now), shown_moment(one.password_set_at)) for one in found),
        "没有账号。",
    )


def _locked(account: Account, now: datetime) -> bool:
    return account.locked_until is not None and account.locked_until > now


def _state(account: Account, now: datetime) -> str:
    if account.closed_at is not None:
        return "已关闭"
    return f"锁定至 {shown_moment(account.locked_until)}" if _locked(account, now) else "正常"


def add(
    ctx: typer.Context,
    name: Name,
    shown: Annotated[str, typer.Option("--shown", help="姓名，显示在页面和历史中。")],
    role: Annotated[str, typer.Option("--role", help=f"身份：{_ROLES}。")] = "officer",
    ask: Ask = False,
) -> None:
    if not _NAME.fullmatch(name):
        raise Said(f"账号名“{name}”不合要求：应为 2 至 40 个小写字母、数字、点、横线，以字母开头。")
    if not shown.strip():
        raise Said("--shown 是空的：请写姓名。")
    wanted = _role(role)
    with place.opened(ctx) as here:
        if here.read(lambda tx: accounts.find(tx, name)) is not None:
            raise Said(f"已有账号 {name}，没有改动。重设密码用 duban accounts password，改身份用 duban accounts role。")
        with _password(here, name, ask) as (given, told):
            now = RealClock().now()

            def take(tx: Tx) -> None:
                if not accounts.make(tx, name, given, shown=shown.strip(), role=wanted, now=now):
                    raise Said(f"已有账号 {name}，没有改动。")
                _keep(tx, SetAccount(name, shown.strip(), wanted), now)

            here.write(take)
    typer.echo(f"已增加账号 {name}（{shown.strip()}，{ROLES[wanted]}）。{told}")


def close(ctx: typer.Context, name: Name) -> None:
    def take(tx: Tx) -> None:
        account = _open(tx, name)
        _somebody_is_left(tx, account)
        now = RealClock().now()
        accounts.close(tx, name, now)
        _keep(tx, SetAccount(name, account.shown, account.role, account.address, closed=True), now)

    with place.opened(ctx) as here:
        here.write(take)
    typer.echo(f"已关闭账号 {name}。")


def role(
    ctx: typer.Context,
    name: Name,
    role: Annotated[str, typer.Argument(metavar="ROLE", help=f"身份：{_ROLES}。")],
    shown: Annotated[str, typer.Option("--shown", help="新的姓名；不写为不变。")] = "",
) -> None:
    wanted = _role(role)

    def take(tx: Tx) -> str:
        account = _open(tx, name)
        if wanted not in DESK:
            _somebody_is_left(tx, account)
        called = shown.strip() or account.shown
        if (called, wanted) == (account.shown, account.role):
            return "没有变化。"
        accounts.change(tx, name, shown=called, role=wanted, address=account.address)
        _keep(tx, SetAccount(name, called, wanted, account.address), RealClock().now())
        return f"账号 {name} 现在是 {called}，{ROLES[wanted]}。"

    with place.opened(ctx) as here:
        said = here.write(take)
    typer.echo(said)


def password(ctx: typer.Context, name: Name, ask: Ask = False) -> None:
    with place.opened(ctx) as here:
        here.read(lambda tx: _open(tx, name))
        with _password(here, name, ask) as (given, told):
            hashed = accounts.hash_password(given)
            here.write(lambda tx: accounts.put_password(tx, name, hashed, RealClock().now()))
    typer.echo(f"账号 {name} 的密码已重设，锁定已解除，其他登录已退出。{told}")


# ---------------------------------------------------------------------------------------------------------------


def _role(text: str) -> accounts.Role:
    found = next((one for one in _GIVEN if text in (one, ROLES[one])), None)
    if found is None:
        raise Said(f"没有“{text}”这种身份；应为 {_ROLES}。")
    return found


def _open(tx: Tx, name: str) -> Account:
    found = accounts.find(tx, name)
    if found is None:
        raise Said(f"没有账号 {name}。用 duban accounts list 查看。")
    if found.closed_at is not None:
        raise Said(f"账号 {name} 已于 {shown_moment(found.closed_at)} 关闭。请另增加一个账号。")
    return found


def _somebody_is_left(tx: Tx, leaving: Account) -> None:
    """Somebody must be able to work at the desk."""
    others = [a for a in accounts.listing(tx) if a.closed_at is None and a.role in DESK and a.name != leaving.name]
    if leaving.role in DESK and not others:
        raise Said(f"{leaving.name} 是唯一能办理的账号，没有改动。请先增加另一个经办人账号。")


def _keep(tx: Tx, command: SetAccount, now: datetime) -> None:
    set_school(tx, [command], place.because("account"), now)


@contextmanager
def _password(here: Place, name: str, ask: bool) -> Iterator[tuple[str, str]]:
    """The password and what is said of it; its file is gone again where the account could not be changed."""
    if ask:
        yield _asked(name), ""
        return
    given = new_password()
    file = here.root / f"password-{name}.txt"
    file.unlink(missing_ok=True)
    write_private(file, f"账号：{name}\n密码：{given}\n")
    try:
        yield given, f"密码在 {file}，请当面交给本人，登录后修改，并删去该文件。"
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def _asked(name: str) -> str:
    """Typed twice, never shown."""
    if not sys.stdin.isatty():
        raise Said("--ask 须在终端中运行；不写 --ask 则随机生成密码，存入文件。")
    typed = getpass.getpass("新密码：")
    if weak := accounts.weakness(typed, name):
        raise Said(weak)
    if getpass.getpass("再输一遍：") != typed:
        raise Said("两次输入不同，没有改动。")
    return typed
