"""What the expressions themselves get wrong: unknown functions, wrong arguments, results that are always null.

The knowledge is the FEEL engine's (``engine.feel.analysis``); here it only gets a place in the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.decision.column import constants_of
from engine.decision.expressions import WrittenExpression, WrittenTests
from engine.decision.lint.cells import literal_value
from engine.decision.lint.finding import Finding, Severity
from engine.decision.lint.places import written_in
from engine.decision.model import Model
from engine.decision.session import ElementKey
from engine.feel import analysis


def check(model: Model, key: ElementKey) -> Iterator[Finding]:
    """Every expression and cell of an element that is more than a constant."""
    for row, column, written in written_in(model, key):
        for found in _analysed(written, model.graph.names):
            if found.rule != "syntax":  # said by ``cells``
                severity: Severity = "error" if found.severity == "error" else "warning"
                yield Finding(found.rule, key[1], row, column, severity, found.template, found.params)


def _analysed(written: WrittenExpression | WrittenTests, names: frozenset[str]) -> Iterable[analysis.Finding]:
    if isinstance(written, WrittenTests):
        return () if constants_of(written.tree) is not None else analysis.analyse_unary_tests(written.text, names=names)
    return () if literal_value(written.tree)[0] else analysis.analyse(written.text, names=names)
