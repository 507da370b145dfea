"""XML of boxed expressions and decision tables → the values of ``elements`` (DMN 1.5, clauses 8.3 and 10.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from lxml import etree

from engine.decision import document
from engine.decision.document import child, children, text_of, type_of
from engine.decision.elements import (
    Binding,
    Boxed,
    Conditional,
    Context,
    ContextEntry,
    DecisionTable,
    Filter,
    FunctionDefinition,
    InputClause,
    Invocation,
    Iterator,
    ListExpression,
    LiteralExpression,
    OutputClause,
    Parameter,
    Relation,
    Rule,
)
from engine.errors import Rejected

RULES_MAX = 2_000
COLUMNS_MAX = 100


def read_boxed(holder: etree._Element, path: str) -> Boxed | None:
    """The first boxed expression inside ``holder``; ``path`` names it when it has no id. ``None`` if there is none."""
    for element in holder:
        reader = _READERS.get(document.local_name(element))
        if reader is not None:
            return reader(element, element.get("id") or path)
    return None


def _inside(element: etree._Element, name: str, path: str) -> Boxed | None:
    holder = child(element, name)
    return None if holder is None else read_boxed(holder, f"{path}/{name}")


def _literal(element: etree._Element, path: str) -> Boxed:
    language = element.get("expressionLanguage")
    if language and "FEEL" not in language.upper():
        raise Rejected(
            "Expected a FEEL expression at %(element)s, but its language is %(found)s. Write it in FEEL.",
            element=path,
            found=language,
        )
    return LiteralExpression(path, type_of(element), text_of(element))


def _context(element: etree._Element, path: str) -> Boxed:
    entries = []
    for number, entry in enumerate(children(element, "contextEntry"), 1):
        variable = child(entry, "variable")
        name = None if variable is None else document.required(variable, "name")
        entries.append(ContextEntry(name, type_of(variable), read_boxed(entry, f"{path}/{name or number}")))
    return Context(path, type_of(element), tuple(entries))


def _invocation(element: etree._Element, path: str) -> Boxed:
    bindings = []
    for number, binding in enumerate(children(element, "binding"), 1):
        parameter = child(binding, "parameter")
        if parameter is None:
            raise Rejected(
                "Expected a parameter in binding %(number)s of %(element)s, but there is none. Add it.",
                number=number,
                element=path,
            )
        name = document.required(parameter, "name")
        bindings.append(Binding(name, read_boxed(binding, f"{path}/{name}")))
    return Invocation(path, type_of(element), read_boxed(element, path), tuple(bindings))


def read_function(element: etree._Element, path: str) -> FunctionDefinition:
    """A function definition or a knowledge model's logic. Raises ``Rejected`` for any kind but FEEL."""
    kind = element.get("kind", "FEEL")
    if kind != "FEEL":
        raise Rejected(
            "Expected a FEEL function at %(element)s, but found an external function of kind %(found)s. "
            "Files never run code: write it in FEEL.",
            element=path,
            found=kind,
        )
    parameters = tuple(
        Parameter(document.required(parameter, "name"), type_of(parameter))
        for parameter in children(element, "formalParameter")
    )
    return FunctionDefinition(path, type_of(element), parameters, read_boxed(element, f"{path}/body"))


def _relation(element: etree._Element, path: str) -> Boxed:
    columns = tuple(document.required(column, "name") for column in children(element, "column"))
    rows = []
    for number, row in enumerate(children(element, "row"), 1):
        cells = _items(row, f"{path}/row {number}")
        if len(cells) != len(columns):
            raise Rejected(
                "Expected %(expected)s cells in row %(row)s of %(element)s, but found %(found)s. Correct the row.",
                expected=len(columns),
                row=number,
                element=path,
                found=len(cells),
            )
        rows.append(cells)
    return Relation(path, type_of(element), columns, tuple(rows))


def _items(element: etree._Element, path: str) -> tuple[Boxed | None, ...]:
    found = [
        (reader, item, number)
        for number, item in enumerate(element, 1)
        if (reader := _READERS.get(document.local_name(item))) is not None
    ]
    return tuple(reader(item, item.get("id") or f"{path}/{number}") for reader, item, number in found)


def _list(element: etree._Element, path: str) -> Boxed:
    return ListExpression(path, type_of(element), _items(element, path))


