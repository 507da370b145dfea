"""One case that waits for everything at once is moved: rows, history and state agree, and it can still be finished."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from engine.commands import incidents
from engine.errors import Rejected
from engine.history import events as e
from engine.model import JobRequest, JobResult
from engine.store import tables as t
from engine.store.directory import system_actor
from tests.commands.test_migrations import move, newer, row, told, whole
from tests.world import World, flow, process, user_task

MESSAGES = '<message id="news" name="news" sm:roles="clerk" sm:form="note"/><signal id="bell" name="bell"/>'
MAIN = process(
    "review",
    '<startEvent id="begin"/><parallelGateway id="split"/><parallelGateway id="join"/><endEvent id="done"/>'
    + user_task("ask")
    + '<boundaryEvent id="slow" attachedToRef="ask" cancelActivity="false"><timerEventDefinition>'
    "<timeDuration>P3D</timeDuration></timerEventDefinition></boundaryEvent>"
    '<endEvent id="late"/>'
    '<intermediateCatchEvent id="heard"><messageEventDefinition messageRef="news"/></intermediateCatchEvent>'
    '<intermediateCatchEvent id="rung"><signalEventDefinition signalRef="bell"/></intermediateCatchEvent>'
    '<serviceTask id="letter" sm:connector="moody" sm:input="{a: 1}" sm:result="r"/>'
    '<serviceTask id="paper" sm:connector="calm" sm:input="{a: 1}" sm:result="p"/>'
    '<callActivity id="part" calledElement="inner"/>'
    + user_task("each").removesuffix("/>")
    + '><multiInstanceLoopCharacteristics sm:collection="=[1, 2]" sm:element="item"/></userTask>'
    + flow(1, "begin", "split")
    + flow(90, "slow", "late")
    + "".join(
        flow(10 + n, "split", element) + flow(20 + n, element, "join")
        for n, element in enumerate(("ask", "heard", "rung", "letter", "paper", "part", "each"))
    )
    + flow(2, "join", "done"),
    MESSAGES,
)
INNER = process(
    "inner",
    '<startEvent id="i_begin"/>'
    + user_task("inside")
    + '<endEvent id="i_done"/>'
    + flow(51, "i_begin", "inside")
    + flow(52, "inside", "i_done"),
)
NAMES = re.compile(r'"(ask|slow|heard|rung|letter|paper|part|each|inside)"')
MAPPING = {name: f"{name}_2" for name in ["ask", "slow", "heard", "rung", "letter", "paper", "part", "each", "inside"]}


def renamed(diagram: bytes) -> bytes:
    return NAMES.sub(r'"\1_2"', diagram.decode()).encode()


@pytest.fixture
def lived(make_world: Callable[..., World]) -> tuple[World, str]:
    """A case at seven places at once, one of them stuck."""
    world = make_world(MAIN, process__inner=INNER)
    mood = {"bad": True}

    def moody(request: JobRequest) -> JobResult:
        if mood["bad"]:
            raise Rejected("Not in the mood.")
        return JobResult({"length": 1})

    world.connectors = {"moody": moody, "calm": moody}
    world.mood = mood  # type: ignore[attr-defined]
    case = world.start()
    with world.platform.database.read() as connection:
        job = connection.execute(select(t.job.c.id).where(t.job.c.element == "letter")).scalar_one()
    from engine.worker import run_job

    run_job(world.platform, world.connectors, job, world.now)
    return world, case


def waiting(world: World, case: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    with world.platform.database.read() as connection:
        for name, table, status in (
            ("tasks", t.user_task, "open"),
            ("jobs", t.job, "waiting"),
            ("waits", t.message_wait, "waiting"),
            ("stuck", t.incident, "open"),
        ):
            query = select(table.c.element).where(table.c.instance_id == case, table.c.status == status)
            found[name] = set(connection.execute(query).scalars())
    return found


def finish(world: World, case: str) -> None:
    """Do everything that is left."""
    world.mood["bad"] = False  # type: ignore[attr-defined]
    with world.platform.database.read() as connection:
        stuck = connection.execute(select(t.incident.c.id).where(t.incident.c.status == "open")).scalar_one()
    world.platform.run(lambda uow: incidents.retry_incident(uow, stuck, "repaired"), system_actor(), world.now)
    world.wait(minutes=1)
    for task in world.state(case).tasks:
        world.complete_id(task.id)
    world.report(case, "news", note="news")


def test_a_case_that_waits_for_everything_goes_on_under_new_ids(lived: tuple[World, str]) -> None:
    world, case = lived
    before = waiting(world, case)
    due = {job.id: job.due_at for job in _timers(world)}
    newer(world, renamed(MAIN), process__inner=renamed(INNER))

    move(world, case, MAPPING)

    assert waiting(world, case) == {kind: {MAPPING[name] for name in names} for kind, names in before.items()}
    assert {job.id: job.due_at for job in _timers(world)} == due
    assert not told(world, case, e.UserTaskCancelled)
    whole(world, case)
    finish(world, case)
    whole(world, case)
    world.wait(days=4)
    assert [fact.element for fact in told(world, case, e.TimerFired)] == []  # the task that it watched is done
    whole(world, case)


def test_the_same_case_blocks_on_each_step_without_a_mapping(lived: tuple[World, str]) -> None:
    world, case = lived
    newer(world, renamed(MAIN), process__inner=renamed(INNER))
    before = row(world, t.instance, case)
    with pytest.raises(Rejected) as refused:
        move(world, case)
    gone = {blocker.element for blocker in refused.value.blockers}  # type: ignore[attr-defined]
    assert gone == MAPPING.keys() - {"slow"}
    assert row(world, t.instance, case) == before
    whole(world, case)


def test_only_a_called_part_is_new(lived: tuple[World, str]) -> None:
    world, case = lived
    longer = INNER.replace(b'targetRef="i_done"', b'targetRef="more"').replace(
        b"</process>", (user_task("more") + flow(53, "more", "i_done") + "</process>").encode()
    )
    newer(world, MAIN, process__inner=longer)

    move(world, case)

    assert told(world, case, e.InstanceMigrated)[0].label == "inner 2"
    world.complete(case, "inside")
    assert "more" in world.open(case)
    whole(world, case)


def test_a_timer_is_due_by_the_new_version_from_when_it_began_if_somebody_says_so(lived: tuple[World, str]) -> None:
    world, case = lived
    (before,) = _timers(world)
    newer(world, MAIN.replace(b"P3D", b"P1D"), process__inner=INNER)
    world.now += (before.due_at - world.now) / 2

    move(world, case, recompute=True)

    (after,) = _timers(world)
    assert (before.due_at - after.due_at).days == 2
    world.mood["bad"] = False  # type: ignore[attr-defined]
    world.wait(minutes=1)
    assert [fact.element for fact in told(world, case, e.TimerFired)] == ["slow"]
    whole(world, case)


def test_an_awaited_message_with_another_form_is_awaited_by_that_form(lived: tuple[World, str]) -> None:
    world, case = lived
    other = MAIN.replace(b'sm:roles="clerk" sm:form="note"', b'sm:roles="leader" sm:form="note"')
    newer(world, other, process__inner=INNER)

    move(world, case)

    waits = [wait for wait in world.state(case).messages if wait.message == "news"]
    assert [wait.roles for wait in waits] == [("leader",)]
    whole(world, case)


def _timers(world: World) -> list[Any]:
    with world.platform.database.read() as connection:
        return list(connection.execute(select(t.job).where(t.job.c.kind == "timer", t.job.c.status == "waiting")))
