"""The drafts of the actor's organisation: what is in them, what they would make of the whole, who has them open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from engine.definition.bundle import Bundle, read_manifest
from engine.errors import NotFound
from engine.model import Actor
from engine.store import tables as t
from engine.store.draft_files import (
    Draft,
    DraftFile,
    DraftRevision,
    content_without,
    drafts_of,
    kept_content,
    read_draft,
)

__all__ = ["Draft", "DraftFile", "DraftRevision", "Editor", "bundle_of", "content", "draft", "drafts", "editors"]

EDITOR_SECONDS = 90
SHOWN_MAX = 200


@dataclass(frozen=True, slots=True)
class Editor:
    """Somebody who has a file of a draft open."""

    user: str
    name: str
    kind: str
    key: str
    seen_at: datetime


def drafts(connection: Connection, actor: Actor, *, closed: bool = False) -> list[Draft]:
    """The drafts of the actor's organisation that are worked on or proposed, newest first; ``closed``: the others."""
    statuses = ("published", "discarded") if closed else ("open", "proposed")
    ids = drafts_of(connection, actor.tenant.id, statuses)[:SHOWN_MAX]
    return [found for id_ in ids if (found := read_draft(connection, id_)) is not None]


def draft(connection: Connection, actor: Actor, draft_id: str) -> Draft:
    """One draft of the actor's organisation. Raises ``NotFound``."""
    found = read_draft(connection, draft_id)
    if found is None or found.tenant.id != actor.tenant.id:
        raise NotFound("There is no such draft, or it is not yours to see.")
    return found


def content(connection: Connection, draft: Draft, kind: str, key: str) -> bytes:
    """A file as the draft would have it: its own content, else what holds without it. Raises ``NotFound``."""
    own = draft.files.get((kind, key))
    if own is not None and own.digest is not None:
        return kept_content(connection, own.digest)
    found = content_without(connection, draft, (kind, key), own=own is None)
    if found is None:
        raise NotFound("There is no such file, neither in this draft nor published here.")
    return found


def bundle_of(connection: Connection, draft: Draft) -> Bundle:
    """What publishing the draft would publish: only its own files, and those it takes away. Raises ``Rejected``."""
    resources = {
        place: kept_content(connection, file.digest) for place, file in draft.files.items() if file.digest is not None
    }
    removed = frozenset(place for place, file in draft.files.items() if file.digest is None)
    manifest = read_manifest(content(connection, draft, "bundle", draft.procedure))
    return Bundle(draft.procedure, draft.title, resources, manifest, removed)


def editors(connection: Connection, draft: Draft, now: datetime) -> list[Editor]:
    """Who has a file of the draft open now, by name."""
    row = t.draft_editor.c
    found = connection.execute(
        select(row.user_id, t.user.c.name, row.kind, row.key, row.seen_at)
        .join(t.user, t.user.c.id == row.user_id)
        .where(row.draft_id == draft.id, row.seen_at > now - timedelta(seconds=EDITOR_SECONDS))
        .order_by(t.user.c.name, row.user_id)
    )
    return [Editor(one.user_id, one.name, one.kind, one.key, one.seen_at) for one in found]
