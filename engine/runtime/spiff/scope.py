"""A scope: one visit of a process, subprocess or iteration, and the variables that are its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

CASE = 0
"""The number of the scope that is the case itself."""


@dataclass(slots=True)
class Scope:
    """``kind``: process, subprocess, call, handler (event subprocess) or iteration.

    ``owner`` is the number of the token that waits for this scope; ``tokens`` counts the live tokens
    inside (listeners apart); ``local`` are its own variables (None: those of the scope around it);
    ``done`` lists completed activities that can be compensated, oldest first.
    """

    number: int
    parent: int | None
    kind: str
    process: str
    node: str = ""
    owner: int | None = None
    local: dict[str, Any] | None = None
    tokens: int = 0
    done: list[dict[str, Any]] = field(default_factory=list)
    closing: str = ""
    """Why it ends although tokens ran: ``cancel`` or ``error`` while compensation runs."""
