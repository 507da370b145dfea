"""Dry runs: every story of a procedure played on a draft, and what the stories reach of its diagrams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.errors import ShangmenError
from engine.history import events as e
from engine.history.facts import Fact
from engine.runtime.interpreter import ProcessDefinition
from engine.scenarios.ground import ScenarioFailed
from engine.scenarios.player import Play, Stage
from engine.scenarios.pretended_case import PretendedCase
from engine.scenarios.pretended_world import World
from engine.scenarios.script import ZONE, Scenario

Place = tuple[str, str]
"""A process and an element or sequence flow of it."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A user task of a story: where, and from when to when (None: still open)."""

    element: str
    process: str
    name: str
    role: str
    created_on: date
    done_on: date | None


@dataclass(frozen=True)
class StoryResult:
    """How a story went. ``problem`` is empty when it did all that it says; ``reached`` is what it passed."""

    key: str
    title: str
    title_en: str
    steps: int
    steps_played: int
    outcome: str
    outcome_name: str
    passages: tuple[Passage, ...]
    reached: frozenset[Place]
    problem: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    stopped_at: str = ""
    """The task or message of the step that went wrong, "" where only time passed."""

    @property
    def is_right(self) -> bool:
        """Whether it did what it says."""
        return not self.problem


@dataclass(frozen=True, slots=True)
class Unreached:
    """An element or a sequence flow that no story passes."""

    process: str
    id: str
    name: str
    is_flow: bool


@dataclass(frozen=True)
class DryRun:
    """All stories on one version, and what none of them reaches."""

    stories: tuple[StoryResult, ...]
    unreached: tuple[Unreached, ...]

    @property
    def wrong(self) -> int:
        """How many stories do not do what they say."""
        return sum(not story.is_right for story in self.stories)


def dry_run(definition: ProcessDefinition, scenarios: Iterable[Scenario], world: World) -> DryRun:
    """Play all stories on a definition. Never raises for a story: what breaks is its result."""
    stories = tuple(tell_story(definition, scenario, world) for scenario in scenarios)
    reached = frozenset[Place]().union(*(story.reached for story in stories))
    return DryRun(stories, tuple(_unreached(definition, reached)))


def tell_story(definition: ProcessDefinition, scenario: Scenario, world: World) -> StoryResult:
    """Play one story on a pretended case."""
    ground = PretendedCase(definition, world)
    play = Play(ground, scenario, Stage())
    problem, params, stopped_at = "", {}, ""
    try:
        play.run()
    except ScenarioFailed as failed:
        problem, params, stopped_at = failed.template, dict(failed.params), failed.what
    except ShangmenError as refused:
        problem, params = refused.template, dict(refused.params)
    ended = next((fact.event for fact in ground.facts if isinstance(fact.event, e.InstanceCompleted)), None)
    return StoryResult(
        scenario.key,
        scenario.title,
        scenario.title_en,
        len(scenario.steps) + 1,
        play.played,
        ended.outcome if ended else "",
        ended.name if ended else "",
        tuple(_passages(ground.facts)),
        frozenset(_reached(ground.facts)),
        problem,
        params,
        stopped_at,
    )


def _passages(facts: list[Fact]) -> Iterable[Passage]:
    done = {
        fact.event.task: fact.at.astimezone(ZONE).date()
        for fact in facts
        if isinstance(fact.event, e.UserTaskCompleted | e.UserTaskCancelled)
    }
    for fact in facts:
        if isinstance(new := fact.event, e.UserTaskCreated):
            created = fact.at.astimezone(ZONE).date()
            yield Passage(new.element, new.process, new.name, new.role, created, done.get(new.task))


def _reached(facts: list[Fact]) -> Iterable[Place]:
    for fact in facts:
        event = fact.event
        if isinstance(event, e.AtElement):
            yield event.process, event.element
            if event.via:
                yield event.process, event.via
        if isinstance(event, e.ElementCompleted):
            yield from ((event.process, flow) for flow in event.joined)


def _unreached(definition: ProcessDefinition, reached: frozenset[Place]) -> Iterable[Unreached]:
    for key, diagram in sorted(definition.processes.items()):
        for element in diagram.elements.values():
            if (key, element.id) not in reached:
                yield Unreached(key, element.id, element.name, False)
        for flow in diagram.flows.values():
            if (key, flow.id) not in reached:
                yield Unreached(key, flow.id, flow.name, True)
