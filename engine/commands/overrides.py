"""Overrides that a new version above leaves behind: they go on holding, and their organisation is asked to look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from engine.commands import drafts
from engine.errors import Conflict, NotFound, Rejected
from engine.history import events as e
from engine.model import Tenant
from engine.store.draft_files import kept_content, own_version, read_draft
from engine.store.merged_forms import extended
from engine.store.overrides import OverrideReview, overriding_below, read_review, same_parameters
from engine.store.publications import source_of
from engine.store.unit_of_work import UnitOfWork

Decision = Literal["kept", "taken", "edited", "merged"]


def left_behind(
    uow: UnitOfWork, tenant: Tenant, published: e.DeploymentPublished, before: Mapping[tuple[str, str, str], str]
) -> Iterator[e.Event]:
    """The facts about organisations below that have versions of their own of what ``tenant`` publishes anew.

    ``before``: what was in force. An organisation below another that has its own version looks at that one's.
    """
    for item in published.resources:
        kind, key = item["kind"], item["key"]
        former = before.get((tenant.id, kind, key)) or _above(tenant, before, kind, key)
        if former is None:
            continue
        for child, own, earlier in overriding_below(uow.connection, tenant, published.procedure, kind, key):
            if kind == "profile" and same_parameters(uow.connection, own, former, _content(uow, item)):
                continue
            if earlier is not None:  # not looked at yet: one task, from the oldest version to the newest
                yield e.OverrideLookedAt(earlier.id, child.id, key, "superseded")
            first = earlier.before if earlier is not None else former
            yield e.OverrideLeftBehind(
                f"o-{uow.new_id()}", child.id, published.procedure, kind, key, own, first, item["id"]
            )


def decide_override(uow: UnitOfWork, review_id: str, how: Decision, title: str) -> str:
    """Keep one's own version, take that from above, edit one's own, or merge anew; gives the draft ("" for keeping).

    Taking and editing only begin a draft: what holds changes when two people have published it.
    """
    review = read_review(uow.connection, review_id, lock=True)
    if review is None or review.tenant.id != uow.actor.tenant.id:
        raise NotFound("There is no such task, or it is not yours to see.")
    if review.status != "open":
        raise Conflict("Expected a task that is open, but somebody has already decided.")
    draft_id = ""
    if how != "kept":
        draft_id = drafts.continue_draft(uow, review.procedure, title)
    if how == "taken":
        _take_away(uow, draft_id, review)
    if how == "merged":
        written = source_of(uow.connection, review.own)
        if not extended((review.kind, review.key), written):
            raise Rejected("Expected a form that extends the one above; only such a form can be merged anew.")
        drafts.put_again(uow, draft_id, (review.kind, review.key), written)
    event = e.OverrideLookedAt(review.id, review.tenant.id, review.key, how)
    uow.record_in(f"procedure:{review.procedure}", [event])
    return draft_id


def _content(uow: UnitOfWork, item: Mapping[str, Any]) -> bytes:
    return b"" if item.get("withdrawn") else kept_content(uow.connection, item["checksum"])


def _take_away(uow: UnitOfWork, draft_id: str, review: OverrideReview) -> None:
    draft = read_draft(uow.connection, draft_id)
    if draft is not None and own_version(uow.connection, draft, (review.kind, review.key)) is not None:
        drafts.remove_file(uow, draft_id, review.kind, review.key, draft.revision)


def _above(tenant: Tenant, before: Mapping[tuple[str, str, str], str], kind: str, key: str) -> str | None:
    return next((id_ for place in tenant.lineage_ids[1:] if (id_ := before.get((place, kind, key)))), None)
