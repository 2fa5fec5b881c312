"""A backup is a whole folder, and a restored one goes on where it was; or nothing is left."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

import pytest

from daemon import config
from daemon.edges.clock import RealClock
from daemon.world import Fetched
from store import letters

from .conftest import Run, day, matters_file, row


@pytest.fixture
def used(run: Run, home: Path, tmp_path: Path) -> Path:
    """A folder with a matter, a letter and wording of its own."""
    file = matters_file(tmp_path, row("2026-5", dispatched=day(-20), deadline=day(9)))
    assert run("matters", "import", file, "-C", home).code == 0
    now = RealClock().now()
    store = config.open_store(config.load(home))
    with store.writing() as tx:
        letters.keep(
            tx, "INBOX", 1, [Fetched(1, now - timedelta(days=1), b"From: a@b.example\r\n\r\nhello" * 2000)], now
        )
    store.close()
    (home / "words" / "received").mkdir(parents=True)
    (home / "words" / "received" / "subject.txt").write_text("【督办】{{ matter.ref }}\n", encoding="utf-8")
    (home / "duban.toml").write_text('[templates]\nfolder = "words"\n', encoding="utf-8")
    return home


def test_there_and_back(run: Run, used: Path, tmp_path: Path) -> None:
    copy, again = tmp_path / "copy", tmp_path / "again"
    done = run("backup", copy, "-C", used)
    assert done.code == 0, done.err
    assert "1 份原文" in done.out
    done = run("restore", copy, again)
    assert done.code == 0, done.err
    assert "历史核对无误" in done.out
    for name in ("secret.key", "duban.toml", "words/received/subject.txt"):
        assert (again / name).read_bytes() == (used / name).read_bytes()
    for folder in (copy, again):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "duban.db").stat().st_mode) == 0o600
        assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600
    for words in (("matters", "list", "--json"), ("letters", "list", "--json"), ("verify", "--json")):
        assert run(*words, "-C", again).out == run(*words, "-C", used).out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again", "copy", "home", "matters.csv"]


def test_where_something_is_nothing_is_written(run: Run, used: Path, tmp_path: Path) -> None:
    for words in (("backup", used, "-C", used), ("restore", used, used)):
        done = run(*words)
        assert done.code == 1
        assert "不是空文件夹" in done.err
    done = run("restore", tmp_path, tmp_path / "new")
    assert done.code == 1
    assert "不是备份" in done.err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("hurt", ["database", "blob", "blob lost"])
def test_a_damaged_copy_leaves_nothing(run: Run, used: Path, tmp_path: Path, hurt: str) -> None:
    copy = tmp_path / "copy"
    assert run("backup", copy, "-C", used).code == 0
    (blob,) = [path for path in (copy / "blobs").rglob("*") if path.is_file()]
    if hurt == "database":
        (copy / "duban.db").write_bytes((copy / "duban.db").read_bytes()[:9000])
    elif hurt == "blob":
        blob.chmod(0o600)
        blob.write_bytes(blob.read_bytes()[:-1] + b"!")
    else:
        blob.unlink()
    done = run("restore", copy, tmp_path / "again")
    assert done.code == 1
    assert any(words in done.err for words in ("已损坏", "备份不完整")), done.err
    assert not (tmp_path / "again").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "home", "matters.csv"]


def test_postgresql_has_its_own_tool(run: Run, used: Path, tmp_path: Path) -> None:
    assert run("backup", tmp_path / "copy", "-C", used).code == 0
    (tmp_path / "copy" / "duban.toml").write_text('[database]\nurl = "postgresql+psycopg://a@127.0.0.1:1/x"\n')
    done = run("restore", tmp_path / "copy", tmp_path / "again")
    assert done.code == 1
    assert "pg_dump" in done.err
    assert not (tmp_path / "again").exists()
