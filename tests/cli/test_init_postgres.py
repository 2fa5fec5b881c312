"""`duban init` on PostgreSQL: the database from the environment, and one that is taken already."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.world.postgres import PostgresServer

from .conftest import SCHOOL, Run


@pytest.mark.real
def test_a_folder_whose_database_is_a_server(
    run: Run, tmp_path: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUBAN_DATABASE__URL", postgres.new_url())
    (tmp_path / "school.toml").write_text(SCHOOL, encoding="utf-8")
    done = run("init", tmp_path / "home", "--school", tmp_path / "school.toml")
    assert done.code == 0, done.err
    assert not (tmp_path / "home" / "duban.db").exists()
    assert run("status", "--json", "-C", tmp_path / "home").lines[0]["matters"] == {}
    again = run("init", tmp_path / "other", "--school", tmp_path / "school.toml")
    assert again.code == 1
    assert "已有一套数据" in again.err
    assert not (tmp_path / "other").exists()
