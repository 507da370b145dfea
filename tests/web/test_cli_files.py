"""``shangmen lint``, ``diff`` and ``publish`` with what people hand them: refused with what to do, or read as the
studio reads it. Each refusal has its twin: the same folder without the fault passes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.store.run import Platform
from tests.web.conftest import ERRAND
from tests.web.studio.test_studio import AsPerson, deployments
from web.cli import main

FORMS = ERRAND / "forms"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A procedure folder with its forms inside, as ``shangmen export`` writes it."""
    shutil.copytree(ERRAND, tmp_path / "errand")
    return tmp_path / "errand"


def rewritten(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(change((folder / name).read_bytes()))


def gbk(content: bytes) -> bytes:
    return content.decode().encode("gbk")


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "no manifest": (lambda folder: (folder / "bundle.toml").unlink(), "Expected bundle.toml in errand"),
    "no main diagram": (lambda folder: (folder / "errand.bpmn").unlink(), r"Expected the diagram errand\.bpmn"),
    "broken manifest": (rewritten("bundle.toml", lambda _: b"x = ["), "Expected TOML in bundle.toml"),
    "manifest in GBK": (rewritten("bundle.toml", gbk), "perhaps GBK, in line"),
    "words in GBK": (rewritten("words.en.toml", gbk), r"words\.en\.toml but found another encoding"),
    "diagram in GBK": (rewritten("errand.bpmn", gbk), "Expected well-formed XML"),
    "unknown file": (lambda folder: (folder / "notes.xlsx").write_bytes(b"x"), r"found notes\.xlsx\. Leave it out"),
    "the same file below": (
        lambda folder: shutil.copytree(folder / "forms/errand", folder / "forms/again"),
        "Expected every key once",
    ),
    "a link": (lambda folder: (folder / "a.bpmn").symlink_to("/etc/passwd"), r"a\.bpmn is a link"),
    "a link to a folder": (lambda folder: (folder / "scenarios").symlink_to("/etc"), "scenarios is a link"),
    "a link to nowhere": (lambda folder: (folder / "a.bpmn").symlink_to("/nowhere"), r"a\.bpmn is a link"),
    "a pipe": (lambda folder: os.mkfifo(folder / "a.bpmn"), r"a\.bpmn is a link or a device"),
    "a huge file": (lambda folder: (folder / "a.bpmn").write_bytes(b" " * 2_000_001), r"a\.bpmn is larger"),
    "too many files": (
        lambda folder: [(folder / f"t{n}.dmn").write_bytes(b"") for n in range(200)],
        "Expected at most 200 files",
    ),
    "no forms": (lambda folder: shutil.rmtree(folder / "forms"), "Expected the forms in forms/"),
}


@pytest.mark.parametrize(
    ("fault", "command"),
    [
        (fault, command)
        for fault in FAULTS
        for command in ("lint", "diff", "publish")
        if command == "lint" or fault != "no main diagram"  # what an organisation overrides is seldom everything
    ],
)
def test_a_folder_that_is_none_is_refused_with_what_to_do(
    folder: Path, platform: Platform, monkeypatch: pytest.MonkeyPatch, fault: str, command: str
) -> None:
    monkeypatch.setenv("SHANGMEN_DATABASE", platform.database.url)
    monkeypatch.setattr("web.cli.FORMS", folder.parent / "library")
    break_it, said = FAULTS[fault]
    break_it(folder)
    asked = {"lint": [], "diff": [str(ERRAND)], "publish": ["--as", "admin", "--tenant", "hq"]}[command]

    with pytest.raises(SystemExit, match=rf"^shangmen: .*{said}.*\.$") as refused:
        main([command, str(folder), *asked])

    assert refused.value.code not in (0, None)
    assert deployments(platform) == 1


def test_the_same_folder_without_a_fault_passes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["lint", str(folder)])
    main(["diff", str(folder), str(folder)])

    assert "error" not in capsys.readouterr().out


