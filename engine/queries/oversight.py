"""Cases that an auditor should look at first: the rules of the procedures held against what the cases say.

A flag says what was found, not that anything is wrong. Whoever draws it sees only what they may see: cases of other
parts of the tree are neither shown nor counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import Connection, select

from engine.definition.oversight import Rule, read_oversight
from engine.model import Actor
from engine.queries.past_cases import Done, PastCase, past_cases
from engine.queries.traces import Wanted
from engine.runtime.surroundings import ZONE
from engine.store import tables as t
from engine.store.publications import content_of, holder, in_force

FLAGS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Flag:
    """What a rule found: a sentence (``template``, ``params``) and the cases it is about, oldest first."""

    rule: Rule
    template: str
    params: Mapping[str, Any]
    cases: tuple[PastCase, ...]


@dataclass(frozen=True)
class Oversight:
    """``rules`` that were held against ``searched`` cases, and what they found, rule by rule."""

    rules: tuple[Rule, ...]
    searched: int
    flags: tuple[Flag, ...]


def oversight(connection: Connection, actor: Actor, wanted: Wanted, at: datetime) -> Oversight:
    """All flags among the wanted cases that the actor may see. Raises ``Rejected`` for too many cases at once."""
    cases = past_cases(connection, actor, wanted)
    staff = _staff(connection, actor)
    rules: list[Rule] = []
    flags: list[Flag] = []
    for procedure in sorted({case.procedure for case in cases}):
        own = [case for case in cases if case.procedure == procedure]
        for rule in rules_of(connection, actor, procedure, at):
            rules.append(rule)
            flags += list(find(rule, own, staff))[:FLAGS_MAX]
    return Oversight(tuple(rules), len(cases), tuple(flags))


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


def find(rule: Rule, cases: Sequence[PastCase], staff: frozenset[str] = frozenset()) -> Iterator[Flag]:
    """What one rule finds among these cases."""
    if rule.kind == "named-like-staff":
        yield from _named_like_staff(rule, cases, staff)
    else:
        yield from _FINDERS[rule.kind](rule, cases)


def _share_per_person(rule: Rule, cases: Sequence[PastCase]) -> Iterator[Flag]:
    """Persons whose results are unusually often of one sort."""
    by_person: dict[str, list[PastCase]] = {}
    names: dict[str, str] = {}
    for case in cases:
        if (done := case.last(rule.given["element"])) is not None:
            by_person.setdefault(done.user, []).append(case)
            names[done.user] = done.who
    for user, own in by_person.items():
        hits = [case for case in own if case.variables.get(rule.given["variable"]) in rule.given["values"]]
        if len(own) >= rule.given["least"] and len(hits) * 100 >= rule.given["percent"] * len(own):
            params = {"who": names[user], "hits": len(hits), "count": len(own), "percent": len(hits) * 100 // len(own)}
            template = "%(who)s: %(hits)s of %(count)s cases (%(percent)s percent) came out like this."
            others = [case for user_, theirs in by_person.items() if user_ != user for case in theirs]
            if others:
                like = sum(case.variables.get(rule.given["variable"]) in rule.given["values"] for case in others)
                params |= {"others": len(others), "like": like, "usual": like * 100 // len(others)}
                template = (
                    "%(who)s: %(hits)s of %(count)s cases (%(percent)s percent) came out like this; "
                    "of everybody else’s %(like)s of %(others)s (%(usual)s percent)."
                )
            yield Flag(rule, template, params, tuple(hits))


def _too_fast(rule: Rule, cases: Sequence[PastCase]) -> Iterator[Flag]:
    """Steps done sooner after another one than the work can take."""
    for case in cases:
        for done in case.done:
            before = [d for d in case.done if d.element == rule.given["after"] and d.at <= done.at]
            if done.element != rule.given["element"] or not before:
                continue
            span = done.at - before[-1].at
            if span < timedelta(minutes=rule.given["minutes"]):
                minutes = int(span.total_seconds() // 60)
                params = {"who": done.who, "step": done.name, "before": before[-1].name, "minutes": minutes}
                template = "%(who)s did “%(step)s” %(minutes)s minutes after “%(before)s”."
                yield Flag(rule, template, params, (case,))


def _repeated_file(rule: Rule, cases: Sequence[PastCase]) -> Iterator[Flag]:
    """The very same file, byte for byte, in several cases."""
    found: dict[str, dict[str, PastCase]] = {}
    names: dict[str, str] = {}
    for case in cases:
        for variable in rule.given.get("variables", case.variables):
            value = case.variables.get(variable)
            for entry in value if isinstance(value, list) else ():
                if isinstance(entry, Mapping) and isinstance(entry.get("digest"), str):
                    found.setdefault(entry["digest"], {})[case.id] = case
                    names.setdefault(entry["digest"], str(entry.get("name", "")))
    for digest, own in found.items():
        if len(own) > 1:
            template = "The same file (“%(name)s”) was handed in with %(count)s cases."
            yield Flag(rule, template, {"name": names[digest], "count": len(own)}, tuple(own.values()))


def _same_value(rule: Rule, cases: Sequence[PastCase]) -> Iterator[Flag]:
    """One value of several named ones in many cases; the same value under two names counts once a case."""
    found: dict[str, dict[str, PastCase]] = {}
    for case in cases:
        for variable in rule.given["variables"]:
            value = case.variables.get(variable)
            if isinstance(value, str | int | Decimal) and not isinstance(value, bool) and str(value).strip():
                found.setdefault(str(value).strip(), {})[case.id] = case
    for value, own in found.items():
        if len(own) >= rule.given["least"]:
            template = "“%(value)s” stands in %(count)s cases."
            yield Flag(rule, template, {"value": value, "count": len(own)}, tuple(own.values()))


def _series(rule: Rule, cases: Sequence[PastCase]) -> Iterator[Flag]:
    """Many cases in which one person did the same step on one day."""
    found: dict[tuple[str, Any], list[tuple[PastCase, Done]]] = {}
    for case in cases:
        for done in case.done:
            if done.element == rule.given["element"]:
                found.setdefault((done.user, done.at.astimezone(ZONE).date()), []).append((case, done))
    for (_, day), own in sorted(found.items(), key=lambda item: item[0][1]):
        if len(own) >= rule.given["least"]:
            params = {"who": own[0][1].who, "step": own[0][1].name, "day": day, "count": len(own)}
            template = "%(who)s did “%(step)s” %(count)s times on %(day)s."
            yield Flag(rule, template, params, tuple({case.id: case for case, _ in own}.values()))


def _named_like_staff(rule: Rule, cases: Sequence[PastCase], staff: frozenset[str]) -> Iterator[Flag]:
    """Somebody in the case has the name of somebody who works here, perhaps in this very case."""
    for case in cases:
        for variable in rule.given["variables"]:
            name = case.variables.get(variable)
            if not isinstance(name, str) or name not in staff:
                continue
            acted = any(done.who == name for done in case.done)
            template = (
                "%(name)s, named in the case, has the name of somebody who did work in this case."
                if acted
                else "%(name)s, named in the case, has the name of somebody who works here."
            )
            yield Flag(rule, template, {"name": name}, (case,))


def _jump(rule: Rule, cases: Sequence[PastCase]) -> Iterator[Flag]:
    """The same person's result moved far within a short time, from one case to the next."""
    by_value: dict[str, list[PastCase]] = {}
    for case in cases:
        same = case.variables.get(rule.given["same"])
        if isinstance(same, str) and same and _number(case, rule) is not None:
            by_value.setdefault(same, []).append(case)
    for own in by_value.values():
        for before, after in pairwise(own):
            first, second = _number(before, rule), _number(after, rule)
            if first is None or second is None or abs(second - first) < rule.given["by"]:
                continue
            if after.started_at - before.started_at <= timedelta(days=rule.given["days"]):
                template = "From %(before)s to %(after)s within %(days)s days."
                days = (after.started_at - before.started_at).days
                yield Flag(rule, template, {"before": str(first), "after": str(second), "days": days}, (before, after))


def _number(case: PastCase, rule: Rule) -> int | None:
    value = case.variables.get(rule.given["variable"])
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


_FINDERS: Final[Mapping[str, Callable[[Rule, Sequence[PastCase]], Iterator[Flag]]]] = {
    "share-per-person": _share_per_person,
    "too-fast": _too_fast,
    "repeated-file": _repeated_file,
    "same-value": _same_value,
    "series": _series,
    "jump": _jump,
}
