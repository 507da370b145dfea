"""The Merkle tree against a naive one written from the standard's definition, exhaustively for small trees."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest

from engine.history import merkle as m

LEAVES_MAX = 40
H = m.hash_suite("sha256")
HASHES = [m.leaf_hash(H, bytes([n])) for n in range(LEAVES_MAX)]


def naive(hashes: Sequence[bytes]) -> bytes:
    """RFC 9162, section 2.1.1, word for word."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return hashlib.sha256(b"\x01" + naive(hashes[:k]) + naive(hashes[k:])).digest()


def stored(size: int) -> m.Node:
    frontier, nodes = m.Frontier(H), {}
    for one in HASHES[:size]:
        nodes.update({(level, index): value for level, index, value in frontier.append(one)})
    return lambda level, index: nodes[(level, index)]


@pytest.mark.parametrize("size", range(LEAVES_MAX + 1))
def test_the_root_is_the_standards(size: int) -> None:
    assert m.root(H, HASHES[:size]) == naive(HASHES[:size])


@pytest.mark.parametrize("size", range(1, LEAVES_MAX + 1))
def test_every_leaf_is_shown_to_be_in_and_no_other_is(size: int) -> None:
    node, whole = stored(size), naive(HASHES[:size])

    for index in range(size):
        proof = m.inclusion_proof(H, node, index, size)
        assert m.root_from_inclusion(H, HASHES[index], index, size, proof) == whole
        assert m.root_from_inclusion(H, HASHES[(index + 1) % LEAVES_MAX], index, size, proof) != whole
        for place in range(len(proof)):
            spoiled = [*proof[:place], b"\x00" * 32, *proof[place + 1 :]]
            assert m.root_from_inclusion(H, HASHES[index], index, size, spoiled) != whole
        with pytest.raises(ValueError, match="too long"):
            m.root_from_inclusion(H, HASHES[index], index, size, [*proof, b"\x00" * 32])
        if proof:
            with pytest.raises(ValueError, match="too short"):
                m.root_from_inclusion(H, HASHES[index], index, size, proof[:-1])


@pytest.mark.parametrize("size", range(1, LEAVES_MAX + 1))
def test_a_grown_tree_continues_each_older_one_and_a_changed_one_does_not(size: int) -> None:
    node, new = stored(size), naive(HASHES[:size])

    for old in range(1, size + 1):
        proof = m.consistency_proof(H, node, old, size)
        before = naive(HASHES[:old])
        assert m.is_consistent(H, old, before, size, new, proof)
        changed = naive([HASHES[-1], *HASHES[1:old]])
        assert not m.is_consistent(H, old, changed, size, new, proof)
        assert not m.is_consistent(H, old, before, size, naive([HASHES[-1], *HASHES[1:size]]), proof)
        if proof:
            assert not m.is_consistent(H, old, before, size, new, proof[:-1])
            assert not m.is_consistent(H, old, before, size, new, [b"\x00" * 32, *proof[1:]])
        assert not m.is_consistent(H, old, before, size, new, [*proof, b"\x00" * 32])


def test_an_unknown_suite_is_refused_and_sm3_hashes_as_the_standard_says() -> None:
    with pytest.raises(ValueError, match="md5"):
        m.hash_suite("md5")
    if "sm3" not in hashlib.algorithms_available:
        pytest.skip("this machine's OpenSSL has no SM3: install OpenSSL 1.1.1 or newer")

    assert m.hash_suite("sm3")(b"abc").hex().startswith("66c7f0f462eeedd9")
