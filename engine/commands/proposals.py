"""Publishing needs two people: one proposes what a draft holds, another looks at it and approves.

Nobody who saved a version of the draft, and not the proposer, may decide, whatever roles they have and for whichever
unit they act. What is approved is what was proposed: the proposal seals the digests of its files, and everything
is checked again in the transaction that publishes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from engine.commands import drafts
from engine.commands.deployments import publish_for
from engine.definition.bundle import Bundle
from engine.errors import Conflict, NotFound, Rejected
from engine.history import events as e
from engine.model import ADMINISTRATOR, Tenant
from engine.runtime.judgement import require_sound
from engine.store.composition import compose
from engine.store.draft_files import change_draft, read_draft
from engine.store.known import find_tenant
from engine.store.proposals import (
    Proposal,
    bundle_of_proposal,
    content_digest,
    former_version,
    read_deployment,
    read_proposal,
)
from engine.store.publications import planned
from engine.store.staffing import require_staffed
from engine.store.unit_of_work import UnitOfWork

REASON_LENGTH_MAX: Final = 500
DAYS_AHEAD_MAX: Final = 1_100


def propose(uow: UnitOfWork, draft_id: str, title: str, effective_at: datetime | None = None) -> str:
    """Ask a second person to publish a draft; returns the proposal's id. The draft rests until they have decided.

    ``effective_at``: the moment from which new cases take it, None: as soon as it is approved. The whole must be
    sound (lint, floor, it compiles). Raises ``NotFound``, ``Conflict``, ``Rejected``.
    """
    draft = drafts.open_for(uow, draft_id)
    title = drafts.required_title(title)
    _require_ahead(effective_at, uow.now)
    if not draft.files:
        raise Rejected("Expected a draft that changes something, but this one changes nothing. Change a file first.")
    files = [
        {"kind": kind, "key": key, "checksum": file.digest} for (kind, key), file in sorted(draft.files.items())
    ]  # fmt: skip
    sealed = content_digest(draft.tenant.id, draft.procedure, effective_at, files)
    proposal_id = uow.new_id()
    authors = sorted(draft.authors)
    event = e.PublicationProposed(
        proposal_id, draft.id, draft.tenant.id, draft.procedure, title, effective_at, files, sealed, authors
    )
    uow.record_in(f"procedure:{draft.procedure}", [event])
    change_draft(uow.connection, draft.id, uow.now, status="proposed")
    found = _waiting(uow, proposal_id)
    _require_sound(uow, found, bundle_of_proposal(uow.connection, found))
    return proposal_id


def approve(uow: UnitOfWork, proposal_id: str, seen: str = "") -> dict[str, Any]:
    """Publish what was proposed, as a second person. Returns ``{"deployment", "resources"}``.

    ``seen``: the digest of the whole that the approver looked at; another whole by now is a ``Conflict``.
    Raises ``NotFound``, ``Conflict``, ``Rejected`` – the last for everybody who had a hand in it.
    """
    proposal = _waiting(uow, proposal_id)
    _require_second_person(uow, proposal)
    bundle = bundle_of_proposal(uow.connection, proposal)
    if seen and seen != whole_digest(uow.connection, proposal, bundle, uow.now):
        raise Conflict(
            "Expected what you looked at, but something it builds on was published meanwhile. Look at it again."
        )
    _require_sound(uow, proposal, bundle)
    later = proposal.effective_at is not None and proposal.effective_at > uow.now
    done = publish_for(
        uow,
        proposal.tenant,
        bundle,
        proposal.title,
        effective_at=proposal.effective_at if later else None,
        proposal=proposal.id,
        authors=sorted(proposal.hands),
    )
    event = e.ProposalApproved(proposal.id, proposal.title, proposal.digest, done["deployment"])
    uow.record_in(f"procedure:{proposal.procedure}", [event])
    change_draft(uow.connection, proposal.draft, uow.now, status="published")
    return done


def reject(uow: UnitOfWork, proposal_id: str, reason: str) -> None:
    """Send a proposal back with a reason, as a second person. The draft can be worked on again."""
    proposal = _waiting(uow, proposal_id)
    _require_second_person(uow, proposal)
    text = reason.strip()
    if not 0 < len(text) <= REASON_LENGTH_MAX:
        raise Rejected(
            "Expected a reason of 1 to %(max)s characters. Say what should be different.", max=REASON_LENGTH_MAX
        )
    event = e.ProposalRejected(proposal.id, proposal.title, text)
    uow.record_in(f"procedure:{proposal.procedure}", [event])
    change_draft(uow.connection, proposal.draft, uow.now, status="open")


def withdraw(uow: UnitOfWork, proposal_id: str) -> None:
    """Take a proposal of one's own organisation back, to work on its draft again."""
    proposal = _waiting(uow, proposal_id)
    if proposal.tenant.id != uow.actor.tenant.id:
        raise NotFound("There is no such proposal, or it is not yours to see.")
    uow.record_in(f"procedure:{proposal.procedure}", [e.ProposalWithdrawn(proposal.id, proposal.title)])
    change_draft(uow.connection, proposal.draft, uow.now, status="open")


