"""Recording a story: what is clicked through on a pretended case is a scenario file that comes true."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.commands.answers import evaluator
from engine.errors import Invalid, Rejected
from engine.scenarios.dry_run import tell_story
from engine.scenarios.recorder import (
    STEPS_MAX,
    Recorded,
    first_steps,
    new_story,
    read_answers,
    told_so_far,
    with_end,
    with_step,
)
from engine.scenarios.script import read_scenario
from engine.scenarios.seed import set_the_stage
from engine.scenarios.staging import Theatre, theatre_for
from engine.store.database import open_database
from engine.store.known import find_tenant
from engine.store.run import Platform
from forms.filling import filled_in
from tests.processes.drawing import PROCESSES, ROOT
from tests.processes.test_dry_run import MAIN, SCENARIOS, definition_of

STORY = SCENARIOS["late_everywhere"]


@pytest.fixture(scope="module")
def theatre(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    path = tmp_path_factory.mktemp("stage") / "stage.sqlite"
    shutil.copy(sqlite_template, path)
    found = Platform(open_database(f"sqlite:///{path}"))
    set_the_stage(found, PROCESSES, ROOT / "forms" / "library", datetime(2020, 1, 1, tzinfo=UTC))
    with found.database.read() as connection:
        nation = find_tenant(connection, "cn")
        assert nation is not None
        yield theatre_for(connection, found.known, nation, [STORY])
    found.database.close()


def begun() -> bytes:
    start = Recorded(STORY.start.at, who=STORY.start.who, answers=STORY.start.answers)
    return new_story("另一个故事", MAIN, STORY.tenant, start)


def test_a_story_clicked_through_comes_true(theatre: Theatre) -> None:
    definition, content = definition_of(MAIN), begun()
    for step in STORY.steps:
        moment = told_so_far(definition, read_scenario("mine", content), theatre)
        assert moment.failed is None
        moment.case.wait(step.at)
        if step.is_waiting:
            content = with_step(content, Recorded(step.at))
            continue
        view = moment.case.case()
        assert view is not None
        task = next(task for task in view.tasks if task.element == step.task)
        key, seen = moment.case.asks(task.id)
        form = definition.forms[key]
        evaluate = evaluator(step.at, theatre.world.calendar, definition.profile)
        raw = filled_in(form, frozenset({task.role}), seen, step.answers, evaluate)
        answers, files = read_answers(moment.case, form, task.role, raw, seen, step.at)
        assert set(files) <= set(step.files), "nobody would have demanded these"
        content = with_step(content, Recorded(step.at, task=step.task, who=step.who, answers=answers, files=files))
    content = with_end(content, "archived", ())

    found = tell_story(definition, read_scenario("mine", content), theatre)

    assert (found.problem, found.outcome, found.steps) == ("", "archived", len(STORY.steps) + 1)


def test_what_a_page_would_refuse_is_not_recorded(theatre: Theatre) -> None:
    definition = definition_of(MAIN)
    moment = told_so_far(definition, read_scenario("mine", begun()), theatre)
    view = moment.case.case()
    assert view is not None
    key, seen = moment.case.asks(view.tasks[0].id)

    with pytest.raises(Invalid) as refused:
        read_answers(
            moment.case, definition.forms[key], view.tasks[0].role, {"contact_result": ["perhaps"]}, seen, moment.at
        )

    assert refused.value.problems[0].field == "contact_result"


def test_a_story_can_be_cut_back_and_told_otherwise(theatre: Theatre) -> None:
    whole = (PROCESSES / MAIN / "scenarios" / "golden_path_september.toml").read_bytes()

    cut = read_scenario("mine", first_steps(whole, 2))
    moment = told_so_far(definition_of(MAIN), cut, theatre)

    assert len(cut.steps) == 2
    assert (cut.outcome, cut.open) == ("", None)
    assert [task.element for task in moment.case.case().tasks] == ["village_opinion"]  # type: ignore[union-attr]
    assert "赵秀兰" in first_steps(whole, 0).decode()
    assert read_scenario("mine", first_steps(whole, 0)).steps == ()


def test_where_a_story_stops_is_told_with_the_case_so_far(theatre: Theatre) -> None:
    wrong = with_step(begun(), Recorded(STORY.steps[0].at, task="county_decision", answers={"county_decision": "x"}))

    moment = told_so_far(definition_of(MAIN), read_scenario("mine", wrong), theatre)

    assert moment.failed is not None
    assert moment.failed.what == "county_decision"
    assert moment.case.case() is not None


def test_a_story_has_an_end_somewhere() -> None:
    step = with_step(begun(), Recorded(STORY.start.at)).removeprefix(begun())
    content = with_step(begun() + step * (STEPS_MAX - 1), Recorded(STORY.start.at))
    assert len(read_scenario("mine", content).steps) == STEPS_MAX

    with pytest.raises(Rejected, match=str(STEPS_MAX)):
        with_step(content, Recorded(STORY.start.at))
    with pytest.raises(Rejected):
        with_step(b"not = [toml", Recorded(STORY.start.at))
