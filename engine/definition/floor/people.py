"""The kinds of rule about who does the work: separate people, who keeps away, roles, levels and units."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import combinations

from engine.definition.finding import Finding
from engine.definition.floor.rules import Rule
from engine.definition.floor.subject import Subject, broken
from engine.definition.recusal import recused
from engine.definition.roles import said
from engine.feel import Environment

_SOME_DAY = Environment(now=datetime(2026, 9, 7, 1, tzinfo=UTC))
_NOBODY = "\N{REPLACEMENT CHARACTER}"


def different_people(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """Any two of the elements stand together in a duty, so that nobody does both in one case."""
    groups = [duty.get("elements", []) for duty in subject.duties]
    for one, other in combinations(rule["elements"], 2):
        if not any(one in group and other in group for group in groups):
            yield broken(
                rule,
                subject,
                "Floor rule %(number)s “%(text)s” (%(source)s): expected a duty that keeps %(one)s and %(other)s apart "
                "but there is none. Put it back.",
                element=one,
                one=called(subject, one),
                other=called(subject, other),
            )


def lane_has(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """The element is done by this role, level or unit."""
    for node in subject.net.at(rule["element"]):
        found = {**said(node.diagram, node.id), "decision": node.element.attributes.get("decision", "")}
        for name in ("role", "level", "tenant", "decision"):
            wanted = rule.get(name)
            if wanted is not None and found.get(name) != wanted:
                yield broken(
                    rule,
                    subject,
                    "Floor rule %(number)s “%(text)s” (%(source)s): expected %(what)s %(wanted)s at %(name)s "
                    "but found %(found)s. Change it back.",
                    element=node.id,
                    what=name,
                    wanted=wanted,
                    name=node.element.name or node.id,
                    found=found.get(name) or "–",
                )


def levels_within(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """The tasks around an element are done at these levels only."""
    around = next(subject.net.at(rule["around"]), None)
    for node in subject.net.nodes.values():
        beside = around is not None and node.path.startswith(around.path) and node.kind == "userTask"
        level = said(node.diagram, node.id).get("level") if beside else None
        if beside and level not in rule["levels"]:
            yield broken(
                rule,
                subject,
                "Floor rule %(number)s “%(text)s” (%(source)s): please note that %(name)s is done at level %(found)s.",
                element=node.id,
                name=node.element.name or node.id,
                found=level or "–",
            )


def kept_away(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """With these answers ``person`` may do none of the elements; and somebody whom nothing names may do them.

    ``or_asking``: element → the variable that is answered there. Nobody does an element that is not drawn; then it is
    those who answer the variable, wherever they do, from whom ``person`` is kept away.
    """
    asked = rule.get("or_asking", {})
    drawn = [name for name in rule["elements"] if name in subject.net.ids or name not in asked]
    instead = [one for name in asked.keys() - set(drawn) for one in subject.answering(asked[name])]
    for element in dict.fromkeys((*drawn, *instead)):
        known = {**rule["answers"], "profile": subject.profile}
        if recused(subject.recusals, element, rule["person"], known, _SOME_DAY) is None:
            yield broken(
                rule,
                subject,
                "Floor rule %(number)s “%(text)s” (%(source)s): expected a recusal that keeps %(person)s from %(name)s "
                "when %(answers)s, but there is none. Put it back.",
                element=element,
                person=rule["person"],
                name=called(subject, element),
                answers=", ".join(f"{key} = {value}" for key, value in rule["answers"].items()),
            )
        elif recused(subject.recusals, element, _NOBODY, {"profile": subject.profile}, _SOME_DAY) is not None:
            yield broken(
                rule,
                subject,
                "Floor rule %(number)s “%(text)s” (%(source)s): expected that others may do %(name)s but the recusal "
                "keeps everybody away. Correct its condition.",
                element=element,
                name=called(subject, element),
            )


def called(subject: Subject, element: str) -> str:
    """What an element is called on its diagram."""
    node = next(subject.net.at(element), None)
    return (node.element.name if node is not None else "") or element
