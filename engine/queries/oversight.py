"""Cases that an auditor should look at first: the rules of the procedures held against what the cases say.

A flag says what was found, not that anything is wrong. Whoever draws it sees only what they may see: cases of other
parts of the tree are neither shown nor counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final

from sqlalchemy import Connection, select

from engine.definition.oversight import Rule, read_oversight
from engine.model import Actor
from engine.queries.flags import Flag, find
from engine.queries.past_cases import PastCase, past_cases
from engine.queries.traces import Wanted
from engine.store import tables as t
from engine.store.publications import content_of, holder, in_force

FLAGS_MAX: Final = 200


@dataclass(frozen=True)
class Oversight:
    """``rules`` that were held against ``searched`` cases, and what they found, rule by rule.

    ``cut``: the rules that found more than is told of.
    """

    rules: tuple[Rule, ...]
    searched: int
    flags: tuple[Flag, ...]
    cut: tuple[Rule, ...] = ()


def oversight(connection: Connection, actor: Actor, wanted: Wanted, at: datetime) -> Oversight:
    """All flags among the wanted cases that the actor may see. Raises ``Rejected`` for too many cases at once."""
    cases = past_cases(connection, actor, wanted)
    found = [(rule, list(islice(flags, FLAGS_MAX + 1))) for rule, flags in _judged(connection, actor, cases, at)]
    return Oversight(
        rules=tuple(rule for rule, _ in found),
        searched=len(cases),
        flags=tuple(flag for _, flags in found for flag in flags[:FLAGS_MAX]),
        cut=tuple(rule for rule, flags in found if len(flags) > FLAGS_MAX),
    )


def standing_out(connection: Connection, actor: Actor, wanted: Wanted, at: datetime) -> dict[str, tuple[Rule, ...]]:
    """Id of each wanted case that stands out → the rules by which it does. Raises ``Rejected`` for too many cases."""
    found: dict[str, dict[str, Rule]] = {}
    for rule, flags in _judged(connection, actor, past_cases(connection, actor, wanted), at):
        for case in (case for flag in flags for case in flag.cases):
            found.setdefault(case.id, {})[rule.id] = rule
    return {id_: tuple(rules.values()) for id_, rules in found.items()}


def _judged(
    connection: Connection, actor: Actor, cases: Sequence[PastCase], at: datetime
) -> Iterator[tuple[Rule, Iterator[Flag]]]:
    """Every rule in force for the procedures of these cases, and what it finds."""
    staff = _staff(connection, actor)
    for procedure in sorted({case.procedure for case in cases}):
        own = [case for case in cases if case.procedure == procedure]
        for rule in rules_of(connection, actor, procedure, at):
            yield rule, find(rule, own, staff)


def rules_of(connection: Connection, actor: Actor, procedure: str, at: datetime) -> tuple[Rule, ...]:
    """The rules in force for the actor's unit: those of the nearest organisation that published some."""
    place = holder(in_force(connection, procedure, actor.tenant, at), actor.tenant, "oversight", procedure)
    return read_oversight(content_of(connection, place)) if place else ()


def _staff(connection: Connection, actor: Actor) -> frozenset[str]:
    """The names of all who have a role in the actor's part of the tree."""
    path = actor.tenant.path
    rows = connection.execute(
        select(t.user.c.name)
        .join(t.membership, t.membership.c.user_id == t.user.c.id)
        .join(t.tenant, t.tenant.c.id == t.membership.c.tenant_id)
        .where((t.tenant.c.path == path) | t.tenant.c.path.startswith(path + "/", autoescape=True))
        .distinct()
    )
    return frozenset(str(row.name) for row in rows)
