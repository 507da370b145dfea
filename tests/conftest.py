"""Fixtures by name: a database of each kind, a world on it, and no silent skips where skips are forbidden."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from engine.store import database as store
from engine.store.database import Database, open_database
from engine.store.run import Platform
from engine.store.schema import upgrade
from tests.postgres import MISSING, private_server, server_programs
from tests.world import World

SLOW = (
    "audit/",
    "commands/test_correlation.py",
    "commands/test_drafts.py",
    "commands/test_large_cases.py",
    "commands/test_migration_orders.py",
    "commands/test_proposals.py",
    "conformance/",
    "decision/test_attacks.py",
    "decision/test_fuzz.py",
    "decision/test_grade_oracle.py",
    "decision/test_index.py",
    "definition/test_graft.py",
    "feel/test_attacks.py",
    "floor/test_mutations.py",
    "floor/test_national_floor.py",
    "floor/test_publishing.py",
    "processes/test_dry_run.py",
    "processes/test_no_python.py",
    "processes/test_recorder.py",
    "quarantine/",
    "runtime/test_defect",
    "runtime/test_migration_waits.py",
    "runtime/test_talking_walks.py",
    "simulation/",
    "store/test_alterations.py",
    "store/test_erasure.py",
    "store/test_gate.py",
    "store/test_queue",
    "store/test_verify.py",
    "web/audit/",
    "web/help/",
    "web/studio/",
    "web/test_accounts.py",
    "web/test_both_databases.py",
    "web/test_erasures.py",
    "web/test_looking.py",
    "web/test_security.py",
    "web/test_undelivered.py",
)
"""Files that together take as long as all others: left out by ``-m "not slow"``, run by default and in every check."""


def pytest_configure() -> None:
    """A test's SQLite file need not outlive the machine, no more than its PostgreSQL (``private_server``).

    Waiting for the disk was half of the time of a test that commits. What really starts (``test_durability``) waits.
    """
    store.waits_for_disk = "off"


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are processors: a test waits for a browser, a server or a worker a fifth of its time."""
    return len(os.sched_getaffinity(0)) + 1


def pytest_collection_finish() -> None:
    """What was collected stays: looking through it for garbage again and again costs a tenth of the time."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what the quick round leaves out, and begin with it: a long file at the end would keep one processor idle."""
    tests = Path(__file__).parent
    for item in items:
        if item.path.relative_to(tests).as_posix().startswith(SLOW):
            item.add_marker(pytest.mark.slow)
    long = {item.path for item in items if any(item.iter_markers("slow")) or any(item.iter_markers("browser"))}
    items.sort(key=lambda item: item.path not in long)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """With SHANGMEN_FORBID_SKIPS a skipped test is a failed test: what was not run is not green."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("SHANGMEN_FORBID_SKIPS") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and skips are forbidden here: {report.longrepr}"


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server whose databases the tests may create and drop."""
    given = os.environ.get("SHANGMEN_TEST_POSTGRES")
    if given:
        yield given
        return
    programs = server_programs()
    if programs is None:
        pytest.skip(MISSING)
    with private_server(programs) as address:
        yield address


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite"
    database = open_database(f"sqlite:///{path}")
    upgrade(database)
    with database.write() as connection:
        connection.execute(text("select 1"))
    database.close()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The name of a migrated, empty database to copy."""
    name = f"template_{uuid4().hex[:8]}"
    _admin(postgres_server, f"create database {name}")
    database = open_database(_with_name(postgres_server, name))
    upgrade(database)
    database.close()
    return name


def _with_name(address: str, name: str) -> str:
    return address.rsplit("/", 1)[0] + "/" + name


@cache
def _admin_engine(address: str) -> Engine:
    return create_engine(address, isolation_level="AUTOCOMMIT")


def _admin(address: str, statement: str) -> None:
    with _admin_engine(address).connect() as connection:
        connection.execute(text(statement))


@cache
def _copying(address: str) -> str:
    """Copying files costs a third of writing each page to the journal, where nothing waits for the disk anyway."""
    with _admin_engine(address).connect() as connection:
        version = int(connection.execute(text("show server_version_num")).scalar_one())
    return " strategy file_copy" if version >= 150_000 else ""


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database of this test's own."""
    path = tmp_path / "test.sqlite"
    shutil.copy(sqlite_template, path)
    database = open_database(f"sqlite:///{path}")
    yield database
    database.close()


def new_postgres_database(server: str, template: str) -> Database:
    """A fresh copy of the template; it goes with the server."""
    name = f"test_{uuid4().hex[:12]}"
    _admin(server, f"create database {name} template {template}{_copying(server)}")
    return open_database(_with_name(server, name))


@pytest.fixture
def postgres_database(postgres_server: str, postgres_template: str) -> Iterator[Database]:
    """An empty PostgreSQL database of this test's own."""
    database = new_postgres_database(postgres_server, postgres_template)
    yield database
    database.close()
    _admin(postgres_server, f"drop database {make_url(database.url).database} with (force)")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Database:
    """Every test that asks for ``database`` runs on both kinds."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found


@pytest.fixture
def world(database: Database) -> World:
    """A furnished world with the procedure ``review``, on both databases."""
    return World(Platform(database)).furnish()


@pytest.fixture
def make_world(database: Database) -> Callable[..., World]:
    """A world with a procedure of the test's own."""
    return lambda main, **more: World(Platform(database)).furnish(main, **more)
