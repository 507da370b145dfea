"""What a scenario is played on: the platform with its database, or a pretended case in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from engine.errors import ShangmenError
from engine.model import Tenant
from engine.queries.case_states import TaskState, WaitingMessage
from forms.uploads import Upload

Answers = Mapping[str, Any]
Files = Mapping[str, Sequence[Upload]]


class ScenarioFailed(ShangmenError):
    """A step did not do what the scenario says. ``step`` is its number, ``what`` its task or message."""

    scenario = ""
    step = 0
    what = ""

    def at(self, scenario: str, step: int, what: str) -> ScenarioFailed:
        """The same failure, with its place in a story."""
        self.scenario, self.step, self.what = scenario, step, what
        return self

    def __str__(self) -> str:
        place = f"{self.scenario}, step {self.step} ({self.what or 'wait'}): " if self.scenario else ""
        return place + super().__str__()


class CaseView(Protocol):
    """Where the case of a story stands."""

    @property
    def status(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def seq(self) -> int: ...
    @property
    def tasks(self) -> tuple[TaskState, ...]: ...
    @property
    def past_tasks(self) -> tuple[TaskState, ...]: ...
    @property
    def messages(self) -> tuple[WaitingMessage, ...]: ...
    @property
    def incidents(self) -> tuple[str, ...]: ...


class Ground(Protocol):
    """One case, its people and its clock. ``who`` is a role, ``role:2`` for the second person in it, or a log-in.

    ``start``, ``complete`` and ``report`` raise ``Rejected`` exactly where a page would refuse.
    """

    def wait(self, now: datetime) -> None:
        """Time passes until ``now``: what becomes due is done, each at its own time."""

    def next_due(self) -> datetime | None:
        """When the next timer of the case is due."""

    def case(self) -> CaseView | None:
        """Where the case stands; None before it is started."""

    def variables(self) -> Mapping[str, Any]:
        """The case's values now."""

    def find_tenant(self, tenant_id: str) -> Tenant | None:
        """An organisation by its id."""

    def start(self, who: str, at: Tenant, procedure: str, answers: Answers, files: Files, now: datetime) -> None:
        """Open the case at a unit."""

    def complete(
        self, who: str, task: TaskState, answers: Answers, files: Files, now: datetime, on_behalf_of: str = ""
    ) -> None:
        """Complete a task, open or no longer so; as a deputy of ``on_behalf_of``, unless that is ""."""

    def lend(self, deputy: str, principal: str, home: Tenant, until: date, now: datetime) -> None:
        """From now to the end of ``until``, the log-in ``deputy`` stands in for a role near ``home``."""

    def report(
        self, who: str, home: Tenant, wait: WaitingMessage, answers: Answers, files: Files, now: datetime
    ) -> None:
        """Report what the case waits for."""
