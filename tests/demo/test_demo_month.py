"""The first days of the demo, whole: loops, servers, clerks and officer, counted from outside."""

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest

from daemon.demo.school import load, moment
from daemon.demo.theatre import Wish, perform

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_three_days_agree_with_the_diaries(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ends = moment("11-04 18:00")
    asyncio.run(perform(tmp_path, Wish(once=True, as_json=True, port=0), ends))
    out = capsys.readouterr().out
    numbers = json.loads(out)
    assert numbers["dispatched"] == 14
    assert (numbers["letters_lost"], numbers["sent_twice"], numbers["false_reminders"]) == (0, 0, 0)
    assert numbers["reminders"]["ack1"] >= 3
    written = [planned for planned in load().diary if planned.at <= ends]
    assert numbers["letters"] == len(written) + 1  # and one mail came back
    store = sqlite3.connect(tmp_path / "duban.db")
    assert [row[0] for row in store.execute("select address from bad_addresses")] == ["yuxiaotang@qichuan.example"]
    assert store.execute("select demo from birth").fetchone() == (1,)
