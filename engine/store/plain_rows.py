"""Rows as the driver gives them: where millions are read, an object for each takes longer than what is done with it.

A moment comes in the plainest form that its database has: text on SQLite, whole microseconds since ``EPOCH`` on
PostgreSQL, whose bytes come as they are and not written out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeAlias

from psycopg.types.numeric import Int8BinaryLoader
from sqlalchemy import Connection, Select

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

Rows: TypeAlias = list[tuple[Any, ...]]

_names = count()


class Question:
    """A query that is asked again and again on one connection, each time with other parameters."""

    def __init__(self, connection: Connection, query: Select[Any]) -> None:
        self._connection = connection
        self._compiled = query.compile(dialect=connection.dialect)
        self._driver: Any = connection.connection.driver_connection

    def all(self, **parameters: Any) -> Rows:
        """Every row."""
        with closing(self._cursor("")) as cursor:
            return list(self._asked(cursor, parameters).fetchall())

    def batches(self, size: int, **parameters: Any) -> Iterator[Rows]:
        """The rows in pieces of ``size``, of which only one is in memory."""
        with closing(self._cursor(f"batches_{next(_names)}")) as cursor:
            asked = self._asked(cursor, parameters)
            while rows := asked.fetchmany(size):
                yield rows

    def _cursor(self, name: str) -> Any:
        if self._connection.dialect.name != "postgresql":
            return self._driver.cursor()
        cursor = self._driver.cursor(name, binary=True) if name else self._driver.cursor(binary=True)
        cursor.adapters.register_loader("timestamptz", Int8BinaryLoader)
        return cursor

    def _asked(self, cursor: Any, parameters: Mapping[str, Any]) -> Any:
        values: Any = self._compiled.construct_params(parameters)
        if self._compiled.positional:
            values = [values[name] for name in self._compiled.positiontup or ()]
        cursor.execute(str(self._compiled), values)
        return cursor


def moment_written(stored: Any) -> str:
    """A moment as it came, in ISO 8601 as facts have it: of UTC, with six digits of a second or none."""
    if isinstance(stored, str):
        return (stored[:-8] if stored.endswith(".000000Z") else stored[:-1]) + "+00:00"
    return (EPOCH + timedelta(microseconds=stored)).isoformat()
