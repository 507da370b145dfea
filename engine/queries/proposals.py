"""What is proposed and what was published, for those who may decide: their own part of the tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, or_, select

from engine.definition.bundle import Bundle
from engine.errors import NotFound
from engine.model import Actor, Tenant
from engine.store import tables as t
from engine.store.draft_files import kept_content
from engine.store.known import tenant_of
from engine.store.proposals import (
    Deployment,
    Proposal,
    bundle_of_proposal,
    former_version,
    read_deployment,
    read_proposal,
    read_proposals,
)
from engine.store.publications import content_of, holder, in_force, nearest

__all__ = [
    "Deployment",
    "Proposal",
    "Reach",
    "bundle_of",
    "can_go_back",
    "proposal",
    "proposals",
    "published_change",
    "reach",
]

OVERRIDING_MAX = 200
Place = tuple[str, str]
Resources = Mapping[Place, bytes]


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a publication concerns. ``overriding``: organisations below with own versions, and of which files."""

    running: int
    below: int
    overriding: tuple[tuple[Tenant, tuple[tuple[str, str], ...]], ...]


def proposals(connection: Connection, actor: Actor, *, decided: bool = False) -> list[Proposal]:
    """The proposals of the actor's part of the tree that wait, newest first; ``decided``: the others."""
    status = t.proposal.c.status
    return read_proposals(connection, _within(actor.tenant), status != "waiting" if decided else status == "waiting")


def proposal(connection: Connection, actor: Actor, proposal_id: str) -> Proposal:
    """One proposal. Raises ``NotFound``."""
    found = read_proposal(connection, proposal_id)
    if found is None or not actor.tenant.contains(found.tenant.path):
        raise NotFound("There is no such proposal, or it is not yours to see.")
    return found


def waiting_for_draft(connection: Connection, draft_id: str) -> Proposal | None:
    """The proposal that a draft waits for, or its last one."""
    return next(iter(read_proposals(connection, t.proposal.c.draft_id == draft_id, limit=1)), None)


def bundle_of(connection: Connection, proposal: Proposal) -> Bundle:
    """The files as they were proposed."""
    return bundle_of_proposal(connection, proposal)


def can_go_back(connection: Connection, deployment_id: str) -> bool:
    """Whether none of a publication's files has been published anew since."""
    found = read_deployment(connection, deployment_id)
    return all(former_version(connection, found, place)[1] == version for place, (_, version) in found.files.items())


def published_change(connection: Connection, proposal: Proposal) -> tuple[Resources, Resources]:
    """The files of a publication as they held for its organisation before it and after it, profiles nearest first.

    Both have what a comparison needs to call roles by their names. Raises ``NotFound`` for what was never published.
    """
    found = read_deployment(connection, proposal.deployment or "")
    begins = found.effective_at or found.published_at
    holding = in_force(connection, found.procedure, proposal.tenant, begins)
    above = {place: id_ for place, id_ in holding.items() if place[0] != proposal.tenant.id}
    former: dict[Place, bytes] = {}
    after: dict[Place, bytes] = {}
    for place, (checksum, _) in found.files.items():
        own = former_version(connection, found, place)[0]
        inherited = holder(above, proposal.tenant, *place)
        for side, version in ((former, own), (after, checksum)):
            if version is not None:
                side[place] = kept_content(connection, version)
            elif inherited is not None and place[0] != "profile":
                side[place] = content_of(connection, inherited)
    shared: dict[Place, bytes] = {}
    for pin, id_ in nearest(above, proposal.tenant).items():
        kind, _, key = pin.partition(":")
        if kind == "profile":
            shared[kind, f"{key}@above"] = content_of(connection, id_)
        elif kind == "bundle" and (kind, key) not in found.files:
            shared[kind, key] = content_of(connection, id_)
    return {**shared, **former}, {**shared, **after}


def reach(connection: Connection, tenant: Tenant, procedure: str) -> Reach:
    """How many running cases and organisations a publication of ``tenant`` concerns, and who has own versions."""
    path = t.instance.c.tenant_path
    running = connection.execute(
        select(func.count())
        .select_from(t.instance)
        .where(
            t.instance.c.procedure == procedure,
            t.instance.c.status == "running",
            or_(path == tenant.path, path.startswith(tenant.path + "/", autoescape=True)),
        )
    ).scalar_one()
    below = connection.execute(select(func.count()).select_from(t.tenant).where(_below(tenant))).scalar_one()
    return Reach(running, below, tuple(overriding(connection, tenant, procedure)))


def overriding(
    connection: Connection, tenant: Tenant, procedure: str
) -> list[tuple[Tenant, tuple[tuple[str, str], ...]]]:
    """The organisations below ``tenant`` that have versions of their own, and of which files."""
    row = t.resource.c
    newest = (
        select(row.tenant_id, row.kind, row.key, func.max(row.version).label("version"))
        .where(row.procedure == procedure)
        .group_by(row.tenant_id, row.kind, row.key)
        .subquery()
    )
    rows = connection.execute(
        select(*t.tenant.c, row.kind, row.key)
        .join(t.tenant, t.tenant.c.id == row.tenant_id)
        .join(
            newest,
            (row.tenant_id == newest.c.tenant_id)
            & (row.kind == newest.c.kind)
            & (row.key == newest.c.key)
            & (row.version == newest.c.version),
        )
        .where(row.procedure == procedure, ~row.withdrawn, _below(tenant))
        .order_by(t.tenant.c.path, row.kind, row.key)
    ).mappings()
    found: dict[str, tuple[Tenant, list[tuple[str, str]]]] = {}
    for one in rows:
        found.setdefault(one["id"], (tenant_of(one), []))[1].append((one["kind"], one["key"]))
    return [(unit, tuple(places)) for unit, places in list(found.values())[:OVERRIDING_MAX]]


def _within(tenant: Tenant) -> ColumnElement[bool]:
    return or_(t.tenant.c.path == tenant.path, _below(tenant))


def _below(tenant: Tenant) -> ColumnElement[bool]:
    return t.tenant.c.path.startswith(tenant.path + "/", autoescape=True)
