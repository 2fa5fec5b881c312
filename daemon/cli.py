"""The console command `duban`: every command and group, -C in any place, and no traceback for a user."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from daemon import config
from daemon.commands import (
    accounts,
    acts,
    born,
    by_hand,
    checks,
    copies,
    letters,
    matters,
    outbox,
    people,
    reading,
    reminders,
    rules,
    run,
)
from daemon.commands.printing import Said
from daemon.config_words import BadSettings
from daemon.procedure.rules import BadRules
from daemon.register import MovedOn
from daemon.roster.shapes import BadFile
from daemon.world import MailboxAway
from store.trouble import StoreError

app = typer.Typer(
    name="duban",
    help="督查督办：用普通电子邮件交办、登记、催报。-C 文件夹 可写在命令之前或之后。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def everywhere(
    home: Annotated[
        Path | None, typer.Option("-C", metavar="DIR", help="工作文件夹；不写则取 DUBAN_HOME，再取当前文件夹。")
    ] = None,
) -> None:
    """督查督办：用普通电子邮件交办、登记、催报。-C 文件夹 可写在命令之前或之后。"""


born.add_to(app)
people.add_to(app)
matters.add_to(app)
acts.add_to(app)
by_hand.add_to(app)
letters.add_to(app)
outbox.add_to(app)
reminders.add_to(app)
rules.add_to(app)
reading.add_to(app)
checks.add_to(app)
accounts.add_to(app)
copies.add_to(app)
run.add_to(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Exit codes: 0 done, 1 refused or failed with words on stderr, 2 wrong usage, 130 interrupted."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        app(hoist(given), prog_name="duban")
    except (Said, BadSettings, BadRules, BadFile) as bad:
        _fail(str(bad))
    except StoreError as bad:
        _fail(str(bad))
    except MovedOn:
        _fail("数据刚被另一个程序修改，没有写入。请重试。")
    except MailboxAway as bad:
        _fail(f"邮箱连接不上：{bad}。请运行 duban check 查看原因。")
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as bad:
        _fail(_system_words(bad))
    except Exception as bug:  # noqa: BLE001 - the last door before the user: words here, the traceback in a file
        _fail(f"程序内部出错（{type(bug).__name__}：{bug}）。{_kept(bug, hoist(given))}")


def hoist(arguments: Sequence[str]) -> list[str]:
    """`-C DIR` moved to the front, so that it may stand before or after any command word."""
    front: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word == "-C":
            front = [word, *[x for x in [next(words, None)] if x is not None]]
        elif word.startswith("-C") and len(word) > 2:
            front = ["-C", word[2:].removeprefix("=")]
        else:
            rest.append(word)
    return [*front, *rest]


def _fail(text: str) -> None:
    typer.echo(text, err=True)
    sys.exit(1)


def _system_words(bad: OSError) -> str:
    where = f"{bad.filename}：" if bad.filename else ""
    known = {
        28: "磁盘已满",
        13: "没有权限",
        2: "没有这个文件或文件夹",
        30: "只读的文件系统",
        17: "已经存在",
        111: "连接被拒绝",
    }
    return f"{where}{known.get(bad.errno or 0, bad.strerror or str(bad))}。没有完成，请处理后重试。"


def _kept(bug: BaseException, arguments: Sequence[str]) -> str:
    """Where the traceback was left, in the folder of this call; developers set DUBAN_DEBUG to see it at once."""
    text = "".join(traceback.format_exception(bug))
    if os.environ.get("DUBAN_DEBUG"):
        return "\n" + text
    given = arguments[1] if arguments[:1] == ["-C"] and len(arguments) > 1 else os.environ.get("DUBAN_HOME")
    file = Path(given or ".") / "duban-error.txt"
    try:
        if not (file.parent / config.FILE).is_file():
            raise FileNotFoundError(file)
        file.write_text(text, encoding="utf-8")
        file.chmod(0o600)
    except OSError:
        return "请设置环境变量 DUBAN_DEBUG=1 重试，把显示的内容交给开发者。"
    return f"经过记在 {file}，请交给开发者。"
