"""Scenarios are stories that can be played: known tasks and people, valid numbers, all endings the law asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.processes.drawing import PROCEDURES, PROCESSES, SM, B, Drawing, toml

SCENARIOS = sorted(PROCESSES.glob("*/scenarios/*.toml"))
HOME = PROCESSES / "disability_assessment"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
NEGATIVE_RUNS = {
    "not_severe": "not_eligible",
    "wrong_person": "identity_failed",
    "needs_instruments": "archived",
    "objection_during_posting": "archived",
    "death_during_posting": "died",
    "approval_before_seal": "archived",
    "never_reachable": "not_found",
    "withdrawal": "withdrawal_closed",
    "not_disabled": "not_disabled",
    "review_upheld": "not_disabled",
    "review_too_late": "not_disabled",
}
"""The negative runs of the domain reference, each with the end it comes to."""

each_scenario = pytest.mark.parametrize("path", SCENARIOS, ids=lambda p: p.stem)


def drawn(folder: Path) -> Iterator[Drawing]:
    """All diagrams of a procedure."""
    return (Drawing(path.read_bytes()) for path in folder.glob("*.bpmn"))


def steps(story: dict[str, Any]) -> list[dict[str, Any]]:
    """All steps of a scenario, the start first."""
    return [story["start"], *story["step"]] if "step" in story else [story["start"]]


def answered(value: Any) -> Iterator[str]:
    """Every text anywhere in a scenario."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from answered(inner)


def checksum_holds(number: str) -> bool:
    """GB 11643: ISO 7064 MOD 11-2."""
    return "10X98765432"[sum(int(c) * w for c, w in zip(number, WEIGHTS, strict=False)) % 11] == number[17]


@each_scenario
def test_a_scenario_says_what_it_is_about_in_both_languages(path: Path) -> None:
    story = toml(path)
    assert all(story[key].strip() for key in ("title", "title_en", "summary", "summary_en"))
    assert story["procedure"] == path.parents[1].name
    assert "outcome" in story["end"] or "open" in story["end"]


@each_scenario
def test_a_scenario_speaks_of_tasks_messages_and_ends_that_are_drawn(path: Path) -> None:
    story, folder = toml(path), path.parents[1]
    tasks = {k for d in drawn(folder) for k, e in d.nodes.items() if e.tag == f"{B}userTask"}
    messages = {m.get("name") for d in drawn(folder) for m in d.root.iter(f"{B}message")}
    main = Drawing((folder / f"{toml(folder / 'bundle.toml')['process']}.bpmn").read_bytes())
    for step in story.get("step", []):
        assert step.get("task") in tasks | {None}
        assert step.get("message") in messages | {None}
        expected = step.get("expect", {})
        assert set(expected.get("open", [])) | set(expected.get("due", {})) <= tasks
    assert set(story["end"].get("open", [])) <= tasks
    assert story["end"].get("outcome", "archived") in set(main.nodes) | {"archived"}


@each_scenario
def test_time_runs_forward(path: Path) -> None:
    moments = [step.get("at") or step["wait_until"] for step in steps(toml(path))]
    assert moments == sorted(moments)


@each_scenario
def test_people_are_made_up_but_their_numbers_hold(path: Path) -> None:
    for text in answered(toml(path)):
        if re.fullmatch(r"\d{17}[\dX]", text):
            assert checksum_holds(text), text
            assert text.startswith("410899"), f"{text} could be a living person's: use the area that does not exist"


def test_a_wrong_digit_would_be_noticed() -> None:
    assert checksum_holds("11010519491231002X")
    assert not checksum_holds("110105194912310021")


def test_all_negative_runs_are_told_and_end_where_they_should() -> None:
    for name, outcome in NEGATIVE_RUNS.items():
        assert toml(HOME / "scenarios" / f"{name}.toml")["end"]["outcome"] == outcome


@pytest.mark.parametrize(
    ("name", "posted", "closes", "due"),
    [
        ("golden_path_september", date(2026, 9, 21), date(2026, 9, 29), date(2026, 10, 19)),
        ("golden_path_february", date(2026, 2, 11), date(2026, 2, 25), date(2026, 3, 10)),
        ("golden_path_april", date(2026, 4, 28), date(2026, 5, 8), date(2026, 5, 21)),
    ],
)
def test_the_golden_paths_expect_the_dates_of_the_calendar(name: str, posted: date, closes: date, due: date) -> None:
    by_task = {step["task"]: step for step in toml(HOME / "scenarios" / f"{name}.toml")["step"] if "task" in step}
    assert by_task["post_notice"]["answers"]["posted_on"] == posted
    assert by_task["post_notice"]["expect"]["vars"]["posting_end"] == closes
    assert by_task["county_review"]["expect"]["due"]["county_decision"] == due


