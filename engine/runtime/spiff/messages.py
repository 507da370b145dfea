"""Messages and signals: what a case waits for, what it is told, and what it tells others.

A message is for one: the part of the case that has waited longest for its name and key, else some other
case. A signal is for all: every part of the case that waits for it, and every other case. Who the others
are is not known here: ``MessageThrown`` and ``SignalThrown`` say what is to be taken to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from SpiffWorkflow.util.task import TaskState

from engine.history import events as e
from engine.model import Tenant
from engine.runtime import timers
from engine.runtime.expressions import shown
from engine.runtime.keys import KEY_LENGTH_MAX, correlation_key
from engine.runtime.spiff.token import Token
from engine.runtime.stuck import Stuck

if TYPE_CHECKING:
    from engine.runtime.spiff.case import Case
    from engine.runtime.spiff.events import Catching
    from engine.runtime.spiff.node import Node
    from engine.runtime.spiff.tasks import Receive

LISTENING = frozenset({"timer", "message", "signal", "conditional"})
"""Events that wait for something and tell when it came; the others are looked up when something is thrown."""

KEEP = "P7D"
"""How long a message that a case sends is kept, unless the message says otherwise."""


# ------------------------------------------------------------------ waiting


def await_message(node: Node, token: Token, ref: str | None) -> None:
    """The case can be told something from now on. Raises ``Stuck`` for a key that is none."""
    case = token.workflow
    message = node.diagram.messages.get(ref or "")
    key = correlation(node, token, message.correlation if message else "")
    token.note.update(wait=case.number(), message=message.name if message else "")
    if key:
        token.note["key"] = key
    case.tell(
        e.MessageAwaited,
        token,
        wait=case.public(token.note["wait"]),
        message=token.note["message"],
        roles=list(message.roles) if message else [],
        form=message.form if message else "",
        correlation=key,
    )


def message_came(token: Token, payload: dict[str, Any], sent: str = "") -> None:
    """It was told; what it carries becomes variables."""
    case = token.workflow
    wait = token.note.pop("wait")
    case.assign(token.scope, payload)
    name = token.note["message"]
    case.tell(e.MessageReceived, token, wait=case.public(wait), message=name, payload=payload, sent=sent)


def end_message_wait(token: Token) -> None:
    """It can no longer be told."""
    if "wait" in token.note:
        case = token.workflow
        case.tell(e.MessageWaitEnded, token, wait=case.public(token.note["wait"]))


def await_event(token: Token, kind: str, about: str) -> None:
    """The case listens for a signal, or watches a condition."""
    case = token.workflow
    token.note["awaits"] = case.number()
    case.tell(e.EventAwaited, token, wait=case.public(token.note["awaits"]), kind=kind, about=about[:KEY_LENGTH_MAX])


def event_came(token: Token, kind: str, about: str, payload: Mapping[str, Any] | None = None, sent: str = "") -> None:
    """The signal came, or the condition is true."""
    case = token.workflow
    wait = case.public(token.note.pop("awaits", 0))
    case.tell(e.EventCame, token, wait=wait, kind=kind, about=about[:KEY_LENGTH_MAX], payload=payload or {}, sent=sent)


def end_event_wait(token: Token) -> None:
    """It is no longer listened for."""
    if "awaits" in token.note:
        case = token.workflow
        case.tell(e.EventWaitEnded, token, wait=case.public(token.note.pop("awaits")))


# ------------------------------------------------------------------ throwing


def prepare_message(token: Token, name: str, ref: str | None) -> Callable[[], None]:
    """What sending a message means, computed before anything is changed: to one part of the case, else to others.

    Raises ``Stuck`` for a key, content, time or reach that cannot be computed.
    """
    node, case = token.task_spec, token.workflow
    message = node.diagram.messages.get(ref or "")
    key = correlation(node, token, message.correlation if message else "")
    payload = _payload(node, token)
    reach = _reach(node, token)
    expires_at = _kept_until(token, message.keep if message else "")

    def send() -> None:
        for other in list(case.tasks.values()):
            waits = other is not token and "wait" in other.note and "incident" not in other.note
            if waits and other.note.get("message") == name and other.note.get("key", "") == key:
                cast("Catching | Receive", other.task_spec).receive(other, payload)
                return
        case.tell(
            e.MessageThrown,
            token,
            thrown=case.public(case.number()),
            message=name,
            correlation=key,
            payload=payload,
            tenant=reach.id if reach else "",
            tenant_path=reach.path if reach else "",
            expires_at=expires_at,
        )

    return send


def prepare_signal(token: Token, name: str) -> Callable[[], None]:
    """What giving a signal means: everybody in the case who waits for it hears it, then all other cases."""
    node, case = token.task_spec, token.workflow
    payload, reach = _payload(node, token), _reach(node, token)

    def give() -> None:
        case.tell(
            e.SignalThrown,
            token,
            thrown=case.public(case.number()),
            signal=name,
            payload=payload,
            tenant=reach.id if reach else "",
            tenant_path=reach.path if reach else "",
        )
        throw_signal(case, name, payload)

    return give


def throw_signal(case: Case, name: str, payload: Mapping[str, Any] | None = None, sent: str = "") -> bool:
    """Tell everybody in the case who waits for this signal; what it carries becomes variables once.

    True if anybody did.
    """
    hearing = sorted((other for other in case.tasks.values() if hears(other, name)), key=_turn)
    if hearing and payload:
        case.assign(0, payload)
    told = False
    for other in hearing:
        if other.id in case.tasks and hears(other, name):
            cast("Catching", other.task_spec).signalled(other, None if told else payload, "" if told else sent)
            told = True
    return told


def _turn(token: Token) -> int:
    """What interrupts a whole scope hears first, for the rest of it is over then; what begins beside it, last."""
    if "handler" not in token.note:
        return 1
    return 0 if token.task_spec.element.interrupting else 2


def hears(token: Token, name: str) -> bool:
    """Whether a token waits for a signal."""
    return token.note.get("signal") == name and token.has_state(TaskState.STARTED)


# ------------------------------------------------------------------ what the diagram says about it


def correlation(node: Node, token: Token, of_message: str) -> str:
    """The key that says which case is meant: the element's own ``correlation``, else its message's, else none."""
    text = node.element.attributes.get("correlation") or of_message
    return correlation_key(node.value(token, text), text) if text else ""


def _payload(node: Node, token: Token) -> dict[str, Any]:
    text = node.element.attributes.get("payload")
    if not text:
        return {}
    found = node.value(token, text)
    if not isinstance(found, dict):
        raise Stuck(
            "Expected a context {name: value} as content of %(element)s but found %(found)s. Correct it.",
            element=node.element.name or node.element.id,
            found=shown(found),
        )
    return found


def _reach(node: Node, token: Token) -> Tenant | None:
    """The part of the tree that hears it: the case's own unit, or the nearest one above it of the level named."""
    lineage = token.workflow.around.lineage
    level = node.element.attributes.get("reach")
    if not level:
        return lineage[0] if lineage else None
    found = next((tenant for tenant in lineage if tenant.level == level), None)
    if found is None:
        raise Stuck(
            "Expected a unit of the level %(level)s above this case, to be told by %(element)s, but there is none. "
            "Correct the diagram, then retry.",
            level=level,
            element=node.element.name or node.element.id,
        )
    return found


def _kept_until(token: Token, text: str) -> datetime:
    case = token.workflow
    due, _, _ = timers.timer_due("timeDuration", text or KEEP, case.context(token.scope), case.around, case.feel)
    return due.at
