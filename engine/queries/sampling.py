"""Draw cases for inspection so that anybody can draw them again: a frozen population, a seed, and a rule.

The rule needs no random generator: cases are ordered by ``SHA-256(seed ‖ 0x00 ‖ case id)``, and of each stratum
(the unit where a case was opened) the first ones are taken. The population is frozen by the digest of its ids.
Shares follow the sizes of the strata (largest remainders), but no stratum goes empty while another has two.

A draw may be only of the cases that stand out by the procedure's own rules (``engine.queries.oversight``), or take half
of the sample from them; then units are strata among those that stand out and among the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from engine.definition.oversight import Rule
from engine.errors import Rejected
from engine.model import Actor
from engine.queries.oversight import standing_out
from engine.queries.traces import Wanted
from engine.store import tables as t

SIZE_MAX = 500
SEED_LENGTH_MAX = 80
ALL: Final = ""
STANDING_OUT: Final = "flagged"
HALF: Final = "half"
AMONG: Final = (ALL, STANDING_OUT, HALF)
"""What to draw from: all cases, only those that stand out, or half of the sample from those."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case that can be drawn; ``stratum`` is the id of its unit, ``rules`` those by which it stands out."""

    id: str
    number: str
    title: str
    stratum: str
    unit: str
    opened_at: datetime
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Stratum:
    """One unit: how many cases it has, and how many of them were drawn; perhaps only those that stand out."""

    unit: str
    population: int
    drawn: int
    stands_out: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """``digest``: SHA-256 over the sorted ids of the population, one a line. The same three give the same cases.

    Where half is taken from the cases that stand out, `` *`` follows their ids.
    """

    seed: str
    size: int
    population: int
    digest: str
    strata: tuple[Stratum, ...]
    drawn: tuple[Candidate, ...]
    among: str = ALL


def draw(
    connection: Connection, actor: Actor, wanted: Wanted, seed: str, size: int, at: datetime, among: str = ALL
) -> Sample:
    """A sample of the wanted cases that the actor may see. Raises ``Rejected`` for a bad size, seed or ``among``.

    ``at``: the moment whose rules say what stands out.
    """
    if among not in AMONG:
        raise Rejected(
            "Expected to draw from all cases, from those that stand out, or half from those, but found %(found)s. "
            "Choose one of them.",
            found=among[:40],
        )
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
    population = _population(connection, actor, wanted)
    if among != ALL:
        flagged = standing_out(connection, actor, wanted, at)
        population = [replace(case, rules=flagged.get(case.id, ())) for case in population]
    return sample(population, seed, size, among)


def sample(population: Sequence[Candidate], seed: str, size: int, among: str = ALL) -> Sample:
    """The rule itself, without a database. A population smaller than ``size`` is taken whole."""
    standing = [case for case in population if case.rules]
    others = [case for case in population if not case.rules]
    if among == STANDING_OUT:
        drawn, strata = _stratified(standing, seed, size)
    elif among == HALF:
        first = min(len(standing), max(size - len(others), -(-size // 2)))
        drawn, strata = _stratified(standing, seed, first)
        more, rest = _stratified(others, seed, size - first)
        drawn, strata = drawn + more, [replace(one, stands_out=True) for one in strata] + rest
    else:
        drawn, strata = _stratified(population, seed, size)
    frozen = standing if among == STANDING_OUT else population
    return Sample(seed, size, len(frozen), _digest(frozen, marked=among == HALF), tuple(strata), tuple(drawn), among)


def _stratified(population: Sequence[Candidate], seed: str, size: int) -> tuple[list[Candidate], list[Stratum]]:
    strata: dict[str, list[Candidate]] = {}
    for candidate in population:
        strata.setdefault(candidate.stratum, []).append(candidate)
    shares = allot({stratum: len(found) for stratum, found in strata.items()}, size)
    drawn: list[Candidate] = []
    for stratum in sorted(strata):
        drawn += sorted(strata[stratum], key=lambda candidate: _rank(seed, candidate.id))[: shares[stratum]]
    return drawn, [Stratum(strata[key][0].unit, len(strata[key]), shares[key]) for key in sorted(strata)]


def _digest(population: Sequence[Candidate], *, marked: bool) -> str:
    lines = sorted(f"{case.id} *\n" if marked and case.rules else f"{case.id}\n" for case in population)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


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
