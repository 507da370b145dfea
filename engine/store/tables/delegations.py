"""Who stands in for whom, in which role at which unit, and until when: one row for each role of a delegation."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from engine.store.tables.columns import ID, Instant, metadata

delegation = Table(
    "delegation",
    metadata,
    Column("id", ID, primary_key=True),
    Column("role", String(80), primary_key=True),
    Column("principal_id", ForeignKey("user_account.id"), nullable=False, index=True),
    Column("deputy_id", ForeignKey("user_account.id"), nullable=False),
    Column("tenant_id", ID, nullable=False, index=True),
    Column("begins_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),  # the first moment that it does not hold any more
    Column("reason", String(20), nullable=False),
    Column("note", Text, nullable=False),
    Column("given_by", ID, nullable=False),
    Column("given_at", Instant, nullable=False),
    Column("ended_at", Instant),  # early
    Column("ended_by", ID),
    Index(None, "deputy_id", "ends_at"),
)
