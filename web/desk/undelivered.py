"""Messages that found no case: an administrator sees why, chooses the case, or discards them with a reason."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.correlation import deliver_by_hand, discard_message
from engine.errors import FieldProblem, Invalid, NotFound, Rejected
from engine.queries.undelivered import undelivered as find_undelivered
from web import access
from web.language import N_, gettext
from web.looking import listed
from web.transaction import perform, reader

DONE: Final = {
    "delivered": N_("The message was delivered."),
    "discarded": N_("The message was discarded."),
}

undelivered = Blueprint("undelivered", __name__, url_prefix="/desk/undelivered")


@undelivered.get("")
def index() -> ResponseReturnValue:
    """Every message of this person's part of the tree that nobody got, oldest first."""
    return _page()


@undelivered.post("/<message_id>/deliver")
def deliver(message_id: str) -> ResponseReturnValue:
    """Takes the message to the case that was chosen."""
    case = request.form.get("_case", "")
    if not case:
        _must_exist(message_id)
        problem = FieldProblem(f"case-{message_id}", N_("Expected a case but none was chosen. Choose the case."))
        return _page([problem]), 422
    try:
        perform(lambda uow: deliver_by_hand(uow, message_id, case), access.actor())
    except NotFound:
        raise
    except Invalid as error:
        first = error.problems[0]
        return _page([FieldProblem(f"case-{message_id}", first.template, first.params)]), 422
    except Rejected as error:
        return _page([FieldProblem(f"case-{message_id}", error.template, error.params)]), 422
    return redirect(url_for("undelivered.index", done="delivered"), 303)


@undelivered.post("/<message_id>/discard")
def discard(message_id: str) -> ResponseReturnValue:
    """Throws the message away, with a reason for the history."""
    reason = request.form.get("_reason", "")
    try:
        perform(lambda uow: discard_message(uow, message_id, reason), access.actor())
    except NotFound:
        raise
    except Rejected as error:
        return _page([FieldProblem(f"reason-{message_id}", error.template, error.params)]), 422
    return redirect(url_for("undelivered.index", done="discarded"), 303)


def _must_exist(message_id: str) -> None:
    if not any(found.id == message_id for found in find_undelivered(reader(), access.actor())):
        raise NotFound("There is no such message, or it is not yours to see.")


def _page(problems: list[FieldProblem] | None = None) -> str:
    found = find_undelivered(reader(), access.actor())
    done = gettext(DONE[request.args["done"]]) if request.args.get("done") in DONE else ""
    shown = render_template("desk/undelivered.html", found=found, problems=problems or [], done=done)
    listed("undelivered", (id_ for message in found for id_ in message.shown))
    return shown
