"""Undoing what was done: handlers of completed activities, once each, in reverse order of completion.

Every scope keeps a list of what was completed in it and can be undone. A completed subprocess without a
handler of its own hands the list of its inside to the scope around it. Iterations count one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from SpiffWorkflow.util.task import TaskState

from engine.runtime.spiff.scope import Scope

if TYPE_CHECKING:
    from engine.definition.diagram import EventDefinition
    from engine.runtime.spiff.activity import Activity
    from engine.runtime.spiff.case import Case
    from engine.runtime.spiff.events import Boundary
    from engine.runtime.spiff.token import Token


def entry_of(node: Activity, token: Token) -> dict[str, Any] | None:
    """What must be remembered of a completed activity: its handler, or what its inside can undo."""
    handler = next(
        (b.compensation for b in node.boundaries() if b.definition("compensate") and b.compensation is not None), None
    ) or _inner_handler(node)
    inner = token.note.pop("inner", [])
    if handler is None and not inner:
        return None
    return {"element": node.element.id, "handler": f"{node.process}/{handler}" if handler else "", "inner": inner}


def remember(node: Activity, token: Token) -> None:
    """An activity completed: its scope can undo it from now on."""
    if "undoing" in token.note:
        return
    done = token.note.pop("undoable", [])
    if node.element.loop is None:
        entry = entry_of(node, token)
        done = [entry] if entry is not None else []
    token.workflow.scopes[token.scope].done.extend(done)


def _inner_handler(node: Activity) -> str | None:
    """The event subprocess inside an activity that undoes it as a whole."""
    if not node.element.is_subprocess:
        return None
    for inside in node.diagram.children(node.element.id):
        if inside.triggered_by_event and any(s.definition("compensate") for s in node.diagram.starts(inside.id)):
            return inside.id
    return None


def throw(token: Token, definition: EventDefinition) -> bool:
    """Undo what was completed around this event, or only the activity it names. True if it waits for the handlers.

    With ``waitForCompletion="false"`` the event goes on at once; a token beside it sees the handlers through, and its
    scope ends only when they have (BPMN 2.0.2 table 10.86).
    """
    case = token.workflow
    scope = _compensated(case, token.scope)
    if definition.waits:
        return _begin(token, scope, definition.ref)
    beside = case.place(token.task_spec, token.scope, None, told=True, after="nothing")
    beside._set_state(TaskState.STARTED)
    if not _begin(beside, scope, definition.ref):
        case.remove(beside)
    return False


def cancel_transaction(token: Token) -> bool:
    """Take back all that still runs in a transaction, undo what was done, then leave by its cancel event."""
    case = token.workflow
    scope = case.scopes[token.scope]
    case.empty_scope(scope, but=token)
    token.note["after"] = "cancel"
    if _begin(token, scope, None):
        return True
    _leave_transaction(token)
    return True


def handler_done(token: Token) -> None:
    """A compensation handler finished: on to the next."""
    thrower = token.workflow.tasks.get(token.note["undoing"])
    if thrower is not None and not _next(thrower):
        if thrower.note.get("after") == "cancel":
            _leave_transaction(thrower)
        elif thrower.note.get("after") == "nothing":
            case = thrower.workflow
            case.remove(thrower)
            case.settle(thrower.scope)
        else:
            thrower.task_spec.resume(thrower)


def _compensated(case: Case, scope: int) -> Scope:
    """The scope whose work is undone: inside an event subprocess it is the one around it."""
    found = case.scopes[scope]
    while found.kind in ("handler", "iteration") and not found.done and found.parent is not None:
        found = case.scopes[found.parent]
    return found


def _begin(token: Token, scope: Scope, element: str | None) -> bool:
    chosen = [entry for entry in scope.done if element is None or entry["element"] == element]
    scope.done = [entry for entry in scope.done if entry not in chosen]
    token.note["undo"] = chosen
    return _next(token)


def _next(token: Token) -> bool:
    """Run the handler of what was completed last. False when nothing is left to undo."""
    case, left = token.workflow, token.note["undo"]
    while left:
        entry = left.pop()
        if entry["handler"]:
            case.arrive(
                case.definition.node(entry["handler"]), token.scope, None, undoing=token.id, done=entry["inner"]
            )
            return True
        left.extend(entry["inner"])
    return False


def _leave_transaction(token: Token) -> None:
    """The transaction is undone: its cancel boundary event takes over."""
    case = token.workflow
    owner = case.tasks[case.scopes[token.scope].owner or -1]
    host = case.tasks[owner.note["of"]] if "of" in owner.note else owner
    node = cast("Activity", owner.task_spec)
    boundary = next(b for b in node.boundaries() if b.definition("cancel"))
    cast("Boundary", case.definition.node(f"{node.process}/{boundary.id}")).catch(host)
