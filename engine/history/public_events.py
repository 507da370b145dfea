"""Everything that can happen to procedures, organisations, people and the calendar; and reading."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

from engine.history.event import Event


@dataclass(frozen=True, slots=True)
class DeploymentPublished(Event):
    """``resources`` are ``{"id", "kind", "key", "version", "checksum"}``, one per file.

    ``withdrawn`` in one: from then on what is above holds again; ``source``: what a merged form was made from.
    ``effective_at`` None: at once. ``proposal`` and ``authors`` stand where two people published it.
    """

    deployment: str
    tenant: str
    procedure: str
    title: str
    resources: list[dict[str, Any]]
    effective_at: datetime | None = None
    proposal: str = ""
    authors: list[str] = field(default_factory=list)
    sentence: ClassVar[str] = "published %(title)s"


@dataclass(frozen=True, slots=True)
class TenantAdded(Event):
    tenant: str
    path: str
    name: str
    level: str
    code: str | None = None
    since: date | None = None
    change: str = ""
    sentence: ClassVar[str] = "added the organisation %(name)s"


@dataclass(frozen=True, slots=True)
class UserAdded(Event):
    user: str
    login: str
    name: str
    sentence: ClassVar[str] = "added the user %(name)s"


@dataclass(frozen=True, slots=True)
class UserDisabled(Event):
    user: str
    name: str = ""
    sentence: ClassVar[str] = "disabled the user %(name)s"


@dataclass(frozen=True, slots=True)
class UserEnabled(Event):
    user: str
    name: str = ""
    sentence: ClassVar[str] = "enabled the user %(name)s"


@dataclass(frozen=True, slots=True)
class PasswordSet(Event):
    """The hash itself is a secret and stands only in the user's row."""

    user: str
    name: str = ""
    sentence: ClassVar[str] = "set a new password for %(name)s"


@dataclass(frozen=True, slots=True)
class RoleGranted(Event):
    user: str
    tenant: str
    role: str
    name: str = ""
    sentence: ClassVar[str] = "gave %(name)s the role %(role)s"


@dataclass(frozen=True, slots=True)
class RoleRevoked(Event):
    user: str
    tenant: str
    role: str
    name: str = ""
    sentence: ClassVar[str] = "took the role %(role)s from %(name)s"


@dataclass(frozen=True, slots=True)
class CalendarDaySet(Event):
    """``year`` entries whose ``official`` is true have a published arrangement; others are provisional."""

    day: date
    working: bool
    name: str
    source: str
    sentence: ClassVar[str] = "set %(day)s in the calendar: %(name)s"


@dataclass(frozen=True, slots=True)
class CalendarImported(Event):
    """``days`` are ``[iso date, working, name]`` where a day differs from Monday-to-Friday."""

    years: list[int]
    source: str
    days: list[list[Any]]
    sentence: ClassVar[str] = "imported the calendar from %(source)s"


@dataclass(frozen=True, slots=True)
class CaseViewed(Event):
    """``part`` is what of the case was shown: the form of a task, a file; "" for all that the page shows.

    ``fields`` are the fields whose answers were shown. Why: ``purpose_key`` and ``purpose`` (``access_events``).
    """

    instance: str
    number: str
    page: str
    part: str = ""
    purpose: str = ""
    purpose_key: str = ""
    fields: list[str] = field(default_factory=list)
    sentence: ClassVar[str] = "looked at case %(number)s"


@dataclass(frozen=True, slots=True)
class DossierMade(Event):
    """A case left the system as one file. ``digest`` is the file's SHA-256; ``masked``: without personal values."""

    instance: str
    number: str
    digest: str
    masked: bool
    purpose: str = ""
    purpose_key: str = ""
    sentence: ClassVar[str] = "took away the dossier of case %(number)s: %(purpose)s"


@dataclass(frozen=True, slots=True)
class CasesExported(Event):
    """Many cases left the system as one file. ``named``: with the names and numbers that pseudonyms stand for else;
    then ``cases`` says which."""

    form: str
    count: int
    digest: str
    named: bool
    purpose: str = ""
    cases: list[str] = field(default_factory=list)
    purpose_key: str = ""
    sentence: ClassVar[str] = "exported %(count)s cases as %(form)s: %(purpose)s"


@dataclass(frozen=True, slots=True)
class SampleDrawn(Event):
    """A sample for inspection: ``digest`` freezes the population, ``seed`` and the rule choose ``cases`` from it.

    ``procedure``, ``state`` ("" for all) and the days say which cases were meant, ``as_of`` at which moment they stood
    so: what anybody needs to draw the same again later. ``among``: whether all were meant ("") or first of all those
    that stand out (``engine.queries.sampling``).
    """

    seed: str
    size: int
    population: int
    digest: str
    cases: list[str]
    procedure: str = ""
    state: str = ""
    opened_from: datetime | None = None
    opened_until: datetime | None = None
    as_of: datetime | None = None
    purpose: str = ""
    purpose_key: str = ""
    among: str = ""
    sentence: ClassVar[str] = "drew %(size)s of %(population)s cases for inspection, seed %(seed)s"
