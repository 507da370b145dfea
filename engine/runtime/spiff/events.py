"""Start, end, intermediate and boundary events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.util.task import TaskState

from engine.definition.diagram import EventDefinition
from engine.history import events as e
from engine.runtime import timers
from engine.runtime.spiff import messages, throwing
from engine.runtime.spiff.node import Node
from engine.runtime.spiff.token import Token
from engine.runtime.stuck import Stuck


class Catching(Node):
    """An event that waits for its time, message, signal or condition: in the flow, at a boundary, or as the
    start of an event subprocess.

    With several definitions, a token for each (a *part*) waits beside the one that stands for the *whole*: the first
    that comes is enough, or all must come if the event is drawn parallel multiple.
    """

    watches = True

    def definition(self, token: Token) -> EventDefinition | None:
        """What this token waits for."""
        number: int = token.note.get("part", 0)
        return self.element.definitions[number] if self.element.definitions else None

    def enter(self, token: Token) -> bool:
        if len(self.element.definitions) > 1 and "part" not in token.note:
            self._listen_for_each(token)
            return False
        definition = self.definition(token)
        if definition is None or definition.kind == "link":
            token.workflow.tell(e.ElementCompleted, token)
            return True
        if definition.kind == "timer":
            self._schedule(token, definition)
        elif definition.kind == "message":
            messages.await_message(self, token, definition.ref)
        elif definition.kind == "signal":
            messages.await_event(token, "signal", definition.name)
            token.note["signal"] = definition.name
        elif definition.kind == "conditional":
            messages.await_event(token, "condition", definition.expression)
            token.note["was"] = False
        return False

    def _listen_for_each(self, token: Token) -> None:
        case = token.workflow
        for number, definition in enumerate(self.element.definitions):
            if definition.kind in messages.LISTENING:
                case.run_token(
                    case.arrive(self, token.scope, None, host=token.id, whole=token.id, part=number, listens=True)
                )

    def came(self, token: Token) -> None:
        """What a token waited for came: for a part, that may be enough, or one of several that must come."""
        case = token.workflow
        whole = case.tasks.get(token.note.get("whole", -1))
        if whole is None or (not self.element.interrupting and not self.element.parallel_multiple):
            self.fired(token)
            return
        case.remove(token)
        rest = [other for other in case.tasks.values() if other.note.get("whole") == whole.id]
        if rest and self.element.parallel_multiple:
            return
        for other in rest:
            case.cancel_token(other)
        self.fired(whole)

    def _schedule(self, token: Token, definition: EventDefinition) -> None:
        case = token.workflow
        due, again, period = timers.timer_due(
            definition.timer, definition.expression, case.context(token.scope), case.around, case.feel
        )
        token.note.update(again=again, period=period)
        self.wait_until(token, due)

    def wait_until(self, token: Token, due: timers.Due) -> None:
        case = token.workflow
        token.note.update(job=case.number(), due=due.at)
        case.tell(
            e.TimerScheduled,
            token,
            job=case.public(token.note["job"]),
            due_at=due.at,
            provisional=due.provisional,
            calendar=case.around.calendar.version,
        )

    def at_rest(self, token: Token) -> bool:
        """A conditional event fires when its condition becomes true."""
        if "was" not in token.note or not token.has_state(TaskState.STARTED):
            return False
        definition = self.definition(token)
        try:
            holds = self.holds(token, definition.expression if definition else "")
        except Stuck as stuck:
            messages.end_event_wait(token)  # what cannot be computed is not watched
            token.workflow.raise_incident(token, stuck)
            return True
        fires, token.note["was"] = holds and not token.note["was"], holds
        if fires:
            messages.event_came(token, "condition", definition.expression if definition else "")
            self.came(token)
        return fires

    def fire_timer(self, token: Token) -> None:
        """Its time came."""
        case = token.workflow
        case.tell(e.TimerFired, token, job=case.public(token.note.pop("job")))
        case.attempt(token, lambda: self.came(token))

    def receive(self, token: Token, payload: dict[str, Any], sent: str = "") -> None:
        """Its message came."""
        messages.message_came(token, payload, sent)
        token.workflow.attempt(token, lambda: self.came(token))

    def signalled(self, token: Token, payload: Mapping[str, Any] | None = None, sent: str = "") -> None:
        """Its signal came."""
        messages.event_came(token, "signal", token.note["signal"], payload, sent)
        self.came(token)

    def fired(self, token: Token) -> None:
        """What was waited for came: the token goes on, its rivals after the same gateway do not."""
        case = token.workflow
        race = token.note.get("race")
        if race is not None:
            for rival in list(case.tasks.values()):
                if rival is not token and rival.note.get("race") == race:
                    case.cancel_token(rival)
        self.resume(token)

    def again(self, token: Token) -> None:
        """A listener that interrupts nothing listens again, if it may."""
        definition = self.definition(token)
        kind = definition.kind if definition else ""
        case = token.workflow
        if len(self.element.definitions) > 1 and "part" not in token.note:
            self._listen_for_each(token)
            return
        if kind == "timer":
            if token.note["again"] == 0:
                case.remove(token)
                return
            if token.note["again"] > 0:
                token.note["again"] -= 1
            self.wait_until(token, timers.Due(timers.next_due(token.note["period"], token.note["due"])))
        elif kind == "message":
            messages.await_message(self, token, definition.ref if definition else None)
        elif definition is not None and kind in ("signal", "conditional"):
            about = definition.name if kind == "signal" else definition.expression
            messages.await_event(token, "signal" if kind == "signal" else "condition", about)

    def _on_cancel(self, my_task: Token) -> None:
        if "wait" in my_task.note:
            messages.end_message_wait(my_task)
        elif "awaits" in my_task.note:
            messages.end_event_wait(my_task)
        elif "job" in my_task.note:
            case = my_task.workflow
            case.tell(e.TimerCancelled, my_task, job=case.public(my_task.note["job"]))


class Boundary(Catching):
    """Attached to an activity: interrupts it, or runs beside it, as often as it is told."""

    def fired(self, token: Token) -> None:
        case = token.workflow
        host = case.tasks.get(token.note.get("host", -1))
        beside = token.note.pop("beside", False)
        if host is None:
            self.resume(token)
        elif self.element.interrupting and not beside:
            case.hear(token)
            case.cancel_token(host)
            self.resume(token)
        else:
            path = case.place(self, token.scope, None, phase="leave", told=True)
            path._ready()
            self.again(token)

    def catch(self, host: Token) -> None:
        """Something was thrown inside the host."""
        case = host.workflow
        token = case.place(self, host.scope, None)
        case.tell(e.ElementCompleted, token)
        if self.element.interrupting:
            case.cancel_token(host)
        self.resume(token)


class Start(Catching):
    """The start of a process or subprocess; of an event subprocess it listens."""

    def enter(self, token: Token) -> bool:
        if token.listens:
            return super().enter(token)
        if not token.note.get("told"):  # a timer or message was told when it came
            token.workflow.tell(e.ElementCompleted, token)
        return True

    def fired(self, token: Token) -> None:
        throwing.trigger_handler(self, token)


class Throwing(Node):
    """Intermediate throw events and end events: they tell others, then go on (an end has nowhere to go)."""

    def enter(self, token: Token) -> bool:
        case = token.workflow
        top = token.scope == 0 and self.element.kind == "endEvent"
        actions = [throwing.prepare(self, token, definition) for definition in self.element.definitions]
        if top:
            case.outcome = (self.element.id, self.element.name)
        case.tell(e.ElementCompleted, token)
        waits = [action() for action in actions]
        return not any(waits)

    def leave(self, token: Token) -> None:
        link = self.element.definition("link")
        if link is not None and self.element.kind == "intermediateThrowEvent":
            for other in self.diagram.children(self.element.parent):
                found = other.definition("link")
                if other.kind == "intermediateCatchEvent" and found is not None and found.name == link.name:
                    token.workflow.arrive(
                        token.workflow.definition.node(f"{self.process}/{other.id}"), token.scope, None
                    )
                    return
        super().leave(token)
