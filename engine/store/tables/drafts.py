"""Drafts of the studio, all technical: what administrators are working on; nothing in them is published or runs.

A draft holds only files that differ from what holds for its organisation. One save is one revision; what a
file was after each revision stays, so every former state can be brought back.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from engine.store.tables.columns import ID, Instant, metadata

draft = Table(
    "draft",
    metadata,
    Column("id", ID, primary_key=True),
    Column("tenant_id", ID, nullable=False),
    Column("procedure", String(80), nullable=False),
    Column("title", Text, nullable=False),
    Column("status", String(20), nullable=False),  # open, proposed, published, discarded
    Column("revision", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("opened_by", ID, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Index("ix_draft_tenant_id_status", "tenant_id", "status"),
)

draft_revision = Table(
    "draft_revision",
    metadata,
    Column("draft_id", ForeignKey("draft.id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("by_user", ID, nullable=False),
    Column("what", String(20), nullable=False),  # saved, removed, dropped, restored, imported
    Column("restored", Integer),  # the revision whose state was brought back
)

draft_file = Table(
    "draft_file",
    metadata,
    Column("draft_id", ForeignKey("draft.id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("key", String(120), primary_key=True),
    Column("state", String(20), nullable=False),  # content; removed: the override is taken away; dropped: untouched
    Column("digest", String(64), ForeignKey("file.digest")),
)

draft_editor = Table(
    "draft_editor",
    metadata,
    Column("draft_id", ForeignKey("draft.id"), primary_key=True),
    Column("user_id", ForeignKey("user_account.id"), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("key", String(120), nullable=False),
    Column("seen_at", Instant, nullable=False),
)
