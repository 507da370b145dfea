"""A mistake of the engine's own becomes an incident, too: what the person did stands, and the element is named.

A move that breaks may have been half done, so nothing of it can be kept. But a command repeats exactly: it is run
again from the state before, and where that move comes, an incident is raised in its place. Costs nothing otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, ParamSpec

from engine.runtime.step import Step
from engine.runtime.stuck import Broken
from engine.runtime.surroundings import Surroundings

MENDED_MAX = 20
_Asked = ParamSpec("_Asked")


def mended(command: Callable[_Asked, Step]) -> Callable[_Asked, Step]:
    """A command of the interpreter that never fails for a reason of the engine's own."""

    @wraps(command)
    def run(*given: _Asked.args, **named: _Asked.kwargs) -> Step:
        broken: dict[int, str] = {}
        while True:
            try:
                return command(*_with(given, broken), **_named(named, broken))
            except Broken as found:
                if found.move in broken or len(broken) >= MENDED_MAX:
                    raise
                broken[found.move] = found.reason

    return run


def _with(given: tuple[Any, ...], broken: dict[int, str]) -> Any:
    return tuple(_knowing(one, broken) for one in given)


def _named(named: dict[str, Any], broken: dict[int, str]) -> Any:
    return {name: _knowing(one, broken) for name, one in named.items()}


def _knowing(one: Any, broken: dict[int, str]) -> Any:
    return replace(one, broken=dict(broken)) if broken and isinstance(one, Surroundings) else one
