"""Separation of duties as it is drawn: a task that says which steps nobody who does it may have done (``sm:apart``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.definition.diagram import Diagram, Element


def kept_apart(element: Element) -> tuple[str, ...]:
    """The elements from which a task is kept apart; none for a task that says nothing."""
    return tuple(element.attributes.get("apart", "").replace(",", " ").split())


def drawn_duties(diagrams: Iterable[Diagram]) -> Iterator[tuple[str, tuple[str, str]]]:
    """For each pair of steps that a diagram keeps apart: what the rule is called, and the two steps."""
    known = list(diagrams)
    names = {element.id: " ".join(element.name.split()) for one in known for element in one.elements.values()}
    for diagram in known:
        for element in diagram.elements.values():
            for other in kept_apart(element):
                yield f"{names.get(other) or other} ≠ {names[element.id] or element.id}", (other, element.id)
