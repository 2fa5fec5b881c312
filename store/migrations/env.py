"""Alembic's entry: runs on the connection that `store.migrating` hands in, within its transaction."""

from __future__ import annotations

from alembic import context

from store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    transactional_ddl=False,  # the transaction is the caller's
)
context.run_migrations()
