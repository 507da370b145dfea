"""Take the personal values of one case out of every row, so that nothing but digests is left of them.

What is kept: the sealed facts themselves, the number of the case, and why it was erased. The rows of the case are
computed again from its facts as they read then, by the rules that wrote them (``engine.store.apply``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import Connection, RowMapping, String, cast, or_, select

from engine.history import events as e
from engine.history.facts import ERASED, Fact
from engine.store import tables as t
from engine.store.apply import Insert, Update, apply
from engine.store.reading import facts_of, holds


def pending_erasure(connection: Connection, instance_id: str) -> RowMapping | None:
    """The erasure that was asked for and is neither done nor declined, if any."""
    query = select(t.erasure).where(t.erasure.c.instance_id == instance_id, t.erasure.c.status == "requested")
    return connection.execute(query).mappings().first()


def erase_values(connection: Connection, instance_id: str) -> list[int]:
    """Delete the personal values of a case's facts and whatever rows hold of them. Returns the facts' numbers."""
    stream = f"case:{instance_id}"
    kept = {name: cls.kept for name, cls in e.TYPES.items()}
    rows = connection.execute(
        select(t.payload.c.seq, t.payload.c.name, t.history.c.type)
        .join(t.history, (t.history.c.stream == t.payload.c.stream) & (t.history.c.seq == t.payload.c.seq))
        .where(t.payload.c.stream == stream)
    ).all()
    gone = [(row.seq, row.name) for row in rows if row.name not in kept[row.type]]
    for seq, name in gone:
        connection.execute(
            t.payload.delete().where(t.payload.c.stream == stream, t.payload.c.seq == seq, t.payload.c.name == name)
        )
    _rewrite_rows(connection, facts_of(connection, stream))
    connection.execute(t.message.update().where(t.message.c.stream == stream).values(correlation=""))
    connection.execute(t.user_task.update().where(t.user_task.c.instance_id == instance_id).values(draft=None))
    answers = cast(t.submission.c.answer, String)
    number = connection.execute(select(t.instance.c.number).where(t.instance.c.id == instance_id)).scalar_one()
    connection.execute(t.submission.delete().where(or_(answers.contains(instance_id), answers.contains(number))))
    return sorted({seq for seq, _ in gone})


def erase_messages(connection: Connection, instance_id: str) -> dict[str, list[int]]:
    """Delete what messages carried to and from a case, and why they were kept. Stream → numbers of the facts."""
    message = t.message.c
    sent = connection.execute(
        select(message.id).where(
            or_(message.target == instance_id, message.sender == instance_id), message.kind == "message"
        )
    ).scalars()
    ids = list(sent)
    of_case = [f"message:{id_}" for id_ in ids]
    rows = connection.execute(select(t.payload.c.stream, t.payload.c.seq).where(t.payload.c.stream.in_(of_case)))
    found: dict[str, set[int]] = {}
    for row in rows:
        found.setdefault(row.stream, set()).add(row.seq)
    connection.execute(t.payload.delete().where(t.payload.c.stream.in_(sorted(found))))
    held = message.id.in_(ids) & (message.template != "")
    connection.execute(t.message.update().where(held).values(params=ERASED))
    return {stream: sorted(seqs) for stream, seqs in sorted(found.items())}


def values_of(connection: Connection, instance_id: str) -> str:
    """All personal values of a case as one text, read before they are erased."""
    query = select(t.payload.c.value).where(t.payload.c.stream == f"case:{instance_id}")
    return "\n".join(bytes(value).decode(errors="replace") for value in connection.execute(query).scalars()).casefold()


def erase_beside(connection: Connection, instance_id: str, values: str) -> None:
    """What technical rows hold of a case: why it was ordered to be moved, and searches that only its data answered.

    ``values`` are those of ``values_of``. A kept search goes when its text or name stands in one of them and in
    nothing that is left; a single letter says nothing of anybody.
    """
    item = t.migration_item.c
    orders = select(item.batch_id).where(item.instance_id == instance_id)
    connection.execute(t.migration_batch.update().where(t.migration_batch.c.id.in_(orders)).values(reason=""))
    connection.execute(t.migration_item.update().where(item.instance_id == instance_id).values(params={}))
    kept = t.kept_search.c
    for row in connection.execute(select(kept.id, kept.name, kept.query)).all():
        texts = (dict(parse_qsl(row.query)).get("value", ""), row.name)
        if any(len(text) > 1 and text.casefold() in values and not _is_left(connection, text) for text in texts):
            connection.execute(t.kept_search.delete().where(kept.id == row.id))


def _is_left(connection: Connection, text: str) -> bool:
    found = select(t.payload.c.seq).where(holds(connection, t.payload.c.value, text)).limit(1)
    return connection.execute(found).first() is not None


def _rewrite_rows(connection: Connection, facts: Iterable[Fact]) -> None:
    """Write the rows of a case as its facts give them now."""
    found: dict[tuple[str, str], tuple[Any, dict[str, Any]]] = {}
    for fact in facts:
        for change in apply(fact):
            match change:
                case Insert(table=table, values=values) if "id" in values and table is not t.message:
                    found[(table.name, values["id"])] = (table, dict(values))
                case Update(table=table, key=key, values=values) if (table.name, key.get("id")) in found:
                    found[(table.name, key["id"])][1].update(values)
    for table, row in found.values():
        values = {name: value for name, value in row.items() if name != "id"}
        connection.execute(table.update().where(table.c.id == row["id"]).values(**values))


def digests_of(connection: Connection, instance_id: str) -> frozenset[str]:
    """The contents of a case's files and papers."""
    query = select(t.attachment.c.digest).where(t.attachment.c.instance_id == instance_id)
    return frozenset(connection.execute(query).scalars()) - {""}


def delete_contents(connection: Connection, digests: Collection[str]) -> int:
    """Delete contents that nothing refers to any more. Returns how many stay because something does."""
    stay = 0
    for digest in sorted(digests):
        if any(connection.execute(select(column).where(column == digest).limit(1)).first() for column in _references()):
            stay += 1
        else:
            connection.execute(t.file.delete().where(t.file.c.digest == digest))
    return stay


def _references() -> list[Any]:
    """Every column that names a content: those of attachments, and all that have a foreign key to it."""
    columns = (column for table in t.metadata.tables.values() for column in table.c)
    return [t.attachment.c.digest] + [
        column for column in columns if any(key.column is t.file.c.digest for key in column.foreign_keys)
    ]


def uncleaned(connection: Connection) -> tuple[str, ...]:
    """Cases that were erased while what their rows left behind has not been overwritten yet."""
    query = select(t.erasure.c.instance_id).where(t.erasure.c.status == "done", t.erasure.c.cleaned_at.is_(None))
    return tuple(connection.execute(query.distinct()).scalars())


def mark_cleaned(connection: Connection, instances: Collection[str], at: datetime) -> None:
    """Remember that what these cases left behind was overwritten."""
    erasures = t.erasure.c.instance_id.in_(instances) & (t.erasure.c.status == "done")
    connection.execute(t.erasure.update().where(erasures).values(cleaned_at=at))
