"""The handbook of constructs: every example is drawn on its page and does, step by step, what the page says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine.decision import read_decisions
from engine.definition.bpmn import read_diagram
from engine.definition.diagram import NODES
from engine.definition.lint import lint
from engine.definition.schema import check_schema
from engine.runtime.compiled import assemble
from tests.runtime.cases import Case
from tests.web.browser import Browser
from web.help.examples import FOLDER, Example, examples_of, findings_of

PAGES = sorted(file.stem for file in FOLDER.glob("*.toml") if file.stem != "words.en")
EVENTS = [
    "timer",
    "message",
    "signal",
    "error",
    "escalation",
    "conditional",
    "link",
    "compensate",
    "cancel",
    "terminate",
]


def examples() -> Iterator[tuple[str, Example]]:
    for page in PAGES:
        for number, example in enumerate(examples_of(page), 1):
            yield f"{page} {number} {example.diagram}", example


RUNNING = [(name, example) for name, example in examples() if not example.refused]
REFUSED = [(name, example) for name, example in examples() if example.refused]


def played(example: Example) -> Case:
    """The case after the example's steps."""
    found = {key: content for (kind, key), content in example.resources.items() if kind == "process"}
    tables = {key: read_decisions((FOLDER / f"{key}.dmn").read_bytes()) for key in example.decisions}
    diagrams = {key: read_diagram(content) for key, content in found.items()}
    case = Case(assemble(example.diagram, diagrams, tables, {}), dict(example.variables or {}), patient=True)
    for step in example.steps:
        given = step.get("with", {})
        if "do" in step:
            case.do(step["do"], step.get("nth", 0), **given)
        elif "tell" in step:
            case.tell(step["tell"], **given)
        elif "finish" in step:
            case.finish(step["finish"], **given)
        else:
            case.fire()
    return case


@pytest.mark.parametrize(("name", "example"), RUNNING, ids=[name for name, _ in RUNNING])
def test_the_example_does_what_its_page_says(name: str, example: Example) -> None:
    case = played(example)

    assert tuple(case.path()) == example.path
    assert case.ended
    assert (case.outcome() or "") == example.outcome
    assert {key: case.variables[key] for key in example.result or {}} == (example.result or {})
    case.again()


@pytest.mark.parametrize(("name", "example"), RUNNING, ids=[name for name, _ in RUNNING])
def test_without_its_last_step_the_example_does_not_get_there(name: str, example: Example) -> None:
    case = played(replace(example, steps=example.steps[:-1]))

    assert not case.ended
    assert tuple(case.path()) != example.path


@pytest.mark.parametrize(("name", "example"), REFUSED, ids=[name for name, _ in REFUSED])
def test_what_the_page_calls_refused_is_refused_at_that_element(name: str, example: Example) -> None:
    assert findings_of(example)


@pytest.mark.parametrize(("name", "example"), RUNNING, ids=[name for name, _ in RUNNING])
def test_a_running_example_has_nothing_that_refuses_it(name: str, example: Example) -> None:
    """Apart from forms and roles, which belong to a procedure."""
    found = [f for f in lint(example.resources) if f.severity == "error" and f.rule not in ("form", "role")]
    assert not found, [str(finding) for finding in found]
    for content in example.resources.values():
        assert check_schema(content) == []


@pytest.mark.parametrize("page", PAGES)
def test_the_page_draws_its_examples_and_tells_them(page: str, visitor: Browser) -> None:
    shown = visitor.get(f"/help/constructs/{page}")

    assert shown.status == 200
    wanted = examples_of(page)
    assert len(shown.tree.xpath("//section[starts-with(@aria-labelledby, 'example')]")) == len(wanted) > 0
    for number, example in enumerate(wanted, 1):
        drawn = shown.tree.xpath(f"//figure[@data-figure='example{number}']//*[@data-id]/@data-id")
        diagram = read_diagram((FOLDER / f"{example.diagram}.bpmn").read_bytes())
        assert set(drawn) >= set(diagram.elements)
        signs = "".join(shown.tree.xpath(f"//figure[@data-figure='example{number}']")[0].itertext())
        assert ("!" in signs) == bool(example.refused) or "✓" in signs


def test_every_construct_stands_in_a_running_example() -> None:
    found = [
        (element, definition.kind)
        for _, example in RUNNING
        for (kind, _), content in example.resources.items()
        if kind == "process"
        for element in read_diagram(content).elements.values()
        for definition in element.definitions or (None,)
        if definition is not None
    ]
    kinds = {
        element.kind
        for _, example in RUNNING
        for (kind, _), content in example.resources.items()
        if kind == "process"
        for element in read_diagram(content).elements.values()
    }
    assert set(NODES) - kinds == set()
    assert set(EVENTS) - {kind for _, kind in found} == set()
