"""What would be in force if a bundle were published: its files in their place in the tree, and the floor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from engine.definition.bundle import Bundle, read_manifest
from engine.errors import Rejected
from engine.history.seal import canonical, digest
from engine.model import Tenant
from engine.store.known import read_resources
from engine.store.merged_forms import flattened
from engine.store.publications import content_of, in_force, nearest

Resources = Mapping[tuple[str, str], bytes]
_DRAFTED = "draft:"  # begins no resource id: those begin with a tenant's


@dataclass(frozen=True, slots=True)
class Composition:
    """``resources`` as for compiling (of several profiles the nearest comes first: ``key``, ``key@1`` …).

    ``before`` is the same without the bundle: what holds for the organisation now. ``floor`` is the root's.
    ``own`` are the bundle's files; forms that extend another are merged.
    """

    main: str
    resources: Resources
    before: Resources
    floor: bytes | None
    own: Resources = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The same for the same whole, whoever puts it together."""
        files = {f"{kind}:{key}": digest(content) for (kind, key), content in self.resources.items()}
        return digest(canonical([self.main, files, digest(self.floor) if self.floor is not None else None]))


def compose(
    connection: Connection, bundle: Bundle, tenant: Tenant, at: datetime | None = None, below: Tenant | None = None
) -> Composition:
    """A bundle of ``tenant`` over what holds there. Raises ``Rejected``.

    ``at``: what is in force then, None: with all that is planned. ``below``: the whole as an organisation below
    would have it. The floor in force is that of the organisation at the top that published the procedure; nobody
    below it may publish one.
    """
    procedure, seen_by = bundle.procedure, below or tenant
    bundle = flattened(connection, bundle, tenant, at)
    published = in_force(connection, procedure, seen_by, at)
    owners = {owner for owner, _, _ in published}
    root = next((place for place in reversed(tenant.lineage_ids) if place in owners), tenant.id)
    if root != tenant.id and any(kind == "floor" for kind, _ in bundle.resources):
        raise Rejected(
            "Expected no floor.toml: what no override may break is said by the organisation that published the "
            "procedure first. Leave it out."
        )
    after = {place: id_ for place, id_ in published.items() if place[0] != tenant.id or place[1:] not in bundle.removed}
    drafted = {f"{_DRAFTED}{kind}:{key}": content for (kind, key), content in bundle.resources.items()}
    after |= {(tenant.id, kind, key): f"{_DRAFTED}{kind}:{key}" for kind, key in bundle.resources}
    pins = nearest(after, seen_by)
    manifest, floor = pins.get(f"bundle:{procedure}"), after.get((root, "floor", procedure))
    if manifest is None:
        raise Rejected("Expected a bundle.toml: no organisation above has published this procedure.")
    whole = read_resources(connection, pins, drafted)
    rules = None
    if floor is not None:
        rules = drafted[floor] if floor in drafted else content_of(connection, floor)
    main = str(read_manifest(whole["bundle", procedure])["process"])
    return Composition(main, whole, read_resources(connection, nearest(published, seen_by)), rules, bundle.resources)
