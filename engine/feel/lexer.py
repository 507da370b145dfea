"""Text into tokens (DMN 1.5, clause 10.3.1.2, rules 22 to 40), and refusal of characters that only look right.

The standard's name ranges contain Chinese punctuation and full-width letters, so ``（金额＞100）`` would be one
long name and silently null. Here such a character is refused with the one to use instead.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from engine.feel.errors import FeelSyntaxError

TEXT_LENGTH_MAX = 20_000
_NUMBER_LENGTH_MAX = 400

_NAME_START = (
    r"?A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F"
    r"\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
_NAME_PART = _NAME_START + r"0-9\u00B7\u0300-\u036F\u203F-\u2040"
_SPACE = r"\t\n\v\f\r \u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000"
_TOKEN = re.compile(
    rf"[{_SPACE}]+|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/"
    r'|(?P<string>@?"(?:[^"\\]|\\.)*")'
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    rf"|(?P<name>[{_NAME_START}][{_NAME_PART}]*)"
    r"|(?P<operator>\*\*|\.\.|->|<=|>=|!=|==|[-+*/=<>()\[\]{},:.'])",
    re.S,
)
_SPACES = re.compile(rf"[{_SPACE}]+")

_LOOKALIKES = dict(
    zip("（），：；“”‘’【】｛｝。、！？「」『』《》〈〉〔〕·", '(),:;""\'\'[]{}.,!?""""<><>().', strict=True)
) | {"≥": ">=", "≤": "<=", "≠": "!=", "×": "*", "÷": "/", "…": "..", "—": "-", "–": "-", "～": "..", "〜": ".."}
_LOOKALIKES |= {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5E) if chr(code) not in _LOOKALIKES}
_LOOKALIKE = re.compile("[" + re.escape("".join(_LOOKALIKES)) + "]")

# Invisible or text-turning characters: anywhere, even in a string or a comment, they make a text mean
# something else than it shows. The two joiners are needed inside words of some scripts and emoji: strings only.
_INVISIBLE = re.compile(r"[\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB]")
_JOINERS = re.compile(r"[\u200C\u200D\u034F\uFE00-\uFE0F]")
_SURROGATE = re.compile(r"[\uD800-\uDFFF]")

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{6}|.)", re.S)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\", "/": "/", "b": "\b", "f": "\f"}
_SURROGATE_PAIR = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")


class Token(NamedTuple):
    """``kind``: "name", "number", "string", "at", "operator" or "end"; ``value``: the text, unescaped if a string."""

    kind: str
    text: str
    at: int
    value: str


def tokenize(text: str) -> list[Token]:
    """The tokens of a text, ending with one "end" token. Raises ``FeelSyntaxError``."""
    if len(text) > TEXT_LENGTH_MAX:
        raise FeelSyntaxError(
            "Expected an expression of at most %(longest)s characters, but this one has %(found)s.",
            text=text[:80],
            position=0,
            longest=TEXT_LENGTH_MAX,
            found=len(text),
        )
    is_plain = text.isascii()
    if not is_plain:
        _refuse_invisible(text)
    tokens: list[Token] = []
    end = 0
    while match := _TOKEN.match(text, end):  # not finditer: it would go on looking behind a mistake
        start, end = end, match.end()
        kind = match.lastgroup
        if kind is None:
            continue
        found = match.group()
        if kind == "operator":
            tokens.append(Token(kind, found, start, found))
        elif kind == "name":
            tokens.append(Token(kind, found, start, found if is_plain else _checked_name(found, text, start)))
        elif kind == "string":
            is_at = found[0] == "@"
            value = _unescape(found[2:-1] if is_at else found[1:-1], text, start)
            tokens.append(Token("at" if is_at else kind, found, start, value))
        else:
            _check_number(found, text, start)
            tokens.append(Token(kind, found, start, found))
    if end != len(text):
        raise _unexpected_character(text, end)
    tokens.append(Token("end", "", end, ""))
    return tokens


def split_name(name: str) -> tuple[str, ...]:
    """The texts of the tokens a name is made of: ``("合同", "总价")`` for "合同 总价"."""
    parts: list[str] = []
    end = 0
    while end < len(name):
        match = _TOKEN.match(name, end)
        if match is None or match.end() == end:
            parts.append(name[end])
            end += 1
            continue
        if match.lastgroup:
            parts.append(unicodedata.normalize("NFC", match.group()))
        end = match.end()
    return tuple(parts)


def normal_name(name: str) -> str:
    """A name with single spaces and composed characters, as names are compared."""
    return unicodedata.normalize("NFC", _SPACES.sub(" ", name.strip()))


def _refuse_invisible(text: str) -> None:
    match = _INVISIBLE.search(text) or _SURROGATE.search(text)
    if match:
        raise _invisible(text, match.start())


def _invisible(text: str, position: int) -> FeelSyntaxError:
    return FeelSyntaxError(
        "Expected only visible characters, but found U+%(code)s.",
        hint="Delete it; inside a string write \\u%(code)s if it is meant.",
        text=text,
        position=position,
        code=f"{ord(text[position]):04X}",
    )


def _checked_name(name: str, text: str, start: int) -> str:
    match = _LOOKALIKE.search(name)
    if match:
        raise _lookalike(text, start + match.start())
    match = _JOINERS.search(name)
    if match:
        raise _invisible(text, start + match.start())
    return unicodedata.normalize("NFC", name)


def _lookalike(text: str, position: int) -> FeelSyntaxError:
    return FeelSyntaxError(
        "Expected a half-width character, but found “%(found)s”.",
        hint="Write %(instead)s instead.",
        text=text,
        position=position,
        found=text[position],
        instead=_LOOKALIKES[text[position]],
    )


def _check_number(digits: str, text: str, start: int) -> None:
    if len(digits) > _NUMBER_LENGTH_MAX:
        raise FeelSyntaxError(
            "Expected a number of at most %(longest)s characters, but this one has %(found)s.",
            text=text,
            position=start,
            longest=_NUMBER_LENGTH_MAX,
            found=len(digits),
        )


def _unexpected_character(text: str, position: int) -> FeelSyntaxError:
    character = text[position]
    if character == '"' or text.startswith('@"', position):
        return FeelSyntaxError("Expected the string to end.", hint='Close it with ".', text=text, position=position)
    if character in _LOOKALIKES:
        return _lookalike(text, position)
    return FeelSyntaxError(
        "Did not expect the character %(found)s.", text=text, position=position, found=repr(character)
    )


def _unescape(raw: str, text: str, start: int) -> str:
    if "\\" not in raw:
        return raw

    def replace(match: re.Match[str]) -> str:
        escape = match[1]
        if len(escape) == 1:
            return _ESCAPES.get(escape, match[0])
        code = int(escape[1:], 16)
        if 0xD800 <= code < 0xE000 or code > 0x10FFFF:
            raise FeelSyntaxError(
                "Expected a character in the string, but %(found)s is none.", text=text, position=start, found=match[0]
            )
        return chr(code)

    raw = _SURROGATE_PAIR.sub(
        lambda pair: chr(0x10000 + ((int(pair[1], 16) - 0xD800) << 10) + (int(pair[2], 16) - 0xDC00)), raw
    )
    return _ESCAPE.sub(replace, raw)
