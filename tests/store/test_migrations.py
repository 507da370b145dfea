"""The migrations make exactly the tables that the program expects, however often and by however many they are run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, inspect, text

from engine.store.database import Database, open_database
from engine.store.schema import is_newest, upgrade
from engine.store.tables import metadata

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database in which nothing has happened yet."""
    if request.param == "sqlite":
        database = open_database(f"sqlite:///{tmp_path / 'empty.sqlite'}")
        yield database
        database.close()
        return
    server: str = request.getfixturevalue("postgres_server")
    name = f"empty_{uuid4().hex[:12]}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"create database {name}"))
    database = open_database(server.rsplit("/", 1)[0] + f"/{name}")
    yield database
    database.close()
    with admin.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    admin.dispose()


def _differences(database: Database, wanted: MetaData) -> list[object]:
    with database.engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": False}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), wanted))


def test_the_migrations_make_the_tables_that_the_program_expects(empty: Database) -> None:
    upgrade(empty)

    assert _differences(empty, metadata) == []
    assert is_newest(empty)


def test_a_table_that_no_migration_makes_would_be_noticed(empty: Database) -> None:
    upgrade(empty)
    wanted = MetaData()
    for table in metadata.tables.values():
        table.to_metadata(wanted)
    Table("forgotten", wanted, Column("id", Integer, primary_key=True))

    assert len(_differences(empty, wanted)) == 1


def test_a_database_without_tables_is_not_the_newest(empty: Database) -> None:
    assert not is_newest(empty)


def test_upgrading_again_keeps_everything(empty: Database) -> None:
    upgrade(empty)
    with empty.write() as connection:
        connection.execute(text("insert into counter (name, value) values ('kept', 7)"))

    upgrade(empty)

    with empty.read() as connection:
        assert connection.execute(text("select value from counter where name = 'kept'")).scalar_one() == 7
    assert _differences(empty, metadata) == []


UPGRADE = """
import sys, time
from engine.store.database import open_database
from engine.store.schema import upgrade
from engine.worker import prepare
database = open_database(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
upgrade(database)
prepare(database)
database.close()
"""


@pytest.mark.slow
def test_processes_that_upgrade_at_once_take_turns(empty: Database) -> None:
    command = [sys.executable, "-c", UPGRADE, empty.url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    starting = [subprocess.Popen(command, cwd=ROOT, text=True, **pipes) for _ in range(3)]
    for process in starting:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    for process in starting:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    failures = [process.communicate(timeout=60)[1] for process in starting]

    assert [process.returncode for process in starting] == [0, 0, 0], failures
    assert _differences_of_ours(empty) == []


def _differences_of_ours(database: Database) -> list[object]:
    """Differences in our tables; the job engine's own stand beside them on SQLite."""
    ours = set(metadata.tables)
    found = _differences(database, metadata)
    kept = [change for change in found if not str(change[0]).startswith("remove")]  # type: ignore[index]
    return kept + sorted(ours - set(inspect(database.engine).get_table_names()))
