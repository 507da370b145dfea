"""Doing an activity many times: multi-instance (parallel, sequential) and the standard loop.

Each iteration is a token in a scope of its own. What it writes stays there until the iteration is done
and then goes outward; outputs are collected in the order of the items, not of their completion.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.history import events as e
from engine.runtime import expressions
from engine.runtime.spiff import compensation, throwing
from engine.runtime.spiff.token import Token
from engine.runtime.stuck import Stuck

if TYPE_CHECKING:
    from engine.definition.diagram import EventDefinition, Loop
    from engine.runtime.spiff.activity import Activity

ITEMS_MAX = 2_000


def begin(node: Activity, token: Token) -> bool:
    """Open the iterations of a token that just arrived. True if there are none."""
    if "made" in token.note:
        return _carry_on(node, token)
    loop = _loop(node)
    if loop.kind == "standard":
        token.note.update(made=0, done=0)
        if loop.test_before and not _once_more(node, token):
            token.workflow.tell(e.ElementCompleted, token)
            return True
        _spawn(node, token, 0, None)
        return False
    items = _items(node, token)
    if not items:
        assigned: dict[str, Any] = {loop.outputs: []} if loop.outputs else {}
        token.workflow.assign(token.scope, assigned)
        token.workflow.tell(e.ElementCompleted, token, assigned=assigned)
        return True
    token.workflow.room_for(len(items) + 1)
    token.note.update(items=items, made=0, done=0, outputs=[None] * len(items))
    for index in range(1 if loop.kind == "sequential" else len(items)):
        _spawn(node, token, index, items[index])
    return False


def iteration_done(node: Activity, token: Token) -> None:
    """One iteration ended: collect its output, let its writes go outward, and go on with the rest."""
    case = token.workflow
    host = case.tasks[token.note["of"]]
    loop = _loop(node)
    scope = case.scopes[token.scope]
    if loop.output and "no_output" not in token.note:
        named = not loop.output.startswith("=")
        value = case.seen(scope.number).get(loop.output) if named else node.value(token, loop.output)
        host.note["outputs"][token.note["index"]] = value
    entry = compensation.entry_of(node, token)
    if entry is not None:
        host.note.setdefault("undoable", []).append(entry)
    private = {loop.item, "loopCounter", loop.output if not loop.output.startswith("=") else ""}
    outward = {key: value for key, value in (scope.local or {}).items() if key not in private}
    case.assign(host.scope, outward)
    case.remove(token)
    case.scopes.pop(scope.number, None)
    host.note["done"] += 1
    if loop.outputs:
        case.assign(host.scope, {loop.outputs: list(host.note["outputs"])})
    if "incident" in host.note:
        return  # asked again when somebody has looked
    try:
        thrown, enough = _implicit(node, host)
        for event in thrown:
            throwing.throw_implicitly(host, event)
            if host.id not in case.tasks:
                return
        if enough:
            host.note["enough"] = True
        if _carry_on(node, host):
            node.finished(host)
    except Stuck as stuck:
        case.raise_incident(host, stuck)


def _carry_on(node: Activity, host: Token) -> bool:
    """Whether a token is done with all its iterations; a sequential one opens its next, what is not needed ends."""
    case, loop = host.workflow, _loop(node)
    if "enough" not in host.note and _goes_on(node, host):
        return False
    for rest in [s for s in case.scopes.values() if s.owner == host.id]:
        case.cancel_scope(rest)
    if loop.outputs:
        case.tell(e.ElementCompleted, host, assigned={loop.outputs: list(host.note["outputs"])})
    return True


def _implicit(node: Activity, host: Token) -> tuple[list[EventDefinition], bool]:
    """The events that the end of one iteration throws (BPMN 2.0.2 table 10.30, behavior), and whether it is the last.

    A complex behaviour whose condition holds cancels the remaining instances and produces a token (table 10.31).
    """
    loop, case = _loop(node), host.workflow
    if loop.behavior == "None" and loop.none_event is not None:
        return [loop.none_event], False
    if loop.behavior == "One" and loop.one_event is not None:
        return ([loop.one_event] if host.note["done"] == 1 else []), False
    if loop.behavior == "Complex":
        context = {**case.context(host.scope), **counts(host)}
        found = [event for text, event in loop.complex_events if expressions.condition(text, context, case.feel)]
        return found, bool(found)
    return [], False


def counts(host: Token) -> dict[str, object]:
    """The multi-instance attributes of BPMN 2.0.2 table 10.31."""
    if "items" not in host.note:
        return {}
    made, done = host.note["made"], host.note["done"]
    return {
        "nrOfInstances": len(host.note["items"]),
        "nrOfActiveInstances": made - done,
        "nrOfCompletedInstances": done,
        "numberOfInstances": len(host.note["items"]),
        "numberOfActiveInstances": made - done,
        "numberOfCompletedInstances": done,
        "numberOfTerminatedInstances": 0,
    }


def _goes_on(node: Activity, host: Token) -> bool:
    """Whether iterations are still open after one ended; a sequential loop opens its next."""
    loop = _loop(node)
    made, done = host.note["made"], host.note["done"]
    if loop.kind == "standard":
        if not _once_more(node, host):
            return False
        _spawn(node, host, made, None)
        return True
    items = host.note["items"]
    if loop.completion:
        case = host.workflow
        context = {**case.context(host.scope), **counts(host)}
        if expressions.condition(loop.completion, context, case.feel):
            return False
    if done >= len(items):
        return False
    if loop.kind == "sequential":
        _spawn(node, host, made, items[made])
    return True


def _once_more(node: Activity, host: Token) -> bool:
    """Whether a standard loop runs again: below its maximum, and its condition holds."""
    loop, case = _loop(node), host.workflow
    if loop.maximum is not None and host.note["made"] >= loop.maximum:
        return False
    if not loop.condition:
        return True
    context = {**case.context(host.scope), "loopCounter": host.note["made"]}
    return expressions.condition(loop.condition, context, case.feel)


def _spawn(node: Activity, host: Token, index: int, item: Any) -> None:
    case, loop = host.workflow, _loop(node)
    scope = case.open_scope(host.scope, "iteration", node.process, node.name, host.id)
    scope.local = {"loopCounter": index + 1}
    if loop.item:
        scope.local[loop.item] = item
    if loop.output and not loop.output.startswith("="):
        scope.local[loop.output] = None
    host.note["made"] += 1
    case.arrive(node, scope.number, host.via, of=host.id, index=index)


def _items(node: Activity, token: Token) -> list[Any]:
    """What to iterate over. Raises ``Stuck`` for anything but a list, or a whole number of times."""
    loop, case = _loop(node), token.workflow
    if loop.collection:
        text = loop.collection.removeprefix("=")
        found = expressions.evaluate(text, case.context(token.scope), case.feel)
        if not isinstance(found, list):
            raise Stuck(
                "Expected a list in %(name)s but found %(found)s. Correct the data, then retry.",
                name=text,
                found=expressions.shown(found),
            )
        items = found
    elif loop.cardinality:
        number = expressions.integer(loop.cardinality, case.context(token.scope), case.feel, 0, ITEMS_MAX)
        items = [Decimal(n) for n in range(1, number + 1)]
    else:
        raise Stuck("Expected a collection or a number of times for %(element)s. Draw it.", element=node.element.name)
    if len(items) > ITEMS_MAX:
        raise Stuck(
            "Expected at most %(limit)s items but found %(found)s. Split the work.", limit=ITEMS_MAX, found=len(items)
        )
    return list(items)


def _loop(node: Activity) -> Loop:
    loop = node.element.loop
    assert loop is not None  # noqa: S101 - callers ask only for activities that loop
    return loop
