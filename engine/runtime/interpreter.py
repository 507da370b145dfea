"""Moves a case from one wait to the next: state and a wish in, state and events out. The one door to SpiffWorkflow.

Every function loads the state, does one thing, lets everything automatic happen, and dumps the state. Nothing
here reads a clock or draws a random number: the same inputs give the same events and the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from SpiffWorkflow.util.task import TaskState

from engine.definition.diagram import EventDefinition
from engine.errors import NotFound, Rejected
from engine.history import events as e
from engine.runtime.compiled import ProcessDefinition, compile_definition
from engine.runtime.incidents import retry_incident, skip_incident
from engine.runtime.mending import mended
from engine.runtime.spiff import state as states
from engine.runtime.spiff.case import Case
from engine.runtime.spiff.events import Catching
from engine.runtime.spiff.messages import throw_signal
from engine.runtime.spiff.subprocess import begin_scope, begin_unasked, listen_inside
from engine.runtime.spiff.tasks import Receive, Service, User
from engine.runtime.spiff.throwing import find_catcher
from engine.runtime.spiff.token import Token
from engine.runtime.step import Step, Waits, finish, structural_copy
from engine.runtime.stuck import Stuck
from engine.runtime.surroundings import Surroundings
from engine.values import apart

__all__ = [
    "ProcessDefinition",
    "Step",
    "Surroundings",
    "Waits",
    "cancel",
    "compile_definition",
    "complete_task",
    "fail_connector",
    "finish_connector",
    "fire_timer",
    "receive_message",
    "receive_signal",
    "retry_incident",
    "skip_incident",
    "start",
    "task_variables",
    "variables",
    "waits",
]


# ------------------------------------------------------------------ commands


@mended
def start(
    definition: ProcessDefinition, surroundings: Surroundings, variables: Mapping[str, Any], at: str | None = None
) -> Step:
    """Begin a case with its first variables, at the plain start (or at the start event ``at``).

    ``InstanceStarted`` is the command's to tell, before these events.
    """
    case = Case(definition, surroundings)
    case.variables = structural_copy(variables)
    diagram = definition.diagram
    scope = case.open_scope(None, "process", definition.main)
    if diagram.properties:
        case.variables = {**dict.fromkeys(diagram.properties), **case.variables}
    if at is None:
        begin_scope(case, scope, diagram, None)
    else:
        element = diagram.elements.get(at)
        if element is None or element.parent is not None:
            raise NotFound("There is no start %(element)s.", element=at)
        listen_inside(case, scope, diagram, None)
        case.arrive(definition.node(f"{diagram.process}/{at}"), scope.number, None, started=True)
        begin_unasked(case, scope, diagram, None)
    if scope.tokens == 0:
        raise Rejected("Expected a start in %(process)s but it has none. Draw one.", process=definition.main)
    return finish(case)


@mended
def complete_task(
    definition: ProcessDefinition, state: bytes, task_id: str, answers: Mapping[str, Any], surroundings: Surroundings
) -> Step:
    """A person completes a task. Raises ``NotFound`` if the case does not wait for it (any more)."""
    case = states.load(definition, state, surroundings)
    token = _waiting_task(case, task_id)
    given = structural_copy(answers)
    _weigh(case, given)
    cast(User, token.task_spec).complete(token, given)
    return finish(case)


@mended
def fire_timer(definition: ProcessDefinition, state: bytes, job_id: str, surroundings: Surroundings) -> Step:
    """A timer's time has come. Raises ``NotFound`` for an unknown job, ``Rejected`` before its time."""
    case = states.load(definition, state, surroundings)
    token = _find(case, "job", job_id)
    due, node = token.note.get("due"), token.task_spec
    if not isinstance(node, Catching) or due is None:
        raise NotFound("The case does not wait for %(id)s.", id=job_id)
    if surroundings.now < due:
        raise Rejected(
            "Expected the time %(due)s to have come but it is %(now)s. Wait until then.",
            due=due.isoformat(),
            now=surroundings.now.isoformat(),
        )
    case.attempt(token, lambda: node.fire_timer(token))
    return finish(case)


@mended
def finish_connector(
    definition: ProcessDefinition, state: bytes, job_id: str, result: Mapping[str, Any], surroundings: Surroundings
) -> Step:
    """The machine finished a job. Raises ``NotFound`` for an unknown job."""
    case = states.load(definition, state, surroundings)
    token = _find_connector(case, job_id)
    brought = structural_copy(result)
    try:
        cast(Service, token.task_spec).complete(token, brought)
    except Stuck as stuck:  # too much for the case: as if the machine could not do it
        case.raise_incident(token, stuck, token.note.pop("job"))
    return finish(case)


