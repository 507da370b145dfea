"""No expression escapes, hangs or grows: every attack ends quickly in a small value or a FEEL error."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from engine.feel import Environment, FeelError, compile_expression, compile_unary_tests
from tests.feel.attacks import (
    ATTACKS,
    BLOW_UPS,
    CHARACTERS,
    DEPTHS,
    ESCAPES,
    NUMBERS,
    PARSES,
    REFUSED,
    Attack,
)

SECONDS_MAX = 10  # processor time of this process: a blow-up takes for ever, a slow machine does not
MEGABYTES_MAX = 64
ROOT = Path(__file__).parents[2]


def outcome(attack: Attack, profile: str) -> Any:
    try:
        return compile_expression(attack.text).evaluate(attack.variables, Environment(profile=profile))
    except FeelError:
        return REFUSED


def test_there_are_more_attacks_than_the_first_suite_had() -> None:
    assert len(ATTACKS) >= 100
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_comes_to_nothing(attack: Attack) -> None:
    started = time.process_time()
    found = outcome(attack, "gateway")
    seconds = time.process_time() - started

    assert seconds < SECONDS_MAX
    if attack.outcome is None:
        assert not found or found == REFUSED or isinstance(found, list | int), found
    if attack.outcome == REFUSED or isinstance(attack.outcome, str | bool):
        assert found == attack.outcome


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_on_a_table_comes_to_nothing(attack: Attack) -> None:
    started = time.process_time()
    outcome(attack, "table")
    seconds = time.process_time() - started

    assert seconds < SECONDS_MAX


@pytest.mark.parametrize("attack", [*ESCAPES, *DEPTHS, *PARSES, *CHARACTERS], ids=lambda attack: attack.name)
def test_an_attack_in_a_cell_comes_to_nothing(attack: Attack) -> None:
    started = time.process_time()
    with suppress(FeelError):
        compile_unary_tests(attack.text).matches(1, attack.variables, Environment(profile="table"))
    seconds = time.process_time() - started

    assert seconds < SECONDS_MAX


@pytest.mark.skipif(sys.platform != "linux", reason="the size of a process is read from /proc, which only Linux has")
def test_all_attacks_together_stay_small() -> None:
    """In a process of its own, so that the largest size it ever had is the attacks'."""
    code = "import tests.feel.test_attacks as suite; print(suite.growth_in_megabytes())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) < MEGABYTES_MAX


def growth_in_megabytes() -> int:
    """How much this process grows while it runs every attack, and as tables those that want to grow."""
    before = _largest_size()
    for attack in ATTACKS:
        outcome(attack, "gateway")
    for attack in (*BLOW_UPS, *NUMBERS, *DEPTHS):
        outcome(attack, "table")
    return (_largest_size() - before) // 1024


def _largest_size() -> int:
    """In kilobytes. Not from getrusage: there a process starts with the size of its parent."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])
