"""XPath's class subtraction, ``[A-Z-[OI]]``, which RE2 does not know: the difference written out as ranges."""

from __future__ import annotations

import re

_SUBTRACTION = re.compile(r"\[([^\[\]\\^][^\[\]\\]*)-\[([^\[\]\\^][^\[\]\\]*)\]\]")
_RANGES_MAX = 200

_Ranges = list[tuple[int, int]]


def without_subtractions(pattern: str) -> str | None:
    """The pattern with its class subtractions written out; ``None`` when one holds more than plain characters."""
    written = _SUBTRACTION.sub(lambda match: _difference(match[1], match[2]), pattern)
    return None if re.search(r"\[[^\[\]]*-\[", written) else written


def _difference(kept: str, taken: str) -> str:
    ranges = _ranges(kept)
    for low, high in _ranges(taken):
        ranges = [part for one in ranges for part in _without(one, low, high)]
    if not ranges or len(ranges) > _RANGES_MAX:
        return r"[^\x{0}-\x{10FFFF}]"  # nothing is left
    return "[" + "".join(f"\\x{{{low:X}}}-\\x{{{high:X}}}" for low, high in ranges) + "]"


def _ranges(plain: str) -> _Ranges:
    found: _Ranges = []
    index = 0
    while index < len(plain):
        is_range = plain[index + 1 : index + 2] == "-" and index + 2 < len(plain)
        end = index + 2 if is_range else index
        found.append((ord(plain[index]), ord(plain[end])))
        index = end + 1
    return found


def _without(one: tuple[int, int], low: int, high: int) -> _Ranges:
    start, end = one
    return [(first, last) for first, last in ((start, min(end, low - 1)), (max(start, high + 1), end)) if first <= last]
