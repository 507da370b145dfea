"""Which fact stands where in the Merkle log, noted while the facts are read in the order of their streams.

Reading them once more in the order of the log would take as long as everything else. The leaf hashes are kept in
a temporary file, 32 bytes a fact, so that memory does not grow with the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from mmap import mmap
from tempfile import TemporaryFile

from sqlalchemy import Connection, func, select

from engine.history import hashing
from engine.store import tables as t

WIDTH = 32
"""Bytes of a hash, in either suite."""


class Places:
    """The leaf hashes of the log, each at its place; empty until ``put`` has seen all facts."""

    def __init__(self, connection: Connection) -> None:
        size = connection.execute(select(func.max(t.history.c.leaf))).scalar()
        self.size = 0 if size is None else size + 1
        self._left = self.size
        self._is_whole = True
        self._hash = hashing.function()
        with TemporaryFile() as file:
            file.truncate(max(1, self.size * WIDTH))
            self._cells = mmap(file.fileno(), 0)

    def put(self, leaves: Sequence[int | None], seals: Sequence[bytes]) -> None:
        """Note facts: the place of each, None while it has none, and its seal."""
        new, cells = self._hash, self._cells
        placed = [leaf for leaf in leaves if leaf is not None]
        if not placed:
            return
        if min(placed) < 0 or max(placed) >= self.size:
            self._is_whole = False
            return
        self._left -= len(placed)
        for leaf, seal in zip(leaves, seals, strict=True):
            if leaf is not None:
                begin = leaf * WIDTH
                cells[begin : begin + WIDTH] = new(b"\x00" + seal).digest()

    @property
    def are_taken(self) -> bool:
        """Whether every place is taken by one fact. Two at one place leave another empty."""
        return self._is_whole and not self._left and (not self.size or self._cells.find(bytes(WIDTH)) < 0)

    def leaf_hashes(self, start: int, count: int) -> bytes:
        """The hashes of so many leaves, or as many as there are, in one piece."""
        return self._cells[start * WIDTH : min(start + count, self.size) * WIDTH]

    def close(self) -> None:
        """Give the file back."""
        self._cells.close()
