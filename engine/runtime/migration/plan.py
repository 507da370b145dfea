"""Whether a case can move to another version: where everything that waits goes, and what stands in the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.definition.diagram import Element
from engine.runtime import assignment
from engine.runtime.compiled import ProcessDefinition
from engine.runtime.migration.renaming import Renames, renamed
from engine.runtime.spiff import state as states
from engine.runtime.spiff.case import Case
from engine.runtime.spiff.gateways import Joining, paths_to
from engine.runtime.spiff.node import Node
from engine.runtime.spiff.scope import CASE, Scope
from engine.runtime.spiff.tasks import User
from engine.runtime.spiff.token import Token
from engine.runtime.stuck import Stuck
from engine.runtime.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Blocker:
    """Why a case cannot move: the element, and a sentence (template and values).

    ``choices``, for an element that is gone: the elements (id, name) of the new version that may take its place.
    """

    element: str
    template: str
    params: dict[str, Any]
    choices: tuple[tuple[str, str], ...] = ()

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
    mapping: Renames | None = None,
) -> Plan:
    """Whether this case can move from ``old`` to ``new``. ``mapping`` renames elements; others keep their ids."""
    case = states.load(old, state, around)
    renames = mapping or {}
    moves: dict[str, str] = {}
    blockers: list[Blocker] = []
    if old.main != new.main:
        said = {"old": called(old.diagram.name, old.main), "new": called(new.diagram.name, new.main)}
        blockers.append(
            Blocker(
                "",
                "Expected the same main process but the new version begins with %(new)s instead of %(old)s. "
                "Leave the case on its version.",
                said,
            )
        )
    for token in case.tasks.values():
        if token.id:
            blockers += _of_token(case, token, new, renames, moves)
    for scope in case.scopes.values():
        blockers += _of_scope(case, scope, new, renames)
        for entry in scope.done:
            blockers += _of_undoing(entry, old, new, renames)
    blockers += _of_joins(case, old, new, renames)
    return Plan(moves, tuple(_once(blockers)))


def target(node: Node, new: ProcessDefinition, mapping: Renames) -> Node | None:
    """Where an element's tokens go, None if nowhere."""
    name = renamed(node.name, mapping)
    return new.node(name) if name in new.spec.task_specs else None


def called(name: str, otherwise: str) -> str:
    """What people call something."""
    return name or otherwise


def named(node: Node) -> str:
    """What an administrator calls an element; one without a name is told by what leads to it."""
    if node.element.name:
        return node.element.name
    before = [node.diagram.elements[node.diagram.flows[flow].source].name for flow in node.element.incoming]
    return f"({' + '.join(name for name in before if name)} →)" if any(before) else node.element.id


def _of_token(
    case: Case, token: Token, new: ProcessDefinition, mapping: Renames, moves: dict[str, str]
) -> Iterator[Blocker]:
    node = token.task_spec
    there = target(node, new, mapping)
    said = {"element": named(node)}
    if there is None:
        if not token.listens:
            yield Blocker(
                node.element.id,
                "Expected %(element)s, where the case waits, in the new version but it is gone. "
                "Name the element that takes its place.",
                said,
                _choices(node, new, mapping),
            )
        return
    moves[node.element.id] = there.element.id
    if _nature(node.element) != _nature(there.element):
        yield Blocker(
            node.element.id,
            "Expected %(element)s, where the case waits, to stay what it is but it is something "
            "else in the new version. Leave the case on its version.",
            said,
        )
    elif _items(node.element) != _items(there.element):
        yield Blocker(
            node.element.id,
            "Expected %(element)s, which is done item by item, to name its items and results as before but the new "
            "version names them otherwise. Leave the case on its version.",
            said,
        )
    if _place(node, mapping) != _place(there, {}):
        yield Blocker(
            node.element.id,
            "Expected %(element)s, where the case waits, to stay in its subprocess but it moved "
            "to another. Leave the case on its version.",
            said,
        )
    yield from _of_neighbours(case, token, new, there, mapping, said)
    yield from _of_assignment(case, token, there, said)


def _of_neighbours(
    case: Case, token: Token, new: ProcessDefinition, there: Node, mapping: Renames, said: dict[str, Any]
) -> Iterator[Blocker]:
    """What a token hangs on: the activity that it watches, the flow by which it came to a join."""
    element = token.task_spec.element
    host = case.tasks.get(token.note.get("host", -1))
    if host is not None and target(host.task_spec, new, mapping) is not None:
        attached = mapping.get(element.attached_to or "", element.attached_to)
        if there.element.attached_to != attached:
            yield Blocker(
                element.id,
                "Expected the event %(element)s on the same activity but it moved to another. "
                "Leave the case on its version.",
                said,
            )
    joins = isinstance(token.task_spec, Joining) and token.has_state(TaskState.WAITING)
    if joins and token.via not in there.element.incoming:
        yield Blocker(
            element.id,
            "Expected the flow by which a branch came to %(element)s but it is gone. Leave the case on its version.",
            said,
        )


