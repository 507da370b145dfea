"""A form that extends another → one flat form, at publish time; at run nobody asks where a field came from.

The extending document is an ordinary form-js document. It names the other in ``properties.extends``; what it says
replaces what it inherits, key by key:

- a component whose key the other has replaces that component's members in place (``properties`` member by member);
- any other component is added: after the one named in ``properties.after`` (a key), else at the end of its group
  (groups are found by their label), else at the end;
- ``properties.remove`` on the form lists keys to leave out, separated by commas.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from forms.grammar import FormError, Mistake, read_json

Component = dict[str, Any]


def merge(base: bytes, extending: bytes) -> bytes:
    """The flat document. ``base`` must be flat already. Raises ``FormError`` for keys that do not exist."""
    below, above = read_json(base), read_json(extending)
    mistakes: list[Mistake] = []
    _remove(below, _names(above), mistakes)
    _lay_over(below.get("components", []), above.get("components", []), below, "/components", mistakes)
    if mistakes:
        raise FormError(mistakes)
    properties = {**_properties(below), **_properties(above)}
    for name in ("extends", "remove"):
        properties.pop(name, None)
    below["properties"] = properties
    below["id"] = above.get("id", below.get("id"))
    for _, _, component in _walk(below):
        _properties(component).pop("after", None)
    return json.dumps(below, ensure_ascii=False, indent=1, default=_number).encode()


def base_of(content: bytes) -> str:
    """The key of the form that this document extends, or "". Raises ``FormError`` when it is no document."""
    return str(_properties(read_json(content)).get("extends", ""))


def _number(value: Any) -> float:
    return float(value)  # read_json keeps fractions as decimals; JSON has one kind of number


def _properties(component: Component) -> dict[str, Any]:
    found = component.get("properties", {})
    return found if isinstance(found, dict) else {}


def _names(document: Component) -> list[str]:
    return [name.strip() for name in str(_properties(document).get("remove", "")).split(",") if name.strip()]


def _walk(parent: Component) -> Iterator[tuple[list[Any], int, Component]]:
    """(list, place in it, component) of everything below ``parent``."""
    components = parent.get("components", [])
    for place, component in enumerate(components if isinstance(components, list) else []):
        if isinstance(component, dict):
            yield components, place, component
            yield from _walk(component)


def _find(document: Component, key: str) -> tuple[list[Any], int, Component] | None:
    return next((found for found in _walk(document) if found[2].get("key") == key), None)


def _group(document: Component, label: str) -> Component | None:
    groups = (c for _, _, c in _walk(document) if c.get("type") == "group")
    return next((group for group in groups if group.get("label") == label), None)


def _remove(document: Component, keys: list[str], mistakes: list[Mistake]) -> None:
    for key in keys:
        found = _find(document, key)
        if found is None:
            sentence = "Expected a field %(key)s to leave out, but the form that is extended has none."
            mistakes.append(Mistake("/properties/remove", sentence, {"key": key}))
        else:
            del found[0][found[1]]


def _lay_over(home: list[Any], additions: Any, document: Component, path: str, mistakes: list[Mistake]) -> None:
    """Each addition replaces what has its key, or joins ``home``."""
    if not isinstance(additions, list):
        mistakes.append(Mistake(path, "Expected a list of components."))
        return
    for n, addition in enumerate(additions):
        where = f"{path}/{n}"
        if not isinstance(addition, dict):
            mistakes.append(
                Mistake(where, "Expected a component, but found %(found)s.", {"found": repr(addition)[:60]})
            )
            continue
        if addition.get("type") == "group":
            group = _group(document, str(addition.get("label")))
            if group is not None:
                inner = group.setdefault("components", [])
                _lay_over(inner, addition.get("components", []), document, f"{where}/components", mistakes)
                _replace(group, {k: v for k, v in addition.items() if k != "components"})
                continue
        found = _find(document, str(addition.get("key"))) if addition.get("key") else None
        if found is not None:
            _replace(found[2], addition)
        else:
            _add(home, addition, document, where, mistakes)


def _replace(component: Component, members: Component) -> None:
    properties = {**_properties(component), **_properties(members)}
    component.update(members)
    if properties:
        component["properties"] = properties


def _add(home: list[Any], addition: Component, document: Component, path: str, mistakes: list[Mistake]) -> None:
    after = _properties(addition).get("after")
    if after is None:
        home.append(addition)
        return
    found = _find(document, str(after))
    if found is None:
        sentence = "Expected a field %(key)s to stand after, but there is none."
        mistakes.append(Mistake(f"{path}/properties/after", sentence, {"key": str(after)}))
        return
    found[0].insert(found[1] + 1, addition)
