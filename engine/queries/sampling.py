"""Draw cases for inspection so that anybody can draw them again: a frozen population, a seed, and a rule.

The rule needs no random generator: cases are ordered by ``SHA-256(seed ‖ 0x00 ‖ case id)``, and of each stratum
(the unit where a case was opened) the first ones are taken. The population is frozen by the digest of its ids.
Shares follow the sizes of the strata (largest remainders), but no stratum goes empty while another has two.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from engine.errors import Rejected
from engine.model import Actor
from engine.queries.traces import Wanted
from engine.store import tables as t

SIZE_MAX = 500
SEED_LENGTH_MAX = 80


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case that can be drawn; ``stratum`` is the id of its unit."""

    id: str
    number: str
    title: str
    stratum: str
    unit: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Stratum:
    """One unit: how many cases it has, and how many of them were drawn."""

    unit: str
    population: int
    drawn: int


@dataclass(frozen=True, slots=True)
class Sample:
    """``digest``: SHA-256 over the sorted ids of the population, one a line. The same three give the same cases."""

    seed: str
    size: int
    population: int
    digest: str
    strata: tuple[Stratum, ...]
    drawn: tuple[Candidate, ...]


def draw(connection: Connection, actor: Actor, wanted: Wanted, seed: str, size: int) -> Sample:
    """A sample of the wanted cases that the actor may see. Raises ``Rejected`` for a bad size or seed."""
    if not 0 < size <= SIZE_MAX:
        raise Rejected(
            "Expected a sample of 1 to %(limit)s cases, but found %(found)s. Choose another size.",
            limit=SIZE_MAX,
            found=size,
        )
    if not 0 < len(seed) <= SEED_LENGTH_MAX:
        raise Rejected(
            "Expected a seed of 1 to %(limit)s characters, but found %(found)s. Throw dice, or take a word.",
            limit=SEED_LENGTH_MAX,
            found=len(seed),
        )
    return sample(_population(connection, actor, wanted), seed, size)


def sample(population: Sequence[Candidate], seed: str, size: int) -> Sample:
    """The rule itself, without a database. A population smaller than ``size`` is taken whole."""
    strata: dict[str, list[Candidate]] = {}
    for candidate in population:
        strata.setdefault(candidate.stratum, []).append(candidate)
    shares = allot({stratum: len(found) for stratum, found in strata.items()}, size)
    drawn: list[Candidate] = []
    for stratum in sorted(strata):
        drawn += sorted(strata[stratum], key=lambda candidate: _rank(seed, candidate.id))[: shares[stratum]]
    told = (Stratum(strata[key][0].unit, len(strata[key]), shares[key]) for key in sorted(strata))
    frozen = "".join(f"{id_}\n" for id_ in sorted(candidate.id for candidate in population))
    return Sample(seed, size, len(population), hashlib.sha256(frozen.encode()).hexdigest(), tuple(told), tuple(drawn))


def _rank(seed: str, id_: str) -> bytes:
    return hashlib.sha256(f"{seed}\0{id_}".encode()).digest()


def allot(sizes: Mapping[str, int], wanted: int) -> dict[str, int]:
    """How many of each stratum: shares by size, rounded by largest remainders; then one for each that went empty."""
    total = sum(sizes.values())
    wanted = min(wanted, total)
    if not total:
        return {}
    shares = {key: wanted * size // total for key, size in sizes.items()}
    by_remainder = sorted(sizes, key=lambda key: (-(wanted * sizes[key] % total), key))
    for key in by_remainder[: wanted - sum(shares.values())]:
        shares[key] += 1
    for key in sorted(sizes):
        richest = min(shares, key=lambda other: (-shares[other], other))
        if shares[key] == 0 and shares[richest] > 1:
            shares[key], shares[richest] = 1, shares[richest] - 1
    return shares


def _population(connection: Connection, actor: Actor, wanted: Wanted) -> list[Candidate]:
    rows = connection.execute(
        select(
            t.instance.c.id,
            t.instance.c.number,
            t.instance.c.title,
            t.instance.c.tenant_id,
            t.tenant.c.name,
            t.instance.c.started_at,
        )
        .join(t.tenant, t.tenant.c.id == t.instance.c.tenant_id)
        .where(*wanted.where(actor))
        .order_by(t.instance.c.id)
    )
    return [Candidate(*row) for row in rows]
