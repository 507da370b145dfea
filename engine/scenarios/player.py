"""Play a scenario step by step with a pretended clock, and say where it does not do what it says.

The same story is played on the platform (tests, demonstrations) and on a pretended case (dry runs); what
differs lies behind ``Ground``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.connectors.registry import Connector
from engine.errors import Invalid, Rejected
from engine.history.facts import Fact
from engine.queries.case_states import TaskState, WaitingMessage
from engine.scenarios.ground import CaseView, Ground, ScenarioFailed
from engine.scenarios.page import shifted
from engine.scenarios.platform_ground import PlatformGround
from engine.scenarios.sample_files import sample_file
from engine.scenarios.script import ZONE, Expectation, Scenario, StepScript
from engine.store.run import Platform

Tell = Callable[[Fact], None]
_WAITS_MAX = 20


@dataclass(frozen=True, slots=True)
class Played:
    """What came of a play: the case, how many steps were played, and how many facts it has."""

    instance: str
    steps: int
    facts: int


@dataclass(frozen=True)
class Stage:
    """Where and when a scenario is played: another unit, other answers, shifted days, an end of time.

    ``patient``: people wait for what is not yet theirs to do, as on shifted days, and only the end must be right.
    """

    tenant: str = ""
    overrides: Mapping[str, Any] | None = None
    shift: timedelta = timedelta()
    until: datetime | None = None
    patient: bool = False

    @property
    def is_elsewhen(self) -> bool:
        """Whether the days of the story are not those of the scenario."""
        return self.patient or bool(self.shift)


class Play:
    """One story on one ground. ``after_step`` hears when a step is done."""

    def __init__(
        self, ground: Ground, scenario: Scenario, stage: Stage, after_step: Callable[[], None] = lambda: None
    ) -> None:
        self.ground, self.scenario, self.stage, self.after_step = ground, scenario, stage, after_step
        self.played = 0

    def run(self) -> int:
        """Play to the end, or to the stage's end of time. Returns the steps played; raises ``ScenarioFailed``."""
        steps = [self.scenario.start, *self.scenario.steps]
        for number, step in enumerate(steps):
            now = step.at + self.stage.shift
            if self.stage.is_elsewhen and step.task and number and not step.refused:
                now = self._patient(step, now)
            if self.stage.until is not None and now > self.stage.until:
                break
            try:
                self.ground.wait(now)
                if not step.is_waiting or not number:
                    self._act(number, step, now)
                    self.ground.wait(now)
                self.after_step()
                self._check(step.expect)
            except ScenarioFailed as failed:
                failed.at(self.scenario.key, number, step.task or step.message or step.deputy)
                raise
            self.played += 1
        if self.played == len(steps):
            if self.stage.is_elsewhen and self.scenario.outcome:
                self._wait_for_the_end()
            self._check_end()
        elif self.stage.until is not None and self.ground.case() is not None:
            self.ground.wait(self.stage.until)
        return self.played

    def _patient(self, step: StepScript, now: datetime) -> datetime:
        """On other days a timer may end later than in the story: then the people wait, and all that follows moves."""
        while True:
            if self.stage.until is not None and now > self.stage.until:
                return now
            case, due_at = self.ground.case(), self.ground.next_due()
            if case is None or step.task in {task.element for task in case.tasks} or due_at is None:
                return now
            if due_at <= now:
                self.ground.wait(now)
                continue
            later = due_at + timedelta(minutes=10)
            self.stage = replace(self.stage, shift=self.stage.shift + (later - now))
            now = later

    def _wait_for_the_end(self) -> None:
        """On other days the last timer may end later than in the story."""
        for _ in range(_WAITS_MAX):
            case, due_at = self.ground.case(), self.ground.next_due()
            if case is None or case.outcome or case.tasks or due_at is None:
                return
            if self.stage.until is not None and due_at > self.stage.until:
                return
            self.ground.wait(due_at + timedelta(minutes=10))

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
                raise ScenarioFailed("expected a refusal like “%(wanted)s”, but it was accepted", wanted=step.refused)

    def _refused(self, step: StepScript, message: str, before: int) -> None:
        if not step.refused:
            raise ScenarioFailed("was refused: %(message)s", message=message)
        if not re.search(step.refused, message):
            raise ScenarioFailed(
                "expected a refusal like “%(wanted)s”, found “%(message)s”", wanted=step.refused, message=message
            )
        if self._facts_count() != before:
            raise ScenarioFailed("was refused and yet something was recorded")

    def _do(self, number: int, step: StepScript, now: datetime) -> None:
        home_id = self.stage.tenant or self.scenario.tenant
        home = self.ground.find_tenant(home_id)
        if home is None:
            raise ScenarioFailed("there is no organisation %(tenant)s", tenant=home_id)
        files = {name: [sample_file(file) for file in wanted] for name, wanted in step.files.items()}
        other = {key: value for key, value in (self.stage.overrides or {}).items() if key in step.answers}
        answers = shifted({**step.answers, **other}, self.stage.shift)
        case = self.ground.case()
        if not number or case is None:
            self.ground.start(step.who, home, self.scenario.procedure, answers, files, now)
        elif step.message:
            self.ground.report(step.who, home, _wait_of(case, step), answers, files, now)
        elif step.deputy and step.until:
            self.ground.lend(step.deputy, step.on_behalf_of, home, step.until + self.stage.shift, now)
        else:
            self.ground.complete(step.who, _task_of(case, step), answers, files, now, step.on_behalf_of)

    def _facts_count(self) -> int:
        case = self.ground.case()
        return case.seq if case else 0

    def _check(self, expect: Expectation) -> None:
        case = self.ground.case()
        if case is None or self.stage.is_elsewhen:
            return  # on other days the same story has other dates
        if case.incidents:
            raise ScenarioFailed("is stuck: %(reason)s", reason=case.incidents[0])
        open_now = sorted(task.element for task in case.tasks)
        if expect.open is not None and sorted(expect.open) != open_now:
            raise ScenarioFailed(
                "expected the open tasks %(wanted)s, found %(found)s", wanted=sorted(expect.open), found=open_now
            )
        dues = {task.element: task.due_at.astimezone(ZONE).date() for task in case.tasks if task.due_at}
        for element, day in expect.due.items():
            if dues.get(element) != day:
                raise ScenarioFailed(
                    "expected %(element)s to be due on %(wanted)s, found %(found)s",
                    element=element,
                    wanted=day,
                    found=dues.get(element),
                )
        variables = self.ground.variables() if expect.vars else {}
        for name, value in expect.vars.items():
            if not _same(variables.get(name), value):
                raise ScenarioFailed(
                    "expected %(name)s to be %(wanted)s, found %(found)s",
                    name=name,
                    wanted=repr(value),
                    found=repr(variables.get(name)),
                )

    def _check_end(self) -> None:
        case = self.ground.case()
        if case is not None and self.scenario.outcome and case.outcome != self.scenario.outcome:
            raise ScenarioFailed(
                "expected the end %(wanted)s, found %(found)s; open: %(open)s",
                wanted=self.scenario.outcome,
                found=case.outcome or case.status,
                open=sorted(task.element for task in case.tasks),
            ).at(self.scenario.key, self.played, "")
        if self.scenario.open is not None:
            self._check(Expectation(open=self.scenario.open))


