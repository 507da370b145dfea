"""The archive step keeps the whole dossier as a file that the single program checks, and its digest in the case."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.commands import erasure
from engine.commands.sealing import commit_to_log
from engine.connectors.registry import connectors
from engine.history.checkpoint import FileSigner
from engine.history.dossier_check import Wrong, check_file
from engine.history.events import ConnectorFinished, IncidentRaised
from engine.store.directory import system_actor
from engine.store.reading import facts_of
from engine.worker import clean_after_erasure
from tests.world import World, flow, process, user_task

SIGNER = FileSigner("test.example/log", bytes(range(32)))


def archiving(requires: str) -> bytes:
    """Work for one person, then the archive."""
    body = '<startEvent id="begin"/>' + user_task("check")
    body += f'<serviceTask id="keep" name="keep" sm:connector="archive" sm:input="={{requires: [{requires}]}}"'
    body += ' sm:result="dossier"/><endEvent id="done" name="done"/>'
    return process("review", body + flow(1, "begin", "check") + flow(2, "check", "keep") + flow(3, "keep", "done"))


def archived(make_world: Callable[..., World], folder: Path, requires: str) -> tuple[World, str]:
    world = make_world(archiving(requires.replace('"', "&quot;")))
    world.connectors = connectors(folder)
    case = world.start(note="秘密")
    world.complete(case, "check", outcome="forward")
    world.platform.run(lambda uow: commit_to_log(uow, SIGNER), system_actor(), world.now)
    world.wait(minutes=1)
    return world, case


def test_the_dossier_lies_in_the_archive_and_its_digest_in_the_case(
    make_world: Callable[..., World], tmp_path: Path
) -> None:
    world, case = archived(make_world, tmp_path, '"check"')

    (file,) = (tmp_path / "archive").iterdir()
    with world.platform.database.read() as connection:
        (done,) = [f.event for f in facts_of(connection, f"case:{case}") if isinstance(f.event, ConnectorFinished)]
    kept = done.result.get("dossier", done.result)
    assert kept["digest"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert "秘密" in file.read_text()
    assert check_file(file.read_bytes(), SIGNER.verifier).missing == ()
    with pytest.raises(Wrong, match="#1"):
        check_file(file.read_bytes().replace("秘密".encode(), "公开".encode()), SIGNER.verifier)
    assert world.verdict().findings == ()


def test_what_is_missing_keeps_the_case_from_the_archive(make_world: Callable[..., World], tmp_path: Path) -> None:
    world, case = archived(make_world, tmp_path, '"check", "seal"')

    assert not (tmp_path / "archive").exists()
    with world.platform.database.read() as connection:
        (stuck,) = [f.event for f in facts_of(connection, f"case:{case}") if isinstance(f.event, IncidentRaised)]
    assert stuck.params["missing"] == "seal"


def test_erasing_the_case_takes_the_dossier_out_of_the_archive(
    make_world: Callable[..., World], tmp_path: Path
) -> None:
    world, case = archived(make_world, tmp_path, '"check"')
    for who, command in (
        ("root.admin", lambda uow: erasure.request_erasure(uow, case, "x", "y")),
        ("north.auditor", lambda uow: erasure.erase_answers(uow, case)),
    ):
        world.platform.run(command, world.actor(who), world.now)

    clean_after_erasure(world.platform, world.connectors, world.now)

    assert list((tmp_path / "archive").iterdir()) == []
    assert world.verdict().findings == ()
