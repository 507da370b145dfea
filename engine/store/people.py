"""What commands on people ask of the rows, and the one column that is a secret."""

from __future__ import annotations

from sqlalchemy import Connection, select

from engine.store import tables as t


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


def keep_password_hash(connection: Connection, user_id: str, password_hash: str) -> None:
    """Store a user's password hash."""
    connection.execute(t.user.update().where(t.user.c.id == user_id).values(password_hash=password_hash))


def user_of_login(connection: Connection, login: str) -> str | None:
    """The id of the user with this log-in name, or None."""
    found = connection.execute(select(t.user.c.id).where(t.user.c.login == login)).scalar()
    return None if found is None else str(found)
