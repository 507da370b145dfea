"""Read a scenario file: who does what on which day, and what must be true afterwards."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.errors import Rejected

ZONE = ZoneInfo("Asia/Shanghai")
_STEP_KEYS = {"at", "task", "message", "wait_until", "who", "answers", "files", "expect", "refused", "cancel"} | {
    "for", "deputy", "until"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expectation:
    """What must hold after a step; None means that the scenario does not say."""

    open: tuple[str, ...] | None = None
    due: Mapping[str, date] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepScript:
    """One step: a task completed, a message reported, a deputy named, or time passing.

    ``refused`` is a regular expression. ``deputy`` (a log-in) stands in for ``on_behalf_of`` (a role, ``role:2``) from
    this day to ``until``; a later step says ``who`` acts and for whom.
    """

    at: datetime
    task: str = ""
    message: str = ""
    who: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    expect: Expectation = Expectation()
    refused: str = ""
    on_behalf_of: str = ""
    deputy: str = ""
    until: date | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether only time passes."""
        return not (self.task or self.message or self.deputy)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story from opening a case to its end. ``outcome`` is the end event's id, "" while it still runs."""

    key: str
    title: str
    title_en: str
    summary: str
    procedure: str
    tenant: str
    start: StepScript
    steps: tuple[StepScript, ...]
    outcome: str
    open: tuple[str, ...] | None
    names: Mapping[str, str] = field(default_factory=dict)
    """What people are called, by ``who``, where the story turns on it: a pretended case has no names of its own."""


def read_scenario(key: str, content: bytes) -> Scenario:
    """Read ``scenarios/<key>.toml``. Raises ``Rejected`` with the step that is wrong."""
    try:
        data = tomllib.loads(content.decode())
        steps = tuple(_step(number, raw) for number, raw in enumerate(data.get("step", []), 1))
        end = data.get("end", {})
        return Scenario(
            key,
            data["title"],
            data.get("title_en", data["title"]),
            data.get("summary", ""),
            data["procedure"],
            data["tenant"],
            _step(0, data["start"]),
            steps,
            end.get("outcome", ""),
            tuple(end["open"]) if "open" in end else None,
            {str(who): str(name) for who, name in data.get("names", {}).items()},
        )
    except (KeyError, ValueError) as broken:
        raise Rejected("The scenario %(key)s cannot be read: %(reason)s.", key=key, reason=str(broken)) from broken


def _step(number: int, raw: Mapping[str, Any]) -> StepScript:
    unknown = set(raw) - _STEP_KEYS
    if unknown:
        raise ValueError(f"step {number} has the unknown key {sorted(unknown)[0]}")
    at = raw.get("wait_until", raw.get("at"))
    if not isinstance(at, datetime):
        raise ValueError(f"step {number} needs a moment such as at = 2026-09-07T09:00:00")
    expect = raw.get("expect", {})
    if raw.get("deputy") and not (raw.get("for") and isinstance(raw.get("until"), date)):
        raise ValueError(f"step {number} names a deputy and needs for = (a role) and until = (a day)")
    return StepScript(
        at=at if at.tzinfo else at.replace(tzinfo=ZONE),
        task=raw.get("task", ""),
        message=raw.get("message", ""),
        who=raw.get("who", ""),
        answers=raw.get("answers", {}),
        files={name: tuple(files) for name, files in raw.get("files", {}).items()},
        expect=Expectation(
            tuple(expect["open"]) if "open" in expect else None, expect.get("due", {}), expect.get("vars", {})
        ),
        refused=raw.get("refused", ""),
        on_behalf_of=raw.get("for", ""),
        deputy=raw.get("deputy", ""),
        until=raw.get("until"),
    )
