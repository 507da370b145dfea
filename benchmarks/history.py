"""What a provable history costs: checking a million facts, sealing in a step, the proof of one fact.

Run ``python -m benchmarks.history [facts] [rounds]``. Beside each time stands what anybody's machine can be compared
with: reading and hashing the same bytes and nothing else, or the same step without its seals. Of PostgreSQL the
processor time is that of this process; what its server computes meanwhile comes on top and shows by the clock. The
load is how many wanted a processor in the last minute: where there are more than processors, all of it takes longer.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from statistics import median
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection, select

from benchmarks.completion import Work
from benchmarks.databases import each_database
from benchmarks.many import SIGNER, fill, size_of
from engine.commands.sealing import commit_to_log
from engine.history import events as e
from engine.history.checkpoint import read_checkpoint
from engine.history.facts import Fact, Sealed
from engine.history.merkle import hash_suite, leaf_hash, root_from_inclusion
from engine.queries.verify import verify, verify_seals
from engine.store import tables as t
from engine.store.database import Database
from engine.store.directory import system_actor
from engine.store.log import newest_checkpoint, place_of, prove_inclusion
from engine.store.plain_rows import Question

FACTS, ROUNDS = 1_000_000, 300
WHOLE_MAX = 100_000  # the rows of a million facts do not fit beside them in a small machine's memory

STEP = """| database | load | plain, CPU ms | values beside | sealed | seals add | both add | best ms | sealed | adds |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"""
COMMIT = """
| database | load | facts committed at once | µs each |
|---|---:|---:|---:|"""
CHECK = """
| database | checked | load | facts | CPU s | facts/s on one core | by the clock, s | × reading and hashing the same |
|---|---|---:|---:|---:|---:|---:|---:|"""
PROOF = """
| database | load | leaves | hashes | CPU ms, median | by the clock, best | median | 99 of 100 below |
|---|---:|---:|---:|---:|---:|---:|---:|"""


def _cpu_seconds(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


def _load() -> str:
    return f"{os.getloadavg()[0]:.0f}"


def _read_and_hash(connection: Connection) -> None:
    """The bare work: every row of the facts, values and nodes read once, and hashed once; nothing compared."""
    for table, first, last in ((t.history, 4, 5), (t.payload, 3, 5), (t.log_node, 2, 3)):
        query = select(table).order_by(*table.primary_key) if table is not t.log_node else select(table)
        for rows in Question(connection, query).batches(1000):
            for row in rows:
                sha256(b"".join(row[first:last])).digest()


def verification(database: Database, name: str) -> None:
    """Facts a second on one core, in turn with reading and hashing the same bytes and nothing else."""
    count = size_of(database)
    with database.read() as connection:
        for what, check in (("seals, digests, log", verify_seals), ("and every row by its facts", verify)):
            if check is verify and count > 2 * WHOLE_MAX:
                continue
            taken, bare, clock = [], [], []
            for _ in range(4):
                bare.append(_cpu_seconds(lambda: _read_and_hash(connection)))
                found: list[Any] = []
                began = time.perf_counter()
                taken.append(_cpu_seconds(lambda: found.append(check(connection, keys=[SIGNER.verifier]))))  # noqa: B023
                clock.append(time.perf_counter() - began)
                assert not found[0].findings, found[0].findings[:3]
            best, ratio = min(taken), median(one / other for one, other in zip(taken, bare, strict=True))
            print(
                f"| {name} | {what} | {_load()} | {count} | {best:.1f} | {count / best:,.0f} | {min(clock):.1f} "
                f"| {ratio:.1f} |",
                flush=True,
            )


def proofs(database: Database, name: str, rounds: int) -> None:
    """From the number of a fact to a proof that holds against the signed head."""
    h, times, worked = hash_suite("sha256"), [], []
    with database.read() as connection:
        head = read_checkpoint(newest_checkpoint(connection) or "")
        rows = connection.execute(
            select(t.history.c.stream, t.history.c.seq, t.history.c.seal).where(
                t.history.c.leaf.in_([head.size * 7919 * n // rounds % head.size for n in range(rounds)])
            )
        ).all()
        for row in rows:
            began, cpu = time.perf_counter(), time.process_time()
            place = place_of(connection, row.stream, row.seq)
            assert place is not None
            path = prove_inclusion(connection, h, place, head.size)
            leaf = leaf_hash(h, bytes.fromhex(row.seal))
            assert root_from_inclusion(h, leaf, place, head.size, path) == head.root
            times.append((time.perf_counter() - began) * 1000)
            worked.append((time.process_time() - cpu) * 1000)
    worst = sorted(times)[len(times) * 99 // 100]
    print(
        f"| {name} | {_load()} | {head.size} | {len(path)} | {median(worked):.2f} | {min(times):.2f} "
        f"| {median(times):.2f} | {worst:.2f} |"
    )


@contextmanager
def _unsealed(*, keep_beside: bool) -> Iterator[None]:
    """Without seals: facts as plain JSON, nothing hashed; personal values beside them only with ``keep_beside``."""

    def plain(fact: Fact, _previous: str, _new_salt: Callable[[], bytes]) -> Sealed:
        data = e.dump(fact.event)
        beside = sorted(fact.event.personal) if keep_beside else []
        values = tuple((name, b"", json.dumps(data.pop(name)).encode()) for name in beside)
        body = {
            "stream": fact.stream, "seq": fact.seq, "type": type(fact.event).__name__, "at": fact.at.isoformat(),
            "actor": fact.actor, "tenant": fact.tenant, "data": data, "state": fact.state,
        }  # fmt: skip
        return Sealed(fact, json.dumps(body).encode(), "", values)

    with patch("engine.store.unit_of_work.seal_fact", plain):
        yield


def sealing(work: Work, name: str, rounds: int) -> None:
    """One completed task with seals, in turn with one without."""
    kinds: dict[str, list[tuple[float, float]]] = {"sealed": [], "beside": [], "plain": []}
    for number in range(rounds + 20):
        for kind in sorted(kinds, key=lambda kind: (number + len(kind)) % 3):
            if kind == "sealed":
                taken = _one_step(work)
            else:
                with _unsealed(keep_beside=kind == "beside"):
                    taken = _one_step(work)
            if number >= 20:
                kinds[kind].append(taken)
    sealed, beside, plain = ([median(times) for times in zip(*kinds[kind], strict=True)] for kind in kinds)
    best = [min(wall for _, wall in kinds[kind]) for kind in ("plain", "sealed")]
    print(
        f"| {name} | {_load()} | {plain[0]:.2f} | {beside[0]:.2f} | {sealed[0]:.2f} "
        f"| {100 * (sealed[0] / beside[0] - 1):+.1f} % | {100 * (sealed[0] / plain[0] - 1):+.1f} % "
        f"| {best[0]:.2f} | {best[1]:.2f} | {100 * (sealed[1] / plain[1] - 1):+.1f} % |"
    )


def _one_step(work: Work) -> tuple[float, float]:
    """Milliseconds of this process, and by the clock."""
    task = work.start()
    began, wall = time.process_time(), time.perf_counter()
    work.complete(task)
    return (time.process_time() - began) * 1000, (time.perf_counter() - wall) * 1000


def committing(work: Work, name: str) -> None:
    """What the machine pays later for each fact that it commits to the log."""
    database = work.world.platform.database
    run = lambda: work.world.platform.run(lambda uow: commit_to_log(uow, SIGNER), system_actor(), work.world.now)  # noqa: E731
    run()
    for _ in range(200):
        work.complete(work.start())
    before = size_of(database)
    with database.read() as connection:
        pending = before - read_checkpoint(newest_checkpoint(connection) or "").size
    print(f"| {name} | {_load()} | {pending} | {_cpu_seconds(run) / pending * 1e6:.0f} |")


def main() -> None:
    """Print the tables."""
    facts = int(sys.argv[1]) if len(sys.argv) > 1 else FACTS
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS
    gc.freeze()
    print(STEP)
    for name, database in each_database():
        sealing(Work(database), name, rounds)
    print(COMMIT)
    for name, database in each_database():
        committing(Work(database), name)
    print(CHECK)
    for size in sorted({min(facts, WHOLE_MAX), facts}):
        for name, database in each_database():
            fill(database, size)
            verification(database, name)
            if size == facts:
                print(PROOF)
                proofs(database, name, 200)
                print(CHECK)


if __name__ == "__main__":
    main()
