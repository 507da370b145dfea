"""Two forms → one that asks everything both ask: for steps that become one. What is asked twice is asked once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from forms.formjs import read_form
from forms.grammar import FormError, Mistake, read_json
from forms.schema import Field, Form

Component = dict[str, Any]


def combine(first: bytes, second: bytes, key: str, title: str, hide: str = "", role: str = "") -> bytes:
    """The questions of ``first``, then those of ``second`` that it does not ask.

    ``hide`` (FEEL) hides all that only ``second`` asks: what one would not have come to. Questions that the first
    only shows are asked where the second asks them. ``role``: who will answer ("" = not known). Raises ``FormError``
    when one is no form of its own, when both ask for a thing differently, when a question is not for that role, and
    when both together are too large for one form.
    """
    mistakes = list(_against(read_form(first), read_form(second), role))
    if mistakes:
        raise FormError(mistakes)
    above, below = read_json(first), read_json(second)
    asked = {found["key"]: found for found in _walk(above) if "key" in found}
    shown = {name for name, found in asked.items() if _only_shown(found)}
    wanted = {found["key"] for found in _walk(below) if "key" in found and not _only_shown(found)}
    upper = _without(above.get("components", []), shown & wanted)
    lower = _without(below.get("components", []), asked.keys() - (shown & wanted))
    for component in lower if hide else []:
        own = str(component.get("conditional", {}).get("hide", "")).removeprefix("=")
        component["conditional"] = {"hide": f"=({own}) or ({hide})" if own else f"={hide}"}
    properties = {**above.get("properties", {}), **below.get("properties", {}), "title": title}
    document = {**above, "id": key, "properties": properties, "components": [*upper, *lower]}
    content = json.dumps(document, ensure_ascii=False, indent=2, default=float).encode()
    read_form(content)
    return content


def _against(first: Form, second: Form, role: str) -> Iterator[Mistake]:
    """What speaks against asking both at once."""
    for form in (first, second):
        if form.extends:
            yield Mistake(
                "/properties/extends",
                "Expected a form of its own, but “%(title)s” changes the form %(other)s. Publish it first.",
                {"title": form.title, "other": form.extends},
            )
    for field in first.fields:
        again = second.field(field.key)
        if again is not None and not field.readonly and not again.readonly and not _same(field, again):
            yield Mistake(
                "",
                "Both forms ask for %(key)s (“%(label)s”), but not in the same way. "
                "Make the two questions equal, or take one of them away.",
                {"key": field.key, "label": field.label},
            )
    for field in (*first.fields, *second.fields):
        if role and field.write and role not in field.write and not (field.readonly or field.computed):
            yield Mistake(
                "",
                "“%(label)s” is answered by %(roles)s, but the one step would be done by %(role)s. "
                "Change who may answer it first.",
                {"label": field.label, "roles": ", ".join(sorted(field.write)), "role": role},
            )


def _same(field: Field, other: Field) -> bool:
    """Whether two questions take the same answers, whatever words they are asked in."""
    return field == replace(other, label=field.label, description=field.description)


def _only_shown(component: Component) -> bool:
    return bool(component.get("readonly") or component.get("disabled"))


def _walk(parent: Component) -> list[Component]:
    inner = parent.get("components", [])
    return [found for one in inner for found in (one, *_walk(one))]


def _without(components: list[Component], keys: set[str]) -> list[Component]:
    """The components but those with ``keys``; a group of which nothing is left goes, too."""
    kept = []
    for component in components:
        if component.get("key") in keys:
            continue
        if component.get("type") == "group":
            component["components"] = _without(component.get("components", []), keys)
            if not component["components"]:
                continue
        kept.append(component)
    return kept
