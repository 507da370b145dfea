"""Soundness, by behaviour: whatever happened, the case can still end, and every element can happen."""

from __future__ import annotations

from collections.abc import Iterator

from engine.definition.finding import Finding
from engine.definition.floor.rules import Rule
from engine.definition.floor.space import doomed, way_to
from engine.definition.floor.subject import Subject, broken


def sound(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """No dead end, no way round for ever, and no element that can never be reached."""
    space = subject.space
    lost = doomed(space)
    stuck = next((number for number in lost if not space.edges[number]), None)
    if stuck is not None:
        yield broken(
            rule,
            subject,
            "Floor rule %(number)s “%(text)s” (%(source)s): expected a way on "
            "but the case stays for ever after this: %(way)s. Draw the way on.",
            way_to(space, stuck),
        )
    elif lost:
        yield broken(
            rule,
            subject,
            "Floor rule %(number)s “%(text)s” (%(source)s): expected that the case can end "
            "but after this it goes round for ever: %(way)s. Draw a way out.",
            way_to(space, lost[-1]),
        )
    reached = {subject.net.nodes[key].id for key in space.visited}
    told: set[str] = set()
    for node in subject.net.nodes.values():
        if node.id not in reached and node.id not in told:
            told.add(node.id)
            yield broken(
                rule,
                subject,
                "Floor rule %(number)s “%(text)s” (%(source)s): expected a way to %(name)s but whatever happens "
                "none leads there. Correct the conditions before it, or remove it.",
                element=node.id,
                name=node.element.name or node.id,
            )


def unchecked(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """What no check can tell yet is said each time, so that it never passes in silence."""
    yield Finding(
        "floor",
        "",
        "warning",
        "Floor rule %(number)s “%(text)s” (%(source)s) is not checked by the machine: %(reason)s. Check it yourself.",
        {"number": rule.number, "kind": rule.kind, "text": rule.text, "source": rule.source, "reason": rule["reason"]},
        subject.main,
    )
