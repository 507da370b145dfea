"""Sets words into the small boxes of a picture: how wide they are, where they may break, how large they fit.

A Chinese character is as wide as the letters are high, and a line may break after each; Latin words break
at spaces, and inside only where nothing else helps. Widths are estimates that are a little too wide.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LENGTH_MAX = 200  # what is longer is no name; setting it must not take for ever
_WIDE = frozenset("WF")
_NARROW = frozenset("iljtfrI.,:;|'!() ")
_CLOSING = frozenset("，。、；：？！）》」』”’%")  # never the first of a line
_PIECES = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|\s+|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+")


@dataclass(frozen=True, slots=True)
class Setting:
    """Lines and the size (in diagram units) to set them in."""

    lines: tuple[str, ...]
    size: float


def width(text: str, size: float) -> float:
    """How wide ``text`` is, in diagram units."""
    return size * sum(_em(character) for character in text)


def _em(character: str) -> float:
    if unicodedata.east_asian_width(character) in _WIDE:
        return 1.0
    if character in _NARROW:
        return 0.34
    return 0.68 if character.isupper() else 0.57


def is_chinese(text: str) -> bool:
    """Whether every letter of ``text`` is a full-width one (it may then be set from top to bottom)."""
    return bool(text) and all(unicodedata.east_asian_width(c) in _WIDE for c in text if not c.isspace())


def wrap(text: str, room: float, size: float) -> tuple[str, ...]:
    """``text`` in lines of at most ``room``. Chinese is spread evenly: 6 + 2 characters become 4 + 4."""
    if len(text) > LENGTH_MAX:
        text = text[:LENGTH_MAX] + "…"
    if is_chinese(text) and not re.search(r"\s", text):
        return _even(text, room, size)
    lines: list[str] = []
    line = ""
    for piece in _PIECES.findall(text):
        if piece.isspace():
            line += " " if line else ""
            continue
        if line and width(line + piece, size) > room and piece not in _CLOSING:
            lines.append(line.rstrip())
            line = ""
        while width(piece, size) > room and len(piece) > 1:
            cut = max(1, next((n for n in range(len(piece), 0, -1) if width(piece[:n], size) <= room), 1))
            lines.append(piece[:cut])
            piece = piece[cut:]
        line += piece
    return (*lines, line.rstrip()) if line.strip() else tuple(lines)


def _even(text: str, room: float, size: float) -> tuple[str, ...]:
    fitting = max(1, int(room // size))
    count = -(-len(text) // fitting)
    length = -(-len(text) // count)
    lines = [text[start : start + length] for start in range(0, len(text), length)]
    for n in range(1, len(lines)):
        if lines[n][0] in _CLOSING:
            lines[n - 1], lines[n] = lines[n - 1] + lines[n][0], lines[n][1:]
    return tuple(line for line in lines if line)


def fit(text: str, room: float, height: float, sizes: tuple[float, ...] = (14, 13, 12, 11, 10)) -> Setting:
    """The largest of ``sizes`` at which ``text`` fits into ``room`` × ``height``; else cut with an ellipsis."""
    for size in sizes:
        lines = wrap(text, room, size)
        broken = any(width(word, size) > room for word in text.split()) and not is_chinese(text)
        if len(lines) * size * 1.25 <= height and not (broken and size != sizes[-1]):
            return Setting(lines, size)
    size = sizes[-1]
    lines = wrap(text, room, size)
    most = max(1, int(height // (size * 1.25)))
    if len(lines) > most:
        lines = (*lines[: most - 1], lines[most - 1][:-1] + "…")
    return Setting(lines, size)
