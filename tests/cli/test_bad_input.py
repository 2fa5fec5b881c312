"""Each line of what a user may get wrong: clear Chinese words, what to do, exit code 1, nothing half done."""

from __future__ import annotations

import errno
import os
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import store.transaction

from .conftest import HEADER, Run, day, matters_file, row


@pytest.fixture
def unchanged(run: Run, home: Path) -> Iterator[None]:
    """The history is the same after the test."""
    before = run("verify", "-C", home, "--json").lines[0]["entries"]
    yield
    assert run("verify", "-C", home, "--json").lines[0]["entries"] == before


def refused(run: Run, home: Path, file: Path, *expected: str) -> None:
    done = run("matters", "import", file, "-C", home)
    assert done.code == 1
    for word in expected:
        assert word in done.err, done.err
    assert done.out == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[imap\n", ["TOML 语法错误", "duban.toml"]),
        ('[imap]\nhots = "x"\n', ["[imap]", "hots", "没有这个项目", "处理："]),
    ],
)
def test_a_broken_settings_file_and_an_unknown_key(run: Run, home: Path, text: str, expected: list[str]) -> None:
    (home / "duban.toml").write_text(text, encoding="utf-8")
    for words in (("status",), ("serve",), ("check",)):
        done = run(*words, "-C", home)
        assert done.code == 1
        for word in expected:
            assert word in done.err + done.out


