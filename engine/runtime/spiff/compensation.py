"""Undoing what was done: handlers of completed activities, once each, in reverse order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.runtime.spiff.stuck import Stuck

if TYPE_CHECKING:
    from engine.definition.diagram import EventDefinition
    from engine.runtime.spiff.node import Node
    from engine.runtime.spiff.token import Token


def throw(node: Node, token: Token, definition: EventDefinition) -> bool:
    """Not executed yet: refused when a definition is compiled."""
    raise Stuck("Compensation at %(element)s does not run yet.", element=node.element.id)


def cancel_transaction(token: Token) -> bool:
    """Not executed yet: refused when a definition is compiled."""
    raise Stuck("The cancel event at %(element)s does not run yet.", element=token.task_spec.element.id)
