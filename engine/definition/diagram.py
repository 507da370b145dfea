"""What a diagram says, as values: elements, flows, lanes, messages, and where they stand on the page.

A ``Diagram`` is one process of a BPMN file. It is read for display and for running alike; whether it
can run is a question for ``lint`` and ``engine.runtime``. Element kinds are the BPMN tag names
(``userTask``, ``exclusiveGateway`` …). ``attributes`` holds the attributes of our own namespace only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

TASKS = frozenset(
    {"task", "userTask", "manualTask", "serviceTask", "scriptTask", "businessRuleTask", "sendTask", "receiveTask"}
)
SUBPROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES = TASKS | SUBPROCESSES | {"callActivity"}
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"})
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
NODES = ACTIVITIES | GATEWAYS | EVENTS


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """What an event is about. ``kind``: timer, message, signal, error, escalation, conditional, link,
    compensate, cancel or terminate. ``ref`` is the id it refers to, ``name`` and ``code`` what that is called."""

    kind: str
    ref: str | None = None
    name: str = ""
    code: str | None = None
    timer: str = ""
    """``timeDate``, ``timeDuration`` or ``timeCycle``."""
    expression: str = ""
    waits: bool = True
    """Whether a compensation throw waits until the handlers have finished."""


@dataclass(frozen=True, slots=True)
class Loop:
    """``kind``: ``parallel`` or ``sequential`` multi-instance, or ``standard``. Expressions are FEEL."""

    kind: str
    collection: str = ""
    item: str = ""
    outputs: str = ""
    output: str = ""
    cardinality: str = ""
    completion: str = ""
    condition: str = ""
    maximum: int | None = None
    test_before: bool = False
    behavior: str = "All"
    one_event: EventDefinition | None = None
    none_event: EventDefinition | None = None
    complex_events: tuple[tuple[str, EventDefinition], ...] = ()


@dataclass(frozen=True, slots=True)
class Association:
    """One data association: the value of ``source`` (a name or ``=FEEL``) goes to ``target``."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Element:
    """One node. ``parent`` is the subprocess it is drawn in (None: the process itself)."""

    id: str
    kind: str
    name: str = ""
    parent: str | None = None
    lane: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    attached_to: str | None = None
    interrupting: bool = True
    default: str | None = None
    definitions: tuple[EventDefinition, ...] = ()
    parallel_multiple: bool = False
    loop: Loop | None = None
    script: str = ""
    script_format: str = ""
    called: str = ""
    documentation: str = ""
    triggered_by_event: bool = False
    for_compensation: bool = False
    compensation: str | None = None
    """For a compensation boundary event: the handler that its association leads to."""
    start_quantity: int = 1
    completion_quantity: int = 1
    instantiate: bool = False
    message: str | None = None
    activation: str = ""
    """A complex gateway's activation condition."""
    ordering: str = "Parallel"
    completion: str = ""
    cancel_remaining: bool = True
    inputs: tuple[Association, ...] = ()
    outputs: tuple[Association, ...] = ()
    properties: tuple[str, ...] = ()
    markers: tuple[str, ...] = ()
    """Constructs found on the element that nothing here uses: BPMN tags, and attributes of other vendors."""

    @property
    def callable(self) -> tuple[str, ...]:
        """What a call activity calls or, where an expression chooses, may call (``sm:calledElements``)."""
        if not self.called.startswith("="):
            return (self.called,) if self.called else ()
        return tuple(self.attributes.get("calledElements", "").replace(",", " ").split())

    @property
    def is_activity(self) -> bool:
        return self.kind in ACTIVITIES

    @property
    def is_subprocess(self) -> bool:
        return self.kind in SUBPROCESSES

    def definition(self, kind: str) -> EventDefinition | None:
        """The event definition of this kind, if the element has one."""
        return next((found for found in self.definitions if found.kind == kind), None)


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow. ``condition`` is FEEL or None."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str | None = None
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane of the diagram: who works in it is said by its own ``attributes`` (role, level, tenant)."""

    id: str
    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    elements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """Something that a case can be told. ``roles`` may tell it through a page, with ``form``."""

    id: str
    name: str
    roles: tuple[str, ...] = ()
    form: str = ""
    correlation: str = ""
    """FEEL: which one of several waiting cases is meant; an event or task may say it for itself."""
    keep: str = ""
    """How long a sent message is kept for a case that does not wait yet: an ISO 8601 duration or FEEL."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Bounds on the page, in diagram units."""

    element: str
    x: float
    y: float
    width: float
    height: float
    expanded: bool = True
    horizontal: bool = True


@dataclass(frozen=True, slots=True)
class Edge:
    """The way points of a flow on the page."""

    element: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Artifact:
    """What is drawn beside the flow and never runs: a pool, a data object or store, a text, a group. ``kind`` is
    the BPMN tag."""

    id: str
    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A line that is no sequence flow: a message flow, an association, a data association. ``kind`` is the BPMN tag."""

    id: str
    kind: str
    name: str = ""
    direction: str = "None"
    """Of an association: None, One or Both."""


@dataclass(frozen=True, slots=True)
class Diagram:
    """One process: its elements by id, in the order of the document."""

    process: str
    name: str = ""
    executable: bool = True
    attributes: Mapping[str, str] = field(default_factory=dict)
    elements: Mapping[str, Element] = field(default_factory=dict)
    flows: Mapping[str, Flow] = field(default_factory=dict)
    lanes: tuple[Lane, ...] = ()
    messages: Mapping[str, Message] = field(default_factory=dict)
    properties: tuple[str, ...] = ()
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    edges: Mapping[str, Edge] = field(default_factory=dict)
    ignored: tuple[tuple[str, str], ...] = ()
    """(element id, BPMN tag) of what was found and neither runs nor is drawn by us."""
    process_type: str = "None"
    is_global_task: bool = False

    def children(self, parent: str | None) -> Iterator[Element]:
        """The elements drawn directly in a subprocess, or in the process itself for None."""
        return (element for element in self.elements.values() if element.parent == parent)

    def boundary_events(self, host: str) -> Iterator[Element]:
        """The events attached to this activity, in document order."""
        return (element for element in self.elements.values() if element.attached_to == host)

    def flows_out(self, element: str) -> list[Flow]:
        """The flows that leave an element, in document order."""
        return [self.flows[flow] for flow in self.elements[element].outgoing]

    def lane_of(self, element: str) -> Lane | None:
        """The lane an element stands in; for one inside a subprocess, the subprocess's lane."""
        found: str | None = element
        while found is not None:
            lane = next((lane for lane in reversed(self.lanes) if found in lane.elements), None)
            if lane is not None:
                return lane
            found = self.elements[found].parent
        return None

    def called_processes(self) -> set[str]:
        """The keys of the processes that call activities name."""
        return {key for e in self.elements.values() if e.kind == "callActivity" for key in e.callable}

    def starts(self, parent: str | None) -> list[Element]:
        """Where tokens begin in this scope: its start events, and whatever else no flow leads to."""
        return [
            e
            for e in self.children(parent)
            if not e.incoming
            and not e.triggered_by_event
            and e.attached_to is None
            and not e.for_compensation
            and not _is_link_catch(e)
        ]


def _is_link_catch(element: Element) -> bool:
    return element.kind == "intermediateCatchEvent" and element.definition("link") is not None