@mended
def fail_connector(
    definition: ProcessDefinition,
    state: bytes,
    job_id: str,
    template: str,
    params: Mapping[str, Any],
    surroundings: Surroundings,
    code: str | None = None,
) -> Step:
    """The machine could not do a job: an incident. Retrying it asks for a new job.

    With a ``code``, an error event that names it (or any error) around the task takes over instead.
    """
    case = states.load(definition, state, surroundings)
    token = _find_connector(case, job_id)
    job = token.note.pop("job")
    caught = (
        None if code is None else find_catcher(case, token.scope, EventDefinition("error", code, code, code), token)
    )
    if caught is not None:
        case.tell(e.ConnectorCancelled, token, job=case.public(job))
        caught()
        return finish(case)
    case.raise_incident(token, Stuck(template, **params), job)
    return finish(case)


@mended
def receive_message(
    definition: ProcessDefinition,
    state: bytes,
    wait_id: str,
    payload: Mapping[str, Any],
    surroundings: Surroundings,
    sent: str = "",
) -> Step:
    """Something the case waits for was reported, or a message (id ``sent``) came.

    Raises ``NotFound`` if the case does not wait for it (any more).
    """
    case = states.load(definition, state, surroundings)
    token = _find(case, "wait", wait_id)
    answers = structural_copy(payload)
    _weigh(case, answers)
    case.attempt(token, lambda: cast("Catching | Receive", token.task_spec).receive(token, answers, sent))
    return finish(case)


@mended
def receive_signal(
    definition: ProcessDefinition,
    state: bytes,
    name: str,
    payload: Mapping[str, Any],
    surroundings: Surroundings,
    sent: str = "",
) -> Step:
    """A signal from outside (id ``sent``) reaches everything in the case that waits for it.

    Raises ``NotFound`` if nothing does.
    """
    case = states.load(definition, state, surroundings)
    carried = structural_copy(payload)
    _weigh(case, carried)
    if not throw_signal(case, name, carried, sent):
        raise NotFound("The case does not wait for %(id)s.", id=name)
    return finish(case)


@mended
def cancel(definition: ProcessDefinition, state: bytes, surroundings: Surroundings, reason: str) -> Step:
    """End a case from outside: everything that waited is taken back."""
    case = states.load(definition, state, surroundings)
    if case.ended:
        raise Rejected("Expected a running case but this one has ended. Nothing needs to be done.")
    case.empty_scope(case.scopes[0])
    case.ended = True
    case.ready.clear()
    case.events.append(e.InstanceCancelled(reason))
    return Step(states.dump(case), tuple(case.events), True)


# ------------------------------------------------------------------ questions


def variables(definition: ProcessDefinition, state: bytes) -> dict[str, Any]:
    """The variables of the case, as a new task outside any iteration would see them."""
    return apart(states.ask(definition, state).seen(0))


def task_variables(definition: ProcessDefinition, state: bytes, task_id: str) -> dict[str, Any]:
    """The variables that one waiting task sees. Raises ``NotFound``."""
    case = states.ask(definition, state)
    return apart(case.seen(_waiting_task(case, task_id).scope))


def waits(definition: ProcessDefinition, state: bytes) -> Waits:
    """All that a case waits for."""
    case = states.ask(definition, state)
    found = Waits()
    for token in case.tasks.values():
        note, element = token.note, token.task_spec
        if "incident" in note:
            found.incidents[case.public(note["incident"])] = element.element.id
        elif "wait" in note:
            found.messages[case.public(note["wait"])] = note["message"]
        elif "awaits" in note:
            found.awaited[case.public(note["awaits"])] = element.element.id
        elif "job" in note and isinstance(element, Service):
            found.connectors[case.public(note["job"])] = element.element.id
        elif "job" in note:
            found.timers[case.public(note["job"])] = note["due"]
        elif _is_waiting_user_task(token):
            found.tasks[case.public(token.id)] = element.element.id
    return found


# ------------------------------------------------------------------ inside


def _is_waiting_user_task(token: Token) -> bool:
    waits_here = token.has_state(TaskState.STARTED) and token.note.get("phase", "enter") == "enter"
    loops = token.task_spec.is_host(token) if isinstance(token.task_spec, User) else False
    return isinstance(token.task_spec, User) and waits_here and not loops


def _waiting_task(case: Case, task_id: str) -> Token:
    token = next((t for t in case.tasks.values() if t.id and case.public(t.id) == task_id), None)
    if token is None or not _is_waiting_user_task(token):
        raise NotFound("The case does not wait for %(id)s.", id=task_id)
    return token


def _weigh(case: Case, given: Mapping[str, Any]) -> None:
    """What is given from outside is refused if it is too much: whoever gave it can give less."""
    try:
        case.scales.check(given)
    except Stuck as stuck:
        raise Rejected(stuck.template, **stuck.params) from stuck


def _find(case: Case, key: str, public: str) -> Token:
    """The token whose note says so. Raises ``NotFound``."""
    for token in case.tasks.values():
        if key in token.note and "incident" not in token.note and case.public(token.note[key]) == public:
            return token
    raise NotFound("The case does not wait for %(id)s.", id=public)


def _find_connector(case: Case, job_id: str) -> Token:
    token = _find(case, "job", job_id)
    if not isinstance(token.task_spec, Service):
        raise NotFound("The case does not wait for %(id)s.", id=job_id)
    return token
