"""A whole platform for tests: real store, real interpreter, people by name, a clock that the test moves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.commands import instances, messages, tasks
from engine.commands.deployments import publish
from engine.commands.people import add_tenant, add_user
from engine.connectors.registry import Connector
from engine.definition.bundle import Bundle
from engine.model import Actor
from engine.queries.case_states import CaseState, case_state
from engine.queries.verify import Verdict, verify
from engine.scenarios.page import raw_answers
from engine.store.directory import actor_for, system_actor
from engine.store.run import Platform
from engine.worker import run_due_jobs

NS = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:sm="urn:shangmen:bpmn:1" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 9 o'clock in Beijing, a Monday

FORM = """{"type": "default", "schemaVersion": 19, "id": "%s", "properties": {"title": "意见"}, "components": [
  {"type": "textfield", "id": "f1", "key": "note", "label": "说明"},
  {"type": "radio", "id": "f2", "key": "outcome", "label": "意见",
   "values": [{"value": "forward", "label": "同意"}, {"value": "back", "label": "退回"}]}]}"""


def flow(number: int, source: str, target: str, condition: str = "") -> str:
    """A sequence flow ``f<number>``."""
    inner = f'<conditionExpression xsi:type="tFormalExpression">{condition}</conditionExpression>' if condition else ""
    return f'<sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


def process(key: str, body: str, extra: str = "", title: str = "=note") -> bytes:
    """A BPMN document with one executable process."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><definitions {NS} id="d_{key}" targetNamespace="urn:test">{extra}'
        f'<process id="{key}" name="{key}" isExecutable="true" sm:title="{title}">{body}</process></definitions>'
    ).encode()


def user_task(element: str, role: str = "reviewer", level: str = "office", more: str = "") -> str:
    """A user task with the test form."""
    return f'<userTask id="{element}" name="{element}" sm:role="{role}" sm:level="{level}" sm:form="note" {more}/>'


REVIEW = process(
    "review",
    '<startEvent id="begin"/>'
    + user_task("check")
    + '<exclusiveGateway id="well" default="f3"/>'
    + user_task("decide", "leader")
    + '<endEvent id="done" name="done"/>'
    + flow(1, "begin", "check")
    + flow(2, "check", "well")
    + flow(3, "well", "check")
    + flow(4, "well", "decide", 'outcome = "forward"')
    + flow(5, "decide", "done"),
)


def branches(count: int) -> bytes:
    """A process that splits into ``count`` parallel user tasks and joins them before a last one."""
    body = '<startEvent id="begin"/><parallelGateway id="split"/><parallelGateway id="join"/>'
    body += user_task("last") + '<endEvent id="done"/>' + flow(1, "begin", "split") + flow(2, "join", "last")
    body += flow(3, "last", "done")
    for number in range(count):
        body += user_task(f"branch_{number}") + flow(10 + number, "split", f"branch_{number}")
        body += flow(100 + number, f"branch_{number}", "join")
    return process("review", body)


def bundle(main: bytes, **more: bytes) -> Bundle:
    """A bundle around one process. ``more`` are further resources: ``decision__key=…``."""
    manifest = {
        "procedure": "review",
        "title": "审核",
        "title_en": "Review",
        "tenant": "root",
        "process": "review",
        "start_form": "note",
        "start_roles": ["clerk"],
        "number_prefix": "T",
    }
    text = "".join(f"{key} = {value!r}\n".replace("'", '"') for key, value in manifest.items())
    resources = {
        ("bundle", "review"): text.encode(),
        ("process", "review"): main,
        ("form", "note"): (FORM % "note").encode(),
    }
    resources |= {tuple(name.split("__", 1)): content for name, content in more.items()}  # type: ignore[misc]
    return Bundle("review", "审核", resources, manifest)


class World:
    """A platform with two offices, their people and one procedure. ``now`` moves only when the test says so."""

    def __init__(self, platform: Platform, connectors: Mapping[str, Connector] | None = None) -> None:
        self.platform = platform
        self.connectors = connectors or {}
        self.now = MORNING

    def furnish(self, main: bytes = REVIEW, **more: bytes) -> World:
        """Organisations root > north > {east, west} and people in each; then publish the procedure."""
        system = system_actor()

        def people(uow: Any) -> None:
            add_tenant(uow, "root", None, "总部", "nation", None)
            add_tenant(uow, "north", "root", "北区", "region", None)
            for office in ("east", "west"):
                add_tenant(uow, office, "north", office, "office", None)
                for name in ("ann", "bob", "eve"):
                    add_user(uow, f"{name}.{office}", name, office, ["clerk", "reviewer", "leader"])
            add_user(uow, "root.admin", "admin", "root", ["administrator"])
            add_user(uow, "north.auditor", "auditor", "north", ["auditor"])

        self.platform.run(people, system, self.now)
        self.publish(main, **more)
        return self

    def publish(self, main: bytes, **more: bytes) -> None:
        """Publish the procedure anew."""
        self.platform.run(lambda uow: publish(uow, bundle(main, **more), "root", ""), system_actor(), self.now)

    def actor(self, login: str) -> Actor:
        """A person by log-in name, acting for the unit in it (``ann.east``)."""
        from engine.store.directory import user_by_login

        with self.platform.database.read() as connection:
            found = user_by_login(connection, login)
            assert found is not None, login
            return actor_for(connection, found[0], found[1][0])

    def start(self, who: str = "ann.east", **answers: Any) -> str:
        """Open a case; returns its id."""
        raw = raw_answers({"note": "case", **answers})
        answer = self.platform.run(
            lambda uow: instances.start_instance(uow, "review", raw, {}), self.actor(who), self.now
        )
        return str(answer["instance"])

    def state(self, case: str) -> CaseState:
        """Where a case stands."""
        with self.platform.database.read() as connection:
            return case_state(connection, case)

    def open(self, case: str) -> list[str]:
        """The elements that wait for people."""
        return sorted(task.element for task in self.state(case).tasks)

    def task(self, case: str, element: str) -> str:
        """The id of an open task."""
        return next(task.id for task in self.state(case).tasks if task.element == element)

    def complete(self, case: str, element: str, who: str = "bob.east", **answers: Any) -> dict[str, Any]:
        """Complete an open task."""
        return self.complete_id(self.task(case, element), who, **answers)

    def complete_id(self, task: str, who: str = "bob.east", **answers: Any) -> dict[str, Any]:
        """Complete a task by its id."""
        raw = raw_answers(answers)
        return self.platform.run(lambda uow: tasks.complete_task(uow, task, raw, {}), self.actor(who), self.now)

    def report(self, case: str, message: str, who: str = "ann.east", **answers: Any) -> dict[str, Any]:
        """Report a waiting message."""
        wait = next(wait.id for wait in self.state(case).messages if wait.message == message)
        raw = raw_answers(answers)
        return self.platform.run(lambda uow: messages.send_message(uow, wait, raw, {}), self.actor(who), self.now)

    def wait(self, **span: float) -> int:
        """Let time pass and do what becomes due. Returns how many jobs were done."""
        self.now += timedelta(**span)
        return run_due_jobs(self.platform, self.connectors, self.now)

    def verdict(self) -> Verdict:
        """The whole record, checked."""
        with self.platform.database.read() as connection:
            return verify(connection)
