"""For any element of a case: which condition or row decided with which values, who could act, until when and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from engine.commands import people
from engine.errors import NotFound
from engine.history import events as e
from engine.queries.audit import film
from engine.queries.explain import Explanation, explain
from engine.store.directory import system_actor
from tests.world import MORNING, World, flow, process, user_task


def rule(number: int, answer: str, result: str) -> str:
    """A row of the table."""
    return (
        f'<rule id="r{number}"><inputEntry id="i{number}"><text>"{answer}"</text></inputEntry>'
        f'<outputEntry id="o{number}"><text>"{result}"</text></outputEntry></rule>'
    )


TABLE = f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="urn:test">
<inputData id="outcome" name="outcome"><variable id="v" name="outcome" typeRef="string"/></inputData>
<decision id="rule" name="rule"><informationRequirement id="q"><requiredInput href="#outcome"/></informationRequirement>
<decisionTable id="t" hitPolicy="UNIQUE">
<input id="i" label="answer"><inputExpression id="x" typeRef="string"><text>outcome</text></inputExpression></input>
<output id="o" name="rule"/>{rule(1, "forward", "go")}{rule(2, "back", "stay")}
</decisionTable></decision></definitions>""".encode()
WITH_TABLE = process(
    "review",
    '<startEvent id="begin"/>'
    + user_task("check", more='sm:dueWorkingDays="=5"')
    + '<businessRuleTask id="rule_it" name="rule it" sm:decision="rule" sm:result="ruled"/>'
    + '<exclusiveGateway id="well" default="f4"/>'
    + user_task("decide", "leader")
    + '<endEvent id="done" name="done"/><endEvent id="stop" name="stop"/>'
    + flow(1, "begin", "check")
    + flow(2, "check", "rule_it")
    + flow(3, "rule_it", "well")
    + flow(4, "well", "stop")
    + flow(5, "well", "decide", 'ruled = "go"')
    + flow(6, "decide", "done"),
)
DUTIES = b'[[duty]]\nname = "four eyes"\nelements = ["check", "decide"]\n'


@pytest.fixture
def ruled(make_world: Callable[..., World]) -> World:
    return make_world(WITH_TABLE, decision__rule=TABLE, duties__review=DUTIES)


def why(world: World, case: str, element: str) -> Explanation:
    with world.platform.database.read() as connection:
        return explain(connection, film(connection, world.platform.known, world.actor("north.auditor"), case), element)


@pytest.mark.parametrize(("answer", "taken", "row"), [("forward", "f5", 1), ("back", "f4", 2)])
def test_the_condition_and_the_row_that_decided_are_shown_with_their_values(
    ruled: World, answer: str, taken: str, row: int
) -> None:
    case = ruled.start()
    ruled.complete(case, "check", outcome=answer)

    (gateway,) = why(ruled, case, "well").visits
    (ruling,) = why(ruled, case, "rule_it").visits

    assert [way.flow.id for way in gateway.ways if way.taken] == [taken]
    conditional = next(way for way in gateway.ways if way.flow.condition)
    assert (conditional.holds, conditional.reads, conditional.is_doubtful) == (
        answer == "forward",
        {"ruled": "go" if answer == "forward" else "stay"},
        False,
    )
    assert isinstance(ruling.since.event, e.DecisionEvaluated)
    assert ruling.since.event.inputs == {"outcome": answer}
    assert [(found.number, found.tests) for found in ruling.rows] == [(row, (("answer", f'"{answer}"'),))]


def test_a_condition_that_data_of_today_would_answer_otherwise_is_answered_with_those_of_then(world: World) -> None:
    case = world.start()
    world.complete(case, "check", outcome="back")
    world.complete(case, "check", outcome="forward")

    first, second = why(world, case, "well").visits

    assert [[way.flow.id for way in visit.ways if way.taken] for visit in (first, second)] == [["f3"], ["f4"]]
    assert [dict(visit.ways[1].reads) for visit in (first, second)] == [{"outcome": "back"}, {"outcome": "forward"}]
    assert not any(way.is_doubtful for visit in (first, second) for way in visit.ways)


def test_open_work_is_here_and_done_work_is_not(world: World) -> None:
    case = world.start()
    (visit,) = why(world, case, "check").visits
    assert visit.is_open
    world.complete(case, "check", outcome="forward")
    (visit,) = why(world, case, "check").visits
    assert not visit.is_open
    assert why(world, case, "decide").visits[0].is_open
    assert why(world, case, "done").visits == ()


def test_who_could_act_is_who_had_the_role_then(world: World) -> None:
    case = world.start()
    later = system_actor()
    world.now += timedelta(days=1)
    world.platform.run(lambda uow: people.add_user(uow, "new.east", "new", "east", ["reviewer"]), later, world.now)
    bob = world.actor("bob.east").user
    world.platform.run(lambda uow: people.revoke_role(uow, bob, "east", "reviewer"), later, world.now)
    eve = world.actor("eve.east").user
    world.platform.run(lambda uow: people.disable_user(uow, eve), later, world.now)
    other = world.start()

    def names(case: str) -> list[str]:
        return sorted(candidate.name for candidate in why(world, case, "check").visits[0].candidates)

    assert names(case) == ["ann", "bob", "eve"]
    assert names(other) == ["ann", "new"]


def test_who_did_one_step_is_said_to_be_kept_from_the_other(ruled: World) -> None:
    case = ruled.start()
    ruled.complete(case, "check", "bob.east", outcome="forward")

    kept = {candidate.name: candidate.duty for candidate in why(ruled, case, "decide").visits[0].candidates}

    assert kept == {"ann": None, "bob": "four eyes", "eve": None}
    assert {c.duty for c in why(ruled, case, "check").visits[0].candidates} == {None}


def test_the_term_is_told_day_by_day_up_to_the_date_that_is_recorded(ruled: World) -> None:
    case = ruled.start()

    (visit,) = why(ruled, case, "check").visits

    assert isinstance(visit.since.event, e.UserTaskCreated)
    assert visit.since.event.due_at is not None
    assert visit.term is not None
    assert visit.term.days[0].day == MORNING.date() + timedelta(days=1)
    assert visit.term.days[-1].day == visit.since.event.due_at.date()
    assert visit.term.days[-1].count == 5
    assert {day.day.weekday() for day in visit.term.days if day.count is None} == {5, 6}
    ruled.complete(case, "check", outcome="forward")
    assert why(ruled, case, "decide").visits[0].term is None


def test_what_is_no_element_is_not_found(world: World) -> None:
    case = world.start()

    with pytest.raises(NotFound):
        why(world, case, "nothing")
