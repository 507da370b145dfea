"""Scenarios on the platform itself: real rows, real people, the same commands and forms as the pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from engine.commands import instances, messages, tasks
from engine.commands.delegations import end_delegation, give_delegation
from engine.connectors.registry import Connector
from engine.history.facts import Fact
from engine.model import Actor, Tenant
from engine.queries.case_states import CaseState, TaskState, WaitingMessage, case_state
from engine.queries.jobs import next_due
from engine.scenarios.ground import Answers, Files, ScenarioFailed
from engine.scenarios.page import Page
from engine.scenarios.script import ZONE
from engine.store.delegations import delegations_of
from engine.store.directory import actor_for, candidates, user_by_login
from engine.store.known import find_tenant
from engine.store.mandates import with_mandates
from engine.store.reading import facts_of
from engine.store.run import Platform
from engine.store.unit_of_work import UnitOfWork
from engine.worker import run_due_jobs

if TYPE_CHECKING:
    from sqlalchemy import Connection


class PlatformGround:
    """One case of ``platform``; ``instance`` is its id once it is started."""

    def __init__(self, platform: Platform, connectors: Mapping[str, Connector]) -> None:
        self.platform, self.connectors = platform, connectors
        self.instance = ""

    def wait(self, now: datetime) -> None:
        run_due_jobs(self.platform, self.connectors, now)

    def next_due(self) -> datetime | None:
        with self.platform.database.read() as connection:
            return next_due(connection, self.instance)

    def case(self) -> CaseState | None:
        if not self.instance:
            return None
        with self.platform.database.read() as connection:
            return case_state(connection, self.instance)

    def variables(self) -> Mapping[str, Any]:
        with self.platform.database.read() as connection:
            return case_state(connection, self.instance).variables(self.platform.known, connection)

    def find_tenant(self, tenant_id: str) -> Tenant | None:
        with self.platform.database.read() as connection:
            return find_tenant(connection, tenant_id)

    def facts(self, after: int) -> Iterable[Fact]:
        """What was recorded of the case after fact ``after``."""
        with self.platform.database.read() as connection:
            return list(facts_of(connection, f"case:{self.instance}", after=after))

    def start(self, who: str, at: Tenant, procedure: str, answers: Answers, files: Files, now: datetime) -> None:
        with self.platform.database.read() as connection:
            actor = _find_actor(connection, who, at)
            raw = Page(self.platform, connection, actor, now).start(procedure, answers)
        answer = self.platform.run(lambda uow: instances.start_instance(uow, procedure, raw, files), actor, now)
        self.instance = answer["instance"]

    def complete(
        self, who: str, task: TaskState, answers: Answers, files: Files, now: datetime, on_behalf_of: str = ""
    ) -> None:
        with self.platform.database.read() as connection:
            unit = find_tenant(connection, task.tenant_id)
            if unit is None:
                raise ScenarioFailed("there is no organisation %(tenant)s", tenant=task.tenant_id)
            actor = _find_actor(connection, who or task.role, unit)
            shown_for = None
            if on_behalf_of:
                actor = with_mandates(connection, actor, now)
                shown_for = _find_actor(connection, on_behalf_of, unit).user
            raw = Page(self.platform, connection, actor, now).task(task.id, answers)
        self.platform.run(lambda uow: tasks.complete_task(uow, task.id, raw, files, shown_for=shown_for), actor, now)

    def lend(self, deputy: str, principal: str, home: Tenant, until: date, now: datetime) -> None:
        role = principal.partition(":")[0]
        with self.platform.database.read() as connection:
            unit = _unit_with(connection, home, role)
            who = _find_actor(connection, principal, unit)
            stands_in = _find_actor(connection, deputy, unit).user
            known = [one for one in delegations_of(connection, who.user) if one.principal == who.user]
        begins = now.astimezone(ZONE).date()

        def command(uow: UnitOfWork) -> None:
            for one in known:  # of another play of the story
                if role in one.roles and not one.is_over(now):
                    end_delegation(uow, one.id)
            give_delegation(uow, who.user, unit.id, [role], stands_in, begins, until, "leave")

        self.platform.run(command, who, now)

    def report(
        self, who: str, home: Tenant, wait: WaitingMessage, answers: Answers, files: Files, now: datetime
    ) -> None:
        with self.platform.database.read() as connection:
            role = who.partition(":")[0] or wait.roles[0]
            actor = _find_actor(connection, who or role, _unit_with(connection, home, role))
            raw = Page(self.platform, connection, actor, now).message(self.instance, wait.id, answers)
        self.platform.run(lambda uow: messages.send_message(uow, wait.id, raw, files), actor, now)


def _find_actor(connection: Connection, who: str, unit: Tenant) -> Actor:
    role, _, place = who.partition(":")
    people: Sequence[tuple[str, str]] = candidates(connection, unit.id, role)
    index = int(place or 1) - 1
    if index < len(people):
        return actor_for(connection, people[index][0], unit.id)
    found = user_by_login(connection, who)
    if found is None:
        raise ScenarioFailed("nobody is “%(who)s” at %(unit)s", who=who, unit=unit.name)
    user_id, units = found
    return actor_for(connection, user_id, unit.id if unit.id in units else units[0])


def _unit_with(connection: Connection, home: Tenant, role: str) -> Tenant:
    for tenant_id in home.lineage_ids:
        if candidates(connection, tenant_id, role):
            return find_tenant(connection, tenant_id) or home
    return home
