"""What commands on people ask of the rows, and the one column that is a secret."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from engine.model import Tenant
from engine.store import tables as t
from engine.store.known import tenant_of

_AT_ONCE = 500


def any_tenant(connection: Connection) -> bool:
    """Whether there is an organisation at all."""
    return connection.execute(select(t.tenant.c.id).limit(1)).first() is not None


def is_login_taken(connection: Connection, login: str) -> bool:
    """Whether a user has this log-in name."""
    return connection.execute(select(t.user.c.id).where(t.user.c.login == login)).first() is not None


def has_role(connection: Connection, user_id: str, tenant_id: str, role: str) -> bool:
    """Whether a user has a role at a unit."""
    row = t.membership.c
    query = select(row.role).where(row.user_id == user_id, row.tenant_id == tenant_id, row.role == role)
    return connection.execute(query).first() is not None


def name_and_units(connection: Connection, user_id: str) -> tuple[str | None, list[str]]:
    """A user's name (None when there is no such user) and the paths of their units."""
    rows = connection.execute(
        select(t.user.c.name, t.tenant.c.path)
        .join(t.membership, t.membership.c.user_id == t.user.c.id, isouter=True)
        .join(t.tenant, t.tenant.c.id == t.membership.c.tenant_id, isouter=True)
        .where(t.user.c.id == user_id)
    ).all()
    return (str(rows[0].name) if rows else None), [row.path for row in rows if row.path]


def first_unit(connection: Connection, user_id: str) -> str | None:
    """The first of a user's units by id, or None."""
    found = connection.execute(
        select(t.membership.c.tenant_id).where(t.membership.c.user_id == user_id).order_by(t.membership.c.tenant_id)
    ).scalar()
    return None if found is None else str(found)


@dataclass
class Person:
    """A user as a table of people needs them: ``units`` are the paths, ``roles`` are (unit, role)."""

    id: str
    name: str
    units: set[str] = field(default_factory=set)
    roles: set[tuple[str, str]] = field(default_factory=set)


def people_of_logins(connection: Connection, logins: Collection[str]) -> dict[str, Person]:
    """Log-in name → person, of those that there are."""
    found: dict[str, Person] = {}
    user, member, unit = t.user.c, t.membership.c, t.tenant.c
    for some in _in_parts(logins):
        rows = connection.execute(
            select(user.id, user.login, user.name, member.tenant_id, member.role, unit.path)
            .join(t.membership, member.user_id == user.id, isouter=True)
            .join(t.tenant, unit.id == member.tenant_id, isouter=True)
            .where(user.login.in_(some))
        )
        for row in rows:
            person = found.setdefault(row.login, Person(row.id, row.name))
            if row.path:
                person.units.add(row.path)
                person.roles.add((row.tenant_id, row.role))
    return found


def held_units(connection: Connection, ids: Collection[str]) -> dict[str, Tenant]:
    """The units of these ids that there are; until this transaction ends they stay open and where they are."""
    found: dict[str, Tenant] = {}
    for some in _in_parts(ids):
        query = select(t.tenant).where(t.tenant.c.id.in_(some)).order_by(t.tenant.c.id).with_for_update(read=True)
        found |= {row["id"]: tenant_of(row) for row in connection.execute(query).mappings()}
    return found


def names_of_units(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """The names of the units of these ids that there are."""
    found: dict[str, str] = {}
    for some in _in_parts(ids):
        rows = connection.execute(select(t.tenant.c.id, t.tenant.c.name).where(t.tenant.c.id.in_(some)))
        found |= {row.id: row.name for row in rows}
    return found


def _in_parts(texts: Collection[str]) -> Iterator[list[str]]:
    wanted = sorted(set(texts))
    return (wanted[start : start + _AT_ONCE] for start in range(0, len(wanted), _AT_ONCE))


def keep_password_hash(connection: Connection, user_id: str, password_hash: str) -> None:
    """Store a user's password hash."""
    connection.execute(t.user.update().where(t.user.c.id == user_id).values(password_hash=password_hash))
