"""The rows. History is append-only; the other tables are what history adds up to, so that pages answer fast.

Columns marked *technical* are not facts: saved engine state, drafts, sessions. Everything else can be
computed again from ``history`` and is compared with it by ``shangmen verify``.
"""

from __future__ import annotations

from engine.store.tables.cases import (
    attachment,
    counter,
    erasure,
    file,
    incident,
    instance,
    job,
    message_wait,
    party,
    reservation,
    user_task,
)
from engine.store.tables.columns import Instant, metadata
from engine.store.tables.delegations import delegation
from engine.store.tables.drafts import draft, draft_editor, draft_file, draft_revision
from engine.store.tables.history import checkpoint, history, log_node, payload, stream
from engine.store.tables.messages import message
from engine.store.tables.moving import migration_batch, migration_item
from engine.store.tables.people import calendar_day, calendar_year, membership, tenant, unit_change, user
from engine.store.tables.published import deployment, override_review, proposal, resource
from engine.store.tables.technical import access_note, installation, kept_search, login_failure, session, submission

__all__ = [
    "Instant",
    "access_note",
    "attachment",
    "calendar_day",
    "calendar_year",
    "checkpoint",
    "counter",
    "delegation",
    "deployment",
    "draft",
    "draft_editor",
    "draft_file",
    "draft_revision",
    "erasure",
    "file",
    "history",
    "incident",
    "installation",
    "instance",
    "job",
    "kept_search",
    "log_node",
    "login_failure",
    "membership",
    "message",
    "message_wait",
    "metadata",
    "migration_batch",
    "migration_item",
    "override_review",
    "party",
    "payload",
    "proposal",
    "reservation",
    "resource",
    "session",
    "stream",
    "submission",
    "tenant",
    "unit_change",
    "user",
    "user_task",
]
