"""Who did the work: unusual shares, long series, too few people, names that are also those of people in the case."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

from engine.definition.oversight import Rule
from engine.queries.flags.flag import Flag, comes_out_so
from engine.queries.past_cases import Done, PastCase
from engine.runtime.surroundings import ZONE

_BETWEEN_NAMES: Final = re.compile(r"[、，,；;/\s]+")


@dataclass
class _Work:
    """One person's cases, and those of them that came out as the rule says."""

    who: str
    cases: list[PastCase] = field(default_factory=list)
    hits: list[PastCase] = field(default_factory=list)

    @property
    def share(self) -> Fraction:
        return Fraction(len(self.hits), len(self.cases))


def _work(rule: Rule, cases: Sequence[PastCase]) -> list[_Work]:
    """Whose result each case is: theirs who did the step last."""
    found: dict[str, _Work] = {}
    for case in cases:
        if (done := case.last(rule.given["element"])) is not None:
            work = found.setdefault(done.user, _Work(done.who))
            work.cases.append(case)
            work.hits += [case] if comes_out_so(rule, case) else []
    return list(found.values())


def share_per_person(rule: Rule, cases: Sequence[PastCase]) -> Iterator[Flag]:
    """Persons whose results are unusually often of one sort."""
    people = _work(rule, cases)
    for work in people:
        hits, count = len(work.hits), len(work.cases)
        if count < rule.given["least"] or work.share * 100 < rule.given["percent"]:
            continue
        params = {"who": work.who, "hits": hits, "count": count, "percent": hits * 100 // count}
        template = "%(who)s: %(hits)s of %(count)s cases (%(percent)s percent) came out like this."
        if others := sum(len(other.cases) for other in people if other is not work):
            like = sum(len(other.hits) for other in people if other is not work)
            params |= {"others": others, "like": like, "usual": like * 100 // others}
            template = (
                "%(who)s: %(hits)s of %(count)s cases (%(percent)s percent) came out like this; "
                "of everybody else’s %(like)s of %(others)s (%(usual)s percent)."
            )
        yield Flag(rule, template, params, tuple(work.hits))


def share_above_percentile(rule: Rule, cases: Sequence[PastCase]) -> Iterator[Flag]:
    """Persons whose share is above that of nearly all others (nearest rank). Too few people: nothing is said."""
    people = [work for work in _work(rule, cases) if len(work.cases) >= rule.given["least"]]
    if len(people) < rule.given["people"]:
        return
    rank = -(-rule.given["percentile"] * len(people) // 100)
    bar = sorted(work.share for work in people)[rank - 1]
    for work in people:
        if work.share > bar:
            params = {
                "who": work.who,
                "hits": len(work.hits),
                "count": len(work.cases),
                "percent": _percent(work.share),
                "rank": rank,
                "people": len(people),
                "bar": _percent(bar),
            }
            template = (
                "%(who)s: %(hits)s of %(count)s cases (%(percent)s percent) came out like this; "
                "%(rank)s of %(people)s people have %(bar)s percent or less."
            )
            yield Flag(rule, template, params, tuple(work.hits))


def _percent(share: Fraction) -> str:
    """A share in percent, to one decimal where it is not whole."""
    return f"{float(share * 100):.1f}".removesuffix(".0")


def too_few_people(rule: Rule, cases: Sequence[PastCase]) -> Iterator[Flag]:
    """A result on which fewer people agreed than it needs, once the case had gone on with it.

    Counted are who did ``element`` last and whoever did one of ``others`` after that, until ``then`` was done: before
    that, somebody may still be asked.
    """
    for case in cases:
        if not comes_out_so(rule, case):
            continue
        steps = _since_last(case, rule.given["element"])
        then = next((number for number, done in enumerate(steps) if done.element == rule.given["then"]), None)
        if then is None:
            continue
        asked = {rule.given["element"], *rule.given["others"]}
        agreed = {done.user for done in steps[:then] if done.element in asked}
        if len(agreed) < rule.given["least"]:
            params = {
                "who": steps[0].who,
                "step": steps[0].name,
                "then": steps[then].name,
                "count": len(agreed),
                "least": rule.given["least"],
                "variable": rule.given["variable"],
                "value": case.variables[rule.given["variable"]],
            }
            template = (
                "“%(variable)s: %(value)s” was settled by %(who)s at “%(step)s”; %(count)s of at least %(least)s "
                "people had a part in it before “%(then)s”."
            )
            yield Flag(rule, template, params, (case,))


def _since_last(case: PastCase, element: str) -> Sequence[Done]:
    """The steps from the last time that somebody did ``element``; none where nobody did."""
    numbers = [number for number, done in enumerate(case.done) if done.element == element]
    return case.done[numbers[-1] :] if numbers else ()


def series(rule: Rule, cases: Sequence[PastCase]) -> Iterator[Flag]:
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


def named_like_staff(rule: Rule, cases: Sequence[PastCase], staff: frozenset[str]) -> Iterator[Flag]:
    """Somebody in the case has the name of somebody who works here, perhaps in this very case.

    A field may hold several names, with a comma or a blank between them.
    """
    for case in cases:
        named = (name for variable in rule.given["variables"] for name in _names(case.variables.get(variable)))
        for name in dict.fromkeys(named):
            if name in staff:
                acted = any(done.who == name for done in case.done)
                template = (
                    "%(name)s, named in the case, has the name of somebody who did work in this case."
                    if acted
                    else "%(name)s, named in the case, has the name of somebody who works here."
                )
                yield Flag(rule, template, {"name": name}, (case,))


def _names(value: Any) -> Sequence[str]:
    """The whole text and each of its parts."""
    text = value.strip() if isinstance(value, str) else ""
    return [name for name in (text, *_BETWEEN_NAMES.split(text)) if name]
