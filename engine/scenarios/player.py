"""Play a scenario on a real database through the same commands as the pages, with a pretended clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.commands import instances, messages, tasks
from engine.connectors.registry import Connector
from engine.errors import Invalid, Rejected
from engine.history.facts import Fact
from engine.model import Actor, Tenant
from engine.queries.case_states import case_state
from engine.queries.jobs import next_due
from engine.scenarios.page import Page, shifted
from engine.scenarios.sample_files import sample_file
from engine.scenarios.script import ZONE, Expectation, Scenario, StepScript
from engine.store.directory import actor_for, candidates, user_by_login
from engine.store.known import find_tenant
from engine.store.reading import facts_of
from engine.store.run import Platform
from engine.worker import run_due_jobs

if TYPE_CHECKING:
    from sqlalchemy import Connection

Tell = Callable[[Fact], None]


class ScenarioFailed(Exception):
    """A step did not do what the scenario says."""


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a play: the case, how many steps were played, and how many facts it has."""

    instance: str
    steps: int
    facts: int


@dataclass(frozen=True)
class Stage:
    """Where and when a scenario is played: another unit, other answers, shifted days, an end of time."""

    tenant: str = ""
    overrides: Mapping[str, Any] | None = None
    shift: timedelta = timedelta()
    until: datetime | None = None


class _Play:
    def __init__(
        self,
        platform: Platform,
        connectors: Mapping[str, Connector],
        scenario: Scenario,
        stage: Stage,
        tell: Tell | None,
    ) -> None:
        self.platform, self.connectors, self.scenario = platform, connectors, scenario
        self.stage, self.tell = stage, tell
        self.instance = ""
        self.told = 0

    def run(self) -> Played:
        played = 0
        steps = [self.scenario.start, *self.scenario.steps]
        for number, step in enumerate(steps):
            now = step.at + self.stage.shift
            if self.stage.shift and step.task and number and not step.refused:
                now = self._patient(step, now)
            if self.stage.until is not None and now > self.stage.until:
                break
            try:
                self._wait(now)
                if step.task or step.message or not number:
                    self._act(number, step, now)
                    self._wait(now)
                self._tell()
                self._check(step.expect)
            except ScenarioFailed as failed:
                raise ScenarioFailed(
                    f"{self.scenario.key}, step {number} ({step.task or step.message or 'wait'}): {failed}"
                ) from failed
            played += 1
        if played == len(steps):
            self._check_end()
        elif self.stage.until is not None and self.instance:
            self._wait(self.stage.until)
        return Played(self.instance, played, self._facts_count())

    def _wait(self, now: datetime) -> None:
        run_due_jobs(self.platform, self.connectors, now)

    def _patient(self, step: StepScript, now: datetime) -> datetime:
        """On other days a timer may end later than in the story: then the people wait, and all that follows moves."""
        while True:
            if self.stage.until is not None and now > self.stage.until:
                return now
            with self.platform.database.read() as connection:
                state = case_state(connection, self.instance)
                due_at = next_due(connection, self.instance)
            if step.task in {task.element for task in state.tasks} or due_at is None:
                return now
            if due_at <= now:
                self._wait(now)
                continue
            later = due_at + timedelta(minutes=10)
            self.stage = replace(self.stage, shift=self.stage.shift + (later - now))
            now = later

    def _act(self, number: int, step: StepScript, now: datetime) -> None:
        before = self._facts_count() if step.refused else 0
        try:
            self._do(number, step, now)
        except Invalid as invalid:
            self._refused(step, "; ".join(f"{p.field}: {p}" for p in invalid.problems), before)
        except Rejected as rejected:
            self._refused(step, str(rejected), before)
        else:
            if step.refused:
                raise ScenarioFailed(f"expected a refusal like “{step.refused}”, but it was accepted")

    def _refused(self, step: StepScript, message: str, before: int) -> None:
        if not step.refused:
            raise ScenarioFailed(f"was refused: {message}")
        if not re.search(step.refused, message):
            raise ScenarioFailed(f"expected a refusal like “{step.refused}”, found “{message}”")
        if self._facts_count() != before:
            raise ScenarioFailed("was refused and yet something was recorded")

    def _do(self, number: int, step: StepScript, now: datetime) -> None:
        files = {name: [sample_file(file) for file in wanted] for name, wanted in step.files.items()}
        with self.platform.database.read() as connection:
            actor, target = self._cast(connection, number, step)
            raw = self._raw(Page(self.platform, connection, actor, now), number, step, target)
        if not number:
            answer = self.platform.run(
                lambda uow: instances.start_instance(uow, self.scenario.procedure, raw, files), actor, now
            )
            self.instance = answer["instance"]
        elif step.task:
            self.platform.run(lambda uow: tasks.complete_task(uow, target, raw, files), actor, now)
        else:
            self.platform.run(lambda uow: messages.send_message(uow, target, raw, files), actor, now)

    def _raw(self, page: Page, number: int, step: StepScript, target: str) -> dict[str, list[str]]:
        other = {key: value for key, value in (self.stage.overrides or {}).items() if key in step.answers}
        answers = shifted({**step.answers, **other}, self.stage.shift)
        if not number:
            return page.start(self.scenario.procedure, answers)
        return page.task(target, answers) if step.task else page.message(self.instance, target, answers)

    def _cast(self, connection: Connection, number: int, step: StepScript) -> tuple[Actor, str]:
        """Who acts, and on which task or message."""
        home = find_tenant(connection, self.stage.tenant or self.scenario.tenant)
        if home is None:
            raise ScenarioFailed(f"there is no organisation {self.scenario.tenant}")
        if not number:
            return _find_actor(connection, step.who, home), ""
        state = case_state(connection, self.instance)
        if step.message:
            found = [wait for wait in state.messages if step.message in (wait.message, wait.element)]
            if not found:
                raise Rejected("not waiting for %(message)s", message=step.message)
            role = step.who.partition(":")[0] or found[0].roles[0]
            return _find_actor(connection, step.who or role, _unit_with(connection, home, role)), found[0].id
        open_tasks = [task for task in state.tasks if task.element == step.task]
        if not open_tasks:
            past = [task for task in state.past_tasks if task.element == step.task]
            if past and step.refused:
                return self._actor_of(connection, step, past[-1]), past[-1].id
            raise Rejected(
                "%(task)s is not waiting; waiting: %(open)s",
                task=step.task,
                open=", ".join(sorted(task.element for task in state.tasks)) or "nothing",
            )
        return self._actor_of(connection, step, open_tasks[0]), open_tasks[0].id

    def _actor_of(self, connection: Connection, step: StepScript, task: Any) -> Actor:
        unit = find_tenant(connection, task.tenant_id)
        if unit is None:
            raise ScenarioFailed(f"there is no organisation {task.tenant_id}")
        return _find_actor(connection, step.who or task.role, unit)

    def _facts_count(self) -> int:
        if not self.instance:
            return 0
        with self.platform.database.read() as connection:
            return case_state(connection, self.instance).seq

    def _tell(self) -> None:
        if self.tell is None:
            return
        with self.platform.database.read() as connection:
            for fact in facts_of(connection, f"case:{self.instance}", after=self.told):
                self.told = fact.seq
                self.tell(fact)

    def _check(self, expect: Expectation) -> None:
        if not self.instance or self.stage.shift:
            return  # on other days the same story has other dates
        with self.platform.database.read() as connection:
            state = case_state(connection, self.instance)
            variables = state.variables(self.platform.known, connection) if expect.vars else {}
        if state.incidents:
            raise ScenarioFailed(f"is stuck: {state.incidents[0]}")
        open_now = sorted(task.element for task in state.tasks)
        if expect.open is not None and sorted(expect.open) != open_now:
            raise ScenarioFailed(f"expected the open tasks {sorted(expect.open)}, found {open_now}")
        dues = {task.element: task.due_at.astimezone(ZONE).date() for task in state.tasks if task.due_at}
        for element, day in expect.due.items():
            if dues.get(element) != day:
                raise ScenarioFailed(f"expected {element} to be due on {day}, found {dues.get(element)}")
        for name, value in expect.vars.items():
            if not _same(variables.get(name), value):
                raise ScenarioFailed(f"expected {name} to be {value!r}, found {variables.get(name)!r}")

    def _check_end(self) -> None:
        with self.platform.database.read() as connection:
            state = case_state(connection, self.instance)
        if self.scenario.outcome and state.outcome != self.scenario.outcome:
            waiting = sorted(task.element for task in state.tasks)
            raise ScenarioFailed(
                f"{self.scenario.key}: expected the end {self.scenario.outcome}, "
                f"found {state.outcome or state.status}; open: {waiting}"
            )
        if self.scenario.open is not None:
            self._check(Expectation(open=self.scenario.open))


