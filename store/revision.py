"""Whether this program fits a database's revision, told without loading Alembic, before a command reads or writes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import text

from store.transaction import Tx
from store.trouble import StoreError

FOLDER = Path(__file__).with_name("migrations") / "versions"


@cache
def known() -> tuple[str, ...]:
    """Our revisions, the newest last; each file is named by its own."""
    return tuple(sorted(path.name.partition("_")[0] for path in FOLDER.glob("[0-9]*_*.py")))


def check(tx: Tx) -> None:
    """StoreError `newer` where a later program made the tables, `not_migrated` where an earlier one did."""
    found = tx.conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found == known()[-1]:
        return
    raise StoreError("not_migrated" if found is None or found in known() else "newer", found or "")
