"""The stories that a procedure is judged by at an organisation: the nearest of each name, with or without a draft."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select

from engine.definition.bundle import Bundle
from engine.model import Tenant
from engine.store import tables as t
from engine.store.publications import in_force


def stories_in_force(connection: Connection, procedure: str, tenant: Tenant) -> dict[str, bytes]:
    """Key → content of every story that is published for the organisation or above it; the nearest wins."""
    return _contents(connection, _nearest(connection, procedure, tenant, frozenset()))


def stories_with(connection: Connection, bundle: Bundle, tenant: Tenant) -> dict[str, bytes]:
    """The same as they would be if ``bundle`` were published for ``tenant``."""
    removed = frozenset(key for kind, key in bundle.removed if kind == "scenario")
    drafted = {key: content for (kind, key), content in bundle.resources.items() if kind == "scenario"}
    return {**_contents(connection, _nearest(connection, bundle.procedure, tenant, removed)), **drafted}


def _nearest(connection: Connection, procedure: str, tenant: Tenant, removed: frozenset[str]) -> dict[str, str]:
    published = in_force(connection, procedure, tenant)
    found: dict[str, str] = {}
    for place in tenant.lineage_ids:
        for (owner, kind, key), resource_id in published.items():
            own_and_gone = owner == tenant.id and key in removed
            if owner == place and kind == "scenario" and not own_and_gone:
                found.setdefault(key, resource_id)
    return found


def _contents(connection: Connection, resources: Mapping[str, str]) -> dict[str, bytes]:
    rows = connection.execute(
        select(t.resource.c.id, t.file.c.content)
        .join(t.file, t.file.c.digest == t.resource.c.checksum)
        .where(t.resource.c.id.in_(resources.values()))
    )
    contents = {row.id: bytes(row.content) for row in rows}
    return {key: contents[id_] for key, id_ in sorted(resources.items())}
