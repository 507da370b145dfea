"""Why each fact of a film came about: one sentence or more for every kind, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator

from engine.definition.diagram import Element
from engine.history import events as e
from engine.queries.explain import Visit
from web.audit.teller import Teller, readable, span_in_words
from web.language import day, gettext, moment, word
from web.render.words import role_name


class Reasons:
    """Tells why, for one film."""

    def __init__(self, teller: Teller) -> None:
        self.teller, self.film = teller, teller.film

    def of(self, at: int, visit: Visit | None) -> list[str]:
        """The reasons of the fact with this index (from 0); ``visit`` is the passage it belongs to. Never empty."""
        event = self.film.facts[at].event
        said = [*self._about_element(at, visit, event), *self._about_case(at, event)]
        if not said or self._follows(at):
            said.insert(0, self._cause(at))
        return said

    def _follows(self, at: int) -> bool:
        """Whether this came of itself with something that a person or the clock did."""
        return self.teller.explainer.cause_of(at) != at

    def _cause(self, at: int) -> str:
        cause = self.teller.explainer.cause_of(at)
        fact = self.film.facts[cause]
        if cause == at:
            who, unit = self.teller.who(fact), self.teller.unit(fact.tenant, fact.at)
            return gettext("%(who)s did this for %(unit)s.", who=who, unit=unit)
        return gettext(
            "It followed at once from moment %(number)s: %(what)s.", number=cause + 1, what=self.teller.what(cause)
        )

    # -------------------------------------------------------------- at an element

    def _about_element(self, at: int, visit: Visit | None, event: e.Event) -> Iterator[str]:
        if visit is None or not isinstance(event, e.AtElement):
            return
        match event:
            case e.UserTaskCreated():
                yield from self._came(visit)
                yield from self._again(at)
                yield from self.teller.inside(at)
                yield from self.teller.work(visit, event)
            case e.UserTaskCompleted():
                yield from self.teller.inside(at)
                yield from self._acted(at, visit)
                yield from self._corrected(at)
            case e.ElementCompleted():
                yield from self._came(visit)
                yield from self._passed(visit, event)
            case e.DecisionEvaluated():
                yield from self._came(visit)
                yield gettext("The table was given the data of the case; the rows that fit decided.")
            case e.ScopeLeft(cancelled=True):
                yield gettext("It was broken off; what was open inside was taken back.")
            case e.ScopeLeft():
                yield gettext("Everything inside had ended.")
            case e.TimerFired():
                yield from self._fired(at, visit)
            case e.MessageReceived():
                yield from self._acted(at, visit)
            case e.UserTaskCancelled() | e.TimerCancelled() | e.ConnectorCancelled() | e.MessageWaitEnded():
                yield gettext("The case went on another way, so this is no longer waited for.")
                yield from self._lasted(at, visit)
            case e.ConnectorFinished():
                yield gettext("The machine had been asked to; what it brought back is now part of the data.")
                yield from self._lasted(at, visit)
            case e.UserTaskMoved():
                yield from self._moved(event)
            case e.WaitMoved():
                yield gettext("Nothing about it changed but its place in the diagram.")
            case _:
                yield from self._came(visit)
                yield from self.teller.inside(at)
                yield from self.teller.waiting(visit, event)

    def _again(self, at: int) -> Iterator[str]:
        before = self.teller.explainer.work_before(at)
        if before:
            yield gettext(
                "The case has come back here: this is time %(count)s; the time before began with moment %(number)s.",
                count=len(before) + 1,
                number=before[-1] + 1,
            )

    def _corrected(self, at: int) -> Iterator[str]:
        changed = [key for key, before in self.teller.explainer.items.changed(at) if before not in (None, "", [])]
        if changed:
            moments = sorted(set(self.teller.explainer.origins(changed, at, before=True).values()))
            yield gettext(
                "Other answers were there before; they stay in the record, at moment %(numbers)s.",
                numbers=[str(number) for number in moments],
            )

    def _moved(self, event: e.UserTaskMoved) -> Iterator[str]:
        if event.reassigned:
            role, unit = role_name(event.role), self.teller.unit(event.tenant)
            yield gettext("It is work for %(role)s at %(unit)s.", role=role, unit=unit)
        else:
            yield gettext("Who may do it stays as it was.")
        if event.rescheduled and event.due_at is not None:
            yield gettext("It must be done by the end of %(day)s.", day=day(event.due_at))
        elif not event.rescheduled:
            yield gettext("Until when it must be done stays as it was.")

    def _came(self, visit: Visit) -> Iterator[str]:
        if visit.source is None or visit.came_by is None:
            return
        source, way = self.teller.call(visit.source), word(visit.came_by.name)
        yield (
            gettext("The case came here from “%(source)s”, by the way “%(way)s”.", source=source, way=way)
            if way
            else gettext("The case came here from “%(source)s”.", source=source)
        )

    def _passed(self, visit: Visit, event: e.ElementCompleted) -> Iterator[str]:
        place = self.teller.explainer.place(event.element)
        if place is None:
            return
        diagram, element = place
        if event.joined:
            yield gettext("Here %(count)s branches came together.", count=len(event.joined) + 1)
        taken = [way for way in visit.ways if way.taken]
        for way in taken:
            target, verdict = self.teller.call(way.target), self.teller.verdict(way)
            yield gettext("It went on to “%(target)s”: %(verdict)s.", target=target, verdict=verdict)
        yield from self._kind(element, bool(diagram.flows_out(element.id)))

    def _kind(self, element: Element, goes_on: bool) -> Iterator[str]:
        match element.kind:
            case "startEvent":
                yield gettext("Here the process begins.")
            case "endEvent":
                yield gettext("Here this branch ends.")
            case "scriptTask":
                yield gettext("The diagram computes this from the data of the case.")
            case "parallelGateway" if goes_on:
                yield gettext("From here all ways are taken at once.")

    def _acted(self, at: int, visit: Visit) -> Iterator[str]:
        fact, opened = self.film.facts[at], self.teller.explainer.work_at(at)
        who, unit = self.teller.who(fact), self.teller.unit(fact.tenant, fact.at)
        if isinstance(opened, e.UserTaskCreated):
            yield gettext("%(who)s acted for %(unit)s as %(role)s.", who=who, unit=unit, role=role_name(opened.role))
            if opened.due_at is not None:
                late = fact.at > opened.due_at
                yield (
                    gettext("It was due by %(moment)s; it was done too late.", moment=moment(opened.due_at))
                    if late
                    else gettext("It was due by %(moment)s; it was done in time.", moment=moment(opened.due_at))
                )
        else:
            yield gettext("%(who)s did this for %(unit)s.", who=who, unit=unit)
        yield from self._lasted(at, visit)

    def _fired(self, at: int, visit: Visit) -> Iterator[str]:
        due = getattr(visit.since.event, "due_at", None)
        if due is not None:
            yield gettext("It had been set for %(moment)s, and that time had come.", moment=moment(due))
        yield from self._lasted(at, visit)

    def _lasted(self, at: int, visit: Visit) -> Iterator[str]:
        since = visit.since
        if since is not self.film.facts[at]:
            number = self.film.facts.index(since) + 1
            span = span_in_words(self.film.facts[at].at - since.at)
            yield gettext("It had waited for %(span)s, since moment %(number)s.", span=span, number=number)

    # -------------------------------------------------------------- about the case as a whole

    def _about_case(self, at: int, event: e.Event) -> Iterator[str]:
        fact = self.film.facts[at]
        who, unit = self.teller.who(fact), self.teller.unit(fact.tenant, fact.at)
        reason = readable(getattr(event, "reason", ""))
        match event:
            case e.InstanceStarted(pins=pins, sent=sent):
                yield (
                    gettext("A message began it, sent by %(who)s for %(unit)s.", who=who, unit=unit)
                    if sent
                    else gettext("%(who)s did this for %(unit)s.", who=who, unit=unit)
                )
                yield gettext(
                    "The %(count)s files in force for this unit then hold for the whole case.", count=len(pins)
                )
            case e.InstanceDescribed():
                yield gettext("The diagram says what a case is called, and computes it from its data.")
            case e.InstanceCompleted():
                yield gettext("Nothing is open any more; the end that was reached last is the outcome.")
            case e.InstanceCancelled():
                yield gettext("%(who)s of %(unit)s ended it: %(reason)s", who=who, unit=unit, reason=reason)
            case e.UserTaskClaimed() | e.UserTaskReleased():
                yield gettext(
                    "%(who)s did this for %(unit)s, so that colleagues see who has it in hand.", who=who, unit=unit
                )
            case e.UserTaskReassigned():
                yield gettext("%(who)s of %(unit)s gave this reason: %(reason)s", who=who, unit=unit, reason=reason)
            case e.FileAttached():
                yield gettext("%(who)s handed it in together with the answers.", who=who)
            case e.PaperIssued(document=document):
                yield gettext("The procedure issues this paper; its words come from a published template.")
                yield from self._template(document)
            case e.IncidentResolved(how=how):
                yield (
                    gettext("%(who)s let the case go on without it: %(reason)s", who=who, reason=reason)
                    if how == "skipped"
                    else gettext("%(who)s let the machine try again: %(reason)s", who=who, reason=reason)
                )
            case e.InstanceMigrated(label=label, mapping=mapping):
                yield gettext("%(who)s of %(unit)s gave this reason: %(reason)s", who=who, unit=unit, reason=reason)
                yield gettext("From here on the case follows another version: %(label)s.", label=label or "…")
                yield gettext("%(count)s steps took the place of others; what was done stays done.", count=len(mapping))
            case e.ErasureDeclined():
                yield gettext("%(who)s of %(unit)s gave this reason: %(reason)s", who=who, unit=unit, reason=reason)
            case e.AnswersErased(legal_basis=basis) | e.ErasureRequested(legal_basis=basis):
                yield gettext("Reason: %(reason)s. Legal basis: %(basis)s.", reason=reason, basis=readable(basis))

    def _template(self, document: str) -> Iterator[str]:
        found = self.teller.resources.get(self.film.pins.get(f"document:{document}", ""))
        if found is not None:
            yield gettext(
                "The template is version %(version)s, published for %(unit)s.",
                version=found.version,
                unit=found.owner.name,
            )
