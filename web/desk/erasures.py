"""Erasure of personal data under the law: an administrator asks, another one confirms or declines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.erasure import decline_erasure, erase_answers, request_erasure
from engine.errors import Conflict, FieldProblem, NotFound, Rejected
from engine.queries.erasures import case_by_number
from engine.queries.erasures import erasures as known_erasures
from web import access
from web.language import N_, gettext
from web.looking import listed
from web.transaction import perform, reader

erasures = Blueprint("erasures", __name__, url_prefix="/desk/erasures")

DONE: Final = {
    "requested": N_("It was asked for. Another administrator must confirm it."),
    "done": N_("The personal data are erased. The machine overwrites them on the disk within a minute."),
    "declined": N_("The data stay."),
}
FIELDS: Final = ("_number", "_reason", "_legal_basis")


@erasures.get("")
def index() -> ResponseReturnValue:
    """What was asked for, and a form to ask."""
    return _page()


@erasures.post("")
def ask() -> ResponseReturnValue:
    """Asks for the erasure of one case, by its number, with reason and legal basis."""
    number, reason, basis = (request.form.get(name, "").strip() for name in FIELDS)
    try:
        instance_id = case_by_number(reader(), access.actor(), number)
    except NotFound as missing:
        return _page([FieldProblem("_number", missing.template, missing.params)]), 422
    return _done(lambda uow: request_erasure(uow, instance_id, reason, basis), "requested", "_reason")


@erasures.post("/<instance_id>/confirm")
def confirm(instance_id: str) -> ResponseReturnValue:
    """Erases what somebody else asked for."""
    return _done(lambda uow: erase_answers(uow, instance_id), "done", "")


@erasures.post("/<instance_id>/decline")
def decline(instance_id: str) -> ResponseReturnValue:
    """Lets the data stay, with a reason."""
    reason = request.form.get("_declined", "")
    return _done(lambda uow: decline_erasure(uow, instance_id, reason), "declined", f"declined-{instance_id}")


def _done(command: Callable[[Any], Any], done: str, field: str) -> ResponseReturnValue:
    try:
        perform(command, access.actor())
    except (NotFound, Conflict):
        raise
    except Rejected as error:
        return _page([FieldProblem(field, error.template, error.params)]), 422
    return redirect(url_for("erasures.index", done=done), 303)


def _page(problems: list[FieldProblem] | None = None) -> str:
    found = known_erasures(reader(), access.actor())
    shown = render_template(
        "desk/erasures.html",
        found=found,
        problems=problems or [],
        sent={name: request.form.get(name, "") for name in FIELDS},
        done=gettext(DONE[request.args["done"]]) if request.args.get("done") in DONE else "",
        me=access.actor().user,
    )
    listed("erasures", (one.instance for one in found))
    return shown
