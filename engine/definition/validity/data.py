"""Data: inputs and outputs in their sets, collections that agree, operations and messages of one type."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.definition.validity.document import EVENTS, Breach, Document, Rule, ref, tag, text

_TYPE = "Expected the data of %(element)s to be of the type that it goes with but it is not. Correct the types."


def sets(document: Document) -> Iterator[Breach]:
    """Every input stands in a set of inputs, every output in a set of outputs; what is optional stands in its own."""
    for spec in document.all("ioSpecification"):
        for data, set_, refs in (
            ("dataInput", "inputSet", "dataInputRefs"),
            ("dataOutput", "outputSet", "dataOutputRefs"),
        ):
            groups = [child for child in spec if tag(child) == set_]
            used = {ref(text(r)) for group in groups for r in group if tag(r) == refs}
            for child in spec:
                if tag(child) == data and child.get("id") not in used:
                    yield child, "Expected %(element)s in a set of its kind but it is in none. Add it.", {}
            for group in groups:
                inside = {ref(text(r)) for r in group if tag(r) == refs}
                for r in group:
                    if tag(r).startswith(("optional", "whileExecuting")) and ref(text(r)) not in inside:
                        yield (
                            r,
                            "Expected what is optional in a set of %(element)s to stand in it but it does not. Add it.",
                            {},
                        )


def collections(document: Document) -> Iterator[Breach]:
    """Whether something is a collection is said alike by the thing and by its type."""
    for node in document.all("dataInput", "dataOutput", "dataObject"):
        item = document.by_id.get(ref(node.get("itemSubjectRef")))
        if item is not None and tag(item) == "itemDefinition":
            many = item.get("isCollection") == "true"
            if (node.get("isCollection", "false") == "true") != many and (many or "isCollection" in item.attrib):
                yield (
                    node,
                    "Expected %(element)s and its type to agree on being a collection but they do not. Correct one.",
                    {},
                )


def items(document: Document) -> Iterator[Breach]:
    """What a multi-instance activity iterates over is one of its inputs, and an item is one of what that holds."""
    for loop in document.all("multiInstanceLoopCharacteristics"):
        activity = loop.getparent()
        for child in loop:
            if tag(child) == "loopDataInputRef" and document.kind(ref(text(child))) == "itemDefinition":
                yield activity, "Expected data to repeat %(element)s over but found a type. Choose an input.", {}  # type: ignore[misc]
            if tag(child) == "inputDataItem":
                whole = next((c for c in loop if tag(c) == "loopDataInputRef"), None)
                data = document.by_id.get(ref(text(whole))) if whole is not None else None
                one, all_ = _item(document, child), _item(document, data)
                if (
                    one is not None
                    and all_ is not None
                    and (one.get("isCollection") == "true" or one.get("structureRef") != all_.get("structureRef"))
                ):
                    yield activity, _TYPE, {}  # type: ignore[misc]
        if loop.get("behavior", "All") != "Complex" and any(tag(c) == "complexBehaviorDefinition" for c in loop):
            yield activity, "Expected complex behaviour of %(element)s to be switched on but it is not. Correct it.", {}  # type: ignore[misc]


def operations(document: Document) -> Iterator[Breach]:
    """A task's data fit the messages of its operation: one set in, one set out, the same types."""
    for task in document.all("serviceTask", "sendTask", "receiveTask"):
        spec = next((child for child in task if tag(child) == "ioSpecification"), None)
        operation = document.by_id.get(ref(task.get("operationRef")))
        message = document.by_id.get(ref(task.get("messageRef")))
        if tag(task) == "serviceTask":
            if operation is None:
                continue
            if spec is None:
                yield task, "Expected the data of the operation at %(element)s but there are none. Add them.", {}
                continue
            yield from _fits(document, task, spec, "dataInput", _message(document, operation, "inMessageRef"))
            yield from _fits(document, task, spec, "dataOutput", _message(document, operation, "outMessageRef"))
        elif spec is not None:
            sending = tag(task) == "sendTask"
            if sum(tag(c) == ("inputSet" if sending else "outputSet") for c in spec) > 1:
                yield task, "Expected one set of data at %(element)s but found several. Keep one.", {}
            yield from _fits(document, task, spec, "dataInput" if sending else "dataOutput", message)


