"""Two forms → one that asks everything both ask: for steps that become one. What is asked twice is asked once."""

from __future__ import annotations

import json
from typing import Any

from forms.grammar import read_json

Component = dict[str, Any]


def combine(first: bytes, second: bytes, key: str, title: str, hide: str = "") -> bytes:
    """The questions of ``first``, then those of ``second`` that it does not ask.

    ``hide`` (FEEL) hides all that only ``second`` asks: what one would not have come to. Questions that the first
    only shows are asked where the second asks them. Raises ``FormError`` when one is no document.
    """
    above, below = read_json(first), read_json(second)
    asked = {found["key"]: found for found in _walk(above) if "key" in found}
    shown = {name for name, found in asked.items() if found.get("readonly") or found.get("disabled")}
    wanted = {found["key"] for found in _walk(below) if "key" in found and not found.get("readonly")}
    upper = _without(above.get("components", []), shown & wanted)
    lower = _without(below.get("components", []), asked.keys() - (shown & wanted))
    for component in lower if hide else []:
        own = str(component.get("conditional", {}).get("hide", "")).removeprefix("=")
        component["conditional"] = {"hide": f"=({own}) or ({hide})" if own else f"={hide}"}
    properties = {**above.get("properties", {}), **below.get("properties", {}), "title": title}
    document = {**above, "id": key, "properties": properties, "components": [*upper, *lower]}
    return json.dumps(document, ensure_ascii=False, indent=2, default=float).encode()


def _walk(parent: Component) -> list[Component]:
    inner = [one for one in parent.get("components", []) if isinstance(one, dict)]
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
