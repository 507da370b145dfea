"""One thing that a check found in a diagram."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from engine.errors import filled

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """``template % params`` is an English sentence: what was expected, what was found, what to do.

    ``process`` and ``element`` say where (``element`` "" for the whole file). An error stops publishing.
    """

    rule: str
    element: str
    severity: Severity
    template: str
    params: dict[str, Any] = field(default_factory=dict)
    process: str = ""
    trail: tuple[tuple[str, str], ...] = ()
    """The way that shows it, as (process, element) in the order of the visits."""

    def __str__(self) -> str:
        return filled(self.template, self.params)


@dataclass(frozen=True, slots=True)
class Term:
    """A word of ours inside a sentence: whoever says the sentence in another language says this in it, too."""

    template: str
    params: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return filled(self.template, self.params)


_TERMS = {
    "title": Term("title of the case"),
    "connector": Term("what the machine does"),
    "result": Term("name of the result"),
    "roles": Term("who may report it"),
    "calledElements": Term("processes that may be called"),
    "activationCondition": Term("condition"),
    "variableName": Term("name of the result"),
    "condition": Term("condition"),
    "conditional": Term("condition"),
    "completion": Term("condition for ending early"),
    "correlation": Term("key of the message"),
    "keep": Term("how long it is kept"),
    "tenant": Term("unit"),
    "dueWorkingDays": Term("term"),
    "dueDays": Term("term"),
    "dueMonths": Term("term"),
    "dueFrom": Term("beginning of the term"),
    "input": Term("input of the machine"),
    "payload": Term("content of the message"),
    "calledElement": Term("called process"),
    "script": Term("calculation"),
    "timer": Term("time"),
    "collection": Term("list"),
    "cardinality": Term("number of times"),
    "output": Term("result of the loop"),
    "hide": Term("condition for hiding"),
    "required_when": Term("condition for being required"),
    "rule": Term("condition for the answer"),
    "computed": Term("computed value"),
    "default": Term("default value"),
}


def term(what: str) -> Term | str:
    """What an expression is for, in words; the name itself where there are none."""
    return _TERMS.get(what, what)
