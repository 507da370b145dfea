"""Messages and signals on their way between cases, or from outside."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, String, Table, Text

from engine.store.tables.columns import ID, Instant, metadata

KEY_LENGTH = 200

message = Table(
    "message",
    metadata,
    Column("id", String(160), primary_key=True),
    Column("kind", String(12), nullable=False),  # message | signal | delivery (of a signal to one case)
    Column("name", String(120), nullable=False),
    Column("correlation", String(KEY_LENGTH), nullable=False),  # kept only while it can still be delivered
    Column("tenant_id", ID, nullable=False),
    Column("tenant_path", Text, nullable=False),
    Column("status", String(12), nullable=False),  # waiting | delivered | expired | discarded | spread | missed
    Column("sent_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),  # when the machine must look at it
    Column("expires_at", Instant),
    Column("sender", ID, nullable=False),  # the case that sent it, "" for one from outside
    Column("stream", String(200), nullable=False),  # the fact that holds what it carries …
    Column("seq", Integer, nullable=False),  # … and its number
    Column("target", ID, nullable=False),  # the case that is to get it, or got it
    Column("template", Text, nullable=False),  # why it could not be delivered
    Column("params", JSON, nullable=False),
    Column("reason", Text, nullable=False),  # why somebody discarded it
    Index(None, "kind", "name", "status", "correlation"),
    Index(None, "status", "due_at"),
)
