"""Moving a running case to another version of its definition: what can move, what cannot, and why.

A case moves as a whole or not at all. What waits keeps waiting: tasks, drafts, due dates, timers, positions in a
collection. New boundary events and event subprocesses begin to listen, removed ones stop.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.definition.diagram import Element
from engine.errors import Rejected
from engine.runtime.compiled import ProcessDefinition
from engine.runtime.spiff import state as states
from engine.runtime.spiff.activity import LISTENING, Activity
from engine.runtime.spiff.case import Case
from engine.runtime.spiff.gateways import Joining, paths_to
from engine.runtime.spiff.node import Node
from engine.runtime.spiff.scope import Scope
from engine.runtime.spiff.token import Token
from engine.runtime.step import Step
from engine.runtime.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Blocker:
    """Why a case cannot move: the element, and a sentence (template and values)."""

    element: str
    template: str
    params: dict[str, Any]

    def __str__(self) -> str:
        return self.template % self.params


@dataclass(frozen=True, slots=True)
class Plan:
    """``mapping``: where each element with something waiting goes (old id → new id); empty ``blockers`` means go."""

    mapping: dict[str, str]
    blockers: tuple[Blocker, ...]


def plan(
    old: ProcessDefinition,
    new: ProcessDefinition,
    state: bytes,
    around: Surroundings,
    mapping: Mapping[str, str] | None = None,
) -> Plan:
    """Whether this case can move from ``old`` to ``new``. ``mapping`` renames elements; others keep their ids."""
    case = states.load(old, state, around)
    moves: dict[str, str] = {}
    blockers: list[Blocker] = []
    for token in case.tasks.values():
        if token.id:
            blockers += _of_token(case, token, new, mapping or {}, moves)
    for scope in case.scopes.values():
        if scope.process not in new.processes:
            blockers.append(
                Blocker(
                    scope.process,
                    "Expected the process %(element)s in the new version but it is gone. "
                    "Leave the case on its version.",
                    {"element": scope.process},
                )
            )
        for entry in scope.done:
            blockers += _of_undoing(entry, new, mapping or {})
    blockers += _of_joins(case, old, new, mapping or {})
    return Plan(moves, tuple(_once(blockers)))


def migrate(
    old: ProcessDefinition,
    new: ProcessDefinition,
    state: bytes,
    around: Surroundings,
    mapping: Mapping[str, str] | None = None,
) -> Step:
    """The case on the new version, and what is awaited more or less. Raises ``Rejected`` for the first blocker."""
    renames = mapping or {}
    for blocker in plan(old, new, state, around, renames).blockers:
        raise Rejected(blocker.template, **blocker.params)
    case = states.load(old, state, around)
    for token in list(case.tasks.values()):
        if token.id and token.listens and _target(token.task_spec, new, renames) is None:
            case.cancel_token(token)
    told = list(case.events)
    moved = states.load(new, _renamed(states.dump(case), renames), around)
    known = {_rename(name, renames) for name in old.spec.task_specs}
    for token in list(moved.tasks.values()):
        working = token.id and token.has_state(TaskState.STARTED) and isinstance(token.task_spec, Activity)
        if working and "of" not in token.note:
            _listen(moved, token, known)
    for scope in list(moved.scopes.values()):
        if scope.kind != "iteration":
            _listen_inside(moved, scope, known)
    moved.advance()
    return Step(states.dump(moved), (*told, *moved.events), moved.ended)


def _target(node: Node, new: ProcessDefinition, mapping: Mapping[str, str]) -> Node | None:
    """Where an element's tokens go, None if nowhere."""
    name = f"{node.process}/{mapping.get(node.element.id, node.element.id)}"
    return new.node(name) if name in new.spec.task_specs else None


def _of_token(
    case: Case, token: Token, new: ProcessDefinition, mapping: Mapping[str, str], moves: dict[str, str]
) -> Iterator[Blocker]:
    node = token.task_spec
    target = _target(node, new, mapping)
    said = {"element": node.element.name or node.element.id}
    if target is None:
        if not token.listens:
            yield Blocker(
                node.element.id,
                "Expected %(element)s, where the case waits, in the new version but it is gone. "
                "Name the element that takes its place.",
                said,
            )
        return
    moves[node.element.id] = target.element.id
    if _nature(node) != _nature(target):
        yield Blocker(
            node.element.id,
            "Expected %(element)s, where the case waits, to stay what it is but it is something "
            "else in the new version. Leave the case on its version.",
            said,
        )
    if _place(node, mapping) != _place(target, {}):
        yield Blocker(
            node.element.id,
            "Expected %(element)s, where the case waits, to stay in its subprocess but it moved "
            "to another. Leave the case on its version.",
            said,
        )
    host = token.note.get("host")
    if host in case.tasks:
        attached = mapping.get(node.element.attached_to or "", node.element.attached_to)
        if target.element.attached_to != attached:
            yield Blocker(
                node.element.id,
                "Expected the event %(element)s on the same activity but it moved to another. "
                "Leave the case on its version.",
                said,
            )
    if isinstance(node, Joining) and token.has_state(TaskState.WAITING) and token.via not in target.element.incoming:
        yield Blocker(
            node.element.id,
            "Expected the flow by which a branch came to %(element)s but it is gone. Leave the case on its version.",
            said,
        )


