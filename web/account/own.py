"""One's own account: for which unit one acts, in which roles, and with which password."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import people as people_commands
from engine.errors import FieldProblem, Rejected
from engine.store import sessions
from web import access
from web.language import N_
from web.transaction import perform, platform

account = Blueprint("account", __name__, url_prefix="/account")


@account.get("")
def show() -> ResponseReturnValue:
    """Name, units, roles, and the form for a new password."""
    return _page()


@account.post("/unit")
def choose_unit() -> ResponseReturnValue:
    """From now on this session acts for another of the person's units."""
    sessions.choose_unit(platform().database, access.session_token(), request.form.get("tenant", ""))
    return redirect(url_for("site.home"), 303)


@account.post("/password")
def change_password() -> ResponseReturnValue:
    """A new password, for who knows the present one. All sessions of the person end, also this one."""
    asking = access.actor()
    new, again = request.form.get("new", ""), request.form.get("again", "")
    if new != again:
        problem = FieldProblem("again", N_("Expected the same new password twice, but found two. Type it again."))
        return _page([problem]), 422
    present = request.form.get("present", "")
    try:
        perform(lambda uow: people_commands.change_password(uow, present, new), asking)
    except Rejected as error:
        wrong = "present" if "present" in error.template else "new"
        return _page([FieldProblem(wrong, error.template, error.params)]), 422
    return redirect(url_for("login.ask", done="password"), 303)


def _page(problems: list[FieldProblem] | None = None) -> str:
    return render_template("account/own.html", units=access.memberships(), problems=problems or [])
