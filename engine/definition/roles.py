"""Who a diagram says does a task: its own role, level and tenant before its lanes', inner before outer."""

from __future__ import annotations

from engine.definition.diagram import Diagram


def said(diagram: Diagram, element: str) -> dict[str, str]:
    """``role``, ``level`` and ``tenant`` of a task: its own before its lanes', inner before outer."""
    found: dict[str, str] = {}
    around: str | None = element
    while around is not None:
        node = diagram.elements[around]
        for key in ("role", "level", "tenant"):
            if key in node.attributes:
                _put(found, key, node.attributes[key])
        for lane in reversed(diagram.lanes):
            if around in lane.elements:
                for key in ("role", "level", "tenant"):
                    if key in lane.attributes:
                        _put(found, key, lane.attributes[key])
        around = node.parent
    return found


def _put(found: dict[str, str], key: str, value: str) -> None:
    """A nearer level or tenant hides both of the farther ones: they answer the same question."""
    if key in ("level", "tenant") and ("level" in found or "tenant" in found):
        return
    found.setdefault(key, value)
