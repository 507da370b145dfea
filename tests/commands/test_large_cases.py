"""Very long, wide and deep cases on the whole platform: the right result or an incident, never a false end."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable
from copy import deepcopy

import pytest
from SpiffWorkflow.util.event import Event

from engine.commands.incidents import retry_incident
from engine.definition.bpmn import read_diagram
from engine.history import events as e
from engine.history.events import dump
from engine.history.seal import canonical, digest
from engine.model import Tenant
from engine.queries.reexecution import re_execute
from engine.runtime.compiled import ProcessDefinition, assemble
from engine.store.database import Database
from engine.store.known import Known
from engine.store.run import Platform
from tests.commands.letters import Post
from tests.runtime.cases import Case
from tests.world import World, flow, process, user_task

LINEAGE = (Tenant("o", "o", "o", "office"),)

MakeWorld = Callable[..., World]
COUNT = "<scriptTask id='count' name='count' scriptFormat='feel'><script>{n: n + 1}</script></scriptTask>"


def looping(times: int) -> bytes:
    """A loop that the machine runs through by itself."""
    begin = "<scriptTask id='zero' scriptFormat='feel'><script>{n: 0}</script></scriptTask>"
    body = f"<startEvent id='begin'/>{begin}<exclusiveGateway id='merge'/>{COUNT}"
    body += "<exclusiveGateway id='again' default='f5'/>"
    body += user_task("check") + "<endEvent id='done'/>"
    body += flow(1, "begin", "zero") + flow(2, "zero", "merge") + flow(3, "merge", "count") + flow(4, "count", "again")
    body += flow(5, "again", "check") + flow(6, "again", "merge", f"n &lt; {times}") + flow(7, "check", "done")
    return process("review", body)


def test_a_loop_of_ten_thousand_rounds_stops_as_incidents_and_comes_to_the_right_result(
    sqlite_database: Database,
) -> None:
    world = World(Platform(sqlite_database)).furnish(looping(10_000))
    case = world.start()
    rounds = 0
    while world.state(case).incidents:
        assert world.state(case).status == "running"
        assert world.open(case) == []
        incident = Post(world).told(case, e.IncidentRaised)[-1].incident
        world.platform.run(
            lambda uow, found=incident: retry_incident(uow, found, "it is meant to be long"),
            world.actor("root.admin"),
            world.now,
        )
        rounds += 1
        assert rounds < 100

    assert rounds > 10
    assert world.open(case) == ["check"]
    with world.platform.database.read() as connection:
        assert world.state(case).variables(world.platform.known, connection)["n"] == 10_000
        assert re_execute(connection, world.platform.known, case).difference is None


def test_a_loop_of_a_hundred_rounds_is_no_incident(make_world: MakeWorld) -> None:
    world = make_world(looping(100))
    case = world.start()

    assert world.state(case).incidents == ()
    assert world.open(case) == ["check"]


def many(count: int) -> bytes:
    """One task for each of many items, then a last one."""
    loop = f"<loopCardinality>{count}</loopCardinality>"
    loop = f"<multiInstanceLoopCharacteristics>{loop}</multiInstanceLoopCharacteristics>"
    item = user_task("item").replace("/>", f">{loop}</userTask>")
    body = f"<startEvent id='begin'/>{item}{user_task('last')}<endEvent id='done'/>"
    return process("review", body + flow(1, "begin", "item") + flow(2, "item", "last") + flow(3, "last", "done"))


def test_two_thousand_items_are_two_thousand_tasks_and_the_last_one_is_counted(make_world: MakeWorld) -> None:
    world = make_world(many(2_000))
    case = world.start()
    assert len(world.open(case)) == 2_000

    tasks = [task.id for task in world.state(case).tasks]
    for task in tasks[:3]:
        world.complete_id(task, outcome="forward", note="x")

    assert len(world.open(case)) == 1_997
    assert world.state(case).status == "running"
    with world.platform.database.read() as connection:
        assert re_execute(connection, world.platform.known, case).difference is None


def test_one_item_more_than_allowed_is_an_incident_and_none_is_begun(make_world: MakeWorld) -> None:
    world = make_world(many(2_001))
    case = world.start()

    assert len(world.state(case).incidents) == 1
    assert world.open(case) == []


def nested(depth: int) -> bytes:
    body = user_task("check")
    for level in range(depth):
        body = f"<subProcess id='level{level}'>{body}</subProcess>"
    top = f"level{depth - 1}"
    return process(
        "review", f"<startEvent id='begin'/>{body}<endEvent id='done'/>" + flow(1, "begin", top) + flow(2, top, "done")
    )


@pytest.mark.parametrize("depth", [1, 50])
def test_subprocesses_inside_each_other_end_when_their_work_is_done(make_world: MakeWorld, depth: int) -> None:
    world = make_world(nested(depth))
    case = world.start()
    assert world.open(case) == ["check"]

    world.complete(case, "check", outcome="forward", note="x")

    assert world.state(case).status == "completed"
    assert len(Post(world).told(case, e.ScopeLeft)) == depth
    assert world.verdict().findings == ()


MIXED = process(
    "review",
    "<startEvent id='begin'/><exclusiveGateway id='merge'/><parallelGateway id='split'/><parallelGateway id='join'/>"
    + user_task("one")
    + user_task("two")
    + "<boundaryEvent id='late' attachedToRef='two' cancelActivity='false'>"
    + "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>"
    + "<endEvent id='reminded'/><exclusiveGateway id='well' default='f7'/><endEvent id='done'/>"
    + flow(1, "begin", "merge")
    + flow(10, "merge", "split")
    + flow(2, "split", "one")
    + flow(3, "split", "two")
    + flow(4, "one", "join")
    + flow(5, "two", "join")
    + flow(6, "join", "well")
    + flow(7, "well", "done")
    + flow(8, "well", "merge", 'outcome = "back"')
    + flow(9, "late", "reminded"),
)


def shown(value: object) -> str:
    """As ``repr``, but a signal of the library by who listens to it instead of by its address."""
    if isinstance(value, Event):
        return repr({key: held for key, held in sorted(vars(value).items()) if key != "lock"})
    return repr(value)


def picture(definition: object) -> str:
    """Everything in a compiled definition that a running case could change by mistake."""
    spec = definition.spec  # type: ignore[attr-defined]
    nodes = {
        name: sorted((key, shown(value)) for key, value in vars(node).items() if key not in ("_wf_spec", "_paths"))
        for name, node in spec.task_specs.items()
    }
    return repr((sorted(nodes.items()), definition.processes, definition.profile, definition.manifest))  # type: ignore[attr-defined]


def live(definition: ProcessDefinition, numbers: range) -> list[Case]:
    """Mixed stories: some are late, some are sent back."""
    cases = []
    for number in numbers:
        case = Case(definition, {"outcome": ""}, lineage=LINEAGE)
        if number % 3 == 0:
            case.fire()
        case.do("one", outcome="")
        if number % 5 == 0:
            case.do("two", outcome="back")
            case.do("one", outcome="")
        case.do("two", outcome="forward")
        cases.append(case)
    return cases


def test_a_thousand_mixed_cases_in_two_threads_change_nothing_in_the_shared_definition() -> None:
    """The interpreter alone, so that nothing waits for a database: the definition is the only thing they share."""
    definition = assemble("review", {"review": read_diagram(MIXED)}, {}, {}, manifest={})
    before, outcomes = picture(definition), []

    def run(numbers: range) -> None:
        outcomes.extend(case.outcome() for case in live(definition, numbers))

    threads = [threading.Thread(target=run, args=(part,)) for part in (range(500), range(500, 1_000))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes == ["done"] * 1_000
    assert picture(definition) == before


def lived_elsewhere(content: bytes, count: int) -> tuple[str, str, str, list[str | None]]:
    """In a process of its own: the definition before, after, what happened, and how the cases ended."""
    definition = assemble("review", {"review": read_diagram(content)}, {}, {}, manifest={})
    before = digest(picture(definition).encode())
    cases = live(definition, range(count))
    told = [[type(event).__name__, dump(event)] for case in cases for event in case.events]
    after = digest(picture(definition).encode())
    return before, after, digest(canonical(told)), [case.outcome() for case in cases]


def test_a_thousand_mixed_cases_in_two_processes_are_the_same_and_change_nothing() -> None:
    """Each compiles the same bytes for itself, from a fresh interpreter with hash seeds of its own."""
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        work = [pool.apply_async(lived_elsewhere, (MIXED, 500)) for _ in range(2)]
        one, two = (found.get(timeout=300) for found in work)

    assert one == two == lived_elsewhere(MIXED, 500)
    before, after, _, outcomes = one
    assert before == after
    assert outcomes == ["done"] * 500


def test_other_bytes_are_another_definition_and_another_story() -> None:
    one, other = lived_elsewhere(MIXED, 1), lived_elsewhere(MIXED.replace(b"PT1H", b"PT2H"), 1)

    assert one[0] != other[0]
    assert one[2] != other[2]


def test_a_definition_that_was_changed_would_be_noticed() -> None:
    definition = assemble("review", {"review": read_diagram(MIXED)}, {}, {}, manifest={})
    before = picture(definition)
    definition.node("review/well").flows.reverse()

    assert picture(definition) != before

    definition.node("review/well").flows.reverse()
    assert picture(definition) == before
    definition.node("review/one").completed_event.connect(print)
    assert picture(definition) != before


def test_two_threads_compile_one_definition_to_the_same_object(make_world: MakeWorld) -> None:
    world = make_world(MIXED)
    known, found = Known(), []
    case = world.start()
    state = world.state(case)

    def compiled() -> None:
        with world.platform.database.read() as connection:
            found.append(known.definition(connection, state.process, deepcopy(dict(state.pins))))

    threads = [threading.Thread(target=compiled) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found[0].spec is found[1].spec
