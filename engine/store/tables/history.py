"""The history: facts, their personal values, the streams' heads, and the Merkle log over all of it."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text, text

from engine.store.tables.columns import BIG, Instant, metadata

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
