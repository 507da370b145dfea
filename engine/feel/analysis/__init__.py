"""What can be said about an expression before it runs: for the studio's linters and for forms.

    analyse("金额 > limt", variables={"金额": "number", "limit": "number"}, expected="boolean")

Rules: ``syntax unknown-name unknown-function arguments result-kind condition-kind always-null literal range
pattern shadows-builtin external-function loop-size`` and, for expressions that a browser evaluates as well,
the ``portable-…`` rules of ``portable``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from engine.feel.analysis.finding import Finding, Notes
from engine.feel.analysis.inference import Inference
from engine.feel.analysis.kinds import ANY, Kind, kind_named
from engine.feel.analysis.portable import note_unportable
from engine.feel.errors import FeelError
from engine.feel.expression import Expression, UnaryTests, compile_expression, compile_unary_tests

__all__ = [
    "Finding",
    "Kind",
    "Variables",
    "analyse",
    "analyse_unary_tests",
    "kind_named",
    "known_variables",
    "result_kind",
]


def analyse(
    text: str,
    *,
    variables: Mapping[str, str | Kind] | None = None,
    expected: str | None = None,
    portable: bool = False,
    names: Iterable[str] = (),
) -> tuple[Finding, ...]:
    """Findings about an expression, in the order of the text; never raises.

    ``variables``: every name there is, with its kind ("number", "list<string>", "Any", …); ``None`` when they are
    not known, and then no name is called unknown. ``expected``: the kind the result must have. ``portable``: the
    expression must mean the same in the browser's evaluator.
    """
    try:
        expression = compile_expression(text, names)
    except FeelError as error:
        return _syntax(error, text)
    notes = Notes(text)
    inference = Inference(notes, _kinds(variables))
    try:
        found = inference.kind(expression.tree)
    except RecursionError:  # deep, and asked from a deep place
        notes.warning("syntax", 0, "Expected an expression of moderate depth.")
        return notes.in_order()
    if portable:
        note_unportable(expression.tree, inference.found, notes)
    if expected is not None and found.is_known and found.name not in (expected, kind_named(expected).name):
        notes.error(
            "result-kind",
            expression.tree.at,
            "Expected a %(expected)s, but this yields a %(found)s.",
            expected=expected,
            found=found.name,
        )
    return notes.in_order()


def analyse_unary_tests(
    text: str,
    *,
    value: str | Kind = ANY,
    variables: Mapping[str, str | Kind] | None = None,
    names: Iterable[str] = (),
) -> tuple[Finding, ...]:
    """Findings about the tests of a table cell for values of this kind; never raises."""
    try:
        tests = compile_unary_tests(text, names)
    except FeelError as error:
        return _syntax(error, text)
    notes = Notes(text)
    inference = Inference(notes, _kinds(variables))
    inference.tests(tests.tree.tests, kind_named(value) if isinstance(value, str) else value)
    return notes.in_order()


def result_kind(expression: Expression | UnaryTests, variables: Mapping[str, str | Kind] | None = None) -> str | None:
    """The kind of the result where it can be known, else ``None``."""
    if isinstance(expression, UnaryTests):
        return "boolean"
    found = Inference(Notes(expression.text), _kinds(variables)).kind(expression.tree)
    return found.name if found.is_known else None


class Variables(dict[str, Kind]):
    """The variables there are, with their kinds, made ready once for many expressions."""


def known_variables(variables: Mapping[str, str | Kind]) -> Variables:
    """Names with their kinds, for ``analyse`` of many expressions over the same variables."""
    return Variables(_kinds(variables) or {})


def _kinds(variables: Mapping[str, str | Kind] | None) -> dict[str, Kind] | None:
    if variables is None or isinstance(variables, Variables):
        return variables
    kinds = {name: kind_named(kind) if isinstance(kind, str) else kind for name, kind in variables.items()}
    return {name: replace(kind, is_variable=True) for name, kind in kinds.items()}


def _syntax(error: FeelError, text: str) -> tuple[Finding, ...]:
    notes = Notes(text)
    template = f"{error.template} {error.hint}" if error.hint else error.template
    notes.error("syntax", error.position or 0, template, **error.params)
    return notes.in_order()
