"""Organisations, users and their roles. Roles belong to a unit: what one may do is never global."""

from __future__ import annotations

import re

from engine.errors import NotFound, Rejected
from engine.history import events as e
from engine.model import Tenant
from engine.store.known import find_tenant
from engine.store.people import (
    any_tenant,
    first_unit,
    has_role,
    is_login_taken,
    keep_password_hash,
    name_and_units,
)
from engine.store.sessions import NO_PASSWORD, close_sessions_of, hash_password, verify_password
from engine.store.unit_of_work import ORGANISATIONS, UnitOfWork
from engine.store.units import hold_open, in_reach

NAME_LENGTH_MAX = 60
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_ROLE = re.compile(r"[a-z][a-z0-9_]{0,39}")


def add_tenant(
    uow: UnitOfWork, tenant_id: str, parent_id: str | None, name: str, level: str, code: str | None
) -> Tenant:
    """Add an organisation below another (the first has no parent). Returns it. Raises ``Rejected``, ``NotFound``."""
    require_id(tenant_id)
    name = required_name(name)
    if find_tenant(uow.connection, tenant_id) is not None:
        raise Rejected("Expected a new id, but an organisation %(id)s exists already.", id=tenant_id)
    path = tenant_id
    if parent_id is not None:
        parent = _open_in_reach(uow, parent_id)
        path = f"{parent.path}/{tenant_id}"
    elif any_tenant(uow.connection):
        raise Rejected("Expected a parent: only the first organisation has none.")
    uow.record_in(ORGANISATIONS, [e.TenantAdded(tenant_id, path, name, level, code or None)])
    return Tenant(tenant_id, path, name, level, code or None)


def add_user(
    uow: UnitOfWork, login: str, name: str, tenant_id: str, roles: list[str], password: str | None = None
) -> str:
    """Add a user with roles at a unit; returns the user's id. Without a password they cannot log in by one."""
    require_id(login)
    name = required_name(name)
    tenant = _open_in_reach(uow, tenant_id)
    if is_login_taken(uow.connection, login):
        raise Rejected("Expected a new log-in name, but %(login)s is taken. Choose another.", login=login)
    if not roles:
        raise Rejected("Expected at least one role. A user without a role can do nothing.")
    for role in roles:
        _require_role_name(role)
    known_hash = hash_password(password) if password is not None else NO_PASSWORD
    user_id = f"u-{uow.new_id()}"
    uow.record_in(
        f"tenant:{tenant.id}",
        [e.UserAdded(user_id, login, name), *[e.RoleGranted(user_id, tenant.id, role, name) for role in roles]],
    )
    keep_password_hash(uow.connection, user_id, known_hash)
    return user_id


def grant_role(uow: UnitOfWork, user_id: str, tenant_id: str, role: str) -> None:
    """Give a user a role at a unit."""
    _require_role_name(role)
    tenant = _open_in_reach(uow, tenant_id)
    name = _user_name(uow, user_id)
    uow.record_in(f"tenant:{tenant.id}", [e.RoleGranted(user_id, tenant.id, role, name)])


def revoke_role(uow: UnitOfWork, user_id: str, tenant_id: str, role: str) -> None:
    """Take a role at a unit from a user. Raises ``Rejected`` when they do not have it."""
    tenant = _tenant_in_reach(uow, tenant_id)
    name = _user_name(uow, user_id)
    if not has_role(uow.connection, user_id, tenant.id, role):
        raise Rejected("Expected a role that %(name)s has; they do not have it. Look at the list again.", name=name)
    uow.record_in(f"tenant:{tenant.id}", [e.RoleRevoked(user_id, tenant.id, role, name)])
    close_sessions_of(uow.connection, user_id)


def disable_user(uow: UnitOfWork, user_id: str) -> None:
    """Keep a user from logging in; all their sessions end."""
    name = _user_name(uow, user_id)
    uow.record_in(f"tenant:{_home(uow, user_id)}", [e.UserDisabled(user_id, name)])
    close_sessions_of(uow.connection, user_id)


def enable_user(uow: UnitOfWork, user_id: str) -> None:
    """Let a disabled user in again."""
    name = _user_name(uow, user_id)
    uow.record_in(f"tenant:{_home(uow, user_id)}", [e.UserEnabled(user_id, name)])


def set_password(uow: UnitOfWork, user_id: str, password: str) -> None:
    """Set a user's password (as an administrator); all their sessions end."""
    name = _user_name(uow, user_id)
    known_hash = hash_password(password)
    uow.record_in(f"tenant:{_home(uow, user_id)}", [e.PasswordSet(user_id, name)])
    keep_password_hash(uow.connection, user_id, known_hash)
    close_sessions_of(uow.connection, user_id)


def change_password(uow: UnitOfWork, old: str, new: str) -> None:
    """Change one's own password. Raises ``Rejected`` when the old one is wrong. All one's sessions end."""
    if not verify_password(uow.connection, uow.actor.user, old):
        raise Rejected("The present password is not right. Type it again.")
    known_hash = hash_password(new)
    uow.record_in(f"tenant:{uow.actor.tenant.id}", [e.PasswordSet(uow.actor.user, uow.actor.name)])
    keep_password_hash(uow.connection, uow.actor.user, known_hash)
    close_sessions_of(uow.connection, uow.actor.user)


def require_id(text: str) -> None:
    """Raises ``Rejected`` for what is no id of a unit and no log-in name."""
    if not _ID.fullmatch(text):
        raise Rejected("Expected 1 to 40 letters, digits, dots or hyphens, found “%(found)s”.", found=text[:60])


def _require_role_name(role: str) -> None:
    if not _ROLE.fullmatch(role):
        raise Rejected("Expected a role such as reviewer_2, found “%(found)s”.", found=role[:60])


def required_name(name: str) -> str:
    """A name without the spaces around it. Raises ``Rejected`` for none, or one that is too long."""
    name = name.strip()
    if not 0 < len(name) <= NAME_LENGTH_MAX:
        raise Rejected(
            "Expected a name of 1 to %(max)s characters, found %(found)s.", max=NAME_LENGTH_MAX, found=len(name)
        )
    return name


def _tenant_in_reach(uow: UnitOfWork, tenant_id: str) -> Tenant:
    return in_reach(uow.connection, uow.actor, tenant_id)


def _open_in_reach(uow: UnitOfWork, tenant_id: str) -> Tenant:
    """A unit of the actor's that stays open until the end of the transaction."""
    tenant = _tenant_in_reach(uow, tenant_id)
    hold_open(uow.connection, tenant)
    return tenant


def _user_name(uow: UnitOfWork, user_id: str) -> str:
    """The name of a user within reach: all of whose units lie in the actor's part of the tree."""
    name, paths = name_and_units(uow.connection, user_id)
    in_reach = uow.actor.is_system or (bool(paths) and all(uow.actor.tenant.contains(path) for path in paths))
    if name is None or not in_reach:
        raise NotFound("There is no such user, or they are not yours to manage.")
    return name


def _home(uow: UnitOfWork, user_id: str) -> str:
    return first_unit(uow.connection, user_id) or uow.actor.tenant.id
