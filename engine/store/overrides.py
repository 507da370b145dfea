"""The rows of overrides that a new version above has left behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from engine.definition.profile import read_profile
from engine.errors import Rejected
from engine.model import Tenant
from engine.store import tables as t
from engine.store.known import tenant_of
from engine.store.publications import content_of


@dataclass(frozen=True, slots=True)
class OverrideReview:
    """A task to compare three versions: ``before`` and ``after`` above, and the organisation's ``own`` (resource ids).

    ``status``: open, kept, taken, edited or superseded.
    """

    id: str
    procedure: str
    tenant: Tenant
    kind: str
    key: str
    own: str
    before: str
    after: str
    opened_at: datetime
    status: str


def read_reviews(connection: Connection, *where: ColumnElement[bool], lock: bool = False) -> list[OverrideReview]:
    """Tasks that fulfil ``where``, newest first."""
    row = t.override_review
    query = (
        select(row, *[c.label(f"tenant_{c.name}") for c in t.tenant.c if c.name != "id"])
        .join(t.tenant, t.tenant.c.id == row.c.tenant_id)
        .where(*where)
        .order_by(row.c.opened_at.desc(), row.c.kind, row.c.key)
    )
    found = []
    for one in connection.execute(query.with_for_update(of=row) if lock else query).mappings():
        place = {c.name: one["tenant_id" if c.name == "id" else f"tenant_{c.name}"] for c in t.tenant.c}
        found.append(
            OverrideReview(
                one["id"], one["procedure"], tenant_of(place), one["kind"], one["key"], one["own"], one["before"],
                one["after"], one["opened_at"], one["status"],
            )
        )  # fmt: skip
    return found


def read_review(connection: Connection, review_id: str, *, lock: bool = False) -> OverrideReview | None:
    """One task, or None."""
    return next(iter(read_reviews(connection, t.override_review.c.id == review_id, lock=lock)), None)


def overriding_below(
    connection: Connection, tenant: Tenant, procedure: str, kind: str, key: str
) -> list[tuple[Tenant, str, OverrideReview | None]]:
    """Who below ``tenant`` has its own version of a file and inherits it from ``tenant``; with the task still open.

    ``(organisation, its version's id, open task)``.
    """
    row = t.resource.c
    newest = (
        select(row.tenant_id, func.max(row.version).label("version"))
        .where(row.procedure == procedure, row.kind == kind, row.key == key)
        .group_by(row.tenant_id)
        .subquery()
    )
    rows: list[Any] = list(
        connection.execute(
            select(*t.tenant.c, row.id.label("resource"))
            .join(t.tenant, t.tenant.c.id == row.tenant_id)
            .join(newest, (newest.c.tenant_id == row.tenant_id) & (newest.c.version == row.version))
            .where(
                row.procedure == procedure,
                row.kind == kind,
                row.key == key,
                ~row.withdrawn,
                t.tenant.c.path.startswith(tenant.path + "/", autoescape=True),
            )
            .order_by(t.tenant.c.path)
        ).mappings()
    )
    review = t.override_review.c
    asked = (review.procedure == procedure) & (review.kind == kind) & (review.key == key) & (review.status == "open")
    waiting = {one.tenant.id: one for one in read_reviews(connection, asked)} if rows else {}
    owners = [one["path"] for one in rows]
    return [
        (tenant_of(one), one["resource"], waiting.get(one["id"]))
        for one in rows
        if kind == "profile" or not any(one["path"].startswith(path + "/") for path in owners)
    ]


def same_parameters(connection: Connection, own: str, before: str, after: bytes) -> bool:
    """Whether none of the parameters that ``own`` says is different in the new version above."""
    try:
        said = read_profile(content_of(connection, own))
        was, now = read_profile(content_of(connection, before)), read_profile(after)
    except Rejected:
        return False
    return all(was.get(key) == now.get(key) for key in said)
