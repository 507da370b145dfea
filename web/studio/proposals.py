"""Proposals: what a colleague wants to publish, with everything one must know to agree, on one page."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import proposals as commands
from engine.definition.diff import compare
from engine.errors import FieldProblem, Rejected
from engine.queries import proposals as queries
from engine.runtime.judgement import Unsound
from web import access
from web.language import N_, gettext
from web.render.file_words import KINDS
from web.studio.naming import by_kind, file_names, procedure_title
from web.studio.rehearsing import rehearsal_of
from web.studio.review import BELOW_MAX, review, strained
from web.studio.stories import story_context
from web.studio.verdict import told
from web.transaction import now, perform, perform_once, reader

proposals = Blueprint("proposals", __name__, url_prefix="/studio/proposals")

DONE: Final = {
    "proposed": N_("A colleague can now look at it. Until then nothing changes."),
    "approved": N_("Published. New cases take the new version; running cases keep theirs."),
    "rejected": N_("Sent back with your reason. The draft can be worked on again."),
    "back": N_("The former version is proposed. A colleague must agree before it holds again."),
}


@proposals.get("")
def index() -> ResponseReturnValue:
    """What waits for a second person, and what was decided."""
    return render_template(
        "studio/proposals.html",
        waiting=queries.proposals(reader(), access.actor()),
        decided=queries.proposals(reader(), access.actor(), decided=True)[:50],
    )


@proposals.get("/<proposal_id>")
def show(proposal_id: str) -> ResponseReturnValue:
    """One proposal: comparison in words, lint, floor and reach; and the two buttons."""
    return _page(proposal_id)


@proposals.post("/<proposal_id>/approve")
def approve(proposal_id: str) -> ResponseReturnValue:
    """Publishes what was proposed, if somebody else asks for it. Everything is checked again in the transaction."""
    seen = request.form.get("seen", "")
    try:
        perform_once(lambda uow: commands.approve(uow, proposal_id, seen), access.actor())
    except Rejected as error:
        return _refused(proposal_id, error)
    return redirect(url_for("proposals.show", proposal_id=proposal_id, done="approved"), 303)


@proposals.post("/<proposal_id>/reject")
def reject(proposal_id: str) -> ResponseReturnValue:
    """Sends it back with a reason."""
    reason = request.form.get("reason", "")
    try:
        perform(lambda uow: commands.reject(uow, proposal_id, reason), access.actor())
    except Rejected as error:
        return _refused(proposal_id, error, "reason")
    return redirect(url_for("proposals.show", proposal_id=proposal_id, done="rejected"), 303)


@proposals.post("/<proposal_id>/withdraw")
def withdraw(proposal_id: str) -> ResponseReturnValue:
    """Takes it back, to work on the draft again."""
    found = queries.proposal(reader(), access.actor(), proposal_id)
    perform(lambda uow: commands.withdraw(uow, proposal_id), access.actor())
    return redirect(url_for("drafts.show", draft_id=found.draft, done="withdrawn"), 303)


@proposals.post("/<proposal_id>/back")
def back(proposal_id: str) -> ResponseReturnValue:
    """Proposes to go back to what was there before this publication."""
    found = queries.proposal(reader(), access.actor(), proposal_id)
    title = gettext("Back to before: %(title)s", title=found.title)[:120]
    deployment = found.deployment or ""
    answer = perform_once(lambda uow: {"id": commands.propose_former(uow, deployment, title)}, access.actor())
    return redirect(url_for("proposals.show", proposal_id=answer["id"], done="back"), 303)


def _refused(proposal_id: str, error: Rejected, field: str = "") -> ResponseReturnValue:
    if not isinstance(error, Unsound) and type(error) is not Rejected:
        raise error
    return _page(proposal_id, [FieldProblem(field, error.template, error.params)]), 422


def _page(proposal_id: str, problems: Any = ()) -> str:
    actor = access.actor()
    found = queries.proposal(reader(), actor, proposal_id)
    waits = found.status == "waiting"
    begins = commands.begins(found, now())
    own = found.tenant.id == actor.tenant.id
    bundle = queries.bundle_of(reader(), found)
    judged = review(reader(), found.tenant, bundle, begins) if waits else None
    reach = queries.reach(reader(), found.tenant, found.procedure)
    return render_template(
        "studio/proposal.html",
        **(story_context(rehearsal_of(found.tenant, bundle, begins)) if waits else {}),
        proposal=found,
        waits=waits,
        own=own,
        hand=actor.user in found.hands,
        found=judged,
        told=told(judged, lambda kind, key: "") if judged else [],
        reach=reach,
        untried=max(0, len(reach.overriding) - BELOW_MAX),
        strained=strained(reader(), queries.bundle_of(reader(), found), found.tenant, reach, begins) if waits else (),
        late=found.effective_at is not None and found.effective_at <= now(),
        can_go_back=own and bool(found.deployment) and queries.can_go_back(reader(), found.deployment or ""),
        files=sorted(((one["kind"], one["key"]), one["checksum"]) for one in found.files),
        by_kind=by_kind,
        published=compare(*queries.published_change(reader(), found)) if found.deployment else None,
        names=file_names(found.tenant, found.procedure),
        procedure=procedure_title(found.tenant, found.procedure),
        kinds=KINDS,
        problems=problems,
        done=gettext(DONE[request.args["done"]]) if request.args.get("done") in DONE else "",
    )
