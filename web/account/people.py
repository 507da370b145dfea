"""The people of an administrator's part of the tree: add, give and take roles, set a password, disable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import people as commands
from engine.errors import FieldProblem, Rejected
from engine.model import PLATFORM_ROLES, Tenant
from engine.queries import people as queries
from engine.store.unit_of_work import UnitOfWork
from web import access
from web.language import N_, gettext
from web.render.words import words
from web.transaction import perform, reader

people = Blueprint("people", __name__, url_prefix="/people")

TEXT_LENGTH_MAX: Final = 60
UNITS_MAX: Final = 200
DONE: Final = {
    "added": N_("The user is added."),
    "granted": N_("The role is given."),
    "revoked": N_("The role is taken away; the person must log in again."),
    "disabled": N_("The user can no longer log in."),
    "enabled": N_("The user can log in again."),
    "password": N_("The new password is set. Hand it over in person."),
}


@people.get("")
def index() -> ResponseReturnValue:
    """The people, searched by name, log-in name or unit."""
    text = request.args.get("text", "").strip()[:TEXT_LENGTH_MAX]
    found = queries.people(reader(), access.actor(), text=text)
    return render_template("account/people.html", found=found, text=text, most=queries.PEOPLE_MAX)


@people.get("/add")
def ask_new() -> ResponseReturnValue:
    """The form for a new user."""
    return _new_page()


@people.post("/add")
def add() -> ResponseReturnValue:
    """Adds a user with one role at one unit."""
    form = request.form
    try:
        user = perform(
            lambda uow: commands.add_user(
                uow,
                form.get("login", "").strip(),
                form.get("name", ""),
                form.get("tenant", ""),
                [form.get("role", "").strip()],
                form.get("password", ""),
            ),
            access.actor(),
        )
    except Rejected as error:
        if type(error) is not Rejected:
            raise
        return _new_page([FieldProblem(_field_of(error), error.template, error.params)]), 422
    return redirect(url_for("people.show", user_id=user, done="added"), 303)


@people.get("/<user_id>")
def show(user_id: str) -> ResponseReturnValue:
    """One user: units, roles, and what can be done."""
    return _page(user_id)


@people.post("/<user_id>/grant")
def grant(user_id: str) -> ResponseReturnValue:
    """Gives a role at a unit."""
    tenant, role = request.form.get("tenant", ""), request.form.get("role", "").strip()
    return _act(user_id, "granted", "role", lambda uow: commands.grant_role(uow, user_id, tenant, role))


@people.post("/<user_id>/revoke")
def revoke(user_id: str) -> ResponseReturnValue:
    """Takes a role at a unit away."""
    tenant, role = request.form.get("tenant", ""), request.form.get("role", "")
    return _act(user_id, "revoked", "", lambda uow: commands.revoke_role(uow, user_id, tenant, role))


@people.post("/<user_id>/disable")
def disable(user_id: str) -> ResponseReturnValue:
    """Keeps the user out and ends all their sessions."""
    return _act(user_id, "disabled", "", lambda uow: commands.disable_user(uow, user_id))


@people.post("/<user_id>/enable")
def enable(user_id: str) -> ResponseReturnValue:
    """Lets the user in again."""
    return _act(user_id, "enabled", "", lambda uow: commands.enable_user(uow, user_id))


@people.post("/<user_id>/password")
def set_password(user_id: str) -> ResponseReturnValue:
    """Sets a first or forgotten password."""
    password = request.form.get("password", "")
    return _act(user_id, "password", "password", lambda uow: commands.set_password(uow, user_id, password))


def _act(user_id: str, done: str, field: str, command: Callable[[UnitOfWork], Any]) -> ResponseReturnValue:
    try:
        perform(command, access.actor())
    except Rejected as error:
        if type(error) is not Rejected:
            raise
        return _page(user_id, [FieldProblem(field, error.template, error.params)]), 422
    return redirect(url_for("people.show", user_id=user_id, done=done), 303)


def _page(user_id: str, problems: list[FieldProblem] | None = None) -> str:
    asking = access.actor()
    return render_template(
        "account/person.html",
        person=queries.person(reader(), asking, user_id),
        units=_units(),
        roles=_roles(),
        problems=problems or [],
        done=gettext(DONE[request.args["done"]]) if request.args.get("done") in DONE else "",
    )


def _new_page(problems: list[FieldProblem] | None = None) -> str:
    return render_template(
        "account/person_new.html", units=_units(), roles=_roles(), problems=problems or [], given=request.form
    )


def _roles() -> list[str]:
    return [*sorted(PLATFORM_ROLES), *words().roles]


def _units() -> list[Tenant]:
    """The organisations to choose from: at most 200, narrowed by a search."""
    text = request.values.get("unit", "").strip()[:TEXT_LENGTH_MAX]
    return queries.organisations(reader(), access.actor(), text=text, limit=UNITS_MAX)


def _field_of(error: Rejected) -> str:
    """Which field of the new user's form a refusal is about."""
    sentence = error.template.replace("log-in name", "login")
    return next((field for field in ("password", "role", "login", "name") if field in sentence), "login")
