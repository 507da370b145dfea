"""The built scripts: complete, small, free of other hosts, and made from a lock file that names no address."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from web.assets_build import DIST, FRONTEND, is_fresh, read_manifest

ROOT = Path(__file__).parents[2]
NOT_BUILT = "no built assets: install the project from its source tree (pip install -e .)"

built = pytest.mark.skipif(not read_manifest(), reason=NOT_BUILT)


def entries() -> set[str]:
    return {file.name for file in (FRONTEND / "src").iterdir() if file.suffix in {".js", ".css"}}


@built
def test_every_entry_is_in_the_manifest_and_its_files_exist() -> None:
    manifest = read_manifest()

    assert set(manifest) == entries()
    for found in manifest.values():
        for name in [found["file"], *found["css"], *found["imports"]]:
            assert (DIST / name).is_file(), name


@built
def test_the_built_files_are_those_of_these_sources() -> None:
    assert is_fresh(), "the sources changed: run python web/assets_build.py"


def files_of(entry: str) -> set[str]:
    found = read_manifest()[entry]
    return {found["file"], *found["css"], *found["imports"]}


def is_editor(entry: str) -> bool:
    """An editor brings a library of bpmn.io's; every other page is light."""
    return entry.startswith("edit-")


@built
def test_scripts_contact_no_other_host() -> None:
    """Our own name none at all. The libraries name XML namespaces, their makers and pages of help; that no editor asks
    another host for anything is seen in the browser (``tab.complaints``)."""
    allowed = {"http://www.w3.org/2000/svg"}
    for entry in read_manifest():
        for name in files_of(entry) if not is_editor(entry) else ():
            assert set(re.findall(r"https?://[^\s\"'`)]+", (DIST / name).read_text("utf-8"))) <= allowed, name


@built
def test_a_page_brings_little_over_the_wire_and_an_editor_what_it_needs() -> None:
    for entry in read_manifest():
        size = sum(len(gzip.compress((DIST / name).read_bytes(), 9)) for name in files_of(entry))
        assert size < (500_000 if is_editor(entry) else 15_000), (entry, size)


@built
def test_every_library_of_the_editors_is_named_with_its_licence() -> None:
    named = (DIST / "THIRD_PARTY_LICENSES.txt").read_text("utf-8")

    for library in ("bpmn-js", "diagram-js", "diagram-js-minimap", "bpmn-js-i18n-zh", "bpmn-moddle"):
        assert re.search(rf"^=== {library} \d", named, re.MULTILINE), library
    assert "(undefined)" not in named, "a package that names no licence"
    assert "bpmn.io" in named


def test_the_lock_file_records_checksums_and_no_download_address() -> None:
    lock = json.loads((FRONTEND / "package-lock.json").read_text("utf-8"))

    packages = {path: found for path, found in lock["packages"].items() if path}
    assert packages
    for path, found in packages.items():
        assert found["integrity"].startswith("sha512-"), path
        assert "resolved" not in found, path


@built
@pytest.mark.slow
def test_the_wheel_holds_assets_and_procedures_but_no_sources_of_scripts(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="the package hatchling is not installed: pip install hatchling")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)], cwd=ROOT, check=True,
        capture_output=True,
    )  # fmt: skip

    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())

    assert "web/static/dist/manifest.json" in names
    assert "web/static/dist/THIRD_PARTY_LICENSES.txt" in names
    for folder in ("web/templates", "web/help", "web/translations", "forms/library", "processes", "engine/store"):
        for file in (ROOT / folder).rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts:
                assert file.relative_to(ROOT).as_posix() in names
    assert not [name for name in names if name.startswith(("web/frontend", "tests/")) or "node_modules" in name]
    for found in read_manifest().values():
        assert f"web/static/dist/{found['file']}" in names
