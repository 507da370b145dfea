"""Tasks: work for people, for the machine, and for nobody."""

from __future__ import annotations

from typing import Any

from engine.errors import ShangmenError
from engine.history import events as e
from engine.runtime import assignment, timers
from engine.runtime.expressions import shown
from engine.runtime.spiff import messages
from engine.runtime.spiff.activity import Activity
from engine.runtime.spiff.token import Token
from engine.runtime.stuck import Stuck


class User(Activity):
    """Work waits for a person in the lane's role, at the lane's unit."""

    def begin(self, token: Token) -> bool:
        case = token.workflow
        said = assignment.said(self.diagram, self.element.id)
        role, tenant = assignment.assign(said, case.around, lambda text: self.value(token, text))
        due = timers.task_due(self.element.attributes, case.around, lambda text: self.value(token, text))
        item = None
        if "of" in token.note:
            host = case.tasks[token.note["of"]]
            item = host.note["items"][token.note["index"]] if "items" in host.note else None
        case.tell(
            e.UserTaskCreated,
            token,
            task=case.public(token.id),
            role=role,
            tenant=tenant.id if tenant else "",
            form=self.element.attributes.get("form", ""),
            due_at=due.at if due else None,
            due_provisional=due.provisional if due else False,
            item=item,
            calendar=case.around.calendar.version if due else "",
        )
        return False

    def complete(self, token: Token, answers: dict[str, Any]) -> None:
        """A person did it."""
        case = token.workflow
        case.assign(token.scope, answers)
        case.tell(
            e.UserTaskCompleted,
            token,
            task=case.public(token.id),
            form=self.element.attributes.get("form", ""),
            answers=answers,
        )
        self.finish(token)

    def _on_cancel(self, my_task: Token) -> None:
        started = my_task.note.get("told") and my_task.note.get("phase", "enter") == "enter"
        if started and "incident" not in my_task.note and not self.is_host(my_task):
            case = my_task.workflow
            case.tell(e.UserTaskCancelled, my_task, task=case.public(my_task.id))


class Script(Activity):
    """Assignments: a FEEL context, name by name."""

    def begin(self, token: Token) -> bool:
        values = self.value(token, self.element.script) if self.element.script else {}
        if not isinstance(values, dict):
            raise Stuck(
                "Expected a context {name: value} from the script of %(element)s but found %(found)s. Correct it.",
                element=self.element.name or self.element.id,
                found=shown(values),
            )
        token.workflow.assign(token.scope, values)
        token.workflow.tell(e.ElementCompleted, token, assigned=values)
        return True


class Rule(Activity):
    """A decision table decides; its answer goes into a variable."""

    def begin(self, token: Token) -> bool:
        case, key = token.workflow, self.element.attributes.get("decision", "")
        model = case.definition.decisions[key]
        variables = case.context(token.scope)
        decision = key if any(d.id == key for d in model.decisions) else model.main
        try:
            result = model.evaluate(decision, variables, case.feel)
        except ShangmenError as error:
            raise Stuck(error.template, **error.params) from error
        names = sorted(name for name in model.inputs(decision) if name != "profile")
        inputs = {name: variables.get(name) for name in names}
        variable = self.element.attributes.get("result")
        assigned = {variable: result.outputs} if variable else {}
        case.assign(token.scope, assigned)  # first: it refuses what a case cannot hold, and then nothing is told
        case.tell(
            e.DecisionEvaluated,
            token,
            decision=key,
            inputs=inputs,
            outputs=result.outputs,
            rows=dict(result.rows),
            warnings=[str(warning) for warning in result.warnings],
            calendar=case.around.calendar.version,
        )
        case.tell(e.ElementCompleted, token, assigned=assigned)
        return True


class Service(Activity):
    """A job for the machine, done after the transaction."""

    def begin(self, token: Token) -> bool:
        case, text = token.workflow, self.element.attributes.get("input")
        inputs = self.value(token, text) if text else {}
        if not isinstance(inputs, dict):
            raise Stuck(
                "Expected a context {name: value} as input of %(element)s but found %(found)s. Correct it.",
                element=self.element.name or self.element.id,
                found=shown(inputs),
            )
        token.note["job"] = case.number()
        case.tell(
            e.ConnectorRequested,
            token,
            job=case.public(token.note["job"]),
            connector=self.element.attributes.get("connector", ""),
            inputs=inputs,
        )
        return False

    def complete(self, token: Token, result: dict[str, Any]) -> None:
        """The machine did it."""
        case, variable = token.workflow, self.element.attributes.get("result")
        assigned = {variable: result} if variable else {}
        case.assign(token.scope, assigned)
        case.tell(e.ConnectorFinished, token, job=case.public(token.note.pop("job")), result=assigned)
        self.finish(token)

    def _on_cancel(self, my_task: Token) -> None:
        if "job" in my_task.note and "incident" not in my_task.note:
            case = my_task.workflow
            case.tell(e.ConnectorCancelled, my_task, job=case.public(my_task.note["job"]))


class Receive(Activity):
    """Waits for a message; the first of a process may be what begins it."""

    def begin(self, token: Token) -> bool:
        if token.note.get("started"):
            token.workflow.tell(e.ElementCompleted, token)
            return True
        messages.await_message(self, token, self.element.message)
        return False

    def receive(self, token: Token, payload: dict[str, Any], sent: str = "") -> None:
        """The message came."""
        messages.message_came(token, payload, sent)
        self.finish(token)

    def _on_cancel(self, my_task: Token) -> None:
        messages.end_message_wait(my_task)


class Send(Activity):
    """Tells another waiting part of the case, or another case."""

    def begin(self, token: Token) -> bool:
        message = self.diagram.messages.get(self.element.message or "")
        send = messages.prepare_message(token, message.name, message.id) if message is not None else None
        token.workflow.tell(e.ElementCompleted, token)
        if send is not None:
            send()
        return True
