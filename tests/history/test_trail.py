"""Frames share one trail, and each still shows the way as it was then."""

from __future__ import annotations

from datetime import UTC, datetime

from engine.history import events as e
from engine.history.facts import Fact
from engine.history.replay import Frame, Standing, Visit, fold, frames

AT = datetime(2026, 3, 2, tzinfo=UTC)
P = {"process": "p"}


def film(*events: e.Event) -> list[Frame]:
    return list(frames(Fact("case:1", seq, AT, "u", "t", event) for seq, event in enumerate(events, 1)))


def created(element: str, task: str) -> e.Event:
    return e.UserTaskCreated(element, "p", via="f", task=task, name="", form="", role="", tenant="t", due_at=None)


def done(element: str, task: str) -> e.Event:
    return e.UserTaskCompleted(element, "p", task=task, name="", form="", answers={})


def test_a_visit_that_ended_later_is_still_open_in_the_frames_before() -> None:
    first, second, third = film(created("a", "1"), created("a", "2"), done("a", "2"))

    assert tuple(first.visits) == (Visit("a", "p", "", 1),)
    assert second.open_visits() == (Visit("a", "p", "", 1), Visit("a", "p", "", 2))
    assert third.visits[1] == Visit("a", "p", "", 2, until=3)
    assert third.open_visits() == (Visit("a", "p", "", 1),)
    assert second.open_visits() == (Visit("a", "p", "", 1), Visit("a", "p", "", 2)), "what came later changed the past"


def test_the_flows_of_a_frame_are_those_taken_until_then() -> None:
    first, second, third = film(created("a", "1"), created("b", "2"), done("a", "1"))

    assert [len(frame.flows) for frame in (first, second, third)] == [1, 2, 2]
    assert second.flows[1:] == (("p", "", "f"),)


def test_the_last_of_two_visits_ends_first_and_what_passes_is_begun_and_ended_at_once() -> None:
    *_, last = film(
        created("a", "1"), created("a", "2"), done("a", "1"), e.ElementCompleted("g", "p", name="", assigned={})
    )

    assert [(visit.element, visit.since, visit.until) for visit in last.visits] == [
        ("a", 1, None),
        ("a", 2, 3),
        ("g", 4, 4),
    ]


def test_who_did_a_step_again_and_again_stands_in_the_summary_once() -> None:
    people = ("u", "v", "u", "u", "v")
    facts = [Fact("case:1", seq, AT, who, "t", done("a", str(seq))) for seq, who in enumerate(people, 1)]
    standing = fold(facts)

    assert standing.done == {"a": ("u", "v")}
    assert Standing.from_json(standing.as_json()) == standing
    assert Standing.from_json({**standing.as_json(), "done": {"a": ["u", "v", "u"]}}) == standing, "as once written"
