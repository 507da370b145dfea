"""The handbook's pages of rules: each with a picture that breaks the rule, what the check says, and one that keeps it.

They lie in ``rules/`` as data: ``<rule>_wrong.bpmn``, ``<rule>_right.bpmn`` and, for a rule of the floor, the rule.
What the diagrams go with (a form, a table, parameters, duties) stands in ``<rule>.toml`` under ``wrong`` and ``right``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from engine.definition.bpmn import read_diagram
from engine.definition.diagram import Diagram
from engine.definition.diff import Change, compare
from engine.definition.finding import Finding
from engine.definition.floor import check_floor
from engine.definition.lint import lint
from web.render.outline import Mark, Marks
from web.render.rule_links import FOLDER, rule_pages

_FORM: Final = (
    b'{"type": "default", "id": "note", "schemaVersion": 19, "properties": {"title": "note"}, "components": ['
    b'{"type": "textfield", "key": "opinion", "label": "opinion"}, {"type": "textfield", "key": "kind", "label": "k"}]}'
)


@dataclass(frozen=True, slots=True)
class RuleExample:
    """One picture; ``findings`` is empty for the one that keeps the rule."""

    diagram: Diagram
    marks: Marks | None
    findings: tuple[Finding, ...]
    files: tuple[tuple[str, str], ...] = ()
    """Name and text of what the diagram goes with."""
    changes: tuple[Change, ...] = ()
    """What is otherwise than in the wrong one: a condition or a form does not show in a picture."""


def examples_of(name: str) -> list[RuleExample]:
    """The wrong picture and the right one of a page; nothing for a rule that a diagram cannot show."""
    return [found for tag in ("wrong", "right") if (found := _example(name, tag)) is not None]


def findings_of(name: str, tag: str) -> tuple[Finding, ...]:
    """What the check says of a picture, as far as it is about the page's rule."""
    about, key = _about(name), f"{name}_{tag}"
    bundle = f'procedure = "x"\ntitle = "x"\nprocess = "{key}"\nstart_form = "note"\nstart_roles = ["clerk"]\n'
    files = {("process", key): (FOLDER / f"{key}.bpmn").read_bytes(), ("form", "note"): _FORM}
    for file, text in _beside(name, tag):
        if file == "roles.toml":  # a part of the manifest
            bundle += text
        else:
            files[_place(file)] = text.encode()
    if "floor" not in about:
        return tuple(
            one for one in lint(files, key) if one.rule.partition("-")[0] == about["rule"] or one.rule == about["rule"]
        )
    return check_floor(key, files | {("bundle", "x"): bundle.encode()}, str(about["floor"]).encode())


def changes_of(name: str) -> tuple[Change, ...]:
    """What makes the difference between the wrong picture and the right one, in words."""
    wrong, right = (
        {("process", name): (FOLDER / f"{name}_{tag}.bpmn").read_bytes(), ("form", "note"): _FORM}
        | {_place(file): text.encode() for file, text in _beside(name, tag)}
        for tag in ("wrong", "right")
    )
    return tuple(compare(wrong, right))


def _beside(name: str, tag: str) -> tuple[tuple[str, str], ...]:
    return tuple((file, str(text)) for file, text in _about(name).get(tag, {}).items())


def _place(file: str) -> tuple[str, str]:
    """``note.form.json`` → the form ``note``; the parameters and duties are the procedure's."""
    stem, _, suffix = file.partition(".")
    return {"form.json": ("form", stem), "dmn": ("decision", stem), "bpmn": ("process", stem)}.get(suffix, (stem, "x"))


def _example(name: str, tag: str) -> RuleExample | None:
    path = FOLDER / f"{name}_{tag}.bpmn"
    if name not in rule_pages() or not path.is_file():
        return None
    diagram = read_diagram(path.read_bytes())
    found = findings_of(name, tag) if tag == "wrong" else ()
    drawn = {*diagram.elements, *diagram.flows}
    said = [one.element if one.element in drawn else str(_about(name)["element"]) for one in found]
    wrong = [diagram.flows[key].source if key in diagram.flows else key for key in said]
    return RuleExample(
        diagram,
        Marks({key: Mark("stuck") for key in wrong}) if wrong else None,
        found,
        _beside(name, tag),
        changes_of(name) if tag == "right" else (),
    )


@lru_cache(100)
def _about(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
