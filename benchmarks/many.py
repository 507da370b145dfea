"""A long record in little time: a case that was really lived, copied under other ids and sealed anew."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, select, text

from engine.commands.sealing import commit_to_log
from engine.history.checkpoint import FileSigner
from engine.history.seal import commitment
from engine.store import tables as t
from engine.store.database import Database
from engine.store.directory import system_actor
from engine.store.run import Platform
from engine.store.tables import metadata
from tests.world import World

SIGNER = FileSigner("bench.example/log", bytes(range(32)))
ROUNDS = 15
_CASES_AT_ONCE = 200
_ROWS = ("instance", "user_task", "party", "history", "payload")


def lived_case(world: World) -> str:
    """A case that was sent back again and again; 55 facts."""
    case = world.start(note="first")
    for number in range(ROUNDS):
        world.wait(hours=7)
        world.complete(case, "check", outcome="back", note=f"again {number}")
    world.complete(case, "check", outcome="forward")
    world.complete(case, "decide", who="eve.east")
    return case


def fill(database: Database, events: int) -> World:
    """A world with at least so many facts, all committed to the log; every row is what its history adds up to."""
    world = World(Platform(database)).furnish()
    case = lived_case(world)
    with database.read() as connection:
        model = {name: _rows_of(connection, name, case) for name in _ROWS}
        number = model["instance"][0]["number"]
    copies = -(-events // len(model["history"])) - 1
    made = (_copy(model, case, number, copy) for copy in range(copies))
    while group := list(islice(made, _CASES_AT_ONCE)):
        with database.write() as connection:
            for name in _ROWS:
                connection.execute(metadata.tables[name].insert(), [row for rows in group for row in rows[name]])
    _commit_all(world)
    if not database.is_sqlite:  # what autovacuum does after a while
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("vacuum analyze"))
    return world


def _rows_of(connection: Connection, name: str, case: str) -> list[dict[str, Any]]:
    table = metadata.tables[name]
    column = table.c.stream if "stream" in table.c else table.c.id if name == "instance" else table.c.instance_id
    wanted = f"case:{case}" if "stream" in table.c else case
    return [dict(row) for row in connection.execute(select(table).where(column == wanted)).mappings()]


def _copy(model: dict[str, list[dict[str, Any]]], case: str, number: str, copy: int) -> dict[str, list[dict[str, Any]]]:
    """The rows of one more case, a little later than the one before."""
    other, digits = sha256(str(copy).encode()).hexdigest()[:16], f"T2026-east-9{copy:07}"
    later = timedelta(microseconds=copy + 1)

    def changed(value: Any) -> Any:
        match value:
            case str():
                return value.replace(case, other).replace(number, digits)
            case dict():
                return json.loads(changed(json.dumps(value)))
            case _ if hasattr(value, "isoformat"):
                return value + later
        return value

    rows = {name: [{k: changed(v) for k, v in row.items()} for row in model[name]] for name in _ROWS}
    digests = _changed_values(rows["payload"], number.encode(), digits.encode())
    seal = b""
    for old, row in zip(model["history"], rows["history"], strict=True):
        body = old["body"].replace(case.encode(), other.encode()).replace(number.encode(), digits.encode())
        row["body"] = body.replace(old["at"].isoformat().encode(), row["at"].isoformat().encode())
        for before, after in digests.get(row["seq"], ()):
            row["body"] = row["body"].replace(before.encode(), after.encode())
        seal = sha256(b"\x02" + seal + row["body"]).digest()
        row["seal"], row["leaf"] = seal.hex(), None
    rows["instance"][0]["seal"] = seal.hex()
    return rows


def _changed_values(rows: list[dict[str, Any]], number: bytes, digits: bytes) -> dict[int, list[tuple[str, str]]]:
    """Personal values that hold the number hold the other one now; gives the digests before and after, by fact."""
    digests: dict[int, list[tuple[str, str]]] = {}
    for row in rows:
        if number in row["value"]:
            before = commitment(row["salt"], row["name"], row["value"])
            row["value"] = row["value"].replace(number, digits)
            digests.setdefault(row["seq"], []).append((before, commitment(row["salt"], row["name"], row["value"])))
    return digests


def _commit_all(world: World) -> None:
    while world.platform.run(lambda uow: commit_to_log(uow, SIGNER), system_actor(), world.now):
        pass


def size_of(database: Database) -> int:
    """How many facts there are."""
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(t.history)).scalar_one())
