"""Check the Merkle log: every logged fact at its place, every node right, every head the root it states, and signed.

The tree is computed anew from the facts' seals, a run of leaves at a time: of each run all levels at once, then the
few nodes above. So a fact costs little more than its two hashes, and memory does not grow with the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from engine.history.checkpoint import is_signed_by, read_checkpoint
from engine.history.merkle import Frontier, Hash, hash_suite
from engine.queries.finding import LOG, Finding
from engine.store import tables as t

_RUN_LEVEL = 14
_RUN = 1 << _RUN_LEVEL
_WIDTH = 32  # bytes of a hash, in either suite


def check_log(
    connection: Connection, suite: str = "", keys: Iterable[str] = (), kept: Iterable[str] = ()
) -> Iterator[Finding]:
    """What is wrong with the log, if anything. ``keys``: heads must be signed by one of these (``name+id+base64``).

    ``kept`` are heads that were exported and kept outside: only they give away that the whole log was made anew.
    """
    yield from _Check(connection, hash_suite(suite), tuple(keys), tuple(kept)).run()


class _Check:
    """One pass over the leaves. ``edge`` holds the complete runs before the one at hand."""

    def __init__(self, connection: Connection, h: Hash, keys: tuple[str, ...], kept: tuple[str, ...]) -> None:
        self.connection, self.h, self.keys = connection, h, keys
        heads = [(f"checkpoint {row.size}", row.size, row.note) for row in connection.execute(select(t.checkpoint))]
        heads += [(f"kept head {number}", None, note) for number, note in enumerate(kept, 1)]
        self.heads: list[tuple[int, str, bytes]] = []  # (size, place, root it states), largest first
        self.unreadable: list[Finding] = []
        for place, size, note in heads:
            self._read_head(place, size, note)
        self.heads.sort(reverse=True)
        self.edge = Frontier(h)

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
            rows = self._leaves(size)
            wrong = next((n for n, row in enumerate(rows) if row.leaf != size + n), None)
            levels = self._levels([row.seal for row in rows[:wrong]])
            found = self._compare(size, levels)
            if found is not None:
                yield found
                return
            yield from self._check_heads(size, levels)
            if wrong is not None:
                yield self._gap(rows[wrong].leaf, size + wrong)
                return
            size += len(rows)
            if len(rows) < _RUN:
                break
            for level, position, value in self.edge.append(levels[_RUN_LEVEL]):
                if level and self._stored(level + _RUN_LEVEL, position, position) != value:
                    yield self._not_committed(position << (level + _RUN_LEVEL))
                    return
        nodes = self.connection.execute(select(func.count()).select_from(t.log_node)).scalar_one()
        if nodes != 2 * size - size.bit_count() or self.heads:
            yield Finding(f"log#{size}", "The log holds more than the history: committed facts are missing.", {}, LOG)

    def _leaves(self, start: int) -> list[Any]:
        query = (
            select(t.history.c.leaf, t.history.c.seal)
            .where(t.history.c.leaf >= start, t.history.c.leaf < start + _RUN)
            .order_by(t.history.c.leaf)
        )
        return list(self.connection.execute(query).all())

    def _levels(self, seals: list[str]) -> list[bytes]:
        """The hashes of each level over these leaves, complete nodes only, each level in one piece."""
        h = self.h
        levels = [b"".join([h(b"\x00" + _from_hex(seal)) for seal in seals])]
        for _ in range(_RUN_LEVEL):
            below = levels[-1]
            pairs = len(below) // (2 * _WIDTH) * (2 * _WIDTH)
            levels.append(b"".join([h(b"\x01" + below[n : n + 2 * _WIDTH]) for n in range(0, pairs, 2 * _WIDTH)]))
        return levels

    def _compare(self, start: int, levels: list[bytes]) -> Finding | None:
        """The first fact whose nodes are not those stored."""
        for level, computed in enumerate(levels):
            first = start >> level
            if computed:
                stored = self._stored(level, first, first + len(computed) // _WIDTH - 1)
                if stored != computed:
                    cells = range(0, len(computed), _WIDTH)
                    cell = next(n for n in cells if stored[n : n + _WIDTH] != computed[n : n + _WIDTH])
                    return self._not_committed((first + cell // _WIDTH) << level)
        return None

    def _stored(self, level: int, first: int, last: int) -> bytes:
        """The stored nodes of a level from one to another, in one piece: many times faster than row by row."""
        column = t.log_node.c
        within = (column.level == level, column.position >= first, column.position <= last)
        if self.connection.dialect.name == "postgresql":
            query = select(func.string_agg(column.hash, aggregate_order_by(literal(b""), column.position)))
            return bytes(self.connection.execute(query.where(*within)).scalar() or b"")
        ordered = select(column.hash).where(*within).order_by(column.position).subquery()
        query = select(func.group_concat(func.hex(ordered.c.hash), ""))
        return bytes.fromhex(self.connection.execute(query).scalar() or "")

    def _check_heads(self, start: int, levels: list[bytes]) -> Iterator[Finding]:
        size = start + len(levels[0]) // _WIDTH
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
                cell = (start >> level) * _WIDTH
                edge.append((level, levels[level][cell : cell + _WIDTH]))
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


def _from_hex(seal: str) -> bytes:
    try:
        return bytes.fromhex(seal)
    except ValueError:
        return b""  # changed into something that is no seal
