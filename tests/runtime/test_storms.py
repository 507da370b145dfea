"""Random stories on random drawings with everything in them: subprocesses, calls, items, boundaries, handlers, undoing.

No model predicts them; they must keep the invariants that ``Case`` checks after every act: what the events say is
open is what the state waits for, no case hangs without a wait, and everything repeats to the byte.
"""

from __future__ import annotations

import os
import random
from contextlib import suppress

import pytest

from engine.errors import NotFound, Rejected
from engine.history import events as e
from engine.runtime.interpreter import receive_signal
from tests.runtime.cases import Case, define

SEED = int(os.environ.get("SHANGMEN_SEED", "20260923"))


class Sky:
    """Draws one random process; ``lines`` are its drawing."""

    def __init__(self, dice: random.Random) -> None:
        self.dice, self.count, self.lines = dice, 0, []
        self.lines: list[str] = []
        first, last = self.name("start"), self.name("end")
        self.lines += [f"start {first}", f"end {last}"]
        self.flow(self.block(first, 3), last)
        if dice.random() < 0.3:
            self.handler(2)

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def flow(self, a: str, b: str, more: str = "") -> None:
        self.lines.append(f"{a} > {b}{more}")

    def block(self, before: str, depth: int) -> str:
        for _ in range(self.dice.randint(1, 2)):
            kinds = [
                "user",
                "user",
                "script",
                "sub",
                "items",
                "split",
                "choice",
                "race",
                "throw",
                "call",
                "undo",
                "task",
            ]
            before = getattr(self, self.dice.choice(kinds) if depth else "user")(before, depth)
        return before

    def node(self, before: str, kind: str, options: str = "", body: list[str] | None = None) -> str:
        key = self.name(kind)
        self.lines.append(f"{kind} {key} {options}".strip())
        self.flow(before, key)
        return key

    def user(self, before: str, depth: int) -> str:
        key = self.node(before, "user")
        return self.edged(key, depth)

    def task(self, before: str, depth: int) -> str:
        return self.node(before, "task")

    def call(self, before: str, depth: int) -> str:
        return self.edged(self.node(before, "call", self.dice.choice(["inner", "inner each item in items"])), depth)

    def script(self, before: str, depth: int) -> str:
        what = self.dice.choice([f"{{n: n + {self.dice.randint(1, 3)}}}"] * 4 + ["5", "{n: n + flag}", "{flag: true}"])
        return self.node(before, "script", f"do {what}")

    def throw(self, before: str, depth: int) -> str:
        what = self.dice.choice(["signal g", "escalation X", "message m", "escalation Y", "compensate"])
        return self.node(before, "throw", what)

    def items(self, before: str, depth: int) -> str:
        how = self.dice.choice(["each", "one-by-one"])
        done = self.dice.choice(["", " enough nrOfCompletedInstances >= 2", " enough flag"])
        over = self.dice.choice(["items", "items", "items", "flag"])
        return self.edged(self.node(before, "user", f"{how} item in {over} out got==n{done}"), depth)

    def choice(self, before: str, depth: int) -> str:
        split, join = self.node(before, "xor"), self.name("xor")
        self.lines.append(f"xor {join}")
        self.flow(self.block(split, depth - 1), join)
        inside = self.name("task")
        self.lines.append(f"task {inside}")
        self.flow(split, inside, " default")
        self.flow(inside, join)
        first = next(i for i, line in enumerate(self.lines) if line.startswith(f"{split} > ") and "default" not in line)
        self.lines[first] += self.dice.choice([" if modulo(n, 2) = 0"] * 4 + [" if flag"])
        return join

    def split(self, before: str, depth: int) -> str:
        kind = self.dice.choice(["and", "or"])
        split, join = self.node(before, kind), self.name(kind)
        self.lines.append(f"{kind} {join}")
        for _ in range(2):
            self.flow(self.block(split, depth - 1), join)
        if kind == "or":
            ways = [i for i, line in enumerate(self.lines) if line.startswith(f"{split} > ")]
            self.lines[ways[0]] += " if modulo(n, 2) = 0"
            self.lines[ways[1]] += " if n > 1"
            extra = self.name("task")
            self.lines.append(f"task {extra}")
            self.flow(split, extra, " default")
            self.flow(extra, join)
        return join

    def race(self, before: str, depth: int) -> str:
        gate, join = self.node(before, "event"), self.name("xor")
        self.lines.append(f"xor {join}")
        for what in self.dice.sample(["message m", "timer PT1H", "timer P2D", "signal g", "conditional n > 3"], 2):
            key = self.node(gate, "catch", what)
            self.flow(self.block(key, depth - 1), join)
        return join

    def sub(self, before: str, depth: int) -> str:
        kind = self.dice.choice(["sub", "sub", "transaction"])
        key = self.name(kind)
        each = self.dice.choice(["", "", "each item in items "]) if kind == "sub" else ""
        outer, self.lines = self.lines, []
        first, last = self.name("start"), self.name("end")
        self.lines += [f"start {first}"]
        self.flow(self.block(first, depth - 1), last)
        ends = ["", "", "error E", "terminate", "escalation X", "signal g", "message m"]
        self.lines.append(f"end {last} {self.dice.choice([*ends, 'cancel'] if kind == 'transaction' else ends)}")
        if self.dice.random() < 0.3:
            self.handler(depth - 1)
        inner, self.lines = self.lines, outer
        self.lines += [f"{kind} {key} {each}[", *inner, "]"]
        self.flow(before, key)
        if kind == "transaction":
            self.side(key, "cancel", depth)
        return self.edged(key, depth)

    def handler(self, depth: int) -> None:
        key, start, last = self.name("handler"), self.name("start"), self.name("end")
        outer, self.lines = self.lines, []
        how = self.dice.choice(["", "non-interrupting "])
        what = self.dice.choice(["message h", "timer P1D", "signal g", "error E", "escalation X", "conditional n > 5"])
        self.lines += [f"start {start} {'' if what.startswith('error') else how}{what}", f"end {last}"]
        self.flow(self.block(start, 1), last)
        inner, self.lines = self.lines, outer
        self.lines += [f"handler {key} [", *inner, "]"]

    def edged(self, key: str, depth: int) -> str:
        """Perhaps with a boundary event."""
        if self.dice.random() < 0.4:
            what = self.dice.choice(
                [
                    "message m",
                    "message m + timer PT3H",
                    "message m ++ signal g",
                    "timer PT2H",
                    "timer =flag",
                    "conditional flag",
                    "timer R2/PT1H",
                    "signal g",
                    "error E",
                    "escalation X",
                    "conditional n > 4",
                    "error",
                    "escalation",
                ]
            )
            how = "" if what.startswith("error") else self.dice.choice(["", "non-interrupting "])
            self.side(key, how + what, depth)
        return key

    def side(self, key: str, what: str, depth: int) -> None:
        boundary, last = self.name("b"), self.name("end")
        self.lines += [f"boundary {boundary} on {key} {what}", f"end {last}"]
        self.flow(self.block(boundary, min(1, depth - 1)) if depth > 1 else boundary, last)

    def undo(self, before: str, depth: int) -> str:
        key, boundary, handler = self.node(before, "user"), self.name("b"), self.name("x")
        self.lines += [f"boundary {boundary} on {key} compensate by {handler}", f"user {handler} for-compensation"]
        return key


