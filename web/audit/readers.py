"""Who looked at a case: looking is work that leaves a trace, and the trace can be read."""

from __future__ import annotations

from typing import Final

from flask import render_template
from flask.typing import ResponseReturnValue

from engine.commands.reading import note_reading
from engine.history import events as e
from engine.queries.audit import film
from engine.queries.readings import readings_of
from web import access
from web.audit.pages import audit
from web.language import N_, gettext
from web.transaction import perform, platform, reader

PAGES: Final = {
    "replay": N_("the replay"),
    "moment": N_("one moment"),
    "whole": N_("the whole film"),
    "text": N_("the film as plain text"),
    "verify": N_("the verification"),
    "why": N_("why it went as it did"),
    "readers": N_("who looked"),
}
"""What a page is called that was looked at."""


@audit.get("/cases/<instance_id>/readers")
def readers(instance_id: str) -> ResponseReturnValue:
    """Everybody who looked at the case or took its dossier, newest first, with the digest of what was taken."""
    actor = access.actor()
    found = film(reader(), platform().known, actor, instance_id)
    readings = readings_of(reader(), instance_id)
    rows = [
        (
            fact,
            readings.names.get(fact.actor, fact.actor),
            readings.names.get(fact.tenant, fact.tenant),
            _what(fact.event),
        )
        for fact in readings.facts
    ]
    page = render_template("audit/readers.html", case=found.case, rows=rows)
    perform(lambda uow: note_reading(uow, found.case.id, found.case.number, "readers"), actor)
    return page


def _what(event: e.Event) -> str:
    match event:
        case e.CaseViewed(page=page):
            return gettext(PAGES[page]) if page in PAGES else page
        case e.DossierMade(masked=True):
            return gettext("took the masked dossier")
        case e.DossierMade():
            return gettext("took the full dossier")
    return ""
