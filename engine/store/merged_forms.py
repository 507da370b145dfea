"""Forms that extend an inherited form become flat when they are published: at run nobody asks where a field is from."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from engine.definition.bundle import Bundle
from engine.errors import Rejected
from engine.model import Tenant
from engine.store.publications import content_of, in_force
from forms.formjs import FormError
from forms.merge import base_of, merge

Place = tuple[str, str]


def flattened(connection: Connection, bundle: Bundle, tenant: Tenant, at: datetime | None = None) -> Bundle:
    """The bundle with every form that extends another merged over it. Raises ``Rejected`` where that cannot be.

    The other is the nearest version of the organisations above, else one of the organisation's own or of the bundle.
    """
    extending = {place: key for place, content in bundle.resources.items() if (key := extended(place, content))}
    if not extending:
        return bundle
    published = in_force(connection, bundle.procedure, tenant, at)
    resources = dict(bundle.resources)
    for place, key in extending.items():
        base = _base(connection, bundle, tenant, published, place, key)
        if base is None:
            raise Rejected(
                "Expected the form %(base)s, which %(key)s extends, but nobody above has published it.",
                base=key,
                key=place[1],
            )
        resources[place] = flat(base, bundle.resources[place])
    return replace(bundle, resources=resources)


def extended(place: Place, content: bytes) -> str:
    """The key of the form that a file extends; "" for everything else, also for what cannot be read."""
    if place[0] != "form":
        return ""
    try:
        return base_of(content)
    except FormError:
        return ""


def flat(base: bytes, extending: bytes) -> bytes:
    """The two as one form. Raises ``Rejected`` with the first mistake."""
    try:
        return merge(base, extending)
    except FormError as error:
        mistake = error.mistakes[0]
        raise Rejected(mistake.template, **mistake.params) from None


def _base(
    connection: Connection,
    bundle: Bundle,
    tenant: Tenant,
    published: dict[tuple[str, str, str], str],
    place: Place,
    key: str,
) -> bytes | None:
    above = next((id_ for unit in tenant.lineage_ids[1:] if (id_ := published.get((unit, "form", key)))), None)
    if above is not None:
        return content_of(connection, above)
    if key == place[1]:
        return None
    other = bundle.resources.get(("form", key))
    if other is not None:
        return None if extended(("form", key), other) else other
    own = published.get((tenant.id, "form", key))
    return content_of(connection, own) if own else None
