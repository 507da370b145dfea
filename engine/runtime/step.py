"""What a command gives back, and how every command ends: everything automatic happens, then the state is dumped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.errors import Rejected
from engine.feel import FeelError, compile_expression
from engine.history import events as e
from engine.runtime.spiff import state as states
from engine.runtime.spiff.case import Case
from engine.runtime.stuck import Broken, reason_of
from engine.values import decode, encode


@dataclass(frozen=True, slots=True)
class Step:
    """What one command did: the state to keep, the facts to remember, and whether the case is over."""

    state: bytes
    events: tuple[e.Event, ...]
    ended: bool


@dataclass(frozen=True, slots=True)
class Waits:
    """All that a case waits for, by id: for cross-checks against rows and history."""

    tasks: dict[str, str] = field(default_factory=dict)
    timers: dict[str, datetime] = field(default_factory=dict)
    connectors: dict[str, str] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    awaited: dict[str, str] = field(default_factory=dict)
    incidents: dict[str, str] = field(default_factory=dict)


def structural_copy(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values that share nothing with what was given. Raises ``Rejected`` for what a case cannot hold."""
    try:
        return {str(name): decode(encode(value)) for name, value in values.items()}
    except (TypeError, ValueError) as error:
        raise Rejected(
            "Expected values that a case can hold but found: %(reason)s. Correct them.", reason=str(error)
        ) from None


def finish(case: Case) -> Step:
    """Let everything automatic happen, then dump."""
    case.advance()
    _describe(case)
    if case.ended:
        case.events.append(e.InstanceCompleted(*case.outcome))
    try:
        return Step(states.dump(case), tuple(case.events), case.ended)
    except states.TooLarge as large:
        if not case.moves or FIRST_MOVE in case.around.broken:
            raise
        raise Broken(FIRST_MOVE, reason_of(large)) from large  # what was given may fit if nothing more happens


FIRST_MOVE = 1


def _describe(case: Case) -> None:
    """Tell when the case is called something else now. A title that cannot be computed changes nothing."""
    text = case.definition.diagram.attributes.get("title")
    if not text:
        return
    try:
        title = compile_expression(text).evaluate(case.context(0), case.feel)
    except (FeelError, ArithmeticError, ValueError, RecursionError):
        return
    if isinstance(title, str) and title and title != case.title:
        case.title = title
        case.events.append(e.InstanceDescribed(title))
