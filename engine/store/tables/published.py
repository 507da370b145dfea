"""What is published: deployments and their resources; what is proposed; and overrides that somebody should look at."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint, false

from engine.store.tables.columns import ID, RESOURCE_ID, Instant, metadata

deployment = Table(
    "deployment",
    metadata,
    Column("id", ID, primary_key=True),
    Column("procedure", String(80), nullable=False),
    Column("tenant_id", ID, nullable=False),
    Column("title", Text, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("published_by", ID, nullable=False),
    Column("effective_at", Instant),  # none: with its publication
    Column("proposal_id", ID),
)

resource = Table(
    "resource",
    metadata,
    Column("id", RESOURCE_ID, primary_key=True),
    Column("deployment_id", ForeignKey("deployment.id"), nullable=False),
    Column("procedure", String(80), nullable=False),
    Column("tenant_id", ID, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("key", String(120), nullable=False),
    Column("version", Integer, nullable=False),
    Column("checksum", String(64), ForeignKey("file.digest"), nullable=False),
    Column("withdrawn", Boolean, nullable=False, server_default=false()),  # from then on what is above holds again
    Column("source", String(64), ForeignKey("file.digest")),  # a form that was merged: what its author wrote
    UniqueConstraint("tenant_id", "procedure", "kind", "key", "version"),
)

proposal = Table(
    "proposal",
    metadata,
    Column("id", ID, primary_key=True),
    Column("draft_id", ID, nullable=False),
    Column("procedure", String(80), nullable=False),
    Column("tenant_id", ID, nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("effective_at", Instant),
    Column("files", JSON, nullable=False),  # [{"kind", "key", "checksum"}], checksum null: taken away
    Column("digest", String(64), nullable=False),
    Column("authors", JSON, nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("proposed_by", ID, nullable=False),
    Column("status", String(20), nullable=False),  # waiting, approved, rejected, withdrawn
    Column("decided_at", Instant),
    Column("decided_by", ID),
    Column("reason", Text, nullable=False),
    Column("deployment_id", ID),
)

override_review = Table(
    "override_review",
    metadata,
    Column("id", ID, primary_key=True),
    Column("procedure", String(80), nullable=False),
    Column("tenant_id", ID, nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("key", String(120), nullable=False),
    Column("own", RESOURCE_ID, nullable=False),
    Column("before", RESOURCE_ID, nullable=False),  # what the organisation above had when this one overrode it
    Column("after", RESOURCE_ID, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("status", String(20), nullable=False),  # open, kept, taken, edited, superseded
    Column("closed_at", Instant),
    Column("closed_by", ID),
)
