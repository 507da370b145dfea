"""List functions (DMN 1.5, clause 10.3.4.4). Positions count from one; negative ones from the end."""

from __future__ import annotations

from decimal import Decimal
from functools import cmp_to_key

from engine.feel.builtins.registry import builtin
from engine.feel.comparison import ORDER, compare, equal
from engine.feel.environment import Evaluation
from engine.feel.functions import Builtin, call_function
from engine.feel.numbers import truncated, whole
from engine.feel.values import FeelFunction, Range, Value

_List = list[Value]


@builtin("count", "list: list")
def count(evaluation: Evaluation, items: _List) -> Decimal:
    """How many entries a list has."""
    return Decimal(len(items))


@builtin("list contains", "list: list, element: Any")
def list_contains(evaluation: Evaluation, items: _List, element: Value) -> bool:
    """Whether a value is an entry of a list."""
    evaluation.tick(len(items))
    return any(equal(item, element, evaluation) is True for item in items)


@builtin("min", "list: list")
def minimum(evaluation: Evaluation, items: _List) -> Value:
    """The smallest entry of a list; null for an empty list or entries that cannot be compared."""
    return _extreme(evaluation, items, "<")


@builtin("min", "n: Any…")
def minimum_of(evaluation: Evaluation, *items: Value) -> Value:
    """The smallest of the arguments."""
    return _extreme(evaluation, list(items), "<")


@builtin("max", "list: list")
def maximum(evaluation: Evaluation, items: _List) -> Value:
    """The largest entry of a list; null for an empty list or entries that cannot be compared."""
    return _extreme(evaluation, items, ">")


@builtin("max", "n: Any…")
def maximum_of(evaluation: Evaluation, *items: Value) -> Value:
    """The largest of the arguments."""
    return _extreme(evaluation, list(items), ">")


def _extreme(evaluation: Evaluation, items: _List, operator: str) -> Value:
    evaluation.tick(len(items) + 1)
    if not items or type(items[0]) not in ORDER:
        return None
    best = items[0]
    for item in items[1:]:
        better = compare(operator, item, best)
        if better is None:
            return None
        if better:
            best = item
    return best


@builtin("all", "list: list")
def all_true(evaluation: Evaluation, items: _List) -> bool | None:
    """Whether every entry is true: false as soon as one is false, null if any is neither."""
    evaluation.tick(len(items) + 1)
    if any(item is False for item in items):
        return False
    return True if all(item is True for item in items) else None


@builtin("all", "b: Any…")
def all_arguments_true(evaluation: Evaluation, *items: Value) -> bool | None:
    """Whether every argument is true."""
    return all_true(evaluation, list(items))


@builtin("any", "list: list")
def any_true(evaluation: Evaluation, items: _List) -> bool | None:
    """Whether some entry is true: true as soon as one is true, null if any is neither."""
    evaluation.tick(len(items) + 1)
    if any(item is True for item in items):
        return True
    return False if all(item is False for item in items) else None


@builtin("any", "b: Any…")
def any_argument_true(evaluation: Evaluation, *items: Value) -> bool | None:
    """Whether some argument is true."""
    return any_true(evaluation, list(items))


@builtin("sublist", "list: list, start position: number, [length: number?]")
def sublist(evaluation: Evaluation, items: _List, start: Decimal, length: Decimal | None) -> _List | None:
    """The part of a list from a position on, to its end or of a given length."""
    first = _index(items, start)
    if first is None:
        return None
    if length is None:
        return evaluation.entries(items[first:])
    end = first + truncated(length)
    return evaluation.entries(items[first:end]) if length >= 1 and end <= len(items) else None


@builtin("append", "list: list, item: Any…")
def append(evaluation: Evaluation, items: _List, *more: Value) -> _List:
    """The list with more entries at its end."""
    evaluation.check_list_length(len(items) + len(more))
    return evaluation.entries([*items, *more])


@builtin("concatenate", "list: list…")
def concatenate(evaluation: Evaluation, *lists: _List) -> _List:
    """The entries of several lists as one list."""
    evaluation.check_list_length(sum(map(len, lists)))
    return evaluation.entries([item for items in lists for item in items])


@builtin("insert before", "list: list, position: number, newItem: Any")
def insert_before(evaluation: Evaluation, items: _List, position: Decimal, new: Value) -> _List | None:
    """The list with a new entry before a position."""
    index = _index(items, position)
    return None if index is None else evaluation.entries([*items[:index], new, *items[index:]])