@pytest.mark.usefixtures("unchanged")
class TestFiles:
    def test_a_wrong_column(self, run: Run, home: Path, tmp_path: Path) -> None:
        file = matters_file(tmp_path, row("2026-5"), header=HEADER.replace("主办单位", "牵头单位"))
        refused(run, home, file, "matters.csv", "“牵头单位”列", "不认识", "“主办单位”列", "缺少")

    def test_an_unknown_unit(self, run: Run, home: Path, tmp_path: Path) -> None:
        good = row("2026-5", dispatched=day(-3), deadline=day(9))
        bad = row("2026-6", "另一项", lead="U9", dispatched=day(-3), deadline=day(9))
        refused(run, home, matters_file(tmp_path, good, bad), "第3行", "“主办单位”列", "“U9”", "U1、U2、U3")

    def test_a_deadline_before_today(self, run: Run, home: Path, tmp_path: Path) -> None:
        file = matters_file(tmp_path, row("", deadline=day(-1), leader="同意"))
        refused(run, home, file, "第2行", "“要求反馈时间”列", day(-1), "早于今天")

    def test_a_number_used_twice_in_a_file(self, run: Run, home: Path, tmp_path: Path) -> None:
        one = row("2026-5", dispatched=day(-3), deadline=day(9))
        two = row("北师督字〔2026〕第5号", "另一项", dispatched=day(-3), deadline=day(9))
        refused(run, home, matters_file(tmp_path, one, two), "第3行", "“文号”列", "第2行重复")

    @pytest.mark.parametrize(
        ("bad", "expected"),
        [
            (row("甲师督字〔2026〕第5号", dispatched=day(-3), deadline=day(9)), ["“文号”列", "北师督字"]),
            (row("", dispatched=day(-3), deadline=day(9)), ["“文号”列", "是空的"]),
            (row("2026-5", dispatched="上周", deadline=day(9)), ["“交办时间”列", "“上周”", "2026-12-15"]),
            (row("2026-5", dispatched=day(3), deadline=day(9)), ["“交办时间”列", "今天之后"]),
            (row("2026-5", dispatched=day(-3), deadline=day(-9)), ["“要求反馈时间”列", "早于交办时间"]),
            (row("2026-5", supporting="U1", dispatched=day(-3), deadline=day(9)), ["“协办单位”列", "重复"]),
            (
                row("2026-5", supporting="U2", dispatched=day(-3), deadline=day(9), mails="<a@b>,<c@d>；<e@f>"),
                ["“协办交办邮件”列", "有 2 个"],
            ),
            (row("2026-5", dispatched=day(-3), deadline=day(9), notice="none.pdf"), ["“通知单文件”列", "none.pdf"]),
            (row("", deadline=day(9), mails="<a@b>,"), ["“主办交办邮件”列", "交办时间是空的"]),
            (row("", leader="同意"), ["“要求反馈时间”列", "已批示"]),
        ],
    )
    def test_other_bad_cells(self, run: Run, home: Path, tmp_path: Path, bad: str, expected: list[str]) -> None:
        refused(run, home, matters_file(tmp_path, bad), "第2行", *expected)

    def test_a_bad_address(self, run: Run, home: Path, born: Path, tmp_path: Path) -> None:
        text = (born / "units.csv").read_text(encoding="utf-8").replace("ning@north.example", "宁静@north.example")
        (tmp_path / "u.csv").write_text(text, encoding="utf-8")
        done = run("units", "import", tmp_path / "u.csv", "-C", home)
        assert done.code == 1
        assert "第4行“联络员邮箱”列" in done.err

    def test_a_full_disk(self, run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        connect = store.transaction._sqlite_connect

        def full(*given: Any, **named: Any) -> sqlite3.Connection:
            conn = connect(*given, **named)
            pages = conn.execute("PRAGMA page_count").fetchone()[0]
            conn.execute(f"PRAGMA max_page_count={pages}")
            return conn

        rows = [row(f"2026-{n}", f"第{n}项", dispatched=day(-3), deadline=day(9)) for n in range(1, 200)]
        file = matters_file(tmp_path, *rows)
        with monkeypatch.context() as patched:
            patched.setattr(store.transaction, "_sqlite_connect", full)
            refused(run, home, file, "磁盘已满")

    def test_a_full_disk_under_an_export(self, run: Run, home: Path) -> None:
        if not Path("/dev/full").exists():
            pytest.skip("no /dev/full")
        done = run("policy", "export", "/dev/full", "-C", home)
        assert done.code == 1
        assert "磁盘已满" in done.err

    def test_a_full_disk_under_the_bytes(
        self, run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: Any, **__: Any) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        for words in (("init", tmp_path / "new"), ("backup", tmp_path / "copy", "-C", home)):
            done = run(*words)
            assert done.code == 1
            assert "磁盘已满" in done.err
        assert [path.name for path in tmp_path.iterdir()] == ["home"]

    def test_a_locked_database(self, run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(store.transaction, "BUSY_MS", 200)
        other = sqlite3.connect(home / "duban.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            file = matters_file(tmp_path, row("2026-5", dispatched=day(-3), deadline=day(9)))
            refused(run, home, file, "数据库正被另一个程序占用")
        finally:
            other.close()


def test_a_number_that_the_ledger_has(run: Run, home: Path, tmp_path: Path) -> None:
    file = matters_file(tmp_path, row("2026-5", dispatched=day(-3), deadline=day(9)))
    assert run("matters", "import", file, "-C", home).code == 0
    file = matters_file(tmp_path, row("2026-5", "另一项", dispatched=day(-3), deadline=day(9)))
    refused(run, home, file, "第2行", "2026-5", "台帐中已有", "食堂明厨亮灶")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("matters", "new", "--title", "x", "--lead", "U9", "--requirements", "y"), "没有编号为“U9”的单位"),
        (("matters", "new", "--title", "x", "--lead", "U1", "--deadline", day(-1)), "早于今天"),
        (("matters", "new", "--title", "x", "--lead", "U1", "--deadline", "下周"), "不是日期"),
        (("matters", "show", "2026-99"), "duban matters list"),
        (("dispatch", "2026-99"), "没有找到"),
        (("letters", "show", "99"), "没有编号为 99 的来信"),
        (("outbox", "show", "99"), "没有编号为 99 的去信"),
        (("units", "import", "none.csv"), "没有这个文件"),
        (("school", "import", "none.toml"), "没有这个文件"),
        (("policy", "import", "none.toml"), "没有这个文件"),
    ],
)
@pytest.mark.usefixtures("unchanged")
def test_what_is_not_there(run: Run, home: Path, words: tuple[str, ...], said: str) -> None:
    done = run(*words, "-C", home)
    assert done.code == 1
    assert said in done.err
    assert done.out == ""


