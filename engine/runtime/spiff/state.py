"""The state of a case as bytes: tokens, scopes and variables; nothing finished, and nothing of the definition.

The same case always gives the same bytes. ``format`` is the version of this layout, not of SpiffWorkflow.
"""

from __future__ import annotations

import json
from datetime import datetime
from threading import local
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.util.task import TaskState

from engine.errors import Corrupt, Rejected
from engine.runtime.spiff.case import Case
from engine.runtime.spiff.scope import Scope
from engine.runtime.spiff.token import Token
from engine.runtime.surroundings import ZONE, Surroundings
from engine.values import PLAIN, decode, encode

if TYPE_CHECKING:
    from engine.runtime.compiled import ProcessDefinition

FORMAT = 1
BYTES_MAX = 4_000_000


_NOWHERE = Surroundings("", datetime(2000, 1, 1, tzinfo=ZONE))
"""For questions, which need no world."""


class _Asked(local):
    """The case that this thread asked last, with its definition and its state."""

    case: tuple[ProcessDefinition, bytes, Case] | None = None


_asked = _Asked()


class TooLarge(Rejected):
    """There is more in a case than can be saved."""


def dump(case: Case) -> bytes:
    """A case as bytes."""
    data = {
        "format": FORMAT,
        "instance": case.instance,
        "counter": case.counter,
        "title": case.title,
        "outcome": list(case.outcome),
        "ended": case.ended,
        "variables": {n: v if type(v) is str or v is None else encode(v) for n, v in case.variables.items()},
        "scopes": [_scope(scope) for scope in case.scopes.values()],
        "tokens": [_token(token) for token in case.tasks.values() if token.id],
    }
    state = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    if len(state) > BYTES_MAX:
        raise TooLarge(
            "Expected a case of at most %(limit)s bytes but this would be %(found)s. Put large things into files.",
            limit=BYTES_MAX,
            found=len(state),
        )
    return state


def ask(definition: ProcessDefinition, state: bytes) -> Case:
    """The case that these bytes describe, for questions: nothing in it may be moved. Raises ``Corrupt``.

    A command that follows on the same state takes it over, for nothing has changed in it.
    """
    asked = _asked.case
    if asked is None or asked[0] is not definition or asked[1] != state:
        asked = _asked.case = (definition, state, _read(definition, state, _NOWHERE))
    return asked[2]


def load(definition: ProcessDefinition, state: bytes, around: Surroundings) -> Case:
    """The case that these bytes describe, to be moved. Raises ``Corrupt`` if they do not fit the definition."""
    asked, _asked.case = _asked.case, None
    if asked is None or asked[0] is not definition or asked[1] != state:
        return _read(definition, state, around)
    asked[2].stand_in(around)
    return asked[2]


def _read(definition: ProcessDefinition, state: bytes, around: Surroundings) -> Case:
    try:
        data = json.loads(state)
        if data["format"] != FORMAT:
            raise Corrupt(
                "Expected a case of format %(expected)s but found %(found)s.", expected=FORMAT, found=data["format"]
            )
        case = Case(definition, around)
        case.instance = data["instance"]
        case.scales.bound = len(state)
        case.counter, case.title, case.ended = data["counter"], data["title"], data["ended"]
        case.outcome = (data["outcome"][0], data["outcome"][1])
        case.variables = {
            name: value if type(value) in PLAIN else decode(value) for name, value in data["variables"].items()
        }
        for row in data["scopes"]:
            _load_scope(case, row)
        for row in data["tokens"]:
            _load_token(case, row)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise Corrupt("The state of the case cannot be read: %(reason)s.", reason=repr(error)) from error
    return case


def _scope(scope: Scope) -> list[Any]:
    local = None if scope.local is None else {"$dict": {k: encode(v) for k, v in scope.local.items()}}
    return [
        scope.number,
        scope.parent,
        scope.kind,
        scope.process,
        scope.node,
        scope.owner,
        local,
        encode(scope.done),
        scope.closing,
    ]


def _load_scope(case: Case, row: list[Any]) -> None:
    number, parent, kind, process, node, owner, local, done, closing = row
    own = None if local is None else decode(local)
    case.scopes[number] = Scope(number, parent, kind, process, node, owner, own, 0, decode(done), closing)


def _token(token: Token) -> list[Any]:
    note = {key: encode(value) for key, value in token.note.items()}
    return [token.id, token.task_spec.name, token._state, token.scope, token.via, note]


def _load_token(case: Case, row: list[Any]) -> None:
    number, name, state, scope, via, note = row
    token = Token(case, case.definition.node(name), number, scope, via, case.task_tree)
    token._set_state(state)
    token.note.update({key: decode(value) for key, value in note.items()})
    if not token.listens:
        case.scopes[scope].tokens += 1
    if token.has_state(TaskState.READY):
        case.ready.append(token)
