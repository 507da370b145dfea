"""The whole procedure as one net: every call activity replaced by the process it calls, wherever it is called.

A node's key is the chain of calls that leads to it and its own id: ``visit/assess``. What the explorer cannot
follow faithfully raises ``TooLarge``: the answer is then "cannot be checked", never a guess.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from engine.definition.diagram import Diagram, Element
from engine.errors import Rejected

NODES_MAX = 2_000
DEPTH_MAX = 8
_FOREIGN = frozenset({"adHocSubProcess", "transaction", "complexGateway"})
_FOREIGN_EVENTS = frozenset({"compensate", "cancel", "signal"})


class TooLarge(Rejected):
    """The behaviour cannot be explored completely, so nothing may be said about it."""


@dataclass(frozen=True, slots=True)
class Node:
    """One element at one place of the composed process. ``scope`` is the key of the activity it runs in."""

    key: str
    element: Element
    diagram: Diagram
    scope: str | None
    path: str
    watched: bool = False

    @property
    def id(self) -> str:
        return self.element.id

    @property
    def kind(self) -> str:
        return self.element.kind

    def within(self, id_: str) -> str:
        """The key of another element or flow of the same place."""
        return f"{self.path}{id_}"


@dataclass(frozen=True)
class Net:
    """``nodes`` by key; ``flows``: key → (source key, target key); ``starts``: scope → keys; ``boundaries`` by host."""

    nodes: Mapping[str, Node]
    flows: Mapping[str, tuple[str, str]]
    starts: Mapping[str | None, tuple[str, ...]]
    boundaries: Mapping[str, tuple[str, ...]]
    chains: Mapping[str | None, frozenset[str | None]] = field(default_factory=dict)
    """Scope → itself and every scope around it."""
    begins: tuple[str, ...] = ()
    """The start events of the main process at which a message begins a case, instead of a person."""

    def outgoing(self, node: Node) -> tuple[str, ...]:
        return tuple(node.within(flow) for flow in node.element.outgoing)

    def incoming(self, node: Node) -> tuple[str, ...]:
        return tuple(node.within(flow) for flow in node.element.incoming)

    def at(self, element: str) -> Iterator[Node]:
        """Every place of an element id."""
        return iter(self._places.get(element, ()))

    @property
    def ids(self) -> Set[str]:
        return self._places.keys()

    @cached_property
    def _places(self) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            found.setdefault(node.id, []).append(node)
        return found


def compose(main: str, processes: Mapping[str, Diagram], watched: frozenset[str] = frozenset()) -> Net:
    """The net of ``main`` with all calls resolved. ``watched``: ids whose order matters to a rule."""
    making = _Making(processes, watched)
    if main not in processes:
        raise TooLarge("Expected the process %(main)s but it is not among the files. Add %(main)s.bpmn.", main=main)
    making.lay(processes[main], "", None, ())
    chains: dict[str | None, frozenset[str | None]] = {None: frozenset({None})}
    for key, node in making.nodes.items():
        chains.setdefault(node.scope, frozenset())
        around: set[str | None] = {key, None}
        scope = node.scope
        while scope is not None:
            around.add(scope)
            scope = making.nodes[scope].scope
        chains[key] = frozenset(around)
    return Net(making.nodes, making.flows, making.starts, making.boundaries, chains, making.begins)


class _Making:
    def __init__(self, processes: Mapping[str, Diagram], watched: frozenset[str]) -> None:
        self.processes, self.watched = processes, watched
        self.nodes: dict[str, Node] = {}
        self.flows: dict[str, tuple[str, str]] = {}
        self.starts: dict[str | None, tuple[str, ...]] = {}
        self.boundaries: dict[str, tuple[str, ...]] = {}
        self.begins: tuple[str, ...] = ()

    def lay(self, diagram: Diagram, path: str, scope: str | None, calls: tuple[str, ...]) -> None:
        if diagram.process in calls or len(calls) > DEPTH_MAX:
            raise _large("Expected calls that end but %(what)s calls itself. Draw a loop instead.", diagram.process)
        begins = [one for one in diagram.starts(None) if one.kind == "startEvent" and one.definitions]
        self.starts[scope] = tuple(path + start.id for start in diagram.starts(None) if start not in begins)
        for start in begins:
            if calls or any(found.kind != "message" for found in start.definitions):
                raise _large(
                    "Expected elements whose order can be explored but %(what)s is not. Draw it plainly.", start.id
                )
            self.begins = (*self.begins, path + start.id)
        for flow in diagram.flows.values():
            self.flows[path + flow.id] = (path + flow.source, path + flow.target)
        for element in diagram.elements.values():
            _require_known(element)
            key = path + element.id
            inside = path + element.parent if element.parent else scope
            self.nodes[key] = Node(key, element, diagram, inside, path, element.id in self.watched)
            if len(self.nodes) > NODES_MAX:
                raise _large("Expected a procedure small enough to check but %(what)s is too large.", diagram.process)
            if element.attached_to:
                host = path + element.attached_to
                self.boundaries[host] = (*self.boundaries.get(host, ()), key)
            if element.is_subprocess:
                self.starts[key] = tuple(path + start.id for start in diagram.starts(element.id))
        for element in diagram.elements.values():
            if element.kind == "callActivity":
                called = self.processes.get(element.called)
                if called is None:
                    raise _large(
                        "Expected a process known beforehand but what %(what)s calls is not: it is computed, or "
                        "missing, and nobody can check what it would do. Name one process in the call.",
                        element.id,
                    )
                key = path + element.id
                self.lay(called, f"{key}/", key, (*calls, diagram.process))


def _require_known(element: Element) -> None:
    foreign = element.kind in _FOREIGN or element.triggered_by_event or element.for_compensation
    if foreign or any(found.kind in _FOREIGN_EVENTS for found in element.definitions) or element.parallel_multiple:
        raise _large("Expected elements whose order can be explored but %(what)s is not. Draw it plainly.", element.id)


def _large(template: str, what: Any) -> TooLarge:
    return TooLarge(template, what=what)
