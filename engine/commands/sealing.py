"""Commit new facts to the Merkle log and sign its head. The machine does it every few seconds.

A fact is committed after its own transaction, so cases never wait for each other here. What is not yet
under a signed head that somebody keeps outside is protected by the chain of its stream alone.
"""

from __future__ import annotations

from engine.history import hashing
from engine.history.checkpoint import Checkpoint, Signer, signed
from engine.history.merkle import hash_suite, leaf_hash
from engine.store.log import keep_checkpoint, lock_log, read_frontier, unlogged, write_places
from engine.store.unit_of_work import UnitOfWork

BATCH_MAX = 20_000


def commit_to_log(uow: UnitOfWork, signer: Signer, suite: str = "") -> str | None:
    """Give the facts that have no place in the log yet (at most 20,000) the next places, and sign the new head.

    Returns the signed text, or None when there was nothing new.
    """
    lock_log(uow.connection)
    h = hash_suite(suite)
    rows = unlogged(uow.connection, BATCH_MAX)
    if not rows:
        return None
    frontier = read_frontier(uow.connection, h)
    places, nodes = [], []
    for stream, seq, seal in rows:
        places.append((stream, seq, frontier.size))
        nodes += frontier.append(leaf_hash(h, bytes.fromhex(seal)))
    write_places(uow.connection, places, nodes)
    note = signed(Checkpoint(signer.name, frontier.size, frontier.root(), suite or hashing.suite()), signer)
    keep_checkpoint(uow.connection, frontier.size, uow.now, note)
    return note
