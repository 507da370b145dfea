"""Who stands in for whom: one's own deputies and whom one stands in for; an administrator's people and theirs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import delegations as commands
from engine.errors import Conflict, FieldProblem, NotFound, Rejected
from engine.model import PLATFORM_ROLES, Tenant
from engine.queries.people import Person, person
from engine.store.delegations import delegations_of, possible_deputies
from engine.store.publications import personal_roles
from engine.store.unit_of_work import UnitOfWork
from web import access
from web.language import N_, ZONE, gettext
from web.transaction import now, perform, reader

deputies = Blueprint("deputies", __name__)

REASONS: Final = {"leave": N_("Leave"), "illness": N_("Illness"), "vacancy": N_("Vacant post"), "other": N_("Other")}
DONE: Final = {
    "named": N_("The deputy is named. Both names will stand in the history of what they do."),
    "ended": N_("The deputy stands in no longer, from this moment."),
}
FIELDS: Final = (
    ("first day", "begins"),
    ("last day", "ends"),
    ("reason", "reason"),
    ("works at this unit", "deputy"),
    ("without a deputy", "begins"),
)


@deputies.get("/account/deputies")
def own() -> ResponseReturnValue:
    """One's own deputies, past and to come, and whom one stands in for; and the form to name one."""
    return _own_page()


@deputies.post("/account/deputies")
def name() -> ResponseReturnValue:
    """Names a deputy for oneself, at the unit that one acts for."""
    asking = access.actor()
    try:
        perform(_given(asking.user, asking.tenant.id), asking)
    except Rejected as error:
        return _own_page(_problem(error)), 422
    return redirect(url_for("deputies.own", done="named"), 303)


@deputies.post("/account/deputies/<delegation_id>/end")
def end(delegation_id: str) -> ResponseReturnValue:
    """Ends a delegation early: one's own, or one by which one stands in for somebody."""
    perform(lambda uow: commands.end_delegation(uow, delegation_id), access.actor())
    return redirect(url_for("deputies.own", done="ended"), 303)


@deputies.get("/people/<user_id>/deputies")
def of(user_id: str) -> ResponseReturnValue:
    """The deputies of one of an administrator's people."""
    return _page_of(user_id)


@deputies.post("/people/<user_id>/deputies")
def name_for(user_id: str) -> ResponseReturnValue:
    """Names a deputy for somebody, at one of their units."""
    try:
        perform(_given(user_id, request.form.get("tenant", "")), access.actor())
    except Rejected as error:
        return _page_of(user_id, _problem(error)), 422
    return redirect(url_for("deputies.of", user_id=user_id, done="named"), 303)


@deputies.post("/people/<user_id>/deputies/<delegation_id>/end")
def end_for(user_id: str, delegation_id: str) -> ResponseReturnValue:
    """Ends a delegation of one of an administrator's people early."""
    perform(lambda uow: commands.end_delegation(uow, delegation_id), access.actor())
    return redirect(url_for("deputies.of", user_id=user_id, done="ended"), 303)


def _given(principal: str, tenant_id: str) -> Callable[[UnitOfWork], Any]:
    form = request.form
    begins, ends = _day("begins"), _day("ends")
    return lambda uow: commands.give_delegation(
        uow,
        principal,
        tenant_id,
        form.getlist("role"),
        form.get("deputy", ""),
        begins,
        ends,
        form.get("reason", ""),
        form.get("note", ""),
    )


def _day(field: str) -> date:
    text = request.form.get(field, "").strip()
    try:
        return date.fromisoformat(text)
    except ValueError:
        asked = {"begins": N_("Expected a first day. Choose one."), "ends": N_("Expected a last day. Choose one.")}
        raise Rejected(asked[field]) from None


def _problem(error: Rejected) -> list[FieldProblem]:
    if isinstance(error, NotFound | Conflict):
        raise error
    field = next((field for words, field in FIELDS if words in error.template), "role")
    return [FieldProblem(field, error.template, error.params)]


def _own_page(problems: list[FieldProblem] | None = None) -> str:
    asking = access.actor()
    units = [(unit, roles) for unit, roles in access.memberships() if unit.id == asking.tenant.id]
    here = Person(asking.user, "", asking.name, False, tuple((u, role) for u, roles in units for role in sorted(roles)))
    return _page(here, asking.tenant, url_for("deputies.name"), problems)


def _page_of(user_id: str, problems: list[FieldProblem] | None = None) -> str:
    found = person(reader(), access.actor(), user_id)
    units = {unit.id: unit for unit, role in found.roles if role not in PLATFORM_ROLES}
    asked = request.values.get("tenant", "")
    unit = units.get(asked) or next(iter(units.values()), None)
    return _page(found, unit, url_for("deputies.name_for", user_id=user_id), problems, list(units.values()))


def _page(
    found: Person,
    unit: Tenant | None,
    action: str,
    problems: list[FieldProblem] | None,
    units: list[Tenant] | None = None,
) -> str:
    asking, asked_at = access.actor(), now()
    kept = PLATFORM_ROLES | personal_roles(reader(), unit, asked_at) if unit else PLATFORM_ROLES
    roles = [role for at, role in found.roles if unit and at.id == unit.id and role not in kept]
    choices = possible_deputies(reader(), unit) if unit and roles else []
    known = delegations_of(reader(), found.id)
    return render_template(
        "account/deputies.html",
        person=found,
        is_own=units is None,
        unit=unit,
        units=units or [],
        roles=roles,
        choices=[choice for choice in choices if choice[0] not in (found.id, asking.user)],
        reasons=REASONS,
        given=[one for one in known if one.principal == found.id],
        received=[one for one in known if one.deputy == found.id],
        action=action,
        today=asked_at.astimezone(ZONE).date(),
        now=asked_at,
        days_max=commands.DAYS_MAX,
        note_max=commands.NOTE_LENGTH_MAX,
        typed=request.form,
        problems=problems or [],
        done=gettext(DONE[request.args["done"]]) if request.args.get("done") in DONE else "",
    )
