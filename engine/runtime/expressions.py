"""FEEL for the runtime: one way to evaluate, strict at the edges."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.feel import Environment, FeelError, compile_expression
from engine.runtime.stuck import Stuck
from engine.runtime.surroundings import Surroundings

_WARNINGS_MAX = 3


def environment(around: Surroundings) -> Environment:
    """The environment of every expression of this step."""
    return Environment(now=around.now, calendar=around.calendar)


def evaluate(text: str, variables: Mapping[str, Any], env: Environment) -> Any:
    """The value of a FEEL expression. Raises ``Stuck`` with FEEL's own sentence."""
    try:
        return compile_expression(text).evaluate(variables, env)
    except FeelError as error:
        raise Stuck(error.template, **error.params) from error


def condition(text: str, variables: Mapping[str, Any], env: Environment) -> bool:
    """A condition's value. Raises ``Stuck`` for anything but true or false: null is never "no"."""
    found, warnings = explained(text, variables, env)
    if found is True or found is False:
        return bool(found)
    if warnings:
        raise Stuck(
            "Expected true or false from %(expression)s but found %(found)s, because: %(why)s "
            "Correct the data or the diagram, then retry.",
            expression=text,
            found=shown(found),
            why=warnings,
        )
    raise Stuck(
        "Expected true or false from %(expression)s but found %(found)s. Correct the data or the diagram, then retry.",
        expression=text,
        found=shown(found),
    )


def integer(text: str, variables: Mapping[str, Any], env: Environment, least: int, most: int) -> int:
    """A whole number between two bounds. Raises ``Stuck`` for anything else."""
    found, warnings = explained(text, variables, env)
    number = int(found) if isinstance(found, Decimal) and found == found.to_integral_value() else found
    if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= most:
        raise Stuck(
            "Expected a whole number from %(least)s to %(most)s from %(expression)s but found %(found)s. "
            "%(why)s Correct it.",
            least=least,
            most=most,
            expression=text,
            found=shown(found),
            why=warnings,
        )
    return number


def explained(text: str, variables: Mapping[str, Any], env: Environment) -> tuple[Any, str]:
    """The value of an expression, and in words why something in it came out as null ("" if nothing did)."""
    try:
        outcome = compile_expression(text).explain(variables, env)
    except FeelError as error:
        raise Stuck(error.template, **error.params) from error
    return outcome.value, " ".join(dict.fromkeys(str(warning) for warning in outcome.warnings[:_WARNINGS_MAX]))


def shown(value: Any) -> str:
    """A value for a sentence, kept short."""
    text = "null" if value is None else str(value)
    return text if len(text) <= 80 else text[:77] + "…"
