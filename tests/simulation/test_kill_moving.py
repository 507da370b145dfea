"""``kill -9`` of the worker in the middle of an order to move cases: every case is moved exactly once."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from engine.commands.migration_orders import order_moves
from engine.commands.people import add_user
from engine.model import Actor
from engine.queries.migration_orders import Order, order
from engine.queries.migrations import choose
from engine.store.database import Database
from engine.store.directory import system_actor
from tests.commands.test_migrations import EXTRA, newer
from tests.simulation import children
from tests.simulation.game import Child
from tests.store.queued import QueuedWorld, until

CASES = 60
KILLS = 8
pytestmark = pytest.mark.slow


@pytest.fixture
def world(database: Database) -> QueuedWorld:
    made = QueuedWorld(database)
    made.furnish()
    made.platform.run(
        lambda uow: add_user(uow, "chief", "chief", "root", ["administrator"], None), system_actor(), made.now
    )
    return made


@pytest.fixture
def worker(database: Database) -> Iterator[Child]:
    child = Child(children.worker, database.url, 0, {})
    yield child
    child.process.kill()
    child.process.join()


def ordered(world: QueuedWorld, chief: Actor) -> str:
    with world.platform.database.read() as connection:
        found = choose(connection, world.platform.known, chief, "review", world.now).cases
    targets = [(case.id, case.target.pins) for case in found]
    return world.platform.run(lambda uow: order_moves(uow, "review", targets, {}, "new rules"), chief, world.now)


def seen(world: QueuedWorld, chief: Actor, order_id: str) -> Order:
    with world.platform.database.read() as connection:
        return order(connection, chief, order_id)


def moves(world: QueuedWorld, cases: list[str]) -> Counter[int]:
    """How many cases were moved how often."""
    return Counter(world.types(case).count("InstanceMigrated") for case in cases)


def test_every_case_is_moved_exactly_once_however_often_the_worker_dies(world: QueuedWorld, worker: Child) -> None:
    cases = [world.start() for _ in range(CASES)]
    newer(world, EXTRA)
    chief, dice = world.actor("chief"), random.Random(20261123)
    order_id = ordered(world, chief)

    midway = 0
    for _ in range(KILLS):
        before = seen(world, chief, order_id).moved
        until(lambda before=before: seen(world, chief, order_id).moved > before, 20)
        time.sleep(dice.uniform(0, 0.05))
        worker.kill()
        midway += 0 < seen(world, chief, order_id).moved < CASES
        worker.begin()
    done = until(lambda: seen(world, chief, order_id).status == "done", 60)

    found = seen(world, chief, order_id)
    assert done, found
    assert midway, "the worker was never killed in the middle"
    assert (found.moved, found.refused, found.waiting) == (CASES, 0, 0)
    assert moves(world, cases) == {1: CASES}
    assert world.verdict().findings == ()


def test_without_a_worker_nothing_moves_and_nothing_is_lost(world: QueuedWorld) -> None:
    cases = [world.start() for _ in range(3)]
    newer(world, EXTRA)
    chief = world.actor("chief")
    order_id = ordered(world, chief)
    time.sleep(1)

    found: Any = seen(world, chief, order_id)

    assert (found.status, found.waiting) == ("running", 3)
    assert moves(world, cases) == {0: 3}
