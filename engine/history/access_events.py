"""Who came in, and who looked for or at what: the stream ``reading``.

A look says for which purpose: ``purpose_key`` of the list that the installation has (or of what needs no asking:
a task, a unit's own case, running the platform), ``purpose`` in the reader's own words, or the name of the task.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from engine.history.event import Event


@dataclass(frozen=True, slots=True)
class LoggedIn(Event):
    address: str = ""
    sentence: ClassVar[str] = "logged in"
    personal: ClassVar[frozenset[str]] = frozenset({"address"})


@dataclass(frozen=True, slots=True)
class LoggedOut(Event):
    sentence: ClassVar[str] = "logged out"


@dataclass(frozen=True, slots=True)
class LogInFailed(Event):
    """``user`` is whose name it was; "" for a name that nobody has: it may be a password in the wrong field."""

    user: str = ""
    address: str = ""
    sentence: ClassVar[str] = "a log-in failed"
    personal: ClassVar[frozenset[str]] = frozenset({"address"})


@dataclass(frozen=True, slots=True)
class CasesSearched(Event):
    """Somebody looked for cases by a text. The text is personal and not kept; ``cases`` are those that were shown.

    ``fields`` are the fields whose answers were shown with them.
    """

    where: str
    hits: int
    cases: list[str] = field(default_factory=list)
    purpose: str = ""
    purpose_key: str = ""
    fields: list[str] = field(default_factory=list)
    sentence: ClassVar[str] = "searched for cases by a text: %(hits)s found"


@dataclass(frozen=True, slots=True)
class CasesListed(Event):
    """Somebody saw a page that shows ``count`` cases; ``cases`` are those that it names."""

    where: str
    count: int
    cases: list[str] = field(default_factory=list)
    purpose: str = ""
    purpose_key: str = ""
    sentence: ClassVar[str] = "saw a list of %(count)s cases"
