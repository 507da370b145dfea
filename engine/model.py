"""The nouns of the platform, as plain values: no I/O, no clock, no framework."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

ResourceKind = Literal[
    "process", "decision", "form", "profile", "duties", "words", "document", "floor", "scenario", "oversight", "bundle"
]
JUDGING = frozenset({"scenario", "oversight"})
"""Kinds of resources that judge a version or its cases: no case runs by them, so none pins them."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organisation in the tree: a place with a division code, or a unit without one.

    ``path`` is the ids from the root down, joined by ``/``; it ends with ``id``.
    From ``closed_on`` on nobody acts for it; ``heir`` is the id of the unit that it became part of.
    ``level`` is a word of the procedure's own (lanes name it); the engine only compares it.
    """

    id: str
    path: str
    name: str
    level: str
    code: str | None = None
    closed_on: date | None = None
    heir: str | None = None

    @property
    def lineage_paths(self) -> tuple[str, ...]:
        """This tenant's path, then its parent's, up to the root's."""
        parts = self.path.split("/")
        return tuple("/".join(parts[:depth]) for depth in range(len(parts), 0, -1))

    @property
    def lineage_ids(self) -> tuple[str, ...]:
        """The ids of this tenant and all above it, nearest first."""
        return tuple(reversed(self.path.split("/")))

    def contains(self, path: str) -> bool:
        """Whether ``path`` is this tenant or lies below it."""
        return path == self.path or path.startswith(self.path + "/")


def acting_unit(find: Callable[[str], Tenant | None], tenant_id: str) -> Tenant | None:
    """The unit itself, or the one that does its work since it was closed; None where nobody does."""
    unit, steps = find(tenant_id), 0
    while unit is not None and unit.closed_on is not None:
        steps += 1
        unit = find(unit.heir) if unit.heir is not None and steps <= HEIRS_MAX else None
    return unit


@dataclass(frozen=True, slots=True)
class Mandate:
    """The right to do for ``principal`` what they may do in ``role`` at ``tenant``, given by a delegation in force."""

    delegation: str
    principal: str
    name: str
    tenant: Tenant
    role: str


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why somebody looks: ``key`` of a list, ``words`` of their own (or the name of the task that it is for)."""

    key: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for which tenant, in which roles. The machine itself acts as user ``system``.

    ``mandates`` are what this person may do for others; ``on_behalf_of`` is the user whom they act for just now, ""
    for nobody: then tenant and role are that user's.
    """

    user: str
    name: str
    tenant: Tenant
    roles: frozenset[str] = field(default_factory=frozenset)
    mandates: tuple[Mandate, ...] = ()
    on_behalf_of: str = ""

    @property
    def is_system(self) -> bool:
        return self.user == SYSTEM_USER

    @property
    def persons(self) -> tuple[str, ...]:
        """Everybody whose act this is: who acts, and for whom. A duty binds each of them."""
        return (self.user, self.on_behalf_of) if self.on_behalf_of else (self.user,)

    @property
    def units(self) -> tuple[Tenant, ...]:
        """The unit acted for, and those of the people whom this one may act for."""
        return (self.tenant, *dict.fromkeys(mandate.tenant for mandate in self.mandates))

    def hats(self, tenant_id: str, role: str, holder: str | None) -> tuple[Actor, ...]:
        """As whom this person may do work of a role at a unit that ``holder`` has taken on (None: nobody).

        In one's own name first; then for each principal, so that one whom a duty bars does not stand in the way.
        """
        own = tenant_id == self.tenant.id and role in self.roles and holder in (None, self.user)
        return (
            *((self,) if own else ()),
            *(
                self.standing_in(mandate)
                for mandate in self.mandates
                if (mandate.tenant.id, mandate.role) == (tenant_id, role) and holder in (None, mandate.principal)
            ),
        )

    @property
    def names(self) -> tuple[Actor, ...]:
        """As whom this person may act at all: as themselves, then at each unit for each whom they stand in for."""
        return (self, *dict.fromkeys(map(self.standing_in, self.mandates)))

    @property
    def shown_for(self) -> str:
        """For whom and at which unit this actor stands in, as a page's field says it; "" for nobody."""
        return f"{self.on_behalf_of}@{self.tenant.id}" if self.on_behalf_of else ""

    def standing_in(self, mandate: Mandate) -> Actor:
        """This person, acting for a principal: in that one's role at that one's unit, and nothing else."""
        roles, principal = frozenset({mandate.role}), mandate.principal
        return replace(self, tenant=mandate.tenant, roles=roles, mandates=(), on_behalf_of=principal)

    def is_candidate(self, tenant_id: str, role: str) -> bool:
        """Whether work of a role at a unit is this person's to do, whoever has taken it on."""
        theirs = ((self.tenant.id, own) for own in self.roles)
        lent = ((mandate.tenant.id, mandate.role) for mandate in self.mandates)
        return (tenant_id, role) in {*theirs, *lent}


SYSTEM_USER = "system"
ADMINISTRATOR = "administrator"
"""The role that looks after an organisation's people and procedures; every installation has it."""
AUDITOR = "auditor"
"""The role that reads everything of a part of the tree and changes nothing."""
PLATFORM_ROLES = frozenset({ADMINISTRATOR, AUDITOR})
"""The roles that every installation has. Nobody can have them for somebody else."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One published file. ``(tenant, kind, key, version)`` names it; ``checksum`` is SHA-256 of ``content``."""

    id: str
    tenant: str
    kind: ResourceKind
    key: str
    version: int
    checksum: str
    content: bytes


HEIRS_MAX = 100
"""How many units one after the other may have become part of the next, before looking is given up."""

Pins = Mapping[str, str]
"""The lock file of a case: ``"kind:key"`` → resource id. Written at start, changed only by migration."""


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What a connector is asked to do. ``documents``: the procedure's templates by key; ``now``: the job's time.

    ``dossier`` makes the case's dossier as data when it is called; without a worker it is empty.
    """

    job: str
    connector: str
    element: str
    instance: str
    number: str
    started_at: datetime
    now: datetime
    tenant: Tenant
    inputs: Mapping[str, Any]
    variables: Mapping[str, Any]
    documents: Mapping[str, bytes]
    dossier: Callable[[], Mapping[str, Any]] = dict


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper that a connector made, from the template ``document``."""

    name: str
    media_type: str
    content: bytes
    document: str


@dataclass(frozen=True, slots=True)
class JobResult:
    """What a connector brought back: values for the case, and papers."""

    result: Mapping[str, Any]
    papers: tuple[Paper, ...] = ()
