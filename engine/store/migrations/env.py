"""Run migrations on the connection that ``engine.store.schema`` hands over."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, text

from engine.store.tables import metadata


def run(connection: Connection) -> None:
    """One transaction for all migrations; on PostgreSQL behind a lock, so that processes take turns."""
    with connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(7245190)"))
        context.configure(
            connection=connection, target_metadata=metadata, render_as_batch=True, transaction_per_migration=False
        )
        context.run_migrations()


run(context.config.attributes["connection"])
