"""Context functions (DMN 1.5, clause 10.3.4.10)."""

from __future__ import annotations

from typing import Any

from engine.feel.builtins.registry import builtin
from engine.feel.environment import Evaluation
from engine.feel.errors import FeelLimit
from engine.feel.values import Value

_Context = dict[str, Value]
_KEYS_MAX = 30


@builtin("get value", "m: context, key: string")
def get_value(evaluation: Evaluation, context: _Context, key: str) -> Value:
    """The value of a key; null when the context has no such key."""
    return context.get(key)


@builtin("get value", "m: context, keys: list")
def get_value_at(evaluation: Evaluation, context: _Context, keys: list[Value]) -> Value:
    """The value that a path of keys leads to."""
    if not keys:
        return None
    evaluation.tick(len(keys))
    value: Value = context
    for key in keys:
        if type(value) is not dict or type(key) is not str:
            return None
        value = value.get(key)
    return value


@builtin("get entries", "m: context")
def get_entries(evaluation: Evaluation, context: _Context) -> list[_Context]:
    """The entries of a context as a list of contexts with ``key`` and ``value``."""
    evaluation.tick(len(context) + 1)
    evaluation.hold(3 * len(context))
    return evaluation.entries([{"key": key, "value": value} for key, value in context.items()])


@builtin("context", "entries: list")
def context_of(evaluation: Evaluation, entries: list[Value]) -> _Context | None:
    """The context of a list of entries, each with ``key`` and ``value``; null when a key comes twice."""
    evaluation.tick(len(entries) + 1)
    result: _Context = {}
    for entry in entries:
        if type(entry) is not dict or type(entry.get("key")) is not str or "value" not in entry:
            return None
        if entry["key"] in result:
            return None
        result[entry["key"]] = entry["value"]
    evaluation.hold(len(result))
    return result


@builtin("context put", "context: context, key: string, value: Any")
def context_put(evaluation: Evaluation, context: _Context, key: str, value: Value) -> _Context:
    """The context with one entry added or replaced."""
    evaluation.tick(len(context) // 8)
    evaluation.hold(len(context) + 1)
    return {**context, key: value}


@builtin("context put", "context: context, keys: list, value: Any")
def context_put_at(evaluation: Evaluation, context: _Context, keys: list[Value], value: Value) -> _Context | None:
    """The context with an entry added or replaced where a path of keys leads to."""
    if not keys or any(type(key) is not str for key in keys):
        return None
    if len(keys) > _KEYS_MAX:
        raise FeelLimit("Expected a path of at most %(most)s keys.", most=_KEYS_MAX)
    if len(keys) == 1:
        return context_put(evaluation, context, keys[0], value)
    inner: Any = context.get(keys[0])
    if type(inner) is not dict:
        return None
    changed = context_put_at(evaluation, inner, keys[1:], value)
    return None if changed is None else context_put(evaluation, context, keys[0], changed)


@builtin("context merge", "contexts: list")
def context_merge(evaluation: Evaluation, contexts: list[Value]) -> _Context | None:
    """One context with the entries of several; later ones win."""
    merged: _Context = {}
    for context in contexts:
        if type(context) is not dict:
            return None
        evaluation.tick(1 + len(context))
        merged.update(context)
    evaluation.hold(len(merged))
    return merged
