"""What the engine does not execute, element by element: refused with the reason and what to draw instead.

Nothing that is drawn may be dropped silently: whatever is not known to run stands in this file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.definition.diagram import GATEWAYS, Diagram, Element
from engine.definition.finding import Finding

CATCHABLE = {
    "startEvent": {"timer", "message", "signal", "conditional", "error", "escalation", "compensate"},
    "boundaryEvent": {"timer", "message", "signal", "conditional", "error", "escalation", "compensate", "cancel"},
    "intermediateCatchEvent": {"timer", "message", "signal", "conditional", "link"},
    "intermediateThrowEvent": {"message", "signal", "escalation", "link", "compensate"},
    "endEvent": {"message", "signal", "escalation", "error", "terminate", "compensate", "cancel"},
}
"""Kind of event → what it may be about."""
_WAITING = {"timer", "message", "signal", "conditional"}
_Check = Callable[[Diagram, Element, frozenset[str], frozenset[str]], "str | tuple[str, dict[str, object]] | None"]


def refusals(diagram: Diagram, processes: frozenset[str], decisions: frozenset[str]) -> Iterator[Finding]:
    """Everything in a diagram that cannot be executed, given the keys of the processes and decisions there are."""
    for ignored, tag in diagram.ignored:
        yield _finding(
            diagram,
            ignored or diagram.process,
            "Expected elements that can run but %(element)s is a %(tag)s. Remove it, or draw it with tasks and events.",
            {"tag": tag},
        )
    for element in diagram.elements.values():
        for check in _CHECKS:
            found = check(diagram, element, processes, decisions)
            if found is not None:
                template, params = (found, {}) if isinstance(found, str) else found
                yield _finding(diagram, element.id, template, {"name": element.name, **params})
    if not diagram.starts(None):
        yield _finding(diagram, diagram.process, "Expected a start event in %(element)s but it has none. Draw one.", {})


def _finding(diagram: Diagram, element: str, template: str, params: dict[str, object]) -> Finding:
    return Finding("executable", element, "error", template, {"element": element, **params}, diagram.process)


def _events(diagram: Diagram, element: Element, *_: frozenset[str]) -> str | tuple[str, dict[str, object]] | None:
    allowed = CATCHABLE.get(element.kind)
    if allowed is None:
        return None
    for definition in element.definitions:
        if definition.kind not in allowed:
            return (
                "Expected an event that can run but %(element)s is a %(kind)s %(event)s. Choose another event.",
                {"kind": definition.kind, "event": element.kind},
            )
        if definition.kind in ("timer", "conditional") and not definition.expression:
            return "Expected a time or condition in the event %(element)s but it has none. Write one."
        needs_name = definition.kind in ("message", "signal") or (definition.kind == "link")
        if needs_name and not definition.name:
            return "Expected the event %(element)s to name what it is about but it does not. Choose it."
    kinds = {definition.kind for definition in element.definitions}
    catches = element.kind in ("startEvent", "boundaryEvent", "intermediateCatchEvent")
    if len(element.definitions) > 1 and catches and element.parallel_multiple and not kinds <= _WAITING:
        return "Expected only things to wait for in %(element)s but found others. Draw one event for each."
    if len(kinds) > 1 and not catches and kinds & {"terminate", "error", "cancel", "compensate", "link"}:
        return "Expected one event definition in %(element)s but found several. Draw one event for each."
    if element.kind == "boundaryEvent" and not element.definitions:
        return "Expected the boundary event %(element)s to catch something but it does not. Choose what it catches."
    if element.kind == "intermediateCatchEvent" and not element.definitions:
        return "Expected the event %(element)s to wait for something but it does not. Choose what it waits for."
    return None


def _starts(diagram: Diagram, element: Element, *_: frozenset[str]) -> str | None:
    if element.kind != "startEvent":
        return None
    if element.incoming:
        return "Expected no flow into the start event %(element)s but there is one. Draw it elsewhere."
    inside = diagram.elements[element.parent] if element.parent else None
    handler = inside is not None and inside.triggered_by_event
    kinds = {definition.kind for definition in element.definitions}
    if handler and not kinds:
        return "Expected the event subprocess of %(element)s to be started by something. Choose what."
    if inside is not None and not handler and kinds:
        return "Expected a plain start event in a subprocess but %(element)s waits for something. Remove it."
    if inside is None and kinds & {"error", "escalation", "compensate"}:
        return "Expected a process to start plainly but %(element)s waits for an error. Put it in an event subprocess."
    return None


def _tasks(
    diagram: Diagram, element: Element, _: frozenset[str], decisions: frozenset[str]
) -> str | tuple[str, dict[str, object]] | None:
    if element.kind == "businessRuleTask" and element.attributes.get("decision", "") not in decisions:
        return (
            "Expected the decision of %(element)s but there is none called %(decision)s. Add the table or choose one.",
            {"decision": element.attributes.get("decision", "")},
        )
    if element.kind == "serviceTask" and not element.attributes.get("connector"):
        return "Expected a connector on the service task %(element)s but it has none. Choose one."
    if element.attributes.get("connector") == "reserve" and element.loop is not None:
        return "Expected %(element)s to reserve one place but it is repeated. Draw one step for each place."
    if element.kind == "scriptTask" and element.script and element.script_format.lower() not in ("feel", ""):
        return (
            "Expected the script of %(element)s in FEEL but found %(language)s. Write it as a FEEL context.",
            {"language": element.script_format},
        )
    if element.kind in ("receiveTask", "sendTask") and not element.message:
        return "Expected a message on %(element)s but it has none. Choose one."
    return None


def _activities(
    diagram: Diagram, element: Element, processes: frozenset[str], _: frozenset[str]
) -> str | tuple[str, dict[str, object]] | None:
    if element.kind == "callActivity":
        if not element.called:
            return "Expected the call activity %(element)s to name a process but it does not. Choose one."
        if element.called.startswith("=") and not element.callable:
            return (
                "Expected %(element)s, which computes what it calls, to list the processes it may call, "
                "but it does not. Name them in its list."
            )
        for called in element.callable:
            if called not in processes:
                return (
                    "Expected the process that %(element)s calls but there is none called %(called)s. "
                    "Add or choose one.",
                    {"called": called},
                )
    if element.start_quantity < 1 or element.completion_quantity < 1:
        return "Expected quantities of at least 1 on %(element)s but found less. Correct them."
    loop = element.loop
    if loop is not None and loop.kind == "standard" and loop.maximum is not None and loop.maximum < 0:
        return "Expected at most some rounds of %(element)s but found a negative number. Correct it."
    if loop is not None and loop.kind != "standard" and not loop.collection and not loop.cardinality:
        return "Expected a collection or a number of times for %(element)s but it has neither. Say what to repeat over."
    return None


def _gateways(diagram: Diagram, element: Element, *_: frozenset[str]) -> str | tuple[str, dict[str, object]] | None:
    if element.kind not in GATEWAYS:
        return None
    flows = diagram.flows_out(element.id)
    if element.kind == "eventBasedGateway":
        targets = [diagram.elements[flow.target] for flow in flows]
        bad = next((t for t in targets if t.kind not in ("intermediateCatchEvent", "receiveTask")), None)
        if bad is not None or len(targets) < 1:
            return "Expected only catching events after the gateway %(element)s but found others. Draw events."
        if element.instantiate:
            return "Expected %(element)s inside a process but it begins one. Draw start events."
    if element.kind in ("exclusiveGateway", "inclusiveGateway") and len(flows) > 1:
        bare = [f.id for f in flows if f.condition is None and f.id != element.default]
        if bare:
            return (
                "Expected a condition on every flow out of %(element)s but %(flow)s has none. "
                "Write one or make it the default.",
                {"flow": bare[0]},
            )
    return None


_CHECKS: tuple[_Check, ...] = (_events, _starts, _tasks, _activities, _gateways)
