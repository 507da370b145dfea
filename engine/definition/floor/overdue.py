"""The kinds of rule about what happens when nobody acts: whom a timer reaches, when, and who may report a message."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from itertools import product
from typing import Any

from engine.calendar import PLAIN, Calendar
from engine.definition.finding import Finding
from engine.definition.floor.composed import Node
from engine.definition.floor.days import BUSY, SAMPLES, moment_of, value_of
from engine.definition.floor.paths import literal_entries
from engine.definition.floor.people import called
from engine.definition.floor.rules import Rule
from engine.definition.floor.state import DONE
from engine.definition.floor.subject import Subject, broken
from engine.definition.roles import said

Tells = Callable[[Node], bool]


def timer_escalates(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """Whatever a timer sets going comes to somebody before it ends."""
    for node in subject.net.nodes.values():
        if node.element.definition("timer") is None or node.kind == "startEvent":
            continue
        lonely = _lonely_way(subject, node, lambda step: _told(rule, subject, step) is not None)
        if lonely is not None:
            yield broken(
                rule,
                subject,
                "Floor rule %(number)s “%(text)s” (%(source)s): expected the timer %(name)s to lead to somebody "
                "but this way ends without anybody: %(way)s. Draw a task or a notice after it.",
                [(DONE, key) for key in lonely],
                name=node.element.name or node.id,
            )


def overdue_escalates(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """While an element waits, a timer on it tells somebody else, at most ``days`` working days after ``after``.

    ``or_asking`` as for ``kept_away``: where an element is not drawn, the tasks that ask the variable stand for it.
    """
    asked = rule.get("or_asking", {})
    for element in rule["elements"]:
        drawn = element in subject.net.ids or element not in asked
        if drawn:
            for node in subject.net.at(element):
                yield from _unwatched(rule, subject, [node])
        else:  # whichever of those who ask instead is watched
            yield from _unwatched(
                rule, subject, [n for one in subject.answering(asked[element]) for n in subject.net.at(one)]
            )


def _unwatched(rule: Rule, subject: Subject, nodes: list[Node]) -> Iterator[Finding]:
    """What is wrong where none of these tasks is watched, or too late."""
    timers = [timer for node in nodes for timer in _watching(rule, subject, node)]
    name = nodes[0].element.name or nodes[0].id
    if not timers:
        yield broken(
            rule,
            subject,
            "Floor rule %(number)s “%(text)s” (%(source)s): expected a timer at %(name)s that tells somebody "
            "else when it is not done in time, but there is none. Draw it, with a notice after it.",
            element=nodes[0].id,
            name=name,
        )
        return
    late = _latest(rule, subject, timers)
    if late is None or late > rule["days"]:
        yield broken(
            rule,
            subject,
            "Floor rule %(number)s “%(text)s” (%(source)s): expected somebody else to be told about %(name)s "
            "within %(most)s working days but found %(found)s. Make the timer shorter.",
            element=timers[0].id,
            name=name,
            most=rule["days"],
            found="–" if late is None else late,
        )


def reported_by(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """The message for which the element waits can be reported on a page by one of the roles in ``any_of``."""
    for node in subject.net.at(rule["element"]):
        found = frozenset(role for message in awaited(node) for role in message.roles)
        names = subject.manifest.get("roles", {})
        if not found & set(rule["any_of"]):
            yield broken(
                rule,
                subject,
                "Floor rule %(number)s “%(text)s” (%(source)s): expected that %(wanted)s can report %(name)s "
                "but only %(found)s can. Give the message one of these roles.",
                element=node.id,
                name=called(subject, node.id),
                wanted="、".join(names.get(role, role) for role in rule["any_of"]),
                found="、".join(names.get(role, role) for role in sorted(found)) or "–",
            )


def awaited(node: Node) -> Iterator[Any]:
    """The messages that an element waits for."""
    refs = [found.ref for found in node.element.definitions if found.kind == "message"]
    for ref in (*refs, node.element.message if node.kind == "receiveTask" else None):
        message = node.diagram.messages.get(ref or "")
        if message is not None and node.kind not in ("endEvent", "intermediateThrowEvent"):
            yield message


# ------------------------------------------------------------------ whom a way reaches


def _told(rule: Rule, subject: Subject, node: Node) -> tuple[str, str] | None:
    """Role and level that a step reaches: whoever has a task there, or whom a notice names. None: nobody."""
    if node.kind == "userTask":
        who = said(node.diagram, node.id)
        return who.get("role", ""), who.get("level", who.get("tenant", ""))
    if node.element.attributes.get("connector") not in rule["connectors"]:
        return None
    named = literal_entries(node.element.attributes.get("input", ""))
    role, level = str(named.get("role", "")), str(named.get("level", ""))
    roles, levels = subject.manifest.get("roles", {}), subject.manifest.get("levels", {})
    known = role and (not roles or role in roles) and (not level or not levels or level in levels)
    return (role, level) if known else None


def _watching(rule: Rule, subject: Subject, node: Node) -> Iterator[Node]:
    """The timers on a task, or on what it stands in, that reach somebody who does not have the task itself."""
    own = _told(rule, subject, node)
    hosts = [node.key, *(key for key in subject.net.chains.get(node.scope, ()) if key is not None)]
    for host in hosts:
        for key in subject.net.boundaries.get(host, ()):
            timer = subject.net.nodes[key]
            others = _lonely_way(subject, timer, lambda step: _told(rule, subject, step) not in (None, own))
            if timer.element.definition("timer") is not None and others is None:
                yield timer


def _lonely_way(subject: Subject, timer: Node, tells: Tells) -> list[str] | None:
    """A way from the timer to an end on which no step tells anybody; None if there is none."""
    net, before = subject.net, dict[str, str | None]({timer.key: None})
    stack = [timer.key]
    while stack:
        key = stack.pop()
        node = net.nodes[key]
        if tells(node):
            continue
        onward = [net.flows[flow][1] for flow in net.outgoing(node)]
        if key in net.starts:
            onward = list(net.starts[key])
        elif not onward and node.scope is not None and timer.kind != "boundaryEvent":
            onward = [net.flows[flow][1] for flow in net.outgoing(net.nodes[node.scope])]
        if not onward:
            way: list[str] = []
            at: str | None = key
            while at is not None:
                way.append(at)
                at = before[at]
            return way[::-1]
        for target in onward:
            if target not in before:
                before[target] = key
                stack.append(target)
    return None


# ------------------------------------------------------------------ when


def _latest(rule: Rule, subject: Subject, timers: list[Node]) -> int | None:
    """After how many working days the first of the timers is over, at worst; None where that cannot be computed."""
    found: list[int | None] = []
    for kept, case in product((PLAIN, BUSY), rule.get("assuming", [{}])):
        moment = moment_of(case.get("now", SAMPLES[0]))
        variables = {**case, "profile": subject.profile}
        start = value_of(rule.get("after", "today()"), variables, moment, kept)
        days = [_days(timer, variables, moment, start, kept) for timer in timers]
        known = [one for one in days if one is not None]
        found.append(min(known) if known else None)
    return None if None in found else max(one for one in found if one is not None)


def _days(timer: Node, variables: Mapping[str, Any], moment: datetime, start: Any, kept: Calendar) -> int | None:
    definition = timer.element.definition("timer")
    text = definition.expression.strip() if definition is not None else ""
    body = text[1:] if text.startswith("=") else f'duration("{text.rpartition("/")[2]}")'
    end = value_of(body, variables, moment, kept)
    if not isinstance(end, date):
        end = value_of(f"now() + ({body})", variables, moment, kept)
    if isinstance(end, datetime):
        end = end.date()
    return kept.working_days_between(start, end) if type(end) is date and type(start) is date else None
