"""When values are equal and which comes first, in three-valued logic (DMN 1.5, clauses 10.3.2.13 and 10.3.2.15).

``None`` means *cannot be said*: values of different kinds, or one with a zone beside one without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from engine.feel.limits import Budget, Limits
from engine.feel.temporal import Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration
from engine.feel.values import Range, Value

_COMPARING = Limits(steps=25_000, seconds=0.1)  # where no evaluation runs

ORDER: dict[type, Callable[[Any], Any]] = {
    Decimal: lambda value: value,
    str: lambda value: value,
    Date: lambda value: value.number,
    Time: lambda value: value.key(),
    DateTime: lambda value: value.key(),
    YearsMonthsDuration: lambda value: value.months,
    DaysTimeDuration: lambda value: value.nanoseconds,
}
"""The kinds that have an order, and what to order each by."""


def equal(left: Value, right: Value, budget: Budget | None = None) -> bool | None:
    """Whether ``left = right``. Large values draw on the budget. Raises ``FeelLimit``."""
    if left is None or right is None:
        return left is right
    kind = type(left)
    if kind is not type(right):
        return None
    if kind is Decimal or kind is str or kind is bool:
        return bool(left == right)
    if kind is list or kind is dict:
        return _equal_trees(left, right, budget or Budget(_COMPARING))
    if kind is Time or kind is DateTime:
        return None if (left.zone is None) != (right.zone is None) else left.key() == right.key()
    if kind is Range:
        return _equal_ranges(left, right)
    return bool(left == right)


def _equal_trees(left: Value, right: Value, budget: Budget) -> bool | None:
    """Compare lists and contexts entry by entry. Values share parts, so the *tree* walk is what must be bounded."""
    if len(left) != len(right):
        return False
    budget.tick(1 + len(left) // 4)
    if type(left) is dict:
        if left.keys() != right.keys():
            return False
        pairs: Iterable[tuple[Value, Value]] = ((left[key], right[key]) for key in left)
    else:
        pairs = zip(left, right, strict=True)
    for one, other in pairs:
        if type(one) is type(other) and type(one) in (list, dict):
            same = _equal_trees(one, other, budget)
        else:
            same = equal(one, other)
        if same is not True:
            return same
    return True


def _equal_ranges(left: Range, right: Range) -> bool | None:
    shape = (left.start_included, left.end_included, left.unbounded_start, left.unbounded_end)
    if shape != (right.start_included, right.end_included, right.unbounded_start, right.unbounded_end):
        return False
    starts = equal(left.start, right.start)
    return equal(left.end, right.end) if starts is True else starts


def compare(operator: str, left: Value, right: Value) -> bool | None:
    """Whether ``left operator right`` for one of ``<  <=  >  >=``."""
    kind = type(left)
    if kind is not type(right):
        return None
    if kind is not Decimal and kind is not str:
        order = ORDER.get(kind)
        if order is None:
            return None
        if kind in (Time, DateTime) and (left.zone is None) != (right.zone is None):
            return None
        left, right = order(left), order(right)
    if operator == "<":
        return bool(left < right)
    if operator == "<=":
        return bool(left <= right)
    if operator == ">":
        return bool(left > right)
    return bool(left >= right)


def contains(interval: Range, value: Value) -> bool | None:
    """Whether ``value in interval``."""
    if value is None or not interval.is_definite():
        return None
    after_start: bool | None = True
    if interval.start is not None:
        after_start = compare("<=" if interval.start_included else "<", interval.start, value)
    if after_start is not True or interval.end is None:
        return after_start
    return compare("<=" if interval.end_included else "<", value, interval.end)


def negated(truth: bool | None) -> bool | None:
    """Three-valued *not*."""
    return None if truth is None else not truth


def all_of(*truths: bool | None) -> bool | None:
    """Three-valued *and*."""
    if any(truth is False for truth in truths):
        return False
    return None if any(truth is None for truth in truths) else True


def any_of(*truths: bool | None) -> bool | None:
    """Three-valued *or*."""
    if any(truth is True for truth in truths):
        return True
    return None if any(truth is None for truth in truths) else False