def _of_assignment(case: Case, token: Token, there: Node, said: dict[str, Any]) -> Iterator[Blocker]:
    """An open task must belong to somebody in the new version too."""
    node = token.task_spec
    if not isinstance(there, User) or not token.has_state(TaskState.STARTED) or there.is_host(token):
        return
    words = assignment.said(there.diagram, there.element.id)
    if words == assignment.said(node.diagram, node.element.id):
        return
    try:
        assignment.assign(words, case.around, lambda text: there.value(token, text))
    except Stuck as stuck:
        yield Blocker(
            node.element.id,
            "Expected somebody for %(element)s in the new version but there is nobody: %(reason)s",
            {**said, "reason": str(stuck)},
        )


def _choices(node: Node, new: ProcessDefinition, mapping: Renames) -> tuple[tuple[str, str], ...]:
    """The elements that may take the place of one that is gone: of its nature, in its process and subprocess."""
    diagram = new.processes.get(node.process)
    return tuple(
        (element.id, called(element.name, element.id))
        for element in (diagram.elements.values() if diagram else ())
        if f"{node.process}/{element.id}" in new.spec.task_specs
        and _nature(element) == _nature(node.element)
        and _items(element) == _items(node.element)
        and _place(new.node(f"{node.process}/{element.id}"), {}) == _place(node, mapping)
    )


def _nature(element: Element) -> tuple[object, ...]:
    """What makes an element what it is for what waits at it."""
    return (
        element.kind,
        element.loop.kind if element.loop else "",
        tuple(d.kind for d in element.definitions),
        element.triggered_by_event,
    )


def _items(element: Element) -> tuple[object, ...]:
    """The names under which the iterations that are open have what they work on."""
    loop = element.loop
    return (loop.item, loop.output, loop.outputs) if loop else ()


def _place(node: Node, mapping: Mapping[str, str]) -> list[str]:
    """The subprocesses around an element, inner first."""
    found, parent = [], node.element.parent
    while parent is not None:
        found.append(mapping.get(parent, parent))
        parent = node.diagram.elements[parent].parent
    return found


def _of_scope(case: Case, scope: Scope, new: ProcessDefinition, mapping: Renames) -> Iterator[Blocker]:
    """A process that runs must still be there, and still be the one that is called."""
    old = case.definition.processes[scope.process]
    if scope.process not in new.processes:
        yield Blocker(
            scope.process,
            "Expected the process %(element)s in the new version but it is gone. Leave the case on its version.",
            {"element": called(old.name, old.process)},
        )
        return
    if scope.kind != "call" or scope.number == CASE:
        return
    there = target(case.definition.node(scope.node), new, mapping)
    if there is not None and there.element.kind == "callActivity" and scope.process not in there.element.callable:
        yield Blocker(
            there.element.id,
            "Expected %(element)s to call %(process)s, which is under way, but the new version calls another process "
            "there. Migrate when it is done.",
            {"element": named(there), "process": called(old.name, old.process)},
        )


def _of_undoing(
    entry: Mapping[str, Any], old: ProcessDefinition, new: ProcessDefinition, mapping: Renames
) -> Iterator[Blocker]:
    """What was done can still be undone."""
    handler = entry["handler"]
    if handler and renamed(handler, mapping) not in new.spec.task_specs:
        process, _, _ = handler.partition("/")
        yield Blocker(
            entry["element"],
            "Expected what undoes %(element)s in the new version but it is gone. Leave the case on its version.",
            {"element": named(old.node(f"{process}/{entry['element']}"))},
        )
    for inner in entry["inner"]:
        yield from _of_undoing(inner, old, new, mapping)


def _of_joins(case: Case, old: ProcessDefinition, new: ProcessDefinition, mapping: Renames) -> Iterator[Blocker]:
    """A join that waits for other flows than before, while branches of it are under way, would wait for ever."""
    for node in old.spec.task_specs.values():
        if not isinstance(node, Joining) or len(node.element.incoming) < 2:
            continue
        there = target(node, new, mapping)
        if there is not None and set(there.element.incoming) == set(node.element.incoming):
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
                    {"element": named(node)},
                )


def _once(blockers: list[Blocker]) -> Iterator[Blocker]:
    seen = set()
    for blocker in blockers:
        if str(blocker) not in seen:
            seen.add(str(blocker))
            yield blocker
