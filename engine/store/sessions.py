"""Log-in, sessions and throttling. Technical rows: who is logged in is not a fact of any case.

Passwords: argon2id with OWASP's minimum (19 MiB, 2 passes). A session's token is random and only its
digest is stored. Five failures of a login or twenty of an address within fifteen minutes close the door
for the rest of them; the answer is the same for a wrong password and an unknown login.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select

from engine.errors import NotFound, Rejected
from engine.history.events import LoggedIn, LoggedOut, LogInFailed
from engine.model import Actor, Purpose, Tenant
from engine.store import tables as t
from engine.store.access_notes import note
from engine.store.database import Database
from engine.store.directory import actor_for
from engine.store.known import tenant_of
from engine.store.mandates import is_deputy, with_mandates

IDLE_MINUTES_MAX = 30
SESSION_HOURS_MAX = 12
FAILURES_PER_LOGIN_MAX = 5
FAILURES_PER_ADDRESS_MAX = 20
FAILURE_WINDOW_MINUTES = 15
PASSWORD_LENGTH_MIN = 8
PASSWORD_LENGTH_MAX = 128
SEEN_SECONDS = 60  # how stale the last sign of life may be: spares a write per page
NO_PASSWORD = "!"  # noqa: S105 - a hash that no password has

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_DECOY = _HASHER.hash("decoy")


class TooManyFailures(Rejected):
    """The door is closed for a while."""


@dataclass(frozen=True, slots=True)
class Session:
    """A logged-in person: ``memberships`` are the units they can act for, with their roles there.

    ``purpose`` is why they look at what is not their own work, as they stated it in this sitting; None before.
    """

    actor: Actor
    memberships: tuple[tuple[Tenant, frozenset[str]], ...]
    purpose: Purpose | None = None


def hash_password(password: str) -> str:
    """The argon2id hash of a new password. Raises ``Rejected`` when it is too short, too long or too common."""
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        raise Rejected(
            "Expected a password of %(min)s to %(max)s characters, found %(found)s. Choose another.",
            min=PASSWORD_LENGTH_MIN,
            max=PASSWORD_LENGTH_MAX,
            found=len(password),
        )
    if len(set(password)) < 4 or password.lower() in _COMMON:
        raise Rejected("Expected a password that is hard to guess; this one is among the most used. Choose another.")
    return _HASHER.hash(password)


_COMMON = frozenset(
    [
        "password",
        "12345678",
        "123456789",
        "1234567890",
        "qwertyuiop",
        "password1",
        "iloveyou",
        "11111111",
        "88888888",
        "abcd1234",
        "a1234567",
        "woaini520",
        "woaini1314",
        "admin123",
        "administrator",
    ]
)


def open_session(database: Database, login: str, password: str, now: datetime, address: str) -> str:
    """Check a login and open a session; returns the token for the cookie.

    Raises ``TooManyFailures`` or ``Rejected`` (one sentence for every reason).
    """
    with database.write() as connection:
        _require_open_door(connection, login, address, now)
        row = connection.execute(select(t.user).where(t.user.c.login == login)).mappings().first()
        right = _verify(row["password_hash"] if row else _DECOY, password)
        if row is not None and right and not row["disabled"]:
            unit = _first_unit(connection, row["id"])
            if unit is not None:
                note(connection, LoggedIn(address[:80]), now, row["id"], unit)
                return _insert_session(connection, row["id"], unit, now)
        note(connection, LogInFailed(row["id"] if row else "", address[:80]), now, "", "")
        connection.execute(t.login_failure.insert().values(login=login[:80], address=address[:80], at=now))
    raise Rejected("The name or the password is not right. Check both, and whether CAPS LOCK is on.")


def open_session_without_password(database: Database, login: str, now: datetime) -> str:
    """Open a session for a demo's person. The caller makes sure that this is a demo. Raises ``NotFound``."""
    with database.write() as connection:
        row = connection.execute(select(t.user.c.id).where(t.user.c.login == login, ~t.user.c.disabled)).first()
        unit = _first_unit(connection, row.id) if row else None
        if row is None or unit is None:
            raise NotFound("There is no such user.")
        note(connection, LoggedIn(), now, row.id, unit)
        return _insert_session(connection, row.id, unit, now)


