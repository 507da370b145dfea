"""Who stands in for whom: a person names a deputy for roles they have at a unit, for some days, with a reason.

What can be lent is work: the roles of procedures, never the administrator's or the auditor's, and so never an
approval of what is published. Lent is only what somebody has: a deputy cannot pass on what was lent to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from engine.errors import Conflict, NotFound, Rejected
from engine.history import events as e
from engine.model import ADMINISTRATOR, PLATFORM_ROLES
from engine.runtime.surroundings import ZONE
from engine.store.apply.delegations import start_of
from engine.store.delegations import Delegated, could_stand_in, delegation_of, is_lent
from engine.store.known import find_tenant
from engine.store.people import has_role, name_and_units
from engine.store.publications import personal_roles
from engine.store.unit_of_work import UnitOfWork

REASONS = ("leave", "illness", "vacancy", "other")
DAYS_MAX = 92
AHEAD_DAYS_MAX = 366
NOTE_LENGTH_MAX = 200


def give_delegation(
    uow: UnitOfWork,
    principal: str,
    tenant_id: str,
    roles: Sequence[str],
    deputy: str,
    begins: date,
    ends: date,
    reason: str,
    note: str = "",
) -> str:
    """Make ``deputy`` stand in for ``principal`` in ``roles`` at a unit, from ``begins`` to the end of ``ends``.

    By the principal or an administrator of all their units, who cannot name themselves. The deputy works at the unit
    or at the one directly above it. Returns the delegation's id. Raises ``Rejected``, ``NotFound``.
    """
    name = _name_of(uow, principal)
    tenant = find_tenant(uow.connection, tenant_id)
    wanted = sorted(set(roles))
    if tenant is None or not wanted or not all(has_role(uow.connection, principal, tenant_id, role) for role in wanted):
        raise Rejected(
            "Expected roles that %(name)s has at this unit in their own right; what was lent to somebody cannot be "
            "passed on. Choose from the list.",
            name=name,
        )
    if PLATFORM_ROLES & set(wanted):
        raise Rejected(
            "Expected roles of a procedure. Administering and auditing, and so approving what is published, is done "
            "by nobody for somebody else: give the role to another person instead."
        )
    if personal := personal_roles(uow.connection, tenant, uow.now) & set(wanted):
        raise Rejected(
            "Expected roles that may have a deputy, but this work is done in person: %(roles)s. Leave it out.",
            roles=sorted(personal),
        )
    _require_days(uow, begins, ends)
    if reason not in REASONS or len(note.strip()) > NOTE_LENGTH_MAX:
        raise Rejected(
            "Expected a reason from the list and at most %(max)s characters beside it. Choose why a deputy is needed.",
            max=NOTE_LENGTH_MAX,
        )
    deputy_name = could_stand_in(uow.connection, deputy, tenant)
    if deputy_name is None or deputy in (principal, uow.actor.user):
        raise Rejected(
            "Expected somebody else who works at this unit or at the one directly above it; nobody names themselves. "
            "Choose from the list."
        )
    uow.lock(f"tenant:{tenant_id}")  # two at once must not both find the days free
    taken = is_lent(uow.connection, principal, tenant_id, wanted, start_of(begins), start_of(ends + timedelta(days=1)))
    if taken:
        raise Rejected(
            "Expected days without a deputy, but %(name)s has one for one of these roles then. End that one first.",
            name=name,
        )
    delegation = f"d-{uow.new_id()}"
    given = e.DelegationGiven(
        delegation, principal, deputy, tenant_id, wanted, begins, ends, reason, note.strip(), name, deputy_name
    )
    uow.record_in(f"tenant:{tenant_id}", [given])
    return delegation


def end_delegation(uow: UnitOfWork, delegation_id: str) -> None:
    """End a delegation before its time: by either of the two, or by an administrator of the principal."""
    found = delegation_of(uow.connection, delegation_id)
    if found is None or not _may_end(uow, found):
        raise NotFound("There is no such deputy, or it is not yours to end.")
    if found.ended_at is not None or found.ends_at <= uow.now:
        raise Conflict(
            "Expected a deputy who still stands in, but %(deputy)s no longer does. Look at the list again.",
            deputy=found.deputy_name,
        )
    ended = e.DelegationEnded(delegation_id, list(found.roles), found.principal_name, found.deputy_name)
    uow.record_in(f"tenant:{found.tenant.id}", [ended])


def _require_days(uow: UnitOfWork, begins: date, ends: date) -> None:
    today = uow.now.astimezone(ZONE).date()
    if not today <= begins <= today + timedelta(days=AHEAD_DAYS_MAX):
        raise Rejected(
            "Expected a first day from today on and within a year, but found %(found)s. Choose another.",
            found=str(begins),
        )
    if not begins <= ends < begins + timedelta(days=DAYS_MAX):
        raise Rejected(
            "Expected a last day within %(max)s days of the first, but found %(found)s. Choose another; for longer, "
            "give the role to somebody.",
            max=DAYS_MAX,
            found=str(ends),
        )


def _name_of(uow: UnitOfWork, principal: str) -> str:
    """The name of the actor, or of somebody whom they administer. Raises ``NotFound`` for anybody else."""
    name, paths = name_and_units(uow.connection, principal)
    if name is None or not (principal == uow.actor.user or _administers(uow, paths)):
        raise NotFound("There is no such user, or they are not yours to manage.")
    return name


def _administers(uow: UnitOfWork, paths: Sequence[str]) -> bool:
    actor = uow.actor
    in_reach = bool(paths) and all(actor.tenant.contains(path) for path in paths)
    return actor.is_system or (ADMINISTRATOR in actor.roles and in_reach)


def _may_end(uow: UnitOfWork, found: Delegated) -> bool:
    if uow.actor.user in (found.principal, found.deputy):
        return True
    return _administers(uow, name_and_units(uow.connection, found.principal)[1])
