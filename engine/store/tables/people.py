"""Organisations, people with their roles, and the calendar."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from engine.store.tables.columns import ID, metadata

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
