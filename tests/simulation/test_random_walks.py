"""Random people on random diagrams, everything loaded anew after each step: rows, state and history always agree.

``SHANGMEN_WALKS`` says how many diagrams; the seed of a failing one is in the test's name.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import select

from engine.commands import incidents, instances, tasks
from engine.errors import Conflict, Rejected
from engine.model import JobRequest, JobResult
from engine.queries.verify import verify
from engine.runtime import interpreter
from engine.store import tables as t
from engine.store.database import Database
from engine.store.directory import system_actor
from engine.store.known import read_resources
from engine.store.run import Platform
from tests.simulation.diagrams import random_diagram
from tests.world import World

WALKS = int(os.environ.get("SHANGMEN_WALKS", "8"))
STEPS = 25
PEOPLE = ("ann.east", "bob.east", "eve.east")
OUTSIDERS = ("ann.west", "north.auditor")


class Walk:
    """One case on one random diagram, and a die."""

    def __init__(self, database: Database, seed: int) -> None:
        self.random = random.Random(seed)
        self.world = World(Platform(database), {"moody": self.moody}).furnish(random_diagram(seed))
        self.case = self.world.start(outcome=self.outcome())
        self.task_ids: set[str] = set()

    def moody(self, request: JobRequest) -> JobResult:
        """A connector that refuses now and then."""
        if self.random.random() < 0.25:
            raise Rejected("Not in the mood for %(what)s.", what=request.element)
        return JobResult({"length": 1})

    def outcome(self) -> str:
        return self.random.choice(("forward", "forward", "back"))

    # ---------------------------------------------------------------- what can happen

    def step(self) -> None:
        """Something happens, by people who remember nothing: definitions and organisations are read anew."""
        self.world.platform = Platform(self.world.platform.database)
        action = self.random.choice(
            (
                self.complete,
                self.complete,
                self.complete,
                self.wait,
                self.report,
                self.repair,
                self.claim,
                self.meddle,
                self.complete_again,
                self.publish,
            )
        )
        action()

    def complete(self) -> None:
        open_tasks = self.world.state(self.case).tasks
        if open_tasks:
            task = self.random.choice(open_tasks)
            self.task_ids.add(task.id)
            _unless_refused(lambda: self.world.complete_id(task.id, self.random.choice(PEOPLE), outcome=self.outcome()))

    def complete_again(self) -> None:
        """A task that is done must stay done."""
        done = [task.id for task in self.world.state(self.case).past_tasks]
        if done:
            with pytest.raises(Conflict):
                self.world.complete_id(self.random.choice(done), self.random.choice(PEOPLE), outcome="forward")

    def claim(self) -> None:
        open_tasks = self.world.state(self.case).tasks
        if open_tasks:
            task, actor = self.random.choice(open_tasks).id, self.world.actor(self.random.choice(PEOPLE))
            change = self.random.choice((tasks.claim_task, tasks.release_task))
            _unless_refused(lambda: self.world.platform.run(lambda uow: change(uow, task), actor, self.world.now))

    def wait(self) -> None:
        self.world.wait(days=self.random.choice((0.5, 1, 2)))

    def report(self) -> None:
        if self.world.state(self.case).messages:
            self.world.report(self.case, "news", note="news", outcome=self.outcome())

    def repair(self) -> None:
        """An operator tries again or goes on without."""
        with self.world.platform.database.read() as connection:
            stuck = connection.execute(select(t.incident.c.id).where(t.incident.c.status == "open")).scalars().all()
        if stuck:
            help_with = self.random.choice((incidents.retry_incident, incidents.skip_incident))
            incident = self.random.choice(stuck)
            _unless_refused(
                lambda: self.world.platform.run(
                    lambda uow: help_with(uow, incident, "looked at it"), system_actor(), self.world.now
                )
            )

    def meddle(self) -> None:
        """Somebody from elsewhere changes nothing."""
        before = _row(self.world, self.case)
        for task in self.world.state(self.case).tasks:
            with pytest.raises(Rejected):
                self.world.complete_id(task.id, self.random.choice(OUTSIDERS), outcome="forward")
        assert _row(self.world, self.case) == before

    def publish(self) -> None:
        """A new version is no business of a running case."""
        _unless_refused(lambda: self.world.publish(random_diagram(self.random.randrange(10**6))))

    # ---------------------------------------------------------------- what must always hold

    def check(self) -> None:
        """Rows are what the history adds up to and what the state waits for; a running case waits for something."""
        with self.world.platform.database.read() as connection:
            assert verify(connection).findings == ()
            row = connection.execute(select(t.instance).where(t.instance.c.id == self.case)).mappings().one()
            definition = interpreter.compile_definition(row["process"], read_resources(connection, row["pins"]))
            waits = interpreter.waits(definition, row["state"])
            assert _open_rows(connection, self.case) == {
                "tasks": waits.tasks,
                "timers": waits.timers,
                "connectors": waits.connectors,
                "messages": waits.messages,
                "incidents": waits.incidents,
            }
            is_waiting = any((waits.tasks, waits.timers, waits.connectors, waits.messages, waits.incidents))
            assert is_waiting == (row["status"] == "running"), "a case without a wait, a job, an incident or an end"


def _open_rows(connection: Any, case: str) -> dict[str, dict[str, Any]]:
    def pairs(table: Any, value: str, **where: str) -> dict[str, Any]:
        conditions = [table.c[name] == wanted for name, wanted in where.items()]
        query = select(table.c.id, table.c[value]).where(table.c.instance_id == case, *conditions)
        return {row[0]: row[1] for row in connection.execute(query)}

    return {
        "tasks": pairs(t.user_task, "element", status="open"),
        "timers": pairs(t.job, "due_at", status="waiting", kind="timer"),
        "connectors": pairs(t.job, "element", status="waiting", kind="connector"),
        "messages": pairs(t.message_wait, "message", status="waiting"),
        "incidents": pairs(t.incident, "element", status="open"),
    }


def _row(world: World, case: str) -> Any:
    with world.platform.database.read() as connection:
        return connection.execute(select(t.instance).where(t.instance.c.id == case)).one()


def _unless_refused(act: Callable[[], object]) -> None:
    """A refusal is an answer, too; what matters is what the rows say afterwards."""
    with suppress(Rejected):
        act()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(WALKS))
def test_after_every_step_of_a_random_case_rows_state_and_history_agree(database: Database, seed: int) -> None:
    walk = Walk(database, seed)
    walk.check()

    for _ in range(STEPS):
        walk.step()
        walk.check()


def test_a_row_that_is_not_what_the_state_waits_for_is_noticed(database: Database) -> None:
    walk = Walk(database, 1)
    with database.write() as connection:
        connection.execute(t.user_task.update().values(element="elsewhere"))
        connection.execute(t.job.update().values(element="elsewhere", status="done"))
        connection.execute(t.message_wait.update().values(status="received"))

    with pytest.raises(AssertionError):
        walk.check()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 100 + max(1, WALKS // 2)))
def test_two_people_at_once_on_a_random_case_leave_it_whole(database: Database, seed: int) -> None:
    walk = Walk(database, seed)
    dice = [random.Random(seed * 7 + n) for n in range(2)]

    def play(die: random.Random, who: str) -> None:
        actor = walk.world.actor(who)
        for _ in range(STEPS):
            open_tasks = walk.world.state(walk.case).tasks
            if not open_tasks:
                _unless_refused(lambda: walk.world.wait(hours=die.choice((6, 24))))
                continue
            task = die.choice(open_tasks).id
            raw = {"outcome": [die.choice(("forward", "back"))]}
            command = die.choice(
                (
                    lambda uow, task=task, raw=raw: tasks.complete_task(uow, task, raw, {}),
                    lambda uow, task=task: tasks.claim_task(uow, task),
                    lambda uow, task=task: tasks.release_task(uow, task),
                )
            )
            _unless_refused(lambda command=command: walk.world.platform.run(command, actor, walk.world.now))

    failures: list[BaseException] = []

    def safely(*arguments: Any) -> None:
        try:
            play(*arguments)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=safely, args=pair) for pair in zip(dice, PEOPLE, strict=False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    walk.check()


def test_a_cancelled_case_waits_for_nothing(database: Database) -> None:
    walk = Walk(database, 3)

    walk.world.platform.run(
        lambda uow: instances.cancel_instance(uow, walk.case, "withdrawn"), walk.world.actor("ann.east"), walk.world.now
    )

    walk.check()
