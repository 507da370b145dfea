"""Dry runs: a pretended case goes the way that the platform goes, a broken draft breaks stories, gaps are named."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.connectors.registry import connectors
from engine.definition.bundle import read_folder
from engine.history import events as e
from engine.history.facts import Fact
from engine.runtime.interpreter import ProcessDefinition, compile_definition
from engine.scenarios.dry_run import Unreached, dry_run, tell_story
from engine.scenarios.player import Play, Stage, play
from engine.scenarios.pretended_case import PretendedCase
from engine.scenarios.pretended_world import World, world_of
from engine.scenarios.script import Scenario
from engine.scenarios.seed import procedure_folders, read_scenarios, set_the_stage
from engine.store.database import open_database
from engine.store.reading import facts_of
from engine.store.run import Platform
from tests.processes.drawing import PROCESSES, ROOT

FORMS = ROOT / "forms" / "library"
BUNDLES = {folder.name: read_folder(folder, FORMS) for folder in procedure_folders(PROCESSES)}
SCENARIOS = {story.key: story for folder in procedure_folders(PROCESSES) for story in read_scenarios(folder)}
BESIDE = (e.FileAttached, e.PaperIssued)
MAIN = "disability_assessment"


def definition_of(procedure: str, **changed: tuple[bytes, bytes]) -> ProcessDefinition:
    """A procedure's definition; ``changed``: process → (what to replace, by what)."""
    bundle = BUNDLES[procedure]
    resources = dict(bundle.resources)
    for key, (old, new) in changed.items():
        assert old in resources["process", key]
        resources["process", key] = resources["process", key].replace(old, new)
    return compile_definition(bundle.manifest["process"], resources)


@pytest.fixture(scope="module")
def platform(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    path = tmp_path_factory.mktemp("stage") / "stage.sqlite"
    shutil.copy(sqlite_template, path)
    found = Platform(open_database(f"sqlite:///{path}"))
    set_the_stage(found, PROCESSES, FORMS, datetime(2020, 1, 1, tzinfo=UTC))
    yield found
    found.database.close()


@pytest.fixture(scope="module")
def world(platform: Platform) -> World:
    with platform.database.read() as connection:
        return world_of(connection, platform.known, {story.tenant for story in SCENARIOS.values()})


def told(facts: list[Fact]) -> list[tuple[str, str, object, object]]:
    """What happened, without what only a database knows: ids, people, seals."""
    return [
        (type(f.event).__name__, getattr(f.event, "element", ""), f.at, getattr(f.event, "due_at", None))
        for f in facts
        if not isinstance(f.event, BESIDE)
    ]


@pytest.mark.parametrize("key", SCENARIOS)
def test_a_pretended_case_goes_the_way_of_the_platform(
    platform: Platform, world: World, tmp_path: Path, key: str
) -> None:
    story = SCENARIOS[key]
    pretended = PretendedCase(definition_of(story.procedure), world)
    Play(pretended, story, Stage()).run()

    played = play(platform, connectors(tmp_path), story)

    with platform.database.read() as connection:
        assert told(pretended.facts) == told(list(facts_of(connection, f"case:{played.instance}")))


def test_every_story_is_right_and_the_gaps_are_named(world: World) -> None:
    stories = [story for story in SCENARIOS.values() if story.procedure == MAIN]

    whole = dry_run(definition_of(MAIN), stories, world)
    fewer = dry_run(definition_of(MAIN), [story for story in stories if story.key != "death_during_posting"], world)

    assert [story.key for story in whole.stories if not story.is_right] == []
    died = Unreached(MAIN, "died", "申请人死亡", False)
    assert whole.unreached == ()
    assert died in fewer.unreached


def test_a_step_that_nobody_tells_of_stops_the_story_there(world: World) -> None:
    flow = b'<bpmn:sequenceFlow id="flow_extra_begun__extra_done" sourceRef="extra_begun" targetRef="extra_done" />'
    by_the_city = (
        '<bpmn:userTask id="look" name="市级复审" sm:role="city_supervisor" sm:level="city" sm:form="feedback"/>'
        '<bpmn:sequenceFlow id="to_look" sourceRef="extra_begun" targetRef="look"/>'
        '<bpmn:sequenceFlow id="from_look" sourceRef="look" targetRef="extra_done"/>'
    )
    draft = definition_of(MAIN, extra_review=(flow, by_the_city.encode()))

    found = tell_story(draft, SCENARIOS["golden_path_september"], world)

    assert not found.is_right
    assert [passage.element for passage in found.passages if passage.done_on is None] == ["look"]


def test_a_story_that_is_no_longer_true_says_where(world: World) -> None:
    story = SCENARIOS["golden_path_september"]
    other = replace(story, outcome="rejected")

    right = tell_story(definition_of(MAIN), story, world)
    wrong = tell_story(definition_of(MAIN), other, world)

    assert right.is_right
    assert right.outcome == "archived"
    assert right.steps_played == right.steps
    assert not wrong.is_right
    assert "expected the end" in wrong.problem
    assert wrong.params["found"] == "archived"


def test_nobody_is_anybody_in_a_dry_run(world: World) -> None:
    """A person who may not open a case, or who acts in another role, is refused as on a page."""
    story = SCENARIOS["golden_path_september"]
    stranger: Scenario = replace(story, start=replace(story.start, who="county_leader"))
    steps = list(story.steps)
    steps[0] = replace(steps[0], who="county_clerk")

    assert "roles here do not include it" in str(tell_story(definition_of(MAIN), stranger, world).params)
    assert "not yours to see" in str(tell_story(definition_of(MAIN), replace(story, steps=tuple(steps)), world).params)
