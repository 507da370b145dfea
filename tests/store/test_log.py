"""Every fact finds its place in the Merkle log, heads are signed, and what was committed cannot be rewritten unseen."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from sqlalchemy import select

from engine.commands.sealing import commit_to_log
from engine.history.checkpoint import FileSigner, is_signed_by, read_checkpoint
from engine.history.merkle import (
    consistency_proof,
    hash_suite,
    inclusion_proof,
    is_consistent,
    leaf_hash,
    root_from_inclusion,
)
from engine.history.seal import canonical, seal
from engine.store import tables as t
from engine.store.directory import system_actor
from engine.store.log import place_of, prove_inclusion, read_node
from tests.world import World

SIGNER = FileSigner("test.example/log", bytes(range(32)))
H = hash_suite("sha256")


def commit(world: World) -> str | None:
    return world.platform.run(lambda uow: commit_to_log(uow, SIGNER), system_actor(), world.now)


def test_new_facts_come_under_a_signed_head_and_nothing_new_gives_none(world: World) -> None:
    first = commit(world)
    world.start()
    second = commit(world)

    assert first is not None
    assert second is not None
    assert read_checkpoint(second).size > read_checkpoint(first).size
    assert is_signed_by(second, SIGNER.verifier)
    assert not is_signed_by(second, FileSigner("test.example/log", bytes(32)).verifier)
    assert not is_signed_by(second.replace("1", "2"), SIGNER.verifier)
    assert commit(world) is None


def test_each_fact_is_shown_to_be_in_and_the_log_continues_itself(world: World) -> None:
    old = read_checkpoint(commit(world) or "")
    case = world.start()
    world.complete(case, "check", outcome="forward")
    new = read_checkpoint(commit(world) or "")

    with world.platform.database.read() as connection:
        node = lambda level, position: read_node(connection, level, position)
        rows = connection.execute(select(t.history.c.stream, t.history.c.seq, t.history.c.seal)).all()
        for row in rows:
            place = place_of(connection, row.stream, row.seq)
            assert place is not None
            leaf = leaf_hash(H, bytes.fromhex(row.seal))
            proof = inclusion_proof(H, node, place, new.size)
            assert root_from_inclusion(H, leaf, place, new.size, proof) == new.root
            assert prove_inclusion(connection, H, place, new.size) == proof, "one query finds the same nodes"
        proof = consistency_proof(H, node, old.size, new.size)
        assert is_consistent(H, old.size, old.root, new.size, new.root, proof)
    assert len(rows) == new.size


def test_a_stream_rewritten_whole_no_longer_fits_the_head_kept_outside(world: World) -> None:
    case = world.start()
    kept = read_checkpoint(commit(world) or "")
    with world.platform.database.read() as connection:
        node = lambda level, position: read_node(connection, level, position)
        place = place_of(connection, f"case:{case}", 1)
        assert place is not None
        proof = inclusion_proof(H, node, place, kept.size)

    forged = leaf_hash(H, bytes(32))

    assert root_from_inclusion(H, forged, place, kept.size, proof) != kept.root


def test_verify_sees_a_committed_stream_that_was_rewritten_whole(world: World) -> None:
    world.start()
    commit(world)
    assert world.verdict().findings == ()

    _reseal_everything(world)

    assert [finding.place for finding in world.verdict().findings][:1] == [_first_fact(world)]


def test_verify_sees_a_forged_head_and_a_missing_node(world: World) -> None:
    world.start()
    note = commit(world) or ""
    for table, change in (
        (t.checkpoint, t.checkpoint.update().values(note=note.replace("=", "A=", 1))),
        (t.log_node, t.log_node.delete().where(t.log_node.c.level == 0, t.log_node.c.position == 2)),
    ):
        with world.platform.database.read() as connection:
            rows = [dict(row) for row in connection.execute(select(table)).mappings()]
        with world.platform.database.write() as connection:
            connection.execute(change)
        assert world.verdict().findings, table.name
        with world.platform.database.write() as connection:
            connection.execute(table.delete())
            connection.execute(table.insert(), rows)
    assert world.verdict().findings == ()


def _first_fact(world: World) -> str:
    with world.platform.database.read() as connection:
        row = connection.execute(select(t.history).where(t.history.c.leaf == 0)).one()
    return f"{row.stream}#{row.seq}"


def _reseal_everything(world: World) -> None:
    """A thorough forger: another time in every fact, and every seal and head computed anew."""
    with world.platform.database.write() as connection:
        previous: dict[str, str] = {}
        for row in connection.execute(select(t.history).order_by(t.history.c.stream, t.history.c.seq)).all():
            body = json.loads(row.body)
            body["at"] = "2026-03-02T01:00:01+00:00"
            new = canonical(body)
            previous[row.stream] = seal(previous.get(row.stream, ""), new)
            connection.execute(
                t.history.update()
                .where(t.history.c.stream == row.stream, t.history.c.seq == row.seq)
                .values(body=new, seal=previous[row.stream], at=datetime.fromisoformat(body["at"]))
            )
        for stream, head in previous.items():
            connection.execute(t.stream.update().where(t.stream.c.id == stream).values(seal=head))
            connection.execute(t.instance.update().where("case:" + t.instance.c.id == stream).values(seal=head))


@pytest.mark.parametrize("text", ["", "a\n1\n", "a\nx\nAA==\n\n", "\n1\nAA==\n\n"])
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_checkpoint(text)
