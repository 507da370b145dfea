"""Names that nothing provides: FEEL would read them as null and say nothing until somebody's case stands still."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.decision.elements import Boxed, BusinessKnowledgeModel, Decision
from engine.decision.expressions import WrittenExpression, WrittenTests
from engine.decision.lint.finding import Finding
from engine.decision.lint.places import written_in
from engine.decision.model import Model
from engine.decision.naming import boxed_names
from engine.decision.session import ElementKey
from engine.feel import BUILTINS, syntax

_ALWAYS = frozenset({"?", "item", "partial"})


def check(model: Model, key: ElementKey) -> Iterator[Finding]:
    """The expressions and cells of one element, against what it requires and what it names itself."""
    known = _known(model, key)
    element = key[1]
    for row, column, written in written_in(model, key):
        yield from _unknown(written, known, element, row, column)


def _known(model: Model, key: ElementKey) -> frozenset[str]:
    graph = model.graph
    names = set(_ALWAYS)
    for required in graph.requirements[key]:
        imported = None if required[0] == key[0] else graph.import_name(key[0], required[0])
        names.add(imported or graph.element(required).name)
    element = graph.element(key)
    boxed: Boxed | None = None
    if isinstance(element, Decision):
        boxed = element.expression
    elif isinstance(element, BusinessKnowledgeModel):
        boxed = element.function
        names.add(element.name)
    return frozenset(names | set(boxed_names(boxed)))


def _unknown(
    written: WrittenExpression | WrittenTests, known: frozenset[str], element: str, row: int | None, column: int | None
) -> Iterator[Finding]:
    tree = written.tree
    if tree is None:
        return
    # A filter's condition also reads the entries of what it filters: which, nobody can know beforehand.
    free = {node.name: node for node in _outside_filters(tree)} if written.reads - known else {}
    for name in sorted(written.reads - known):
        if name in free and name not in BUILTINS and name.split(".")[0] not in known:
            yield Finding(
                "unknown-name",
                element,
                row,
                column,
                "error",
                "Nothing is called “%(name)s” here. Put it in quotes if it is a text; otherwise require the input "
                "or decision of that name.",
                {"name": name},
            )


def _outside_filters(tree: syntax.Node) -> Iterable[syntax.Name]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, syntax.Name):
            yield node
        waiting.extend([node.source] if isinstance(node, syntax.Filter) else syntax.children(node))
