"""Puts what happened to a case into sentences of the reader's language: passages of elements, and reasons of facts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final

from engine.definition.diagram import Diagram, Element
from engine.history import events as e
from engine.history.facts import ERASED, Fact
from engine.queries.audit import Version
from engine.queries.catalogue import PublishedResource, pinned
from engine.queries.explain import Explainer, Visit, Way
from engine.queries.items import Item
from engine.queries.table_rows import Row
from engine.queries.terms import Term
from web.audit import files
from web.audit.labels import Labels
from web.language import N_, current, day, gettext, moment, show, translate, word
from web.render.outline import KINDS
from web.render.sentences import Names, names_in, sentence
from web.render.words import role_name, role_names

TERMS: Final = {
    "dueWorkingDays": N_("The term in working days: %(count)s, counted from the day after %(start)s."),
    "dueDays": N_("The term in days: %(count)s, counted from the day after %(start)s; it ends on a working day."),
    "dueMonths": N_("The term in months: %(count)s, counted from %(start)s; it ends on a working day."),
}
_BY_PEOPLE = (e.UserTaskCompleted, e.MessageReceived, e.IncidentResolved, e.InstanceCancelled)


_LITERAL: Final = re.compile(r'"([^"\\]*)"|\b(?:true|false|null)\b')


class Teller:
    """Knows what everything in one case is called. ``at`` is the present moment."""

    def __init__(self, explainer: Explainer, at: datetime) -> None:
        self.explainer, self.film, self.at = explainer, explainer.film, at
        self.names: Names = names_in(self.film.definition, self.film.names, self.film.former)
        self.labels = Labels(self.film.definition, self.film.names)
        self.ended = self.film.facts[-1].at if self.film.frames[-1].standing.ended else None

    @cached_property
    def resources(self) -> Mapping[str, PublishedResource]:
        """The files that are or were in force for the case, by resource id."""
        pins = [self.film.pins, *(version.pins for version in self.film.versions)]
        return pinned(self.explainer.connection, {id_: id_ for found in pins for id_ in found.values()})

    def files(self, version: Version) -> list[str]:
        """The files of a version that the case followed."""
        return list(files.told(version.pins, version.definition, self.resources))

    # -------------------------------------------------------------- what things are called

    def call(self, element: Element) -> str:
        """What an element is called; its kind where nobody named it."""
        return word(" ".join(element.name.split())) or gettext(KINDS.get(element.kind, KINDS["task"]))

    def value(self, name: str, value: object) -> str:
        """A value as its form shows it, with the question's label."""
        return f"{self.labels.label(name)} = {self.labels.value(name, value) or gettext('(nothing)')}"

    def cell(self, row: Row, column: str, text: str) -> str:
        """A cell of a table in the words of its data, as the forms say them; "" where these are its own."""
        name = row.names.get(column, "")
        own: list[str] = []

        def said(found: re.Match[str]) -> str:
            value = {"true": True, "false": False}.get(found[0], found[1])
            words = self.labels.value(name, value) or gettext("(nothing)")
            if words == value:
                own.append(words)
            return words

        words = _LITERAL.sub(said, text)
        return "" if own or words == text or not name else words

    def person(self, user: str) -> str:
        """A person's name; what acts by itself is the machine."""
        return self.film.names.get(user) or (gettext("the machine") if user in ("", "system") else gettext("a person"))

    def who(self, fact: Fact) -> str:
        """Who did something, and for whom where a deputy did it."""
        if not fact.on_behalf_of:
            return self.person(fact.actor)
        principal = self.person(fact.on_behalf_of)
        return gettext("%(who)s for %(principal)s", who=self.person(fact.actor), principal=principal)

    def unit(self, tenant: str, at: datetime | None = None) -> str:
        """An organisation's name, as it was at a moment."""
        then = self.explainer.past.name_of(tenant, at) if at is not None else ""
        return then or self.film.names.get(tenant) or self.explainer.past.name_of(tenant) or gettext("an organisation")

    def verdict(self, way: Way) -> str:
        """What a way's condition came to."""
        if way.is_default:
            return gettext("otherwise")
        if way.flow.condition is None:
            return gettext("without condition")
        if way.is_doubtful:
            return gettext("cannot be computed again from the data of the whole case")
        return gettext("holds") if way.holds else gettext("does not hold")

    def what(self, at: int) -> str:
        """What the fact with this index says, without when and who."""
        return sentence(self.film.facts[at].event, self.names.then(self.film.facts[at].at))

    # -------------------------------------------------------------- the timeline (see ``web.render.timeline``)

    def element(self, event: e.AtElement) -> str:
        """What the element of a fact is called."""
        place = self.explainer.place(event.element)
        return self.call(place[1]) if place else gettext(KINDS["task"])

    def lane(self, event: e.Event) -> str:
        """Whose lane a fact lies in: a role at a unit, or the machine."""
        if isinstance(event, e.UserTaskCreated):
            return f"{role_name(event.role)} · {self.unit(event.tenant)}"
        return gettext("the machine")

    def within(self, scope: str) -> str:
        """In which visit of which called processes and subprocesses something happened, "" for the case itself."""
        return self._scopes.get(scope, "")

    def span(self, span: timedelta) -> str:
        """A span in words."""
        return span_in_words(span)

    @cached_property
    def _scopes(self) -> Mapping[str, str]:
        names: dict[str, str] = {}
        times: dict[tuple[str, str], int] = {}
        for fact in self.film.facts:
            event = fact.event
            if not isinstance(event, e.ScopeEntered):
                continue
            here = (event.element, event.scope)
            times[here] = times.get(here, 0) + 1
            name = self.element(event)
            if times[here] > 1:
                name = gettext("%(name)s, time %(count)s", name=name, count=times[here])
            item = self.explainer.items.of_scope(event.inner)
            if item is not None:
                name = self._named(item)
            names[event.inner] = " › ".join(part for part in (names.get(event.scope, ""), name) if part)
        return names

    def _named(self, item: Item) -> str:
        what = self._item(self.explainer.items.value(item, self.explainer.evaluate))
        return gettext("%(purpose)s: %(words)s", purpose=self.call(item.element), words=what)

    # -------------------------------------------------------------- one passage

    def passage(self, visit: Visit) -> Iterator[str]:
        """A passage of an element, from how the case came there to how it went on."""
        is_now = visit.is_open and self.ended is None
        if visit.source is not None and visit.came_by is not None:
            yield gettext("The case came here from “%(source)s”.", source=self.call(visit.source))
        event = visit.since.event
        if isinstance(event, e.UserTaskCreated):
            yield from self.work(visit, event)
        else:
            yield from self.waiting(visit, event)
        until = visit.until
        if is_now:
            yield gettext("It has been here for %(span)s.", span=span_in_words(self.at - visit.since.at))
        elif until is not None and until is not visit.since:
            span = span_in_words(until.at - visit.since.at)
            by_people = isinstance(until.event, _BY_PEOPLE) and until.actor in self.names.users
            who = self.who(until) if by_people else ""
            what = sentence(until.event, self.names.then(until.at))
            yield (
                gettext("It ended after %(span)s: %(who)s %(what)s.", span=span, who=who, what=what)
                if who
                else gettext("It ended after %(span)s: %(what)s.", span=span, what=what)
            )

    def work(self, visit: Visit, event: e.UserTaskCreated) -> Iterator[str]:
        """Why this role at this unit, and why by this day."""
        unit = self.unit(event.tenant, visit.since.at)
        yield gettext("It is work for %(role)s at %(unit)s.", role=role_name(event.role), unit=unit)
        place = self.explainer.place(event.element)
        if place is not None:
            yield from self._why_there(*place, unit)
        if event.item is not None:
            yield gettext("It is one of several: %(item)s.", item=self._item(event.item))
        holder = self._holder(visit, event.task)
        if holder:
            yield gettext("%(who)s has taken it on.", who=holder)
        if event.due_at is None:
            yield gettext("It has no date by which it must be done.")
            return
        yield gettext("It must be done by the end of %(day)s.", day=day(event.due_at))
        if place is not None:
            yield from self._why_then(place[1], visit.term)
        if event.due_provisional:
            yield gettext("The day is provisional: there was no official calendar yet.")
        if (visit.until.at if visit.until else self.at) > event.due_at:
            yield gettext("That day has passed.")

    def _why_there(self, diagram: Diagram, element: Element, unit: str) -> Iterator[str]:
        lane = diagram.lane_of(element.id)
        said = {**(lane.attributes if lane else {}), **element.attributes}
        if "tenant" in element.attributes or ("tenant" in said and "level" not in element.attributes):
            yield gettext("The unit is the one that the case itself names.")
            return
        if "level" not in said:
            yield gettext("The unit is the one where the case was opened.")
            return
        here = self.film.case.tenant
        yield gettext(
            "The diagram asks for the nearest unit of its level, going up from %(start)s: that is %(unit)s.",
            start=here.name,
            unit=unit,
        )

    def _why_then(self, element: Element, term: Term | None) -> Iterator[str]:
        attributes = element.attributes
        kind = next((kind for kind in TERMS if kind in attributes), "")
        if kind and term is not None:
            yield translate(TERMS[kind], {"count": term.length, "start": day(term.start)})
            yield from self.parameters(attributes[kind])
        if "dueFrom" in attributes:
            yield gettext("It is counted from a day that the case itself names.")
        if term is not None and term.nominal != term.end:
            yield gettext(
                "Counting alone leads to %(nominal)s; that is no working day, so the term ends on %(end)s.",
                nominal=day(term.nominal),
                end=day(term.end),
            )

    def parameters(self, expression: str) -> Iterator[str]:
        """Which local parameters an expression rests on, and on what they rest."""
        for key in re.findall(r"\bprofile\.([A-Za-z_]\w*)", expression):
            parameter = self.explainer.parameters.get(key)
            if parameter is None or not parameter.label:
                continue
            label = parameter.label_en if current() == "en" and parameter.label_en else parameter.label
            yield gettext(
                "“%(label)s” is %(value)s here; the basis is: %(source)s.",
                label=label,
                value=show(parameter.value),
                source=parameter.source or gettext("(nothing)"),
            )

    def inside(self, at: int) -> Iterator[str]:
        """For which item of repeated work a fact stands, where the fact itself does not say it."""
        items = self.explainer.items
        for item in items.of(at):
            if item.recorded is None:
                name, said = self.call(item.element), self._item(items.value(item, self.explainer.evaluate))
                yield gettext(
                    "It belongs to “%(name)s”, number %(number)s: %(item)s.", name=name, number=item.number, item=said
                )

    def _why_timer(self, event: e.AtElement) -> Iterator[str]:
        place = self.explainer.place(event.element)
        for definition in place[1].definitions if place else ():
            yield from self.parameters(definition.expression)

    def watched(self, event: e.AtElement) -> Iterator[str]:
        """At which step an event is attached, and whether it breaks that off."""
        place = self.explainer.place(event.element)
        host = place[0].elements.get(place[1].attached_to or "") if place else None
        if place is None or host is None:
            return
        yield (
            gettext("It is attached to “%(host)s” and breaks that off when it comes.", host=self.call(host))
            if place[1].interrupting
            else gettext("It is attached to “%(host)s”, which goes on when it comes.", host=self.call(host))
        )

    def _item(self, item: object) -> str:
        if item == ERASED:
            return readable(item)
        return self.unit(item) if isinstance(item, str) and self.explainer.past.name_of(item) else show(item)

    def _holder(self, visit: Visit, task: str) -> str:
        holder = ""
        for fact in self.film.facts:
            match fact.event:
                case e.UserTaskClaimed() | e.UserTaskReassigned() as taken if taken.task == task:
                    holder = self.person(taken.user)
                case e.UserTaskReleased() as released if released.task == task:
                    holder = ""
        return holder if visit.is_open else ""

    def waiting(self, visit: Visit, event: e.Event) -> Iterator[str]:
        """What something that no person has to do waits for."""
        if isinstance(event, e.TimerScheduled | e.MessageAwaited | e.EventAwaited):
            yield from self.watched(event)
        match event:
            case e.TimerScheduled(due_at=due_at) if due_at is not None:
                yield gettext("It waits for a moment: %(moment)s.", moment=moment(due_at))
                if visit.term is not None and visit.term.days:
                    working = sum(one.count is not None for one in visit.term.days)
                    yield gettext(
                        "Until then %(working)s of %(days)s days are working days in the calendar then in force.",
                        working=working,
                        days=len(visit.term.days),
                    )
                yield from self._why_timer(event)
            case e.MessageAwaited(roles=[]):
                yield gettext("It waits for a message from other software.")
            case e.MessageAwaited(roles=roles):
                yield gettext("It waits until %(roles)s report it; nobody has to.", roles=role_names(roles))
            case e.EventAwaited(kind="signal"):
                yield gettext("It waits for a signal from another case, or from outside.")
            case e.EventAwaited():
                yield gettext("It watches the data of the case until its condition holds.")
            case e.ConnectorRequested():
                yield gettext("The machine does this; it tries again by itself when it fails.")
            case e.IncidentRaised(template=template, params=params):
                yield gettext("Something could not be done, and a person must look.")
                yield readable(params) if params == ERASED else translate(template, params)
            case e.ScopeEntered():
                yield gettext("The case is inside, until everything there has ended.")


def readable(value: object) -> str:
    """A recorded text, or that it was erased under the law."""
    return gettext("(erased)") if value == ERASED else str(value)


def span_in_words(span: timedelta | None) -> str:
    """A span as people say it: days and hours, or minutes."""
    if span is None:
        return "–"
    minutes = int(span.total_seconds() // 60)
    days, hours = minutes // 1440, minutes % 1440 // 60
    if days:
        return gettext("%(days)s d %(hours)s h", days=days, hours=hours)
    if hours:
        return gettext("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes % 60)
    return gettext("%(minutes)s min", minutes=minutes)
