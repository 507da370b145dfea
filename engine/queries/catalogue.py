"""What is published for an organisation: whose version of each resource holds here, and all versions there were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from engine.errors import NotFound
from engine.model import Actor, Tenant
from engine.runtime.interpreter import ProcessDefinition
from engine.store import tables as t
from engine.store.known import Known, find_tenant, tenant_of
from engine.store.publications import Manifest, in_force, nearest, pins_for, starting_role


@dataclass(frozen=True, slots=True)
class PublishedResource:
    """A published file. ``owner`` is the organisation that published it."""

    id: str
    procedure: str
    kind: str
    key: str
    version: int
    checksum: str
    owner: Tenant
    published_at: datetime
    published_by: str
    title: str
    effective_at: datetime | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class StartableProcedure:
    """A procedure of which somebody may open a case in ``role``, as ``actor``: as a deputy for ``principal``."""

    procedure: str
    title: str
    title_en: str
    form: str
    role: str
    actor: Actor
    principal: str = ""


def procedures(connection: Connection) -> list[str]:
    """The procedures that anybody has published."""
    return list(
        connection.execute(select(t.resource.c.procedure).distinct().order_by(t.resource.c.procedure)).scalars()
    )


def published(
    connection: Connection, actor: Actor, tenant_id: str, procedure: str, at: datetime | None = None
) -> list[PublishedResource]:
    """Whose version of each resource holds for an organisation at ``at``, by kind and key. Raises ``NotFound``."""
    tenant = tenant_in_sight(connection, actor, tenant_id)
    pins = nearest(in_force(connection, procedure, tenant, at), tenant)
    return _resources(connection, t.resource.c.id.in_(set(pins.values())))


def versions(connection: Connection, actor: Actor, resource_id: str) -> list[PublishedResource]:
    """All versions of a resource at the organisation that published it, newest first. Raises ``NotFound``."""
    one = resource(connection, actor, resource_id)
    row = t.resource.c
    found = _resources(
        connection,
        (row.tenant_id == one.owner.id)
        & (row.procedure == one.procedure)
        & (row.kind == one.kind)
        & (row.key == one.key),
    )
    return sorted(found, key=lambda item: -item.version)


def resource(connection: Connection, actor: Actor, resource_id: str) -> PublishedResource:
    """One published file: of the actor's own part of the tree, or of an organisation above. Raises ``NotFound``."""
    found = _resources(connection, t.resource.c.id == resource_id)
    if not found or not _in_sight(actor, found[0].owner):
        raise NotFound("There is no such published file, or it is not yours to see.")
    return found[0]


def _in_sight(actor: Actor, owner: Tenant) -> bool:
    return actor.tenant.contains(owner.path) or owner.contains(actor.tenant.path)


def published_by_id(connection: Connection, ids: set[str]) -> dict[str, PublishedResource]:
    """Published files by their ids, whoever asks."""
    return {one.id: one for one in _resources(connection, t.resource.c.id.in_(ids))}


def tenant_in_sight(connection: Connection, actor: Actor, tenant_id: str) -> Tenant:
    """An organisation of the actor's own part of the tree, or above it. Raises ``NotFound``."""
    tenant = find_tenant(connection, tenant_id)
    if tenant is None or not _in_sight(actor, tenant):
        raise NotFound("There is no such organisation, or it is not yours to see.")
    return tenant


def definition_of(
    connection: Connection, known: Known, procedure: str, tenant: Tenant, at: datetime
) -> ProcessDefinition:
    """What a case would run by that the organisation opened at that moment. Raises ``NotFound``."""
    pins, manifest = pins_for(connection, procedure, tenant, at)
    return known.definition(connection, manifest["process"], pins)


def pinned(connection: Connection, pins: Mapping[str, str]) -> dict[str, PublishedResource]:
    """The files that a case has pinned, by resource id. The caller sees to it that the actor may see the case."""
    return {found.id: found for found in _resources(connection, t.resource.c.id.in_(set(pins.values())))}


def _resources(connection: Connection, where: Any) -> list[PublishedResource]:
    rows = connection.execute(
        select(
            t.resource,
            t.deployment.c.published_at,
            t.deployment.c.published_by,
            t.deployment.c.title,
            t.deployment.c.effective_at,
            *[c.label(f"owner_{c.name}") for c in t.tenant.c],
            t.user.c.name.label("publisher"),
        )
        .join(t.deployment, t.deployment.c.id == t.resource.c.deployment_id)
        .join(t.tenant, t.tenant.c.id == t.resource.c.tenant_id)
        .join(t.user, t.user.c.id == t.deployment.c.published_by, isouter=True)
        .where(where)
        .order_by(t.resource.c.kind, t.resource.c.key, t.resource.c.version)
    ).mappings()
    return [
        PublishedResource(
            row["id"],
            row["procedure"],
            row["kind"],
            row["key"],
            row["version"],
            row["checksum"],
            tenant_of({c.name: row[f"owner_{c.name}"] for c in t.tenant.c}),
            row["published_at"],
            row["publisher"] or row["published_by"],
            row["title"],
            row["effective_at"],
            row["withdrawn"],
        )
        for row in rows
    ]


def startable(connection: Connection, actor: Actor, at: datetime | None = None) -> list[StartableProcedure]:
    """The procedures of which the actor may open a case at ``at``: at their unit, and for whom they stand in."""
    called = {mandate.principal: mandate.name for mandate in actor.mandates}
    found: dict[tuple[str, str], StartableProcedure] = {}
    for procedure in procedures(connection):
        for name in actor.names:
            try:
                _, manifest = pins_for(connection, procedure, name.tenant, at)
            except NotFound:
                continue
            if role := starting_role(manifest, name):
                title, title_en = manifest["title"], manifest.get("title_en", manifest["title"])
                one = StartableProcedure(
                    procedure, title, title_en, manifest["start_form"], role, name, called.get(name.on_behalf_of, "")
                )
                found.setdefault((procedure, name.shown_for), one)
    return list(found.values())


def definition_in_force(
    connection: Connection, known: Known, tenant: Tenant, procedure: str, at: datetime | None = None
) -> tuple[ProcessDefinition, Manifest, Mapping[str, str]]:
    """What a case that ``tenant`` starts at ``at`` follows: compiled, with manifest and pins. Raises ``NotFound``."""
    pins, manifest = pins_for(connection, procedure, tenant, at)
    return known.definition(connection, manifest["process"], pins), manifest, pins


def running_cases(connection: Connection, procedure: str) -> int:
    """How many cases of a procedure are running."""
    return connection.execute(
        select(func.count())
        .select_from(t.instance)
        .where(t.instance.c.procedure == procedure, t.instance.c.status == "running")
    ).scalar_one()
