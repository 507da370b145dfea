"""The files and papers of a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from engine.errors import NotFound
from engine.store import tables as t
from forms.schema import Form


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file or paper of a case. ``document`` is the template of a paper, "" for what somebody added."""

    id: str
    digest: str
    name: str
    media_type: str
    size: int
    document: str
    added_at: datetime
    added_by: str


def case_files(connection: Connection, instance_id: str) -> tuple[FileInfo, ...]:
    """All files of a case that were not erased, oldest first. The caller sees to it that the actor may see the case."""
    rows = connection.execute(
        select(t.attachment)
        .where(t.attachment.c.instance_id == instance_id, t.attachment.c.digest != "")
        .order_by(t.attachment.c.added_at, t.attachment.c.id)
    ).mappings()
    return tuple(
        FileInfo(
            row["id"],
            row["digest"],
            row["name"],
            row["media_type"],
            row["size"],
            row["document"],
            row["added_at"],
            row["added_by"],
        )
        for row in rows
    )


def unseen_digests(forms: Iterable[Form], variables: Mapping[str, Any], roles: frozenset[str]) -> frozenset[str]:
    """The digests of files that were handed in only for fields which nobody in ``roles`` may see."""
    seen: set[str] = set()
    unseen: set[str] = set()
    for form in forms:
        for field in form.fields:
            if field.kind == "file":
                kept = variables.get(field.key)
                digests = {file["digest"] for file in kept if "digest" in file} if isinstance(kept, list) else set()
                (seen if field.may_see(roles) else unseen).update(digests)
    return frozenset(unseen - seen)


def content_of(connection: Connection, digest: str) -> bytes:
    """The bytes of a stored file. Raises ``NotFound``. The caller sees to it that the actor may see it."""
    content = connection.execute(select(t.file.c.content).where(t.file.c.digest == digest)).scalar()
    if content is None:
        raise NotFound("There is no such case, or it is not yours to see.")
    return bytes(content)
