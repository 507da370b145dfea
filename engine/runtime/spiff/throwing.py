"""What is thrown and who catches it: errors, escalations, terminate, compensation; messages and signals by name.

An error or escalation looks outward from where it is thrown: first an event subprocess of the scope,
then the boundary of the activity around it, then the next scope. Nobody else hears it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, cast

from SpiffWorkflow.util.task import TaskState

from engine.definition.diagram import Element, EventDefinition
from engine.runtime.spiff import compensation, messages
from engine.runtime.spiff.messages import LISTENING
from engine.runtime.spiff.token import Token
from engine.runtime.stuck import Stuck

if TYPE_CHECKING:
    from engine.runtime.spiff.case import Case
    from engine.runtime.spiff.events import Boundary, Start
    from engine.runtime.spiff.node import Node
    from engine.runtime.spiff.scope import Scope
    from engine.runtime.spiff.subprocess import Handler

Action = Callable[[], bool]
"""Does what was prepared; true if the thrower must wait until it is done."""


def prepare(node: Node, token: Token, definition: EventDefinition) -> Action:
    """What throwing this means, checked before anything is changed. Raises ``Stuck`` for an error nobody catches."""
    case = token.workflow
    match definition.kind:
        case "message":
            return _then_go_on(messages.prepare_message(token, definition.name, definition.ref))
        case "signal":
            return _then_go_on(messages.prepare_signal(token, definition.name))
        case "terminate":
            return _then_go_on(lambda: case.empty_scope(case.scopes[token.scope], but=token))
        case "error":
            caught = find_catcher(case, token.scope, definition)
            if caught is None:
                raise Stuck(
                    "Expected somebody to handle the error %(error)s of %(element)s but nobody does. "
                    "Attach an error event, or skip this with a reason.",
                    error=definition.code or definition.name or "",
                    element=node.element.name or node.element.id,
                )
            return _then_go_on(caught)
        case "escalation":
            caught = find_catcher(case, token.scope, definition)
            return _then_go_on(caught or _nothing)
        case "compensate":
            return lambda: compensation.throw(token, definition)
        case "cancel":
            return lambda: compensation.cancel_transaction(token)
    return lambda: False


def _then_go_on(act: Callable[[], None]) -> Action:
    def action() -> bool:
        act()
        return False

    return action


def _nothing() -> None:
    """Nobody listens: an escalation needs nobody."""


def throw_implicitly(host: Token, thrown: EventDefinition) -> None:
    """An activity tells of its own progress (BPMN 2.0.2 table 10.30): errors and escalations look outward.

    Its own boundary events hear it without interrupting it: what one of its instances tells is no reason to take the
    others away, and the standard has it told by each instance, or once and the activity goes on.
    """
    if thrown.kind not in ("signal", "message"):
        caught = find_catcher(host.workflow, host.scope, thrown, host)
        if caught is not None:
            caught()
        return
    own = [token for token in host.workflow.tasks.values() if token.note.get("host") == host.id and token.listens]
    for listener in own:
        listener.note["beside"] = True
    if thrown.kind == "signal":
        messages.prepare_signal(host, thrown.name)()
    else:
        messages.prepare_message(host, thrown.name, thrown.ref)()
    for listener in own:
        listener.note.pop("beside", None)


# ------------------------------------------------------------------ errors and escalations


def find_catcher(case: Case, scope: int, thrown: EventDefinition, by: Token | None = None) -> Callable[[], None] | None:
    """Who catches an error or escalation thrown in a scope (by an activity itself): what to do. None if nobody."""
    if by is not None:
        boundary = _nearest(by.task_spec.diagram.boundary_events(by.task_spec.element.id), thrown)
        if boundary is not None:
            return _catching(case, boundary, by)
    found: Scope | None = case.scopes[scope]
    inside_handler = False
    while found is not None:
        if not inside_handler and found.kind != "iteration":
            start = _nearest(_handler_starts(case, found), thrown)
            if start is not None:
                return _handling(case, found, start)
        owner = case.owner(found)
        if owner is None:
            return None
        host = case.tasks[owner.note["of"]] if "of" in owner.note else owner
        boundary = _nearest(owner.task_spec.diagram.boundary_events(owner.task_spec.element.id), thrown)
        if boundary is not None:
            return _catching(case, boundary, host)
        inside_handler = found.kind == "handler"
        found = case.scopes[host.scope] if not (inside_handler and host.scope == found.number) else None
    return None


def _nearest(catchers: Iterator[Element], thrown: EventDefinition) -> Element | None:
    """Of several that would catch, the one that names what was thrown goes before the one that catches anything."""
    found = [catcher for catcher in catchers if catches(catcher, thrown)]
    named = [c for c in found if any(d.kind == thrown.kind and d.ref is not None for d in c.definitions)]
    return next(iter(named or found), None)


def catches(catcher: Element, thrown: EventDefinition) -> bool:
    """Whether a boundary or start event is for what was thrown: the same code, the same thing, or anything."""
    for own in catcher.definitions:
        if own.kind == thrown.kind:
            if own.ref is None:
                return True
            if own.code is not None and thrown.code is not None:
                return own.code == thrown.code
            return own.ref == thrown.ref or (own.code is None and thrown.code is None and own.name == thrown.name)
    return False


def _handler_starts(case: Case, scope: Scope) -> Iterator[Element]:
    """The start events of the event subprocesses drawn in a scope."""
    diagram = case.definition.processes[scope.process]
    parent = case.definition.node(scope.node).element.id if scope.kind in ("subprocess", "handler") else None
    for handler in diagram.children(parent):
        if handler.triggered_by_event:
            yield from diagram.starts(handler.id)


def _catching(case: Case, boundary: Element, host: Token) -> Callable[[], None]:
    node = cast("Boundary", case.definition.node(f"{host.task_spec.process}/{boundary.id}"))
    return lambda: node.catch(host)


def _handling(case: Case, scope: Scope, start: Element) -> Callable[[], None]:
    def handle() -> None:
        run_handler(case, scope, f"{scope.process}/{start.parent}", start)

    return handle


def trigger_handler(node: Start, token: Token) -> None:
    """A start event of an event subprocess was told: begin the handler."""
    case = token.workflow
    scope = case.scopes[token.scope]
    if node.element.interrupting:
        case.remove(token)
    run_handler(case, scope, f"{node.process}/{node.element.parent}", node.element)
    if not node.element.interrupting:
        node.again(token)


def run_handler(case: Case, scope: Scope, name: str, start: Element) -> None:
    """Begin an event subprocess in its scope, interrupting what else happens there if it is drawn so."""
    node = cast("Handler", case.definition.node(name))
    token = case.place(node, scope.number, None)
    if start.interrupting:
        case.empty_scope(scope, but=token)
    token._set_state(TaskState.STARTED)
    node.handle(token, start.id, told=any(d.kind in LISTENING for d in start.definitions))
