"""Change values in the text of a ``profile.toml``: everything else – comments, order, layout – stays as it was.

Two ways of writing a parameter are understood: ``key = { type = …, value = … }`` on a line, and a ``[key]`` table.
What comes out is read again and held against what was wanted, so a text written in another way is refused
instead of spoilt.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from engine.errors import Rejected

_VALUE = re.compile(r"\bvalue\s*=\s*")
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'')


def rewrite(content: bytes, values: Mapping[str, Any], types: Mapping[str, str], labels: Mapping[str, str]) -> bytes:
    """The profile with each of ``values`` changed, added, or (None) taken out. Raises ``Rejected``."""
    text = content.decode()
    wanted = tomllib.loads(text)
    for key, value in values.items():
        found = _entry(text, key)
        if value is None:
            wanted.pop(key, None)
            text = text[: found[0]] + text[found[1] :] if found else text
        elif found:
            wanted[key] = {**wanted.get(key, {}), "value": value}
            text = _replaced(text, found, value)
        else:
            wanted[key] = {"type": types[key], "value": value}
            label = " ".join(labels.get(key, "").split())
            text += ("" if not text or text.endswith("\n") else "\n") + (f"# {label}\n" if label else "")
            if re.search(r"^[ \t]*\[", text, re.M):  # after a table, a line would belong to it
                text += f'[{key}]\ntype = "{types[key]}"\nvalue = {literal(value)}\n'
            else:
                text += f'{key} = {{ type = "{types[key]}", value = {literal(value)} }}\n'
    try:
        sound = tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        sound = False
    if not sound:
        raise Rejected("Expected parameters written one on a line or one in a table. Edit this file as text instead.")
    return text.encode()


def literal(value: Any) -> str:
    """A value as TOML writes it."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case _:
            return "[" + ", ".join(literal(item) for item in value) + "]"


def _entry(text: str, key: str) -> tuple[int, int] | None:
    """Where a parameter stands: its line, or its table up to the next one (what is said before that one stays)."""
    name = rf'(?:{re.escape(key)}|"{re.escape(key)}")'
    inline = re.search(rf"^[ \t]*{name}[ \t]*=[ \t]*\{{.*(?:\n|\Z)", text, re.M)
    if inline:
        return inline.span()
    head = re.search(rf"^[ \t]*\[[ \t]*{name}[ \t]*\][^\n]*(?:\n|\Z)", text, re.M)
    if head is None:
        return None
    after = re.search(r"^[ \t]*\[", text[head.end() :], re.M)
    end = head.end() + after.start() if after else len(text)
    kept = re.search(r"(?:^[ \t]*(?:#[^\n]*)?\n)*\Z", text[head.end() : end], re.M)
    return head.start(), head.end() + kept.start() if kept and after else end


def _replaced(text: str, entry: tuple[int, int], value: Any) -> str:
    start, end = entry
    body = text[start:end]
    hidden = _STRING.sub(lambda found: "_" * len(found.group()), body)
    found = _VALUE.search(hidden)
    if found is None:
        return text
    for stop in (match.start() for match in re.finditer(r"[,}\n#]|\Z", body[found.end() :])):
        old = body[found.end() : found.end() + stop]
        try:
            tomllib.loads(f"x = {old}")
        except tomllib.TOMLDecodeError:
            continue
        spaces = old[len(old.rstrip()) :]
        place = start + found.end()
        return text[:place] + literal(value) + spaces + text[place + stop :]
    return text