def test_a_deadline_that_passed_while_the_matter_waited(run: Run, home: Path) -> None:
    new = ("matters", "new", "--title", "旧事", "--lead", "U1", "--requirements", "完成", "--leader-opinion", "同意")
    ref = run(*new, "--deadline", day(0), "--json", "-C", home).lines[0]["ref"]
    later = f"UPDATE entries SET body = replace(body, '{day(0)}', '{day(-1)}')"
    with sqlite3.connect(home / "duban.db") as db:
        db.execute(later)
    done = run("dispatch", ref, "-C", home)
    assert done.code == 1
    assert "已经过去" in done.err
    assert "请改为今日或以后的日期" in done.err
    assert run("outbox", "list", "--json", "-C", home).out == ""


@pytest.mark.parametrize(
    ("file", "data", "said"),
    [
        ("u.csv", b"", "文件是空的"),
        ("u.csv", "甲,乙\n1,2\n".encode(), "不是表头（甲、乙）"),
        ("u.csv", b"\xff\xfe\x00\x81\x30", "认不出编码"),
        ("u.xlsx", b"PK\x03\x04 broken", "xlsx 文件打不开或已损坏"),
        ("u.xls", b"\xd0\xcf\x11\xe0 old", "旧格式 xls"),
        ("u.csv", '单位编号,"单位名称\n'.encode(), "引号"),
    ],
)
@pytest.mark.usefixtures("unchanged")
def test_files_that_are_no_lists(run: Run, home: Path, tmp_path: Path, file: str, data: bytes, said: str) -> None:
    (tmp_path / file).write_bytes(data)
    for name in ("units", "leaders", "matters"):
        done = run(name, "import", tmp_path / file, "-C", home)
        assert done.code == 1
        assert said in done.err
        assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize(("revision", "said"), [("9999", "更新版本的程序"), (None, "版本较旧")])
def test_a_database_of_another_program(run: Run, home: Path, tmp_path: Path, revision: str | None, said: str) -> None:
    mail_settings(home, free_port(), free_port())
    with sqlite3.connect(home / "duban.db") as db:
        db.execute("UPDATE alembic_version SET version_num = ?" if revision else "DELETE FROM alembic_version",
                   (revision,) if revision else ())  # fmt: skip
        before = db.execute("SELECT count(*) FROM entries").fetchone()
    file = matters_file(tmp_path, row("2026-5", dispatched=day(-3), deadline=day(9)))
    commands: list[tuple[object, ...]] = [("matters", "list"), ("matters", "import", file), ("verify",), ("check",)]
    for words in [*commands, ("serve",)] if revision else commands:
        done = run(*words, "-C", home)
        assert done.code == 1
        assert said in done.err + done.out, words
    with sqlite3.connect(home / "duban.db") as db:
        assert db.execute("SELECT count(*) FROM entries").fetchone() == before


def test_a_database_that_is_none(run: Run, home: Path) -> None:
    (home / "duban.db").write_bytes(b"\x00\x01not a database" * 400)
    for words in (("status",), ("check",), ("units", "list")):
        done = run(*words, "-C", home)
        assert done.code == 1
        assert "数据库文件已损坏" in done.err + done.out
        assert "备份" in done.err + done.out


