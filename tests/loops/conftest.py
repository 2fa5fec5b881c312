"""An office for each test: real store and loops on a made-up clock."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.world.office import Office


@pytest.fixture
def office(tmp_path: Path, migrated_file: Path) -> Iterator[Office]:
    """On SQLite, with the default policy, from 2 November 2026, a Monday, 08:00."""
    shutil.copyfile(migrated_file, tmp_path / "duban.db")
    made = Office.open(tmp_path, url=f"sqlite:///{tmp_path}/duban.db")
    yield made
    made.close()


@pytest.fixture
def either(tmp_path: Path, store_url: str) -> Iterator[Office]:
    """The same on each engine."""
    made = Office.open(tmp_path, url=store_url)
    yield made
    made.close()