def _verify(known_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(known_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _require_open_door(connection: Any, login: str, address: str, now: datetime) -> None:
    since = now - timedelta(minutes=FAILURE_WINDOW_MINUTES)
    for column, value, failures_max in (
        (t.login_failure.c.login, login[:80], FAILURES_PER_LOGIN_MAX),
        (t.login_failure.c.address, address[:80], FAILURES_PER_ADDRESS_MAX),
    ):
        count = connection.execute(
            select(func.count()).select_from(t.login_failure).where(column == value, t.login_failure.c.at > since)
        ).scalar_one()
        if count >= failures_max:
            raise TooManyFailures(
                "There were too many failed attempts. Wait %(minutes)s minutes, then try again.",
                minutes=FAILURE_WINDOW_MINUTES,
            )


def _first_unit(connection: Any, user_id: str) -> str | None:
    found = connection.execute(
        select(t.membership.c.tenant_id)
        .join(t.tenant, t.tenant.c.id == t.membership.c.tenant_id)
        .where(t.membership.c.user_id == user_id, t.tenant.c.closed_on.is_(None))
        .order_by(t.membership.c.tenant_id)
    ).scalar()
    return str(found) if found is not None else None


def _insert_session(connection: Any, user_id: str, tenant_id: str, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    connection.execute(
        t.session.insert().values(
            id=_digest(token),
            user_id=user_id,
            tenant_id=tenant_id,
            opened_at=now,
            seen_at=now,
        )
    )
    return token


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def read_session(database: Database, token: str, now: datetime) -> Session | None:
    """Who is behind a cookie, or None when the session is unknown, idle for 30 minutes or older than 12 hours."""
    with database.read() as connection:
        rows = (
            connection.execute(
                select(
                    t.session,
                    t.user.c.name,
                    t.membership.c.role,
                    t.membership.c.tenant_id.label("unit_id"),
                    *[c.label(f"unit_{c.name}") for c in t.tenant.c if c.name != "id"],
                    is_deputy(t.session.c.user_id, now).label("is_deputy"),
                )
                .join(t.user, t.user.c.id == t.session.c.user_id)
                .join(t.membership, t.membership.c.user_id == t.user.c.id)
                .join(t.tenant, t.tenant.c.id == t.membership.c.tenant_id)
                .where(t.session.c.id == _digest(token), ~t.user.c.disabled, t.tenant.c.closed_on.is_(None))
                .order_by(t.tenant.c.path)
            )
            .mappings()
            .all()
        )
        if not rows:
            return None
        session = _session(rows)
        if rows[0]["is_deputy"]:
            session = replace(session, actor=with_mandates(connection, session.actor, now))
    first = rows[0]
    if now - first["seen_at"] > timedelta(minutes=IDLE_MINUTES_MAX):
        return None
    if now - first["opened_at"] > timedelta(hours=SESSION_HOURS_MAX):
        return None
    if now - first["seen_at"] > timedelta(seconds=SEEN_SECONDS):
        with database.write() as connection:
            connection.execute(t.session.update().where(t.session.c.id == first["id"]).values(seen_at=now))
    return session


def _session(rows: Any) -> Session:
    units: dict[str, tuple[Tenant, set[str]]] = {}
    for row in rows:
        unit = tenant_of({"id": row["unit_id"], **{c: row[f"unit_{c}"] for c in ("path", "name", "level", "code")}})
        units.setdefault(unit.id, (unit, set()))[1].add(row["role"])
    memberships = tuple((unit, frozenset(roles)) for unit, roles in units.values())
    chosen, roles = next(
        ((unit, roles) for unit, roles in memberships if unit.id == rows[0]["tenant_id"]), memberships[0]
    )
    actor = Actor(rows[0]["user_id"], rows[0]["name"], chosen, roles)
    stated = rows[0]["purpose_key"]
    return Session(actor, memberships, Purpose(stated, rows[0]["purpose"]) if stated else None)


def choose_unit(database: Database, token: str, tenant_id: str) -> None:
    """Act for another of one's units from now on, for a purpose yet to be stated. Raises ``NotFound``."""
    with database.write() as connection:
        user_id = connection.execute(select(t.session.c.user_id).where(t.session.c.id == _digest(token))).scalar()
        actor_for(connection, str(user_id), tenant_id)
        chosen = {"tenant_id": tenant_id, "purpose_key": "", "purpose": ""}
        connection.execute(t.session.update().where(t.session.c.id == _digest(token)).values(chosen))


def state_purpose(database: Database, token: str, purpose: Purpose) -> None:
    """From now on this sitting looks for this purpose. What was looked at before keeps the one it has."""
    stated = {"purpose_key": purpose.key, "purpose": purpose.words}
    with database.write() as connection:
        connection.execute(t.session.update().where(t.session.c.id == _digest(token)).values(stated))


def close_session(database: Database, token: str, now: datetime) -> None:
    """Log out."""
    with database.write() as connection:
        row = connection.execute(select(t.session).where(t.session.c.id == _digest(token))).first()
        if row is not None:
            note(connection, LoggedOut(), now, row.user_id, row.tenant_id)
        connection.execute(t.session.delete().where(t.session.c.id == _digest(token)))


def close_sessions_of(connection: Any, user_id: str) -> None:
    """Log a person out everywhere."""
    connection.execute(t.session.delete().where(t.session.c.user_id == user_id))


def verify_password(connection: Any, user_id: str, password: str) -> bool:
    """Whether this is the user's present password."""
    found = connection.execute(select(t.user.c.password_hash).where(t.user.c.id == user_id)).scalar()
    return found is not None and _verify(found, password)
