"""The Merkle log in rows: which facts have no place yet, the right edge, the nodes, the signed heads."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, or_, select, text

from engine.history.merkle import Frontier, Hash, inclusion_proof
from engine.store import tables as t

_LOCK = 7_245_191
_NODES_PER_QUERY = 500


def lock_log(connection: Connection) -> None:
    """Let one transaction at a time add to the log (on SQLite there is only ever one writer)."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"select pg_advisory_xact_lock({_LOCK})"))


def unlogged(connection: Connection, limit: int) -> list[tuple[str, int, str]]:
    """Facts without a place in the log, oldest first: ``(stream, seq, seal)``."""
    rows = connection.execute(
        select(t.history.c.stream, t.history.c.seq, t.history.c.seal)
        .where(t.history.c.leaf.is_(None))
        .order_by(t.history.c.at, t.history.c.stream, t.history.c.seq)
        .limit(limit)
    )
    return [(row.stream, row.seq, row.seal) for row in rows]


def read_frontier(connection: Connection, h: Hash) -> Frontier:
    """The right edge of the log: its largest complete subtrees."""
    size = connection.execute(
        select(func.coalesce(func.max(t.log_node.c.position) + 1, 0)).where(t.log_node.c.level == 0)
    ).scalar_one()
    edge, start = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            edge.append((level, read_node(connection, level, start >> level)))
            start += 1 << level
    return Frontier(h, size, edge)


def read_node(connection: Connection, level: int, position: int) -> bytes:
    """A complete node. Raises ``NoResultFound`` when it is missing."""
    query = select(t.log_node.c.hash).where(t.log_node.c.level == level, t.log_node.c.position == position)
    return bytes(connection.execute(query).scalar_one())


def read_nodes(connection: Connection, wanted: Mapping[int, Collection[int]]) -> dict[tuple[int, int], bytes]:
    """Many complete nodes: level → positions gives ``(level, position)`` → hash; one that is missing is left out."""
    found: dict[tuple[int, int], bytes] = {}
    for level, positions in wanted.items():
        ordered = sorted(positions)
        for start in range(0, len(ordered), _NODES_PER_QUERY):
            query = select(t.log_node.c.position, t.log_node.c.hash).where(
                t.log_node.c.level == level, t.log_node.c.position.in_(ordered[start : start + _NODES_PER_QUERY])
            )
            found |= {(level, row.position): bytes(row.hash) for row in connection.execute(query)}
    return found


def prove_inclusion(connection: Connection, h: Hash, leaf: int, size: int) -> list[bytes]:
    """The proof that a leaf is among the first ``size``, with one query for all nodes that it needs."""
    wanted: list[tuple[int, int]] = []

    def note(level: int, position: int) -> bytes:
        wanted.append((level, position))
        return b""

    inclusion_proof(lambda _: b"", note, leaf, size)
    column = t.log_node.c
    # Not "(level, position) in (…)": SQLite would read the whole table for it, but each of these by its key.
    here = [(column.level == level) & (column.position == position) for level, position in wanted]
    rows = connection.execute(select(t.log_node).where(or_(*here))) if here else ()
    found = {(row.level, row.position): bytes(row.hash) for row in rows}
    return inclusion_proof(h, lambda level, position: found[level, position], leaf, size)


def write_places(
    connection: Connection, places: Sequence[tuple[str, int, int]], nodes: Sequence[tuple[int, int, bytes]]
) -> None:
    """Give facts their places ``(stream, seq, leaf)`` and keep the nodes that came into being."""
    connection.execute(
        t.history.update()
        .where(t.history.c.stream == bindparam("b_stream"), t.history.c.seq == bindparam("b_seq"))
        .values(leaf=bindparam("b_leaf")),
        [{"b_stream": stream, "b_seq": seq, "b_leaf": leaf} for stream, seq, leaf in places],
    )
    connection.execute(
        t.log_node.insert(), [{"level": level, "position": place, "hash": value} for level, place, value in nodes]
    )


def keep_checkpoint(connection: Connection, size: int, at: datetime, note: str) -> None:
    """Keep a signed head."""
    connection.execute(t.checkpoint.insert().values(size=size, at=at, note=note))


def newest_checkpoint(connection: Connection) -> str | None:
    """The newest signed head, or None."""
    return connection.execute(select(t.checkpoint.c.note).order_by(t.checkpoint.c.size.desc()).limit(1)).scalar()


def place_of(connection: Connection, stream: str, seq: int) -> int | None:
    """The place of a fact in the log, None while it has none."""
    return connection.execute(
        select(t.history.c.leaf).where(t.history.c.stream == stream, t.history.c.seq == seq)
    ).scalar()