def play(
    platform: Platform,
    connectors: Mapping[str, Connector],
    scenario: Scenario,
    stage: Stage | None = None,
    tell: Tell | None = None,
) -> Played:
    """Play a scenario; ``tell`` hears every fact of the case as it happens.

    With ``stage.until`` the play ends before the first step that lies later. Raises ``ScenarioFailed``.
    """
    return _Play(platform, connectors, scenario, stage or Stage(), tell).run()


def _same(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, float):
        return found is not None and Decimal(str(wanted)) == found
    return bool(found == wanted)


def _find_actor(connection: Connection, who: str, unit: Tenant) -> Actor:
    role, _, place = who.partition(":")
    people: Sequence[tuple[str, str]] = candidates(connection, unit.id, role)
    index = int(place or 1) - 1
    if index < len(people):
        return actor_for(connection, people[index][0], unit.id)
    found = user_by_login(connection, who)
    if found is None:
        raise ScenarioFailed(f"nobody is “{who}” at {unit.name}")
    user_id, units = found
    return actor_for(connection, user_id, unit.id if unit.id in units else units[0])


def _unit_with(connection: Connection, home: Tenant, role: str) -> Tenant:
    for tenant_id in home.lineage_ids:
        if candidates(connection, tenant_id, role):
            return find_tenant(connection, tenant_id) or home
    return home
