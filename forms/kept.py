"""A form that a browser's editor wrote, on the text of the form that was there: what nobody edited stays as written.

The editor gives every part an id and a row of its page, and writes all in one line. Parts are recognised by key or id;
what is unchanged keeps its text, what is new is set as the forms of the library are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from forms.grammar import FormError, read_json

WIDTH: Final = 117
_OF_THE_EDITOR: Final = frozenset(
    {"exporter", "executionPlatform", "executionPlatformVersion", "versionTag", "generator"}
)
_UNASKED: Final = [{"label": "Value", "value": "value"}]
"""The choices that the editor gives to a field that has none of its own."""
_BLANK: Final = " \t\r\n"


@dataclass(frozen=True, slots=True)
class _Node:
    """A JSON value, its text, and the nodes inside it (by key or index)."""

    value: Any
    text: str
    inside: dict[Any, _Node]


def kept_form(before: bytes, written: bytes) -> bytes:
    """``written`` with the text of ``before`` where both say the same. Raises ``FormError`` if it is no JSON object.

    A former text that cannot be read counts as none.
    """
    read_json(written)
    after = json.loads(written)
    try:
        read_json(before)
        node = _Scanner(before.decode("utf-8")).node()
    except (FormError, ValueError, RecursionError):
        node = None
    clean = _clean(after, node.value if node else None)
    if node is not None and clean == node.value:
        return before
    return (_text(clean, node, 0, 0) + "\n").encode()


def _clean(after: dict[str, Any], before: Any) -> dict[str, Any]:
    """The form without what the editor puts in by itself."""
    old = before if isinstance(before, dict) else {}
    found = {key: value for key, value in after.items() if key in old or key not in _OF_THE_EDITOR}
    if isinstance(found.get("components"), list):
        found["components"] = _parts(found["components"], old.get("components"))
    return _ordered(found, old)


def _parts(after: list[Any], before: Any) -> list[Any]:
    return [
        _part(part, _partner(part, n, before)[1]) if isinstance(part, dict) else part for n, part in enumerate(after)
    ]


def _part(part: dict[str, Any], old: Any) -> dict[str, Any]:
    old = old if isinstance(old, dict) else {}
    found = dict(part)
    if "id" not in old:
        found.pop("id", None)
    layout = found.get("layout")
    if "layout" not in old and isinstance(layout, dict) and layout.get("columns") is None:
        found.pop("layout")
    properties = found.get("properties")
    takes_units = isinstance(properties, dict) and bool(properties.get("options_from"))
    if takes_units and ("values" not in old or found.get("values") == _UNASKED):
        found.pop("values", None)
    if "showOutline" not in old and found.get("showOutline") is True:
        found.pop("showOutline")
    if isinstance(found.get("components"), list):
        found["components"] = _parts(found["components"], old.get("components"))
    return _ordered(found, old)


def _ordered(found: dict[str, Any], old: dict[str, Any]) -> dict[str, Any]:
    """The order of the former keys, then the new ones."""
    return {key: found[key] for key in (*(k for k in old if k in found), *(k for k in found if k not in old))}


def _partner(part: Any, index: int, before: Any) -> tuple[int, Any]:
    """The former part that this is: of the same id or key; else the one at its place, if that is of its kind."""
    old = before if isinstance(before, list) else []
    if isinstance(part, dict):
        for name in ("key", "id"):
            if part.get(name):
                for n, one in enumerate(old):
                    if isinstance(one, dict) and one.get(name) == part[name]:
                        return n, one
        if part.get("key"):
            return -1, None
        for n, one in enumerate(old):
            if isinstance(one, dict) and one.get("label", one.get("text")) == part.get("label", part.get("text")):
                return n, one
        same = index < len(old) and isinstance(old[index], dict) and old[index].get("type") == part.get("type")
        return (index, old[index]) if same and not old[index].get("key") else (-1, None)
    return (old.index(part), part) if part in old else (-1, None)


def _text(value: Any, node: _Node | None, indent: int, ahead: int) -> str:
    """A value as text: the former text where it says the same, else set within ``WIDTH`` characters."""
    if node is not None and type(node.value) is type(value) and node.value == value and _same_order(node.value, value):
        return node.text
    flat = json.dumps(value, ensure_ascii=False)
    was_long = node is not None and "\n" in node.text
    if not isinstance(value, dict | list) or not value or (indent + ahead + len(flat) <= WIDTH and not was_long):
        return flat
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        lines = []
        for key, inner in value.items():
            name = json.dumps(key, ensure_ascii=False)
            found = node.inside.get(key) if node is not None and isinstance(node.value, dict) else None
            lines.append(f"{pad}{name}: {_text(inner, found, indent + 2, len(name) + 3)}")
        opening, closing = "{", "}"
    else:
        old = node.value if node is not None and isinstance(node.value, list) else []
        lines = []
        for n, inner in enumerate(value):
            index, _ = _partner(inner, n, old)
            lines.append(pad + _text(inner, node.inside.get(index) if node is not None else None, indent + 2, 1))
        opening, closing = "[", "]"
    return opening + "\n" + ",\n".join(lines) + "\n" + " " * indent + closing


def _same_order(one: Any, other: Any) -> bool:
    return not isinstance(one, dict) or list(one) == list(other)


class _Scanner:
    """Reads JSON that is known to be good, and remembers which text every value was."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.decoder = json.JSONDecoder()

    def node(self) -> _Node:
        self._blank()
        begin, sign = self.at, self.text[self.at]
        inside: dict[Any, _Node] = {}
        if sign not in "{[":
            value, self.at = self.decoder.raw_decode(self.text, self.at)
            return _Node(value, self.text[begin : self.at], inside)
        self.at += 1
        while self._blank() not in "}]":
            if sign == "{":
                key, self.at = self.decoder.raw_decode(self.text, self.at)
                self._blank()
                self.at += 1  # the colon
            else:
                key = len(inside)
            inside[key] = self.node()
            if self._blank() == ",":
                self.at += 1
        self.at += 1
        found = (
            {key: one.value for key, one in inside.items()} if sign == "{" else [one.value for one in inside.values()]
        )
        return _Node(found, self.text[begin : self.at], inside)

    def _blank(self) -> str:
        while self.text[self.at] in _BLANK:
            self.at += 1
        return self.text[self.at]
