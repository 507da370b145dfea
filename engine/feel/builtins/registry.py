"""The table of built-in functions, and the decorator that enters a Python function into it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from engine.feel.functions import Builtin, Overload, read_parameters

BUILTINS: dict[str, Builtin] = {}
"""Every built-in function by its FEEL name."""

_Function = TypeVar("_Function", bound=Callable[..., Any])


def builtin(name: str, *signatures: str) -> Callable[[_Function], _Function]:
    """Enter a function as overloads of the built-in ``name``, one per signature.

    The function takes the running evaluation and then the parameters. Its docstring says what it answers.
    """

    def enter(function: _Function) -> _Function:
        entry = BUILTINS.setdefault(name, Builtin(name))
        for signature in signatures or ("",):
            parameters, variadic = read_parameters(signature)
            required = sum(not parameter.optional for parameter in parameters)
            entry.overloads.append(Overload(parameters, function, variadic, required))
        return function

    return enter


def alias(name: str, original: str) -> None:
    """Let a built-in answer to a second name."""
    entry = BUILTINS[name] = Builtin(name)
    entry.overloads = BUILTINS[original].overloads
