"""What tests of every room may ask for: a PostgreSQL server and fresh stores."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from store.transaction import Store
from tests.world.postgres import PostgresServer

# No test is timed: on a busy machine an example may take long and still be right.
settings.register_profile("duban", deadline=None)
settings.load_profile("duban")


@pytest.fixture(autouse=True)
def log_as_begun() -> None:
    """A test that set the log up (a demo says nothing below CRITICAL) leaves nothing of it to the next."""
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for the whole run; a test takes databases of it by `postgres.new_url()`."""
    server = PostgresServer.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "duban.db"
    store = Store.open(f"sqlite:///{file}", None)
    store.migrate()
    store.close()
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path, migrated_file: Path) -> Iterator[str]:
    """The address of a fresh, migrated database, on each engine."""
    if request.param == "sqlite":
        shutil.copyfile(migrated_file, tmp_path / "duban.db")
        yield f"sqlite:///{tmp_path}/duban.db"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    yield server.clean_url()


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    """A fresh store on each engine, its bytes in a folder."""
    opened = Store.open(store_url, tmp_path / "blobs", synchronous="OFF")
    yield opened
    opened.close()
