"""Why did it go this way, and why is it still here? Answered in sentences for any element of a case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import render_template
from flask.typing import ResponseReturnValue

from engine.commands.reading import note_reading
from engine.definition.diagram import Element
from engine.history import events as e
from engine.history.facts import ERASED
from engine.queries.audit import Film, film
from engine.queries.explain import Explanation, Visit, Way, explain
from web import access
from web.audit.inspections import span_in_words
from web.audit.labels import Labels
from web.audit.pages import audit
from web.language import N_, day, gettext, moment, translate, word
from web.render.outline import KINDS
from web.render.sentences import Names, names_in, sentence
from web.render.words import role_name, role_names
from web.transaction import now, perform, platform, reader

TERMS: Final = {
    "dueWorkingDays": N_("The term is counted in working days from the day after it came: %(rule)s."),
    "dueDays": N_("The term is counted in days from the day after it came, and ends on a working day: %(rule)s."),
    "dueMonths": N_("The term is counted in months, and ends on a working day: %(rule)s."),
}


@dataclass(frozen=True)
class Told:
    """One visit in words: ``title``, then sentences; the tables are made from ``visit`` itself."""

    number: int
    title: str
    sentences: tuple[str, ...]
    visit: Visit
    is_now: bool


@audit.get("/cases/<instance_id>/why/<element_id>")
def why(instance_id: str, element_id: str) -> ResponseReturnValue:
    """Everything about one element of a case. That it was looked at is itself recorded."""
    actor = access.actor()
    found = film(reader(), platform().known, actor, instance_id)
    explanation = explain(reader(), found, element_id)
    teller = _Teller(found, explanation, now())
    page = render_template(
        "audit/why.html",
        film=found,
        explanation=explanation,
        name=teller.call(explanation.element),
        kind=gettext(KINDS[explanation.element.kind]) if explanation.element.kind in KINDS else "",
        told=[teller.tell(number, visit) for number, visit in enumerate(explanation.visits, 1)][::-1],
        teller=teller,
    )
    perform(lambda uow: note_reading(uow, found.case.id, found.case.number, "why"), actor)
    return page


class _Teller:
    """Puts visits into sentences of the reader's language."""

    def __init__(self, film: Film, explanation: Explanation, at: datetime) -> None:
        self.film, self.explanation, self.at = film, explanation, at
        self.names: Names = names_in(film.definition, film.names)
        self.labels = Labels(film)
        self.ended = film.facts[-1].at if film.frames[-1].standing.ended else None

    def call(self, element: Element) -> str:
        """What an element is called; its kind where nobody named it."""
        return word(" ".join(element.name.split())) or gettext(KINDS.get(element.kind, KINDS["task"]))

    def value(self, name: str, value: object) -> str:
        """A value as its form shows it, with the question's label."""
        return f"{self.labels.label(name)} = {self.labels.value(name, value) or gettext('(nothing)')}"

    def verdict(self, way: Way) -> str:
        """What a way's condition came to."""
        if way.is_default:
            return gettext("otherwise")
        if way.flow.condition is None:
            return gettext("without condition")
        if way.is_doubtful:
            return gettext("cannot be computed again from the data of the whole case")
        return gettext("holds") if way.holds else gettext("does not hold")

    def tell(self, number: int, visit: Visit) -> Told:
        """One visit."""
        is_now = visit.is_open and self.ended is None
        title = (
            gettext("Visit %(number)s: here since %(since)s", number=number, since=moment(visit.since.at))
            if is_now
            else gettext("Visit %(number)s: %(since)s", number=number, since=moment(visit.since.at))
        )
        return Told(number, title, tuple(self._sentences(visit, is_now)), visit, is_now)

    def _sentences(self, visit: Visit, is_now: bool) -> Iterator[str]:
        if visit.source is not None and visit.came_by is not None:
            yield gettext("The case came here from “%(source)s”.", source=self.call(visit.source))
        event = visit.since.event
        if isinstance(event, e.UserTaskCreated):
            yield from self._work(visit, event)
        else:
            yield from self._wait(event)
        until = visit.until
        if is_now:
            yield gettext("It has been here for %(span)s.", span=span_in_words(self.at - visit.since.at))
        elif until is not None and until is not visit.since:
            span = span_in_words(until.at - visit.since.at)
            who = self.names.users.get(until.actor, "") if isinstance(until.event, _BY_PEOPLE) else ""
            what = sentence(until.event, self.names)
            yield (
                gettext("It ended after %(span)s: %(who)s %(what)s.", span=span, who=who, what=what)
                if who
                else gettext("It ended after %(span)s: %(what)s.", span=span, what=what)
            )

    def _work(self, visit: Visit, event: e.UserTaskCreated) -> Iterator[str]:
        unit = self.film.names.get(event.tenant, event.tenant)
        yield gettext("It is work for %(role)s at %(unit)s.", role=role_name(event.role), unit=unit)
        element, lane = self.explanation.element, self.explanation.diagram.lane_of(self.explanation.element.id)
        said = {**(lane.attributes if lane else {}), **element.attributes}
        if "tenant" in element.attributes or ("tenant" in said and "level" not in element.attributes):
            yield gettext("The unit is the one that the case itself names.")
        elif "level" in said:
            yield gettext("The unit is the nearest one of its level, as the diagram says.")
        holder = self._holder(visit, event.task)
        if holder:
            yield gettext("%(who)s has taken it on.", who=holder)
        if event.due_at is None:
            yield gettext("It has no date by which it must be done.")
            return
        yield gettext("It must be done by the end of %(day)s.", day=day(event.due_at))
        for kind, term in TERMS.items():
            if kind in element.attributes:
                yield translate(term, {"rule": element.attributes[kind].removeprefix("=")})
        if "dueFrom" in element.attributes:
            yield gettext("It is counted from a day that the case itself names.")
        if event.due_provisional:
            yield gettext("The day is provisional: there was no official calendar yet.")
        if (visit.until.at if visit.until else self.at) > event.due_at:
            yield gettext("That day has passed.")

    def _holder(self, visit: Visit, task: str) -> str:
        holder = ""
        for fact in self.film.facts:
            match fact.event:
                case e.UserTaskClaimed() | e.UserTaskReassigned() as taken if taken.task == task:
                    holder = self.film.names.get(taken.user, taken.user)
                case e.UserTaskReleased() as released if released.task == task:
                    holder = ""
        return holder if visit.is_open else ""

    def _wait(self, event: e.Event) -> Iterator[str]:
        match event:
            case e.TimerScheduled(due_at=due_at) if due_at is not None:
                yield gettext("It waits for a moment: %(moment)s.", moment=moment(due_at))
            case e.MessageAwaited(roles=[]):
                yield gettext("It waits for a message from other software.")
            case e.MessageAwaited(roles=roles):
                yield gettext("It waits until %(roles)s report it; nobody has to.", roles=role_names(roles))
            case e.ConnectorRequested():
                yield gettext("The machine does this; it tries again by itself when it fails.")
            case e.IncidentRaised(template=template, params=params):
                yield gettext("Something could not be done, and a person must look.")
                yield gettext("(personal data erased)") if params == ERASED else translate(template, params)
            case e.ScopeEntered():
                yield gettext("The case is inside, until everything there has ended.")


_BY_PEOPLE = (e.UserTaskCompleted, e.MessageReceived, e.IncidentResolved, e.InstanceCancelled)
