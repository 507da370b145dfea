"""String functions (DMN 1.5, clause 10.3.4.3). Positions count from one; negative ones from the end."""

from __future__ import annotations

from decimal import Decimal

from engine.feel.builtins.registry import builtin
from engine.feel.environment import Evaluation
from engine.feel.numbers import truncated
from engine.feel.values import Value


@builtin("substring", "string: string, start position: number, [length: number?]")
def substring(evaluation: Evaluation, string: str, start: Decimal, length: Decimal | None) -> str | None:
    """The part of a string from a position on, to its end or of a given length; empty past the end."""
    position = truncated(start)
    if position == 0 or (length is not None and length < 1):
        return None
    if position < -len(string):
        return None
    first = position - 1 if position > 0 else len(string) + position
    return evaluation.text(string[first:] if length is None else string[first : first + truncated(length)])


@builtin("string length", "string: string")
def string_length(evaluation: Evaluation, string: str) -> Decimal:
    """How many characters a string has."""
    return Decimal(len(string))


@builtin("upper case", "string: string")
def upper_case(evaluation: Evaluation, string: str) -> str:
    """The string in capitals."""
    return evaluation.text(string.upper())


@builtin("lower case", "string: string")
def lower_case(evaluation: Evaluation, string: str) -> str:
    """The string in small letters."""
    return evaluation.text(string.lower())


@builtin("substring before", "string: string, match: string")
def substring_before(evaluation: Evaluation, string: str, match: str) -> str:
    """What stands before the first occurrence of a text; empty when it does not occur."""
    end = string.find(match)
    return evaluation.text(string[:end]) if end > 0 else ""


@builtin("substring after", "string: string, match: string")
def substring_after(evaluation: Evaluation, string: str, match: str) -> str:
    """What stands after the first occurrence of a text; empty when it does not occur."""
    start = string.find(match)
    return evaluation.text(string[start + len(match) :]) if start >= 0 else ""


@builtin("contains", "string: string, match: string")
def contains(evaluation: Evaluation, string: str, match: str) -> bool:
    """Whether a text occurs in a string."""
    evaluation.tick(len(string) >> 10)
    return match in string


@builtin("starts with", "string: string, match: string")
def starts_with(evaluation: Evaluation, string: str, match: str) -> bool:
    """Whether a string begins with a text."""
    return string.startswith(match)


@builtin("ends with", "string: string, match: string")
def ends_with(evaluation: Evaluation, string: str, match: str) -> bool:
    """Whether a string ends with a text."""
    return string.endswith(match)


@builtin("string join", "list: list, [delimiter: string?]")
def string_join(evaluation: Evaluation, texts: list[Value], delimiter: str | None) -> str | None:
    """The strings of a list one after the other, with a delimiter between them; nulls are left out."""
    return string_join_between(evaluation, texts, delimiter, None, None)


@builtin("string join", "list: list, delimiter: string?, prefix: string?, suffix: string?")
def string_join_between(
    evaluation: Evaluation, texts: list[Value], delimiter: str | None, prefix: str | None, suffix: str | None
) -> str | None:
    """The strings of a list, with a delimiter between them, a prefix before and a suffix after."""
    evaluation.tick(len(texts) + 1)
    strings = [text for text in texts if text is not None]
    if any(type(string) is not str for string in strings):
        return None
    evaluation.check_text_length(sum(map(len, strings)) + len(delimiter or "") * len(strings))
    return evaluation.text((prefix or "") + (delimiter or "").join(strings) + (suffix or ""))
