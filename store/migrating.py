"""Makes and upgrades the tables by the revisions in store/migrations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from store.hold import lock_number
from store.trouble import StoreError

if TYPE_CHECKING:
    from store.transaction import Store

FOLDER = Path(__file__).with_name("migrations")
LOCK_SECONDS = 60


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return made


def revision_of(conn: Connection) -> str | None:
    """The revision of a database; None for an empty one."""
    return MigrationContext.configure(conn).get_current_revision()


def upgrade(store: Store) -> None:
    """To the newest revision. Raises StoreError `newer` where the database's revision is none of ours.

    On SQLite with foreign keys off, as batch mode would else empty child tables by their cascades; checked after.
    """
    scripts = ScriptDirectory.from_config(config())
    engine = create_engine(store.url, poolclass=NullPool)
    try:
        with engine.connect() as conn:
            if store.dialect == "sqlite":
                conn.connection.dbapi_connection.isolation_level = None  # type: ignore[union-attr]
                for pragma in ("busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=OFF"):
                    conn.exec_driver_sql(f"PRAGMA {pragma}")
                conn.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                conn.execute(text(f"SET lock_timeout = '{LOCK_SECONDS}s'"))
                conn.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": lock_number("migrate")})
            _upgrade(conn, scripts)
            if store.dialect == "sqlite":
                broken = conn.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise StoreError("damaged", f"foreign keys: {broken[:3]}")
            conn.commit()
    finally:
        engine.dispose()


def _upgrade(conn: Connection, scripts: ScriptDirectory) -> None:
    now = revision_of(conn)
    if now == scripts.get_current_head():
        return
    if now is not None and now not in {script.revision for script in scripts.walk_revisions()}:
        raise StoreError("newer", now)
    settings = config()
    settings.attributes["connection"] = conn
    command.upgrade(settings, "head")
