"""What tests of every room may ask for: a PostgreSQL server and fresh stores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.transaction import Store
from tests.world.postgres import PostgresServer


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for the whole run; a test takes databases of it by `postgres.new_url()`."""
    server = PostgresServer.start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated database, on each engine."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/duban.db"
        store = Store.open(url, None)
        store.migrate()
        store.close()
        yield url
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.new_url()
    yield url
    server.drop(url)


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    """A fresh store on each engine, its bytes in a folder."""
    opened = Store.open(store_url, tmp_path / "blobs", synchronous="OFF")
    yield opened
    opened.close()
