"""A forger with the database in their hands: changes facts, makes seals, heads and the log anew – but has no key."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from engine.history.checkpoint import Checkpoint, FileSigner, read_checkpoint, signed
from engine.history.merkle import Frontier, hash_suite, leaf_hash
from engine.history.seal import canonical, commitment, seal
from engine.store import tables as t


def read_root(note: str) -> bytes:
    """The root that a head states."""
    return read_checkpoint(note).root


FORGER = FileSigner("test.example/log", bytes(32))
H = hash_suite("sha256")
Body = dict[str, Any]


def body_of(connection: Connection, stream: str, seq: int) -> Body:
    """What a fact says."""
    query = select(t.history.c.body).where(t.history.c.stream == stream, t.history.c.seq == seq)
    found: Body = json.loads(connection.execute(query).scalar_one())
    return found


def rewrite(connection: Connection, stream: str, seq: int, change: Callable[[Body], None]) -> None:
    """Change what a fact says, and make its seal, all later ones and the head of the stream anew."""
    body = body_of(connection, stream, seq)
    change(body)
    put(connection, stream, {seq: canonical(body)})


def put(connection: Connection, stream: str, bodies: dict[int, bytes]) -> None:
    """Give facts other bodies, with everything in the chain made to fit."""
    previous = ""
    query = select(t.history).where(t.history.c.stream == stream).order_by(t.history.c.seq)
    for row in connection.execute(query).all():
        body = bodies.get(row.seq, row.body)
        previous = seal(previous, body)
        raw = json.loads(body)
        values = {"body": body, "seal": previous, "type": raw["type"], "at": datetime.fromisoformat(raw["at"])}
        here = (t.history.c.stream == stream) & (t.history.c.seq == row.seq)
        connection.execute(t.history.update().where(here).values(**values))
        last = row.seq
    head = {"seq": last, "seal": previous}
    connection.execute(t.stream.update().where(t.stream.c.id == stream).values(**head))
    connection.execute(t.instance.update().where("case:" + t.instance.c.id == stream).values(**head))


def replace_value(connection: Connection, stream: str, seq: int, field: str, value: Any) -> None:
    """Another personal value, with the digest made to fit."""
    content = canonical(value)
    here = (t.payload.c.stream == stream) & (t.payload.c.seq == seq) & (t.payload.c.name == field)
    salt = connection.execute(select(t.payload.c.salt).where(here)).scalar_one()
    connection.execute(t.payload.update().where(here).values(value=content))
    rewrite(connection, stream, seq, lambda body: body["data"].update({field: commitment(salt, field, content)}))


def rebuild_log(connection: Connection) -> str:
    """All nodes made anew and one head, signed with the forger's own key; what was signed before is gone."""
    connection.execute(t.log_node.delete())
    connection.execute(t.checkpoint.delete())
    frontier, nodes = Frontier(H), []
    query = select(t.history.c.seal, t.history.c.leaf).where(t.history.c.leaf.is_not(None)).order_by(t.history.c.leaf)
    for row in connection.execute(query).all():
        nodes += frontier.append(leaf_hash(H, bytes.fromhex(row.seal)))
    connection.execute(
        t.log_node.insert(), [{"level": level, "position": place, "hash": value} for level, place, value in nodes]
    )
    note = signed(Checkpoint(FORGER.name, frontier.size, frontier.root()), FORGER)
    at = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    connection.execute(t.checkpoint.insert().values(size=frontier.size, at=at, note=note))
    return note
