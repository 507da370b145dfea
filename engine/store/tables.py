"""The rows. History is append-only; the other tables are what history adds up to, so that pages answer fast.

Columns marked *technical* are not facts: saved engine state, drafts, sessions. Everything else can be
computed again from ``history`` and is compared with it by ``shangmen verify``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)


class Instant(TypeDecorator[datetime]):
    """A moment: ``timestamptz`` on PostgreSQL, fixed-width UTC text (which sorts rightly) on SQLite."""

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(DateTime(timezone=True) if dialect.name == "postgresql" else String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("expected a moment with a zone, found a naive one")
        utc = value.astimezone(UTC)
        return utc if dialect.name == "postgresql" else utc.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None or isinstance(value, datetime):
            return value
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


ID = String(80)
RESOURCE_ID = String(300)
BIG = BigInteger().with_variant(Integer, "sqlite")

# ------------------------------------------------------------------ history

history = Table(
    "history",
    metadata,
    Column("stream", String(120), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("type", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("seal", String(64), nullable=False),
    Column("leaf", BIG),  # technical: its number in the Merkle log, once it is committed there
    Index("ix_history_unlogged", "at", postgresql_where=text("leaf IS NULL"), sqlite_where=text("leaf IS NULL")),
    Index(None, "leaf"),
)

log_node = Table(
    "log_node",
    metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("position", BIG, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", BIG, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("note", Text, nullable=False),  # the signed text
)

payload = Table(
    "payload",
    metadata,
    Column("stream", String(120), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("name", String(40), primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("value", LargeBinary, nullable=False),
)

stream = Table(
    "stream",
    metadata,
    Column("id", String(120), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("seal", String(64), nullable=False),
)

# ------------------------------------------------------------------ cases

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

# ------------------------------------------------------------------ what is published

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

# ------------------------------------------------------------------ people and calendar

tenant = Table(
    "tenant",
    metadata,
    Column("id", ID, primary_key=True),
    Column("parent_id", ID, index=True),
    Column("path", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("level", String(40), nullable=False),
    Column("code", String(20)),
)

user = Table(
    "user_account",
    metadata,
    Column("id", ID, primary_key=True),
    Column("login", String(80), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("password_hash", Text, nullable=False, server_default="!"),  # technical: a secret, never in the history
)

membership = Table(
    "membership",
    metadata,
    Column("user_id", ForeignKey("user_account.id"), primary_key=True),
    Column("tenant_id", ID, primary_key=True),
    Column("role", String(80), primary_key=True),
    Index(None, "tenant_id", "role"),
)

calendar_day = Table(
    "calendar_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("working", Boolean, nullable=False),
    Column("name", Text, nullable=False),
    Column("source", Text, nullable=False),
)

calendar_year = Table(
    "calendar_year",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("source", Text, nullable=False),
)

# ------------------------------------------------------------------ technical

session = Table(
    "web_session",
    metadata,
    Column("id", String(64), primary_key=True),  # SHA-256 of the cookie's token
    Column("user_id", ForeignKey("user_account.id"), nullable=False, index=True),
    Column("tenant_id", ID, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

login_failure = Table(
    "login_failure",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("login", String(80), nullable=False, index=True),
    Column("address", String(80), nullable=False, index=True),
    Column("at", Instant, nullable=False),
)

submission = Table(
    "submission",
    metadata,
    Column("token", String(120), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("answer", JSON, nullable=False),
)
