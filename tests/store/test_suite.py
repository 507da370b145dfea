"""A record is made with SHA-256 or with SM3, settled when it begins; all that is proven is proven with either."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.commands.sealing import commit_to_log
from engine.history import dossier_check, hashing
from engine.history.checkpoint import FileSigner, read_checkpoint
from engine.history.dossier_check import Wrong, check
from engine.queries.dossier import dossier
from engine.queries.reexecution import re_execute
from engine.store import tables as t
from engine.store.database import Database
from engine.store.directory import system_actor
from engine.store.run import Platform
from engine.store.suite import settle_suite
from tests.world import World

SIGNER = FileSigner("test.example/log", bytes(range(32)))


@pytest.fixture(autouse=True)
def afterwards() -> Iterator[None]:
    """What comes next hashes as before."""
    yield
    hashing.choose(hashing.FIRST)


@pytest.fixture
def world(database: Database) -> World:
    """A world whose record is made with SM3."""
    settle_suite(database, "sm3")
    return World(Platform(database)).furnish()


def lived(world: World) -> str:
    case = world.start(note="秘密")
    world.complete(case, "check", outcome="forward")
    world.platform.run(lambda uow: commit_to_log(uow, SIGNER), system_actor(), world.now)
    world.complete(case, "decide", "eve.east", outcome="forward")
    world.platform.run(lambda uow: commit_to_log(uow, SIGNER), system_actor(), world.now)
    return case


def data_of(world: World, case: str) -> dict[str, Any]:
    with world.platform.database.read() as connection:
        auditor = world.actor("north.auditor")
        made = dossier(connection, world.platform.known, auditor, case, masked=False, verifier=SIGNER.verifier)
    return json.loads(json.dumps(made.data))  # type: ignore[no-any-return]


def test_a_record_made_with_sm3_is_whole_and_proven(world: World) -> None:
    case = lived(world)

    with world.platform.database.read() as connection:
        first = connection.execute(select(t.history).where(t.history.c.stream == f"case:{case}", t.history.c.seq == 1))
        row = first.one()
        note = connection.execute(select(t.checkpoint.c.note).order_by(t.checkpoint.c.size.desc())).scalars().first()
        assert re_execute(connection, world.platform.known, case).difference is None
    assert row.seal == hashlib.new("sm3", b"\x02" + bytes(row.body)).hexdigest()
    assert world.verdict().findings == ()
    assert "\nhash sm3\n" in note
    assert read_checkpoint(note).suite == "sm3"
    data = data_of(world, case)
    assert data["suite"] == "sm3"
    assert len(data["earlier"]) == 1
    assert check(data, SIGNER.verifier).missing == ()


def test_a_record_made_with_sm3_gives_away_a_changed_byte(world: World) -> None:
    case = lived(world)
    with world.platform.database.write() as connection:
        where = (t.history.c.stream == f"case:{case}", t.history.c.seq == 2)
        body = bytes(connection.execute(select(t.history.c.body).where(*where)).scalar_one())
        connection.execute(t.history.update().where(*where).values(body=body.replace(b"u-", b"v-")))

    assert any(finding.place == f"case:{case}#2" for finding in world.verdict().findings)
    with pytest.raises(Wrong, match="#2"):
        check(data_of(world, case), SIGNER.verifier)


def test_a_dossier_cannot_pass_for_one_of_the_other_suite(world: World) -> None:
    data = data_of(world, lived(world))
    data["suite"] = "sha256"

    with pytest.raises(Wrong, match="checkpoint"):
        check(data, SIGNER.verifier)


def test_the_suite_is_settled_when_the_record_begins(database: Database) -> None:
    assert settle_suite(database, "sm3") == "sm3"
    World(Platform(database)).furnish()
    hashing.choose("sha256")

    assert settle_suite(database) == "sm3"
    assert hashing.suite() == "sm3"
    with pytest.raises(ValueError, match="expected sm3"):
        settle_suite(database, "sha256")


def test_a_record_that_was_begun_before_keeps_the_first_suite(database: Database) -> None:
    world = World(Platform(database)).furnish()

    with pytest.raises(ValueError, match="expected sha256"):
        settle_suite(database, "sm3")
    assert settle_suite(database) == "sha256"
    assert world.verdict().findings == ()


def test_a_suite_that_nobody_knows_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="expected one of sha256, sm3"):
        settle_suite(database, "md5")


def test_the_static_page_and_the_program_compute_the_same_sm3() -> None:
    script = Path(dossier_check.__file__).parents[2] / "web" / "templates" / "audit" / "dossier.js"
    source = re.search(r"  const turn = .*?\n  };\n", script.read_text(), re.DOTALL)
    assert source is not None
    contents = [bytes(range(256)) * 3] + [b"x" * size for size in (0, 1, 55, 56, 63, 64, 65, 119, 120, 1000)]
    program = (
        source[0]
        + "const hex = b => Array.from(b, x => x.toString(16).padStart(2, '0')).join('');"
        + "".join(f"console.log(hex(sm3(Uint8Array.from({list(content)}))));" for content in contents)
    )
    try:
        done = subprocess.run(["node", "-e", program], capture_output=True, text=True, check=True)
    except FileNotFoundError:
        pytest.skip("node is not on this machine")
    assert done.stdout.split() == [hashlib.new("sm3", content).hexdigest() for content in contents]
