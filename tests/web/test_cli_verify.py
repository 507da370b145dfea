"""The operator's check in the terminal: what is whole, what is broken and by which means, cases run again, a report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.history.checkpoint import FileSigner
from engine.store import tables as t
from tests.store.test_log import SIGNER, commit
from tests.world import World
from web.cli import main


@pytest.fixture
def operated(world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    monkeypatch.setenv("SHANGMEN_DATABASE", world.platform.database.engine.url.render_as_string(hide_password=False))
    monkeypatch.chdir(tmp_path)
    case = world.start()
    world.complete(case, "check", outcome="forward")
    Path("kept").write_text(commit(world) or "")
    Path("key").write_text(SIGNER.verifier + "\n")
    return world


@pytest.mark.parametrize("kind", [[], ["--seals"]])
def test_a_whole_record_is_whole_with_its_key_and_the_head_kept_outside(
    operated: World, kind: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["verify", *kind, "--head", "kept", "--key", "key"])

    assert ": whole\n" in capsys.readouterr().out


def test_heads_of_another_key_are_named(operated: World, capsys: pytest.CaptureFixture[str]) -> None:
    Path("key").write_text(FileSigner("test.example/log", bytes(32)).verifier)

    with pytest.raises(SystemExit):
        main(["verify", "--seals", "--head", "kept", "--key", "key"])

    out = capsys.readouterr().out
    assert "kept head 1: A head is not signed with the key of this log." in out
    assert "checkpoint " in out


def test_the_report_names_place_and_means_and_the_cases_run_again(operated: World) -> None:
    with operated.platform.database.write() as connection:
        connection.execute(t.instance.update().values(title="another"))

    with pytest.raises(SystemExit):
        main(["verify", "--re-execute", "--since", "2026-03-01", "--report", "report"])

    report = json.loads(Path("report").read_text())
    assert [(f["place"].split()[0], f["means"]) for f in report["findings"]] == [("instance", "rows")]
    assert report["run_again"]["cases"] == 1
    assert report["run_again"]["commands"] == 2
    assert report["run_again"]["differences"] == {}


def test_cases_in_which_nothing_happened_since_are_not_run_again(operated: World) -> None:
    main(["verify", "--re-execute", "--since", "2026-03-03", "--report", "report"])

    assert json.loads(Path("report").read_text())["run_again"]["cases"] == 0
