"""Random walks through nets whose branches talk: game and engine agree on all that waits after every step."""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest

from engine.definition.bpmn import read_diagram
from engine.runtime import interpreter as runtime
from engine.runtime.compiled import ProcessDefinition, assemble
from engine.runtime.surroundings import Surroundings
from tests.runtime.cases import MORNING
from tests.runtime.drawing import Drawing
from tests.runtime.talking_game import SIGNALS, TalkingGame, TalkingNet, Unbounded, talking

SEED = int(os.environ.get("SHANGMEN_SEED", "20260923"))
STEPS = 25
AROUND = Surroundings("k", MORNING)
Act = Callable[[bytes], runtime.Step]


def agree(definition: ProcessDefinition, step: runtime.Step, game: TalkingGame) -> None:
    waits = runtime.waits(definition, step.state)
    assert sorted(waits.tasks.values()) == game.open()
    assert sorted(waits.messages.values()) == game.messages()
    assert sorted(waits.awaited.values()) == game.listeners()
    assert step.ended == game.over


def act(
    definition: ProcessDefinition, state: bytes, game: TalkingGame, net: TalkingNet, dice: random.Random
) -> Act | None:
    """Something that somebody does, in the game and as an act of the engine; None when nothing can be done."""
    answers, waits = net.choices(dice), runtime.waits(definition, state)
    acts = [*(("task", name) for name in game.open()), *(("message", name) for name in game.messages())]
    acts += [("signal", name) for name in SIGNALS if name in {net.about[node] for node in game.listeners()}]
    if not acts:
        return None
    kind, name = dice.choice(acts)
    if kind == "task":
        task = next(task for task, found in waits.tasks.items() if found == name)
        game.complete(name, answers)
        return lambda state: runtime.complete_task(definition, state, task, answers, AROUND)
    if kind == "message":
        wait = next(wait for wait, found in waits.messages.items() if found == name)
        game.tell(name, answers)
        return lambda state: runtime.receive_message(definition, state, wait, answers, AROUND)
    game.give(name, answers)
    return lambda state: runtime.receive_signal(definition, state, name, answers, AROUND, "sent")


def walk(
    net: TalkingNet, definition: ProcessDefinition, dice: random.Random, play: type[TalkingGame] = TalkingGame
) -> int:
    """One path; the number of steps. Raises ``AssertionError`` where game and engine disagree."""
    choices = net.choices(dice)
    try:
        game = play(net, choices)
    except Unbounded:
        return 0
    step = runtime.start(definition, AROUND, choices)
    acts: list[Act] = []
    events = list(step.events)
    for _ in range(STEPS):
        agree(definition, step, game)
        try:
            done = act(definition, step.state, game, net, dice)
        except Unbounded:
            break
        if done is None:
            break
        step = done(step.state)
        acts.append(done)
        events += step.events
    again = runtime.start(definition, AROUND, choices)
    told = list(again.events)
    for done in acts:
        again = done(again.state)
        told += again.events
    assert (again.state, told) == (step.state, events)
    return len(acts)


def compiled(net: TalkingNet) -> ProcessDefinition:
    return assemble("p", {"p": read_diagram(Drawing(net.drawing()).xml())}, {}, {})


def walks(count: int, paths: int, seed: int, play: type[TalkingGame] = TalkingGame) -> int:
    """Steps taken."""
    steps = 0
    for number in range(count):
        net = talking(random.Random(f"{seed}/{number}"))
        definition = compiled(net)
        for path in range(paths):
            try:
                steps += walk(net, definition, random.Random(f"{seed}/{number}/{path}"), play)
            except AssertionError as error:
                raise AssertionError(f"seed {seed}, net {number}, path {path}: {error}\n{net.drawing()}") from error
    return steps


def test_walks_with_messages_and_signals_agree_with_the_token_game() -> None:
    steps = walks(40, 3, SEED)
    print(f"seed {SEED}: {steps} steps")
    assert steps > 100


@pytest.mark.slow
def test_many_walks_with_messages_and_signals_agree_with_the_token_game() -> None:
    count = int(os.environ.get("SHANGMEN_WALKS", "120"))
    print(f"seed {SEED}: {walks(count, 20, SEED + 2)} steps")


class Loud(TalkingGame):
    """A game in which a message reaches everybody, as a signal does."""

    def message(self, name: str) -> bool:
        found = False
        while super().message(name):
            found = True
        return found


class Deaf(TalkingGame):
    """A game in which boundary events hear nothing."""

    def signal(self, name: str) -> None:
        kept = [ear for ear in self.ears if ear.host]
        self.ears = [ear for ear in self.ears if not ear.host]
        super().signal(name)
        self.ears += kept


@pytest.mark.parametrize("wrong", [Loud, Deaf])
def test_a_game_with_another_rule_is_noticed(wrong: type[TalkingGame]) -> None:
    with pytest.raises(AssertionError):
        walks(40, 3, SEED, wrong)
