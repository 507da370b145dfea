"""Publish a bundle: from then on new cases take it, running ones keep what they pinned.

People publish through a proposal that somebody else approves (``engine.commands.proposals``); only the machine,
when it sets up an installation, publishes directly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.commands.overrides import left_behind
from engine.definition.bundle import Bundle
from engine.definition.floor import check_floor
from engine.errors import NotFound, Rejected
from engine.history import events as e
from engine.history.seal import digest
from engine.model import Tenant
from engine.runtime.interpreter import compile_definition
from engine.store.composition import Composition, compose
from engine.store.known import find_tenant
from engine.store.merged_forms import flattened
from engine.store.publications import checksums_of, in_force, next_version
from engine.store.unit_of_work import UnitOfWork

Place = tuple[str, str]


def publish(uow: UnitOfWork, bundle: Bundle, tenant_id: str, title: str) -> dict[str, Any]:
    """Publish the files of a bundle for an organisation and all below it, when an installation is set up.

    Only files that differ from what the organisation has published get a new version; the rest stay. The
    whole – these files over what the organisations above have published – must compile and keep to the floor.
    Returns ``{"deployment", "resources"}`` (ids). Raises ``NotFound``, ``Rejected``; and ``Rejected`` for every person.
    """
    if not uow.actor.is_system:
        raise Rejected("Expected a proposal that somebody else approves: nobody publishes alone. Open a draft.")
    tenant = find_tenant(uow.connection, tenant_id)
    if tenant is None:
        raise NotFound("There is no such organisation, or it is not yours to publish for.")
    _require_lawful(compose(uow.connection, bundle, tenant))
    return publish_for(uow, tenant, bundle, title)


def publish_for(
    uow: UnitOfWork,
    tenant: Tenant,
    bundle: Bundle,
    title: str,
    *,
    effective_at: datetime | None = None,
    proposal: str = "",
    authors: Sequence[str] = (),
) -> dict[str, Any]:
    """Record the publication of what differs. The caller has checked the whole, and who may publish it."""
    published = in_force(uow.connection, bundle.procedure, tenant)
    written, bundle = bundle.resources, flattened(uow.connection, bundle, tenant, effective_at or uow.now)
    changed = differing(uow, bundle, tenant, published)
    if not changed:
        raise Rejected("Expected something new, but every file is already published with this content.")
    deployment_id = f"d-{uow.new_id()}"
    resources: list[dict[str, Any]] = []
    for (kind, key), content in sorted(changed.items()):
        version = next_version(uow.connection, tenant, bundle.procedure, kind, key)
        resource_id = f"{tenant.id}:{bundle.procedure}:{kind}:{key}@{version}"
        item = {"id": resource_id, "kind": kind, "key": key, "version": version}
        if content is None:
            own = published[tenant.id, kind, key]
            item |= {"checksum": checksums_of(uow.connection, [own])[own], "withdrawn": True}
        else:
            item |= {"checksum": uow.store_file(content)}
            if content != written[kind, key]:
                item["source"] = uow.store_file(written[kind, key])
        resources.append(item)
    event = e.DeploymentPublished(
        deployment_id,
        tenant.id,
        bundle.procedure,
        title.strip() or bundle.title,
        resources,
        effective_at,
        proposal,
        list(authors),
    )
    uow.record_in(f"procedure:{bundle.procedure}", [event, *left_behind(uow, tenant, event, published)])
    return {"deployment": deployment_id, "resources": [item["id"] for item in resources]}


def differing(
    uow: UnitOfWork, bundle: Bundle, tenant: Tenant, published: Mapping[tuple[str, str, str], str]
) -> dict[Place, bytes | None]:
    """The files that would get a new version: new content, or None for an own version that is taken away."""
    ids = {id_ for (owner, _, _), id_ in published.items() if owner == tenant.id}
    checksums = checksums_of(uow.connection, ids)
    changed: dict[Place, bytes | None] = {
        (kind, key): content
        for (kind, key), content in bundle.resources.items()
        if checksums.get(published.get((tenant.id, kind, key), "")) != digest(content)
    }
    return changed | {place: None for place in bundle.removed if (tenant.id, *place) in published}


def _require_lawful(whole: Composition) -> None:
    """The whole compiles, and breaks no rule of the floor. Raises ``Rejected`` with the first that is broken."""
    compile_definition(whole.main, whole.resources)
    for finding in check_floor(whole.main, whole.resources, whole.floor) if whole.floor is not None else ():
        if finding.severity == "error":
            raise Rejected(finding.template, **finding.params)
