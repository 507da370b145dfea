"""An order to move cases: how far it has come, what became of each case, and the ways to pause it or take it back."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import migration_orders as commands
from engine.errors import FieldProblem, Rejected
from engine.queries import migration_orders as queries
from web import access
from web.language import N_, gettext
from web.looking import listed
from web.studio.naming import procedure_title
from web.transaction import perform, perform_once, reader

orders = Blueprint("orders", __name__, url_prefix="/studio/orders")

STATES: Final = {
    "running": N_("under way"),
    "paused": N_("paused"),
    "stopped": N_("stopped"),
    "done": N_("done"),
}
OUTCOMES: Final = {
    "waiting": N_("waits for its turn"),
    "left": N_("left where it is"),
    "moved": N_("moved"),
    "refused": N_("stays"),
}
DONE: Final = {
    "pause": N_("Paused. No further case is moved until you go on."),
    "go-on": N_("It goes on."),
    "stop": N_("Stopped. The remaining cases stay where they are."),
}


@orders.get("/<order_id>")
def show(order_id: str) -> ResponseReturnValue:
    """The order and its cases."""
    return _page(order_id)


@orders.post("/<order_id>/pause")
def pause(order_id: str) -> ResponseReturnValue:
    """Moves no further case for now."""
    return _act(order_id, "pause", commands.pause_order)


@orders.post("/<order_id>/continue")
def go_on(order_id: str) -> ResponseReturnValue:
    """Goes on with a paused order."""
    return _act(order_id, "go-on", commands.continue_order)


@orders.post("/<order_id>/stop")
def stop(order_id: str) -> ResponseReturnValue:
    """Leaves the remaining cases where they are."""
    return _act(order_id, "stop", commands.stop_order)


@orders.post("/<order_id>/undo")
def undo(order_id: str) -> ResponseReturnValue:
    """Orders the moved cases back."""
    reason = request.form.get("_reason", "")
    try:
        answer = perform_once(lambda uow: {"id": commands.undo_order(uow, order_id, reason)}, access.actor())
    except Rejected as error:
        if type(error) is not Rejected:
            raise
        return _page(order_id, [FieldProblem("_reason", error.template, error.params)]), 422
    return redirect(url_for("orders.show", order_id=answer["id"]), 303)


def _act(order_id: str, what: str, command: Any) -> ResponseReturnValue:
    try:
        perform(lambda uow: command(uow, order_id), access.actor())
    except Rejected as error:
        if type(error) is not Rejected:
            raise
        return _page(order_id, [FieldProblem("", error.template, error.params)]), 422
    return redirect(url_for("orders.show", order_id=order_id, done=what), 303)


def _page(order_id: str, problems: list[FieldProblem] | None = None) -> str:
    actor = access.actor()
    found = queries.order(reader(), actor, order_id)
    pages = max(1, -(-found.total // queries.PER_PAGE))
    text = request.args.get("page", "")
    page = min(pages, max(1, int(text))) if text.isascii() and text.isdigit() and len(text) < 7 else 1
    results = queries.results(reader(), order_id, page)
    shown = render_template(
        "studio/order.html",
        order=found,
        results=results,
        title=procedure_title(actor.tenant, found.procedure),
        page=page,
        page_count=pages,
        states=STATES,
        outcomes=OUTCOMES,
        problems=problems or [],
        reason=request.form.get("_reason", ""),
        done=gettext(DONE[request.args["done"]]) if request.args.get("done") in DONE else "",
    )
    listed("order", (result.instance for result in results))
    return shown
