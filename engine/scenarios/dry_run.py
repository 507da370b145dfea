"""Dry runs: every story of a procedure played on a draft, and what the stories reach of its diagrams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from engine.errors import ShangmenError
from engine.history import events as e
from engine.history.facts import Fact
from engine.runtime.interpreter import ProcessDefinition
from engine.scenarios.ground import ScenarioFailed
from engine.scenarios.player import Play, Stage
from engine.scenarios.pretended_case import PretendedCase
from engine.scenarios.script import ZONE, Scenario
from engine.scenarios.staging import Theatre

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
    due_on: date | None
    done_on: date | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that goes otherwise, as a sentence over ``params``."""

    template: str
    params: Mapping[str, Any]


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
    slipped: Difference | None = None
    """What was otherwise than the story says, where it comes to its end all the same when people wait for it."""
    stopped_at: str = ""
    """The task or message of the step that went wrong, "" where only time passed."""
    used: frozenset[tuple[str, str]] = frozenset()
    """The diagrams and forms that it came by, as (kind, key): nothing in any other could have changed it."""

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


def tell_story(definition: ProcessDefinition, scenario: Scenario, theatre: Theatre) -> StoryResult:
    """Play one story on a pretended case.

    A story that is wrong in its days alone (a longer posting, another due date) is told again by people who wait;
    if it then comes to its end it is right, and ``slipped`` says what was otherwise.
    """
    stage = theatre.stage(scenario)
    strict = _tell(definition, scenario, theatre, stage)
    if strict.is_right:
        return strict
    patient = _tell(definition, scenario, theatre, replace(stage, patient=True))
    if not patient.is_right:
        return replace(strict, used=strict.used | patient.used)
    slipped = Difference(strict.problem, strict.params)
    return replace(patient, slipped=slipped, used=strict.used | patient.used)


def _tell(definition: ProcessDefinition, scenario: Scenario, theatre: Theatre, stage: Stage) -> StoryResult:
    ground = PretendedCase(definition, theatre.world, scenario.names)
    play = Play(ground, scenario, stage)
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
        stopped_at=stopped_at,
        used=frozenset(ground.used),
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
            due = new.due_at.astimezone(ZONE).date() if new.due_at else None
            yield Passage(new.element, new.process, new.name, new.role, created, due, done.get(new.task))


def _reached(facts: list[Fact]) -> Iterable[Place]:
    for fact in facts:
        event = fact.event
        if isinstance(event, e.AtElement):
            yield event.process, event.element
            if event.via:
                yield event.process, event.via
        if isinstance(event, e.ElementCompleted):
            yield from ((event.process, flow) for flow in event.joined)


def unreached(definition: ProcessDefinition, reached: frozenset[Place]) -> Iterable[Unreached]:
    """Elements and flows of what a case can get to that are not among ``reached``.

    A process that nothing calls is a part for others to call; it is no gap here.
    """
    called, ahead = {definition.main}, [definition.main]
    while ahead:
        found = set(definition.processes[ahead.pop()].called_processes()) & set(definition.processes) - called
        called |= found
        ahead += found
    for key in sorted(called):
        diagram = definition.processes[key]
        for element in diagram.elements.values():
            if (key, element.id) not in reached:
                yield Unreached(key, element.id, element.name, False)
        for flow in diagram.flows.values():
            if (key, flow.id) not in reached:
                yield Unreached(key, flow.id, flow.name, True)
