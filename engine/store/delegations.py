"""Delegations as commands and pages read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from engine.model import PLATFORM_ROLES, Tenant
from engine.store import tables as t
from engine.store.known import tenant_of

DELEGATIONS_MAX = 200


@dataclass(frozen=True, slots=True)
class Delegated:
    """One delegation; it holds from ``begins_at`` until just before ``ends_at``, or until ``ended_at``."""

    id: str
    principal: str
    principal_name: str
    deputy: str
    deputy_name: str
    tenant: Tenant
    roles: tuple[str, ...]
    begins_at: datetime
    ends_at: datetime
    reason: str
    note: str
    given_at: datetime
    ended_at: datetime | None

    @property
    def last_moment(self) -> datetime:
        """The end of its last day."""
        return self.ends_at - timedelta(seconds=1)

    def is_over(self, now: datetime) -> bool:
        """Whether nothing of it is to come."""
        return self.ended_at is not None or self.ends_at <= now

    def holds(self, now: datetime) -> bool:
        """Whether it is within its days and nobody has ended it."""
        return self.begins_at <= now and not self.is_over(now)


def delegations(connection: Connection, where: ColumnElement[bool]) -> list[Delegated]:
    """The chosen delegations, the latest first; at most 200 roles."""
    principal, deputy = t.user.alias("principal"), t.user.alias("deputy")
    lent = t.delegation.c
    rows = connection.execute(
        select(
            *[column.label(f"lent_{column.name}") for column in lent],
            principal.c.name.label("principal_name"),
            deputy.c.name.label("deputy_name"),
            *t.tenant.c,
        )
        .join(principal, principal.c.id == lent.principal_id)
        .join(deputy, deputy.c.id == lent.deputy_id)
        .join(t.tenant, t.tenant.c.id == lent.tenant_id)
        .where(where)
        .order_by(lent.ends_at.desc(), lent.id, lent.role)
        .limit(DELEGATIONS_MAX)
    ).mappings()
    found = []
    for _, group in groupby(rows, key=lambda row: str(row["lent_id"])):
        same = list(group)
        row = same[0]
        found.append(
            Delegated(
                row["lent_id"],
                row["lent_principal_id"],
                row["principal_name"],
                row["lent_deputy_id"],
                row["deputy_name"],
                tenant_of(row),
                tuple(one["lent_role"] for one in same),
                row["lent_begins_at"],
                row["lent_ends_at"],
                row["lent_reason"],
                row["lent_note"],
                row["lent_given_at"],
                row["lent_ended_at"],
            )
        )
    return found


def delegation_of(connection: Connection, delegation_id: str) -> Delegated | None:
    """One delegation, or None."""
    found = delegations(connection, t.delegation.c.id == delegation_id)
    return found[0] if found else None


def delegations_of(connection: Connection, user_id: str) -> list[Delegated]:
    """The delegations that a user gave or that made them a deputy."""
    lent = t.delegation.c
    return delegations(connection, or_(lent.principal_id == user_id, lent.deputy_id == user_id))


def is_lent(
    connection: Connection, principal: str, tenant_id: str, roles: Sequence[str], begins: datetime, ends: datetime
) -> bool:
    """Whether one of these roles has a deputy at any moment from ``begins`` until just before ``ends``."""
    lent = t.delegation.c
    query = select(lent.id).where(
        lent.principal_id == principal,
        lent.tenant_id == tenant_id,
        lent.role.in_(roles),
        lent.ended_at.is_(None),
        and_(lent.begins_at < ends, lent.ends_at > begins),
    )
    return connection.execute(query.limit(1)).first() is not None


def possible_deputies(connection: Connection, tenant: Tenant) -> list[tuple[str, str, str]]:
    """Who works at a unit or at the one directly above it: ``(user id, name, unit's name)``, those nearest first."""
    parent = tenant.lineage_ids[1:2]
    rows = connection.execute(
        select(t.user.c.id, t.user.c.name, t.tenant.c.name.label("unit"))
        .join(t.membership, t.membership.c.user_id == t.user.c.id)
        .join(t.tenant, t.tenant.c.id == t.membership.c.tenant_id)
        .where(
            t.tenant.c.id.in_([tenant.id, *parent]),
            t.membership.c.role.not_in(sorted(PLATFORM_ROLES)),
            ~t.user.c.disabled,
        )
        .order_by(t.tenant.c.path.desc(), t.user.c.login)
    )
    found: dict[str, tuple[str, str, str]] = {}
    for row in rows:
        found.setdefault(row.id, (row.id, row.name, row.unit))
    return list(found.values())


def could_stand_in(connection: Connection, user_id: str, tenant: Tenant) -> str | None:
    """The name of a user who may stand in for somebody at this unit, or None."""
    return next((name for id_, name, _ in possible_deputies(connection, tenant) if id_ == user_id), None)
