"""The overrides of the actor's organisation that a new version above has left behind."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from engine.errors import NotFound, Rejected
from engine.model import Actor
from engine.queries.catalogue import PublishedResource, published_by_id
from engine.store import tables as t
from engine.store.merged_forms import extended, flat
from engine.store.overrides import OverrideReview, read_review, read_reviews
from engine.store.publications import content_of, holder, in_force, source_of

__all__ = ["OverrideReview", "ThreeWays", "left_behind", "three_ways"]


@dataclass(frozen=True, slots=True)
class ThreeWays:
    """One file in three versions. ``new`` is None where the organisation above took its version away."""

    review: OverrideReview
    before: PublishedResource
    after: PublishedResource
    own: PublishedResource
    old_content: bytes
    new_content: bytes | None
    own_content: bytes
    merged: bytes | None
    """One's own additions over the new version, where the own version is a form that extends it."""
    manifest: bytes
    """The manifest that holds, which calls roles by their names."""


def left_behind(connection: Connection, actor: Actor) -> list[OverrideReview]:
    """What the actor's organisation should look at, newest first."""
    row = t.override_review.c
    return read_reviews(connection, row.tenant_id == actor.tenant.id, row.status == "open")


def three_ways(connection: Connection, actor: Actor, review_id: str) -> ThreeWays:
    """The three versions of one task of the actor's organisation. Raises ``NotFound``."""
    review = read_review(connection, review_id)
    if review is None or review.tenant.id != actor.tenant.id:
        raise NotFound("There is no such task, or it is not yours to see.")
    found = published_by_id(connection, {review.before, review.after, review.own})
    after = found[review.after]
    new = None if after.withdrawn else content_of(connection, review.after)
    written = source_of(connection, review.own)
    merged = None
    if new is not None and extended((review.kind, review.key), written):
        try:
            merged = flat(new, written)
        except Rejected:
            merged = None
    return ThreeWays(
        review,
        found[review.before],
        after,
        found[review.own],
        content_of(connection, review.before),
        new,
        content_of(connection, review.own),
        merged,
        content_of(connection, manifest) if (manifest := _manifest(connection, review)) else b"",
    )


def _manifest(connection: Connection, review: OverrideReview) -> str | None:
    published = in_force(connection, review.procedure, review.tenant)
    return holder(published, review.tenant, "bundle", review.procedure)
