"""When things happened: work too quick, what began too lately, results and cases too close together."""

from __future__ import annotations

import re
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from operator import itemgetter
from typing import Any, Final

from engine.definition.oversight import Rule
from engine.queries.flags.flag import Flag
from engine.queries.past_cases import PastCase
from engine.runtime.surroundings import ZONE

_DAY_IN_A_TEXT: Final = re.compile(
    r"(?<![0-9])((?:19|20)[0-9]{2})(?:\s*[-年./]\s*([0-9]{1,2})(?![0-9])(?:\s*[-月./]\s*([0-9]{1,2})(?![0-9]))?)?"
)


def too_fast(rule: Rule, cases: Sequence[PastCase]) -> Iterator[Flag]:
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


def too_recent(rule: Rule, cases: Sequence[PastCase]) -> Iterator[Flag]:
    """What had lasted for too short a time when somebody did a step: since a day, or a number of months.

    A text counts as the first day of the year, month or day that it names, so that a year alone flags only what is
    surely too recent; a text that names none says nothing.
    """
    months = rule.given["months"]
    for case in cases:
        if (done := case.last(rule.given["element"])) is None:
            continue
        day = done.at.astimezone(ZONE).date()
        for variable in rule.given["variables"]:
            value = case.variables.get(variable)
            params = {"variable": variable, "value": value, "months": months, "step": done.name, "day": day}
            if isinstance(value, int | Decimal) and not isinstance(value, bool):
                template = "“%(variable)s” was %(value)s months, less than %(months)s, at “%(step)s” on %(day)s."
                found = value < months
            else:
                template = "“%(variable)s” says %(value)s, less than %(months)s months before “%(step)s” on %(day)s."
                since = _first_day(value)
                found = since is not None and since <= day < _later(since, months)
            if found:
                yield Flag(rule, template, params, (case,))


def _first_day(value: Any) -> date | None:
    """The day, or the first day that a text names."""
    if isinstance(value, datetime):
        return value.astimezone(ZONE).date()
    if isinstance(value, date):
        return value
    found = _DAY_IN_A_TEXT.search(value) if isinstance(value, str) else None
    try:
        return date(*(int(part or 1) for part in found.groups())) if found else None
    except ValueError:
        return None


def _later(day: date, months: int) -> date:
    """The same day ``months`` later, or the last day of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def jump(rule: Rule, cases: Sequence[PastCase]) -> Iterator[Flag]:
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


def opened_again(rule: Rule, cases: Sequence[PastCase]) -> Iterator[Flag]:
    """A case that was opened soon after one with the same value had ended in one of some ways, or was cancelled."""
    by_value: dict[str, list[PastCase]] = {}
    for case in cases:
        same = case.variables.get(rule.given["same"])
        if isinstance(same, str) and same.strip():
            by_value.setdefault(same.strip(), []).append(case)
    for own in by_value.values():
        ended = sorted(((at, other) for other in own if (at := _ended_so(rule, other))), key=itemgetter(0))
        for case in own:
            nearest = bisect_right(ended, case.started_at, key=itemgetter(0)) - 1
            if nearest < 0:
                continue
            at, before = ended[nearest]
            if before is not case and case.started_at - at <= timedelta(days=rule.given["days"]):
                params = {
                    "days": (case.started_at - at).days,
                    "number": before.number,
                    "end": before.outcome_name or before.outcome,
                }
                template = (
                    "Opened %(days)s days after %(number)s had been cancelled."
                    if before.status == "cancelled"
                    else "Opened %(days)s days after %(number)s had ended with “%(end)s”."
                )
                yield Flag(rule, template, params, (before, case))


def _ended_so(rule: Rule, case: PastCase) -> datetime | None:
    """When the case ended, None where it did not, or in another way."""
    if case.status == "cancelled":
        return case.ended_at if rule.given.get("cancelled") else None
    return case.ended_at if case.status == "completed" and case.outcome in rule.given["ends"] else None
