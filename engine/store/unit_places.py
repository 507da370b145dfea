"""Which levels steps go to, and where a change would leave two units of a level that steps take for the only one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import Connection, exists, select

from engine.definition.roles import said
from engine.errors import NotFound
from engine.model import Tenant
from engine.runtime.interpreter import ProcessDefinition, compile_definition
from engine.store import tables as t
from engine.store.known import read_resources, tenant_of
from engine.store.publications import pins_for


def needs(definition: ProcessDefinition) -> dict[str, set[str]]:
    """Level → the roles to which steps go there, as far as the diagram names both."""
    found: dict[str, set[str]] = {}
    for diagram in definition.processes.values():
        for element in diagram.elements.values():
            if element.kind != "userTask":
                continue
            words = said(diagram, element.id)
            role, level = words.get("role", ""), words.get("level", "")
            if role and level and not role.startswith("="):
                found.setdefault(level, set()).add(role)
    return found


def procedures_of(connection: Connection, tenant: Tenant) -> list[str]:
    """The procedures that the unit or one above it has published."""
    row = t.resource.c
    query = select(row.procedure).where(row.kind == "bundle", row.tenant_id.in_(tenant.lineage_ids)).distinct()
    return sorted(connection.execute(query).scalars())


def crowded(
    connection: Connection, parent: Tenant, arriving: Iterable[Tenant], since: date, at: datetime | None = None
) -> list[tuple[Tenant, Tenant]]:
    """Pairs of units beside each other from then on, where steps go to the only unit of that level: ``(there, new)``.

    A level at which cases begin is never meant so: they are at such a unit themselves. Units that are planned to be
    closed or merged by then do not count.
    """
    row = t.tenant.c
    leaving = _leaving(connection, since)
    there: dict[str, list[Tenant]] = {}
    beside_it = select(t.tenant).where(row.parent_id == parent.id, row.closed_on.is_(None))
    for found in connection.execute(beside_it).mappings():
        if found["id"] not in leaving:
            there.setdefault(found["level"], []).append(tenant_of(found))
    coming = {unit.level: unit for unit in arriving if unit.closed_on is None and unit.id not in leaving}
    alone = {level: units[0] for level, units in there.items() if len(units) == 1 and level in coming}
    beside = {level for level in alone if not _begins_at(connection, level)}
    if not beside:
        return []
    wanted = _levels_needed(connection, parent, at)
    return [(alone[level], coming[level]) for level in sorted(beside & wanted)]


def _leaving(connection: Connection, since: date) -> set[str]:
    row = t.unit_change.c
    query = select(row.tenant_id).where(
        row.status == "planned", row.kind.in_(("close", "merge", "move")), row.since <= since
    )
    return set(connection.execute(query).scalars())


def _begins_at(connection: Connection, level: str) -> bool:
    case, unit = t.instance.c, t.tenant.c
    query = select(exists().where(case.tenant_id == unit.id, unit.level == level))
    return bool(connection.execute(query).scalar())


def _levels_needed(connection: Connection, tenant: Tenant, at: datetime | None) -> set[str]:
    found: set[str] = set()
    for procedure in procedures_of(connection, tenant):
        try:
            pins, manifest = pins_for(connection, procedure, tenant, at)
        except NotFound:
            continue
        found |= needs(compile_definition(manifest["process"], read_resources(connection, pins))).keys()
    return found
