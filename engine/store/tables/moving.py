"""Orders to move many cases to another version. Technical: what happened to a case stands in the case's own stream.

An order carries what is to be done and how far it has come. Losing it would lose no fact.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, String, Table, Text

from engine.store.tables.columns import ID, Instant, metadata

migration_batch = Table(
    "migration_batch",
    metadata,
    Column("id", ID, primary_key=True),
    Column("procedure", String(80), nullable=False, index=True),
    Column("tenant_id", ID, nullable=False),  # for which organisation it was ordered
    Column("tenant_path", Text, nullable=False),
    Column("ordered_by", ID, nullable=False),
    Column("ordered_at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("mapping", JSON, nullable=False),
    Column("recompute", Boolean, nullable=False),
    Column("undoes", ID, index=True),  # the order that this one takes back
    Column("status", String(12), nullable=False),  # running | paused | stopped | done
    Column("legs", Integer, nullable=False),  # how often it was handed to the queue
    Column("touched_at", Instant, nullable=False),
)

migration_item = Table(
    "migration_item",
    metadata,
    Column("batch_id", ForeignKey("migration_batch.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("instance_id", ForeignKey("instance.id"), nullable=False, index=True),
    Column("status", String(12), nullable=False),  # waiting | moved | refused
    Column("pins", JSON, nullable=False),  # where to
    Column("mapping", JSON, nullable=False),
    Column("former", JSON),  # where from, once it has moved
    Column("state", String(64), nullable=False),  # digest: as the move left it; of one that undoes: as it must still be
    Column("template", Text, nullable=False),  # why it was refused
    Column("params", JSON, nullable=False),
    Column("at", Instant),
)
