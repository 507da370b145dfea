"""Everything that can happen on the way to a publication: proposed, approved, rejected; and overrides left behind.

They stand in the stream of their procedure, beside its publications.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from engine.history.event import Event


@dataclass(frozen=True, slots=True)
class PublicationProposed(Event):
    """``files`` are ``{"kind", "key", "checksum"}`` (None: taken away), ``digest`` seals them and ``effective_at``.

    ``authors`` are all who saved a version of the draft; none of them, nor the proposer, may approve.
    """

    proposal: str
    draft: str
    tenant: str
    procedure: str
    title: str
    effective_at: datetime | None
    files: list[dict[str, Any]]
    digest: str
    authors: list[str] = field(default_factory=list)
    sentence: ClassVar[str] = "proposed to publish %(title)s"


@dataclass(frozen=True, slots=True)
class ProposalApproved(Event):
    """``digest`` is that of what was proposed: what was approved is what is published."""

    proposal: str
    title: str
    digest: str
    deployment: str
    sentence: ClassVar[str] = "approved %(title)s"


@dataclass(frozen=True, slots=True)
class ProposalRejected(Event):
    proposal: str
    title: str
    reason: str
    sentence: ClassVar[str] = "rejected %(title)s: %(reason)s"


@dataclass(frozen=True, slots=True)
class ProposalWithdrawn(Event):
    proposal: str
    title: str
    sentence: ClassVar[str] = "took the proposal %(title)s back"


@dataclass(frozen=True, slots=True)
class OverrideLeftBehind(Event):
    """The organisation above published anew what ``tenant`` has a version of its own of; its own goes on holding.

    ``own``, ``before`` and ``after`` are resource ids: its own version, and that above, old and new.
    """

    review: str
    tenant: str
    procedure: str
    kind: str
    key: str
    own: str
    before: str
    after: str
    sentence: ClassVar[str] = "left the own version of %(key)s behind a new one above"


@dataclass(frozen=True, slots=True)
class OverrideLookedAt(Event):
    """Somebody of the organisation has decided. ``how``: kept, taken, edited; or superseded: a newer version came."""

    review: str
    tenant: str
    key: str
    how: str
    sentence: ClassVar[str] = "looked at the new version of %(key)s above: %(how)s"