@builtin("remove", "list: list, position: number")
def remove(evaluation: Evaluation, items: _List, position: Decimal) -> _List | None:
    """The list without the entry at a position."""
    index = _index(items, position)
    return None if index is None else evaluation.entries(items[:index] + items[index + 1 :])


@builtin("list replace", "list: list, position: number, newItem: Any")
def list_replace(evaluation: Evaluation, items: _List, position: Decimal, new: Value) -> _List | None:
    """The list with another entry at a position."""
    index = _index(items, Decimal(truncated(position)))
    return None if index is None else evaluation.entries([*items[:index], new, *items[index + 1 :]])


@builtin("list replace", "list: list, match: function, newItem: Any")
def list_replace_matching(
    evaluation: Evaluation, items: _List, match: FeelFunction | Builtin, new: Value
) -> _List | None:
    """The list with another entry wherever ``match(entry, new entry)`` is true."""
    if isinstance(match, FeelFunction) and len(match.parameters) != 2:
        return None
    replaced = []
    for item in items:
        fits = call_function(match, [item, new], evaluation)
        if type(fits) is not bool:
            return None
        replaced.append(new if fits else item)
    return evaluation.entries(replaced)


@builtin("reverse", "list: list")
def reverse(evaluation: Evaluation, items: _List) -> _List:
    """The list backwards."""
    evaluation.tick(len(items))
    return evaluation.entries(items[::-1])


@builtin("index of", "list: list, match: Any")
def index_of(evaluation: Evaluation, items: _List, match: Value) -> _List:
    """The positions at which a value occurs."""
    evaluation.tick(len(items))
    return evaluation.entries([Decimal(n) for n, item in enumerate(items, 1) if equal(item, match, evaluation) is True])


@builtin("union", "list: list…")
def union(evaluation: Evaluation, *lists: _List) -> _List:
    """The entries of several lists, each once."""
    evaluation.check_list_length(sum(map(len, lists)))
    return distinct_values(evaluation, [item for items in lists for item in items])


@builtin("distinct values", "list: list")
def distinct_values(evaluation: Evaluation, items: _List) -> _List:
    """The entries of a list, each once, in the order of their first occurrence."""
    found: _List = []
    seen = set()
    for item in items:
        evaluation.tick()
        if isinstance(item, list | dict | Range | FeelFunction | Builtin):
            evaluation.tick(len(found))
            if any(equal(item, other, evaluation) is True for other in found):
                continue
        elif (type(item), item) in seen:
            continue
        else:
            seen.add((type(item), item))
        found.append(item)
    return evaluation.entries(found)


@builtin("flatten", "list: list")
def flatten(evaluation: Evaluation, items: _List) -> _List:
    """The entries of a list and of all lists within it, as one list."""
    flat: _List = []
    waiting = [iter(items)]
    while waiting:
        for item in waiting[-1]:
            evaluation.tick()
            if type(item) is list:
                waiting.append(iter(item))
                break
            flat.append(item)
        else:
            waiting.pop()
    return evaluation.entries(flat)


@builtin("sort", "list: list, precedes: function")
def sort_by(evaluation: Evaluation, items: _List, precedes: FeelFunction | Builtin) -> _List | None:
    """The list in the order that ``precedes(one, other)`` gives."""
    if isinstance(precedes, FeelFunction) and len(precedes.parameters) != 2:
        return None
    is_sound = True

    def order(left: Value, right: Value) -> int:
        nonlocal is_sound
        first = call_function(precedes, [left, right], evaluation)
        if first is True:
            return -1
        is_sound = is_sound and first is False
        return 1 if call_function(precedes, [right, left], evaluation) is True else 0

    in_order = sorted(items, key=cmp_to_key(order))
    return evaluation.entries(in_order) if is_sound else None


@builtin("sort", "list: list")
def sort(evaluation: Evaluation, items: _List) -> _List | None:
    """The list from smallest to largest; null when the entries cannot be compared."""
    if not items:
        return []
    order = ORDER.get(type(items[0]))
    if order is None or any(type(item) is not type(items[0]) for item in items):
        return None
    evaluation.tick(len(items))
    return evaluation.entries(sorted(items, key=order))


def _index(items: _List, position: Decimal) -> int | None:
    """The Python index of a position that exists."""
    number = whole(position)
    if number is None or number == 0 or abs(number) > len(items):
        return None
    return number - 1 if number > 0 else len(items) + number
