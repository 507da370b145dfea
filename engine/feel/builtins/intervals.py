"""How points and ranges lie to each other: Allen's relations (DMN 1.5, clause 10.3.4.9, table 78)."""

from __future__ import annotations

from engine.feel.builtins.registry import builtin
from engine.feel.comparison import ORDER, all_of, any_of, compare, contains, equal
from engine.feel.environment import Evaluation
from engine.feel.values import Range, Value

_POINT_POINT = "point1: Any, point2: Any"
_POINT_RANGE = "point: Any, range: Any"
_RANGE_POINT = "range: Any, point: Any"
_RANGE_RANGE = "range1: Any, range2: Any"


def _less(left: Value, right: Value) -> bool | None:
    return compare("<", left, right)


def _are_comparable(*values: Value) -> bool:
    return all(value.is_definite() if type(value) is Range else type(value) in ORDER for value in values)


def _starts_before(left: Range, right: Range) -> bool | None:
    """Whether ``left`` reaches at least as far down as ``right``."""
    return any_of(
        _less(left.start, right.start),
        all_of(equal(left.start, right.start), left.start_included or not right.start_included),
    )


def _ends_after(left: Range, right: Range) -> bool | None:
    """Whether ``left`` reaches at least as far up as ``right``."""
    return any_of(
        _less(right.end, left.end), all_of(equal(left.end, right.end), left.end_included or not right.end_included)
    )


def _touches(left: Range, right: Range) -> bool | None:
    """Whether the end of ``left`` reaches into ``right``."""
    return any_of(
        _less(right.start, left.end), all_of(equal(left.end, right.start), left.end_included, right.start_included)
    )


@builtin("before", _RANGE_RANGE, _POINT_POINT, _POINT_RANGE, _RANGE_POINT)
def before(evaluation: Evaluation, left: Value, right: Value) -> bool | None:
    """Whether the first lies wholly before the second."""
    if not _are_comparable(left, right):
        return None
    match left, right:
        case Range(), Range():
            return any_of(
                _less(left.end, right.start),
                all_of(not left.end_included or not right.start_included, equal(left.end, right.start)),
            )
        case Range(), _:
            return any_of(_less(left.end, right), all_of(equal(left.end, right), not left.end_included))
        case _, Range():
            return any_of(_less(left, right.start), all_of(equal(left, right.start), not right.start_included))
    return _less(left, right)


@builtin("after", _RANGE_RANGE, _POINT_POINT, _POINT_RANGE, _RANGE_POINT)
def after(evaluation: Evaluation, left: Value, right: Value) -> bool | None:
    """Whether the first lies wholly after the second."""
    return before(evaluation, right, left)


@builtin("meets", _RANGE_RANGE)
def meets(evaluation: Evaluation, left: Value, right: Value) -> bool | None:
    """Whether the first range ends exactly where the second starts, both including that point."""
    if not (type(left) is Range and type(right) is Range):
        return None
    return all_of(left.end_included, right.start_included, equal(left.end, right.start))


@builtin("met by", _RANGE_RANGE)
def met_by(evaluation: Evaluation, left: Value, right: Value) -> bool | None:
    """Whether the first range starts exactly where the second ends."""
    return meets(evaluation, right, left)


@builtin("overlaps", _RANGE_RANGE)
def overlaps(evaluation: Evaluation, left: Value, right: Value) -> bool | None:
    """Whether two ranges have a point in common."""
    if not (type(left) is Range and type(right) is Range):
        return None
    return all_of(_touches(left, right), _touches(right, left))


@builtin("overlaps before", _RANGE_RANGE)
def overlaps_before(evaluation: Evaluation, left: Value, right: Value) -> bool | None:
    """Whether the first range starts before the second and ends within it."""
    if not (type(left) is Range and type(right) is Range):
        return None
    starts_first = any_of(
        _less(left.start, right.start),
        all_of(equal(left.start, right.start), left.start_included, not right.start_included),
    )
    return all_of(starts_first, _touches(left, right), _ends_after(right, left))


@builtin("overlaps after", _RANGE_RANGE)
def overlaps_after(evaluation: Evaluation, left: Value, right: Value) -> bool | None:
    """Whether the first range starts within the second and ends after it."""
    if not (type(left) is Range and type(right) is Range):
        return None
    starts_later = any_of(
        _less(right.start, left.start),
        all_of(equal(left.start, right.start), right.start_included, not left.start_included),
    )
    return all_of(starts_later, _touches(right, left), _ends_after(left, right))


@builtin("finishes", _RANGE_RANGE, _POINT_RANGE)
def finishes(evaluation: Evaluation, left: Value, right: Value) -> bool | None:
    """Whether the first, a point or a range, ends the second."""
    if type(right) is not Range or not _are_comparable(left):
        return None
    if type(left) is not Range:
        return all_of(right.end_included, equal(left, right.end))
    same_end = all_of(left.end_included == right.end_included, equal(left.end, right.end))
    return all_of(same_end, _starts_before(right, left))


@builtin("finished by", _RANGE_RANGE, _RANGE_POINT)
def finished_by(evaluation: Evaluation, left: Value, right: Value) -> bool | None:
    """Whether the second, a point or a range, ends the first."""
    return finishes(evaluation, right, left)


@builtin("includes", _RANGE_RANGE, _RANGE_POINT)
def includes(evaluation: Evaluation, left: Value, right: Value) -> bool | None:
    """Whether the first range contains the second, a point or a range."""
    if type(left) is not Range or not _are_comparable(right):
        return None
    if type(right) is not Range:
        return contains(left, right)
    return all_of(_starts_before(left, right), _ends_after(left, right))


@builtin("during", _RANGE_RANGE, _POINT_RANGE)
def during(evaluation: Evaluation, left: Value, right: Value) -> bool | None:
    """Whether the first, a point or a range, lies within the second."""
    return includes(evaluation, right, left)


@builtin("starts", _RANGE_RANGE, _POINT_RANGE)
def starts(evaluation: Evaluation, left: Value, right: Value) -> bool | None:
    """Whether the first, a point or a range, starts the second."""
    if type(right) is not Range or not _are_comparable(left):
        return None
    if type(left) is not Range:
        return all_of(right.start_included, equal(left, right.start))
    same_start = all_of(left.start_included == right.start_included, equal(left.start, right.start))
    return all_of(same_start, _ends_after(right, left))


@builtin("started by", _RANGE_RANGE, _RANGE_POINT)
def started_by(evaluation: Evaluation, left: Value, right: Value) -> bool | None:
    """Whether the second, a point or a range, starts the first."""
    return starts(evaluation, right, left)


@builtin("coincides", _RANGE_RANGE, _POINT_POINT)
def coincides(evaluation: Evaluation, left: Value, right: Value) -> bool | None:
    """Whether two points or two ranges are the same."""
    if type(left) is Range and type(right) is Range:
        return all_of(
            left.start_included == right.start_included,
            left.end_included == right.end_included,
            equal(left.start, right.start),
            equal(left.end, right.end),
        )
    return None if type(left) is Range or type(right) is Range else equal(left, right)
