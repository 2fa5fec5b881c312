"""Lists and sheets fit a terminal of 80 columns; a wider one shows more."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon import config
from daemon.commands import printing
from daemon.edges.clock import RealClock
from daemon.world import Fetched
from store import letters

from .conftest import Run, day, matters_file, row

LONG = "美术楼消防通道清理整治及疏散标识更换（含附属工作室、地下库房、屋顶设备间和东侧连廊）"


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


@pytest.fixture
def full(run: Run, home: Path, tmp_path: Path) -> Path:
    """A folder in which everything has a long name."""
    file = matters_file(
        tmp_path,
        row("2026-5", LONG, lead="U2", supporting="U1；U3", dispatched=day(-20), deadline=day(9)),
        row("", LONG, lead="U2", supporting="U1", deadline=day(20), leader="同意。" * 40),
    )
    assert run("matters", "import", file, "-C", home).code == 0
    assert run("dispatch", "--ready", "-C", home).code == 0
    assert run("matters", "progress", "2026-5", "--words", "已完成。" * 60, "-C", home).code == 0
    now = RealClock().now()
    raw = f"From: {'very-' * 8}long@north.example\r\nSubject: x {'long ' * 40}\r\n\r\n{'hello ' * 60}\r\n".encode()
    store = config.open_store(config.load(home))
    with store.writing() as tx:
        (id,) = letters.keep(tx, "INBOX", 1, [Fetched(1, now, raw)], now)
        letters.settle(tx, id, "waiting", now, decision="queue", why=("unreadable",))
    store.close()
    return home


COMMANDS = [
    ("matters", "list"), ("matters", "show", "2026-5"), ("letters", "list"), ("letters", "show", "1"),
    ("outbox", "list"), ("outbox", "show", "1"), ("reminders", "preview", "2026-5"), ("units", "list"),
    ("accounts", "list"),
]  # fmt: skip


def test_everything_fits(run: Run, full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for words in COMMANDS:
        done = run(*words, "-C", full)
        assert done.code == 0, done.err
        assert [line for line in done.out.splitlines() if width(line) > 80] == [], words
    assert LONG not in run("matters", "list", "-C", full).out
    assert LONG in "".join(line.strip() for line in run("matters", "show", "2026-5", "-C", full).out.splitlines())
    monkeypatch.setenv("COLUMNS", "200")
    assert LONG in run("matters", "list", "-C", full).out


@given(st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Zl", "Zp"]), max_size=300))
def test_wrapping_loses_nothing(text: str) -> None:
    lines: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(printing, "columns", lambda: 40)
        patch.setattr(printing.typer, "echo", lines.append)
        printing.wrapped("头：", text)
    kept = "".join(line[2 if n == 0 else 4 :] for n, line in enumerate(lines))
    assert "".join(kept.split()) == "".join(text.split())
    assert all(width(line) <= 40 for line in lines)
