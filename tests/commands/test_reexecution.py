"""What the published diagram prescribes is what happened – or the first fact where it is not is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from engine.commands import incidents, instances, tasks
from engine.history.seal import canonical, commitment, seal
from engine.model import JobResult
from engine.queries.reexecution import Agreement, Past, re_execute
from engine.store import tables as t
from tests.world import World, flow, process, user_task


def again(world: World, case: str) -> Agreement:
    with world.platform.database.read() as connection:
        return re_execute(connection, world.platform.known, case, Past(connection))


@pytest.fixture
def lived(world: World) -> tuple[World, str]:
    case = world.start(note="first")
    bob, eve = world.actor("bob.east"), world.actor("eve.east")
    task = world.task(case, "check")
    world.platform.run(lambda uow: tasks.claim_task(uow, task), bob, world.now)
    world.platform.run(lambda uow: tasks.reassign_task(uow, task, eve.user, "leave"), bob, world.now)
    world.wait(hours=1)
    world.complete(case, "check", who="eve.east", outcome="back", note="again")
    world.complete(case, "check", outcome="forward")
    world.complete(case, "decide", who="eve.east")
    return world, case


def test_a_lived_case_agrees(lived: tuple[World, str]) -> None:
    agreement = again(*lived)

    assert agreement.difference is None
    assert agreement.commands == 4


def test_a_cancelled_case_and_a_resolved_incident_agree(make_world: Callable[..., World]) -> None:
    main = process(
        "review",
        '<startEvent id="begin"/>' + user_task("check") + '<exclusiveGateway id="well" default="f4"/>'
        '<endEvent id="yes"/>'
        + user_task("more")
        + '<endEvent id="no"/>'
        + flow(1, "begin", "check")
        + flow(2, "check", "well")
        + flow(3, "well", "yes", "note &gt; 1")
        + flow(4, "well", "more")
        + flow(5, "more", "no"),
    )
    world = make_world(main)
    stuck, cancelled = world.start(), world.start()
    world.complete(stuck, "check", note="words")
    with world.platform.database.read() as connection:
        incident = connection.execute(select(t.incident.c.id)).scalar_one()
    for resolve in (incidents.retry_incident, incidents.skip_incident):
        world.platform.run(
            lambda uow, do=resolve: do(uow, _open_incident(world), "looked"), world.actor("ann.east"), world.now
        )
    world.platform.run(
        lambda uow: instances.cancel_instance(uow, cancelled, "twice"), world.actor("ann.east"), world.now
    )

    assert incident
    assert world.open(stuck) == ["more"]
    assert world.state(cancelled).status == "cancelled"
    assert again(world, stuck).difference is None
    assert again(world, cancelled).difference is None
    assert world.verdict().findings == ()


def _open_incident(world: World) -> str:
    with world.platform.database.read() as connection:
        return str(connection.execute(select(t.incident.c.id).where(t.incident.c.status == "open")).scalar_one())


def _rewrite(world: World, case: str, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> None:
    """What a clever database administrator could do: change facts and recompute every digest and seal."""
    stream, previous = f"case:{case}", ""
    with world.platform.database.write() as connection:
        rows = connection.execute(select(t.history).where(t.history.c.stream == stream).order_by(t.history.c.seq)).all()
        for row in rows:
            here = (t.payload.c.stream == stream) & (t.payload.c.seq == row.seq)
            values = {p.name: p.value for p in connection.execute(select(t.payload).where(here))}
            salts = {p.name: p.salt for p in connection.execute(select(t.payload).where(here))}
            body = json.loads(row.body)
            change(body, values)
            for name, value in values.items():
                body["data"][name] = commitment(salts[name], name, value)
                connection.execute(t.payload.update().where(here & (t.payload.c.name == name)).values(value=value))
            new = canonical(body)
            previous = seal(previous, new)
            connection.execute(
                t.history.update()
                .where(t.history.c.stream == stream, t.history.c.seq == row.seq)
                .values(body=new, seal=previous, at=row.at)
            )
        connection.execute(t.instance.update().where(t.instance.c.id == case).values(seal=previous))


def _answer(body: dict[str, Any], values: dict[str, bytes]) -> None:
    if body["type"] == "UserTaskCompleted" and body["data"]["element"] == "check":
        values["answers"] = canonical({"note": "forged", "outcome": "forward"})


def _path(body: dict[str, Any], _values: dict[str, bytes]) -> None:
    if body["type"] == "ElementCompleted" and body["data"]["element"] == "well":
        body["data"]["element"] = "split"


def _person_asked(body: dict[str, Any], _values: dict[str, bytes]) -> None:
    if body["type"] == "UserTaskCreated":
        body["data"]["role"] = "clerk"


@pytest.mark.parametrize("change", [_answer, _path, _person_asked])
def test_a_history_rewritten_whole_is_still_found_out(
    lived: tuple[World, str], change: Callable[[dict[str, Any], dict[str, bytes]], None]
) -> None:
    world, case = lived

    _rewrite(world, case, change)

    difference = again(world, case).difference
    assert difference is not None
    assert difference.seq > 1


def test_rewriting_without_a_change_changes_nothing(lived: tuple[World, str]) -> None:
    world, case = lived

    _rewrite(world, case, lambda _body, _values: None)

    assert again(world, case).difference is None
    assert world.verdict().findings == ()


def test_what_a_connector_brought_back_agrees(make_world: Callable[..., World]) -> None:
    main = process(
        "review",
        '<startEvent id="begin"/><serviceTask id="ask" sm:connector="ask" sm:input="{a: 1}" sm:result="reply"/>'
        + user_task("check")
        + '<endEvent id="no"/>'
        + flow(1, "begin", "ask")
        + flow(2, "ask", "check")
        + flow(3, "check", "no"),
    )
    world = make_world(main)
    world.connectors = {"ask": lambda request: JobResult({"words": "yes"})}
    case = world.start()
    world.wait(minutes=1)

    assert world.open(case) == ["check"]
    assert again(world, case).difference is None
