"""What the history of the cases adds up to: cases, user tasks, jobs, waits, incidents, attachments, erasures."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from engine.store.tables.columns import ID, Instant, metadata

instance = Table(
    "instance",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", String(80), nullable=False, unique=True),
    Column("procedure", String(80), nullable=False),
    Column("process", String(80), nullable=False),
    Column("tenant_id", ID, nullable=False),
    Column("tenant_path", Text, nullable=False, index=True),
    Column("pins", JSON, nullable=False),
    Column("title", Text, nullable=False),
    Column("status", String(12), nullable=False),  # running | completed | cancelled
    Column("outcome", String(80), nullable=False),
    Column("outcome_name", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("started_by", ID, nullable=False),
    Column("ended_at", Instant),
    Column("seq", Integer, nullable=False),  # head of the case's stream
    Column("seal", String(64), nullable=False),
    Column("state", LargeBinary, nullable=False),  # technical: the interpreter's; its digest is in the history
    Column("standing", JSON, nullable=False),  # technical: the running fold
    Index(None, "status", "started_at"),
)

user_task = Table(
    "user_task",
    metadata,
    Column("id", ID, primary_key=True),
    Column("instance_id", ForeignKey("instance.id"), nullable=False, index=True),
    Column("element", String(120), nullable=False),
    Column("process", String(80), nullable=False),
    Column("name", Text, nullable=False),
    Column("form", String(120), nullable=False),
    Column("role", String(80), nullable=False),
    Column("tenant_id", ID, nullable=False),
    Column("assignee", ID),
    Column("status", String(12), nullable=False),  # open | completed | cancelled
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("due_provisional", Boolean, nullable=False),
    Column("ended_at", Instant),
    Column("completed_by", ID),
    Column("completed_for", ID),  # whom who completed it stood in for
    Column("draft", JSON),  # technical: what somebody has typed so far
    # Everything that the worklist counts and sorts by, so that it need not read the rows of 50,000 tasks.
    Index(
        "ix_user_task_worklist",
        "status",
        "tenant_id",
        "role",
        "assignee",
        "process",
        "element",
        "due_at",
        "created_at",
        "id",
        "instance_id",
    ),
)

party = Table(
    "party",
    metadata,
    Column("tenant_id", ID, primary_key=True),
    Column("instance_id", ForeignKey("instance.id"), primary_key=True),
)

job = Table(
    "job",
    metadata,
    Column("id", ID, primary_key=True),
    Column("instance_id", ForeignKey("instance.id"), nullable=False, index=True),
    Column("kind", String(12), nullable=False),  # timer | connector
    Column("element", String(120), nullable=False),
    Column("name", Text, nullable=False),
    Column("connector", String(80), nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("request_seq", Integer, nullable=False),  # the fact that asked for it
    Column("status", String(12), nullable=False),  # waiting | done | failed | cancelled
    Index(None, "status", "due_at"),
)

message_wait = Table(
    "message_wait",
    metadata,
    Column("id", ID, primary_key=True),
    Column("instance_id", ForeignKey("instance.id"), nullable=False, index=True),
    Column("element", String(120), nullable=False),
    Column("name", Text, nullable=False),
    Column("message", String(120), nullable=False),
    Column("roles", JSON, nullable=False),
    Column("form", String(120), nullable=False),
    Column("status", String(12), nullable=False),  # waiting | received | cancelled
    Column("kind", String(12), nullable=False, server_default="message"),  # message | signal | condition
    Column("correlation", String(200), nullable=False, server_default=""),  # the key it waits for, kept while it waits
    Index(None, "kind", "message", "status", "correlation"),
)

incident = Table(
    "incident",
    metadata,
    Column("id", ID, primary_key=True),
    Column("instance_id", ForeignKey("instance.id"), nullable=False, index=True),
    Column("element", String(120), nullable=False),
    Column("name", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("params", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("status", String(12), nullable=False),  # open | resolved
    Column("reason", Text, nullable=False),
)

reservation = Table(  # what is held now; a place given back has no row
    "reservation",
    metadata,
    Column("id", ID, primary_key=True),
    Column("instance_id", ForeignKey("instance.id"), nullable=False, index=True),
    Column("procedure", String(80), nullable=False),
    Column("element", String(120), nullable=False),
    Column("pool", String(200), nullable=False),
    Column("slot", String(200), nullable=False),
    Column("place", Integer, nullable=False),  # from 1 to the capacity of the slot
    UniqueConstraint("procedure", "pool", "slot", "place"),
)

attachment = Table(
    "attachment",
    metadata,
    Column("id", ID, primary_key=True),
    Column("instance_id", ForeignKey("instance.id"), nullable=False, index=True),
    Column("digest", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", String(120), nullable=False),
    Column("size", Integer, nullable=False),
    Column("task_id", ID, nullable=False),
    Column("document", String(120), nullable=False),  # the template of a paper, "" for a file somebody added
    Column("added_at", Instant, nullable=False),
    Column("added_by", ID, nullable=False),
)

erasure = Table(
    "erasure",
    metadata,
    Column("id", ID, primary_key=True),
    Column("instance_id", ForeignKey("instance.id"), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("legal_basis", Text, nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("requested_by", ID, nullable=False),
    Column("status", String(12), nullable=False, index=True),  # requested | done | declined
    Column("cleaned_at", Instant),  # technical: when what deleted rows leave behind was overwritten
)

file = Table(
    "file",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

counter = Table(
    "counter",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("value", Integer, nullable=False),
)
