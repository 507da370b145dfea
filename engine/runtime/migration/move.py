"""The move itself: the same state on another definition, and all that becomes of what waits there."""

from __future__ import annotations

from SpiffWorkflow.util.task import TaskState

from engine.definition.diagram import Element
from engine.errors import Rejected
from engine.history import events as e
from engine.runtime.compiled import ProcessDefinition
from engine.runtime.mending import mended
from engine.runtime.migration.plan import plan, target
from engine.runtime.migration.renaming import renamed, renamed_state
from engine.runtime.migration.waiting import tell_what_waits
from engine.runtime.spiff import state as states
from engine.runtime.spiff.activity import Activity
from engine.runtime.spiff.case import Case
from engine.runtime.spiff.messages import LISTENING
from engine.runtime.spiff.scope import CASE, Scope
from engine.runtime.spiff.token import Token
from engine.runtime.step import Step, finish
from engine.runtime.surroundings import Surroundings


@mended
def migrate(
    old: ProcessDefinition, new: ProcessDefinition, state: bytes, around: Surroundings, fact: e.InstanceMigrated
) -> Step:
    """The case on the new version. Raises ``Rejected`` for the first blocker.

    Told in this order: what the old version no longer waits for, ``fact`` itself, how tasks and timers go on, what
    the new version waits for besides.
    """
    renames = fact.mapping
    for blocker in plan(old, new, state, around, renames).blockers:
        raise Rejected(blocker.template, **blocker.params)
    case = states.load(old, state, around)
    for token in list(case.tasks.values()):
        if token.id and token.listens and target(token.task_spec, new, renames) is None:
            case.cancel_token(token)
    told = list(case.events)
    moved = states.load(new, renamed_state(states.dump(case), renames), around)
    _make_room(moved)
    tell_what_waits(case, moved, fact)
    _begin_to_listen(moved, {renamed(name, renames) for name in old.spec.task_specs})
    step = finish(moved)
    return Step(step.state, (*told, fact, *step.events), step.ended)


def _make_room(case: Case) -> None:
    """Variables that the new version declares and the old did not."""
    main = case.definition.diagram
    for name in main.properties:
        case.variables.setdefault(name, None)
    for scope in case.scopes.values():
        if scope.number == CASE or scope.kind not in ("subprocess", "call"):
            continue
        element = case.definition.node(scope.node).element
        called = case.definition.processes[scope.process]
        names = called.properties if scope.kind == "call" else element.properties
        if names:
            scope.local = {**dict.fromkeys(names), **(scope.local or {})}


def _begin_to_listen(case: Case, known: set[str]) -> None:
    """Boundary events and event subprocesses that are new; one that was there had its chance."""
    for token in list(case.tasks.values()):
        working = token.id and token.has_state(TaskState.STARTED) and isinstance(token.task_spec, Activity)
        if working and "of" not in token.note:
            _listen(case, token, known)
    for scope in list(case.scopes.values()):
        if scope.kind != "iteration":
            _listen_inside(case, scope, known)


def _listen(case: Case, host: Token, known: set[str]) -> None:
    node = host.task_spec
    for boundary in node.diagram.boundary_events(node.element.id):
        name = f"{node.process}/{boundary.id}"
        if name not in known and _waits(boundary):
            case.run_token(case.arrive(case.definition.node(name), host.scope, None, host=host.id, listens=True))


def _listen_inside(case: Case, scope: Scope, known: set[str]) -> None:
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
