"""How everything that waits goes on in the new version: told only where something about it changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from SpiffWorkflow.util.task import TaskState

from engine.definition.diagram import EventDefinition
from engine.history import events as e
from engine.runtime import assignment, timers
from engine.runtime.expressions import environment
from engine.runtime.spiff import messages
from engine.runtime.spiff.case import Case
from engine.runtime.spiff.events import Catching
from engine.runtime.spiff.node import Node
from engine.runtime.spiff.tasks import Receive, Service, User
from engine.runtime.spiff.token import Token
from engine.runtime.stuck import Stuck


def tell_what_waits(old: Case, new: Case, fact: e.InstanceMigrated) -> None:
    """Go through what waits, in the order of its numbers; ``old`` and ``new`` are the same case on either version."""
    for number, token in list(new.tasks.items()):
        if not number:
            continue
        before = old.tasks[number].task_spec
        if "incident" in token.note:
            _move_wait(token, before, "incident", token.note["incident"])
        elif "wait" in token.note:
            _await_anew(token, before)
        elif "awaits" in token.note:
            _listen_anew(token, before)
        elif "job" in token.note and isinstance(token.task_spec, Service):
            _move_wait(token, before, "connector", token.note["job"])
        elif "job" in token.note:
            if not _wind_anew(token, fact.since.get(new.public(token.note["job"]))):
                _move_wait(token, before, "timer", token.note["job"])
        elif isinstance(token.task_spec, User) and _is_open(token):
            _move_task(old, token, before, fact.since.get(new.public(number)))


def _is_open(token: Token) -> bool:
    """Whether a person can do it: not an activity that stands for all its items, nor one that is being left."""
    entering = token.note.get("phase", "enter") == "enter"
    return token.has_state(TaskState.STARTED) and entering and not token.task_spec.is_host(token)


def _changed(before: Node, now: Node) -> bool:
    return (before.element.id, before.element.name) != (now.element.id, now.element.name)


def _move_wait(token: Token, before: Node, kind: str, number: int) -> None:
    if _changed(before, token.task_spec):
        case = token.workflow
        case.tell_at(e.WaitMoved, token.task_spec, token.scope, kind=kind, wait=case.public(number))


# ------------------------------------------------------------------ messages


def _await_anew(token: Token, before: Node) -> None:
    """The same message from the same people by the same form stays awaited; any other is awaited anew."""
    now = token.task_spec
    if not _changed(before, now) and _awaited(token, before) == _awaited(token, now):
        return
    messages.end_message_wait(token)
    case = token.workflow
    try:
        messages.await_message(now, token, _ref(token, now))
    except Stuck as stuck:
        case.raise_incident(token, stuck)


def _listen_anew(token: Token, before: Node) -> None:
    """The same signal or condition stays awaited; any other is awaited anew."""
    now = token.task_spec
    definition = _definition(token, now)
    if definition is None or (not _changed(before, now) and definition == _definition(token, before)):
        return
    messages.end_event_wait(token)
    is_signal = definition.kind == "signal"
    if is_signal:
        token.note["signal"] = definition.name
    messages.await_event(token, *(("signal", definition.name) if is_signal else ("condition", definition.expression)))


def _awaited(token: Token, node: Node) -> object:
    return node.diagram.messages.get(_ref(token, node) or ""), node.element.attributes.get("correlation")


def _ref(token: Token, node: Node) -> str | None:
    if isinstance(node, Receive):
        return node.element.message
    definition = _definition(token, node)
    return definition.ref if definition else None


def _definition(token: Token, node: Node) -> EventDefinition | None:
    return node.definition(token) if isinstance(node, Catching) else None


# ------------------------------------------------------------------ times


def _wind_anew(token: Token, since: datetime | None) -> bool:
    """A timer by the new version's words, counted from when it began; False when it stays as it is."""
    case, node = token.workflow, token.task_spec
    definition = _definition(token, node)
    if since is None or definition is None or not isinstance(node, Catching) or token.note.get("period"):
        return False
    around = replace(case.around, now=since)
    try:
        due, again, period = timers.timer_due(
            definition.timer, definition.expression, case.context(token.scope), around, environment(around)
        )
    except Stuck:
        return False
    if period or due.at == token.note["due"]:
        return False
    case.tell_at(e.TimerCancelled, node, token.scope, job=case.public(token.note["job"]))
    token.note.update(again=again, period=period)
    node.wait_until(token, due)
    return True


# ------------------------------------------------------------------ work for people


def _move_task(old: Case, token: Token, before: Node, since: datetime | None) -> None:
    case, now = token.workflow, token.task_spec
    role, tenant, moved = "", "", False
    if _words(before) != _words(now):
        role, tenant = _assigned(token, now)
        moved = (role, tenant) != _assigned_or_nobody(old.tasks[token.id], before)
    due = _due(token, since)
    form = now.element.attributes.get("form", "")
    if not (_changed(before, now) or moved or due or form != before.element.attributes.get("form", "")):
        return
    case.tell_at(
        e.UserTaskMoved,
        now,
        token.scope,
        task=case.public(token.id),
        form=form,
        reassigned=moved,
        role=role if moved else "",
        tenant=tenant if moved else "",
        rescheduled=due is not None,
        due_at=due.at if due else None,
        due_provisional=due.provisional if due else False,
        calendar=case.around.calendar.version if due else "",
    )


def _words(node: Node) -> Mapping[str, str]:
    """The diagram's words on whose a task is: while they stay the same, so does who has it."""
    return assignment.said(node.diagram, node.element.id)


def _assigned(token: Token, node: Node) -> tuple[str, str]:
    role, tenant = assignment.assign(_words(node), token.workflow.around, lambda text: node.value(token, text))
    return role, tenant.id if tenant else ""


def _assigned_or_nobody(token: Token, node: Node) -> tuple[str, str] | None:
    try:
        return _assigned(token, node)
    except Stuck:
        return None


def _due(token: Token, since: datetime | None) -> timers.Due | None:
    """The due date by the new version's words; None to keep what was promised."""
    if since is None:
        return None
    node, case = token.task_spec, token.workflow
    try:
        return timers.task_due(
            node.element.attributes, replace(case.around, now=since), lambda text: node.value(token, text)
        )
    except Stuck:
        return None
