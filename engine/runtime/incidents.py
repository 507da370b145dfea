"""After a person has looked: what failed is tried again, or the case goes on as if it were done."""

from __future__ import annotations

from typing import cast

from engine.errors import NotFound, Rejected
from engine.history import events as e
from engine.runtime.compiled import ProcessDefinition
from engine.runtime.mending import mended
from engine.runtime.spiff import state as states
from engine.runtime.spiff.case import Case
from engine.runtime.spiff.events import Catching
from engine.runtime.spiff.gateways import Joining
from engine.runtime.spiff.token import Token
from engine.runtime.step import Step, finish
from engine.runtime.surroundings import Surroundings


@mended
def retry_incident(
    definition: ProcessDefinition, state: bytes, incident_id: str, surroundings: Surroundings, reason: str
) -> Step:
    """Try again what failed. If it fails again, that is a new incident."""
    case = states.load(definition, state, surroundings)
    token = _resolve(case, incident_id, "retried", reason)
    if _is_waiting_join(token):
        # SpiffWorkflow's _update: the join asks again whether it may fire
        case.attempt(token, lambda: token.task_spec._update(token))
    else:
        token._ready()
    return finish(case)


@mended
def skip_incident(
    definition: ProcessDefinition, state: bytes, incident_id: str, surroundings: Surroundings, reason: str
) -> Step:
    """Go on as if the element were done. Raises ``Rejected`` where there is no way to go on."""
    case = states.load(definition, state, surroundings)
    token = _resolve(case, incident_id, "skipped", reason)
    node = token.task_spec
    if isinstance(node, Joining) and _is_waiting_join(token):
        node.give_up(token)
        return finish(case)
    if token.listens or "race" in token.note:
        _skip_listener(case, token)
        return finish(case)
    for scope in [scope for scope in case.scopes.values() if scope.owner == token.id]:
        case.cancel_scope(scope)
    if "of" in token.note and token.note.get("phase") == "leave":
        token.note["no_output"] = True
        token._ready()
        return finish(case)
    if token.note.get("phase") == "leave" or not _may_skip(token):
        if node.element.default is None:
            raise Rejected(
                "Expected a way to go on after %(element)s but only its conditions know it. "
                "Correct the data and retry instead.",
                element=node.element.name or node.element.id,
            )
        token.note.update(phase="leave", take=[node.element.default])
        token.complete()
    else:
        case.tell(e.ElementCompleted, token)
        case.drop_listeners(token)
        node.resume(token)
    return finish(case)


def _resolve(case: Case, incident_id: str, how: str, reason: str) -> Token:
    for token in case.tasks.values():
        if "incident" in token.note and case.public(token.note["incident"]) == incident_id:
            del token.note["incident"], token.note["problem"]
            case.events.append(e.IncidentResolved(incident_id, how, reason, token.task_spec.element.name))
            return token
    raise NotFound("There is no open incident %(id)s.", id=incident_id)


def _is_waiting_join(token: Token) -> bool:
    """Whether the token is one of those that a join has not taken yet."""
    entering = token.note.get("phase", "enter") == "enter" and "joined" not in token.note
    return isinstance(token.task_spec, Joining) and entering


def _skip_listener(case: Case, token: Token) -> None:
    """What only listens is given up; what races with others after a gateway is taken as having come."""
    if token.listens:
        case.cancel_token(token)
    else:
        case.tell(e.ElementCompleted, token)
        cast(Catching, token.task_spec).fired(token)


def _may_skip(token: Token) -> bool:
    """Whether going on without doing the element has a meaning: a gateway's choice has none."""
    return "Gateway" not in token.task_spec.element.kind
