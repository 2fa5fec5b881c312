"""The sample school of the shared folder, imported by the commands as its README says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .conftest import Run

WORLD = Path(__file__).resolve().parents[3] / "shared" / "samples" / "world"


@pytest.mark.shared
def test_the_sample_world_is_taken_whole(run: Run, tmp_path: Path) -> None:
    if not WORLD.is_dir():
        if os.environ.get("CI"):
            pytest.fail("shared/samples is missing")
        pytest.skip("no folder shared/samples beside the project")
    home = tmp_path / "home"
    assert run("init", home, "--school", WORLD / "school.toml").code == 0
    for name, rows in (("leaders", 6), ("units", 14)):
        done = run(name, "import", WORLD / f"{name}.csv", "-C", home, "--json")
        assert done.lines == [{"added": rows, "changed": 0, "unchanged": 0}], done.err
    first = run("matters", "import", WORLD / "matters.csv", "-C", home, "--json")
    assert first.lines == [{"dispatched": 30, "proposed": 0, "changed": 0, "unchanged": 0}], first.err
    again = run("matters", "import", WORLD / "matters.csv", "-C", home, "--json")
    assert again.lines == [{"dispatched": 0, "proposed": 0, "changed": 0, "unchanged": 30}]
    assert run("outbox", "list", "--json", "-C", home).out == ""
    mail = sorted((WORLD.parent / "mails").glob("*.eml"))[0]
    (line,) = run("read", mail, "--json", "-C", home).lines
    assert line["readings"][0]["ref"] == "2026-1"
    assert run("verify", "-C", home).code == 0
