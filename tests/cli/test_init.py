"""`duban init`: whole or not at all, for its owner alone, and what --from takes along."""

from __future__ import annotations

import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from daemon import config
from daemon.commands import born as command
from daemon.commands import place
from daemon.edges.clock import RealClock
from store import accounts, birth, ledger, marks, rule_texts

from .conftest import LEADERS, SCHOOL, TODAY, UNITS, Run, day, matters_file, row


def test_a_folder_for_its_owner_alone(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    (tmp_path / "school.toml").write_text(SCHOOL, encoding="utf-8")
    done = run("init", home, "--school", tmp_path / "school.toml", "--json")
    assert done.code == 0
    assert done.lines[0]["account"] == "officer"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (home, *home.iterdir())}
    assert modes["home"] == 0o700
    assert all(mode & 0o077 == 0 for mode in modes.values()), modes
    assert [path.name for path in home.parent.iterdir()] == ["home"]
    made = config.load(home)
    assert made.imap.user == "dc@north.example"
    store = config.open_store(made)
    with store.reading() as tx:
        assert ledger.rules(tx).school.name == "北山师范大学"
        assert birth.read(tx).rehearsal_address == ""
        password = (home / command.PASSWORD_FILE).read_text().splitlines()[1].removeprefix("密码：")
        (account,) = accounts.listing(tx)
        assert accounts.verify_password(account.password, password)
        assert rule_texts.in_force(tx).policy
    store.close()


def test_a_folder_that_holds_something_stays_as_it_was(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    done = run("init", tmp_path)
    assert (done.code, list(tmp_path.iterdir())) == (1, [tmp_path / "mine.txt"])
    assert "不是空文件夹" in done.err


def test_an_empty_folder_is_taken(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    assert run("init", home).code == 0
    assert (home / "duban.db").is_file()


@pytest.mark.parametrize("broken", ["school", "disk"])
def test_nothing_is_left_of_a_failure(run: Run, tmp_path: Path, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ["init", tmp_path / "home"]
    if broken == "school":
        (tmp_path / "school.toml").write_text(SCHOOL.replace("mailbox", "mialbox"), encoding="utf-8")
        words += ["--school", tmp_path / "school.toml"]
        expected = "mialbox"
    else:
        calls = iter(range(100))

        def full(handle: int) -> None:
            if next(calls) == 1:
                raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        expected = "磁盘已满"
    done = run(*words)
    assert done.code == 1
    assert expected in done.err
    assert [path.name for path in tmp_path.iterdir() if path.name != "school.toml"] == []


def test_a_rehearsal_is_born_as_one(run: Run, tmp_path: Path) -> None:
    assert run("init", tmp_path / "bad", "--rehearsal", "督察@学校").code == 1
    assert run("init", tmp_path / "home", "--rehearsal", "try@north.example").code == 0
    store = config.open_store(config.load(tmp_path / "home"))
    with store.reading() as tx:
        assert birth.read(tx).rehearsal_address == "try@north.example"
    store.close()
    assert run("init", tmp_path / "live", "--from", tmp_path / "home").code == 0
    store = config.open_store(config.load(tmp_path / "live"))
    with store.reading() as tx:
        assert not birth.read(tx).rehearsal
    store.close()


def test_going_live_takes_people_and_settings_and_no_matter(run: Run, home: Path, tmp_path: Path) -> None:
    secret = home / "smtp.secret"
    secret.write_text("hidden\n")
    secret.chmod(0o600)
    settings = home / "duban.toml"
    text = settings.read_text(encoding="utf-8").replace("# poll_seconds = 60", "poll_seconds = 17")
    text = text.replace('# password_file = ""\n', "", 1)
    text = text.replace("[smtp]\n", '[smtp]\npassword_file = "smtp.secret"\n').replace('# password_file = ""', "", 1)
    settings.write_text(text, encoding="utf-8")
    file = matters_file(tmp_path, row("2026-5", dispatched=day(-9), deadline=day(9)))
    assert run("matters", "import", file, "-C", home).code == 0
    calendar = tmp_path / "calendar.toml"
    calendar.write_text('[school]\nvacations = ["2027-01-20/2027-02-20"]\n', encoding="utf-8")
    assert run("calendar", "import", calendar, "-C", home).code == 0
    new = tmp_path / "new"
    done = run("init", new, "--from", home)
    assert done.code == 0, done.err
    assert "import" not in done.out  # the lists come along
    made = config.load(new)
    assert made.imap.poll_seconds == 17
    assert made.smtp.password == "hidden"
    assert not (new / command.PASSWORD_FILE).exists()
    assert (new / "secret.key").read_text() != (home / "secret.key").read_text()
    store = config.open_store(made)
    with store.reading() as tx:
        rules = ledger.rules(tx)
        assert set(rules.units) == {"U1", "U2", "U3"}
        assert set(rules.leaders) == {"A1", "A2"}
        assert rules.school.name == "北山师范大学"
        assert rules.calendar.vacations
        assert ledger.matters(tx) == []
        assert ledger.next_number(tx, TODAY.year) == 1
        assert [a.name for a in accounts.listing(tx)] == ["officer"]
    store.close()
    assert run("verify", "-C", new).code == 0


def test_a_rehearsal_may_begin_at_a_made_up_moment(run: Run, tmp_path: Path) -> None:
    home = tmp_path / "home"
    (tmp_path / "school.toml").write_text(SCHOOL, encoding="utf-8")
    begin = ("init", home, "--school", tmp_path / "school.toml", "--clock", "2031-11-03T08:30")
    assert run(*begin).code == 1
    assert not home.exists()
    assert run(*begin, "--rehearsal", "try@north.example").code == 0
    assert run("status", "--json", "-C", home).lines[0]["now"] == "2031-11-03T08:30:00+08:00"
    for name, text in (("leaders", LEADERS), ("units", UNITS)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
        assert run(name, "import", tmp_path / f"{name}.csv", "-C", home).code == 0
    file = matters_file(tmp_path, row("2031-5", dispatched="2031-11-03", deadline="2031-12-03"))
    assert run("matters", "import", file, "-C", home).code == 0
    file = matters_file(tmp_path, row("2031-6", dispatched="2031-11-04", deadline="2031-12-03"))
    assert "今天之后" in run("matters", "import", file, "-C", home).err
    store = config.open_store(config.load(home))
    with store.writing() as tx:
        made_up, real = datetime(2031, 11, 5, tzinfo=UTC), RealClock().now()
        told = {"made_up": made_up.isoformat(), "real": (real - timedelta(hours=1)).isoformat(), "speed": 2000}
        marks.set(tx, "clock", json.dumps(told), made_up)
        assert place.now(tx) == made_up + timedelta(seconds=2000 * place.STANDS_AFTER)
        marks.set(tx, "alive", "1", real)
        assert place.now(tx) - real < timedelta(minutes=5)
    store.close()
