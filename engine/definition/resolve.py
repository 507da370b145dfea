"""Nearest tenant wins: which published version of each resource a case uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.model import Pins

Published = Mapping[tuple[str, str, str], str]
"""``(tenant id, kind, key)`` → resource id, newest versions only."""


def resolve(published: Published, lineage_ids: Sequence[str]) -> Pins:
    """``"kind:key"`` → resource id, for a case of the tenant whose lineage (nearest first) is given."""
    pins: dict[str, str] = {}
    distance: dict[str, int] = {}
    rank = {tenant: n for n, tenant in enumerate(lineage_ids)}
    for (tenant, kind, key), resource in published.items():
        name = f"{kind}:{key}"
        if tenant in rank and rank[tenant] <= distance.get(name, len(rank)):
            pins[name], distance[name] = resource, rank[tenant]
    return dict(sorted(pins.items()))


def resolve_all(published: Published, lineage_ids: Sequence[str], kind: str, key: str) -> list[str]:
    """Every version of one resource along the lineage, nearest first: for profiles, which resolve key by key."""
    return [published[(tenant, kind, key)] for tenant in lineage_ids if (tenant, kind, key) in published]
