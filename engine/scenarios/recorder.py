"""Write stories: what somebody clicked through on a pretended case becomes the steps of a scenario file.

The file is the only memory: after each step the whole story is told again from its beginning, which takes
milliseconds, so a recording can be left and taken up again at any time, by anybody who may edit the draft.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from engine.commands.answers import evaluator
from engine.errors import FieldProblem, Invalid, Rejected
from engine.runtime.interpreter import ProcessDefinition
from engine.scenarios.ground import ScenarioFailed
from engine.scenarios.player import Play
from engine.scenarios.pretended_case import PretendedCase
from engine.scenarios.sample_files import sample_file
from engine.scenarios.script import ZONE, Scenario, read_scenario
from engine.scenarios.staging import Theatre
from forms.schema import Form
from forms.submission import Answers, check
from forms.uploads import Upload, check_files

STEPS_MAX = 300
_SAMPLES = ("photo.jpg", "scan.pdf", "picture.png")


@dataclass(frozen=True)
class Recorded:
    """One step as it will stand in the file. Exactly one of ``task``, ``message`` and ``waits`` says what it is."""

    at: datetime
    task: str = ""
    message: str = ""
    who: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Moment:
    """Where a recording stands: the case, the time of its last step, and why the story stops, if it does."""

    case: PretendedCase
    at: datetime
    failed: ScenarioFailed | None


def new_story(title: str, procedure: str, tenant: str, start: Recorded) -> bytes:
    """A story that has only begun."""
    document = tomlkit.document()
    document["title"] = title
    document["procedure"] = procedure
    document["tenant"] = tenant
    document["start"] = _table(start)
    return tomlkit.dumps(document).encode()


def with_step(content: bytes, step: Recorded) -> bytes:
    """The story with one more step, and without its end: it goes on. Raises ``Rejected`` when it is too long."""
    document = _open(content)
    steps = document.setdefault("step", tomlkit.aot())
    if len(steps) >= STEPS_MAX:
        raise Rejected("Expected a story of at most %(max)s steps. Tell the rest in another one.", max=STEPS_MAX)
    steps.append(_table(step))
    return tomlkit.dumps(document).encode()


def first_steps(content: bytes, count: int) -> bytes:
    """The beginning of a story: its start and ``count`` steps, with no end."""
    document = _open(content)
    steps = document.get("step")
    while steps is not None and len(steps) > max(count, 0):
        steps.pop()
    if steps is not None and not len(steps):
        document.remove("step")
    return tomlkit.dumps(document).encode()


def with_end(content: bytes, outcome: str, waiting: Sequence[str]) -> bytes:
    """The story with its end: the outcome it must have, or else the tasks that must be waiting."""
    document = _open(content)
    end = tomlkit.table()
    if outcome:
        end["outcome"] = outcome
    else:
        end["open"] = list(waiting)
    document["end"] = end
    return tomlkit.dumps(document).encode()


def told_so_far(definition: ProcessDefinition, scenario: Scenario, theatre: Theatre) -> Moment:
    """The case as the story leaves it, however far it comes."""
    case = PretendedCase(definition, theatre.world)
    last = (scenario.start, *scenario.steps)[-1]
    try:
        Play(case, scenario, theatre.stage(scenario)).run()
    except ScenarioFailed as failed:
        return Moment(case, last.at, failed)
    return Moment(case, last.at, None)


def read_answers(
    case: PretendedCase, form: Form, role: str, raw: Mapping[str, Sequence[str]], seen: Mapping[str, Any], now: datetime
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """What was typed as values, and the sample files that stand for those that a page would demand.

    Raises ``Invalid`` with a problem for each field that is wrong.
    """
    evaluate = evaluator(now, case.world.calendar, case.definition.profile)
    roles = frozenset({role})
    files: dict[str, list[Upload]] = {}
    outcome = check(form, roles, raw, files, seen, evaluate, case.options(form))
    if not isinstance(outcome, Answers):
        missing = {p.field for p in outcome.problems if (asked := form.field(p.field)) and asked.kind == "file"}
        files = {key: [_sample_for(form, key)] for key in missing}
        outcome = check(form, roles, raw, files, seen, evaluate, case.options(form))
    if not isinstance(outcome, Answers):
        raise Invalid([FieldProblem(p.field, p.template, dict(p.params)) for p in outcome.problems])
    answers = {key: value for key, value in outcome.values.items() if raw.get(key) and value is not None}
    return answers, {key: [upload.name for upload in uploads] for key, uploads in files.items()}


def _sample_for(form: Form, key: str) -> Upload:
    """A sample of a kind that the field takes."""
    asked = form.field(key)
    samples = [sample_file(f"{key}-{name}") for name in _SAMPLES]
    fitting = [sample for sample in samples if asked is None or not check_files(asked, [sample], 0)]
    return (fitting or samples)[0]


def _open(content: bytes) -> tomlkit.TOMLDocument:
    read_scenario("", content)
    try:
        document = tomlkit.parse(content.decode())
    except (TOMLKitError, ValueError) as error:
        raise Rejected("The scenario %(key)s cannot be read: %(reason)s.", key="", reason=str(error)) from None
    document.pop("end", None)
    return document


def _table(step: Recorded) -> Any:
    table = tomlkit.table()
    table["at" if step.task or step.message or step.answers else "wait_until"] = _local(step.at)
    for name in ("task", "message", "who"):
        if value := getattr(step, name):
            table[name] = value
    if step.files:
        files = tomlkit.inline_table()
        files.update({key: list(names) for key, names in step.files.items()})
        table["files"] = files
    if step.answers:
        answers = tomlkit.table()
        answers.update({key: _plain(value) for key, value in step.answers.items()})
        table["answers"] = answers
    return table


def _plain(value: Any) -> Any:
    """A form's value as TOML has it: numbers without trailing zeros, moments in local time."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return _local(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | bool | int | float | date) else str(value)


def _local(moment: datetime) -> datetime:
    return moment.astimezone(ZONE).replace(tzinfo=None, microsecond=0) if moment.tzinfo else moment
