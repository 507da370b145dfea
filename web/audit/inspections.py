"""Many cases at once: samples for inspection, and exports."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Final

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.reading import note_export, note_sample
from engine.errors import Rejected
from engine.history.events import CasesExported, SampleDrawn
from engine.history.seal import digest
from engine.queries.export_ocel import to_ocel
from engine.queries.export_xes import to_csv, to_json_lines, to_xes
from engine.queries.sampling import ALL, HALF, STANDING_OUT, draw
from engine.queries.traces import case_ids, traces
from web import access
from web.audit.choices import choices, wanted
from web.audit.oversight import title
from web.audit.pages import audit
from web.language import N_
from web.purpose import of_this_look
from web.transaction import now, perform, reader

FORMS: Final = {
    "xes": ("XES (IEEE 1849)", to_xes, "application/xml", "xes"),
    "ocel": ("OCEL 2.0", to_ocel, "application/json", "json"),
    "csv": ("CSV", to_csv, "text/csv", "csv"),
    "jsonl": ("JSON Lines", to_json_lines, "application/x-ndjson", "jsonl"),
}
"""Form of an export → its name, its writer, its media type and the ending of its file."""

_SIZE_AT_FIRST: Final = 10
_SHOWN: Final = 16
"""As much of a digest as a link carries."""
_CHOICE: Final = ("procedure", "state", "from", "until", "among")
AMONG: Final = {
    ALL: N_("all cases"),
    STANDING_OUT: N_("only cases that stand out"),
    HALF: N_("half from cases that stand out"),
}
"""What a sample is drawn from."""


@audit.get("/sample")
def sample() -> ResponseReturnValue:
    """Draw a sample with ``?seed=``; without one, ask for it. The draw is recorded with seed and population."""
    seed = request.args.get("seed", "").strip()
    given = request.args.get("size", "")
    size = int(given) if given.isascii() and given.isdigit() and len(given) < 7 else _SIZE_AT_FIRST
    among, former = request.args.get("among", ""), request.args.get("digest", "")
    found, as_of, again = None, None, ""
    if seed:
        actor, as_of = access.actor(), _as_of() or now()
        asked = replace(wanted(), as_of=as_of)
        found = draw(reader(), actor, asked, seed, size, as_of, among)
        ids = [candidate.id for candidate in found.drawn]
        choice = (asked.procedure, asked.state, asked.opened_from, asked.opened_until, as_of)
        why = of_this_look()
        note = SampleDrawn(seed, len(ids), found.population, found.digest, ids, *choice, why.words, why.key, among)
        perform(lambda uow: note_sample(uow, note), actor)
        kept = {name: request.args[name] for name in _CHOICE if request.args.get(name)}
        again = url_for(
            "audit.sample", **kept, seed=seed, size=size, as_of=as_of.isoformat(), digest=found.digest[:_SHOWN]
        )
    proposed = secrets.token_hex(4)
    return render_template(
        "audit/sample.html",
        sample=found,
        seed=seed or proposed,
        size=size,
        again=again,
        as_of=as_of,
        among=among,
        ways=AMONG,
        is_another=found is not None and not found.digest.startswith(former),
        title=title,
        **choices(),
    )


def _as_of() -> datetime | None:
    """The moment to look back to, None without one. Raises ``Rejected`` for a text that is none, or for the future."""
    text = request.args.get("as_of", "").strip()[:40]
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None or found > now():
            raise ValueError
    except (ValueError, OverflowError):
        raise Rejected(
            "Expected a moment that is past, with its zone, but found %(found)s. Follow the link of the former draw.",
            found=text,
        ) from None
    return found


@audit.get("/exports")
def exports() -> ResponseReturnValue:
    """Ask in which form and for what purpose."""
    return render_template("audit/exports.html", forms=FORMS, **choices())


@audit.get("/exports/file")
def export() -> ResponseReturnValue:
    """The export itself: pseudonymous unless ``?names=yes``; recorded with its digest and purpose."""
    name, write, media_type, ending = FORMS.get(request.args.get("form", ""), FORMS["xes"])
    actor, named, asked = access.actor(), request.args.get("names") == "yes", wanted()
    found = traces(reader(), actor, asked, secrets.token_bytes(32), named=named)
    content = write(found)
    words, why = request.args.get("purpose", "").strip(), of_this_look()
    cases = case_ids(reader(), actor, asked) if named else []
    note = CasesExported(name, len(found), digest(content), named, words, cases, why.key)
    perform(lambda uow: note_export(uow, note), actor)
    response = Response(content, mimetype=media_type)
    response.headers["Content-Disposition"] = f"attachment; filename=cases.{ending}"
    return response
