"""Who stands in for whom. A delegation begins and ends by its days; its being given and an early end are facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from engine.history.event import Event


@dataclass(frozen=True, slots=True)
class DelegationGiven(Event):
    """``deputy`` may do what ``principal`` may do in ``roles`` at ``tenant``, from ``begins`` to the end of ``ends``.

    ``name`` is the principal's. Why somebody is away (``reason``, ``note``) can say something about their health.
    """

    delegation: str
    principal: str
    deputy: str
    tenant: str
    roles: list[str]
    begins: date
    ends: date
    reason: str
    note: str = ""
    name: str = ""
    deputy_name: str = ""
    sentence: ClassVar[str] = "made %(deputy_name)s the deputy of %(name)s from %(begins)s to %(ends)s"
    personal: ClassVar[frozenset[str]] = frozenset({"reason", "note"})


@dataclass(frozen=True, slots=True)
class DelegationEnded(Event):
    """Ended before its last day, or before it began."""

    delegation: str
    roles: list[str]
    name: str = ""
    deputy_name: str = ""
    sentence: ClassVar[str] = "ended early that %(deputy_name)s is the deputy of %(name)s"
