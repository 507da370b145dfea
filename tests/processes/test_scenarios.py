"""Every scenario of every procedure, on both databases and on a pretended case; and stories that are not so fail."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from engine.connectors.registry import connectors
from engine.definition.bundle import read_folder
from engine.errors import Rejected
from engine.history import events as e
from engine.history.facts import Fact
from engine.queries.people import everybody
from engine.queries.reexecution import Past, case_ids, re_execute
from engine.queries.verify import verify
from engine.runtime.interpreter import compile_definition
from engine.scenarios.ground import ScenarioFailed
from engine.scenarios.player import Play, Stage, play
from engine.scenarios.pretended_case import PretendedCase
from engine.scenarios.pretended_world import World, world_of
from engine.scenarios.script import Expectation, Scenario, StepScript, read_scenario
from engine.scenarios.seed import procedure_folders, read_scenarios, set_the_stage
from engine.store.database import open_database
from engine.store.reading import facts_of
from engine.store.run import Platform
from tests.conftest import new_postgres_database
from tests.processes.drawing import PROCESSES, ROOT

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SCENARIOS = {story.key: story for folder in procedure_folders(PROCESSES) for story in read_scenarios(folder)}
BUNDLES = {folder.name: read_folder(folder, ROOT / "forms" / "library") for folder in procedure_folders(PROCESSES)}
SHORT = "not_severe"

Player = Callable[..., object]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def platform(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Organisations, people and procedures of the demonstration, once for each kind of database."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("stage") / "stage.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        database = open_database(f"sqlite:///{path}")
    else:
        server, template = request.getfixturevalue("postgres_server"), request.getfixturevalue("postgres_template")
        database = new_postgres_database(server, template)
    found = Platform(database)
    set_the_stage(found, PROCESSES, ROOT / "forms" / "library", LONG_AGO)
    yield found
    database.close()


@pytest.fixture
def tell_story(platform: Platform, tmp_path: Path) -> Player:
    """Play a scenario, perhaps on a stage of one's own."""
    known = connectors(tmp_path)
    return lambda story, stage=None: play(platform, known, story, stage)


def changed(story: Scenario, task: str, **changes: object) -> Scenario:
    """The story with the first step of a task told otherwise."""
    number = next(n for n, step in enumerate(story.steps) if step.task == task)
    steps = list(story.steps)
    steps[number] = replace(steps[number], **changes)
    return replace(story, steps=tuple(steps))


def test_a_relative_who_was_not_declared_is_not_refused(tell_story: Player) -> None:
    story = SCENARIOS["relative_keeps_away"]
    told = next(step for step in story.steps if step.task == "complete_application")
    answers = {key: value for key, value in told.answers.items() if key != "relatives_on_staff"}

    with pytest.raises(ScenarioFailed, match="accepted"):
        tell_story(changed(story, "complete_application", answers=answers))


@pytest.fixture(scope="module")
def world(platform: Platform) -> World:
    """What a pretended case knows of the organisations."""
    with platform.database.read() as connection:
        return world_of(connection, platform.known, {story.tenant for story in SCENARIOS.values()})


def told(facts: Iterable[Fact]) -> list[tuple[str, str, object, object]]:
    """What happened, without what only a database knows: ids, people, seals."""
    return [
        (type(f.event).__name__, getattr(f.event, "element", ""), f.at, getattr(f.event, "due_at", None))
        for f in facts
        if not isinstance(f.event, e.FileAttached | e.PaperIssued)
    ]


@pytest.mark.parametrize("key", SCENARIOS)
def test_the_story_comes_true_and_a_pretended_case_goes_the_same_way(
    tell_story: Player, platform: Platform, world: World, key: str
) -> None:
    story, bundle = SCENARIOS[key], BUNDLES[SCENARIOS[key].procedure]
    pretended = PretendedCase(compile_definition(bundle.manifest["process"], bundle.resources), world, story.names)
    Play(pretended, story, Stage()).run()

    played = tell_story(story)

    with platform.database.read() as connection:
        facts = list(facts_of(connection, f"case:{played.instance}"))  # type: ignore[attr-defined]
    assert told(facts) == told(pretended.facts)


def test_another_end_is_noticed(tell_story: Player) -> None:
    with pytest.raises(ScenarioFailed, match="expected the end archived, found not_eligible"):
        tell_story(replace(SCENARIOS[SHORT], outcome="archived"))


