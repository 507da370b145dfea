"""Whether a value is of a type: ``instance of``, and declared parameters (DMN 1.5, clause 10.3.2.9.1)."""

from __future__ import annotations

from engine.feel.environment import Evaluation
from engine.feel.functions import Builtin
from engine.feel.syntax import CollectionType, ContextType, FunctionType, Type
from engine.feel.values import KINDS, FeelFunction, Range, Value, kind

_SIMPLE = frozenset(KINDS.values()) - {"list", "context", "function", "range"}
_ANY = Type(0, "Any")


def has_type(value: Value, expected: Type, evaluation: Evaluation) -> bool | None:
    """Whether the value has the type; ``None`` when there is no such type."""
    match expected:
        case CollectionType():
            return _has_collection_type(value, expected, evaluation)
        case ContextType():
            return type(value) is dict and all(
                name in value and (value[name] is None or has_type(value[name], member, evaluation) is True)
                for name, member in expected.members
            )
        case FunctionType():
            return _has_function_type(value, expected)
    return is_instance(value, expected.name, evaluation)


def is_instance(value: Value, type_name: str, evaluation: Evaluation | None = None) -> bool | None:
    """Whether the value has the type of this name; ``None`` when there is no such type.

    A bare ``list``, ``context``, ``range`` or ``function`` says nothing without its ``<…>``: ``None``, as the
    standard's tests have it.
    """
    if type_name == "Any":
        return value is not None
    if type_name == "Null":
        return value is None
    if type_name in _SIMPLE:
        return kind(value) == type_name
    if evaluation is not None and evaluation.has_type is not None:
        return evaluation.has_type(type_name, value)
    return None


def _has_collection_type(value: Value, expected: CollectionType, evaluation: Evaluation) -> bool:
    if expected.name == "list":
        return type(value) is list and all(
            item is None or has_type(item, expected.element, evaluation) is True for item in value
        )
    return type(value) is Range and all(
        end is None or has_type(end, expected.element, evaluation) is True for end in (value.start, value.end)
    )


def _has_function_type(value: Value, expected: FunctionType) -> bool:
    if type(value) is Builtin:
        return True
    if type(value) is not FeelFunction or len(value.parameters) != len(expected.parameters):
        return False
    if value.types is None:
        return True
    for declared, wanted in zip(value.types, expected.parameters, strict=True):
        if declared is None:
            if wanted != _ANY:
                return False
        elif _ANY not in (declared, wanted) and declared != wanted:
            return False
    return True
