"""What would be in force if a bundle were published: its files over those of the organisations above, and the floor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from engine.definition.bundle import Bundle
from engine.definition.overlay import lay_over
from engine.errors import Rejected
from engine.model import Tenant
from engine.store.known import read_resources
from engine.store.publications import content_of, in_force, manifest_of, nearest

Resources = Mapping[tuple[str, str], bytes]


@dataclass(frozen=True, slots=True)
class Composition:
    """``resources`` as for compiling (of several profiles the nearest comes first: ``key``, ``key@1`` …).

    ``before`` is the same without the bundle: what holds for the organisation now. ``floor`` is the root's.
    """

    main: str
    resources: Resources
    before: Resources
    floor: bytes | None


def compose(connection: Connection, bundle: Bundle, tenant: Tenant) -> Composition:
    """A bundle over what holds for ``tenant``. Raises ``Rejected``.

    The floor in force is that of the organisation at the top that published the procedure; nobody below it may
    publish one.
    """
    procedure = bundle.procedure
    published = in_force(connection, procedure, tenant)
    owners = {owner for owner, _, _ in published}
    root = next((place for place in reversed(tenant.lineage_ids) if place in owners), tenant.id)
    floor = published.get((root, "floor", procedure))
    if root == tenant.id:
        kept = floor if ("floor", procedure) not in bundle.removed else None
        rules = bundle.resources.get(("floor", procedure)) or (content_of(connection, kept) if kept else None)
    elif any(kind == "floor" for kind, _ in bundle.resources):
        raise Rejected(
            "Expected no floor.toml: what no override may break is said by the organisation that published the "
            "procedure first. Leave it out."
        )
    else:
        rules = content_of(connection, floor) if floor else None
    replaced = {*bundle.resources, *bundle.removed}
    above = {place: id_ for place, id_ in published.items() if not (place[0] == tenant.id and place[1:] in replaced)}
    pins = nearest(above, tenant)
    if ("bundle", procedure) in bundle.resources:
        main = str(bundle.manifest["process"])
    elif f"bundle:{procedure}" in pins:
        main = str(manifest_of(connection, pins[f"bundle:{procedure}"])["process"])
    else:
        raise Rejected("Expected a bundle.toml: no organisation above has published this procedure.")
    now = read_resources(connection, nearest(published, tenant))
    return Composition(main, lay_over(read_resources(connection, pins), bundle.resources), now, rules)
