"""Who looked at a case: looking is work that leaves a trace, and the trace can be read and handed over."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from engine.errors import FieldProblem, NotFound
from engine.history import events as e
from engine.history.facts import Fact
from engine.queries.audit import film
from engine.queries.cases import CaseRow, case_row_of, definition_of
from engine.queries.erasures import case_by_number
from engine.queries.export_xes import harmless
from engine.queries.readings import Readings, readings_of
from engine.runtime.interpreter import ProcessDefinition
from web import access, purpose
from web.audit.labels import Labels
from web.audit.pages import audit
from web.language import N_, ZONE, gettext, word
from web.looking import LISTS, read
from web.render.sentences import who_acted
from web.transaction import now, platform, reader

looks = Blueprint("looks", __name__, url_prefix="/looks")

PAGES: Final = {
    "replay": N_("the replay"),
    "moment": N_("one moment"),
    "whole": N_("the whole film"),
    "text": N_("the film as plain text"),
    "verify": N_("the verification"),
    "why": N_("why it went as it did"),
    "readers": N_("who looked"),
    "case": N_("the page of the case"),
    "task": N_("the form of a task"),
    "report": N_("the form of a report"),
    "file": N_("took a file or paper"),
    "answer": N_("who looked, to be told to the person concerned"),
}
"""What a page is called that was looked at."""

COLUMNS: Final = (
    N_("When"),
    N_("Who"),
    N_("Unit"),
    N_("What"),
    N_("Fields"),
    N_("Purpose"),
    N_("SHA-256 of the file"),
)
"""What a list of looks says of each, in a file."""


@dataclass(frozen=True, slots=True)
class Look:
    """One line: when, who of which unit, what of the case, for which purpose, and the digest of what was taken.

    ``fields`` are the fields whose answers were shown, by their names.
    """

    at: datetime
    who: str
    unit: str
    what: str
    purpose: str
    digest: str
    fields: tuple[str, ...]


@audit.get("/cases/<instance_id>/readers")
def readers(instance_id: str) -> ResponseReturnValue:
    """Everybody who looked at the case or took its dossier, newest first, with the digest of what was taken."""
    actor = access.actor()
    found = film(reader(), platform().known, actor, instance_id)
    readings = readings_of(reader(), instance_id)
    page = render_template(
        "audit/readers.html",
        case=found.case,
        looks=lines(readings, found.definition),
        is_whole=readings.is_whole,
    )
    read(found.case.id, found.case.number, "readers")
    return page


@audit.get("/cases/<instance_id>/readers.csv")
def readers_file(instance_id: str) -> ResponseReturnValue:
    """The same list for a spreadsheet."""
    found = film(reader(), platform().known, access.actor(), instance_id)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([gettext(head) for head in COLUMNS])
    for look in lines(readings_of(reader(), instance_id), found.definition):
        fields = gettext(", ").join(look.fields)
        told = (look.at.isoformat(), look.who, look.unit, look.what, fields, look.purpose, look.digest)
        writer.writerow([harmless(text) for text in told])
    read(found.case.id, found.case.number, "readers")
    response = Response(out.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    response.headers["Content-Disposition"] = "attachment; filename=looks.csv"
    return response


@looks.get("")
def answer() -> ResponseReturnValue:
    """By the number of a case: a page to print and hand to the person concerned, who asked who looked."""
    number, actor = request.args.get("number", "").strip()[:80], access.actor()
    if not number:
        return render_template("audit/answer.html", number="", case=None, problems=[])
    try:
        case: CaseRow = case_row_of(reader(), actor, case_by_number(reader(), actor, number))
    except NotFound as missing:
        problems = [FieldProblem("number", missing.template, missing.params)]
        return render_template("audit/answer.html", number=number, case=None, problems=problems), 404
    readings = readings_of(reader(), case.id)
    page = render_template(
        "audit/answer.html",
        number=number,
        case=case,
        problems=[],
        looks=lines(readings, definition_of(reader(), platform().known, case.id)),
        made_at=now(),
        is_whole=readings.is_whole,
    )
    read(case.id, case.number, "answer")
    return page


def lines(readings: Readings, definition: ProcessDefinition) -> list[Look]:
    """One line for each look; of lists that one person saw on one day, the newest stands for all of the same kind."""
    labels = Labels(definition, {})
    facts = {_line_key(fact): fact for fact in reversed(readings.facts)}
    return [
        Look(
            fact.at,
            who_acted(fact, readings.names),
            readings.names.get(fact.tenant, fact.tenant),
            _what(fact.event, definition),
            purpose.in_words(getattr(fact.event, "purpose_key", ""), getattr(fact.event, "purpose", "")),
            getattr(fact.event, "digest", ""),
            tuple(sorted(labels.label(key) for key in getattr(fact.event, "fields", ()))),
        )
        for fact in sorted(facts.values(), key=lambda fact: fact.at, reverse=True)
    ]


def without_names(told: list[Look], readings: Readings) -> list[Look]:
    """The same lines for a masked dossier: nobody is named, and of a purpose only what the list calls it."""
    keys = {fact.at: getattr(fact.event, "purpose_key", "") for fact in readings.facts}
    return [
        replace(look, who=gettext("a person"), purpose=purpose.name_of(keys.get(look.at, "")), digest="", fields=())
        for look in told
    ]


def _element(id_: str, definition: ProcessDefinition) -> str:
    found = (diagram.elements.get(id_) for diagram in definition.processes.values())
    return next((word(element.name) for element in found if element is not None), "")


def _line_key(fact: Fact) -> object:
    if isinstance(fact.event, e.CasesListed):
        return fact.at.astimezone(ZONE).date(), fact.actor, fact.tenant, fact.event.where
    return id(fact)


def _what(event: e.Event, definition: ProcessDefinition) -> str:
    match event:
        case e.CaseViewed(page=page, part=part):
            form = definition.forms.get(part) if page in ("task", "report") else None
            said = gettext(PAGES[page]) if page in PAGES else page
            named = word(form.title) if form else (_element(part, definition) if page == "why" else "")
            return gettext("%(page)s: %(part)s", page=said, part=named) if named else said
        case e.CasesSearched():
            return gettext("found it by a search")
        case e.CasesListed(where=where):
            said = gettext(LISTS[where]) if where in LISTS else where
            return gettext("saw its name in a list: %(list)s", list=said)
        case e.SampleDrawn():
            return gettext("drew it for inspection")
        case e.CasesExported(form=form):
            return gettext("took it away in an export with names (%(form)s)", form=form)
        case e.DossierMade(masked=True):
            return gettext("took the masked dossier")
        case e.DossierMade():
            return gettext("took the full dossier")
    return ""
