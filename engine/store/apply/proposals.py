"""What proposing, deciding and overrides left behind do to the rows."""

from __future__ import annotations

from engine.history import events as e
from engine.history.facts import Fact
from engine.store import tables as t
from engine.store.apply.change import Change, Insert, Update


def apply_proposed(fact: Fact, _case: str) -> list[Change] | None:
    match fact.event:
        case e.PublicationProposed() as new:
            row = {
                "id": new.proposal, "draft_id": new.draft, "procedure": new.procedure, "tenant_id": new.tenant,
                "title": new.title, "effective_at": new.effective_at, "files": new.files, "digest": new.digest,
                "authors": new.authors, "proposed_at": fact.at, "proposed_by": fact.actor, "status": "waiting",
                "decided_at": None, "decided_by": None, "reason": "", "deployment_id": None,
            }  # fmt: skip
            return [Insert(t.proposal, row)]
        case e.ProposalApproved(proposal=id_, deployment=deployment):
            return _decided(fact, id_, {"status": "approved", "deployment_id": deployment})
        case e.ProposalRejected(proposal=id_, reason=reason):
            return _decided(fact, id_, {"status": "rejected", "reason": reason})
        case e.ProposalWithdrawn(proposal=id_):
            return _decided(fact, id_, {"status": "withdrawn"})
        case e.OverrideLeftBehind() as left:
            row = {
                "id": left.review, "procedure": left.procedure, "tenant_id": left.tenant, "kind": left.kind,
                "key": left.key, "own": left.own, "before": left.before, "after": left.after,
                "opened_at": fact.at, "status": "open", "closed_at": None, "closed_by": None,
            }  # fmt: skip
            return [Insert(t.override_review, row)]
        case e.OverrideLookedAt(review=id_, how=how):
            values = {"status": how, "closed_at": fact.at, "closed_by": fact.actor}
            return [Update(t.override_review, {"id": id_}, values)]
    return None


def _decided(fact: Fact, proposal: str, values: dict[str, object]) -> list[Change]:
    return [Update(t.proposal, {"id": proposal}, {**values, "decided_at": fact.at, "decided_by": fact.actor})]
