"""Why did it go this way, and why is it still here? Answered in sentences for any element of a case."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue

from engine.commands.reading import note_reading
from engine.errors import NotFound
from engine.queries.audit import film
from engine.queries.explain import Explainer, Visit
from web import access
from web.audit.pages import audit
from web.audit.teller import Teller
from web.language import gettext
from web.language import moment as in_words
from web.render.outline import KINDS
from web.transaction import now, perform, platform, reader


@dataclass(frozen=True)
class Told:
    """One visit in words: ``title``, then sentences; the tables are made from ``visit`` itself."""

    number: int
    title: str
    sentences: tuple[str, ...]
    visit: Visit


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
    page = render_template(
        "audit/why.html",
        film=found,
        name=teller.call(element),
        kind=gettext(KINDS[element.kind]) if element.kind in KINDS else "",
        told=[_told(teller, number, visit) for number, visit in enumerate(explainer.visits(element_id), 1)][::-1],
        teller=teller,
    )
    perform(lambda uow: note_reading(uow, found.case.id, found.case.number, "why"), actor)
    return page


def _told(teller: Teller, number: int, visit: Visit) -> Told:
    since = in_words(visit.since.at)
    title = (
        gettext("Visit %(number)s: here since %(since)s", number=number, since=since)
        if visit.is_open and teller.ended is None
        else gettext("Visit %(number)s: %(since)s", number=number, since=since)
    )
    return Told(number, title, tuple(teller.passage(visit)), visit)
