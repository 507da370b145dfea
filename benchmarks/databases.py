"""A fresh database of each kind for a benchmark: SQLite, and a private PostgreSQL that syncs its writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.store.database import Database, open_database
from engine.store.schema import upgrade
from tests.postgres import MISSING, private_server, server_programs


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = open_database(url)
    upgrade(database)
    yield database
    database.close()


def each_database() -> Iterator[tuple[str, Database]]:
    """Name and empty database, one after the other; PostgreSQL only where its programs are."""
    with TemporaryDirectory() as folder, _opened(f"sqlite:///{Path(folder) / 'bench.sqlite'}") as database:
        yield "SQLite", database
    programs = server_programs()
    if programs is None:
        print(MISSING)
        return
    with private_server(programs, syncs=True) as address, _opened(address) as database:
        yield "PostgreSQL", database