def play(
    platform: Platform,
    connectors: Mapping[str, Connector],
    scenario: Scenario,
    stage: Stage | None = None,
    tell: Tell | None = None,
) -> Played:
    """Play a scenario on the platform; ``tell`` hears every fact of the case as it happens.

    With ``stage.until`` the play ends before the first step that lies later. Raises ``ScenarioFailed``.
    """
    ground = PlatformGround(platform, connectors)
    told = 0

    def tell_new() -> None:
        nonlocal told
        if tell is None:
            return
        for fact in ground.facts(told):
            told = fact.seq
            tell(fact)

    steps = Play(ground, scenario, stage or Stage(), tell_new).run()
    case = ground.case()
    return Played(ground.instance, steps, case.seq if case else 0)


def _wait_of(case: CaseView, step: StepScript) -> WaitingMessage:
    found = [wait for wait in case.messages if step.message in (wait.message, wait.element)]
    if not found:
        raise Rejected("not waiting for %(message)s", message=step.message)
    return found[0]


def _task_of(case: CaseView, step: StepScript) -> TaskState:
    """The open task that the step names; one that is no longer open where the story expects a refusal."""
    found = [task for task in case.tasks if task.element == step.task]
    if found:
        return found[0]
    past = [task for task in case.past_tasks if task.element == step.task]
    if past and step.refused:
        return past[-1]
    raise Rejected(
        "%(task)s is not waiting; waiting: %(open)s",
        task=step.task,
        open=", ".join(sorted(task.element for task in case.tasks)) or "nothing",
    )


def _same(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, float):
        return found is not None and Decimal(str(wanted)) == found
    return bool(found == wanted)
