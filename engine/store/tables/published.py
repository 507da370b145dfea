"""What is published: deployments and their resources."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

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
    UniqueConstraint("tenant_id", "procedure", "kind", "key", "version"),
)
