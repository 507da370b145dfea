"""The form as the person saw it who answered it: its version, their role, the values and choices of that moment.

The values are those of the state that the step found, computed by running the case again up to it. Where that
cannot be done (a very long case, erased data) they are those of the whole case at that moment, and ``exact`` is
False: inside repeated work the two can differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import ShangmenError
from engine.history import events as e
from engine.history.facts import ERASED, Fact
from engine.queries.explain import Explainer
from engine.queries.past import place_after
from engine.queries.reexecution import states_before
from engine.runtime import interpreter
from engine.runtime.answering import evaluator
from engine.runtime.interpreter import ProcessDefinition
from forms.schema import Evaluate, Form, Option

FACTS_MAX = 1_500


@dataclass(frozen=True)
class Seen:
    """One form in one person's hands. ``resource`` is the pinned file, ``language`` "" where it was not recorded."""

    form: Form
    resource: str
    role: str
    tenant: str
    language: str
    variables: Mapping[str, Any]
    answers: Mapping[str, Any]
    evaluate: Evaluate
    options: Mapping[str, tuple[Option, ...]]
    exact: bool


class Looking:
    """Finds the forms of one film."""

    def __init__(self, explainer: Explainer) -> None:
        self.explainer, self.film = explainer, explainer.film
        self._states: dict[int, bytes] | None = None

    def seen_at(self, at: int) -> Seen | None:
        """The form that was answered with the fact of this index; None where no form was, or its answers are erased."""
        fact = self.film.facts[at]
        asked = self._asked(at, fact)
        if asked is None:
            return None
        key, role, answers, language = asked
        version = self.film.version_at(at)
        form = version.definition.forms.get(key)
        if form is None or answers == ERASED:
            return None
        first = self.explainer.first_of_command(at)
        variables = self._exact_variables(first, at, fact)
        before = self.film.frames[first - 1].variables if first else {}
        return Seen(
            form=form,
            resource=version.pins.get(f"form:{key}", ""),
            role=role,
            tenant=fact.tenant,
            language=language,
            variables=before if variables is None else variables,
            answers=answers,
            evaluate=evaluator(fact.at, self.explainer.calendar(fact), version.definition.profile),
            options=self._options(form, fact),
            exact=variables is not None,
        )

    def _asked(self, at: int, fact: Fact) -> tuple[str, str, Mapping[str, Any], str] | None:
        """Which form, in which role, with which answers and in which language."""
        match fact.event:
            case e.InstanceStarted(sent=sent) | e.MessageReceived(sent=sent) if sent:
                return None  # what other software or another case sent, nobody filled in
            case e.InstanceStarted(variables=answers, language=language):
                manifest = self.film.version_at(at).definition.manifest
                roles = manifest.get("start_roles") or []
                return str(manifest.get("start_form", "")), self._role(roles, fact), answers, language
            case e.UserTaskCompleted(answers=answers, language=language, form=key):
                work = self.explainer.work_at(at)
                return key, work.role if work else "", answers, language
            case e.MessageReceived(payload=answers, language=language):
                visit = self.explainer.visit_at(at)
                awaited = visit.since.event if visit else None
                if isinstance(awaited, e.MessageAwaited) and awaited.form:
                    return awaited.form, self._role(awaited.roles, fact), answers, language
        return None

    def _role(self, roles: list[str], fact: Fact) -> str:
        """The first of these roles that the acting person had."""
        holders = self.explainer.holders
        user = fact.on_behalf_of or fact.actor
        return next((r for r in roles if user in {h.user for h in holders.at(fact.tenant, r, fact.at)}), "")

    def _exact_variables(self, first: int, at: int, fact: Fact) -> Mapping[str, Any] | None:
        if isinstance(fact.event, e.InstanceStarted):
            return {}
        state = self._state_before(first)
        if not state:
            return None
        definition = self.film.version_at(at).definition
        try:
            if isinstance(fact.event, e.UserTaskCompleted):
                return interpreter.task_variables(definition, state, fact.event.task)
            return interpreter.variables(definition, state)
        except ShangmenError:
            return None

    def _state_before(self, first: int) -> bytes:
        if self._states is None:
            self._states = {}
            if len(self.film.facts) <= FACTS_MAX:
                found = states_before(self.film.facts, self.explainer.past, self._definition_at)
                self._states = dict(found)
        return self._states.get(first, b"")

    def _definition_at(self, at: int) -> ProcessDefinition:
        return self.film.version_at(at).definition

    def _options(self, form: Form, fact: Fact) -> dict[str, tuple[Option, ...]]:
        path = place_after("", (one for one in self.film.facts if one.seq <= fact.seq))
        return {
            field.key: tuple(
                Option(unit.id, unit.name)
                for unit in self.explainer.past.units_to_choose(path, field.options_from, fact.at, field.options_within)
            )
            for field in form.fields
            if field.options_from
        }
