"""Log in and log out. In a demonstration the page names the people one can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import Rejected
from engine.model import Tenant
from engine.queries.people import everybody
from engine.queries.waiting import names_of_units, waiting_by_role
from engine.store import sessions
from web import access
from web.language import N_
from web.transaction import now, platform, reader, stop_reading

DONE: Final = {
    "left": N_("You have logged out."),
    "expired": N_("You were logged out, because nothing happened for a while. Log in to go on; drafts are kept."),
    "password": N_("Your new password holds from now on. Log in with it."),
}

_REGION_DEPTH: Final = 3

login = Blueprint("login", __name__)


@login.get("/login")
def ask() -> ResponseReturnValue:
    """The log-in page."""
    if access.actor_or_none():
        return redirect(_next(), 303)
    return _page()


@login.post("/login")
def enter() -> ResponseReturnValue:
    """Opens a session with a fresh secret, whatever the browser carried before."""
    name, password = request.form.get("login", "").strip(), request.form.get("password", "")
    stop_reading()
    try:
        token = _open(name[:80], password[:200])
    except Rejected as error:
        status = 429 if isinstance(error, sessions.TooManyFailures) else 422
        return _page(login_name=name[:80], error=error), status
    if access.session_token():
        sessions.close_session(platform().database, access.session_token(), now())
    response = redirect(_next(), 303)
    access.set_cookie(response, "session", token)
    access.drop_cookie(response, "visitor")
    return response


@login.post("/logout")
def leave() -> ResponseReturnValue:
    """Ends the session on the server, not only in the browser."""
    sessions.close_session(platform().database, access.session_token(), now())
    response = redirect(url_for("login.ask", done="left"), 303)
    access.drop_cookie(response, "session")
    return response


def _open(name: str, password: str) -> str:
    if access.settings().demo and "person" in request.form:
        return sessions.open_session_without_password(platform().database, request.form["person"], now())
    return sessions.open_session(platform().database, name, password, now(), request.remote_addr or "")


def _page(login_name: str = "", error: Rejected | None = None) -> str:
    return render_template(
        "account/login.html",
        login_name=login_name,
        error=error,
        groups=_demo_people() if access.settings().demo else [],
        next=_next(),
        done=DONE.get(request.args.get("done", ""), ""),
    )


@dataclass(frozen=True)
class Someone:
    """A person of the demonstration as they act for their first unit. ``waiting``: tasks for their roles there."""

    login: str
    name: str
    unit: Tenant
    roles: frozenset[str]
    waiting: int


def _demo_people() -> list[tuple[str, list[Someone]]]:
    """The people by region, the regions with most waiting work first."""
    waiting = waiting_by_role(reader())
    groups: dict[str, list[Someone]] = {}
    for person in everybody(reader()):
        unit = min((unit for unit, _ in person.roles), key=lambda unit: unit.id)  # the one a log-in begins with
        roles = frozenset(role for at, role in person.roles if at.id == unit.id)
        count = sum(waiting.get((unit.id, role), 0) for role in roles)
        parts = unit.path.split("/")
        region = parts[min(len(parts) - 1, _REGION_DEPTH)]
        groups.setdefault(region, []).append(Someone(person.login, person.name, unit, roles, count))
    names = names_of_units(reader(), list(groups))
    found = [(names[region], people) for region, people in groups.items()]
    return sorted(found, key=lambda group: -sum(someone.waiting for someone in group[1]))


def _next() -> str:
    """Where to go after logging in: a path of this site only."""
    path = request.values.get("next", "")
    return path if access.is_own_path(path) and not path.startswith("/log") else url_for("site.home")
