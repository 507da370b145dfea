"""Random changes of the national procedure: a step removed, bypassed, moved, a flow led elsewhere, a timer changed."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.floor.drafts import B, Drawn, Files, draft, drawn, national, profile, text

STEPS = ("userTask", "serviceTask", "scriptTask", "businessRuleTask", "callActivity", "intermediateCatchEvent")
UNCHANGED = ("extra_review", "appointment")
"""Parts in which the nation does nothing, or that it does not call."""
CONDITIONS = ('review_mode = "central"', 'visit_result = "person_met"', 'county_decision = "approve"', "true")


@dataclass(frozen=True)
class Mutation:
    """``kind``: remove, bypass, reorder, retarget or timer; ``what``: what was changed."""

    kind: str
    what: str
    files: Files


def steps(drawing: Drawn) -> list[str]:
    """The steps with one way in and one way out."""
    found = [one.get("id") for kind in STEPS for one in drawing.root.iter(B + kind)]
    return [key for key in found if len(drawing.out(key)) == 1 and drawing.into(key)]


def _waited_for(drawing: Drawn, key: str) -> bool:
    """Whether an event-based gateway leads here: nothing may stand between the two."""
    return any(drawing.node(flow.get("sourceRef")).tag == f"{B}eventBasedGateway" for flow in drawing.into(key))


def remove(dice: random.Random, drawing: Drawn) -> str:
    key = dice.choice([one for one in steps(drawing) if not _waited_for(drawing, one)])
    drawing.remove(key)
    return f"without {key}"


def bypass(dice: random.Random, drawing: Drawn) -> str:
    key = dice.choice([one for one in steps(drawing) if not _waited_for(drawing, one)])
    said = dice.choice(CONDITIONS)
    drawing.around(key, said)
    return f"past {key} if {said}"


def _pairs(drawing: Drawn) -> list[tuple[str, str]]:
    known = steps(drawing)
    pairs = [(key, drawing.out(key)[0].get("targetRef")) for key in known]
    apart = [(one, two) for one, two in pairs if two in known and len(drawing.into(two)) == 1]
    return [(one, two) for one, two in apart if not _waited_for(drawing, one)]


def reorder(dice: random.Random, drawing: Drawn) -> str:
    first, second = dice.choice(_pairs(drawing))
    drawing.swap(first, second)
    return f"{second} before {first}"


def _free_flows(drawing: Drawn) -> list[str]:
    """Flows that may be led elsewhere: what they led to is still reached, and no event is waited for there."""
    flows = drawing.root.iter(B + "sequenceFlow")
    free = [f for f in flows if drawing.node(f.get("sourceRef")).tag != f"{B}eventBasedGateway"]
    return [flow.get("id") for flow in free if len(drawing.into(flow.get("targetRef"))) > 1]


def retarget(dice: random.Random, drawing: Drawn) -> str:
    flow = drawing.node(dice.choice(_free_flows(drawing)))
    scope = flow.getparent()
    others = [one.get("id") for kind in (*STEPS, "endEvent") for one in scope.iterfind(B + kind)]
    aside = (flow.get("sourceRef"), flow.get("targetRef"))
    target = dice.choice([one for one in others if one not in aside and not _waited_for(drawing, one)])
    flow.set("targetRef", target)
    return f"{flow.get('id')} to {target}"


DRAWN: dict[str, tuple[Callable[[random.Random, Drawn], str], Callable[[Drawn], object]]] = {
    "remove": (remove, lambda drawing: [one for one in steps(drawing) if not _waited_for(drawing, one)]),
    "bypass": (bypass, lambda drawing: [one for one in steps(drawing) if not _waited_for(drawing, one)]),
    "reorder": (reorder, _pairs),
    "retarget": (retarget, _free_flows),
}
"""Kind → how it changes a diagram, and what in a diagram it could change."""
KINDS = (*DRAWN, "timer")

WORKING = "add working days({since}, {days})"
LENGTH = '{since} + duration("P{days}D")'
TIMERS = (
    ("publicity", "add working days(posted_on, profile.posting_days_min)", "posted_on", (3, 8), (WORKING, LENGTH)),
    ("publicity", ">=posting_end<", "posting_end", (-3, 4), (">=" + LENGTH + "<",)),
    ("objection_review", ">=objection_deadline<", "objection_deadline", (-3, 4), (">=" + LENGTH + "<",)),
    ("objection_review", ">=final_deadline<", "today()", (5, 14), (">=" + LENGTH + "<",)),
    ("objection_review", "add working days(review_told_on, profile.objection_days)", "review_told_on", (7, 14),
     (WORKING,)),
    ("delivery", "add working days(received_on, profile.objection_days)", "received_on", (7, 14), (WORKING, LENGTH)),
    ("feedback", "add working days(feedback_on, profile.objection_days)", "feedback_on", (7, 14), (WORKING, LENGTH)),
    ("approval", 'dueWorkingDays="=profile.county_review_days_max"', "", (6, 14), ('dueWorkingDays="={days}"',)),
    ("intake_review", "add working days(today(), profile.township_days_escalate)", "today()", (1, 9), (WORKING,)),
)  # fmt: skip
"""Diagram, what stands there, from which day it counts, between which numbers, and how it may be written."""
PARAMETERS = (("posting_days_min", 3, 8), ("county_review_days_max", 6, 15), ("objection_days", 7, 14))


def _timer(dice: random.Random) -> Mutation:
    if dice.random() < 0.25:
        key, low, high = dice.choice(PARAMETERS)
        value = dice.randint(low, high)
        return Mutation("timer", f"{key} = {value}", draft(profile(key, value=value, min=1, max=30)))
    process, old, since, (low, high), ways = dice.choice(TIMERS)
    new = dice.choice(ways).format(since=since, days=dice.randint(low, high)).replace('"P-', '"-P')
    return Mutation("timer", f"{process}: {new}", draft(text("process", process, old, new)))


def mutation(seed: int, number: int) -> Mutation:
    """The change with this number. The kinds take turns, so that each occurs."""
    kind, dice = KINDS[number % len(KINDS)], random.Random(f"{seed} {number}")
    if kind == "timer":
        return _timer(dice)
    change, changeable = DRAWN[kind]
    drawings = [key for kind, key in national().resources if kind == "process" and key not in UNCHANGED]
    key = dice.choice([one for one in drawings if changeable(Drawn(national().resources["process", one]))])
    told: list[str] = []
    files = draft(drawn(key, lambda drawing: told.append(change(dice, drawing))))
    return Mutation(kind, f"{key}: {told[0]}", files)
