"""Bring a database to the newest schema, or say that it is not there. Migrations are Alembic's."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from engine.store.database import Database

_MIGRATIONS = Path(__file__).parent / "migrations"


def _config(database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["engine"] = database.engine
    return config


def upgrade(database: Database) -> None:
    """Create or upgrade every table. Safe to call at each start; several processes take turns."""
    with database.engine.connect() as connection:
        config = _config(database)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_newest(database: Database) -> bool:
    """Whether the database has the schema that this program expects."""
    newest = ScriptDirectory.from_config(_config(database)).get_current_head()
    with database.read() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest
