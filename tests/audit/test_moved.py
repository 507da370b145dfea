"""A case that was moved proves itself like any other: its dossier holds the files of every version it followed."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from engine.history.dossier_check import Wrong, check
from tests.audit.test_dossier import SIGNER, commit, data_of
from tests.commands.test_migrations import EXTRA, move, newer
from tests.world import World


@pytest.fixture
def moved(world: World) -> str:
    case = world.start(note="秘密")
    newer(world, EXTRA.replace(b'"check"', b'"look"'))
    move(world, case, {"check": "look"}, reason="王五要求")
    world.complete(case, "look", outcome="forward")
    commit(world)
    return case


@pytest.mark.parametrize("masked", [False, True])
def test_the_dossier_of_a_moved_case_is_whole(world: World, moved: str, masked: bool) -> None:
    data = data_of(world, moved, masked=masked)

    check(data, SIGNER.verifier)

    kept = {item["id"] for item in data["resources"]}
    assert {"root:review:process:review@1", "root:review:process:review@2"} <= kept


@pytest.mark.parametrize("version", [1, 2])
def test_a_file_of_either_version_that_is_missing_or_changed_is_found(world: World, moved: str, version: int) -> None:
    data: Any = data_of(world, moved)
    name = f"root:review:process:review@{version}"
    item = next(item for item in data["resources"] if item["id"] == name)
    item["content"] = base64.b64encode(b"other").decode()
    with pytest.raises(Wrong, match="published"):
        check(data, SIGNER.verifier)
    data["resources"].remove(item)
    with pytest.raises(Wrong, match="missing"):
        check(data, SIGNER.verifier)


def test_a_masked_dossier_does_not_say_why_a_case_was_moved(world: World, moved: str) -> None:
    assert "王五" not in str(data_of(world, moved, masked=True))
    assert "王五" in str(data_of(world, moved))
