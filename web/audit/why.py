"""Why did it go this way, and why is it still here? Answered in sentences for any element of a case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue

from engine.definition.diagram import Diagram
from engine.errors import NotFound
from engine.queries.absence import absence
from engine.queries.audit import Film, film
from engine.queries.explain import Explainer, Visit
from engine.queries.passages import OPENS
from web import access, shown
from web.audit import absent
from web.audit.pages import audit
from web.audit.reasons import Reasons
from web.audit.teller import Teller
from web.language import gettext, word
from web.language import moment as in_words
from web.looking import read
from web.render.outline import KINDS
from web.transaction import now, platform, reader


@dataclass(frozen=True)
class Told:
    """One visit in words: ``title``, then sentences; the tables are made from ``visit`` itself."""

    number: int
    title: str
    sentences: tuple[str, ...]
    visit: Visit


@dataclass(frozen=True)
class Listed:
    """One element in the list of all: ``after`` is what leads to one without a name; ``times`` the case was there."""

    id: str
    name: str
    kind: str
    after: str
    times: int
    is_open: bool


@audit.get("/cases/<instance_id>/why")
def elements(instance_id: str) -> ResponseReturnValue:
    """Every element of every diagram of the case, those it never came to included, each with its page of reasons."""
    actor = access.actor()
    found = film(reader(), platform().known, actor, instance_id)
    teller = Teller(Explainer(reader(), found), now())
    visits = Counter((visit.process, visit.element) for visit in found.frames[-1].visits)
    present = {(visit.process, visit.element) for visit in found.frames[-1].open_visits()}
    listed = [
        (word(diagram.name or diagram.process), list(_listed(teller, diagram, visits, present)))
        for diagram in found.definition.processes.values()
    ]
    page = render_template("audit/elements.html", film=found, listed=listed)
    read(found.case.id, found.case.number, "why")
    return page


def _listed(
    teller: Teller, diagram: Diagram, visits: Mapping[tuple[str, str], int], present: Collection[tuple[str, str]]
) -> Iterator[Listed]:
    for element in diagram.elements.values():
        sources = [diagram.elements[diagram.flows[flow].source] for flow in element.incoming]
        host = diagram.elements.get(element.attached_to or "")
        after = "" if element.name else next((teller.call(one) for one in [*([host] if host else []), *sources]), "")
        place = (diagram.process, element.id)
        kind = gettext(KINDS[element.kind]) if element.name and element.kind in KINDS else ""
        yield Listed(element.id, teller.call(element), kind, after, visits.get(place, 0), place in present)


@audit.get("/cases/<instance_id>/why/<element_id>")
def why(instance_id: str, element_id: str) -> ResponseReturnValue:
    """Everything about one element of a case. That it was looked at is itself recorded."""
    actor = access.actor()
    found = film(reader(), platform().known, actor, instance_id)
    explainer = Explainer(reader(), found)
    place = explainer.place(element_id)
    if place is None:
        raise NotFound("There is no such case, or it is not yours to see.")
    _, element = place
    teller = Teller(explainer, now())
    visits = [_told(teller, number, visit) for number, visit in enumerate(explainer.visits(element_id), 1)][::-1]
    missing = absence(explainer, element_id)
    page = render_template(
        "audit/why.html",
        film=found,
        name=teller.call(element),
        kind=gettext(KINDS[element.kind]) if element.kind in KINDS else "",
        told=visits,
        missing=list(absent.told(teller, missing)) if missing and (missing.is_waiting or not visits) else [],
        is_waiting=missing is not None and missing.is_waiting,
        teller=teller,
    )
    read(found.case.id, found.case.number, "why", element_id, shown.in_moments(found, _moments(found, element_id)))
    return page


def _moments(found: Film, element_id: str) -> list[int]:
    """The moments of an element: their answers, inputs and results are told on its page."""
    return [n for n, fact in enumerate(found.facts, 1) if getattr(fact.event, "element", "") == element_id]


def _told(teller: Teller, number: int, visit: Visit) -> Told:
    since = in_words(visit.since.at)
    title = (
        gettext("Visit %(number)s: here since %(since)s", number=number, since=since)
        if visit.is_open and teller.ended is None
        else gettext("Visit %(number)s: %(since)s", number=number, since=since)
    )
    if isinstance(visit.since.event, OPENS):
        said = list(teller.passage(visit))
    else:  # what is passed in one moment has the reasons of that moment
        said = Reasons(teller).of(teller.film.facts.index(visit.since), visit)
    return Told(number, title, tuple(said), visit)
