"""Draws the pictures of README again: ``python -m tests.packaging.pictures``."""

from __future__ import annotations

import re
from pathlib import Path

import processes
from engine.definition.bpmn import read_diagram
from web.help import FOLDER
from web.render.diagram import picture

DRAWN = ("disability_assessment/intake_review",)


def draw(name: str) -> str:
    """The picture of a procedure's diagram as a file of its own, on white."""
    diagram = read_diagram((Path(next(iter(processes.__path__))) / f"{name}.bpmn").read_bytes())
    svg = str(picture(diagram, label=diagram.name))
    x, y, width, height = re.search(r'viewBox="(\S+) (\S+) (\S+) (\S+)"', svg).groups()  # type: ignore[union-attr]
    white = f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="#fff"/>'
    start = svg.index(">") + 1
    return svg[:start] + white + svg[start:] + "\n"


def path_of(name: str) -> Path:
    """Where the picture is kept."""
    return FOLDER / "pictures" / f"{name.rpartition('/')[2]}.svg"


if __name__ == "__main__":
    for wanted in DRAWN:
        path_of(wanted).write_text(draw(wanted), "utf-8")