def test_a_database_server_that_is_away(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUBAN_DATABASE__URL", f"postgresql+psycopg://a@127.0.0.1:{free_port()}/x")
    done = run("status", "-C", home)
    assert done.code == 1
    assert "连接不上数据库服务器" in done.err
    assert "[database]" in done.err


def test_settings_from_the_environment_name_their_variable(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_WEB__PORT", "abc")
    done = run("status", "-C", home)
    assert done.code == 1
    assert "环境变量 DUBAN_WEB__PORT" in done.err


def test_settings_that_others_can_read(run: Run, home: Path) -> None:
    (home / "duban.toml").chmod(0o644)
    done = run("status", "-C", home)
    assert done.code == 1
    assert f"chmod 600 {home / 'duban.toml'}" in done.err


@pytest.mark.parametrize(
    ("words", "settings", "said"),
    [
        (("status",), "[imap\n", "TOML 语法错误"),
        (("status",), '[imap]\nhots = "x"\n', "没有这个项目"),
        (("matters", "show", "2026-99"), "", "没有找到"),
        (("serve",), "", "[imap] host"),
    ],
)
def test_the_installed_command_says_so_and_ends_with_1(
    home: Path, words: tuple[str, ...], settings: str, said: str
) -> None:
    """A process of its own: the exit code and what stands on its two outputs."""
    (home / "duban.toml").write_text(settings, encoding="utf-8")
    program = Path(sys.executable).parent / "duban"
    done = subprocess.run([program, *words, "-C", home], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_no_database(run: Run, home: Path) -> None:
    (home / "duban.db").unlink()
    done = run("status", "-C", home)
    assert done.code == 1
    assert "找不到数据库" in done.err
    assert not (home / "duban.db").exists()


# ---------------------------------------------------------------------------------------------------------------
# Mail servers that are not there, or say no


def mail_settings(home: Path, imap: int, smtp: int) -> None:
    text = "".join(
        f'[{name}]\nhost = "127.0.0.1"\nport = {port}\nuser = "dc"\npassword = "wrong"\n'
        'security = "none"\ntimeout = 3\n'
        for name, port in (("imap", imap), ("smtp", smtp))
    )
    (home / "duban.toml").write_text(text, encoding="utf-8")


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def talker(greeting: bytes, answers: dict[bytes, bytes], otherwise: bytes) -> Iterator[int]:
    """A server that answers each line by its command word; `%` stands for the line's first word."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                conn, _ = server.accept()
            except OSError:
                return
            with conn, conn.makefile("rwb", buffering=0) as line:
                line.write(greeting)
                while text := line.readline():
                    words = text.split() or [b""]
                    answer = next((a for word, a in answers.items() if word in text.upper()), otherwise)
                    line.write(answer.replace(b"%", words[0]))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(5)


def test_no_network(run: Run, home: Path) -> None:
    mail_settings(home, free_port(), free_port())
    done = run("check", "-C", home, "--json")
    assert done.code == 1
    found = {line["name"]: line for line in done.lines}
    for name in ("收信", "发信"):
        assert found[name]["standing"] == "failed"
        assert "host、port、security" in found[name]["todo"]
    assert found["数据库"]["standing"] == "ok"
    assert found["字体"]["standing"] == "ok"


def test_a_refused_login(run: Run, home: Path) -> None:
    imap = talker(
        b"* OK ready\r\n",
        {b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n% OK done\r\n", b"LOGIN": b"% NO [AUTHENTICATIONFAILED] no\r\n"},
        b"% OK done\r\n",
    )
    smtp = talker(
        b"220 ready\r\n",
        {b"EHLO": b"250-here\r\n250 AUTH PLAIN LOGIN\r\n", b"AUTH": b"535 5.7.8 no\r\n"},
        b"250 fine\r\n",
    )
    with imap as imap_port, smtp as smtp_port:
        mail_settings(home, imap_port, smtp_port)
        done = run("check", "-C", home, "--json")
    assert done.code == 1
    found = {line["name"]: line for line in done.lines}
    for name in ("收信", "发信"):
        assert found[name]["standing"] == "failed"
        assert "授权码" in found[name]["todo"], found[name]


def test_serve_says_what_is_missing(run: Run, home: Path) -> None:
    done = run("serve", "-C", home)
    assert done.code == 1
    assert "[imap] host" in done.err
    mail_settings(home, 1, 1)
    done = run("serve", "-C", home, "--clock", "2026-11-02T08:30", "--speed", "2000")
    assert done.code == 1
    assert "正式运行" in done.err


def test_a_bug_leaves_its_traceback_in_the_folder(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Any) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("daemon.commands.run._facts", broken)
    done = run("status", "-C", home)
    assert done.code == 1
    assert "程序内部出错" in done.err
    assert "ZeroDivisionError" in (home / "duban-error.txt").read_text(encoding="utf-8")