def test_what_notepad_puts_before_a_text_does_no_harm(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("bundle.toml", "words.en.toml", "duties.toml", "forms/errand/check.form.json"):
        rewritten(name, lambda content: b"\xef\xbb\xbf" + content)(folder)

    main(["lint", str(folder)])
    main(["diff", str(ERRAND), str(folder), "--forms", str(FORMS)])

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("duties.toml", "duties.toml"),
        ("words.en.toml", "words.en.toml"),
        ("forms/errand/check.form.json", "This is not JSON"),
        ("scenarios/one.toml", "scenarios/one.toml"),
    ],
)
def test_lint_reads_every_file_that_the_studio_reads(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"{")

    with pytest.raises(SystemExit) as refused:
        main(["lint", str(folder)])

    assert refused.value.code == 1
    assert said in capsys.readouterr().out


@pytest.mark.parametrize("path", ["/dev/zero", "nowhere", "/etc/passwd"])
def test_what_is_neither_folder_nor_archive_is_refused(path: str) -> None:
    with pytest.raises(SystemExit, match=r"(?i)expected a"):
        main(["lint", path])


def test_two_procedures_are_not_compared(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rewritten("bundle.toml", lambda content: content.replace(b'procedure = "errand"', b'procedure = "other"'))(folder)

    with pytest.raises(SystemExit, match="found errand and other"):
        main(["diff", str(ERRAND), str(folder), "--forms", str(FORMS)])
    with pytest.raises(SystemExit, match="found other and errand"):
        main(["lint", str(folder), "--over", str(ERRAND), "--forms", str(FORMS)])
    assert capsys.readouterr().out == ""


def test_what_an_organisation_overrides_is_checked_over_what_is_above(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder without the main diagram: read with ``--over``, refused without."""
    (folder / "errand.bpmn").unlink()
    over = [str(folder), "--over", str(ERRAND), "--forms", str(FORMS)]
    main(["lint", *over])
    (folder / "forms/errand/check.form.json").write_bytes(b"{")

    with pytest.raises(SystemExit):
        main(["lint", *over])
    assert "This is not JSON" in capsys.readouterr().out


def test_an_exported_folder_is_published_with_its_own_forms(
    folder: Path, platform: Platform, as_person: AsPerson, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The forms of the folder count, not those that lie in the library under the same name."""
    monkeypatch.setenv("SHANGMEN_DATABASE", platform.database.url)
    monkeypatch.setattr("web.cli.FORMS", FORMS)
    main(["export", "errand", "hq", str(tmp_path / "out")])
    form = tmp_path / "out" / "forms" / "check.form.json"
    form.write_text(form.read_text("utf-8").replace("意见", "看法"), "utf-8")

    main(["publish", str(tmp_path / "out"), "--as", "admin", "--tenant", "hq", "--title", "改表"])
    admin2 = as_person("admin2")
    page = admin2.get("/studio/proposals").follow(r"/studio/proposals/[0-9a-f]+$")

    assert "看法" in page.text


def test_publish_says_what_is_missing(
    folder: Path, platform: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SHANGMEN_DATABASE", platform.database.url)
    with pytest.raises(SystemExit, match="found nowhere"):
        main(["publish", str(folder), "--as", "admin", "--tenant", "nowhere"])
    with pytest.raises(SystemExit, match="Expected something new"):
        main(["publish", str(folder), "--as", "admin"])
    rewritten("bundle.toml", lambda content: content.replace(b'tenant = "hq"\n', b""))(folder)
    with pytest.raises(SystemExit, match="--tenant"):
        main(["publish", str(folder), "--as", "admin"])
    assert deployments(platform) == 1


def test_at_set_up_the_same_is_checked(folder: Path, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the studio would refuse is refused at set-up, too, where nobody approves."""
    monkeypatch.setenv("SHANGMEN_DATABASE", platform.database.url)
    rewritten("bundle.toml", lambda content: content.replace(b'procedure = "errand"', b'procedure = "second"'))(folder)
    whole = (folder / "errand.bpmn").read_text("utf-8")
    (folder / "errand.bpmn").write_text(whole.replace('sm:role="reviewer"', ""), "utf-8")

    with pytest.raises(SystemExit, match="Expected"):
        main(["publish", str(folder), "--tenant", "hq"])
    assert deployments(platform) == 1

    (folder / "errand.bpmn").write_text(whole, "utf-8")
    main(["publish", str(folder), "--tenant", "hq"])
    assert deployments(platform) == 2