def propose_former(uow: UnitOfWork, deployment_id: str, title: str) -> str:
    """Propose to go back to what was there before a publication, as a new one; returns the proposal's id.

    Raises ``Conflict`` when one of its files has been published anew since.
    """
    deployment = read_deployment(uow.connection, deployment_id)
    if deployment.tenant_id != uow.actor.tenant.id:
        raise NotFound("There is no such publication, or it is not yours to see.")
    files: dict[tuple[str, str], str | None] = {}
    for place, (_, version) in deployment.files.items():
        checksum, newest = former_version(uow.connection, deployment, place)
        if newest != version:
            raise Conflict("Expected the newest publication, but %(key)s was published anew since.", key=place[1])
        files[place] = checksum
    draft_id = drafts.draft_of_versions(uow, deployment.procedure, title, files)
    return propose(uow, draft_id, title)


def whole_digest(connection: Any, proposal: Proposal, bundle: Bundle, now: datetime) -> str:
    """What the approver looks at: the whole at the moment from which it would hold."""
    return compose(connection, bundle, proposal.tenant, begins(proposal, now)).digest


def begins(proposal: Proposal, now: datetime) -> datetime:
    """When it would take effect: on its day, or at once where none is set or the day has passed."""
    return max(proposal.effective_at or now, now)


def _waiting(uow: UnitOfWork, proposal_id: str) -> Proposal:
    """The proposal, locked, if it is in the actor's part of the tree and not decided."""
    found = read_proposal(uow.connection, proposal_id, lock=True)
    if found is None or not uow.actor.tenant.contains(found.tenant.path):
        raise NotFound("There is no such proposal, or it is not yours to see.")
    if found.status != "waiting":
        raise Conflict("Expected a proposal that waits, but this one was decided or taken back.")
    return found


def _require_second_person(uow: UnitOfWork, proposal: Proposal) -> None:
    draft = read_draft(uow.connection, proposal.draft)
    hands = proposal.hands | (draft.authors if draft else frozenset())
    if uow.actor.user in hands:
        raise Rejected(
            "Expected somebody else: you wrote part of this or proposed it, so a colleague must decide. "
            "Ask another administrator of your organisation or of one above."
        )
    if uow.actor.is_system or ADMINISTRATOR not in uow.actor.roles:
        raise Rejected("Expected an administrator to decide about a publication.")


def _require_ahead(effective_at: datetime | None, now: datetime) -> None:
    if effective_at is not None and not now < effective_at <= now + timedelta(days=DAYS_AHEAD_MAX):
        raise Rejected(
            "Expected a day after today and within %(days)s days. Choose another, or none for at once.",
            days=DAYS_AHEAD_MAX,
        )


def _require_sound(uow: UnitOfWork, proposal: Proposal, bundle: Bundle) -> None:
    """The whole is sound when it begins, and at every later moment for which something else is planned."""
    tenant: Tenant | None = find_tenant(uow.connection, proposal.tenant.id)
    if tenant is None:
        raise NotFound("There is no such organisation, or it is not yours to publish for.")
    first = begins(proposal, uow.now)
    for moment in (first, *planned(uow.connection, proposal.procedure, tenant, first)):
        whole = compose(uow.connection, bundle, tenant, moment)
        require_sound(whole.main, whole.resources, whole.own, whole.floor)
    require_staffed(uow.connection, whole, tenant)
