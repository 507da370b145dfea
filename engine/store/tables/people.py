"""Organisations, people with their roles, and the calendar."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from engine.store.tables.columns import ID, Instant, metadata

tenant = Table(
    "tenant",
    metadata,
    Column("id", ID, primary_key=True),
    Column("parent_id", ID, index=True),
    Column("path", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("level", String(40), nullable=False),
    Column("code", String(20)),
    Column("since", Date),  # none: since the record began
    Column("closed_on", Date),  # from this day on nobody acts for it
    Column("heir_id", ID),  # the unit that it became part of
)

unit_change = Table(  # what is planned for a unit, and what became of it
    "unit_change",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", String(12), nullable=False),  # add | rename | move | close | merge
    Column("tenant_id", ID, nullable=False, index=True),
    Column("since", Date, nullable=False),
    Column("details", JSON, nullable=False),
    Column("status", String(12), nullable=False),  # planned | done | off | failed
    Column("planned_at", Instant, nullable=False),
    Column("planned_by", ID, nullable=False),
    Column("decided_at", Instant),
    Column("template", Text, nullable=False),  # why it failed
    Column("params", JSON, nullable=False),
    Column("former", Text, nullable=False),  # what was before: the path of a unit, from where cases follow; a name
    Column("settled_at", Instant),  # technical: when no case was left behind any more
    Index(None, "status", "since"),
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
