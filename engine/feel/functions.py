"""What can be called: built-in functions with their overloads, and function values; and how arguments find their place.

A built-in's parameters are written in one line, as the standard does: ``"string: string, start position: number,
[length: number?]"``. ``[…]`` may be left out, ``?`` may be null, ``…`` takes any number of arguments.
"""

from __future__ import annotations

import decimal
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.feel.environment import Evaluation
from engine.feel.errors import FeelLimit
from engine.feel.temporal import Date, DateTime, DaysTimeDuration, Time, YearsMonthsDuration
from engine.feel.values import KINDS, FeelFunction, Range, Value


class Builtin:
    """A built-in function: its name and overloads, tried in order."""

    __slots__ = ("name", "overloads")

    def __init__(self, name: str) -> None:
        self.name = name
        self.overloads: list[Overload] = []


KINDS[Builtin] = "function"

PARAMETER_TYPES: dict[str, tuple[type, ...]] = {
    "Any": (),
    "number": (Decimal,),
    "string": (str,),
    "boolean": (bool,),
    "list": (list,),
    "context": (dict,),
    "date": (Date,),
    "time": (Time,),
    "date and time": (DateTime,),
    "years and months duration": (YearsMonthsDuration,),
    "days and time duration": (DaysTimeDuration,),
    "range": (Range,),
    "function": (FeelFunction, Builtin),
    "day": (Date, DateTime),
    "duration": (YearsMonthsDuration, DaysTimeDuration),
}


@dataclass(frozen=True, slots=True)
class BuiltinParameter:
    """One parameter of an overload, with its type as names and as Python classes (none: anything)."""

    name: str
    type_name: str
    types: tuple[type, ...]
    nullable: bool
    optional: bool


@dataclass(frozen=True, slots=True)
class Overload:
    """One way to call a built-in; ``call`` takes the evaluation and one value per parameter."""

    parameters: tuple[BuiltinParameter, ...]
    call: Callable[..., Value]
    variadic: bool
    required: int

    def place(self, arguments: list[Value]) -> list[Value] | None:
        """Positional arguments, coerced; ``None`` if they do not fit."""
        count, parameters = len(arguments), self.parameters
        if count < self.required or (count > len(parameters) and not self.variadic):
            return None
        placed = []
        for index, argument in enumerate(arguments):
            value = _coerced(argument, parameters[min(index, len(parameters) - 1)])
            if value is _UNFIT:
                return None
            placed.append(value)
        if not self.variadic:
            placed.extend([None] * (len(parameters) - count))
        return placed

    def place_named(self, arguments: Mapping[str, Value]) -> list[Value] | None:
        """Named arguments, coerced and in order; ``None`` if they do not fit."""
        if not arguments.keys() <= {parameter.name for parameter in self.parameters}:
            return None
        placed: list[Value] = []
        for parameter in self.parameters:
            if parameter.name not in arguments:
                if not parameter.optional:
                    return None
                placed.append(None)
                continue
            given = arguments[parameter.name]
            is_rest = self.variadic and parameter is self.parameters[-1]
            for argument in given if is_rest and type(given) is list else [given]:
                value = _coerced(argument, parameter)
                if value is _UNFIT:
                    return None
                placed.append(value)
        return placed


_UNFIT = object()


def _coerced(value: Value, parameter: BuiltinParameter) -> Value:
    """The argument as the parameter wants it: a single-entry list unwraps, a single value wraps, a date is midnight."""
    types = parameter.types
    if not types:
        return value
    if value is None:
        return None if parameter.nullable else _UNFIT
    kind = type(value)
    if kind in types:
        return value
    if types[0] is list:
        return [value]
    if kind is list and len(value) == 1 and type(value[0]) in types:
        return value[0]
    if kind is Date and types[0] is DateTime:
        return DateTime(value.number, 0, 0)
    return _UNFIT


_PARAMETER = re.compile(r"(?P<name>[^:]+):\s*(?P<type>[^?]+?)(?P<nullable>\?)?\Z")


def read_parameters(signature: str) -> tuple[tuple[BuiltinParameter, ...], bool]:
    """The parameters of a signature line, and whether the last takes any number of arguments."""
    variadic = signature.endswith("…")
    parameters = []
    for part in filter(None, (part.strip() for part in signature.removesuffix("…").split(","))):
        match = _PARAMETER.match(part.strip("[]"))
        if match is None:
            raise ValueError(f"expected “name: type”, found {part!r}")
        types = PARAMETER_TYPES[match["type"]]
        parameters.append(
            BuiltinParameter(match["name"], match["type"], types, bool(match["nullable"]), part.startswith("["))
        )
    return tuple(parameters), variadic


def call_function(
    function: Value, arguments: list[Value], evaluation: Evaluation, position: int | None = None
) -> Value:
    """The answer of a function to positional arguments; null with a warning when they do not fit."""
    if type(function) is Builtin:
        return _call_builtin(
            function, (overload.place(arguments) for overload in function.overloads), evaluation, position
        )
    if len(arguments) != len(function.parameters):
        return evaluation.warn(
            position,
            "The function %(name)s takes %(expected)s arguments, but %(found)s were given.",
            name=function.name,
            expected=len(function.parameters),
            found=len(arguments),
        )
    return _run(function.call, arguments, evaluation)


def call_function_by_name(
    function: Value, arguments: Mapping[str, Value], evaluation: Evaluation, position: int | None = None
) -> Value:
    """The answer of a function to named arguments; null with a warning when they do not fit."""
    if type(function) is Builtin:
        placed = (overload.place_named(arguments) for overload in function.overloads)
        return _call_builtin(function, placed, evaluation, position)
    unknown = arguments.keys() - set(function.parameters)
    if unknown:
        return evaluation.warn(
            position, "The function %(name)s has no parameter “%(found)s”.", name=function.name, found=min(unknown)
        )
    return _run(function.call, [arguments.get(name) for name in function.parameters], evaluation)


def _call_builtin(
    function: Builtin, placements: Iterable[list[Value] | None], evaluation: Evaluation, position: int | None
) -> Value:
    for overload, arguments in zip(function.overloads, placements, strict=True):
        if arguments is None:
            continue
        try:
            return _run(overload.call, [evaluation, *arguments], evaluation)
        except (decimal.DecimalException, OverflowError):
            return evaluation.warn(position, "%(name)s: the number is out of range.", name=function.name)
    return evaluation.warn(position, "%(name)s: these arguments do not fit.", name=function.name)


def _run(call: Callable[..., Any], arguments: list[Value], evaluation: Evaluation) -> Value:
    evaluation.tick()
    evaluation.depth += 1
    if evaluation.depth > evaluation.limits.depth:
        raise FeelLimit("Expected function calls nested at most %(deepest)s deep.", deepest=evaluation.limits.depth)
    try:
        return call(*arguments)
    finally:
        evaluation.depth -= 1
