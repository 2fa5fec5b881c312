"""Accounts from the terminal: no password on a command line or on the screen, and somebody always left at the desk."""

from __future__ import annotations

import getpass
import stat
import sys
from pathlib import Path

import pytest

from daemon import config
from daemon.procedure.shapes import SetAccount
from store import accounts, history

from .conftest import Run


def account(home: Path, name: str) -> accounts.Account:
    store = config.open_store(config.load(home))
    with store.reading() as tx:
        found = accounts.find(tx, name)
    store.close()
    assert found is not None
    return found


def written(home: Path, name: str) -> str:
    file = home / f"password-{name}.txt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    return file.read_text(encoding="utf-8").splitlines()[1].removeprefix("密码：")


def terminal(monkeypatch: pytest.MonkeyPatch, *typed: str) -> None:
    answers = iter(typed)
    monkeypatch.setattr(getpass, "getpass", lambda _: next(answers))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)


def test_an_account_is_added_with_a_password_in_a_file(run: Run, home: Path) -> None:
    done = run("accounts", "add", "lizhuren", "--shown", "李某", "--role", "director", "-C", home)
    assert done.code == 0, done.err
    password = written(home, "lizhuren")
    assert password not in done.out + done.err
    assert str(home / "password-lizhuren.txt") in done.out
    found = account(home, "lizhuren")
    assert (found.shown, found.role) == ("李某", "director")
    assert accounts.verify_password(found.password, password)
    listed = {line["name"]: line for line in run("accounts", "list", "--json", "-C", home).lines}
    assert listed["lizhuren"]["role"] == "director"
    assert "password" not in listed["lizhuren"]
    assert "负责人" in run("accounts", "list", "-C", home).out
    assert run("verify", "-C", home).code == 0


def test_a_name_is_taken_once(run: Run, home: Path) -> None:
    before = account(home, "officer")
    done = run("accounts", "add", "officer", "--shown", "某人", "-C", home)
    assert done.code == 1
    assert "已有账号 officer" in done.err
    assert account(home, "officer") == before
    assert not (home / "password-officer.txt").exists()


def test_a_password_is_set_anew(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("accounts", "password", "officer", "-C", home).code == 0
    first = written(home, "officer")
    assert accounts.verify_password(account(home, "officer").password, first)
    assert run("accounts", "password", "officer", "-C", home).code == 0
    assert written(home, "officer") != first  # the file is the newest one's
    terminal(monkeypatch, "Shui-Mu-2026", "Shui-Mu-2026")
    done = run("accounts", "password", "officer", "--ask", "-C", home)
    assert done.code == 0
    assert "Shui" not in done.out
    assert accounts.verify_password(account(home, "officer").password, "Shui-Mu-2026")


@pytest.mark.parametrize(
    ("typed", "said"),
    [(("short",), "至少10个字符"), (("Shui-Mu-2026", "Shui-Mu-2027"), "两次输入不同"), (("Officer-2026",), "账号名")],
)
def test_a_weak_or_mistyped_password_changes_nothing(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, typed: tuple[str, ...], said: str
) -> None:
    before = account(home, "officer")
    terminal(monkeypatch, *typed)
    done = run("accounts", "password", "officer", "--ask", "-C", home)
    assert done.code == 1
    assert said in done.err
    assert account(home, "officer") == before


def test_a_role_is_changed_and_an_account_closed(run: Run, home: Path) -> None:
    assert run("accounts", "add", "shenji", "--shown", "沈计", "--role", "审计员", "-C", home).code == 0
    assert run("accounts", "role", "shenji", "officer", "-C", home).code == 0
    assert account(home, "shenji").role == "officer"
    assert "没有变化" in run("accounts", "role", "shenji", "officer", "-C", home).out
    assert run("accounts", "close", "officer", "-C", home).code == 0
    assert account(home, "officer").closed_at is not None
    assert "已关闭" in run("accounts", "list", "-C", home).out
    again = run("accounts", "password", "officer", "-C", home)
    assert again.code == 1
    assert "关闭" in again.err
    store = config.open_store(config.load(home))
    with store.reading() as tx:
        told = [e.command for e in history.load(tx, "school") if isinstance(e.command, SetAccount)]
    store.close()
    assert [(one.name, one.role, one.closed) for one in told] == [
        ("officer", "officer", False), ("shenji", "auditor", False), ("shenji", "officer", False),
        ("officer", "officer", True),
    ]  # fmt: skip
    assert run("verify", "-C", home).code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("close", "officer"), "唯一能办理的账号"),
        (("role", "officer", "auditor"), "唯一能办理的账号"),
        (("role", "officer", "king"), "没有“king”这种身份"),
        (("close", "nobody"), "没有账号 nobody"),
        (("add", "李某", "--shown", "李某"), "不合要求"),
        (("add", "limou", "--shown", " "), "--shown 是空的"),
        (("add", "limou", "--shown", "李某", "--ask"), "须在终端中运行"),
    ],
)
def test_what_cannot_be(run: Run, home: Path, words: tuple[str, ...], said: str) -> None:
    before = run("accounts", "list", "--json", "-C", home).out
    done = run("accounts", *words, "-C", home)
    assert done.code == 1
    assert said in done.err
    assert run("accounts", "list", "--json", "-C", home).out == before
