"""The handbook's examples of BPMN constructs: a small diagram, what is done, and which elements the case then passes.

They lie beside the pages as data (``constructs/*.toml`` and ``*.bpmn``). The page shows exactly what a test plays
(``tests/web/help/test_constructs.py``): picture and account are one source.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from engine.definition.bpmn import read_diagram
from engine.definition.diagram import Diagram
from engine.definition.finding import Finding
from engine.definition.lint import lint
from engine.definition.pages import Page, read_pages
from web.language import N_, gettext, word
from web.render.outline import Mark, Marks, title

FOLDER: Final = Path(__file__).parent / "constructs"

STEPS: Final = {
    "do": N_("%(name)s is done"),
    "tell": N_("the message %(name)s comes"),
    "fire": N_("the time has come"),
    "finish": N_("the machine finishes %(name)s"),
}
"""What can be done in an example → how it is told."""


@dataclass(frozen=True)
class Example:
    """One example. ``refused`` is the element that the check names, "" for an example that runs."""

    diagram: str
    steps: tuple[dict[str, Any], ...] = ()
    path: tuple[str, ...] = ()
    variables: dict[str, Any] | None = None
    outcome: str = ""
    result: dict[str, Any] | None = None
    refused: str = ""
    calls: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()

    @property
    def resources(self) -> dict[tuple[str, str], bytes]:
        """All files of the example, by kind and key."""
        found = {("process", key): _content(f"{key}.bpmn") for key in (self.diagram, *self.calls)}
        return found | {("decision", key): _content(f"{key}.dmn") for key in self.decisions}


@dataclass(frozen=True)
class Shown:
    """An example as the page shows it."""

    diagram: Diagram
    marks: Marks
    page: Page | None
    """The whole page, if there is more on it than the process."""
    given: str
    steps: tuple[str, ...]
    path: tuple[str, ...]
    result: str
    findings: tuple[Finding, ...]


def examples_of(page: str) -> list[Example]:
    """The examples of a page of constructs, in order."""
    text = _content(f"{page}.toml").decode()
    return [
        Example(**{key: tuple(value) if isinstance(value, list) else value for key, value in found.items()})
        for found in tomllib.loads(text).get("example", [])
    ]


def words() -> dict[str, str]:
    """English for the names in the examples."""
    found: dict[str, str] = tomllib.loads(_content("words.en.toml").decode())["words"]
    return found


def findings_of(example: Example) -> tuple[Finding, ...]:
    """What the check says of the element that an example is refused for."""
    return tuple(
        finding
        for finding in lint(example.resources)
        if finding.severity == "error" and finding.element == example.refused
    )


def shown(example: Example) -> Shown:
    """The example in the reader's language."""
    content = _content(f"{example.diagram}.bpmn")
    diagram = read_diagram(content)
    names = {element.id: title(element) for element in diagram.elements.values()}
    for called in example.calls:
        names |= {one.id: title(one) for one in read_diagram(_content(f"{called}.bpmn")).elements.values()}
    nodes = {key: Mark("done", example.path.count(key)) for key in example.path if key in diagram.elements}
    if example.refused:
        nodes = {diagram.flows[key].source if key in diagram.flows else key: Mark("stuck") for key in [example.refused]}
    return Shown(
        diagram,
        Marks(nodes),
        next((page for page in read_pages(content) if page.shows_more), None),
        _values(example.variables),
        tuple(_told(step, names) for step in example.steps),
        tuple(names.get(key, key) for key in example.path),
        _values(example.result),
        findings_of(example) if example.refused else (),
    )


def _told(step: dict[str, Any], names: dict[str, str]) -> str:
    verb = next(verb for verb in STEPS if verb in step)
    said = gettext(STEPS[verb], name=names.get(step[verb], word(str(step[verb]))))
    return f"{said} ({_values(step['with'])})" if "with" in step else said


def _values(values: dict[str, Any] | None) -> str:
    return gettext(", ").join(f"{key} = {json.dumps(one, ensure_ascii=False)}" for key, one in (values or {}).items())


@lru_cache(maxsize=300)
def _content(name: str) -> bytes:
    return (FOLDER / name).read_bytes()
