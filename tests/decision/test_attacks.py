"""Decisions written to exhaust the server: none takes more than half a second of work or 64 MB, whatever it answers."""

from __future__ import annotations

import tracemalloc
from time import process_time

import pytest

from engine.decision import DecisionFailed, Model, lint, read_decisions
from engine.errors import Rejected
from engine.feel import Environment
from tests.decision.dmn import decision, definitions, input_data, literal, table_xml

_SECONDS_MAX = 10  # processor time: a blow-up takes for ever, a slow machine does not
_BYTES_MAX = 64_000_000


def loop(variable: str, source: str, body: str) -> str:
    return f'<for iteratorVariable="{variable}"><in>{literal(source)}</in><return>{body}</return></for>'


def nested(depth: int, body: str) -> str:
    for level in range(depth):
        body = loop(f"x{level}", "[1..500]", body)
    return body


def context(*entries: tuple[str, str]) -> str:
    parts = (f'<contextEntry><variable name="{name}"/>{body}</contextEntry>' for name, body in entries)
    return f"<context>{''.join(parts)}</context>"


def knowledge(name: str, text: str) -> str:
    own = f'<knowledgeRequirement><requiredKnowledge href="#{name}"/></knowledgeRequirement>'
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}"/><encapsulatedLogic>'
        f'<formalParameter name="n"/>{literal(text)}</encapsulatedLogic>{own}</businessKnowledgeModel>'
    )


DOUBLING = context(("e0", literal("[1]")), *((f"e{n}", literal(f"[e{n - 1}, e{n - 1}]")) for n in range(1, 60)))
LONGER = context(("e0", literal('"xxxxxxxxxx"')), *((f"e{n}", literal(f"e{n - 1} + e{n - 1}")) for n in range(1, 60)))
MANY_LONG_ROWS = table_xml("COLLECT", ["a"], ["b"], [("-", "for i in 1..15000 return i")] * 1_500)
MANY_OPEN_ROWS = table_xml("COLLECT", ["a"], ["b"], [("count([1..900][item > a]) > 5", "1")] * 1_500)
FILTER = f"<filter><in>{literal('[1..5000]')}</in><match>{literal('count([1..5000][item > 1]) > 1')}</match></filter>"
EVERY = (
    f'<every iteratorVariable="x"><in>{literal("[1..19000]")}</in>'
    f"<satisfies>{literal('sum(for i in 1..900 return i) > x')}</satisfies></every>"
)
PATTERN = 'matches(string join(for i in 1..9000 return "a") + "!", "^((a+)+)+$")'

ATTACKS = {
    "loops in loops": decision("answer", nested(4, literal("1"))),
    "loops that build lists": decision("answer", nested(4, literal('"long text" + "long text"'))),
    "lists that double": decision("answer", DOUBLING),
    "texts that double": decision("answer", LONGER),
    "a list that holds itself twice": decision("answer", loop("x", "[1..50]", literal("[partial, partial]"))),
    "rows that each build a long list": input_data("a") + decision("answer", MANY_LONG_ROWS, ["a"]),
    "rows that each search a list": input_data("a") + decision("answer", MANY_OPEN_ROWS, ["a"]),
    "endless recursion": knowledge("f", "f(n + 1)") + decision("answer", literal("f(1)"), ["!f"]),
    "branching recursion": knowledge("f", "f(n) + f(n)") + decision("answer", literal("f(1)"), ["!f"]),
    "recursion over a table": knowledge("f", "if n > 30 then 1 else f(n + 1) + f(n + 1)")
    + decision("answer", literal("f(1)"), ["!f"]),
    "a filter in a filter": decision("answer", FILTER),
    "every one of very many": decision("answer", EVERY),
    "a pattern that backtracks elsewhere": decision("answer", literal(PATTERN)),
    "a huge power": decision("answer", literal("9 ** 9 ** 9 ** 9")),
    "a range of a billion": decision("answer", loop("x", "[1..1000000000]", literal("x"))),
}


def attack(model: Model) -> None:
    """Evaluate it; whether it fails within its budget or answers is the same here."""
    try:
        model.evaluate("answer", {"a": 1}, Environment())
    except (DecisionFailed, Rejected):
        return


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_over_soon(name: str) -> None:
    model = read_decisions(definitions(ATTACKS[name]))
    seconds = _seconds(model)
    assert seconds < _SECONDS_MAX


def _seconds(model: Model) -> float:
    start = process_time()
    attack(model)
    return process_time() - start


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_holds_no_more_than_64_megabytes(name: str) -> None:
    model = read_decisions(definitions(ATTACKS[name]))
    tracemalloc.start()
    try:
        attack(model)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < _BYTES_MAX, f"{peak / 1e6:.0f} MB"


@pytest.mark.parametrize("name", ATTACKS)
def test_the_linter_survives_an_attack(name: str) -> None:
    start = process_time()
    found = {finding.rule for finding in lint(read_decisions(definitions(ATTACKS[name])))}
    assert process_time() - start < 10
    assert "not-feel" not in found  # otherwise the attack would not be one
