"""What an editor may offer for drawing: what runs here and can be filled in with our properties, and nothing else.

One list for both sides: it is made of what ``executable`` lets pass, and the editor's palette and menus show no more.
"""

from __future__ import annotations

from typing import Final

from engine.definition.lint.executable import CATCHABLE

FILLED_IN: Final = frozenset({"timer", "message", "error", "terminate"})
"""What an event may be about so that the editor's properties can say all of it."""

_PLAIN: Final = frozenset(
    {
        "task", "userTask", "manualTask", "businessRuleTask", "serviceTask", "scriptTask", "receiveTask",
        "callActivity", "subProcess", "subProcess:event",
        "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway",
        "startEvent", "startEvent/inside", "intermediateThrowEvent", "endEvent",
        "multiInstance", "textAnnotation", "group",
    }
)  # fmt: skip
_TELLS: Final = frozenset({"intermediateThrowEvent:message", "endEvent:message"})
"""Sending needs an address, which the editor's properties do not ask for."""
_BEGINS: Final = frozenset({"message"})
"""What may begin a case besides a person."""


def offered() -> frozenset[str]:
    """``kind``, ``kind:event``; a start event is ``…/inside`` in a subprocess and ``…/handler`` in an event's."""
    events = {
        f"{kind}:{event}" for kind, found in CATCHABLE.items() for event in found & FILLED_IN if kind != "startEvent"
    }
    starts = {f"startEvent:{event}" for event in CATCHABLE["startEvent"] & _BEGINS}
    handlers = {f"startEvent:{event}/handler" for event in CATCHABLE["startEvent"] & FILLED_IN}
    return _PLAIN | (events - _TELLS) | starts | handlers
