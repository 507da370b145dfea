"""How long a page of the worklist takes when 50,000 tasks are open: for a unit with 500 of them and for one with all.

Run ``python -m benchmarks.worklist [tasks]``. The rows are written directly, without history: only reading counts.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import select, text

from benchmarks.databases import each_database
from engine.model import Actor, Mandate
from engine.queries.worklist import list_tasks
from engine.store import tables as t
from engine.store.database import Database
from engine.store.run import Platform
from tests.world import MORNING, World

TASKS = 50_000
UNITS = 100
ROUNDS = 25
STEPS = ("first_contact", "village_check", "review", "decide", "seal", "archive")
NAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"


def fill(database: Database, tasks: int, units: int) -> Actor:
    """A world plus ``tasks`` open tasks of as many cases, spread over ``units``. Returns a clerk of the first."""
    world = World(Platform(database)).furnish()
    actor = world.actor("bob.east")
    with database.write() as connection:
        tenants = [actor.tenant.id] + [f"unit{number}" for number in range(1, units)]
        for unit in tenants[1:]:
            row = {"id": unit, "parent_id": "north", "path": f"root/north/{unit}", "name": unit, "level": "office"}
            connection.execute(t.tenant.insert(), row)
        for first in range(0, tasks, 5000):
            numbers = range(first, min(first + 5000, tasks))
            connection.execute(t.instance.insert(), [_instance(number, tenants[number % units]) for number in numbers])
            connection.execute(
                t.user_task.insert(), [_task(number, tenants[number % units], actor.user) for number in numbers]
            )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not database.is_sqlite:  # what autovacuum does after a while
            connection.execute(text("vacuum analyze"))
    return actor


def _instance(number: int, unit: str) -> dict[str, Any]:
    name = NAMES[number * 7 % 20] + NAMES[number * 3 % 20] + NAMES[number // 400 % 20]
    return {
        "id": f"c{number}",
        "number": f"T-2026-{number:06}",
        "procedure": "review",
        "process": "review",
        "tenant_id": unit,
        "tenant_path": f"root/north/{unit}",
        "pins": {"process:review": "x"},
        "title": name,
        "status": "running",
        "outcome": "",
        "outcome_name": "",
        "started_at": _moment(number),
        "started_by": "u-1",
        "ended_at": None,
        "seq": 3,
        "seal": "0" * 64,
        "state": b"x" * 3000,
        "standing": {"tasks": {}},
    }


def _task(number: int, unit: str, user: str) -> dict[str, Any]:
    due = _moment(number) + timedelta(days=number % 40) if number % 10 else None
    step = STEPS[number // UNITS % len(STEPS)]
    return {
        "id": f"c{number}.1",
        "instance_id": f"c{number}",
        "element": step,
        "process": "review",
        "name": step,
        "form": "note",
        "role": ("reviewer", "leader", "clerk")[number // UNITS % 3],
        "tenant_id": unit,
        "assignee": user if number // UNITS % 50 == 0 else None,
        "status": "open",
        "created_at": _moment(number),
        "due_at": due,
        "due_provisional": False,
        "ended_at": None,
        "completed_by": None,
        "draft": None,
    }


def _moment(number: int) -> datetime:
    return MORNING + timedelta(seconds=number * 7919 % 5_000_000)


def measure(database: Database, actor: Actor) -> list[tuple[str, float, float, int]]:
    """Rows of (what, best and median milliseconds, tasks found). The best is what it costs; the rest, others' work."""
    now = MORNING + timedelta(days=40)
    asked: dict[str, dict[str, Any]] = {
        "first page": {},
        "mine": {"view": "mine"},
        "by name": {"text": "王李"},
        "by number": {"text": "2026-00042"},
        "one step": {"element": "review"},
        "overdue": {"due": "overdue"},
        "sorted by name": {"sort": "name"},
        "waiting longest": {"sort": "created"},
        "last page": {"page": 10_000},
    }
    lent = {"deputy, first page": {}, "deputy, that work": {"view": "deputy"}}
    deputy = _as_deputy(actor, "unit1" if _is_open(database, "unit1") else actor.tenant.id)
    return [
        *((what, *_times(database, how, actor, now)) for what, how in asked.items()),
        *((what, *_times(database, how, deputy, now)) for what, how in lent.items()),
    ]


def _as_deputy(actor: Actor, unit: str) -> Actor:
    """The clerk, standing in for somebody with three roles at a unit."""
    tenant = replace(actor.tenant, id=unit, path=f"root/north/{unit}")
    roles = ("reviewer", "leader", "clerk")
    return replace(actor, mandates=tuple(Mandate("d-1", "u-away", "away", tenant, role) for role in roles))


def _is_open(database: Database, unit: str) -> bool:
    with database.read() as connection:
        return connection.execute(select(t.user_task.c.id).where(t.user_task.c.tenant_id == unit)).first() is not None


def _times(database: Database, how: dict[str, Any], actor: Actor, now: datetime) -> tuple[float, float, int]:
    taken, total = [], 0
    for _ in range(ROUNDS):
        began = time.perf_counter()
        with database.read() as connection:
            total = list_tasks(connection, actor, now, **how).total
        taken.append((time.perf_counter() - began) * 1000)
    return min(taken), median(taken), total


def main() -> None:
    """Print a table for each database and spread."""
    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else TASKS
    print("| database | open for this clerk | what | best ms | median ms | found |\n|---|---:|---|---:|---:|---:|")
    for units in (UNITS, 1):
        for name, database in each_database():
            actor = fill(database, tasks, units)
            for what, best, usual, total in measure(database, actor):
                print(f"| {name} | {tasks // units} | {what} | {best:.1f} | {usual:.1f} | {total} |", flush=True)


if __name__ == "__main__":
    main()
