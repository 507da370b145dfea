"""Cases saved by released versions are loaded and continued: the format of a state only grows.

``tests/runtime/golden/*.json`` were written by the version that first had the format; never write them anew.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.errors import Corrupt
from engine.runtime import interpreter as runtime
from engine.runtime.surroundings import Surroundings
from tests.runtime.cases import MORNING, define

GOLDEN = Path(__file__).parent / "golden"
DRAWING = """
start s
and f
user a
boundary t on a non-interrupting timer R3/P1D
end late
sub box each item in items out got==answer [
start i
user b
boundary m on b message stop
end stopped
end j
i > b > j
m > stopped
]
and j2
xor x
end e
end other
s > f
f > a > j2
f > box > j2
t > late
j2 > x
x > e if ok
x > other default
"""


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.json")), ids=lambda path: path.stem)
def test_a_case_saved_long_ago_goes_on(file: Path) -> None:
    definition = define(DRAWING)
    state = file.read_bytes().strip()
    around = Surroundings("k", MORNING)
    waits = runtime.waits(definition, state)
    assert sorted(waits.tasks.values()) == ["a", "b", "b"]
    assert len(waits.timers) == 1
    assert list(waits.messages.values()) == ["stop", "stop"]
    for task in waits.tasks:
        state = runtime.complete_task(definition, state, task, {"answer": task, "ok": True}, around).state
    assert runtime.waits(definition, state) == runtime.Waits()
    assert json.loads(state)["outcome"][0] == "e"


def test_a_state_of_an_unknown_format_or_of_another_diagram_is_not_guessed_at() -> None:
    definition = define(DRAWING)
    state = json.loads(next(iter(GOLDEN.glob("*.json"))).read_bytes())
    for wrong in ({**state, "format": 99}, {**state, "tokens": [[1, "p/nowhere", 32, 0, None, {}]]}, {}, []):
        with pytest.raises(Corrupt):
            runtime.waits(definition, json.dumps(wrong).encode())
