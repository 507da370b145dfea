"""Check the Merkle log: every logged fact at its place, every node right, every signed head the root it states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, select

from engine.history.checkpoint import read_checkpoint
from engine.history.merkle import Frontier, hash_suite, leaf_hash
from engine.store import tables as t

LogFinding = tuple[str, str, Mapping[str, Any]]
"""(place, sentence, values)."""


def check_log(connection: Connection, suite: str = "sha256") -> Iterator[LogFinding]:
    """What is wrong with the log, if anything. Recomputes the tree from the facts' seals."""
    h = hash_suite(suite)
    heads = {row.size: row.note for row in connection.execute(select(t.checkpoint))}
    nodes = {(row.level, row.position): bytes(row.hash) for row in connection.execute(select(t.log_node))}
    frontier = Frontier(h)
    rows = connection.execute(
        select(t.history.c.stream, t.history.c.seq, t.history.c.seal, t.history.c.leaf)
        .where(t.history.c.leaf.is_not(None))
        .order_by(t.history.c.leaf)
    )
    for row in rows:
        place = f"{row.stream}#{row.seq}"
        if row.leaf != frontier.size:
            yield (
                place,
                "Expected place %(expected)s of the log, found %(found)s: a committed fact is missing.",
                {
                    "expected": frontier.size,
                    "found": row.leaf,
                },
            )
            return
        for level, position, value in frontier.append(leaf_hash(h, bytes.fromhex(row.seal))):
            if nodes.pop((level, position), None) != value:
                yield (
                    place,
                    "The fact is not the one that was committed to the log at place %(leaf)s.",
                    {
                        "leaf": row.leaf,
                    },
                )
                return
        yield from _check_head(heads.pop(frontier.size, None), frontier)
    if nodes or heads:
        yield f"log#{frontier.size}", "The log holds more than the history: committed facts are missing.", {}


def _check_head(note: str | None, frontier: Frontier) -> Iterator[LogFinding]:
    if note is None:
        return
    try:
        stated = read_checkpoint(note)
    except ValueError:
        yield f"checkpoint {frontier.size}", "A signed head cannot be read.", {}
        return
    if (stated.size, stated.root) != (frontier.size, frontier.root()):
        yield f"checkpoint {frontier.size}", "A signed head does not state the root of the log.", {}
