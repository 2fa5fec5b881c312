"""Migrations: they make exactly the tables of tables.py, on both engines, one process at a time."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from store import migrating, tables
from store.transaction import Store, StoreError
from tests.world.postgres import PostgresServer


def test_migrations_and_metadata_agree(store: Store) -> None:
    engine = create_engine(store.url)
    with engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True, "target_metadata": tables.metadata})
        assert compare_metadata(context, tables.metadata) == []
        found = inspect(conn)
        for table in tables.metadata.sorted_tables:
            named = {c["name"] for c in found.get_check_constraints(table.name)}
            wanted = {str(c.name) for c in table.constraints if c.__visit_name__ == "check_constraint"}
            assert wanted <= named, table.name
    engine.dispose()


def test_a_second_time_changes_nothing(store: Store) -> None:
    store.migrate()
    store.migrate()


def refuse_newer(url: str) -> None:
    store = Store.open(url, None)
    store.migrate()
    with store.writing() as tx:
        tx.conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="请安装新版本") as caught:
        store.migrate()
    assert caught.value.code == "newer"
    store.close()


def test_a_sqlite_database_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    refuse_newer(f"sqlite:///{tmp_path}/a.db")


@pytest.mark.real
def test_a_postgres_database_of_a_newer_program_is_refused(postgres: PostgresServer) -> None:
    refuse_newer(postgres.new_url())


def test_one_straight_line_of_revisions() -> None:
    scripts = ScriptDirectory.from_config(migrating.config())
    assert len(scripts.get_heads()) == 1
    for script in scripts.walk_revisions():
        source = Path(script.path).read_text()
        assert "store.tables" not in source, "a revision must not change with the program"


def migrate_together(url: str) -> None:
    failures: list[BaseException] = []

    def run() -> None:
        store = Store.open(url, None)
        try:
            store.migrate()
        except BaseException as error:  # noqa: BLE001  (shown by the assertion)
            failures.append(error)
        store.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_four_at_once_on_sqlite(tmp_path: Path) -> None:
    migrate_together(f"sqlite:///{tmp_path}/a.db")


@pytest.mark.real
def test_four_at_once_on_postgres(postgres: PostgresServer) -> None:
    migrate_together(postgres.new_url(migrated=False))