def _conditional(element: etree._Element, path: str) -> Boxed:
    condition, then, otherwise = (_inside(element, name, path) for name in ("if", "then", "else"))
    return Conditional(path, type_of(element), condition, then, otherwise)


def _iterator(element: etree._Element, path: str) -> Boxed:
    kind = _ITERATORS[document.local_name(element)]
    variable = document.required(element, "iteratorVariable")
    source = _inside(element, "in", path)
    body = _inside(element, "return" if kind == "for" else "satisfies", path)
    return Iterator(path, type_of(element), kind, variable, source, body)


def _filter(element: etree._Element, path: str) -> Boxed:
    return Filter(path, type_of(element), _inside(element, "in", path), _inside(element, "match", path))


# ------------------------------------------------------------------ decision tables


def _table(element: etree._Element, path: str) -> Boxed:
    inputs = tuple(_input(clause, number) for number, clause in enumerate(children(element, "input"), 1))
    outputs = tuple(_output(clause, number) for number, clause in enumerate(children(element, "output"), 1))
    rules = tuple(_rule(rule, number) for number, rule in enumerate(children(element, "rule"), 1))
    if len(rules) > RULES_MAX or len(inputs) + len(outputs) > COLUMNS_MAX:
        raise Rejected(
            "Expected a table of at most %(rules)s rows and %(columns)s columns at %(element)s, "
            "but found %(found_rules)s and %(found_columns)s. Split the table.",
            rules=RULES_MAX,
            columns=COLUMNS_MAX,
            element=path,
            found_rules=len(rules),
            found_columns=len(inputs) + len(outputs),
        )
    table = DecisionTable(
        path,
        type_of(element),
        element.get("hitPolicy", "UNIQUE"),
        element.get("aggregation"),
        inputs,
        outputs,
        rules,
    )
    _check_shape(table)
    return table


def _check_shape(table: DecisionTable) -> None:
    if not table.outputs:
        raise Rejected("Expected an output column at %(element)s, but there is none. Add one.", element=table.id)
    if len(table.outputs) > 1 and not all(clause.name for clause in table.outputs):
        raise Rejected(
            "Expected a name on every output column of %(element)s, because it has several. Name them.",
            element=table.id,
        )
    for number, rule in enumerate(table.rules, 1):
        if len(rule.inputs) != len(table.inputs) or len(rule.outputs) != len(table.outputs):
            raise Rejected(
                "Expected %(inputs)s input and %(outputs)s output cells in row %(row)s of %(element)s, "
                "but found %(found_inputs)s and %(found_outputs)s. Correct the row.",
                inputs=len(table.inputs),
                outputs=len(table.outputs),
                row=number,
                element=table.id,
                found_inputs=len(rule.inputs),
                found_outputs=len(rule.outputs),
            )


def _input(element: etree._Element, number: int) -> InputClause:
    expression = child(element, "inputExpression")
    return InputClause(
        element.get("id") or f"input {number}",
        element.get("label") or text_of(expression) or "",
        text_of(expression),
        type_of(expression),
        text_of(child(element, "inputValues")),
    )


def _output(element: etree._Element, number: int) -> OutputClause:
    return OutputClause(
        element.get("id") or f"output {number}",
        element.get("name"),
        element.get("label") or element.get("name") or "",
        type_of(element),
        text_of(child(element, "outputValues")),
        text_of(child(element, "defaultOutputEntry")),
    )


def _rule(element: etree._Element, number: int) -> Rule:
    description = child(element, "description")
    return Rule(
        element.get("id") or f"rule {number}",
        "" if description is None else "".join(description.itertext()).strip(),
        tuple((text_of(entry) or "").strip() for entry in children(element, "inputEntry")),
        tuple((text_of(entry) or "").strip() for entry in children(element, "outputEntry")),
    )


_ITERATORS: dict[str, Literal["for", "some", "every"]] = {"for": "for", "some": "some", "every": "every"}

_READERS: dict[str, Callable[[etree._Element, str], Boxed]] = {
    "literalExpression": _literal,
    "context": _context,
    "invocation": _invocation,
    "functionDefinition": read_function,
    "relation": _relation,
    "list": _list,
    "decisionTable": _table,
    "conditional": _conditional,
    "for": _iterator,
    "some": _iterator,
    "every": _iterator,
    "filter": _filter,
}
