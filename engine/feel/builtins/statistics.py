"""Sums, means, deviations (DMN 1.5, clause 10.3.4.4). Each takes a list or any number of arguments."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from engine.feel.builtins.registry import builtin
from engine.feel.environment import Evaluation
from engine.feel.numbers import CONTEXT
from engine.feel.temporal import DaysTimeDuration, YearsMonthsDuration
from engine.feel.values import Value

_List = list[Value]


def _are_numbers(items: _List, evaluation: Evaluation) -> bool:
    evaluation.tick(len(items) + 1)
    return all(type(item) is Decimal for item in items)


@builtin("sum", "list: list")
def total(evaluation: Evaluation, items: _List) -> Value:
    """The sum of numbers, or of durations of one kind; null for an empty list."""
    if not items:
        return None
    if _are_numbers(items, evaluation):
        result = Decimal(0)
        for item in items:
            result = CONTEXT.add(result, item)
        return result
    if all(type(item) is YearsMonthsDuration for item in items):
        return YearsMonthsDuration(sum(item.months for item in items))
    if all(type(item) is DaysTimeDuration for item in items):
        return DaysTimeDuration(sum(item.nanoseconds for item in items))
    return None


@builtin("sum", "n: Any…")
def total_of(evaluation: Evaluation, *items: Value) -> Value:
    """The sum of the arguments."""
    return total(evaluation, list(items))


@builtin("mean", "list: list")
def mean(evaluation: Evaluation, items: _List) -> Decimal | None:
    """The arithmetic mean of numbers; null for an empty list."""
    if not items or not _are_numbers(items, evaluation):
        return None
    return CONTEXT.divide(total(evaluation, items), Decimal(len(items)))


@builtin("mean", "n: Any…")
def mean_of(evaluation: Evaluation, *items: Value) -> Decimal | None:
    """The arithmetic mean of the arguments."""
    return mean(evaluation, list(items))


@builtin("median", "list: list")
def median(evaluation: Evaluation, items: _List) -> Decimal | None:
    """The middle of numbers in order, or the mean of the two in the middle; null for an empty list."""
    if not items or not _are_numbers(items, evaluation):
        return None
    in_order = sorted(items)
    middle = len(in_order) // 2
    if len(in_order) % 2:
        return Decimal(in_order[middle])
    return CONTEXT.divide(CONTEXT.add(in_order[middle - 1], in_order[middle]), Decimal(2))


@builtin("median", "n: Any…")
def median_of(evaluation: Evaluation, *items: Value) -> Decimal | None:
    """The middle of the arguments in order."""
    return median(evaluation, list(items))


@builtin("stddev", "list: list")
def standard_deviation(evaluation: Evaluation, items: _List) -> Decimal | None:
    """The standard deviation of a sample; null for fewer than two numbers."""
    average = mean(evaluation, items)
    if len(items) < 2 or average is None:
        return None
    squares = Decimal(0)
    for item in items:
        distance = CONTEXT.subtract(item, average)
        squares = CONTEXT.add(squares, CONTEXT.multiply(distance, distance))
    return CONTEXT.sqrt(CONTEXT.divide(squares, Decimal(len(items) - 1)))


@builtin("stddev", "n: Any…")
def standard_deviation_of(evaluation: Evaluation, *items: Value) -> Decimal | None:
    """The standard deviation of the arguments."""
    return standard_deviation(evaluation, list(items))


@builtin("mode", "list: list")
def mode(evaluation: Evaluation, items: _List) -> _List | None:
    """The most frequent numbers, in order."""
    if not _are_numbers(items, evaluation):
        return None
    counted = Counter(item.normalize(CONTEXT) for item in items)
    most = max(counted.values(), default=0)
    return evaluation.entries(sorted(number for number, times in counted.items() if times == most))


@builtin("mode", "n: Any…")
def mode_of(evaluation: Evaluation, *items: Value) -> _List | None:
    """The most frequent of the arguments."""
    return mode(evaluation, list(items))


@builtin("product", "list: list")
def product(evaluation: Evaluation, items: _List) -> Decimal | None:
    """The product of numbers; null for an empty list."""
    if not items or not _are_numbers(items, evaluation):
        return None
    result = Decimal(1)
    for item in items:
        result = CONTEXT.multiply(result, item)
    return result


@builtin("product", "n: Any…")
def product_of(evaluation: Evaluation, *items: Value) -> Decimal | None:
    """The product of the arguments."""
    return product(evaluation, list(items))
