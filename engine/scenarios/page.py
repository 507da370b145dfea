"""What a page would post for the answers of a step: what it opened with, and the answers laid over it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from engine.commands.answers import evaluator, form_of
from engine.errors import Rejected
from engine.model import Actor
from engine.queries.calendars import calendar_in_force
from engine.queries.case_states import waiting_form
from engine.queries.cases import case_page
from engine.queries.catalogue import definition_in_force
from engine.runtime.interpreter import ProcessDefinition
from engine.scenarios.script import ZONE
from engine.store.run import Platform
from forms.fields import to_raw
from forms.filling import filled_in

if TYPE_CHECKING:
    from sqlalchemy import Connection

Raw = dict[str, list[str]]


class Page:
    """A browser of one person at one moment; ``answers`` are typed, and already in the days of the play."""

    def __init__(self, platform: Platform, connection: Connection, actor: Actor, now: datetime) -> None:
        self.platform, self.connection, self.actor, self.now = platform, connection, actor, now

    def start(self, procedure: str, answers: Mapping[str, Any]) -> Raw:
        """The form that opens a case."""
        definition, manifest, _ = definition_in_force(
            self.connection, self.platform.known, self.actor.tenant, procedure, self.now
        )
        return self._filled(definition, manifest["start_form"], self.actor.roles, {}, answers)

    def task(self, task_id: str, answers: Mapping[str, Any]) -> Raw:
        """The form of a task; the bare answers when there is no such page any more, so that the refusal is seen."""
        found = waiting_form(self.connection, self.platform.known, task_id)
        if found is None:
            return raw_answers(answers)
        return self._filled(found.definition, found.form, frozenset({found.role}), found.variables, answers)

    def message(self, instance_id: str, wait_id: str, answers: Mapping[str, Any]) -> Raw:
        """The form of a report, where it has one."""
        try:
            page = case_page(self.connection, self.platform.known, self.actor, instance_id)
        except Rejected:
            return raw_answers(answers)
        form = next((message.form for message in page.messages if message.id == wait_id), "")
        if not form:
            return raw_answers(answers)
        return self._filled(page.definition, form, self.actor.roles, page.frame.variables, answers)

    def _filled(
        self,
        definition: ProcessDefinition,
        key: str,
        roles: frozenset[str],
        variables: Mapping[str, Any],
        answers: Mapping[str, Any],
    ) -> Raw:
        calendar = calendar_in_force(self.connection, self.platform.known)
        evaluate = evaluator(self.now, calendar, definition.profile)
        return filled_in(form_of(definition, key), roles, variables, answers, evaluate)


def raw_answers(answers: Mapping[str, Any]) -> Raw:
    """The answers alone, as texts."""
    return {key: list(to_raw(value)) for key, value in answers.items()}


def shifted(answers: Mapping[str, Any], shift: timedelta) -> dict[str, Any]:
    """The answers in the days of a play: dates move with the story, days of birth do not."""
    return {key: value if key.startswith("birth") else _shifted(value, shift) for key, value in answers.items()}


def _shifted(value: Any, shift: timedelta) -> Any:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=ZONE)) + shift
    return value + shift if isinstance(value, date) else value
