"""Which published files organisations have of their own, and which hold for whoever lies below a lineage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func, select

from engine.store import tables as t

File = tuple[str, str, str]
"""``(procedure, kind, key)``."""
Files = Mapping[File, tuple[str, ...]]
"""Checksums of what holds: of profiles, which hold parameter by parameter, all, nearest first; of others one."""


def own_files(connection: Connection, tenant_ids: Sequence[str]) -> dict[str, dict[File, str]]:
    """Unit id → its own files → their checksums, as of what takes effect last; what was taken away is not there."""
    row = t.resource.c
    begins = func.coalesce(t.deployment.c.effective_at, t.deployment.c.published_at)
    place = (row.tenant_id, row.procedure, row.kind, row.key)
    rank = func.row_number().over(partition_by=place, order_by=(begins.desc(), row.version.desc()))
    ranked = (
        select(*place, row.checksum, row.withdrawn, rank.label("rank"))
        .join(t.deployment, t.deployment.c.id == row.deployment_id)
        .where(row.tenant_id.in_(tenant_ids))
        .subquery()
    )
    found: dict[str, dict[File, str]] = {}
    for one in connection.execute(select(ranked).where(ranked.c.rank == 1, ~ranked.c.withdrawn)):
        found.setdefault(one.tenant_id, {})[(one.procedure, one.kind, one.key)] = one.checksum
    return found


def inherited(connection: Connection, lineage_ids: Sequence[str]) -> dict[File, tuple[str, ...]]:
    """What holds at the nearest of ``lineage_ids``."""
    owned = own_files(connection, lineage_ids)
    found: dict[File, tuple[str, ...]] = {}
    for owner in lineage_ids:
        for file, checksum in owned.get(owner, {}).items():
            if file not in found:
                found[file] = (checksum,)
            elif file[1] == "profile":
                found[file] = (*found[file], checksum)
    return found


def differing(here: Files, there: Files) -> tuple[str, ...]:
    """The files that are not the same here and there, in words."""
    return tuple(
        f"{procedure}: {kind} {key}"
        for procedure, kind, key in sorted(here.keys() | there.keys())
        if here.get((procedure, kind, key)) != there.get((procedure, kind, key))
    )
