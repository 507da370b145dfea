"""The files and papers of a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from engine.errors import NotFound
from engine.model import Actor
from engine.queries.visibility import visible_to
from engine.store import tables as t


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
    """All files of a case, oldest first. The caller sees to it that the actor may see the case."""
    rows = connection.execute(
        select(t.attachment)
        .where(t.attachment.c.instance_id == instance_id)
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


def file_content(connection: Connection, actor: Actor, instance_id: str, file_id: str) -> tuple[FileInfo, bytes]:
    """A file of a case the actor may see. Raises ``NotFound``."""
    row = (
        connection.execute(
            select(t.attachment, t.file.c.content)
            .join(t.instance, t.instance.c.id == t.attachment.c.instance_id)
            .join(t.file, t.file.c.digest == t.attachment.c.digest)
            .where(t.attachment.c.id == file_id, t.instance.c.id == instance_id, visible_to(actor))
        )
        .mappings()
        .first()
    )
    if row is None:
        raise NotFound("There is no such case, or it is not yours to see.")
    info = FileInfo(
        row["id"],
        row["digest"],
        row["name"],
        row["media_type"],
        row["size"],
        row["document"],
        row["added_at"],
        row["added_by"],
    )
    return info, bytes(row["content"])
