"""Which hash function an installation's record is made with: settled when it begins, never changed afterwards."""

from __future__ import annotations

from sqlalchemy import inspect, select

from engine.history import hashing
from engine.store import tables as t
from engine.store.database import Database
from engine.store.rows import insert_ignoring

_KEY = "hash_suite"


def settle_suite(database: Database, wanted: str = "") -> str:
    """Take the suite of the database into use in this process, and return it.

    A database without any fact gets ``wanted`` (default: sha256). Raises ``ValueError`` when ``wanted`` is unknown or
    not the one that the record was begun with.
    """
    if wanted and wanted not in hashing.SUITES:
        raise ValueError(f"expected one of {', '.join(hashing.SUITES)} in SHANGMEN_HASH, found {wanted[:40]}")
    if not inspect(database.engine).has_table(t.installation.name):
        return hashing.suite()  # before the first migration there is nothing to hash
    found = _kept(database) or _begin(database, wanted or hashing.FIRST)
    if wanted and wanted != found:
        raise ValueError(f"expected {found} in SHANGMEN_HASH, with which this record was begun, found {wanted}")
    hashing.choose(found)
    return found


def _kept(database: Database) -> str | None:
    with database.read() as connection:
        return connection.execute(select(t.installation.c.value).where(t.installation.c.key == _KEY)).scalar()


def _begin(database: Database, wanted: str) -> str:
    """Keep the suite of a new record; one that was begun before suites could be chosen has the first."""
    with database.write() as connection:
        has_facts = connection.execute(select(t.history.c.seq).limit(1)).first() is not None
        row = {"key": _KEY, "value": hashing.FIRST if has_facts else wanted}
        insert_ignoring(connection, t.installation, [row])
    return _kept(database) or wanted
