"""Which names exist in a file: FEEL lets them hold spaces and signs, so its parser must know them beforehand."""

from __future__ import annotations

from collections.abc import Iterator

from engine.decision.elements import (
    Boxed,
    BusinessKnowledgeModel,
    Conditional,
    Context,
    Decision,
    DecisionTable,
    Definitions,
    Filter,
    FunctionDefinition,
    Invocation,
    ItemDefinition,
    ListExpression,
    Relation,
)
from engine.decision.elements import (
    Iterator as BoxedIterator,
)


def names_in(definitions: Definitions) -> Iterator[str]:
    """Every name the file gives: inputs, decisions, types and their parts, parameters, entries, columns, imports."""
    yield from (wanted.name for wanted in definitions.imports if wanted.name)
    for item in definitions.items:
        yield from _item(item)
    for element in definitions.elements.values():
        yield element.name
        if isinstance(element, Decision):
            yield from boxed_names(element.expression)
        elif isinstance(element, BusinessKnowledgeModel):
            yield from boxed_names(element.function)


def _item(item: ItemDefinition) -> Iterator[str]:
    yield item.name
    for component in item.components:
        yield from _item(component)


def boxed_names(boxed: Boxed | None) -> Iterator[str]:
    """Every name given inside a boxed expression."""
    match boxed:
        case Context(entries=entries):
            yield from (entry.name for entry in entries if entry.name)
        case FunctionDefinition(parameters=parameters):
            yield from (parameter.name for parameter in parameters)
        case Relation(columns=columns):
            yield from columns
        case BoxedIterator(variable=variable):
            yield variable
        case Invocation(bindings=bindings):
            yield from (binding.parameter for binding in bindings)
        case DecisionTable(outputs=outputs):
            yield from (output.name for output in outputs if output.name)
    for part in parts(boxed):
        yield from boxed_names(part)


def parts(boxed: Boxed | None) -> tuple[Boxed | None, ...]:
    """The boxed expressions directly inside."""
    match boxed:
        case Context(entries=entries):
            return tuple(entry.expression for entry in entries)
        case Invocation(function=function, bindings=bindings):
            return (function, *(binding.expression for binding in bindings))
        case FunctionDefinition(body=body):
            return (body,)
        case Relation(rows=rows):
            return tuple(cell for row in rows for cell in row)
        case ListExpression(items=items):
            return items
        case Conditional(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case BoxedIterator(source=source, body=body):
            return (source, body)
        case Filter(source=source, condition=condition):
            return (source, condition)
    return ()
