"""Mutated expressions raise nothing but FEEL errors. The seed is printed.

SHANGMEN_FUZZ=1000000 pytest tests/feel/test_fuzz.py -s
"""

from __future__ import annotations

import os
import random
import re
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.feel import BUILTINS, Environment, FeelError, compile_expression, compile_unary_tests
from engine.feel.analysis import analyse, analyse_unary_tests
from engine.feel.expression import Expression, UnaryTests, known_names
from tests.feel import test_language
from tests.feel.attacks import ATTACKS

RUNS = int(os.environ.get("SHANGMEN_FUZZ", "4000"))
SEED = int(os.environ.get("SHANGMEN_SEED", "547901916"))
SECONDS_MAX = 10  # processor time of this process: a blow-up takes for ever, a slow machine does not
HERE = Environment(now=datetime(2026, 9, 21, 9, tzinfo=UTC))
VARIABLES: dict[str, Any] = {
    "a": 1,
    "b": "x",
    "l": [1, Decimal("2.5")],
    "c": {"k": None, "d": date(2026, 9, 21)},
    "n": None,
    "金额": 1500,
    "合同 总价": 3,
    "d": date(2024, 2, 29),
    "t": datetime(2026, 9, 21, 9, tzinfo=UTC),
}
VALUES = [
    "null",
    "1",
    "-1",
    "0",
    "1e30",
    "0.5",
    "1e6000",
    "1e-6000",
    "99999999999999999999",
    '"a"',
    '""',
    '"文"',
    '"2024-01-01"',
    '"P1D"',
    "[]",
    '[1,null,"x"]',
    "{}",
    "{a:1}",
    "true",
    'date("2024-02-29")',
    '@"P1Y"',
    '@"PT1H"',
    '@"10:00:00"',
    '@"10:00:00+08:00"',
    "[1..3]",
    "(<5)",
    "function(x)x",
    "function(x,y)x<y",
    '@"2024-01-01T00:00:00Z"',
    '@"2024-01-01T00:00:00"',
    '@"-999999999-01-01"',
    '@"P999999999Y"',
    "a",
    "b",
    "l",
    "c",
    "n",
    "d",
    "t",
    "金额",
    "c.d",
    "l[1]",
    "not",
    "count",
]
PIECES = "()[]{}\"'.,:<>=+-*/?@\\\n\u3000（０、。；\u200b\u202e文"


def corpus() -> list[str]:
    """Expressions to start from: the language tests, the attacks and, if it is there, the standard's test suite."""
    texts = [attack.text for attack in ATTACKS if len(attack.text) < 300]
    source = Path(test_language.__file__).read_text(encoding="utf-8")
    texts += [text.replace('\\"', '"') for text in re.findall(r"\(\s*'([^'\n]+)',", source)]
    texts += [text.replace('\\"', '"') for text in re.findall(r'\(\s*"((?:[^"\\\n]|\\.)+)",', source)]
    standard = os.environ.get("SHANGMEN_CORPORA")
    if standard:
        for path in sorted(Path(standard).glob("dmn-tck/*/*/*.dmn")):
            texts += re.findall(r"<text>([^<]+)</text>", path.read_text(encoding="utf-8"))
    return texts


class Mutations:
    """An endless supply of expressions, decided by a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.texts = corpus()
        tokens = {token for text in self.texts for token in re.findall(r'"[^"]*"|\w+|\*\*|\.\.|[^\w\s]', text)}
        self.tokens = sorted(tokens) + list(BUILTINS)

    def next(self) -> str:
        draw = self.random.random()
        if draw < 0.35:
            return self._call()
        if draw < 0.8:
            return self._mutated(self.random.choice(self.texts))
        return " ".join(self.random.choice(self.tokens) for _ in range(self.random.randint(1, 25)))

    def _call(self) -> str:
        pick = self.random.choice
        arguments = ", ".join(pick(VALUES) for _ in range(self.random.randint(0, 4)))
        text = f"{pick(list(BUILTINS))}({arguments})"
        if self.random.random() < 0.3:
            operator = pick(["+", "-", "*", "/", "**", "=", "<", "in", "and", "between 1 and", "instance of"])
            text = f"{pick(VALUES)} {operator} {text}"
        return text

    def _mutated(self, text: str) -> str:
        characters = list(text)
        for _ in range(self.random.randint(1, 4)):
            index = self.random.randrange(len(characters) + 1)
            draw = self.random.random()
            if draw < 0.3:
                del characters[index : index + self.random.randint(1, 5)]
            elif draw < 0.7:
                characters[index:index] = f" {self.random.choice(self.tokens)} "
            else:
                characters[index:index] = self.random.choice(PIECES)
        return "".join(characters)


def run_once(text: str, as_cell: bool) -> None:
    """Compile and evaluate, past the cache, letting only FEEL errors go by."""
    names = known_names(frozenset({"合同 总价"}))
    try:
        if as_cell:
            UnaryTests(text, names).matches(1, VARIABLES, HERE)
        else:
            Expression(text, names).evaluate(VARIABLES, HERE)
    except FeelError as error:
        str(error)


def test_mutated_expressions_raise_only_feel_errors() -> None:
    print(f"SHANGMEN_SEED={SEED} SHANGMEN_FUZZ={RUNS}")
    mutations = Mutations(SEED)
    slowest, slowest_text = 0.0, ""
    for number in range(RUNS):
        text = mutations.next()
        started = time.process_time()
        try:
            run_once(text, as_cell=number % 5 == 0)
        except Exception as error:
            pytest.fail(f"SHANGMEN_SEED={SEED}, run {number}: {type(error).__name__} {error} for {text!r}")
        slowest, slowest_text = max((slowest, slowest_text), (time.process_time() - started, text))
    print(f"{RUNS} expressions, slowest {slowest * 1000:.0f} ms: {slowest_text[:200]!r}")
    assert slowest < SECONDS_MAX


def test_the_analysis_has_something_to_say_of_any_text_and_raises_nothing() -> None:
    print(f"SHANGMEN_SEED={SEED}")
    mutations = Mutations(SEED)
    kinds = {"a": "number", "b": "string", "l": "list<number>", "c": "context", "金额": "number", "d": "date"}
    for number in range(RUNS // 8):
        text = mutations.next()
        try:
            analyse(text, variables=kinds if number % 3 else None, expected="boolean", portable=True)
            analyse_unary_tests(text, value="number", variables=kinds)
        except Exception as error:
            pytest.fail(f"SHANGMEN_SEED={SEED}, run {number}: {type(error).__name__} {error} for {text!r}")


def test_the_mutations_are_not_all_refused() -> None:
    """A fuzz that only ever meets the parser's refusals would prove little."""
    mutations = Mutations(1)
    understood = 0
    for _ in range(500):
        try:
            compile_expression(mutations.next())
            understood += 1
        except FeelError:
            pass

    assert understood > 100
    assert compile_unary_tests("1").matches(1)
