"""``matches``, ``replace``, ``split``: XPath expressions on RE2, which needs linear time (DMN 1.5, clause 10.3.4.3).

RE2 has no back-references and no look-arounds: such patterns are refused (null).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import re2

from engine.feel.builtins.character_class import without_subtractions
from engine.feel.builtins.registry import builtin
from engine.feel.environment import Evaluation

_PATTERN_LENGTH_MAX = 1000
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 1 << 20  # times the patterns kept: what hostile patterns can hold for good
_REPLACEMENT_PART = re.compile(r"(\\\\|\\\$|\$\d+)")
_LONE_DOLLAR = re.compile(r"(?<!\\)(?:\\\\)*\$(?!\d)")


@builtin("matches", "input: string, pattern: string, [flags: string?]")
def matches(evaluation: Evaluation, text: str, pattern: str, flags: str | None) -> bool | None:
    """Whether a pattern is found in a text. Flags: i ignores case, s lets a dot match line ends, m, x, q."""
    compiled = compile_pattern(pattern, flags or "")
    if compiled is None:
        _refuse(evaluation, pattern)
        return None
    evaluation.tick(1 + len(text) // 20)
    return bool(compiled.search(text) is not None)


@builtin("replace", "input: string, pattern: string, replacement: string, [flags: string?]")
def replace(evaluation: Evaluation, text: str, pattern: str, replacement: str, flags: str | None) -> str | None:
    """The text with every match of a pattern replaced; $1 in the replacement is the first group."""
    compiled = compile_pattern(pattern, flags or "")
    if compiled is None:
        _refuse(evaluation, pattern)
        return None
    is_literal = "q" in (flags or "")
    if compiled.search("") is not None or (not is_literal and _LONE_DOLLAR.search(replacement)):
        return None
    parts = [replacement] if is_literal else _REPLACEMENT_PART.split(replacement)
    evaluation.tick(1 + len(text) // 20)
    pieces: list[str] = []
    end = length = 0
    for match in compiled.finditer(text):
        evaluation.tick()
        filled = replacement if is_literal else "".join(_filled(part, match, compiled.groups) for part in parts)
        length += match.start() - end + len(filled)
        evaluation.check_text_length(length)
        pieces += (text[end : match.start()], filled)
        end = match.end()
    pieces.append(text[end:])
    return evaluation.text("".join(pieces))


@builtin("split", "string: string, delimiter: string")
def split(evaluation: Evaluation, string: str, delimiter: str) -> list[str] | None:
    """The parts of a string between the matches of a pattern."""
    compiled = compile_pattern(delimiter, "") if delimiter else None
    if compiled is None:
        _refuse(evaluation, delimiter)
        return None
    evaluation.tick(1 + len(string) // 20)
    parts: list[str] = []
    end = 0
    for match in compiled.finditer(string):
        if match.end() == match.start():
            continue
        evaluation.tick()
        parts.append(string[end : match.start()])
        end = match.end()
    parts.append(string[end:])
    evaluation.hold(len(string))
    return evaluation.entries(parts)


def _refuse(evaluation: Evaluation, pattern: str) -> None:
    evaluation.warn(None, "The pattern “%(pattern)s” cannot be used.", pattern=pattern[:80])


def _filled(part: str, match: Any, groups: int) -> str:
    if part == "\\\\":
        return "\\"
    if part == "\\$":
        return "$"
    if not (part.startswith("$") and len(part) > 1):
        return part
    digits = part[1:]
    while len(digits) > 1 and int(digits) > groups:
        digits = digits[:-1]
    group = int(digits)
    return ((match.group(group) or "") if group <= groups else "") + part[1 + len(digits) :]


@lru_cache(64)
def compile_pattern(pattern: str, flags: str) -> Any | None:
    """The compiled pattern, or ``None`` when the pattern or a flag cannot be used."""
    if len(pattern) > _PATTERN_LENGTH_MAX or not set(flags) <= set("smixq"):
        return None
    if "q" in flags:
        translated: str | None = re2.escape(pattern)
    else:
        visible = _without_space(pattern) if "x" in flags else pattern
        translated = _translated(visible, dot_matches_all="s" in flags)
    if translated is None:
        return None
    switches = "".join(flag for flag in "smi" if flag in flags)
    try:
        return re2.compile(f"(?{switches})" * bool(switches) + translated, _OPTIONS)
    except re2.error:
        return None


def _without_space(pattern: str) -> str:
    """The pattern without blanks, except inside character classes."""
    out: list[str] = []
    in_class = False
    for index, character in enumerate(pattern):
        if character in " \t\n\r" and not in_class:
            continue
        if character in "[]" and pattern[index - 1 : index] != "\\":
            in_class = character == "["
        out.append(character)
    return "".join(out)


def _translated(pattern: str, *, dot_matches_all: bool) -> str | None:
    """XPath syntax in RE2's: name classes, a dot that matches no line end; ``None`` for what RE2 lacks."""
    plain = without_subtractions(pattern)
    if plain is None:
        return None
    pattern = plain.replace(r"\p{IsBasicLatin}", r"[\x00-\x7f]")
    out: list[str] = []
    in_class = False
    index = 0
    while index < len(pattern):
        character = pattern[index]
        index += 1
        if character == "\\":
            escape = pattern[index : index + 1]
            index += 1
            if escape == "0":  # XPath knows no octal escapes
                return None
            out.append({"i": "[_:A-Za-z]", "c": "[-._:A-Za-z0-9]"}.get(escape, "\\" + escape))
        elif character == "." and not in_class and not dot_matches_all:
            out.append(r"[^\n\r]")
        else:
            in_class = character == "[" or (in_class and character != "]")
            out.append(character)
    return "".join(out)


def pattern_is_usable(pattern: str, flags: str = "") -> bool:
    """Whether ``matches`` and its kin can use the pattern."""
    return compile_pattern(pattern, flags) is not None