INNER = "start si\nuser ui\nboundary bi on ui timer P3D\nend xi error E\nend ei\nsi > ui > ei\nbi > xi"


def story(seed: str, steps: int) -> int:
    """One random story; the number of acts."""
    dice = random.Random(seed)
    text = "\n".join(Sky(dice).lines)
    try:
        definition = define(text, {"inner": INNER})
    except Rejected as refusal:
        raise AssertionError(f"{refusal}\n{text}") from refusal
    try:
        return _told(definition, dice, steps)
    except Exception as error:
        raise AssertionError(f"seed {seed}: {type(error).__name__} {error}\n{text}") from error


def _told(definition: object, dice: random.Random, steps: int) -> int:
    case = Case(definition, {"n": 0, "items": [1, 2, 3]}, patient=True)  # type: ignore[arg-type]
    number = 0
    while number < steps and not case.ended and some_act(case, dice):
        number += 1
        assert len(case.told(e.InstanceCompleted)) == case.ended
    case.again()
    return number


def some_act(case: Case, dice: random.Random) -> bool:
    """Do anything that the case waits for; false if there is nothing."""
    waits = case.waits
    acts = []
    if waits.tasks:
        acts += [lambda: case.do(dice.choice(list(waits.tasks.values())), **_answers(dice))] * 4
    if waits.messages:
        acts += [lambda: case.tell(dice.choice(list(waits.messages.values())), said=1)]
    if waits.timers:
        acts += [case.fire]
    if waits.incidents:
        acts += [case.retry, _skip(case)]
    if waits.awaited:
        acts += [_alarm(case)]
    if acts:
        dice.choice(acts)()
    return bool(acts)


def _answers(dice: random.Random) -> dict[str, object]:
    """A number, and sometimes the answer that something waits for, or nonsense."""
    flag = {"flag": dice.choice([True, False, None, 7])} if dice.random() < 0.3 else {}
    return {"n": dice.randint(0, 7), **flag}


def _alarm(case: Case):  # type: ignore[no-untyped-def]
    def act() -> None:
        with suppress(NotFound):  # it may watch nothing but conditions
            case.act(lambda state, around: receive_signal(case.definition, state, "g", {"said": 2}, around, "sent"))

    return act


def _skip(case: Case):  # type: ignore[no-untyped-def]
    def act() -> None:
        try:
            case.skip()
        except Rejected:
            case.retry()

    return act


def test_stories_keep_the_invariants() -> None:
    print(f"seed {SEED}", sum(story(f"{SEED}/{n}", 15) for n in range(30)))


@pytest.mark.slow
def test_many_stories_keep_the_invariants() -> None:
    count = int(os.environ.get("SHANGMEN_WALKS", "1000"))
    print(f"seed {SEED}", sum(story(f"{SEED + 1}/{n}", 30) for n in range(count)))
