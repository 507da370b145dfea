"""What starting a case and completing a user task cost: statements, commits, and time beside one bare transaction.

Run ``python -m benchmarks.completion [rounds]``. The bare transaction – one INSERT and its COMMIT through the
same driver, in turn with the commands – is what any program must pay on this machine; the ratio is ours.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median
from uuid import uuid4

from benchmarks.databases import each_database
from engine.commands import instances, tasks
from engine.store import tables as t
from engine.store.database import Database, watch_statements
from engine.store.run import Platform
from tests.world import World

ROUNDS = 200


def _milliseconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _bare(database: Database) -> None:
    with database.write() as connection:
        connection.execute(t.counter.insert().values(name=uuid4().hex, value=1))


def _counted(database: Database, act: Callable[[], object]) -> tuple[int, int]:
    seen: list[str] = []
    with watch_statements(database, seen.append):
        act()
    return len(seen) - seen.count("COMMIT"), seen.count("COMMIT")


class Work:
    """The procedure of the tests: check → decide, in a furnished world."""

    def __init__(self, database: Database) -> None:
        self.world = World(Platform(database)).furnish()
        self.ann, self.bob = self.world.actor("ann.east"), self.world.actor("bob.east")

    def start(self) -> str:
        """A case by the start form; returns its first task's id."""
        command = lambda uow: instances.start_instance(uow, "review", {"note": ["words"]}, {})  # noqa: E731
        answer = self.world.platform.run_once(command, self.ann, self.world.now, uuid4().hex)
        return str(answer["next"])

    def complete(self, task: str) -> None:
        """That task by its form, which creates the next one."""
        command = lambda uow: tasks.complete_task(uow, task, {"outcome": ["forward"]}, {})  # noqa: E731
        self.world.platform.run_once(command, self.bob, self.world.now, uuid4().hex)


def measure(database: Database, rounds: int) -> list[tuple[str, int, int, float, float, float]]:
    """Rows of (what, statements, commits, best and median milliseconds, times the bare transaction)."""
    work = Work(database)
    for _ in range(10):
        work.complete(work.start())
        _bare(database)
    bare, starts, completions = [], [], []
    for _ in range(rounds):
        bare.append(_milliseconds(lambda: _bare(database)))
        opened: list[str] = []
        starts.append(_milliseconds(lambda: opened.append(work.start())))  # noqa: B023
        completions.append(_milliseconds(lambda: work.complete(opened[0])))  # noqa: B023
    task = work.start()
    base = median(bare)
    return [
        ("one INSERT and COMMIT", *_counted(database, lambda: _bare(database)), min(bare), base, 1.0),
        (
            "complete a user task",
            *_counted(database, lambda: work.complete(task)),
            min(completions),
            median(completions),
            median(completions) / base,
        ),
        ("start a case", *_counted(database, work.start), min(starts), median(starts), median(starts) / base),
    ]


def main() -> None:
    """Print a table for each database."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    print("| database | what | statements | commits | best ms | median ms | × bare |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for name, database in each_database():
        for what, statements, commits, best, usual, ratio in measure(database, rounds):
            print(f"| {name} | {what} | {statements} | {commits} | {best:.1f} | {usual:.1f} | {ratio:.1f} |")


if __name__ == "__main__":
    main()
