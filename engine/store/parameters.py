"""The parameters that a draft may adjust: what is inherited, from whom, and what the organisation says itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine.definition.profile import Parameter, read_profile
from engine.definition.profile_text import rewrite
from engine.model import Tenant
from engine.store.draft_files import Draft, content_without, kept_content
from engine.store.known import find_tenant
from engine.store.publications import content_of, in_force


@dataclass(frozen=True, slots=True)
class HeldParameter:
    """One parameter for an organisation. ``inherited`` is None where it begins here, ``own`` None where it is not said.

    ``head`` has its type, unit, label, source and bounds, from the farthest organisation that says them.
    """

    head: Parameter
    inherited: Any
    inherited_from: Tenant | None
    own: Any

    @property
    def value(self) -> Any:
        return self.own if self.own is not None else self.inherited


def held_parameters(
    connection: Connection, tenant: Tenant, procedure: str, own: bytes, at: datetime | None = None
) -> list[HeldParameter]:
    """Every parameter, in the order of the farthest profile; ``own`` is the organisation's own profile."""
    published = in_force(connection, procedure, tenant, at)
    heads: dict[str, Parameter] = {}
    above: dict[str, tuple[Any, Tenant | None]] = {}
    for place in reversed(tenant.lineage_ids[1:]):
        found = published.get((place, "profile", procedure))
        if found is not None:
            owner = find_tenant(connection, place)
            for key, parameter in read_profile(content_of(connection, found)).items():
                heads.setdefault(key, parameter)
                above[key] = (parameter.value, owner)
    said = read_profile(own)
    for key, parameter in said.items():
        heads.setdefault(key, parameter)
    return [
        HeldParameter(head, *above.get(key, (None, None)), said[key].value if key in said else None)
        for key, head in heads.items()
    ]


def only_what_differs(connection: Connection, draft: Draft, content: bytes) -> bytes:
    """An imported profile as the organisation's own: of what is inherited only the values that are others.

    Who takes over a whole must not hold every parameter fast at what it is today. A profile that begins parameters or
    narrows bounds is taken as it is. Raises ``Rejected`` for one that cannot be read.
    """
    before = content_without(connection, draft, ("profile", draft.procedure)) or b""
    held = {one.head.key: one for one in held_parameters(connection, draft.tenant, draft.procedure, before)}
    said = read_profile(content)
    if any(key not in held or held[key].inherited is None or _narrows(one, held[key]) for key, one in said.items()):
        return content
    wanted = {key: None if one.value == held[key].inherited else one.value for key, one in said.items()}
    changed = {key: value for key, value in wanted.items() if value != held[key].own}
    types = {key: one.head.type for key, one in held.items()}
    return rewrite(before, changed, types, {key: one.head.label for key, one in held.items()})


def _narrows(said: Parameter, held: HeldParameter) -> bool:
    """Whether a parameter says other bounds or options than those above."""
    given = (said.min, said.max, said.options)
    return given not in ((None, None, {}), (held.head.min, held.head.max, held.head.options))


def own_profile(connection: Connection, draft: Draft) -> bytes:
    """The organisation's own profile as the draft would have it; empty where there is none."""
    place = ("profile", draft.procedure)
    file = draft.files.get(place)
    if file is not None:
        return kept_content(connection, file.digest) if file.digest is not None else b""
    return content_without(connection, draft, place) or b""
