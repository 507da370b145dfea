"""Two people want the same at the same moment: one gets it, the other is told so, and the record says who did what."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from engine.commands import tasks
from engine.errors import Conflict, Rejected
from engine.store import tables as t
from engine.store.unit_of_work import UnitOfWork
from tests.world import World

Command = Callable[[UnitOfWork], Any]


def _while_another_acts(world: World, first: tuple[str, Command], second: tuple[str, Command]) -> list[object]:
    """Runs ``second`` while ``first`` has acted but not yet committed. Returns what each got or was refused with."""
    acted = threading.Event()
    outcomes: list[object] = [None, None]

    def slowly(uow: UnitOfWork) -> object:
        answer = first[1](uow)
        acted.set()
        time.sleep(0.4)  # time for the second to read and to wait for the lock
        return answer

    def run(place: int, who: str, command: Command) -> None:
        try:
            outcomes[place] = world.platform.run(command, world.actor(who), world.now)
        except Exception as error:
            outcomes[place] = error

    threads = [threading.Thread(target=run, args=(0, first[0], slowly))]
    threads[0].start()
    acted.wait(10)
    threads.append(threading.Thread(target=run, args=(1, *second)))
    threads[1].start()
    for thread in threads:
        thread.join()
    return outcomes


def _assignee(world: World, task: str) -> str | None:
    with world.platform.database.read() as connection:
        return connection.execute(select(t.user_task.c.assignee).where(t.user_task.c.id == task)).scalar_one()


def _claim(task: str) -> Command:
    return lambda uow: tasks.claim_task(uow, task)


def _complete(task: str) -> Command:
    return lambda uow: tasks.complete_task(uow, task, {"outcome": ["forward"]}, {})


def test_two_people_take_on_the_same_task_and_the_first_has_it(world: World) -> None:
    case = world.start()
    task = world.task(case, "check")

    outcomes = _while_another_acts(world, ("bob.east", _claim(task)), ("eve.east", _claim(task)))

    assert outcomes[0] is None
    assert isinstance(outcomes[1], Rejected)
    assert _assignee(world, task) == world.actor("bob.east").user
    assert world.verdict().findings == ()


def test_one_after_the_other_has_put_it_back_both_may_take_it_on(world: World) -> None:
    case = world.start()
    task = world.task(case, "check")
    world.platform.run(_claim(task), world.actor("bob.east"), world.now)

    release: Command = lambda uow: tasks.release_task(uow, task)
    outcomes = _while_another_acts(world, ("bob.east", release), ("eve.east", _claim(task)))

    assert outcomes == [None, None]
    assert _assignee(world, task) == world.actor("eve.east").user


def test_two_people_complete_the_same_task_and_the_second_hears_that_it_is_done(world: World) -> None:
    case = world.start()
    task = world.task(case, "check")

    outcomes = _while_another_acts(world, ("bob.east", _complete(task)), ("eve.east", _complete(task)))

    assert isinstance(outcomes[0], dict)
    assert isinstance(outcomes[1], Conflict)
    assert world.open(case) == ["decide"]
    assert world.verdict().findings == ()


@pytest.mark.parametrize("command", [_claim, _complete], ids=["claim", "complete"])
def test_what_a_cancelled_case_no_longer_needs_is_not_done(world: World, command: Callable[[str], Command]) -> None:
    from engine.commands.instances import cancel_instance

    case = world.start()
    task = world.task(case, "check")
    cancel: Command = lambda uow: cancel_instance(uow, case, "withdrawn")

    outcomes = _while_another_acts(world, ("ann.east", cancel), ("bob.east", command(task)))

    assert outcomes[0] is None
    assert isinstance(outcomes[1], Conflict)
    assert world.state(case).status == "cancelled"
    assert world.verdict().findings == ()
