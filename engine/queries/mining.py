"""What traces tell of a procedure: which ways cases took, and how long each step waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from engine.queries.traces import Trace


@dataclass(frozen=True, slots=True)
class Variant:
    """One way: its activities in order, how many cases took it, and the median time from beginning to end."""

    activities: tuple[str, ...]
    cases: int
    typical: timedelta | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long one step waits at one unit, from being created to being done (work still open is only counted)."""

    activity: str
    unit: str
    done: int
    open: int
    typical: timedelta | None
    slow: timedelta | None
    longest: timedelta | None


def variants(traces: Iterable[Trace]) -> list[Variant]:
    """The ways that ended cases took, the most frequent first."""
    ended = [trace for trace in traces if trace.ended_at is not None]
    counted = Counter(trace.variant for trace in ended)
    times: dict[tuple[str, ...], list[timedelta]] = {}
    for trace in ended:
        if trace.ended_at is not None:
            times.setdefault(trace.variant, []).append(trace.ended_at - trace.started_at)
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return [Variant(activities, cases, share(times[activities], 50)) for activities, cases in ranked]


def waitings(traces: Iterable[Trace]) -> list[Waiting]:
    """Waiting times per step and unit, the slowest first."""
    spans: dict[tuple[str, str], list[timedelta]] = {}
    waiting: Counter[tuple[str, str]] = Counter()
    for trace in traces:
        created = {}
        for event in trace.events:
            key = (event.activity, event.unit)
            if event.kind == "UserTaskCreated":
                created[event.item] = (key, event.at)
                spans.setdefault(key, [])
                waiting[key] += 1
            elif event.kind in ("UserTaskCompleted", "UserTaskCancelled") and event.item in created:
                key, since = created.pop(event.item)
                waiting[key] -= 1
                if event.kind == "UserTaskCompleted":
                    spans[key].append(event.at - since)
    found = [
        Waiting(*key, len(times), waiting[key], share(times, 50), share(times, 90), share(times, 100))
        for key, times in spans.items()
    ]
    nothing = timedelta()
    return sorted(found, key=lambda one: (-(one.typical or nothing), one.activity, one.unit))


def share(times: Sequence[timedelta], percent: int) -> timedelta | None:
    """The time that ``percent`` of the times do not exceed (nearest rank); None of none."""
    if not times:
        return None
    return sorted(times)[max(0, -(-len(times) * percent // 100) - 1)]
