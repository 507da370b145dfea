"""What is not a fact: sessions, failed log-ins, looks not sealed yet, forms that were sent."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint

from engine.store.tables.columns import BIG, ID, Instant, metadata

installation = Table(  # what was settled once, when this installation began
    "installation",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", String(80), nullable=False),
)

session = Table(
    "web_session",
    metadata,
    Column("id", String(64), primary_key=True),  # SHA-256 of the cookie's token
    Column("user_id", ForeignKey("user_account.id"), nullable=False, index=True),
    Column("tenant_id", ID, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("purpose_key", String(40), nullable=False, server_default=""),  # for which purpose this sitting looks
    Column("purpose", String(200), nullable=False, server_default=""),
)

login_failure = Table(
    "login_failure",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("login", String(80), nullable=False, index=True),
    Column("address", String(80), nullable=False, index=True),
    Column("at", Instant, nullable=False),
)

access_note = Table(  # looks and log-ins until they are sealed; then until the day is over, so that one counts once
    "access_note",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("key", String(400), unique=True),
    Column("at", Instant, nullable=False),
    Column("user_id", ID, nullable=False),
    Column("tenant_id", ID, nullable=False),
    Column("type", String(40), nullable=False),
    Column("data", JSON, nullable=False),
    Column("sealed", Boolean, nullable=False),
    Column("on_behalf_of", ID, nullable=False, server_default=""),
    Index(None, "sealed", "id"),
)

submission = Table(
    "submission",
    metadata,
    Column("token", String(120), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("answer", JSON, nullable=False),
)

kept_search = Table(  # what an auditor asks again and again
    "kept_search",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ForeignKey("user_account.id"), nullable=False),
    Column("name", String(80), nullable=False),
    Column("query", Text, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("user_id", "name"),
)
