"""Check the Merkle log: every logged fact at its place, every node right, every head the root it states, and signed.

The tree is computed anew from the facts' seals, a run of leaves at a time: of each run all levels at once, then the
few nodes above. So a fact costs little more than its two hashes, and memory does not grow with the log. The leaves are
those that the walk over the streams has noted (``Places``); only where something is wrong are the facts read again in
the order of the log, to say which is the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, LargeBinary, Select, bindparam, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from engine.history import hashing
from engine.history.checkpoint import is_signed_by, read_checkpoint
from engine.history.merkle import Frontier, hash_suite, leaf_hash
from engine.queries.finding import LOG, Finding
from engine.queries.places import WIDTH, Places
from engine.queries.seals import from_hex
from engine.store import tables as t
from engine.store.log import read_nodes
from engine.store.plain_rows import Question

_RUN_LEVEL = 14
_RUN = 1 << _RUN_LEVEL


def check_log(
    connection: Connection, places: Places, keys: Iterable[str] = (), kept: Iterable[str] = ()
) -> Iterator[Finding]:
    """What is wrong with the log, if anything. ``keys``: heads must be signed by one of these (``name+id+base64``).

    ``kept`` are heads that were exported and kept outside: only they give away that the whole log was made anew.
    """
    keys, kept = tuple(keys), tuple(kept)
    if places.are_taken and not list(_Check(connection, keys, kept, places).run()):
        return
    yield from _Check(connection, keys, kept).run()


class _Check:
    """One pass over the leaves, as they were noted or read again. ``edge`` holds the runs before the one at hand."""

    def __init__(
        self, connection: Connection, keys: tuple[str, ...], kept: tuple[str, ...], places: Places | None = None
    ) -> None:
        self.connection, self.keys, self.places = connection, keys, places
        self.hash, h = hashing.function(), hash_suite()
        self.h = h
        heads = [(f"checkpoint {row.size}", row.size, row.note) for row in connection.execute(select(t.checkpoint))]
        heads += [(f"kept head {number}", None, note) for number, note in enumerate(kept, 1)]
        self.heads: list[tuple[int, str, bytes]] = []  # (size, place, root it states), largest first
        self.unreadable: list[Finding] = []
        for place, size, note in heads:
            self._read_head(place, size, note)
        self.heads.sort(reverse=True)
        self.edge = Frontier(h)
        self._nodes = Question(connection, _nodes_joined(connection))

    def _read_head(self, place: str, size: int | None, note: str) -> None:
        try:
            stated = read_checkpoint(note)
            is_signed = not self.keys or any(is_signed_by(note, key) for key in self.keys)
        except ValueError:
            self.unreadable.append(Finding(place, "A signed head cannot be read.", {}, LOG))
            return
        if not is_signed:
            self.unreadable.append(Finding(place, "A head is not signed with the key of this log.", {}, LOG))
        if size is not None and stated.size != size:
            self.unreadable.append(Finding(place, "A signed head does not state the root of the log.", {}, LOG))
        else:
            self.heads.append((stated.size, place, stated.root))

    def run(self) -> Iterator[Finding]:
        """Run after run until the leaves end."""
        yield from self.unreadable
        size = 0
        while True:
            leaves, gap = self._leaf_hashes(size)
            levels = self._levels(leaves)
            found = self._compare(size, levels)
            if found is not None:
                yield found
                return
            yield from self._check_heads(size, levels)
            size += len(leaves) // WIDTH
            if gap is not None:
                yield self._gap(gap, size)
                return
            if len(leaves) < _RUN * WIDTH:
                break
            for level, position, value in self.edge.append(levels[_RUN_LEVEL]):
                here = level + _RUN_LEVEL
                if level and read_nodes(self.connection, {here: [position]}).get((here, position)) != value:
                    yield self._not_committed(position << here)
                    return
        nodes = self.connection.execute(select(func.count()).select_from(t.log_node)).scalar_one()
        if nodes != 2 * size - size.bit_count() or self.heads:
            yield Finding(f"log#{size}", "The log holds more than the history: committed facts are missing.", {}, LOG)

    def _leaf_hashes(self, start: int) -> tuple[bytes, int | None]:
        """The leaf hashes of a run, and the place of the first fact after a gap."""
        if self.places is not None:
            return self.places.leaf_hashes(start, _RUN), None
        query = (
            select(t.history.c.leaf, t.history.c.seal)
            .where(t.history.c.leaf >= start, t.history.c.leaf < start + _RUN)
            .order_by(t.history.c.leaf)
        )
        rows = self.connection.execute(query).all()
        wrong = next((n for n, row in enumerate(rows) if row.leaf != start + n), None)
        hashes = b"".join([leaf_hash(self.h, from_hex(row.seal)) for row in rows[:wrong]])
        return hashes, None if wrong is None else rows[wrong].leaf

    def _levels(self, leaves: bytes) -> list[bytes]:
        """The hashes of each level over these leaves, complete nodes only, each level in one piece."""
        new, levels = self.hash, [leaves]
        for _ in range(_RUN_LEVEL):
            below = levels[-1]
            pairs = len(below) // (2 * WIDTH) * (2 * WIDTH)
            cells = range(0, pairs, 2 * WIDTH)
            levels.append(b"".join([new(b"\x01" + below[n : n + 2 * WIDTH]).digest() for n in cells]))
        return levels

    def _compare(self, start: int, levels: list[bytes]) -> Finding | None:
        """The first fact whose nodes are not those stored."""
        for level, computed in enumerate(levels):
            first = start >> level
            last = first + len(computed) // WIDTH - 1
            if computed and self._stored(level, first, last) != computed:
                stored = read_nodes(self.connection, {level: range(first, last + 1)})
                for position in range(first, last + 1):
                    cell = (position - first) * WIDTH
                    if stored.get((level, position)) != computed[cell : cell + WIDTH]:
                        return self._not_committed(position << level)
        return None

    def _stored(self, level: int, first: int, last: int) -> bytes:
        """The stored nodes of a level from one to another, in one piece: many times faster than row by row."""
        ((joined,),) = self._nodes.all(level=level, first=first, last=last)
        return joined or b""

    def _check_heads(self, start: int, levels: list[bytes]) -> Iterator[Finding]:
        size = start + len(levels[0]) // WIDTH
        while self.heads and self.heads[-1][0] <= size:
            stated, place, root = self.heads.pop()
            if stated <= start:  # of nothing at all, or stated twice
                computed = self.edge.root()
            else:
                computed = self._root(stated - start, levels)
            if root != computed:
                yield Finding(place, "A signed head does not state the root of the log.", {}, LOG)

    def _root(self, count: int, levels: list[bytes]) -> bytes:
        """The root over the runs before and the first ``count`` leaves of this one."""
        edge, start = list(self.edge.edge), 0
        for level in range(_RUN_LEVEL, -1, -1):
            if count >> level & 1:
                cell = (start >> level) * WIDTH
                edge.append((level, levels[level][cell : cell + WIDTH]))
                start += 1 << level
        return Frontier(self.h, count, edge).root()

    def _gap(self, leaf: int, expected: int) -> Finding:
        template = "Expected place %(expected)s of the log, found %(found)s: a committed fact is missing."
        return Finding(self._place(leaf), template, {"expected": expected, "found": leaf}, LOG)

    def _not_committed(self, leaf: int) -> Finding:
        template = "The fact is not the one that was committed to the log at place %(leaf)s."
        return Finding(self._place(leaf), template, {"leaf": leaf}, LOG)

    def _place(self, leaf: int) -> str:
        query = select(t.history.c.stream, t.history.c.seq).where(t.history.c.leaf == leaf)
        row = self.connection.execute(query.order_by(t.history.c.stream, t.history.c.seq)).first()
        return f"{row.stream}#{row.seq}" if row else f"log#{leaf}"


def _nodes_joined(connection: Connection) -> Select[Any]:
    """The nodes of a ``level`` from the ``first`` to the ``last``, as one piece of bytes."""
    column = t.log_node.c
    within = (
        column.level == bindparam("level"),
        column.position >= bindparam("first"),
        column.position <= bindparam("last"),
    )
    if connection.dialect.name == "postgresql":
        joined = func.string_agg(column.hash, aggregate_order_by(literal_column("''::bytea"), column.position))
        return select(joined).where(*within)
    # SQLite joins texts, and takes bytes for text without looking at them. It has them by their key and so in order;
    # in another order they would not be found the same, and then be looked at one by one.
    return select(cast(func.group_concat(column.hash, literal_column("''")), LargeBinary)).where(*within)
