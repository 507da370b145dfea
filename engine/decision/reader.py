"""A DMN file → ``Definitions``: types, inputs, decisions, knowledge, services, imports (DMN 1.5, clauses 6, 7)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from types import MappingProxyType

from lxml import etree

from engine.decision import boxed_reader, document
from engine.decision.document import child, children, text_of, type_of
from engine.decision.elements import (
    BusinessKnowledgeModel,
    Decision,
    DecisionService,
    Definitions,
    DrgElement,
    Import,
    InputData,
    ItemDefinition,
)
from engine.errors import Rejected

_REMEMBERED_BYTES_MAX = 100_000  # larger files are rare, and would be kept for nothing


def read_definitions(content: bytes) -> Definitions:
    """What one file says. Raises ``Rejected`` naming the element that is not readable or not allowed."""
    return _remembered(content) if len(content) <= _REMEMBERED_BYTES_MAX else _read(content)


def _read(content: bytes) -> Definitions:
    root = document.open_document(content)
    elements: dict[str, DrgElement] = {}
    for element in root:
        reader = _READERS.get(document.local_name(element))
        if reader is None:
            continue
        found = reader(element)
        if found.id in elements:
            raise Rejected(
                "Expected every element to have its own id, but %(id)s is used twice. Rename one.", id=found.id
            )
        elements[found.id] = found
    return Definitions(
        root.get("name", ""),
        root.get("namespace", ""),
        tuple(
            Import(element.get("name", ""), document.required(element, "namespace"))
            for element in children(root, "import")
            if "DMN" in element.get("importType", "DMN")
        ),
        tuple(_item(element) for element in children(root, "itemDefinition")),
        MappingProxyType(elements),
    )


_remembered = lru_cache(64)(_read)
"""The tables of a bundle import each other, so each is wanted many times."""


def _named(element: etree._Element) -> tuple[str, str]:
    name = document.required(element, "name")
    return element.get("id") or name, name


def _input_data(element: etree._Element) -> InputData:
    id, name = _named(element)
    return InputData(id, name, element.get("label") or name, type_of(child(element, "variable")))


def _decision(element: etree._Element) -> Decision:
    id, name = _named(element)
    return Decision(
        id, name, type_of(child(element, "variable")), _requirements(element), boxed_reader.read_boxed(element, id)
    )


def _knowledge(element: etree._Element) -> BusinessKnowledgeModel:
    id, name = _named(element)
    logic = child(element, "encapsulatedLogic")
    return BusinessKnowledgeModel(
        id,
        name,
        type_of(child(element, "variable")),
        _requirements(element),
        None if logic is None else boxed_reader.read_function(logic, id),
    )


def _service(element: etree._Element) -> DecisionService:
    id, name = _named(element)

    def references(tag: str) -> tuple[str, ...]:
        return tuple(document.required(reference, "href") for reference in children(element, tag))

    return DecisionService(
        id,
        name,
        type_of(child(element, "variable")),
        references("outputDecision"),
        references("encapsulatedDecision"),
        references("inputDecision"),
        references("inputData"),
    )


def _requirements(element: etree._Element) -> tuple[str, ...]:
    return tuple(
        document.required(reference, "href")
        for requirement in element
        if document.local_name(requirement) in ("informationRequirement", "knowledgeRequirement")
        for reference in requirement
        if document.local_name(reference) in ("requiredInput", "requiredDecision", "requiredKnowledge")
    )


def _item(element: etree._Element) -> ItemDefinition:
    return ItemDefinition(
        document.required(element, "name"),
        type_of(element),
        element.get("isCollection") in ("true", "1"),
        text_of(child(element, "allowedValues")),
        text_of(child(element, "typeConstraint")),
        tuple(_item(component) for component in children(element, "itemComponent")),
        child(element, "functionItem") is not None,
    )


_READERS: dict[str, Callable[[etree._Element], DrgElement]] = {
    "inputData": _input_data,
    "decision": _decision,
    "businessKnowledgeModel": _knowledge,
    "decisionService": _service,
}
