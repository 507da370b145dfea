"""One's own account: for which unit one acts, in which roles, and with which password."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import people as people_commands
from engine.errors import FieldProblem, Rejected
from engine.queries import people as people_queries
from engine.store import sessions
from web import access
from web.language import N_, gettext
from web.transaction import now, perform, platform, reader

account = Blueprint("account", __name__, url_prefix="/account")


@account.get("")
def show() -> ResponseReturnValue:
    """Name, units, roles, and the form for a new password."""
    return _page()


@account.post("/unit")
def choose_unit() -> ResponseReturnValue:
    """From now on this session acts for another of the person's units."""
    sessions.choose_membership(platform().database, access.session_token(), request.form.get("tenant", ""), now())
    return redirect(url_for("site.home"), 303)


@account.post("/password")
def change_password() -> ResponseReturnValue:
    """A new password, for who knows the present one. All other sessions of the person end."""
    asking = access.actor()
    new, again = request.form.get("new", ""), request.form.get("again", "")
    if new != again:
        problem = FieldProblem("again", N_("Expected the same new password twice, but found two. Type it again."))
        return _page([problem]), 422
    present = request.form.get("present", "")
    try:
        perform(lambda uow: people_commands.change_password(uow, present, new, keep=access.session_token()), asking)
    except Rejected as error:
        return _page([FieldProblem("present", error.template, error.params)]), 422
    return redirect(url_for("account.show", done="password"), 303)


def _page(problems: list[FieldProblem] | None = None) -> str:
    done = gettext("Your new password holds from now on.") if request.args.get("done") == "password" else ""
    units = people_queries.units_of(reader(), access.actor())
    return render_template("account/own.html", units=units, problems=problems or [], done=done)
