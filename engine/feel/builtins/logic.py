"""Boolean and identity functions (DMN 1.5, clauses 10.3.4.2 and 10.3.4.11)."""

from __future__ import annotations

from engine.feel.builtins.registry import builtin
from engine.feel.comparison import equal
from engine.feel.environment import Evaluation
from engine.feel.temporal import DateTime, Time
from engine.feel.values import Value


@builtin("not", "negand: Any")
def negation(evaluation: Evaluation, value: Value) -> bool | None:
    """False for true, true for false, null for anything else."""
    return not value if type(value) is bool else None


@builtin("is", "value1: Any, [value2: Any]", "[value1: Any], value2: Any")
def is_same(evaluation: Evaluation, left: Value, right: Value) -> bool:
    """Whether two values are the same element of their domain: unlike ``=``, zones must agree too; missing is null."""
    if type(left) is not type(right):
        return False
    if isinstance(left, Time | DateTime):
        return str(left) == str(right)
    return equal(left, right, evaluation) is True
