"""The film in full: one moment with everything behind it, all moments one after another, and the same as plain text."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.queries.audit import film
from web import access
from web.audit.details import Detail, Projector
from web.audit.pages import audit
from web.looking import read
from web.transaction import now, platform, reader

MOMENTS_PER_PAGE: Final = 250


@audit.get("/cases/<instance_id>/moments/<number>")
def moment(instance_id: str, number: str) -> ResponseReturnValue:
    """One moment. A number that there is not shows the nearest one; that it was looked at is itself recorded."""
    projector = _projector(instance_id)
    last = len(projector.film.facts)
    wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 7 else last
    at = max(1, min(wanted, last))
    detail = projector.detail(at)
    page = render_template("audit/moment.html", film=projector.film, detail=detail, last=last, teller=projector.teller)
    _note(projector, "moment", [detail])
    return page


@audit.get("/cases/<instance_id>/whole")
def whole(instance_id: str) -> ResponseReturnValue:
    """All moments in full, for reading and for paper; long films on several pages."""
    projector = _projector(instance_id)
    last = len(projector.film.facts)
    pages = -(-last // MOMENTS_PER_PAGE)
    text = request.args.get("page", "1")
    page = max(1, min(int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1, pages))
    details = _details(projector, page)
    shown = render_template(
        "audit/whole.html",
        film=projector.film,
        details=details,
        last=last,
        teller=projector.teller,
        page=page,
        pages=pages,
        address=lambda wanted: url_for("audit.whole", instance_id=instance_id, page=wanted),
    )
    _note(projector, "whole", details)
    return shown


@audit.get("/cases/<instance_id>/film.txt")
def text(instance_id: str) -> ResponseReturnValue:
    """The film as plain text, for mail, notes and braille lines."""
    projector = _projector(instance_id)
    pages = -(-len(projector.film.facts) // MOMENTS_PER_PAGE)
    details = [detail for page in range(1, pages + 1) for detail in _details(projector, page)]
    content = render_template("audit/film.txt", film=projector.film, details=details, teller=projector.teller)
    _note(projector, "text", details)
    response = Response(content, mimetype="text/plain")
    name = quote(f"{projector.film.case.number}.txt", safe="")
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{name}"
    return response


def _projector(instance_id: str) -> Projector:
    found = film(reader(), platform().known, access.actor(), instance_id)
    return Projector(reader(), found, now())


def _details(projector: Projector, page: int) -> list[Detail]:
    first = (page - 1) * MOMENTS_PER_PAGE + 1
    until = min(first + MOMENTS_PER_PAGE, len(projector.film.facts) + 1)
    return [projector.detail(number) for number in range(first, until)]


def _note(projector: Projector, page: str, details: list[Detail]) -> None:
    case = projector.film.case
    read(case.id, case.number, page, fields={key for detail in details for key in detail.fields})
