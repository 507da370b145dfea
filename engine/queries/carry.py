"""What of a procedure can be carried elsewhere: an organisation's own files, or the whole that holds for it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from engine.definition.carry import flat_profile
from engine.errors import NotFound
from engine.model import Actor
from engine.queries.catalogue import tenant_in_sight
from engine.store.publications import content_of, in_force

Place = tuple[str, str]


def files_to_carry(
    connection: Connection, actor: Actor, tenant_id: str, procedure: str, at: datetime, *, whole: bool
) -> dict[Place, bytes]:
    """The published files, with the manifest that holds; ``whole``: the inherited ones, too, parameters as one file.

    Raises ``NotFound``, also for an organisation that has nothing of its own.
    """
    tenant = tenant_in_sight(connection, actor, tenant_id)
    published = in_force(connection, procedure, tenant, at)
    places = {(kind, key) for owner, kind, key in published if whole or owner == tenant.id}
    if not places:
        raise NotFound("There is nothing published here that could be carried away.")
    found: dict[Place, bytes] = {}
    for kind, key in sorted(places | {("bundle", procedure)}):
        chain = [id_ for unit in tenant.lineage_ids if (id_ := published.get((unit, kind, key)))]
        if kind == "profile" and whole:
            found[kind, key] = flat_profile([content_of(connection, id_) for id_ in chain])
        elif chain:
            found[kind, key] = content_of(connection, chain[0])
    return found
