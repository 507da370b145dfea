"""Small forms for the tests, and an evaluator that needs no engine: simple conditions, and rules given as functions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from forms.conditions import holds, tree
from forms.formjs import read_form
from forms.schema import Form

TODAY = date(2026, 9, 21)


def document(*components: dict[str, Any], **root: Any) -> dict[str, Any]:
    """A whole form-js document around some components."""
    properties = {"title": "表单", **root.pop("properties", {})}
    return {"type": "default", "id": "made", "schemaVersion": 19, "properties": properties,
            "components": list(components), **root}  # fmt: skip


def made(*components: dict[str, Any], **root: Any) -> Form:
    """The form of these components."""
    return read_form(json.dumps(document(*components, **root)).encode())


def textfield(key: str, label: str = "名称", **more: Any) -> dict[str, Any]:
    return {"type": "textfield", "key": key, "label": label, **more}


def choices(*values: Any) -> list[dict[str, Any]]:
    return [{"label": f"选项{value}", "value": value} for value in values]


class Evaluator:
    """Evaluates the simple conditions, ``today()`` and the expressions given to it; anything else is an error."""

    def __init__(self, **functions: Callable[[Mapping[str, Any]], Any]) -> None:
        self.functions = functions

    def __call__(self, text: str, values: Mapping[str, Any]) -> Any:
        if text == "today()":
            return TODAY
        if text in self.functions:
            return self.functions[text](values)
        condition = tree(text, {}, frozenset(values))
        if condition is None:
            raise ValueError(f"cannot evaluate {text}")
        return holds(condition, values)
