"""What conditions may be worth: a few variables are followed by the finite values they are compared with.

A variable is *followed* when every condition that reads it only asks whether it equals a literal, or whether it is
true. Its domain is those literals, ``None`` and ``OTHER``. A state keeps for each followed variable the set of
values it may have; everything else is unknown, and unknown means both ways are possible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from engine.feel import compile_expression
from engine.feel import syntax as s

OTHER: Final = "\0other"
UNKNOWN: Final = object()
COMBINATIONS_MAX = 4_096
Values = tuple[frozenset[Any], ...]
"""For each followed variable, in the order of ``Followed.names``, what it may be."""


@dataclass(frozen=True)
class Followed:
    """The followed variables and their domains; ``profile`` holds the parameters, which are constants."""

    names: tuple[str, ...]
    domains: Mapping[str, frozenset[Any]]
    profile: Mapping[str, Any]

    def index(self, name: str) -> int:
        return self.names.index(name)

    def known_as(self, name: str, value: Any) -> Any:
        """The member of the domain that stands for a concrete value."""
        return value if value in self.domains[name] else OTHER


def follow(texts: Iterable[str], profile: Mapping[str, Any]) -> Followed:
    """Finds what can be followed in these conditions. Raises ``FeelError`` for a text that is none."""
    domains: dict[str, set[Any]] = {}
    spoiled: set[str] = set()
    for text in texts:
        tree = compile_expression(text).tree
        asked: list[s.Name] = []
        for name, values in _atoms(tree, asked):
            domains.setdefault(name, set()).update(values)
        fair = {id(found) for found in asked}
        spoiled |= {n.name for n in s.walk(tree) if isinstance(n, s.Name) and id(n) not in fair}
    found = {
        name: frozenset(values | {None, OTHER} | ({True, False} if values <= {True, False, None} else set()))
        for name, values in domains.items()
        if name not in spoiled
    }
    return Followed(tuple(sorted(found)), found, profile)


def _atoms(tree: s.Node, asked: list[s.Name]) -> Iterable[tuple[str, set[Any]]]:
    """Every (variable, literals) that a condition compares; ``asked`` collects the names met in such atoms."""
    match tree:
        case s.Logic(operands=operands):
            for operand in operands:
                yield from _atoms(operand, asked)
        case s.Call(function=s.Name(name="not") as function, arguments=(argument,)):
            asked.append(function)
            yield from _atoms(argument, asked)
        case s.Comparison(operator="=" | "!=", left=s.Name() as left, right=right) if _is_literal(right):
            asked.append(left)
            yield left.name, {_literal(right)}
        case s.In(operand=s.Name() as left, tests=tests) if all(
            isinstance(test, s.ExpressionTest) and _is_literal(test.expression) for test in tests
        ):
            asked.append(left)
            yield left.name, {_literal(t.expression) for t in tests if isinstance(t, s.ExpressionTest)}
        case s.Name() as alone:
            asked.append(alone)
            yield alone.name, {True, False}


def _is_literal(node: s.Node) -> bool:
    return isinstance(node, s.StringLiteral | s.BooleanLiteral | s.NullLiteral)


def _literal(node: s.Node) -> Any:
    match node:
        case s.StringLiteral(value=value) | s.BooleanLiteral(value=value):
            return value
    return None


def truth(text: str, known: Mapping[str, Any], profile: Mapping[str, Any]) -> Any:
    """``True``, ``False``, ``None`` (an incident) or ``UNKNOWN``, given concrete members of the domains."""
    return _truth(compile_expression(text).tree, known, profile)


def _truth(tree: s.Node, known: Mapping[str, Any], profile: Mapping[str, Any]) -> Any:
    match tree:
        case s.Logic(operator=operator, operands=operands):
            return _joined(operator, [_truth(operand, known, profile) for operand in operands])
        case s.Call(function=s.Name(name="not"), arguments=(argument,)):
            inner = _truth(argument, known, profile)
            return (not inner) if inner in (True, False) and inner is not None else inner
        case s.In(operand=s.Name(name=name), tests=tests) if name in known:
            return known[name] in [_literal(t.expression) for t in tests if isinstance(t, s.ExpressionTest)]
        case s.Comparison(operator=operator, left=left, right=right):
            return _compared(operator, _constant(left, known, profile), _constant(right, known, profile))
        case s.Name(name=name) if name in known:
            return known[name] if known[name] in (True, False) else None
        case s.BooleanLiteral(value=value):
            return value
    found = _constant(tree, known, profile)
    return found if found is UNKNOWN or isinstance(found, bool) else None


def _joined(operator: str, parts: list[Any]) -> Any:
    decisive = operator == "or"
    if any(part is decisive for part in parts):
        return decisive
    if any(part is UNKNOWN for part in parts):
        return UNKNOWN
    return None if any(part is None for part in parts) else not decisive


def _constant(node: s.Node, known: Mapping[str, Any], profile: Mapping[str, Any]) -> Any:
    match node:
        case s.StringLiteral() | s.BooleanLiteral() | s.NullLiteral():
            return _literal(node)
        case s.NumberLiteral():
            return compile_expression(node.digits).evaluate()
        case s.Name(name=name) if name in known:
            return known[name]
        case s.Path(source=s.Name(name="profile"), name=name):
            return profile.get(name)
    return UNKNOWN


def _compared(operator: str, left: Any, right: Any) -> Any:
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if operator in ("=", "!="):
        same = left == right and (type(left) is bool) == (type(right) is bool)
        return same if operator == "=" else not same
    try:
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]
    except (TypeError, KeyError):
        return None


def outcomes(followed: Followed, values: Values, texts: Sequence[str | None]) -> list[tuple[tuple[Any, ...], Values]]:
    """For every combination of what the texts read: their truths, and the values narrowed to that combination.

    Combinations with the same truths are put together again where that loses nothing.
    """
    mentioned = {name for text in texts if text is not None for name in compile_expression(text).names}
    read = sorted(mentioned & set(followed.names))
    places = [followed.index(name) for name in read]
    size = 1
    for place in places:
        size *= len(values[place])
    if size > COMBINATIONS_MAX:
        return [(tuple(UNKNOWN if text is not None else True for text in texts), values)]
    grouped: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
    for combination in product(*(sorted(values[place], key=repr) for place in places)):
        known = dict(zip(read, combination, strict=True))
        truths = tuple(None if text is None else truth(text, known, followed.profile) for text in texts)
        grouped.setdefault(truths, []).append(combination)
    found = []
    for truths, combinations in grouped.items():
        for part in boxes(combinations):
            narrowed = list(values)
            for place, allowed in zip(places, part, strict=True):
                narrowed[place] = allowed
            found.append((truths, tuple(narrowed)))
    return found


def boxes(combinations: Sequence[tuple[Any, ...]]) -> list[tuple[frozenset[Any], ...]]:
    """One product of sets if the combinations are exactly that, else each combination for itself."""
    sides = tuple(frozenset(column) for column in zip(*combinations, strict=True))
    size = 1
    for side in sides:
        size *= len(side)
    if size == len(combinations):
        return [sides]
    return [tuple(frozenset({value}) for value in combination) for combination in combinations]
