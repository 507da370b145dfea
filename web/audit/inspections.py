"""Many cases at once: samples for inspection, variants and waiting times, and exports."""

from __future__ import annotations

import re
import secrets
from datetime import datetime, timedelta
from typing import Final

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from engine.commands.reading import note_export, note_sample
from engine.errors import Rejected
from engine.history.events import CasesExported, SampleDrawn
from engine.history.seal import digest
from engine.queries.export_ocel import to_ocel
from engine.queries.export_xes import to_csv, to_json_lines, to_xes
from engine.queries.mining import variants, waitings
from engine.queries.sampling import draw
from engine.queries.traces import Wanted, traces
from web import access
from web.audit.pages import STATES, audit
from web.audit.teller import span_in_words
from web.language import ZONE
from web.render.words import words
from web.transaction import perform, reader

FORMS: Final = {
    "xes": ("XES (IEEE 1849)", to_xes, "application/xml", "xes"),
    "ocel": ("OCEL 2.0", to_ocel, "application/json", "json"),
    "csv": ("CSV", to_csv, "text/csv", "csv"),
    "jsonl": ("JSON Lines", to_json_lines, "application/x-ndjson", "jsonl"),
}
"""Form of an export → its name, its writer, its media type and the ending of its file."""

VARIANTS_MAX: Final = 50
_SIZE_AT_FIRST: Final = 10
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@audit.get("/sample")
def sample() -> ResponseReturnValue:
    """Draw a sample with ``?seed=``; without one, ask for it. The draw is recorded with seed and population."""
    seed = request.args.get("seed", "").strip()
    given = request.args.get("size", "")
    size = int(given) if given.isascii() and given.isdigit() and len(given) < 7 else _SIZE_AT_FIRST
    found = None
    if seed:
        actor = access.actor()
        found = draw(reader(), actor, _wanted(), seed, size)
        ids = [candidate.id for candidate in found.drawn]
        note = SampleDrawn(seed, len(ids), found.population, found.digest, ids)
        perform(lambda uow: note_sample(uow, note), actor)
    proposed = secrets.token_hex(4)
    return render_template("audit/sample.html", sample=found, seed=seed or proposed, size=size, **_choices())


@audit.get("/mining")
def mining() -> ResponseReturnValue:
    """Which ways the cases took, and how long each step waits at each unit."""
    found = traces(reader(), access.actor(), _wanted(), secrets.token_bytes(32))
    ways = variants(found)
    return render_template(
        "audit/mining.html",
        cases=len(found),
        ways=ways[:VARIANTS_MAX],
        more=max(0, len(ways) - VARIANTS_MAX),
        waitings=waitings(found),
        span=span_in_words,
        **_choices(),
    )


@audit.get("/exports")
def exports() -> ResponseReturnValue:
    """Ask in which form and for what purpose."""
    return render_template("audit/exports.html", forms=FORMS, **_choices())


@audit.get("/exports/file")
def export() -> ResponseReturnValue:
    """The export itself: pseudonymous unless ``?names=yes``; recorded with its digest and purpose."""
    name, write, media_type, ending = FORMS.get(request.args.get("form", ""), FORMS["xes"])
    actor, named = access.actor(), request.args.get("names") == "yes"
    found = traces(reader(), actor, _wanted(), secrets.token_bytes(32), named=named)
    content = write(found)
    purpose = request.args.get("purpose", "").strip()
    note = CasesExported(name, len(found), digest(content), named, purpose)
    perform(lambda uow: note_export(uow, note), actor)
    response = Response(content, mimetype=media_type)
    response.headers["Content-Disposition"] = f"attachment; filename=cases.{ending}"
    return response


def _wanted() -> Wanted:
    """The choice of cases that all these pages share. Raises ``Rejected`` for a day that is none."""
    state = request.args.get("state", "")
    until = _day("until")
    return Wanted(
        procedure=request.args.get("procedure", "")[:80],
        state=state if state in STATES else "",
        opened_from=_day("from"),
        opened_until=until + timedelta(days=1) if until else None,
    )


def _day(name: str) -> datetime | None:
    text = request.args.get(name, "").strip()
    if not text:
        return None
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return datetime.fromisoformat(text).replace(tzinfo=ZONE)
    except ValueError:
        raise Rejected(
            "Expected a day like 2026-03-31, but found %(found)s. Choose the day again.", found=text[:40]
        ) from None


def _choices() -> dict[str, object]:
    kept = {name: request.args.get(name, "")[:80] for name in ("procedure", "state", "from", "until")}
    return {"kept": kept, "states": STATES, "procedures": words().procedures}
