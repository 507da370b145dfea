"""What traces tell of a procedure: which ways cases took, how those differ, and how long each step waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import SequenceMatcher
from typing import Final, Literal

from engine.queries.traces import Trace, TraceEvent

ACTS: Final = frozenset({"UserTaskCompleted", "MessageReceived", "EventCame", "TimerFired"})
"""What makes a way: what people did, what came from outside, and time that ran out. Gateways, tables and papers
follow from these, so they would only tell one way apart from itself."""

Kind = Literal["same", "more", "less"]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Steps that a way has like another one, has more, or has not."""

    kind: Kind
    activities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to one outcome: its steps in order, how many cases took it, their median time from beginning to end.

    ``stretches`` compares it with the most frequent way of all.
    """

    activities: tuple[str, ...]
    outcome: str
    cases: int
    typical: timedelta | None
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long one step waits, at one unit or ("") at all, from being created to being done.

    Work still open is only counted. ``total`` is the time of all that was done, taken together.
    """

    activity: str
    unit: str
    done: int
    open: int
    typical: timedelta | None
    slow: timedelta | None
    longest: timedelta | None
    total: timedelta


def variants(traces: Iterable[Trace]) -> list[Variant]:
    """The ways that ended cases took, the most frequent first."""
    times: dict[tuple[tuple[str, ...], str], list[timedelta]] = {}
    for trace in traces:
        if trace.ended_at is not None:
            way = tuple(event.activity for event in trace.events if event.kind in ACTS)
            times.setdefault((way, trace.outcome), []).append(trace.ended_at - trace.started_at)
    ranked = sorted(times.items(), key=lambda item: (-len(item[1]), item[0]))
    usual = ranked[0][0][0] if ranked else ()
    return [
        Variant(way, outcome, len(spans), share(spans, 50), compare_ways(usual, way))
        for (way, outcome), spans in ranked
    ]


def compare_ways(usual: Sequence[str], way: Sequence[str]) -> tuple[Stretch, ...]:
    """How a way differs from the usual one, stretch by stretch, in the order of the way."""
    found: list[Stretch] = []
    for tag, a, b, c, d in SequenceMatcher(None, usual, way, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Stretch("same", tuple(way[c:d])))
            continue
        if a < b:
            found.append(Stretch("less", tuple(usual[a:b])))
        if c < d:
            found.append(Stretch("more", tuple(way[c:d])))
    return tuple(found)


def waitings(traces: Iterable[Trace]) -> list[Waiting]:
    """Waiting times per step and unit, the slowest first."""
    found = _waitings(traces, lambda event: (event.activity, event.unit))
    return sorted(found, key=lambda one: (-(one.typical or timedelta()), one.activity, one.unit))


def bottlenecks(traces: Iterable[Trace]) -> list[Waiting]:
    """Waiting times per step at all units together, the step first that took most of all time."""
    found = _waitings(traces, lambda event: (event.activity, ""))
    return sorted(found, key=lambda one: (-one.total, one.activity))


def _waitings(traces: Iterable[Trace], key_of: Callable[[TraceEvent], tuple[str, str]]) -> list[Waiting]:
    spans: dict[tuple[str, str], list[timedelta]] = {}
    waiting: Counter[tuple[str, str]] = Counter()
    for trace in traces:
        created = {}
        for event in trace.events:
            if event.kind == "UserTaskCreated":
                key = key_of(event)
                created[event.item] = (key, event.at)
                spans.setdefault(key, [])
                waiting[key] += 1
            elif event.kind in ("UserTaskCompleted", "UserTaskCancelled") and event.item in created:
                key, since = created.pop(event.item)
                waiting[key] -= 1
                if event.kind == "UserTaskCompleted":
                    spans[key].append(event.at - since)
    return [
        Waiting(
            *key, len(times), waiting[key], share(times, 50), share(times, 90), share(times, 100),
            sum(times, timedelta()),
        )
        for key, times in spans.items()
    ]  # fmt: skip


def share(times: Sequence[timedelta], percent: int) -> timedelta | None:
    """The time that ``percent`` of the times do not exceed (nearest rank); None of none."""
    if not times:
        return None
    return sorted(times)[max(0, -(-len(times) * percent // 100) - 1)]
