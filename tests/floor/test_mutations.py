"""Random changes of the national procedure: what breaks a rule in execution is refused, and nothing else is.

``SHANGMEN_MUTATIONS`` says how many (200 take some minutes), ``SHANGMEN_SEED`` repeats a run. Order and soundness are
judged by a simulation of every run (``simulation``), terms by the engine itself (``clocks``).
"""

from __future__ import annotations

import os
import shutil
import tomllib
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from engine.definition.floor.check import _ask, floor_of, read_floor, subject_of
from engine.definition.floor.composed import TooLarge
from engine.errors import ShangmenError
from engine.scenarios.script import Scenario, read_scenario
from engine.scenarios.seed import set_the_stage
from engine.scenarios.staging import Theatre, theatre_for
from engine.store.database import open_database
from engine.store.known import find_tenant
from engine.store.run import Platform
from tests.floor.clocks import breaks_a_term
from tests.floor.drafts import FOLDER, ROOT, Files, draft, national, profile, text
from tests.floor.mutations import KINDS, Mutation, mutation
from tests.floor.simulation import ORDER, Simulation, TooMany

MAIN = "disability_assessment"
COUNT = int(os.environ.get("SHANGMEN_MUTATIONS", "15"))
SEED = int(os.environ.get("SHANGMEN_SEED", "3"))
STATES_MAX = 200_000
TERMS = ("parameter", "at_least_days", "days_counted", "due_within")
TIMED = ("golden_path_september", "minor_without_posting", "not_disabled", "review_upheld")
FORTNIGHTS = (
    ("objection_review", ">=final_deadline<", '>=today() + duration("P14D")<'),
    ("delivery", "add working days(received_on, profile.objection_days)", 'received_on + duration("P14D")'),
    ("feedback", "add working days(feedback_on, profile.objection_days)", 'feedback_on + duration("P14D")'),
)
"""Long enough but over a holiday."""
_stage: list[Theatre] = []


@dataclass(frozen=True)
class Verdict:
    """One change, whether a run breaks a rule, whether the floor refuses it, and where the two differ."""

    number: int
    mutation: Mutation
    broke: bool
    refused: bool
    differs: str = ""


@pytest.fixture(scope="module")
def theatre(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    path = tmp_path_factory.mktemp("stage") / "stage.sqlite"
    shutil.copy(sqlite_template, path)
    platform = Platform(open_database(f"sqlite:///{path}"))
    set_the_stage(platform, ROOT / "processes", ROOT / "forms" / "library", datetime(2020, 1, 1, tzinfo=UTC))
    with platform.database.read() as connection:
        nation = find_tenant(connection, "cn")
        assert nation is not None
        yield theatre_for(connection, platform.known, nation, timed().values())
    platform.database.close()


@cache
def timed() -> dict[str, Scenario]:
    """The stories in which terms run."""
    return {key: read_scenario(key, (FOLDER / "scenarios" / f"{key}.toml").read_bytes()) for key in TIMED}


@cache
def rules() -> tuple[Any, ...]:
    floor = floor_of(national().resources)
    assert floor is not None
    return tuple(read_floor(floor)), tuple(tomllib.loads(floor.decode())["rule"])


def judged(files: Files) -> tuple[set[int], bool]:
    """The numbers (in the file) of the rules about order that the floor finds broken, and whether it finds it sound."""
    subject = subject_of(MAIN, files, rules()[0])
    found = {n for n, rule in enumerate(rules()[0]) if rule.kind in ORDER and _ask(rule, subject)}
    sound = next(rule for rule in rules()[0] if rule.kind == "sound")
    return found, not _ask(sound, subject)


def terms_refused(files: Files) -> set[str]:
    """The numbers of the rules about terms that the floor finds broken."""
    subject = subject_of(MAIN, files, rules()[0])
    return {rule.number for rule in rules()[0] if rule.kind in TERMS and _ask(rule, subject)}


def verdict(number: int) -> Verdict:
    """Both judges on the change with this number."""
    changed = mutation(SEED, number)
    if changed.kind == "timer":
        broken, refused = breaks_a_term(MAIN, changed.files, timed(), _stage[0]), terms_refused(changed.files)
        differs = "" if broken == refused else f"in execution {broken}, by the floor {refused}"
        return Verdict(number, changed, bool(broken), bool(refused), differs)
    try:
        simulated = Simulation(MAIN, changed.files, list(rules()[1])).play(STATES_MAX)
    except TooMany:
        try:
            judged(changed.files)
        except TooLarge:
            return Verdict(number, changed, True, True)
        return Verdict(number, changed, True, False, "not refused though it grows without end")
    broke = bool(simulated.broken) or not simulated.sound
    try:
        found, sound = judged(changed.files)
    except ShangmenError as refusal:
        return Verdict(number, changed, broke, True, f"refused with {simulated.states} states: {refusal}")
    differs = ""
    if (found, sound) != (simulated.broken, simulated.sound):
        differs = f"in execution {simulated.broken}, sound {simulated.sound}; by the floor {found}, sound {sound}"
    return Verdict(number, changed, broke, bool(found) or not sound, differs)


def all_verdicts(count: int) -> list[Verdict]:
    """One after the other, or many on all processors."""
    if count <= 2 * len(KINDS):
        return [verdict(number) for number in range(count)]
    with ProcessPoolExecutor(mp_context=get_context("fork")) as pool:
        return list(pool.map(verdict, range(count)))


def told(verdicts: list[Verdict]) -> str:
    """How many of each kind broke a rule and how many did not, and what the two judges disagree about."""
    counts = Counter((one.mutation.kind, one.broke) for one in verdicts)
    lines = [f"SHANGMEN_SEED={SEED}, {len(verdicts)} mutations: kind, broke a rule, broke none"]
    lines += [f"  {kind:10}{counts[kind, True]:5}{counts[kind, False]:5}" for kind in KINDS]
    lines += [f"  number {one.number} ({one.mutation.what}): {one.differs}" for one in verdicts if one.differs]
    return "\n".join(lines)


def test_a_mutation_is_refused_exactly_when_a_run_breaks_a_rule(theatre: Theatre) -> None:
    _stage[:] = [theatre]
    verdicts = all_verdicts(COUNT)
    story = told(verdicts)
    print(story)

    assert not [one for one in verdicts if one.differs], story
    assert {one.refused is one.broke for one in verdicts} == {True}
    assert {one.mutation.kind for one in verdicts} == set(KINDS)
    assert {one.broke for one in verdicts} == {True, False}, f"nothing broke, or everything did\n{story}"
    if COUNT >= 100:
        each = {(one.mutation.kind, one.broke) for one in verdicts}
        assert each == {(kind, broke) for kind in KINDS for broke in (True, False)}, story


def test_the_judges_can_tell(theatre: Theatre) -> None:
    """What nobody changed breaks nothing; a posting of three days, a fortnight over a holiday are seen by both."""
    assert breaks_a_term(MAIN, draft(), timed(), theatre) == set() == terms_refused(draft())
    short = draft(profile("posting_days_min", value=3, min=1))
    assert breaks_a_term(MAIN, short, timed(), theatre) == {"N3"} == terms_refused(short)
    for process, old, new in FORTNIGHTS:
        longer = draft(text("process", process, old, new))
        assert breaks_a_term(MAIN, longer, timed(), theatre) == {"N8"} == terms_refused(longer), process
