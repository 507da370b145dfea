"""Dry runs: a broken draft breaks stories, gaps are named. (``test_scenarios`` holds them to the platform.)"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.definition.bundle import read_folder
from engine.definition.overlay import lay_over
from engine.runtime.interpreter import ProcessDefinition, compile_definition
from engine.scenarios.dry_run import Unreached, tell_story
from engine.scenarios.ground import ScenarioFailed
from engine.scenarios.player import Play, Stage
from engine.scenarios.pretended_case import PretendedCase
from engine.scenarios.script import Scenario
from engine.scenarios.seed import procedure_folders, read_scenarios, set_the_stage
from engine.scenarios.staging import Theatre, theatre_for
from engine.scenarios.told import forget
from engine.scenarios.verdicts import rehearse
from engine.store.database import open_database
from engine.store.known import find_tenant
from engine.store.run import Platform
from tests.floor.mutations import mutation
from tests.processes.drawing import PROCESSES, ROOT

FORMS = ROOT / "forms" / "library"
BUNDLES = {folder.name: read_folder(folder, FORMS) for folder in procedure_folders(PROCESSES)}
SCENARIOS = {story.key: story for folder in procedure_folders(PROCESSES) for story in read_scenarios(folder)}
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
def theatre(platform: Platform) -> Theatre:
    with platform.database.read() as connection:
        nation = find_tenant(connection, "cn")
        assert nation is not None
        return theatre_for(connection, platform.known, nation, SCENARIOS.values())


def test_a_pretended_deputy_is_bound_by_days_and_duties_as_on_the_platform(theatre: Theatre) -> None:
    story, definition = SCENARIOS["deputy_reviews"], definition_of(MAIN)
    steps = {
        "unnamed": tuple(step for step in story.steps if not step.deputy),
        "over": tuple(replace(step, until=step.at.date()) if step.deputy else step for step in story.steps),
        "duty": tuple(replace(step, refused="") if step.task == "county_review" else step for step in story.steps),
    }
    said = {"unnamed": "no such case", "over": "no such case", "duty": "两级审核由不同的人办理"}
    for key, told_so in steps.items():
        with pytest.raises(ScenarioFailed, match=said[key]):
            Play(PretendedCase(definition, theatre.world), replace(story, steps=told_so), Stage()).run()

    case = PretendedCase(definition, theatre.world)
    Play(case, story, Stage()).run()
    acted = {(fact.actor, fact.on_behalf_of.partition("@")[0]) for fact in case.facts if fact.on_behalf_of}
    assert acted == {("dong.hao", "township_reviewer:1")}


def files_of(procedure: str, *leaving_out: str) -> dict[str, bytes]:
    """The stories of a procedure as published."""
    found = BUNDLES[procedure].resources.items()
    return {key: content for (kind, key), content in found if kind == "scenario" and key not in leaving_out}


def test_every_story_is_right_and_the_gaps_are_named(theatre: Theatre) -> None:
    resources = lay_over({}, BUNDLES[MAIN].resources)
    deaths = ("death_during_posting", "death_while_deferred")
    all_stories, fewer = files_of(MAIN), files_of(MAIN, *deaths)

    whole = rehearse(MAIN, resources, resources, all_stories, all_stories, theatre)
    less = rehearse(MAIN, resources, resources, fewer, all_stories, theatre)

    assert {verdict.state for verdict in whole.verdicts} == {"same"}
    assert (whole.wrong, whole.unreached) == (0, ())
    assert Unreached(MAIN, "died", "申请人死亡", False) in less.unreached
    assert [verdict.key for verdict in less.verdicts if verdict.state == "gone"] == [*deaths]


def test_a_draft_that_changes_a_story_says_what_is_different(theatre: Theatre) -> None:
    before = lay_over({}, BUNDLES[MAIN].resources)
    profile = before["profile", MAIN]
    shorter = profile.replace(b"value = 10, unit", b"value = 7, unit", 1)
    assert shorter != profile
    stories = {"golden_path_september": files_of(MAIN)["golden_path_september"]}

    found = rehearse(MAIN, {**before, ("profile", MAIN): shorter}, before, stories, stories, theatre)

    verdict = found.verdicts[0]
    assert verdict.state == "changed"
    assert any("was due on" in difference.template for difference in verdict.differences)


def test_a_story_that_cannot_be_read_is_said_to_be_so(theatre: Theatre) -> None:
    resources = lay_over({}, BUNDLES[MAIN].resources)

    found = rehearse(MAIN, resources, {}, {"broken": b"title = 3"}, {}, theatre)

    assert found.wrong == 1
    assert found.unreadable[0][0] == "broken"


def test_a_step_that_nobody_tells_of_stops_the_story_there(theatre: Theatre) -> None:
    flow = b'<bpmn:sequenceFlow id="flow_extra_begun__extra_done" sourceRef="extra_begun" targetRef="extra_done" />'
    by_the_city = (
        '<bpmn:userTask id="look" name="市级复审" sm:role="city_supervisor" sm:level="city" sm:form="feedback"/>'
        '<bpmn:sequenceFlow id="to_look" sourceRef="extra_begun" targetRef="look"/>'
        '<bpmn:sequenceFlow id="from_look" sourceRef="look" targetRef="extra_done"/>'
    )
    draft = definition_of(MAIN, extra_review=(flow, by_the_city.encode()))

    found = tell_story(draft, SCENARIOS["golden_path_september"], theatre)

    assert not found.is_right
    assert [passage.element for passage in found.passages if passage.done_on is None] == ["look"]


def test_a_story_that_is_no_longer_true_says_where(theatre: Theatre) -> None:
    story = SCENARIOS["golden_path_september"]
    other = replace(story, outcome="rejected")

    right = tell_story(definition_of(MAIN), story, theatre)
    wrong = tell_story(definition_of(MAIN), other, theatre)

    assert right.is_right
    assert right.outcome == "archived"
    assert right.steps_played == right.steps
    assert not wrong.is_right
    assert "expected the end" in wrong.problem
    assert wrong.params["found"] == "archived"


def test_nobody_is_anybody_in_a_dry_run(theatre: Theatre) -> None:
    """A person who may not open a case, or who acts in another role, is refused as on a page."""
    story = SCENARIOS["golden_path_september"]
    stranger: Scenario = replace(story, start=replace(story.start, who="county_leader"))
    steps = list(story.steps)
    steps[0] = replace(steps[0], who="county_clerk")

    assert "roles here do not include it" in str(tell_story(definition_of(MAIN), stranger, theatre).params)
    assert "not yours to see" in str(
        tell_story(definition_of(MAIN), replace(story, steps=tuple(steps)), theatre).params
    )


@pytest.mark.parametrize("unit", ["41", "410823", "410825"])
def test_a_story_from_elsewhere_is_told_at_a_like_unit_of_the_organisation(platform: Platform, unit: str) -> None:
    story = SCENARIOS["golden_path_september"]
    with platform.database.read() as connection:
        tenant = find_tenant(connection, unit)
        assert tenant is not None
        theatre = theatre_for(connection, platform.known, tenant, [story])
    home = theatre.world.tenants[theatre.stage(story).tenant or story.tenant]

    found = tell_story(definition_of(MAIN), story, theatre)

    assert tenant.contains(home.path)
    assert home.level == "village"
    assert (found.problem, found.outcome) == ("", "archived")


def test_what_is_known_of_a_story_is_what_telling_it_again_would_give(theatre: Theatre) -> None:
    """Random changes one after the other, with what is known so far and with nothing known."""
    told = ("golden_path_september", "not_disabled", "late_everywhere")
    stories = {key: content for key, content in files_of(MAIN).items() if key in told}
    drafts = [dict(BUNDLES[MAIN].resources), *(dict(mutation(23, number).files) for number in range(6))]

    def results(files: dict[tuple[str, str], bytes]) -> list[object]:
        return [one.after for one in rehearse(MAIN, files, {}, stories, {}, theatre).verdicts]

    forget()
    known = [results(files) for files in drafts]
    for files, before in zip(drafts, known, strict=True):
        forget()
        assert results(files) == before
    assert len({repr(one) for one in known}) > len(drafts) / 2, "hardly any change mattered"


def test_a_longer_posting_changes_stories_and_breaks_none(theatre: Theatre) -> None:
    before = lay_over({}, BUNDLES[MAIN].resources)
    profile = before["profile", MAIN]
    longer = profile.replace(
        b'posting_days_min = { type = "integer", value = 5', b'posting_days_min = { type = "integer", value = 7'
    )
    assert longer != profile
    stories = files_of(MAIN)

    found = rehearse(MAIN, {**before, ("profile", MAIN): longer}, before, stories, stories, theatre)

    assert [verdict.key for verdict in found.verdicts if verdict.state == "wrong"] == []
    golden = next(verdict for verdict in found.verdicts if verdict.key == "golden_path_september")
    assert golden.state == "changed"
    assert any("due on" in difference.template for difference in golden.differences)


def test_a_pretended_deputy_does_nothing_that_is_done_in_person(theatre: Theatre) -> None:
    story, resources = SCENARIOS["deputy_reviews"], lay_over({}, BUNDLES[MAIN].resources)
    assert Play(PretendedCase(definition_of(MAIN), theatre.world), story, Stage()).run()
    place = ("bundle", MAIN)
    personal = resources[place].replace(b'personal_roles = ["assessor"]', b'personal_roles = ["township_reviewer"]')
    assert personal != resources[place]

    with pytest.raises(ScenarioFailed, match="done in person"):
        Play(
            PretendedCase(compile_definition(MAIN, {**resources, place: personal}), theatre.world), story, Stage()
        ).run()
