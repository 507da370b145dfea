"""The auditors' pages: find a case, replay it moment by moment. Nothing here changes a case."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.queries.audit import film
from engine.queries.cases import find_cases
from web import access, shown
from web.audit.details import Projector
from web.audit.moments import sayings, script
from web.language import N_
from web.looking import listed, read, searched
from web.render.timeline import PASSAGES_SHOWN_MAX, timeline
from web.transaction import now, platform, reader

audit = Blueprint("audit", __name__, url_prefix="/audit")

STATES: Final = {"": N_("All"), "running": N_("Running"), "completed": N_("Ended"), "cancelled": N_("Cancelled")}
_TEXT_LENGTH_MAX: Final = 60


@audit.get("")
def index() -> ResponseReturnValue:
    """The cases of this auditor's part of the tree, newest first."""
    text = request.args.get("text", "").strip()[:_TEXT_LENGTH_MAX]
    state = request.args.get("state", "")
    wanted = {"text": text, "state": state if state in STATES else ""}
    found = find_cases(
        reader(),
        access.actor(),
        text=wanted["text"],
        status=wanted["state"],
        page=_number("page", 1),
        per_page=access.settings().rows_per_page,
    )
    kept = {key: value for key, value in wanted.items() if value}
    shown = render_template(
        "audit/cases.html",
        found=found,
        wanted=wanted,
        states=STATES,
        address=lambda page: url_for("audit.index", **kept, page=page),
    )
    if text:
        searched("audit", text, found)
    else:
        listed("audit", (row.id for row in found.rows), found.total, each_time=True)
    return shown


@audit.get("/cases/<instance_id>")
def replay(instance_id: str) -> ResponseReturnValue:
    """The film of one case at the moment ``?at=``. That it was looked at is itself recorded."""
    actor = access.actor()
    found = film(reader(), platform().known, actor, instance_id)
    projector = Projector(reader(), found, now())
    reel = projector.reel
    last = len(reel.moments)
    at = max(1, min(_number("at", last), last))
    rows, parts = reel.rows(at)
    detail = projector.detail(at)
    page = render_template(
        "audit/replay.html",
        film=found,
        reel=reel,
        rows=rows,
        parts=parts,
        script=script(reel),
        at=at,
        moment=reel.moments[at - 1],
        last=last,
        detail=detail,
        teller=projector.teller,
        timeline=timeline(found.facts, now(), projector.teller),
        passages_max=PASSAGES_SHOWN_MAX,
    )
    fields = shown.in_moments(found, [row.number for row in rows]) | detail.fields
    read(found.case.id, found.case.number, "replay", fields=fields)
    return page


@audit.get("/cases/<instance_id>/said/<number>")
def said(instance_id: str, number: str) -> ResponseReturnValue:
    """What a part of the film says from a moment on, for its page. That it was looked at is itself recorded."""
    found = film(reader(), platform().known, access.actor(), instance_id)
    words = sayings(found, max(1, min(_whole(number, 1), len(found.facts))))
    read(found.case.id, found.case.number, "replay")
    return jsonify(words)


def _number(name: str, otherwise: int) -> int:
    return _whole(request.args.get(name, ""), otherwise)


def _whole(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else otherwise
