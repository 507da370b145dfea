"""How long things really take: stories told on a draft by the engine that runs cases, through holidays and weekends.

It shares nothing with the floor's rules about time but the calendar's own counting.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from engine.history import events as e
from engine.runtime.interpreter import compile_definition
from engine.scenarios.ground import ScenarioFailed
from engine.scenarios.player import Play, Stage
from engine.scenarios.pretended_case import PretendedCase
from engine.scenarios.script import ZONE, Scenario
from engine.scenarios.staging import Theatre
from tests.floor.drafts import Files

SHIFTS = (-48, -24, 0, 1, 3, 6, 9, 10, 11, 13)
"""By how many days the stories are told later: over Mid-Autumn, the National Day and the Saturday that is worked. Told
earlier, the waits that come months after the start, for objections and for the last review, fall into that day."""


def breaks_a_term(main: str, files: Files, stories: dict[str, Scenario], theatre: Theatre) -> set[str]:
    """The numbers of the rules of time that some story on the draft breaks."""
    definition = compile_definition(main, files)
    found = set()
    for key, story in stories.items():
        for days in SHIFTS:
            ground = PretendedCase(definition, theatre.world, story.names)
            try:
                Play(ground, story, Stage(shift=timedelta(days=days), patient=True)).run()
            except ScenarioFailed as failed:
                raise AssertionError(f"{key} + {days} days: {failed}") from failed
            found |= set(_broken(ground))
    return found


def _broken(ground: PretendedCase) -> Iterator[str]:
    """At least five working days of posting, ten of objecting and of asking again; at most ten of deciding."""
    known, counted = ground.variables(), ground.world.calendar.working_days_between
    told_on = known.get("received_on") or known.get("feedback_on")
    closed = {event.element: at for event, at in _events(ground) if isinstance(event, e.UserTaskCreated)}
    ended = {event.element: at for event, at in _events(ground) if isinstance(event, e.TimerFired)}
    if "close_posting" in closed and counted(known["posted_on"], closed["close_posting"] - ONE) < 5:
        yield "N3"
    if "objection_over" in ended and counted(told_on, ended["objection_over"] - ONE) < 10:
        yield "N8"
    if "final_over" in ended and counted(known["review_told_on"], ended["final_over"] - ONE) < 10:
        yield "N8"
    if isinstance(told_on, date) and counted(told_on, known["objection_deadline"]) < 10:
        yield "N8"
    for event, _ in _events(ground):
        if isinstance(event, e.UserTaskCreated) and event.element == "county_decision":
            since = known["posting_end"] if known["publicity_required"] else known["sealed_on"]
            if event.due_at is None or counted(since, event.due_at.astimezone(ZONE).date()) > 10:
                yield "N4"


ONE = timedelta(days=1)


def _events(ground: PretendedCase) -> Iterator[tuple[e.Event, date]]:
    """What happened, and on which day: the last second of a day is the end of it."""
    return ((fact.event, (fact.at + timedelta(seconds=1)).astimezone(ZONE).date()) for fact in ground.facts)
