"""What a step costs does not grow with the age of a case: counted in calls, so that no noise can hide it."""

from __future__ import annotations

import cProfile
import pstats

from benchmarks.step_cost import AROUND, FORM, our_step, ours
from engine.runtime import interpreter as runtime
from engine.runtime.compiled import ProcessDefinition


def calls(definition: ProcessDefinition, state: bytes) -> tuple[int, bytes]:
    """Function calls of ten steps (one round of the process), and where they lead."""
    profile = cProfile.Profile()
    profile.enable()
    for n in range(10):
        state = our_step(definition, state, n)
    profile.disable()
    return pstats.Stats(profile).total_calls, state  # type: ignore[attr-defined]


def test_a_step_of_an_old_case_costs_what_a_step_of_a_young_one_costs() -> None:
    definition = ours()
    state = runtime.start(definition, AROUND, FORM).state
    for n in range(10):
        state = our_step(definition, state, n)
    young, state = calls(definition, state)
    for n in range(280):
        state = our_step(definition, state, n)
    old, state = calls(definition, state)
    assert old <= 1.3 * young
    assert len(state) <= 8_000
