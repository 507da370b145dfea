"""The kinds of rule about time: expressions are computed for sample days, so a shorter one is found however written.

Everything is computed in more than one calendar. What is counted in working days comes out the same in each; a length
of time in days does not: a holiday leaves fewer working days in it, weekends that are worked leave more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice, product
from typing import Any

from engine.calendar import PLAIN, Calendar
from engine.definition.finding import Finding
from engine.definition.floor.composed import Node
from engine.definition.floor.rules import Rule
from engine.definition.floor.subject import Subject, broken
from engine.errors import ShangmenError
from engine.feel import Environment, compile_expression
from engine.feel import syntax as s

SAMPLES = tuple(date(2026, 9, 7) + timedelta(days=n) for n in range(8))
_HOLIDAY = Calendar("holiday", {date(2026, 9, day): False for day in range(9, 17)}, frozenset({2026}))
BUSY = Calendar("busy", {date(2026, 9, day): True for day in (12, 13, 19, 20, 26, 27)}, frozenset({2026}))
_WRITERS_MAX = 64
_DAYS = re.compile(r"P(\d{1,4})D")
_CANNOT = (
    "Floor rule %(number)s “%(text)s” (%(source)s): expected a time that can be computed from %(after)s "
    "but that of %(name)s cannot. Write it with %(after)s."
)
_SHORT = (
    "Floor rule %(number)s “%(text)s” (%(source)s): expected at least %(least)s working days "
    "but %(name)s gives %(found)s. Make it longer."
)


def at_least_days(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """The timer ends at least ``days`` working days after the dates in ``after``, whatever day they are."""
    after = [rule["after"]] if isinstance(rule["after"], str) else rule["after"]
    for node in subject.net.at(rule["timer"]):
        definition = node.element.definition("timer")
        text = definition.expression if definition is not None else ""
        found = [_days_of_timer(subject, text, after, day, kept) for kept in (PLAIN, _HOLIDAY) for day in SAMPLES]
        yield from _short(rule, subject, node, found, ", ".join(after))


def days_counted(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """Whatever computes the variable gives a day at least ``days`` working days after the dates in ``after``."""
    written = [node for node in subject.net.nodes.values() if _assigns(node, rule["variable"])]
    names = ", ".join(rule["after"])
    if not written:
        yield broken(rule, subject, _CANNOT, element="", name=rule["variable"], after=names)
    for node in written:
        found = []
        for kept, day in product((PLAIN, _HOLIDAY), SAMPLES):
            values = _computed(subject, [node], dict.fromkeys(rule["after"], day), day, kept)
            end = values.get(rule["variable"])
            found.append(kept.working_days_between(day, end) if type(end) is date else None)
        yield from _short(rule, subject, node, found, names)


def due_within(rule: Rule, subject: Subject) -> Iterator[Finding]:
    """The task is due at most ``days`` working days after the day that ``after`` says, in every assumed case."""
    for node in subject.net.at(rule["element"]):
        for kept, case in product((PLAIN, BUSY), rule["assuming"]):
            moment = moment_of(case.get("now", SAMPLES[0]))
            variables = {**case, "profile": subject.profile}
            start = value_of(rule["after"], variables, moment, kept)
            end = _due(node, variables, moment, kept)
            late = kept.working_days_between(start, end) if type(start) is date and end is not None else None
            if late is None or late > rule["days"]:
                yield broken(
                    rule,
                    subject,
                    "Floor rule %(number)s “%(text)s” (%(source)s): expected %(name)s to be due within %(most)s "
                    "working days but found %(found)s. Make it shorter.",
                    element=node.id,
                    name=node.element.name or node.id,
                    most=rule["days"],
                    found="–" if late is None else late,
                )
                break


def _short(
    rule: Rule, subject: Subject, node: Node, found: list[int | None], after: str
) -> Iterator[Finding]:  # fmt: skip
    name, known = node.element.name or node.id, [days for days in found if days is not None]
    if len(known) < len(found):
        yield broken(rule, subject, _CANNOT, element=node.id, name=name, after=after)
    elif min(known) < rule["days"]:
        yield broken(rule, subject, _SHORT, element=node.id, name=name, least=rule["days"], found=min(known))


def _days_of_timer(subject: Subject, text: str, after: Sequence[str], day: date, kept: Calendar) -> int | None:
    plain = _DAYS.fullmatch(text.strip())
    if plain:
        return kept.working_days_between(day, day + timedelta(days=int(plain[1]) - 1))
    if not text.startswith("="):
        return None
    dates = dict.fromkeys(after, day)
    ends: dict[str, list[Any]] = {}
    for name in sorted(_names(text) - {"profile", *after}):
        writers = [node for node in subject.net.nodes.values() if _assigns(node, name)]
        if not writers or any(_answers(subject, n, name) for n in subject.net.nodes.values()):
            return None
        ends[name] = list({_computed(subject, [node], dates, day, kept).get(name): None for node in writers})
    found = []
    for chosen in islice(product(*ends.values()), _WRITERS_MAX + 1):
        known = {**dates, **dict(zip(ends, chosen, strict=True)), "profile": subject.profile}
        found.append(_days_until(value_of(text, known, moment_of(day), kept), day, kept))
    known_days = [days for days in found if days is not None]
    return min(known_days) if known_days and len(found) == len(known_days) <= _WRITERS_MAX else None


def _days_until(end: Any, day: date, kept: Calendar) -> int | None:
    """How many working days after ``day`` are over when a timer with this value fires."""
    if type(end) is date:
        return kept.working_days_between(day, end)
    if isinstance(end, timedelta):
        end = moment_of(day) + end
    return kept.working_days_between(day, end.date() - timedelta(days=1)) if isinstance(end, datetime) else None


def _assigns(node: Node, variable: str) -> bool:
    """Whether a script gives the variable another value than null."""
    if node.kind != "scriptTask":
        return False
    try:
        tree = compile_expression(node.element.script).tree
    except ShangmenError:
        return True
    if not isinstance(tree, s.ContextLiteral):
        return True
    return any(entry.name == variable and not isinstance(entry.value, s.NullLiteral) for entry in tree.entries)


def _answers(subject: Subject, node: Node, variable: str) -> bool:
    """Whether people or results can set the variable here."""
    if node.element.attributes.get("result") == variable:
        return True
    form = subject.forms.get(node.element.attributes.get("form", ""))
    field = form.field(variable) if form is not None else None
    return field is not None and not field.readonly


def _computed(
    subject: Subject, scripts: list[Node], variables: Mapping[str, Any], day: date, kept: Calendar
) -> dict[str, Any]:
    known = {**variables, "profile": subject.profile}
    for node in scripts:
        found = value_of(node.element.script, known, moment_of(day), kept)
        known |= found if isinstance(found, dict) else {}
    return known


def _due(node: Node, variables: Mapping[str, Any], moment: datetime, kept: Calendar) -> date | None:
    said = node.element.attributes
    start = value_of(said["dueFrom"], variables, moment, kept) if "dueFrom" in said else moment.date()
    if type(start) is not date:
        return None
    for name in ("dueWorkingDays", "dueDays", "dueMonths"):
        if name in said:
            count = value_of(said[name], variables, moment, kept)
            if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= 10_000:
                return None
            if name == "dueWorkingDays":
                return kept.add_working_days(start, count)
            return kept.next_working_day(start + timedelta(days=count * (1 if name == "dueDays" else 31)))
    return None


def value_of(text: str, variables: Mapping[str, Any], moment: datetime, kept: Calendar) -> Any:
    try:
        return compile_expression(text).evaluate(variables, Environment(now=moment, calendar=kept))
    except ShangmenError:
        return None


def _names(text: str) -> frozenset[str]:
    try:
        return compile_expression(text).names
    except ShangmenError:
        return frozenset()


def moment_of(day: date | datetime) -> datetime:
    """Nine o'clock of a day in the zone that the country keeps (UTC+8, so one o'clock UTC is the same day)."""
    return datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
