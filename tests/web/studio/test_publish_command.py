"""``shangmen publish`` proposes in a person's name; only the first of a procedure, at set-up, is published at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.store.run import Platform
from tests.web.studio.test_studio import AsPerson, deployments, packed, with_longer_name
from web.cli import main


@pytest.fixture
def file(tmp_path: Path, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHANGMEN_DATABASE", platform.database.url)
    (tmp_path / "bundle.zip").write_bytes(with_longer_name())
    return tmp_path / "bundle.zip"


def test_it_proposes_in_the_name_of_an_administrator_and_somebody_else_approves(
    file: Path, platform: Platform, as_person: AsPerson, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["publish", str(file), "--as", "admin", "--title", "改名", "--tenant", "hq"])

    assert deployments(platform) == 1
    path = capsys.readouterr().out.split("proposed: ")[1].split(" ")[0]
    assert not as_person("admin").get(path).tree.xpath("//form[contains(@action, '/approve')]")
    as_person("admin2").get(path).submit("/approve$")
    assert deployments(platform) == 2


def test_the_name_is_asked_for(file: Path, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr("builtins.input", lambda prompt: asked.append(prompt) or "admin")

    main(["publish", str(file), "--tenant", "hq"])

    assert asked
    assert deployments(platform) == 1


@pytest.mark.parametrize("login", ["chief", "admin.a", "nobody"])
def test_who_does_not_administer_the_organisation_is_refused(file: Path, platform: Platform, login: str) -> None:
    with pytest.raises(SystemExit, match="administrator of hq"):
        main(["publish", str(file), "--as", login, "--tenant", "hq"])
    assert deployments(platform) == 1


def test_at_set_up_the_first_of_a_procedure_is_published(
    platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHANGMEN_DATABASE", platform.database.url)
    manifest = Path(__file__).parents[1].joinpath("errand/bundle.toml").read_bytes()
    new = manifest.replace(b'procedure = "errand"', b'procedure = "second"')
    assert new != manifest
    (tmp_path / "second.zip").write_bytes(packed(bundle__toml=new))

    main(["publish", str(tmp_path / "second.zip"), "--tenant", "hq"])

    assert deployments(platform) == 2
