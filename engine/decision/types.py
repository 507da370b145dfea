"""Item definitions: whether a value fits a type, and what it becomes when it nearly does (DMN 1.5, clause 7.3.3).

Null fits every type. A single-entry list fits the entry's type, a single value fits a list of it, and a
date fits *date and time* as its midnight. Everything else that does not fit becomes null, with a warning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from engine.decision.elements import Definitions, ItemDefinition
from engine.decision.expressions import WrittenTests
from engine.feel.environment import Evaluation
from engine.feel.temporal import Date, DateTime
from engine.feel.values import kind

_NAMES = {
    "number": "number",
    "string": "string",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "date and time": "date and time",
    "dateTime": "date and time",
    "days and time duration": "days and time duration",
    "dayTimeDuration": "days and time duration",
    "years and months duration": "years and months duration",
    "yearMonthDuration": "years and months duration",
    "context": "context",
    "list": "list",
    "function": "function",
}
_PREFIX = re.compile(r"feel[:.]")
_GENERIC = re.compile(r"(list|range|context|function)\s*<")

UNFIT: Any = object()
"""What a fitting answers when the value is not of the type."""


class Types:
    """The types of one file and, through its imports, of others."""

    def __init__(self, definitions: Definitions, imported: Mapping[str, Types], names: frozenset[str]) -> None:
        self._items = {item.name: item for item in definitions.items}
        self._imported = imported
        self._allowed: dict[str, WrittenTests] = {}
        for item in definitions.items:
            self._compile(item, names)

    def _compile(self, item: ItemDefinition, names: frozenset[str]) -> None:
        for text in (item.allowed, item.constraint):
            if text:
                self._allowed.setdefault(text, WrittenTests(text, item.name, names))
        for component in item.components:
            self._compile(component, names)

    @property
    def allowed_values(self) -> tuple[WrittenTests, ...]:
        """Every allowed-values text of the file, for the linter."""
        return tuple(self._allowed.values())

    def find(self, type_name: str) -> tuple[Types, ItemDefinition] | None:
        """The item definition of that name and the file that holds it."""
        item = self._items.get(type_name)
        if item is not None:
            return self, item
        owner, _, inner = type_name.partition(".")
        if inner and owner in self._imported:
            return self._imported[owner].find(inner)
        return None

    def is_known(self, type_name: str) -> bool:
        """Whether there is such a type, built in or defined."""
        plain = _PREFIX.sub("", type_name, count=1)
        return plain in _NAMES or plain == "Any" or bool(_GENERIC.match(plain)) or self.find(type_name) is not None

    def simple(self, type_name: str) -> str | None:
        """The built-in type a name leads to; ``None`` for contexts of one's own, collections and *Any*."""
        plain = _PREFIX.sub("", type_name, count=1)
        found = self.find(type_name) or self.find(plain)
        if found is None:
            return _NAMES.get(plain)
        owner, item = found
        return owner.simple(item.base) if item.base and not item.is_collection else None

    def is_function(self, type_name: str | None) -> bool:
        """Whether the type is one of functions."""
        found = self.find(type_name) if type_name else None
        return found is not None and found[1].is_function

    def has_type(self, type_name: str, value: Any) -> bool | None:
        """``instance of`` for item definitions, without their allowed values; ``None``: no such type."""
        found = self.find(type_name)
        if found is None:
            return None
        return value is not None and found[0]._fit_item(value, found[1], None) is not UNFIT

    def coerce(self, value: Any, type_name: str | None, evaluation: Evaluation, subject: str = "") -> Any:
        """The value as the type wants it, or null with a warning that names ``subject``."""
        if value is None or not type_name:
            return value
        fitted = self._conform(value, type_name, evaluation)
        if fitted is UNFIT:
            return evaluation.warn(
                None,
                "Expected %(subject)s to be of type %(type)s, but found a %(found)s; it counts as null.",
                subject=subject or type_name,
                type=type_name,
                found=kind(value),
            )
        return fitted

    def _conform(self, value: Any, type_name: str, evaluation: Evaluation) -> Any:
        fitted = self._fit(value, type_name, evaluation)
        if fitted is not UNFIT:
            return fitted
        for changed in _near_forms(value):
            fitted = self._fit(changed, type_name, evaluation)
            if fitted is not UNFIT:
                return fitted
        return UNFIT

    def _fit(self, value: Any, type_name: str, evaluation: Evaluation | None) -> Any:
        if value is None:
            return None
        found = self.find(type_name)
        plain = _PREFIX.sub("", type_name, count=1)
        if found is None:
            found = self.find(plain)
        if found is not None:
            return found[0]._fit_item(value, found[1], evaluation)
        if plain in _NAMES:
            return value if kind(value) == _NAMES[plain] else UNFIT
        generic = _GENERIC.match(plain)
        if generic:
            return value if kind(value) == generic[1] else UNFIT
        return value  # an unknown type checks nothing: the linter names it

    def _fit_item(self, value: Any, item: ItemDefinition, evaluation: Evaluation | None) -> Any:
        """``evaluation`` is ``None`` to leave the allowed values out."""
        if value is None:
            return None
        if item.is_function:
            return value if kind(value) == "function" else UNFIT
        fitted = (
            self._fit_collection(value, item, evaluation)
            if item.is_collection
            else self._fit_one(value, item, evaluation)
        )
        if fitted is UNFIT or evaluation is None:
            return fitted
        if item.allowed and not self._passes(item.allowed, fitted, evaluation, each=True):
            return UNFIT
        if item.constraint and not self._passes(item.constraint, fitted, evaluation, each=False):
            return UNFIT
        return fitted

    def _fit_collection(self, value: Any, item: ItemDefinition, evaluation: Evaluation | None) -> Any:
        if type(value) is not list:
            return UNFIT
        fitted = []
        for entry in value:
            one = None if entry is None else self._fit_one(entry, item, evaluation)
            if one is UNFIT:
                return UNFIT
            fitted.append(one)
        return fitted

    def _fit_one(self, value: Any, item: ItemDefinition, evaluation: Evaluation | None) -> Any:
        if item.components:
            return self._fit_context(value, item, evaluation)
        return self._fit(value, item.base, evaluation) if item.base else value

    def _fit_context(self, value: Any, item: ItemDefinition, evaluation: Evaluation | None) -> Any:
        if type(value) is not dict:
            return UNFIT
        fitted = dict(value)
        for component in item.components:
            if component.name not in value:
                return UNFIT
            entry = value[component.name]
            for form in (entry, *_near_forms(entry)):
                one = self._fit_item(form, component, evaluation)
                if one is not UNFIT:
                    break
            else:
                return UNFIT
            fitted[component.name] = one
        return fitted

    def _passes(self, tests: str, value: Any, evaluation: Evaluation, *, each: bool) -> bool:
        written = self._allowed[tests]
        values = value if each and type(value) is list else [value]
        return all(written.test(entry, {"?": entry}, evaluation) is True for entry in values)


def _near_forms(value: Any) -> list[Any]:
    """What a value may be read as when its type does not fit: its only entry, a list of it, its midnight."""
    if type(value) is list:
        return [value[0]] if len(value) == 1 else []
    forms: list[Any] = [] if value is None else [[value]]
    if type(value) is Date:
        forms.append(DateTime(value.number, 0, 0))
    return forms
