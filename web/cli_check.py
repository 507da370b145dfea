"""``shangmen lint`` and ``shangmen diff``: the studio's checks for people who work with files; no database."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.definition.bundle import Bundle, read_folder, read_zip
from engine.definition.diff import compare
from engine.definition.finding import Finding
from engine.definition.floor import check_floor, floor_of
from engine.definition.lint import lint
from engine.definition.overlay import lay_over
from engine.quarantine import quarantine


def add_commands(commands: Any, forms: Path) -> None:
    """Add ``lint`` and ``diff``. ``forms``: the folder in which the forms of procedure folders lie."""
    linted = commands.add_parser("lint", help="check a procedure folder or zip, and its floor; exits with 1 for errors")
    linted.add_argument("bundle", type=Path)
    linted.add_argument("--over", type=Path, help="the folder or zip of the organisation above, whose floor holds")
    linted.add_argument("--forms", type=Path, default=forms, help="where the forms of a folder lie")
    linted.set_defaults(run=_lint)
    compared = commands.add_parser("diff", help="what is different between two procedure folders or zips, in words")
    compared.add_argument("before", type=Path)
    compared.add_argument("after", type=Path)
    compared.add_argument("--forms", type=Path, default=forms, help="where the forms of a folder lie")
    compared.set_defaults(run=_diff)


def _read(path: Path, forms: Path) -> Bundle:
    bundle = read_folder(path, forms) if path.is_dir() else read_zip(path.read_bytes())
    quarantine(bundle.resources)
    return bundle


def _lint(options: argparse.Namespace) -> None:
    bundle = _read(options.bundle, options.forms)
    above = _read(options.over, options.forms).resources if options.over else {}
    if above and floor_of(bundle.resources) is not None:
        raise ValueError("expected no floor.toml in what lies over another, found one. Leave it out.")
    count = 0
    for finding in _findings(bundle, dict(above)):
        place = "/".join(part for part in (finding.process, finding.element) if part)
        sys.stdout.write(f"{finding.severity}: {place}: {finding}\n" if place else f"{finding.severity}: {finding}\n")
        count += finding.severity == "error"
    if count:
        sys.exit(1)


def _findings(bundle: Bundle, above: dict[tuple[str, str], bytes]) -> Iterator[Finding]:
    whole, main = lay_over(above, bundle.resources), str(bundle.manifest["process"])
    yield from lint(whole, main)
    floor = floor_of(above or bundle.resources)
    if floor is not None:
        yield from check_floor(main, whole, floor)


def _diff(options: argparse.Namespace) -> None:
    before, after = _read(options.before, options.forms), _read(options.after, options.forms)
    for change in compare(before.resources, after.resources):
        sys.stdout.write(f"{change.kind} {change.key}: {change}\n" if change.key else f"{change.kind}: {change}\n")
