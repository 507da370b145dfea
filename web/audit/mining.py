"""What many cases tell of a procedure: its diagram coloured by waiting, its variants, and whether histories conform."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.definition.diagram import Diagram
from engine.errors import NotFound
from engine.queries.audit import film
from engine.queries.cases import find_cases
from engine.queries.catalogue import definition_of
from engine.queries.heat import Heat, Spot, heat
from engine.queries.mining import Waiting, bottlenecks, variants, waitings
from engine.queries.reexecution import Past, re_execute
from engine.queries.traces import Wanted, traces
from web import access
from web.audit.choices import choices, wanted
from web.audit.pages import audit
from web.audit.proofs import in_words
from web.audit.teller import span_in_words
from web.language import gettext
from web.looking import listed, seen
from web.render.outline import Mark, Marks
from web.transaction import now, platform, reader

VARIANTS_MAX: Final = 30
DONE_MIN: Final = 3
CHOICE: Final = ("procedure", "state", "from", "until")
CASES_PER_PAGE: Final = 20


@audit.get("/mining")
def mining() -> ResponseReturnValue:
    """Of one procedure: where cases wait, which ways they took and how those differ, how long each unit needs.

    ``?procedure`` (else the one with most cases), ``?diagram`` (else the one in which most time is spent).
    """
    asked = wanted()
    found = traces(reader(), access.actor(), asked, secrets.token_bytes(32))
    counts = Counter(trace.procedure for trace in found)
    procedure = asked.procedure or next((key for key, _ in counts.most_common(1)), "")
    found = [trace for trace in found if trace.procedure == procedure]
    ways, ended = variants(found), sum(trace.ended_at is not None for trace in found)
    steps = bottlenecks(found)
    usual = {step.activity: step.typical for step in steps}
    pictures = _pictures(asked, procedure)
    page = render_template(
        "audit/mining.html",
        procedure=procedure,
        elsewhere=sorted((key, count) for key, count in counts.items() if key != procedure),
        cases=len(found),
        ended=ended,
        steps=steps,
        whole=sum((step.total for step in steps), timedelta()),
        ways=ways[:VARIANTS_MAX],
        more=max(0, len(ways) - VARIANTS_MAX),
        waitings=[(one, is_slow(one, usual[one.activity])) for one in waitings(found)],
        span=span_in_words,
        pictures=pictures,
        shown=next((one for one in pictures if one.diagram.process == request.args.get("diagram")), pictures[0])
        if pictures
        else None,
        query={name: value for name, value in request.args.items() if name in CHOICE},
        **choices(),
    )
    listed("mining", (), len(found), each_time=True)
    return page


def is_slow(one: Waiting, usual: timedelta | None) -> bool:
    """Whether a unit needs twice as long as all units together; of one or two tasks nothing is concluded."""
    return bool(usual and one.typical and one.done >= DONE_MIN and one.typical >= 2 * usual)


@dataclass(frozen=True, slots=True)
class Picture:
    """A diagram with its heat, and the time that was spent in its steps."""

    diagram: Diagram
    marks: Marks
    total: timedelta


def _pictures(asked: Wanted, procedure: str) -> list[Picture]:
    """The diagrams of the version in force for the auditor's unit that the cases went through, the slowest first."""
    warm = heat(reader(), access.actor(), replace(asked, procedure=procedure))
    try:
        definition = definition_of(reader(), platform().known, procedure, access.actor().tenant, now())
    except NotFound:
        return []
    found = []
    for diagram in definition.processes.values():
        marks = _marks(warm, diagram)
        if marks.nodes:
            spots = (spot for (process, _), spot in warm.spots.items() if process == diagram.process and spot.level)
            found.append(Picture(diagram, marks, sum((spot.total for spot in spots), timedelta())))
    return sorted(found, key=lambda one: -one.total)


def _marks(warm: Heat, diagram: Diagram) -> Marks:
    spots = {id_: warm.spots.get((diagram.process, id_)) for id_ in diagram.elements}
    nodes = {
        id_: Mark(f"heat{spot.level}", spot.visits, _badge(spot), _said(spot)) for id_, spot in spots.items() if spot
    }
    return Marks(nodes, frozenset(flow for process, flow in warm.flows if process == diagram.process))


def _badge(spot: Spot) -> str:
    return f"{spot.visits} · {span_in_words(spot.typical)}" if spot.typical else str(spot.visits)


def _said(spot: Spot) -> str:
    said = gettext("%(visits)s times in %(cases)s cases", visits=spot.visits, cases=spot.cases)
    if spot.typical:
        said = gettext("%(said)s, half of them within %(span)s", said=said, span=span_in_words(spot.typical))
    return gettext("%(said)s, %(count)s still open", said=said, count=spot.open) if spot.open else said


@audit.get("/conformance")
def conformance() -> ResponseReturnValue:
    """Each chosen case run again through the version that was in force for it: agreement, or the first difference."""
    actor, asked, text = access.actor(), wanted(), request.args.get("page", "1")
    page = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    found = find_cases(
        reader(), actor, status=asked.state, procedure=asked.procedure, page=page, per_page=CASES_PER_PAGE
    )
    past = Past(reader())
    rows = []
    for case in found.rows:
        again = re_execute(reader(), platform().known, case.id, past)
        told = in_words(again, film(reader(), platform().known, actor, case.id)) if again.difference else None
        rows.append((case, again, told))
    kept = {name: value for name, value in request.args.items() if name in ("procedure", "state")}
    shown = render_template(
        "audit/conformance.html",
        found=found,
        rows=rows,
        address=lambda number: url_for("audit.conformance", **kept, page=number),
        **choices(),
    )
    seen("conformance", found.total, (case.id for case in found.rows))
    return shown
