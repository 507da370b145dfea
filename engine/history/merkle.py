"""A Merkle tree over all sealed facts (RFC 9162, section 2): what was committed cannot be rewritten unseen.

Leaves are hashed as ``H(0x00 ‖ leaf)``, inner nodes as ``H(0x01 ‖ left ‖ right)``. A tree of ``n`` leaves is
split at the largest power of two below ``n``. Hashes are bytes; ``H`` is the installation's hash function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.history import hashing

Hash: TypeAlias = Callable[[bytes], bytes]
_LEAF, _NODE = b"\x00", b"\x01"


def hash_suite(name: str = "") -> Hash:
    """The hash function of a suite, by default of the one in use. Raises ``ValueError`` for an unknown one."""
    new = hashing.function(name)
    return lambda data: bytes(new(data).digest())


def leaf_hash(h: Hash, leaf: bytes) -> bytes:
    """The hash of a leaf."""
    return h(_LEAF + leaf)


def node_hash(h: Hash, left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return h(_NODE + left + right)


def _split(size: int) -> int:
    """The largest power of two smaller than ``size`` (at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)


def root(h: Hash, hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes; of none, the hash of nothing."""
    if not hashes:
        return h(b"")
    frontier = Frontier(h)
    for one in hashes:
        frontier.append(one)
    return frontier.root()


@dataclass
class Frontier:
    """The right edge of a growing tree: enough to append and to know the root. ``nodes``: (level, index) → hash."""

    h: Hash
    size: int = 0
    edge: list[tuple[int, bytes]] = field(default_factory=list)  # (level, hash) of complete subtrees, largest first

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf hash; returns the complete nodes that came into being: (level, index, hash)."""
        made = [(0, self.size, leaf)]
        level, index, value = 0, self.size, leaf
        while self.edge and self.edge[-1][0] == level:
            value = node_hash(self.h, self.edge.pop()[1], value)
            level, index = level + 1, index // 2
            made.append((level, index, value))
        self.edge.append((level, value))
        self.size += 1
        return made

    def root(self) -> bytes:
        """The root of the tree as it is now."""
        if not self.edge:
            return self.h(b"")
        value = self.edge[-1][1]
        for _, left in reversed(self.edge[:-1]):
            value = node_hash(self.h, left, value)
        return value


Node: TypeAlias = Callable[[int, int], bytes]
"""(level, index) → hash of a complete subtree of ``2**level`` leaves beginning at ``index * 2**level``."""


def subtree(h: Hash, node: Node, start: int, size: int) -> bytes:
    """The root of the leaves from ``start`` on, ``size`` of them, from stored complete nodes."""
    if size & (size - 1) == 0 and start % size == 0:
        return node(size.bit_length() - 1, start // size)
    left = _split(size)
    return node_hash(h, subtree(h, node, start, left), subtree(h, node, start + left, size - left))


def inclusion_proof(h: Hash, node: Node, index: int, size: int) -> list[bytes]:
    """The hashes that lead from leaf ``index`` to the root of the first ``size`` leaves."""
    if not 0 <= index < size:
        raise ValueError(f"expected a leaf of the first {size}, found {index}")
    path: list[bytes] = []
    start = 0
    while size > 1:
        left = _split(size)
        if index - start < left:
            path.append(subtree(h, node, start + left, size - left))
            size = left
        else:
            path.append(subtree(h, node, start, left))
            start, size = start + left, size - left
    return path[::-1]


def root_from_inclusion(h: Hash, leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that a proof leads to. Raises ``ValueError`` when the proof has the wrong length."""
    if not 0 <= index < size:
        raise ValueError(f"expected a leaf of the first {size}, found {index}")
    left_over, last, value = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ValueError("the proof is too long")
        if left_over & 1 or left_over == last:
            value = node_hash(h, sibling, value)
            while not left_over & 1 and left_over:
                left_over, last = left_over >> 1, last >> 1
        else:
            value = node_hash(h, value, sibling)
        left_over, last = left_over >> 1, last >> 1
    if last:
        raise ValueError("the proof is too short")
    return value


def consistency_proof(h: Hash, node: Node, old: int, size: int) -> list[bytes]:
    """The hashes that show that the tree of ``size`` leaves continues the one of ``old`` (RFC 9162, 2.1.4.1)."""
    if not 0 < old <= size:
        raise ValueError(f"expected an older size of 1 to {size}, found {old}")
    return _consistency(h, node, old, 0, size, whole=True)


def _consistency(h: Hash, node: Node, old: int, start: int, size: int, *, whole: bool) -> list[bytes]:
    if old == size:
        return [] if whole else [subtree(h, node, start, size)]
    left = _split(size)
    if old <= left:
        return [*_consistency(h, node, old, start, left, whole=whole), subtree(h, node, start + left, size - left)]
    return [
        *_consistency(h, node, old - left, start + left, size - left, whole=False),
        subtree(h, node, start, left),
    ]


def is_consistent(h: Hash, old: int, old_root: bytes, size: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that nothing of the old tree was changed (RFC 9162, 2.1.4.2)."""
    if not 0 < old <= size:
        return False
    if old == size:
        return not proof and old_root == new_root
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    fn, sn = old - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for value in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(h, value, fr), node_hash(h, value, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(h, sr, value)
        fn, sn = fn >> 1, sn >> 1
    return fr == old_root and sr == new_root and sn == 0
