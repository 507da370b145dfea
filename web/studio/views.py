"""What an administrator sees of one published file: a picture, a table, a form, parameters, or its text."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from engine.decision.elements import Boxed, Context, Decision, DecisionTable, LiteralExpression
from engine.decision.reader import read_definitions
from engine.definition.bpmn import read_diagrams
from engine.definition.diagram import Diagram
from engine.definition.pages import Page, read_pages
from forms.formjs import read_form
from forms.schema import Form
from web.language import N_

FIELD_KINDS: Final = {
    "text": N_("short text"),
    "textarea": N_("long text"),
    "number": N_("number"),
    "date": N_("date"),
    "datetime": N_("date and time"),
    "select": N_("one of a list"),
    "radio": N_("one of several"),
    "checklist": N_("several of several"),
    "checkbox": N_("yes or no"),
    "file": N_("file"),
}
"""Kind of a field → what people call it."""

UNITS: Final = (
    N_("working days"), N_("days"), N_("months"), N_("years"), N_("times"), N_("persons"), N_("percent"), N_("photos"),
    N_("inches"), N_("cents"), N_("day of month"),
)  # fmt: skip
"""What local parameters are counted in; another unit is shown as the procedure writes it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table for reading: captions of the columns and texts of the cells."""

    name: str
    hit_policy: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rules: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...]


@dataclass(frozen=True, slots=True)
class Literal:
    """A decision that is one expression."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """One local parameter."""

    key: str
    label: str
    value: Any
    unit: str
    low: Any
    high: Any
    source: str


@dataclass(frozen=True)
class View:
    """Whatever of a file can be shown; ``text`` is always there."""

    text: str
    diagrams: tuple[Diagram, ...] = ()
    pages: tuple[Page, ...] = ()
    """Pages with more on them than one process."""
    decisions: tuple[Table | Literal, ...] = ()
    form: Form | None = None
    parameters: tuple[Parameter, ...] = ()


def view_of(kind: str, content: bytes) -> View:
    """A published file as something to look at. What was published can be read; a file that cannot shows its text."""
    text = content.decode("utf-8", "replace")
    match kind:
        case "process":
            pages = tuple(page for page in read_pages(content) if page.shows_more)
            return View(text, diagrams=read_diagrams(content), pages=pages)
        case "decision":
            return View(text, decisions=tuple(_decisions(content)))
        case "form":
            return View(json.dumps(json.loads(content), ensure_ascii=False, indent=1), form=read_form(content))
        case "profile":
            return View(text, parameters=tuple(_parameters(tomllib.loads(text))))
    return View(text)


def _decisions(content: bytes) -> Iterator[Table | Literal]:
    for decision in read_definitions(content).elements.values():
        if not isinstance(decision, Decision):
            continue
        match decision.expression:
            case DecisionTable() as table:
                yield _table(decision.name, table)
            case found:
                yield Literal(decision.name, "\n".join(_lines(found)))


def _lines(boxed: Boxed | None) -> Iterator[str]:
    """A boxed expression as indented lines: contexts entry by entry, the rest by the FEEL inside."""
    match boxed:
        case None:
            yield "null"
        case LiteralExpression(text=text):
            yield from (text or "null").splitlines()
        case Context(entries=entries):
            for entry in entries:
                first, *more = _lines(entry.expression)
                yield f"{entry.name}: {first}" if entry.name else first
                yield from (f"    {line}" for line in more)
        case other:
            yield type(other).__name__
            inner = [getattr(other, field.name) for field in fields(other)]
            yield from (f"    {line}" for part in inner if isinstance(part, Boxed) for line in _lines(part))


def _table(name: str, table: DecisionTable) -> Table:
    return Table(
        name,
        table.hit_policy + (f" {table.aggregation}" if table.aggregation else ""),
        tuple(clause.label or clause.text or "" for clause in table.inputs),
        tuple(clause.label or clause.name or "" for clause in table.outputs),
        tuple((rule.inputs, rule.outputs, rule.description) for rule in table.rules),
    )


def _parameters(profile: Mapping[str, Any]) -> Iterator[Parameter]:
    for key, found in profile.items():
        if isinstance(found, dict):
            texts = {name: str(found.get(name, "")) for name in ("unit", "label", "source")}
            yield Parameter(
                key,
                texts["label"] or key,
                found.get("value"),
                texts["unit"],
                found.get("min"),
                found.get("max"),
                texts["source"],
            )