def test_another_due_date_is_noticed(tell_story: Player) -> None:
    wrong = Expectation(due={"township_review": date(2026, 9, 12)})
    with pytest.raises(ScenarioFailed, match="township_review to be due on 2026-09-12, found 2026-09-11"):
        tell_story(changed(SCENARIOS[SHORT], "village_opinion", expect=wrong))


def test_another_open_task_is_noticed(tell_story: Player) -> None:
    with pytest.raises(ScenarioFailed, match="expected the open tasks"):
        tell_story(changed(SCENARIOS[SHORT], "village_opinion", expect=Expectation(open=("plan_visit",))))


def test_another_value_is_noticed(tell_story: Player) -> None:
    with pytest.raises(ScenarioFailed, match="expected review_mode to be 'home', found 'not_eligible'"):
        tell_story(changed(SCENARIOS[SHORT], "township_review", expect=Expectation(vars={"review_mode": "home"})))


def test_a_wrong_identity_number_stops_the_story(tell_story: Player) -> None:
    step = next(step for step in SCENARIOS[SHORT].steps if step.task == "complete_application")
    wrong = {**step.answers, "resident_id": "110105194912310021"}
    with pytest.raises(ScenarioFailed, match="was refused: resident_id"):
        tell_story(changed(SCENARIOS[SHORT], "complete_application", answers=wrong))


def test_a_refusal_that_does_not_come_is_noticed(tell_story: Player) -> None:
    with pytest.raises(ScenarioFailed, match="but it was accepted"):
        tell_story(changed(SCENARIOS[SHORT], "village_opinion", refused="anything"))


def test_a_task_before_its_turn_stops_the_story(tell_story: Player) -> None:
    story = SCENARIOS[SHORT]
    early = StepScript(at=story.start.at + timedelta(minutes=5), task="county_decision", answers={})
    with pytest.raises(ScenarioFailed, match="county_decision is not waiting"):
        tell_story(replace(story, steps=(early, *story.steps)))


def test_one_doctor_signing_twice_is_refused_and_without_the_refusal_it_is_a_failure(tell_story: Player) -> None:
    with pytest.raises(ScenarioFailed, match="重度结论由两名医生签名"):
        tell_story(changed(SCENARIOS["one_doctor_two_signatures"], "second_signature", refused=""))


def test_who_reviewed_as_a_deputy_and_checked_as_well_is_a_failure(tell_story: Player) -> None:
    story = SCENARIOS["deputy_reviews"]
    steps = tuple(replace(step, refused="") if step.task == "county_review" else step for step in story.steps)
    with pytest.raises(ScenarioFailed, match="两级审核由不同的人办理"):
        tell_story(replace(story, steps=steps))


def test_the_history_of_the_story_says_for_whom_the_deputy_reviewed(tell_story: Player, platform: Platform) -> None:
    played = tell_story(SCENARIOS["deputy_reviews"])
    with platform.database.read() as connection:
        facts = list(facts_of(connection, f"case:{played.instance}"))  # type: ignore[attr-defined]
        names = {person.id: person.login for person in everybody(connection)}
    acted = {(names.get(fact.actor), names[fact.on_behalf_of]) for fact in facts if fact.on_behalf_of}
    assert acted == {("dong.hao", "luo.ping")}


def test_a_play_stops_where_the_story_goes_beyond_today(tell_story: Player, platform: Platform) -> None:
    story = SCENARIOS["golden_path_september"]
    played = tell_story(story, Stage(until=story.start.at + timedelta(days=3)))
    assert 0 < played.steps < len(story.steps)  # type: ignore[attr-defined]


def test_the_same_story_is_told_for_another_person_in_another_county(tell_story: Player) -> None:
    other = {"applicant_name": "吴秀兰", "resident_id": "410899194502041022", "institution": "410823-h1"}
    tell_story(SCENARIOS["golden_path_september"], Stage("410823104201", other))


def test_after_all_stories_every_seal_holds(platform: Platform) -> None:
    with platform.database.read() as connection:
        assert [str(finding) for finding in verify(connection).findings] == []


def test_every_story_run_again_through_its_definitions_gives_the_same_events(platform: Platform) -> None:
    with platform.database.read() as connection:
        past = Past(connection)
        found = {number: re_execute(connection, platform.known, case, past) for case, number in case_ids(connection)}

    assert {number: str(one.difference) for number, one in found.items() if one.difference} == {}
    assert sum(one.commands for one in found.values()) > 300


def test_a_file_that_says_nothing_is_refused() -> None:
    with pytest.raises(Rejected, match="cannot be read"):
        read_scenario("empty", b"")
