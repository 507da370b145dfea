"""Repeated work and what a message began: each item is told by itself, with its own data and its own reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from engine.commands.correlation import correlate_message
from engine.history import events as e
from engine.queries.audit import film
from tests.audit.test_explain import TABLE, WITH_TABLE
from tests.world import World, flow, process, user_task
from web.app import create_app
from web.audit.details import Detail, Projector
from web.config import Settings

MakeWorld = Callable[..., World]

VISIT = """{"type": "default", "schemaVersion": 19, "id": "visit", "properties": {"title": "走访"}, "components": [
  {"type": "number", "id": "f1", "key": "people", "label": "人数"},
  {"type": "radio", "id": "f2", "key": "found", "label": "是否在家",
   "values": [{"value": "yes", "label": "在家"}, {"value": "no", "label": "不在"}]}]}""".encode()
AT = 'sm:role="reviewer" sm:level="office"'


def tours(kind: str) -> bytes:
    """A round of visits to three houses, each a part of its own; then each house is signed for; then a check."""
    visits = (
        f'<subProcess id="tour" name="走访"><multiInstanceLoopCharacteristics isSequential="{kind}"'
        ' sm:collection="=houses" sm:element="house"/><startEvent id="leave"/>'
        f'<userTask id="visit" name="上门" sm:form="visit" {AT}/><exclusiveGateway id="home" default="f13"/>'
        f'<userTask id="again" name="再去" sm:form="visit" {AT}/><endEvent id="back"/>'
        + flow(11, "leave", "visit")
        + flow(12, "visit", "home")
        + flow(13, "home", "back")
        + flow(14, "home", "again", 'found = "no" and house = "west"')
        + flow(15, "again", "back")
        + "</subProcess>"
    )
    signing = (
        f'<userTask id="sign" name="签字" sm:form="note" {AT}><multiInstanceLoopCharacteristics'
        f' isSequential="{kind}" sm:collection="=houses" sm:element="house"/></userTask>'
    )
    return process(
        "review",
        '<startEvent id="begin"/><startEvent id="by_letter" name="来信"><messageEventDefinition messageRef="letter"/>'
        '</startEvent><scriptTask id="list" scriptFormat="feel"><script>{houses: ["east", "west", "third"]}</script>'
        f'</scriptTask>{visits}{signing}<exclusiveGateway id="well" default="f6"/><endEvent id="done"/>'
        + flow(1, "begin", "list")
        + flow(2, "by_letter", "list")
        + flow(3, "list", "tour")
        + flow(4, "tour", "sign")
        + flow(5, "sign", "well")
        + flow(6, "well", "done")
        + flow(7, "well", "list", 'outcome = "back"'),
        '<message id="letter" name="letter"/>',
    )


def walk(world: World, case: str, **answers: Any) -> None:
    """Visit every house: the second one is not at home and visited again."""
    for number in range(3):
        task = next(task for task in world.state(case).tasks if task.element == "visit")
        world.now += timedelta(hours=1)
        world.complete_id(task.id, people=number + 1, found="no" if number == 1 else "yes")
        if number == 1:
            world.complete(case, "again", people=7, found="yes")
    while tasks := [task for task in world.state(case).tasks if task.element == "sign"]:
        world.complete_id(tasks[0].id, **answers)


@contextmanager
def told(world: World, case: str) -> Iterator[list[Detail]]:
    """Every moment in full, in English."""
    with projected(world, case) as projector:
        yield [projector.detail(number) for number in range(1, len(projector.film.facts) + 1)]


@contextmanager
def projected(world: World, case: str) -> Iterator[Projector]:
    """What shows the moments of a case, in English."""
    app: Flask = create_app(Settings(database_url=world.platform.database.url), world.platform, lambda: world.now)
    with (
        world.platform.database.read() as connection,
        app.test_request_context("/", headers={"Cookie": "language=en"}),
    ):
        app.preprocess_request()
        found = film(connection, world.platform.known, world.actor("north.auditor"), case)
        yield Projector(connection, found, world.now)


def of(details: list[Detail], kind: type[e.Event], element: str) -> list[Detail]:
    events = [(detail, detail.moment.line.event) for detail in details]
    return [one for one, event in events if isinstance(event, kind) and getattr(event, "element", "") == element]


@pytest.mark.parametrize("kind", ["false", "true"])
def test_each_item_is_named_and_none_of_them_is_called_a_return(make_world: MakeWorld, kind: str) -> None:
    world = make_world(tours(kind), form__visit=VISIT)
    case = world.start()
    walk(world, case)

    with told(world, case) as details:
        for element in ("visit", "sign"):
            said = [" ".join(one.reasons) for one in of(details, e.UserTaskCreated, element)]
            assert [any(name in one for one in said) for name in ("east", "west", "third")] == [True] * 3
            assert len(said) == 3
            assert not any("has come back here" in one for one in said)
        entered = [" ".join(one.reasons) for one in of(details, e.ScopeEntered, "tour")]
        assert ["number 2: west" in one for one in entered] == [False, True, False]


@pytest.mark.parametrize("kind", ["false", "true"])
def test_a_second_round_is_a_return(make_world: MakeWorld, kind: str) -> None:
    world = make_world(tours(kind), form__visit=VISIT)
    case = world.start()
    walk(world, case, outcome="back")
    walk(world, case)

    with told(world, case) as details:
        said = [" ".join(one.reasons) for one in of(details, e.UserTaskCreated, "visit")]
        assert [("has come back here" in one) for one in said] == [False] * 3 + [True] * 3


@pytest.mark.parametrize("kind", ["false", "true"])
def test_what_one_item_answered_is_no_correction_of_another(make_world: MakeWorld, kind: str) -> None:
    world = make_world(tours(kind), form__visit=VISIT)
    case = world.start()
    walk(world, case)

    with told(world, case) as details:
        visits = of(details, e.UserTaskCompleted, "visit")
        again = of(details, e.UserTaskCompleted, "again")
        assert [[(c.before, c.after) for c in one.moment.changes if c.label == "人数"] for one in visits] == [
            [("", "1")],
            [("", "2")],
            [("", "3")],
        ]
        assert not any("Other answers were there before" in " ".join(one.reasons) for one in visits)
        (second,) = again
        assert ("2", "7") in [(change.before, change.after) for change in second.moment.changes]
        first = visits[1].moment.number
        assert any("Other answers were there before" in one and str(first) in one for one in second.reasons)


@pytest.mark.parametrize("kind", ["false", "true"])
def test_a_condition_inside_is_told_with_the_values_of_its_own_item(make_world: MakeWorld, kind: str) -> None:
    world = make_world(tours(kind), form__visit=VISIT)
    case = world.start()
    walk(world, case)

    with told(world, case) as details:
        ways = [next(way for way in one.visit.ways if way.flow.condition) for one in _homes(details)]
        assert [(way.reads["house"], way.reads["found"], way.taken) for way in ways] == [
            ("east", "yes", False),
            ("west", "no", True),
            ("third", "yes", False),
        ]
        assert not any(way.is_doubtful for way in ways)
        answered = [one.moment.number for one in of(details, e.UserTaskCompleted, "visit")]
        assert [way.origins["found"] for way in ways] == answered


def _homes(details: list[Detail]) -> list[Any]:
    return of(details, e.ElementCompleted, "home")


def test_what_a_message_began_is_told_so_and_no_form_is_shown_that_nobody_saw(make_world: MakeWorld) -> None:
    world = make_world(tours("false"), form__visit=VISIT)
    actor = world.actor("ann.east")
    answer = world.platform.run(
        lambda uow: correlate_message(uow, "letter", (), {"note": "x"}, "r-1"), actor, world.now
    )
    by_hand = world.start()

    with told(world, answer["instance"]) as details:
        assert details[0].form is None
        assert "A message began it" in details[0].reasons[0]
        assert len(of(details, e.ElementCompleted, "by_letter")) == 1
    with told(world, by_hand) as details:
        assert details[0].form is not None
        assert "A message began it" not in details[0].reasons[0]


WATCHED = process(
    "review",
    '<startEvent id="begin"/>'
    + user_task("check")
    + '<boundaryEvent id="late" name="逾期" attachedToRef="check" cancelActivity="{}"><timerEventDefinition>'
    "<timeDate>=add working days(today(), profile.days_max)</timeDate></timerEventDefinition></boundaryEvent>"
    '<endEvent id="done"/><endEvent id="over"/>'
    + flow(1, "begin", "check")
    + flow(2, "check", "done")
    + flow(3, "late", "over"),
).decode()
PROFILE = (
    '[days_max]\ntype = "integer"\nvalue = 5\nlabel = "最长天数"\nlabel_en = "Days at most"\nsource = "规定第9条"\n'
)


@pytest.mark.parametrize(("breaks", "said"), [("true", "breaks that off"), ("false", "which goes on")])
def test_a_timer_says_what_it_watches_and_on_which_parameter_it_rests(
    make_world: MakeWorld, breaks: str, said: str
) -> None:
    main = WATCHED.replace('cancelActivity="{}"', f'cancelActivity="{breaks}"').encode()
    world = make_world(main, profile__review=PROFILE.encode())
    case = world.start()

    with told(world, case) as details:
        (timer,) = of(details, e.TimerScheduled, "late")
        reasons = " ".join(timer.reasons)
        assert "“check”" in reasons
        assert said in reasons
        assert "“Days at most” is 5 here" in reasons
        assert "规定第9条" in reasons
        (task,) = of(details, e.UserTaskCreated, "check")
        assert "attached to" not in " ".join(task.reasons)


@pytest.mark.parametrize(("answer", "said"), [("forward", "同意"), ("back", "退回")])
def test_a_row_of_a_table_is_told_in_the_words_of_its_form(make_world: MakeWorld, answer: str, said: str) -> None:
    world = make_world(WITH_TABLE, decision__rule=TABLE)
    case = world.start()
    world.complete(case, "check", outcome=answer)

    with projected(world, case) as projector:
        teller = projector.teller
        (ruling,) = projector.explainer.visits("rule_it")
        (row,) = ruling.rows
        (column, text) = row.tests[0]
        assert teller.cell(row, column, text) == said
        assert teller.cell(row, column, '"forward","back"') == "同意,退回"
        assert teller.cell(row, column, "not(null)") == "not((nothing))"
        for own in ("> 5", '"别的"', '"no_such_answer"', '"forward","no_such_answer"'):
            assert teller.cell(row, column, own) == "", "its own words will do"
        assert teller.cell(row, "no such column", '"forward"') == ""
