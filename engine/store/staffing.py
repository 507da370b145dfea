"""Whether people are there for the tasks that a draft adds: asked of the organisations when it is to be published.

Only what the draft itself needs anew is asked: who is missing for what holds already is seen on the units' own pages.
Nobody in any unit refuses; nobody in some of them is said with their names, for a case that comes there would wait.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from engine.definition.bundle import read_manifest
from engine.definition.finding import Finding
from engine.definition.floor.roles import Need, needs
from engine.definition.floor.rules import Rule, read_floor
from engine.errors import Rejected, ShangmenError
from engine.model import Tenant
from engine.store import tables as t
from engine.store.composition import Composition
from engine.store.known import tenant_of

_NAMES_MAX = 8


def unstaffed(connection: Connection, whole: Composition, tenant: Tenant) -> tuple[Finding, ...]:
    """What is found about the people in the units of ``tenant``; empty where the floor does not ask."""
    try:
        rules = [rule for rule in read_floor(whole.floor or b"") if rule.kind == "units_staffed"]
        manifest = next(
            (read_manifest(content) for (kind, _), content in whole.resources.items() if kind == "bundle"), {}
        )
        held = needs(whole.before)
        new = [need for need in needs(whole.resources) if need not in held] if rules and held else []
    except ShangmenError:
        return ()  # what cannot be read is refused elsewhere, and says why
    return tuple(found for rule in rules for need in new for found in _asked(connection, rule, need, tenant, manifest))


def require_staffed(connection: Connection, whole: Composition, tenant: Tenant) -> None:
    """Raises ``Rejected`` with the first task that nobody could do."""
    for finding in unstaffed(connection, whole, tenant):
        if finding.severity == "error":
            raise Rejected(finding.template, **finding.params)


def _asked(
    connection: Connection, rule: Rule, need: Need, tenant: Tenant, manifest: Mapping[str, Any]
) -> Iterator[Finding]:
    units = _units(connection, need.level, tenant)
    staffed = (
        select(t.membership.c.tenant_id)
        .join(t.user, t.user.c.id == t.membership.c.user_id)
        .where(t.membership.c.role == need.role, t.user.c.disabled.is_(False))
        .where(t.membership.c.tenant_id.in_([unit.id for unit in units]))
    )
    there = frozenset(connection.execute(staffed).scalars())
    empty = [unit for unit in units if unit.id not in there]
    if units and not empty:
        return
    params = {
        "number": rule.number,
        "kind": rule.kind,
        "text": rule.text,
        "source": rule.source,
        "name": need.name,
        "role": manifest.get("roles", {}).get(need.role, need.role),
        "level": manifest.get("levels", {}).get(need.level, need.level),
        "units": _named(empty),
        "count": len(empty),
    }
    if not units:
        template = (
            "Floor rule %(number)s “%(text)s” (%(source)s): expected a unit of level %(level)s for %(name)s but your "
            "organisation has none. Choose another level, or add the unit."
        )
    elif not there:
        template = (
            "Floor rule %(number)s “%(text)s” (%(source)s): expected somebody with the role %(role)s for %(name)s but "
            "nobody has it in %(units)s. Give somebody the role there under People, or choose another role."
        )
    else:
        template = (
            "Floor rule %(number)s “%(text)s” (%(source)s): nobody has the role %(role)s for %(name)s in %(count)s "
            "units: %(units)s. Give somebody the role there under People, or cases that come there will wait."
        )
    refuses = rule.is_error and not there
    yield Finding("floor", need.element, "error" if refuses else "warning", template, params, need.process)


def _units(connection: Connection, level: str, tenant: Tenant) -> list[Tenant]:
    """The open units of a level where cases of ``tenant`` can come: below it, else on the way up, or beside that."""
    below = t.tenant.c.path.startswith(tenant.path + "/", autoescape=True) | (t.tenant.c.id == tenant.id)
    found = _open(connection, t.tenant.c.level == level, below)
    if found:
        return found
    above = tenant.lineage_ids
    return _open(connection, t.tenant.c.level == level, t.tenant.c.id.in_(above) | t.tenant.c.parent_id.in_(above))


def _open(connection: Connection, *wanted: object) -> list[Tenant]:
    query = select(t.tenant).where(*wanted, t.tenant.c.closed_on.is_(None)).order_by(t.tenant.c.path)  # type: ignore[arg-type]
    return [tenant_of(row) for row in connection.execute(query).mappings()]


def _named(units: Sequence[Tenant]) -> str:
    names = [unit.name for unit in units[:_NAMES_MAX]]
    return "、".join([*names, "…"] if len(units) > _NAMES_MAX else names)
