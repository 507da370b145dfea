"""Publish a bundle: from then on new cases take it, running ones keep what they pinned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.definition.bundle import Bundle
from engine.definition.floor import check_floor
from engine.errors import NotFound, Rejected
from engine.history import events as e
from engine.history.seal import digest
from engine.model import Tenant
from engine.runtime.interpreter import compile_definition
from engine.store.composition import compose
from engine.store.known import find_tenant
from engine.store.publications import checksums_of, in_force, next_version
from engine.store.unit_of_work import UnitOfWork


def publish(uow: UnitOfWork, bundle: Bundle, tenant_id: str, title: str) -> dict[str, Any]:
    """Publish the files of a bundle for an organisation and all below it.

    Only files that differ from what the organisation has published get a new version; the rest stay. The
    whole – these files over what the organisations above have published – must compile and keep to the floor.
    Returns ``{"deployment", "resources"}`` (ids). Raises ``NotFound``, ``Rejected``.
    """
    tenant = find_tenant(uow.connection, tenant_id)
    if tenant is None or not (uow.actor.is_system or uow.actor.tenant.contains(tenant.path)):
        raise NotFound("There is no such organisation, or it is not yours to publish for.")
    published = in_force(uow.connection, bundle.procedure, tenant)
    changed = _changed(uow, bundle, tenant, published)
    if not changed:
        raise Rejected("Expected something new, but every file is already published with this content.")
    _require_lawful(uow, bundle, tenant)
    deployment_id = f"d-{uow.new_id()}"
    resources = []
    for (kind, key), content in sorted(changed.items()):
        version = next_version(uow.connection, tenant, bundle.procedure, kind, key)
        resource_id = f"{tenant.id}:{bundle.procedure}:{kind}:{key}@{version}"
        uow.store_file(content)
        resources.append({"id": resource_id, "kind": kind, "key": key, "version": version, "checksum": digest(content)})
    event = e.DeploymentPublished(deployment_id, tenant.id, bundle.procedure, title.strip() or bundle.title, resources)
    uow.record_in(f"procedure:{bundle.procedure}", [event])
    return {"deployment": deployment_id, "resources": [item["id"] for item in resources]}


def _changed(
    uow: UnitOfWork, bundle: Bundle, tenant: Tenant, published: Mapping[tuple[str, str, str], str]
) -> dict[tuple[str, str], bytes]:
    ids = {id_ for (owner, _, _), id_ in published.items() if owner == tenant.id}
    checksums = checksums_of(uow.connection, ids)
    return {
        (kind, key): content
        for (kind, key), content in bundle.resources.items()
        if checksums.get(published.get((tenant.id, kind, key), "")) != digest(content)
    }


def _require_lawful(uow: UnitOfWork, bundle: Bundle, tenant: Tenant) -> None:
    """The whole compiles, and breaks no rule of the floor. Raises ``Rejected`` with the first that is broken."""
    whole = compose(uow.connection, bundle, tenant)
    compile_definition(whole.main, whole.resources)
    for finding in check_floor(whole.main, whole.resources, whole.floor) if whole.floor is not None else ():
        if finding.severity == "error":
            raise Rejected(finding.template, **finding.params)
