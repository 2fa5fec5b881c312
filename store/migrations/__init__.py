"""Alembic's revisions of the tables; `store.migrating` runs them."""