def _nature(node: Node) -> tuple[object, ...]:
    """What makes an element what it is for what waits at it."""
    element = node.element
    return (
        element.kind,
        element.loop.kind if element.loop else "",
        tuple(d.kind for d in element.definitions),
        element.triggered_by_event,
    )


def _place(node: Node, mapping: Mapping[str, str]) -> list[str]:
    """The subprocesses around an element, inner first."""
    found, parent = [], node.element.parent
    while parent is not None:
        found.append(mapping.get(parent, parent))
        parent = node.diagram.elements[parent].parent
    return found


def _of_undoing(entry: Mapping[str, Any], new: ProcessDefinition, mapping: Mapping[str, str]) -> Iterator[Blocker]:
    """What was done can still be undone."""
    handler = entry["handler"]
    if handler and _rename(handler, mapping) not in new.spec.task_specs:
        yield Blocker(
            entry["element"],
            "Expected what undoes %(element)s in the new version but it is gone. Leave the case on its version.",
            {"element": entry["element"]},
        )
    for inner in entry["inner"]:
        yield from _of_undoing(inner, new, mapping)


def _of_joins(
    case: Case, old: ProcessDefinition, new: ProcessDefinition, mapping: Mapping[str, str]
) -> Iterator[Blocker]:
    """A join that waits for other flows than before, while branches of it are under way, would wait for ever."""
    for node in old.spec.task_specs.values():
        if not isinstance(node, Joining) or len(node.element.incoming) < 2:
            continue
        target = _target(node, new, mapping)
        if target is not None and set(target.element.incoming) == set(node.element.incoming):
            continue
        upstream = paths_to(node.diagram, node.element.id)
        for scope in case.scopes.values():
            if scope.process != node.process:
                continue
            tokens = [t for t in case.live(scope.number) if not t.listens]
            here = [t for t in tokens if t.task_spec is node or t.task_spec.element.id in upstream]
            if len(tokens) > 1 and here:
                yield Blocker(
                    node.element.id,
                    "Expected the join %(element)s to wait for the same flows but they changed "
                    "while branches are under way. Migrate when they have met.",
                    {"element": node.element.name or node.element.id},
                )


def _once(blockers: list[Blocker]) -> Iterator[Blocker]:
    seen = set()
    for blocker in blockers:
        if str(blocker) not in seen:
            seen.add(str(blocker))
            yield blocker


def _rename(name: str, mapping: Mapping[str, str]) -> str:
    process, _, element = name.partition("/")
    return f"{process}/{mapping.get(element, element)}"


def _renamed(state: bytes, mapping: Mapping[str, str]) -> bytes:
    """The same state with elements called by their new ids."""
    data = json.loads(state)
    for token in data["tokens"]:
        token[1] = _rename(token[1], mapping)
        if "handler" in token[5]:
            token[5]["handler"] = mapping.get(token[5]["handler"], token[5]["handler"])
    for scope in data["scopes"]:
        if scope[4]:
            scope[4] = _rename(scope[4], mapping)
        scope[7] = [_renamed_entry(entry, mapping) for entry in scope[7]]
    data["outcome"][0] = mapping.get(data["outcome"][0], data["outcome"][0])
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _renamed_entry(entry: dict[str, Any], mapping: Mapping[str, str]) -> dict[str, Any]:
    return {
        "element": mapping.get(entry["element"], entry["element"]),
        "handler": _rename(entry["handler"], mapping) if entry["handler"] else "",
        "inner": [_renamed_entry(inner, mapping) for inner in entry["inner"]],
    }


def _listen(case: Case, host: Token, known: set[str]) -> None:
    """Boundary events that are new on an activity begin to listen; one that was there had its chance."""
    node = host.task_spec
    for boundary in node.diagram.boundary_events(node.element.id):
        name = f"{node.process}/{boundary.id}"
        if name not in known and _waits(boundary):
            case.run_token(case.arrive(case.definition.node(name), host.scope, None, host=host.id, listens=True))


def _listen_inside(case: Case, scope: Scope, known: set[str]) -> None:
    """Event subprocesses that are new in a scope begin to listen."""
    diagram = case.definition.processes[scope.process]
    inner = scope.kind in ("subprocess", "handler")
    for handler in diagram.children(case.definition.node(scope.node).element.id if inner else None):
        for start in diagram.starts(handler.id) if handler.triggered_by_event else ():
            name = f"{scope.process}/{start.id}"
            if name not in known and _waits(start):
                node = case.definition.node(name)
                case.run_token(case.arrive(node, scope.number, None, listens=True, handler=handler.id))


def _waits(event: Element) -> bool:
    return any(definition.kind in LISTENING for definition in event.definitions)
