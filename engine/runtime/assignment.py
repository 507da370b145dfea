"""Who gets a task: the lane's role, at the nearest unit of the lane's level or at a unit that the case names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.definition.roles import said as said
from engine.model import Tenant
from engine.runtime.stuck import Stuck
from engine.runtime.surroundings import Surroundings


def assign(
    attributes: Mapping[str, str], around: Surroundings, evaluate: Callable[[str], Any]
) -> tuple[str, Tenant | None]:
    """Role and unit for a task. Raises ``Stuck`` if the diagram's words lead to no unit, or to several."""
    role = attributes.get("role", "")
    if role.startswith("="):
        role = evaluate(role)
    if "tenant" in attributes:
        return role, _named(attributes["tenant"], around, evaluate)
    if "level" in attributes:
        return role, nearest(attributes["level"], around)
    return role, around.lineage[0] if around.lineage else None


def _named(text: str, around: Surroundings, evaluate: Callable[[str], Any]) -> Tenant:
    found = evaluate(text) if text.startswith("=") else text
    tenant = around.find_tenant(found) if isinstance(found, str) else None
    if tenant is None:
        raise Stuck(
            "Expected the id of a unit in %(expression)s but found %(found)s. Correct the case or name a unit.",
            expression=text,
            found=str(found),
        )
    return tenant


def nearest(level: str, around: Surroundings) -> Tenant:
    """Walking up from the case's tenant: the ancestor of this level, or the ancestor's only child of it."""
    for ancestor in around.lineage:
        if ancestor.level == level:
            return ancestor
        children = [u for u in around.units if u.level == level and u.lineage_ids[1:2] == (ancestor.id,)]
        if len(children) == 1:
            return children[0]
        if children:
            raise Stuck(
                "Expected one unit of level %(level)s under %(ancestor)s but found %(count)s. Name one in the diagram.",
                level=level,
                ancestor=ancestor.name,
                count=len(children),
            )
    raise Stuck(
        "Expected a unit of level %(level)s near the case but found none. Add the organisation and retry.", level=level
    )