def test_who_is_told_on_19_october_may_object_until_2_november() -> None:
    for name, task in (("golden_path_september", "confirm_receipt"), ("not_disabled", "give_feedback")):
        step = next(s for s in toml(HOME / "scenarios" / f"{name}.toml")["step"] if s.get("task") == task)
        assert step["at"].date() == date(2026, 10, 19)
        assert step["expect"]["vars"]["objection_deadline"] == date(2026, 11, 2)


def test_the_posting_closes_neither_a_moment_early_nor_late() -> None:
    waits = [s for s in toml(HOME / "scenarios" / "golden_path_september.toml")["step"] if "wait_until" in s]
    assert [(w["wait_until"], w["expect"]["open"]) for w in waits] == [
        (datetime(2026, 9, 29, 23), []),
        (datetime(2026, 9, 30, 0, 10), ["close_posting"]),
        (datetime(2026, 11, 3, 0, 10), []),
    ]


@pytest.mark.parametrize("folder", PROCEDURES, ids=lambda p: p.name)
def test_every_user_task_is_done_in_some_scenario(folder: Path) -> None:
    called = {e.get("calledElement") for d in drawn(folder) for e in d.nodes.values()}
    called.add(toml(folder / "bundle.toml")["process"])  # what nobody calls is a part for places to call
    tasks = {
        key
        for diagram in drawn(folder)
        if diagram.process.get("id") in called
        for key, element in diagram.nodes.items()
        if element.tag == f"{B}userTask"
    }
    told = {s.get("task") for p in (folder / "scenarios").glob("*.toml") for s in toml(p).get("step", [])}
    assert tasks - told == set()


@pytest.mark.parametrize("folder", PROCEDURES, ids=lambda p: p.name)
def test_every_end_is_reached_in_some_scenario(folder: Path) -> None:
    main = Drawing((folder / f"{toml(folder / 'bundle.toml')['process']}.bpmn").read_bytes())
    ends = {k for k, e in main.nodes.items() if e.tag == f"{B}endEvent" and not main.around(k)}
    reached = {toml(p)["end"].get("outcome") for p in (folder / "scenarios").glob("*.toml")}
    assert ends - reached == set()


def test_the_demonstration_has_enough_plays_in_three_counties_over_sixty_days() -> None:
    plays = toml(HOME / "demo" / "plays.toml")["play"]
    organisations = {t["id"]: t for t in toml(HOME / "demo" / "organisations.toml")["tenant"]}
    assert len(plays) >= 44
    assert {play["tenant"][:6] for play in plays} >= {"410825", "410823", "410821"}
    assert min(p["start_days_ago"] for p in plays) == 0
    assert 55 <= max(p["start_days_ago"] for p in plays) <= 60
    for play in plays:
        assert organisations[play["tenant"]]["level"] == "village"
        assert (HOME / "scenarios" / f"{play['scenario']}.toml").exists()
        assert organisations[play["overrides"].get("institution", "410825-h1")]["level"] == "institution"
        assert checksum_holds(play["overrides"].get("resident_id", "11010519491231002X"))
    numbers = [p["overrides"]["resident_id"] for p in plays if "resident_id" in p["overrides"]]
    assert len(numbers) - len(set(numbers)) == 1, "one person applies again, for an auditor to find"


def test_every_role_of_the_diagrams_has_its_people_at_every_unit() -> None:
    organisations = toml(HOME / "demo" / "organisations.toml")["tenant"]
    people = toml(HOME / "demo" / "people.toml")["user"]
    held = {(role["tenant"], role["role"]) for person in people for role in person["role"]}
    asked = {(lane.get(f"{SM}level"), lane.get(f"{SM}role")) for d in drawn(HOME) for lane in d.lanes.values()}
    for level, role in asked:
        for unit in organisations:
            if level is not None and unit["level"] == level:
                assert (unit["id"], role) in held, f"nobody is {role} at {unit['name']}"
    assert len({person["login"] for person in people}) == len(people) >= 60
    for institution in (u["id"] for u in organisations if u["level"] == "institution"):
        doctors = [p for p in people if {"tenant": institution, "role": "assessor"} in p["role"]]
        assert len(doctors) >= 2, "a severe grade needs two doctors"
