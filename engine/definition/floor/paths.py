"""The kinds of rule about order: asked of every way through the composed process, never of names or drawings."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import product
from typing import Any

from engine.definition.finding import Finding
from engine.definition.floor.choices import UNKNOWN, truth
from engine.definition.floor.composed import Node
from engine.definition.floor.rules import Rule
from engine.definition.floor.space import Goal, find_way
from engine.definition.floor.state import DONE, ENTER, Label, State
from engine.definition.floor.subject import Subject, broken
from engine.errors import ShangmenError
from engine.feel import compile_expression
from engine.feel import syntax as s

_MISSING = (
    "Floor rule %(number)s “%(text)s” (%(source)s): expected the step %(element)s but no way leads to it. Put it back."
)


def must_pass(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """Every way to each target has passed each of ``through`` before."""
    yield from _required(rule, subject, rule["targets"], ([step] for step in rule["through"]))


def document_before(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """Every way to each target has made the document before."""
    made = sorted({node.id for node in subject.net.nodes.values() if _document(node) == rule["document"]})
    yield from _required(rule, subject, rule["targets"], [made])


def end_has_feedback(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """Every end of the case that is reached, but the positive ones, lies behind each of ``through``.

    An end that no way leads to breaks nothing here: it is the rule ``sound`` that wants it reached.
    """
    reached = subject.space.visited
    ends = [n.id for n in subject.net.nodes.values() if n.kind == "endEvent" and n.scope is None and n.key in reached]
    yield from _absent(rule, subject, rule["positive"])
    negative = [end for end in ends if end not in rule["positive"]]
    yield from _required(rule, subject, negative, ([step] for step in rule["through"]))


def precedes(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """After each of ``since``, none of ``then`` begins before all of ``first`` are done (again)."""
    yield from _absent(rule, subject, [*rule["first"], *rule["then"]])
    begin = tuple(subject.space.after(_visits(DONE, subject, rule["since"]))) if rule["since"] else None
    for then in rule["then"]:
        for first in rule["first"]:
            goal = _goal(rule, subject, then)
            way = find_way(subject.space, goal, _visits(DONE, subject, [first]), begin)
            if way is not None:
                yield broken(
                    rule,
                    subject,
                    "Floor rule %(number)s “%(text)s” (%(source)s): expected %(first)s before %(then)s "
                    "but this way comes there without it: %(way)s. Draw it through %(first)s.",
                    way,
                    first=_name(subject, first),
                    then=_name(subject, then),
                )


def holds_at(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """Whenever the element is reached, the condition is true."""
    yield from _absent(rule, subject, [rule["element"]])
    here = _visits(ENTER, subject, [rule["element"]])
    way = find_way(subject.space, Goal(here, lambda before: _surely(subject, rule["condition"], before)))
    if way is not None:
        yield broken(
            rule,
            subject,
            "Floor rule %(number)s “%(text)s” (%(source)s): expected %(condition)s at %(name)s "
            "but this way comes there otherwise: %(way)s. Correct the conditions on it.",
            way,
            name=_name(subject, rule["element"]),
            condition=rule["condition"],
        )


def both_reachable(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """With each value of the field at the start, the target can be reached."""
    name, target = rule["field"], rule["target"]
    start = subject.forms.get(str(subject.manifest.get("start_form", "")))
    field = start.field(name) if start is not None else None
    offered = {option.kept for option in field.options} if field is not None else set()
    for value in rule["values"]:
        reached = value in offered
        if reached and name in subject.followed.names:
            read = any(name in compile_expression(text).names for text in subject.conditions)
            space = subject.explored({name: frozenset({value})}) if read else subject.space
            reached = any(key in space.visited for key in (node.key for node in subject.net.at(target)))
        if not reached:
            yield broken(
                rule,
                subject,
                "Floor rule %(number)s “%(text)s” (%(source)s): expected a way from %(field)s = %(value)s to %(name)s "
                "but there is none. Offer the choice and draw the way.",
                element=target,
                name=_name(subject, target),
                field=name,
                value=value,
            )


# ------------------------------------------------------------------ the search


def _required(rule: Rule, subject: Subject, targets: list[str], through: Any) -> Iterator[Finding]:
    yield from _absent(rule, subject, targets)
    for steps in through:
        for target in targets:
            way = find_way(subject.space, _goal(rule, subject, target), _visits(DONE, subject, steps))
            if way is not None:
                missing = "、".join(_name(subject, step) for step in steps) or str(rule.get("document", ""))
                yield broken(
                    rule,
                    subject,
                    "Floor rule %(number)s “%(text)s” (%(source)s): expected every way to %(target)s to pass "
                    "%(through)s but this one does not: %(way)s. Draw it through %(through)s.",
                    way,
                    target=_name(subject, target),
                    through=missing,
                )


def _absent(rule: Rule, subject: Subject, elements: Collection[str]) -> Iterator[Finding]:
    """The elements that nothing leads to any more: a rule about them would hold only in name."""
    for element in elements:
        if not any(node.key in subject.space.visited for node in subject.net.at(element)):
            yield broken(rule, subject, _MISSING, element=element)


def _goal(rule: Rule, subject: Subject, target: str) -> Goal:
    unless = rule.get("unless")
    visits = _visits(ENTER, subject, [target])
    return Goal(visits) if unless is None else Goal(visits, lambda before: _surely(subject, unless, before))


def _visits(what: str, subject: Subject, elements: Collection[str]) -> frozenset[Label]:
    return frozenset((what, node.key) for element in elements for node in subject.net.at(element))


def _surely(subject: Subject, condition: str, state: State) -> bool:
    """Whether the condition is true for everything that the variables may be in this state."""
    followed = subject.followed
    names = sorted(compile_expression(condition).names - {"profile"})
    if not set(names) <= set(followed.names):
        return False
    sides = [state.values[followed.index(name)] for name in names]
    found = [truth(condition, dict(zip(names, chosen, strict=True)), subject.profile) for chosen in product(*sides)]
    return all(one is True and one is not UNKNOWN for one in found)


def _name(subject: Subject, element: str) -> str:
    node = next(subject.net.at(element), None)
    return (node.element.name if node is not None else "") or element


def _document(node: Node) -> str:
    """What a service task makes, when its input says so plainly."""
    if node.kind != "serviceTask":
        return ""
    return str(literal_entries(node.element.attributes.get("input", "")).get("document", ""))


def literal_entries(text: str) -> dict[str, Any]:
    """The texts that a FEEL context gives as they stand; empty for anything else."""
    try:
        tree = compile_expression(text).tree if text else None
    except ShangmenError:
        return {}
    entries = tree.entries if isinstance(tree, s.ContextLiteral) else ()
    return {entry.name: entry.value.value for entry in entries if isinstance(entry.value, s.StringLiteral)}
