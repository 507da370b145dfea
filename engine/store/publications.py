"""What is published, and what of it holds for an organisation: nearest organisation wins, per resource."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, or_, select

from engine.errors import NotFound
from engine.model import JUDGING, Actor, Tenant
from engine.store import tables as t

Manifest = Mapping[str, Any]


def in_force(
    connection: Connection, procedure: str, tenant: Tenant, at: datetime | None = None
) -> dict[tuple[str, str, str], str]:
    """The version of each resource that took effect last at each organisation of the lineage.

    ``(tenant id, kind, key)`` → resource id. ``at``: what is in force then; None: also what is planned for later.
    What an organisation has withdrawn is not there.
    """
    row = t.resource.c
    begins = func.coalesce(t.deployment.c.effective_at, t.deployment.c.published_at)
    place = (row.tenant_id, row.kind, row.key)
    rank = func.row_number().over(partition_by=place, order_by=(begins.desc(), row.version.desc()))
    query = (
        select(*place, row.id, row.withdrawn, rank.label("rank"))
        .join(t.deployment, t.deployment.c.id == row.deployment_id)
        .where(row.procedure == procedure, row.tenant_id.in_(tenant.lineage_ids))
    )
    if at is not None:
        query = query.where(or_(t.deployment.c.effective_at.is_(None), t.deployment.c.effective_at <= at))
    ranked = query.subquery()
    rows = connection.execute(select(ranked).where(ranked.c.rank == 1, ~ranked.c.withdrawn))
    return {(found.tenant_id, found.kind, found.key): found.id for found in rows}


def planned(connection: Connection, procedure: str, tenant: Tenant, after: datetime) -> list[datetime]:
    """The moments after ``after`` at which something published for the lineage takes effect, in their order."""
    row = t.deployment.c
    query = select(row.effective_at).where(row.procedure == procedure, row.tenant_id.in_(tenant.lineage_ids))
    return sorted(set(connection.execute(query.where(row.effective_at > after)).scalars()))


def nearest(published: Mapping[tuple[str, str, str], str], tenant: Tenant) -> dict[str, str]:
    """The lock file of a case that starts at ``tenant`` now: ``"kind:key"`` → resource id.

    Profiles are resolved parameter by parameter, so each of the lineage is pinned: ``profile:key#0`` is the nearest.
    """
    pins: dict[str, str] = {}
    profiles: dict[str, int] = {}
    for place in tenant.lineage_ids:
        for (owner, kind, key), resource_id in sorted(published.items()):
            if owner != place or kind in JUDGING:
                continue
            if kind == "profile":
                pins[f"profile:{key}#{profiles.get(key, 0)}"] = resource_id
                profiles[key] = profiles.get(key, 0) + 1
            else:
                pins.setdefault(f"{kind}:{key}", resource_id)
    return pins


def holder(published: Mapping[tuple[str, str, str], str], tenant: Tenant, kind: str, key: str) -> str | None:
    """The nearest version of one file of any kind, also of those that no case pins."""
    return next((id_ for place in tenant.lineage_ids if (id_ := published.get((place, kind, key)))), None)


def pins_for(
    connection: Connection, procedure: str, tenant: Tenant, at: datetime | None = None
) -> tuple[dict[str, str], Manifest]:
    """What a case that ``tenant`` starts at ``at`` would pin, and the procedure's manifest. Raises ``NotFound``."""
    pins = nearest(in_force(connection, procedure, tenant, at), tenant)
    bundle = pins.get(f"bundle:{procedure}")
    if bundle is None:
        raise NotFound("The procedure %(procedure)s is not published here.", procedure=procedure)
    return pins, manifest_of(connection, bundle)


def starting_role(manifest: Manifest, actor: Actor) -> str:
    """The role in which somebody may open a case, "" for none; what is done in person is done by no deputy."""
    roles = [role for role in manifest["start_roles"] if role in actor.roles]
    if actor.on_behalf_of:
        roles = [role for role in roles if role not in manifest.get("personal_roles", ())]
    return roles[0] if roles else ""


def personal_roles(connection: Connection, tenant: Tenant, at: datetime) -> frozenset[str]:
    """The roles that have no deputies: of a procedure in force at a unit, done in person by who has them."""
    row = t.resource.c
    known = select(row.procedure).where(row.kind == "bundle", row.tenant_id.in_(tenant.lineage_ids)).distinct()
    found: set[str] = set()
    for procedure in list(connection.execute(known).scalars()):
        published = nearest(in_force(connection, procedure, tenant, at), tenant)
        if bundle := published.get(f"bundle:{procedure}"):
            found |= set(manifest_of(connection, bundle).get("personal_roles", ()))
    return frozenset(found)


def require_pins(connection: Connection, procedure: str, tenant: Tenant, pins: Mapping[str, str]) -> Manifest:
    """The manifest of a lock file that is not the one in force. Raises ``NotFound`` unless every file of it was
    published for this procedure by the organisation or one above it, under the kind and key it is pinned as.
    """
    row = t.resource.c
    rows = connection.execute(
        select(row.id, row.kind, row.key).where(
            row.id.in_(set(pins.values())), row.procedure == procedure, row.tenant_id.in_(tenant.lineage_ids)
        )
    )
    published = {found.id: f"{found.kind}:{found.key}" for found in rows}
    bundle = pins.get(f"bundle:{procedure}", "")
    if not bundle or any(published.get(id_) != pin.partition("#")[0] for pin, id_ in pins.items()):
        raise NotFound("There is no such version of %(procedure)s for this organisation.", procedure=procedure)
    return manifest_of(connection, bundle)


def manifest_of(connection: Connection, resource_id: str) -> Manifest:
    """A published ``bundle.toml`` as data."""
    return tomllib.loads(content_of(connection, resource_id).decode())


def content_of(connection: Connection, resource_id: str) -> bytes:
    """The file of a published resource. Raises ``NotFound``."""
    found = connection.execute(
        select(t.file.c.content)
        .join(t.resource, t.resource.c.checksum == t.file.c.digest)
        .where(t.resource.c.id == resource_id)
    ).scalar()
    if found is None:
        raise NotFound("The published file %(resource)s is missing.", resource=resource_id)
    return bytes(found)


def source_of(connection: Connection, resource_id: str) -> bytes:
    """What the author of a published file wrote: a merged form before it was merged, else the file itself."""
    found = connection.execute(
        select(t.file.c.content)
        .join(t.resource, t.resource.c.source == t.file.c.digest)
        .where(t.resource.c.id == resource_id)
    ).scalar()
    return content_of(connection, resource_id) if found is None else bytes(found)


def checksums_of(connection: Connection, resource_ids: Collection[str]) -> dict[str, str]:
    """Resource id → checksum of its file."""
    rows = connection.execute(select(t.resource.c.id, t.resource.c.checksum).where(t.resource.c.id.in_(resource_ids)))
    return {row.id: row.checksum for row in rows}


def next_version(connection: Connection, tenant: Tenant, procedure: str, kind: str, key: str) -> int:
    """The number of the next version of a resource at an organisation."""
    row = t.resource.c
    newest = connection.execute(
        select(func.max(row.version)).where(
            row.tenant_id == tenant.id, row.procedure == procedure, row.kind == kind, row.key == key
        )
    ).scalar()
    return (newest or 0) + 1
