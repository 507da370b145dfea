"""The words of the published procedures: what their roles are called, and the English of their Chinese."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from engine.definition.diff_words import names_of
from engine.store import tables as t


@dataclass(frozen=True, slots=True)
class Words:
    """What things are called. ``version`` changes with every publishing.

    ``english``: Chinese word → English; ``roles``, ``procedures`` and ``levels`` of units: id → Chinese name.
    """

    version: int = 0
    english: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    procedures: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, str] = field(default_factory=dict)


def words_version(connection: Connection) -> int:
    """How many files are published: as long as it stays the same, so do the words."""
    return int(connection.execute(select(func.count()).select_from(t.resource)).scalar_one())


def read_words(connection: Connection) -> Words:
    """The words of everything published; of two versions the newer speaks."""
    rows = connection.execute(
        select(t.resource.c.kind, t.file.c.content)
        .join(t.file, t.file.c.digest == t.resource.c.checksum)
        .where(t.resource.c.kind.in_(("words", "bundle")))
        .order_by(t.resource.c.version, t.resource.c.tenant_id)
    )
    english: dict[str, str] = {}
    roles: dict[str, str] = {}
    procedures: dict[str, str] = {}
    levels: dict[str, str] = {}
    for row in rows:
        data = tomllib.loads(row.content.decode())
        if row.kind == "words":
            english |= _texts(data)
        else:
            roles |= _texts(data.get("roles", {}))
            levels |= _texts(data.get("levels", {}))
            procedures[str(data.get("procedure", ""))] = str(data.get("title", ""))
            if data.get("title_en"):
                english[str(data["title"])] = str(data["title_en"])
    return Words(words_version(connection), english, roles, procedures, levels)


def name_of_file(connection: Connection, procedure: str, kind: str, key: str) -> str:
    """What the newest version of a file calls itself; "" for one without a name."""
    row = t.resource.c
    query = (
        select(t.file.c.content)
        .join(t.resource, row.checksum == t.file.c.digest)
        .where(row.procedure == procedure, row.kind == kind, row.key == key)
        .order_by(row.version.desc(), row.tenant_id)
        .limit(1)
    )
    content = connection.execute(query).scalar()
    return "" if content is None else names_of({(kind, key): bytes(content)}).get((kind, key), "")


def _texts(data: Mapping[str, Any]) -> dict[str, str]:
    return {key: value for key, value in data.items() if isinstance(value, str)}
