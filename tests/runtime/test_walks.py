"""Random walks: on generated nets an independent token game and the engine agree on the open tasks after every step.

The state goes through bytes between steps, and every walk is executed a second time from its inputs: the same
events, the same bytes. The seed is printed; SHANGMEN_WALKS=1000 walks as many nets as that.
"""

from __future__ import annotations

import os
import random

import pytest

from engine.definition.bpmn import read_diagram
from engine.errors import Rejected
from engine.history import events as e
from engine.runtime import interpreter as runtime
from engine.runtime.compiled import ProcessDefinition, assemble
from engine.runtime.surroundings import Surroundings
from tests.runtime.cases import MORNING
from tests.runtime.drawing import Drawing
from tests.runtime.token_game import Game, Net, Unbounded, structured, unstructured

SEED = int(os.environ.get("SHANGMEN_SEED", "20260923"))
STEPS = 25


def opened(definition: ProcessDefinition, state: bytes) -> list[str]:
    return sorted(runtime.waits(definition, state).tasks.values())


def walk(net: Net, definition: ProcessDefinition, dice: random.Random) -> int:
    """One path; the number of steps. Raises ``AssertionError`` where game and engine disagree."""
    around = Surroundings("k", MORNING)
    choices = net.choices(dice)
    try:
        game = Game(net, choices)
    except Unbounded:
        return 0
    step = runtime.start(definition, around, choices)
    inputs: list[tuple[str, dict[str, object]]] = []
    events = list(step.events)
    for _ in range(STEPS):
        assert opened(definition, step.state) == game.open(), (inputs, net.drawing())
        assert step.ended == game.over, (inputs, net.drawing())
        if not game.open():
            break
        element = dice.choice(game.open())
        answers = net.choices(dice)
        tasks = runtime.waits(definition, step.state).tasks
        task = dice.choice([t for t, found in tasks.items() if found == element])
        try:
            game.complete(element, answers)
        except Unbounded:
            break
        step = runtime.complete_task(definition, step.state, task, answers, around)
        inputs.append((task, answers))
        events += step.events
    passed = [ev for ev in events if isinstance(ev, e.ElementCompleted | e.UserTaskCreated)]
    flows = {f"{source}_{target}" for source, target in net.flows}
    assert all(ev.via in flows for ev in passed if not ev.element.startswith("start"))
    repeat = runtime.start(definition, around, choices)
    told = list(repeat.events)
    for task, answers in inputs:
        repeat = runtime.complete_task(definition, repeat.state, task, answers, around)
        told += repeat.events
    assert (repeat.state, told) == (step.state, events)
    return len(inputs)


def walks(count: int, paths: int, seed: int) -> tuple[int, int]:
    """Nets walked and steps taken."""
    steps = nets = 0
    for number in range(count):
        dice = random.Random(f"{seed}/{number}")
        net = (structured if number % 2 else unstructured)(dice)
        try:
            definition = assemble("p", {"p": read_diagram(Drawing(net.drawing()).xml())}, {}, {})
        except Rejected as refusal:
            raise AssertionError(f"{refusal}\n{net.drawing()}") from refusal
        nets += 1
        for path in range(paths):
            try:
                steps += walk(net, definition, random.Random(f"{seed}/{number}/{path}"))
            except AssertionError as error:
                raise AssertionError(f"seed {seed}, net {number}, path {path}: {error}") from error
    return nets, steps


def test_walks_agree_with_the_token_game() -> None:
    print(f"seed {SEED}", walks(30, 3, SEED))


@pytest.mark.slow
def test_many_walks_agree_with_the_token_game() -> None:
    count = int(os.environ.get("SHANGMEN_WALKS", "120"))
    print(f"seed {SEED}", walks(count, 20, SEED + 1))


def test_a_game_with_a_join_that_fires_early_would_be_noticed() -> None:
    """The twin: a game that plays a parallel join as if one token were enough disagrees with the engine."""

    class Hasty(Game):
        def step(self, node: str, flow: tuple[str, str] | None, choices: dict[str, object]) -> None:
            kinds = self.net.nodes
            if kinds[node] == "and":
                self.send(self.net.out(node))
            else:
                super().step(node, flow, choices)

    net = Net()
    s, f, a, b, j, t, end = (net.add(k) for k in ("start", "and", "user", "user", "and", "user", "end"))
    net.flows = [(s, f), (f, a), (f, b), (a, j), (b, j), (j, t), (t, end)]
    definition = assemble("p", {"p": read_diagram(Drawing(net.drawing()).xml())}, {}, {})
    step = runtime.start(definition, Surroundings("k", MORNING), {})
    hasty, fair = Hasty(net, {}), Game(net, {})
    for game in (hasty, fair):
        game.complete(a, {})
    task = next(task for task, found in runtime.waits(definition, step.state).tasks.items() if found == a)
    step = runtime.complete_task(definition, step.state, task, {}, Surroundings("k", MORNING))
    assert opened(definition, step.state) == fair.open() != hasty.open()