def _message(document: Document, operation: etree._Element, what: str) -> etree._Element | None:
    return next((document.by_id.get(ref(text(c))) for c in operation if tag(c) == what), None)


def _fits(
    document: Document, task: etree._Element, spec: etree._Element, what: str, message: etree._Element | None
) -> Iterator[Breach]:
    if message is None or not message.get("itemRef"):
        return
    wanted = document.by_id.get(ref(message.get("itemRef")))
    for data in spec:
        if tag(data) == what:
            item = _item(document, data)
            same = item is wanted or (
                item is not None
                and wanted is not None
                and item.get("structureRef")
                and item.get("structureRef") == wanted.get("structureRef")
            )
            if not same:
                yield task, _TYPE, {}


def _item(document: Document, node: etree._Element | None) -> etree._Element | None:
    return document.by_id.get(ref(node.get("itemSubjectRef"))) if node is not None else None


def single_sources(document: Document) -> Iterator[Breach]:
    for node in document.all("dataInputAssociation", "dataOutputAssociation"):
        names = [tag(child) for child in node]
        if names.count("sourceRef") > 1 and "transformation" not in names:
            yield node, "Expected one source in %(element)s, or a transformation, but found several. Keep one.", {}


def event_data(document: Document) -> Iterator[Breach]:
    """An event has as much data as definitions, of the type of what it throws or catches."""
    for node in document.all(*EVENTS):
        data = [child for child in node if tag(child) in ("dataInput", "dataOutput")]
        definitions = document.definitions(node)
        if not data or not definitions:
            continue
        if len(data) != len(definitions):
            yield (
                node,
                "Expected as much data at %(element)s as it has definitions but found another number. Correct it.",
                {},
            )
        for one, definition in zip(data, definitions, strict=False):
            item = _item(document, one)
            thrown = next(
                (
                    document.by_id.get(ref(definition.get(f"{k}Ref")))
                    for k in ("message", "signal", "error", "escalation")
                    if definition.get(f"{k}Ref")
                ),
                None,
            )
            wanted = (
                document.by_id.get(ref(thrown.get("itemRef") or thrown.get("structureRef")))
                if thrown is not None
                else None
            )
            if item is not None and wanted is not None and item.get("structureRef") != wanted.get("structureRef"):
                yield node, _TYPE, {}


def calls(document: Document) -> Iterator[Breach]:
    """A call passes what the called process or task takes: as many inputs and outputs, of the same types."""
    for call in document.all("callActivity"):
        called = document.by_id.get(ref(call.get("calledElement")))
        if called is None:
            continue
        own, theirs = _spec(call), _spec(called)
        if own is None or theirs is None:
            continue
        for what in ("dataInput", "dataOutput"):
            mine = [document.by_id.get(ref(d.get("itemSubjectRef"))) for d in own if tag(d) == what]
            others = [document.by_id.get(ref(d.get("itemSubjectRef"))) for d in theirs if tag(d) == what]
            if len(mine) != len(others) or any(a is not b for a, b in zip(mine, others, strict=False)):
                yield call, _TYPE, {}


def interfaces(document: Document) -> Iterator[Breach]:
    """What can be called through an interface says how its data belong to the operations."""
    for node in document.nodes:
        names = {tag(child) for child in node}
        if "supportedInterfaceRef" in names and "ioSpecification" in names and "ioBinding" not in names:
            yield node, "Expected the data of %(element)s to be bound to its interface but they are not. Bind them.", {}


def states(document: Document) -> Iterator[Breach]:
    """A reference to a data object in a state is named after both: Object [state]."""
    for node in document.all("dataObjectReference"):
        state = next((child for child in node if tag(child) == "dataState"), None)
        whole = document.by_id.get(ref(node.get("dataObjectRef")))
        if state is None or whole is None or not state.get("name") or not whole.get("name"):
            continue
        wanted = f"{whole.get('name')} [{state.get('name')}]"
        if node.get("name") != wanted:
            yield node, "Expected %(element)s to be called %(wanted)s but it is not. Rename it.", {"wanted": wanted}


def _spec(node: etree._Element) -> etree._Element | None:
    return next((child for child in node if tag(child) == "ioSpecification"), None)


RULES: tuple[Rule, ...] = (sets, collections, items, operations, single_sources, event_data, calls, interfaces, states)
