"""Random changes of the national diagrams: what breaks a rule in execution is refused, and nothing else is.

``SHANGMEN_MUTATIONS`` says how many (200 take some minutes), ``SHANGMEN_SEED`` repeats a run.
"""

from __future__ import annotations

import os
import random
import tomllib
from functools import cache
from typing import Any

import pytest

from engine.definition.floor.check import _ask, floor_of, read_floor, subject_of
from engine.definition.floor.composed import TooLarge
from engine.errors import ShangmenError
from tests.floor.drafts import B, Drawn, Files, draft, drawn, national, profile
from tests.floor.simulation import ORDER, Simulation, TooMany

MAIN = "disability_assessment"
COUNT = int(os.environ.get("SHANGMEN_MUTATIONS", "12"))
SEED = int(os.environ.get("SHANGMEN_SEED", "3"))
UNCHANGED = ("extra_review", "appointment")
"""Parts in which the nation does nothing, or that it does not call."""
STEPS = ("userTask", "serviceTask", "scriptTask", "businessRuleTask", "callActivity", "intermediateCatchEvent")
BOUNDS = {"posting_days_min": (5, None), "county_review_days_max": (None, 10), "objection_days": (10, None)}
STATES_MAX = 60_000


def steps(drawing: Drawn) -> list[str]:
    """The steps with one way in and one way out."""
    found = [one.get("id") for kind in STEPS for one in drawing.root.iter(B + kind)]
    return [key for key in found if len(drawing.out(key)) == 1 and drawing.into(key)]


def remove(dice: random.Random, drawing: Drawn) -> str:
    key = dice.choice(steps(drawing))
    drawing.remove(key)
    return f"without {key}"


def bypass(dice: random.Random, drawing: Drawn) -> str:
    key = dice.choice(steps(drawing))
    while (
        drawing.out(drawing.into(key)[0].get("sourceRef"))
        and drawing.node(drawing.into(key)[0].get("sourceRef")).tag == f"{B}eventBasedGateway"
    ):
        key = dice.choice(steps(drawing))
    said = dice.choice(
        ['review_mode = "central"', 'visit_result = "person_met"', 'county_decision = "approve"', "true"]
    )
    drawing.around(key, said)
    return f"past {key} if {said}"


def reorder(dice: random.Random, drawing: Drawn) -> str:
    pairs = [(key, drawing.out(key)[0].get("targetRef")) for key in steps(drawing)]
    pairs = [(one, two) for one, two in pairs if two in steps(drawing) and len(drawing.into(two)) == 1]
    if not pairs:
        return remove(dice, drawing)
    first, second = dice.choice(pairs)
    drawing.swap(first, second)
    return f"{second} before {first}"


def retarget(dice: random.Random, drawing: Drawn) -> str:
    flow = dice.choice(list(drawing.root.iter(B + "sequenceFlow")))
    scope = flow.getparent()
    others = [one.get("id") for kind in (*STEPS, "endEvent") for one in scope.iterfind(B + kind)]
    target = dice.choice([one for one in others if one != flow.get("sourceRef")])
    was = flow.get("targetRef")
    if drawing.node(flow.get("sourceRef")).tag != f"{B}eventBasedGateway" and len(drawing.into(was)) > 1:
        flow.set("targetRef", target)
        return f"{flow.get('id')} to {target}"
    return bypass(dice, drawing)


def mutation(number: int) -> tuple[str, Files, tuple[str, int] | None]:
    """What was changed, the files, and the parameter if it was one."""
    dice = random.Random(f"{SEED} {number}")
    if dice.random() < 0.12:
        key = dice.choice(list(BOUNDS))
        value = dice.randint(3, 15)
        return f"{key} = {value}", draft(profile(key, value=value, min=1, max=30)), (key, value)
    key = dice.choice([k for kind, k in national().resources if kind == "process" and k not in UNCHANGED])
    told: list[str] = []
    change = dice.choice([remove, bypass, reorder, retarget])
    return f"{key}: ", draft(drawn(key, lambda d: told.append(change(dice, d)))), (told[0], -1)


@cache
def rules() -> tuple[Any, ...]:
    floor = floor_of(national().resources)
    assert floor is not None
    return tuple(read_floor(floor)), tuple(tomllib.loads(floor.decode())["rule"])


def judged(files: Files) -> tuple[set[int], bool]:
    """The numbers (in the file) of the rules about order that the floor finds broken, and whether it finds it sound."""
    subject = subject_of(MAIN, files, rules()[0])
    found = {n for n, rule in enumerate(rules()[0]) if rule.kind in ORDER and _ask(rule, subject)}
    sound = next(rule for rule in rules()[0] if rule.kind == "sound")
    return found, not _ask(sound, subject)


@pytest.mark.parametrize("number", range(COUNT))
def test_a_mutation_is_refused_exactly_when_a_run_breaks_a_rule(number: int) -> None:
    what, files, parameter = mutation(number)
    print(f"SHANGMEN_SEED={SEED} number {number}: {what}{parameter}")
    if parameter is not None and parameter[1] >= 0:
        key, value = parameter
        low, high = BOUNDS[key]
        lawful = (low is None or value >= low) and (high is None or value <= high)
        subject = subject_of(MAIN, files, rules()[0])
        assert lawful is all(not _ask(r, subject) for r in rules()[0] if r.is_error and r.kind != "unchecked")
        return
    try:
        simulated = Simulation(MAIN, files, list(rules()[1])).play(STATES_MAX)
    except TooMany:
        with pytest.raises(TooLarge):
            judged(files)
        return
    try:
        found, sound = judged(files)
    except ShangmenError as refusal:
        pytest.fail(f"refused as too large though it has {simulated.states} states: {refusal}")

    assert found == simulated.broken
    assert sound is simulated.sound
