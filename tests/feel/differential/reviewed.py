"""Differences between the browser's evaluator and ours that were looked at and are understood, each with its reason."""

from __future__ import annotations

from typing import Any, NamedTuple


class Difference(NamedTuple):
    """``slips_through``: the profile cannot see it coming."""

    text: str
    ours: Any
    theirs: Any
    reason: str
    slips_through: bool = False


REVIEWED = [
    Difference("median([10, 2.5, 7])", 7, 2.5, "feelin sorts numbers as texts here"),
    Difference("sort([3, 1, 2])", [1, 2, 3], None, "feelin sorts only with a function"),
    Difference("odd(2.5)", None, False, "only a whole number is odd or even"),
    Difference("sublist([1, 2], 5)", None, [], "there is no such position"),
    Difference("remove([1], 5)", None, [1], "there is no such position"),
    Difference("insert before([1], 5, 2)", None, [1, 2], "there is no such position"),
    Difference('string join(["a"], "-", "<", ">")', "<a>", None, "feelin knows no prefix and suffix"),
    Difference("(date(d2) - date(d1)).days", 305, 0, "feelin keeps such a difference in seconds only"),
    Difference("floor(0.29 * 100)", 29, 28, "binary floating point"),
    Difference('number("")', None, 0, "JavaScript takes an empty text for zero"),
    Difference('number(" 1")', None, 1, "JavaScript ignores blanks around a number"),
    Difference(
        'replace("cat", "a", "<$1>")',
        "c<>t",
        "c<$1>t",
        "a group that the pattern does not have: XPath says empty, JavaScript leaves it",
    ),
    Difference("5 between 10 and 1", False, True, "feelin turns the bounds round"),
    Difference("(0.1 + 0.2) = 0.3", True, False, "binary floating point"),
    Difference("1.005 * 100 = 100.5", True, False, "binary floating point"),
    Difference(
        "string(1 / 3)",
        "0.3333333333333333333333333333333333",
        "0.3333333333333333",
        "binary floating point has 16 digits, decimal128 has 34",
    ),
    Difference("12345678901234567890 = 12345678901234567891", False, True, "binary floating point has 16 digits"),
    Difference("modulo(2, 0.01)", 0, 0.00999999999999996, "binary floating point"),
    Difference(
        "round half up(1.005 * 100, 0)",
        101,
        100,
        "a half that binary floating point only nearly meets",
        slips_through=True,
    ),
    Difference(
        "round half up(1.005, 2)", 1.01, 1, "a half that binary floating point only nearly meets", slips_through=True
    ),
    Difference('if 1 then "yes" else "no"', "no", "yes", "feelin takes the branch that JavaScript would take"),
    Difference('if "" then "yes" else "no"', "no", "yes", "feelin takes the branch for any text, even an empty one"),
    Difference(
        "no_number in [1..10]", None, False, "null in a range: null by the standard, false in feelin 6 (null since 8)"
    ),
    Difference("no_number in (< 5)", None, False, "as above"),
    Difference("not(no_number in [1..10])", None, True, "as above, turned round"),
    Difference("every x in [1, null] satisfies x > 0", None, False, "an undecided answer: null by the standard"),
    Difference("some x in [null] satisfies x > 0", None, False, "an undecided answer: null by the standard"),
    Difference('1 != "a"', None, True, "values of two kinds cannot be compared by the standard"),
    Difference('"a" < 1', None, False, "values of two kinds cannot be compared by the standard"),
    Difference('d1 = "2026-03-01"', None, True, "a date field is a text in the browser"),
    Difference('d1 + duration("P1D")', "2026-03-02", None, "a date field is a text in the browser"),
    Difference('duration("P1D") * 3 = duration("P3D")', True, False, "feelin does not multiply durations"),
    Difference("1 instance of number", True, False, "feelin 6 reads “number” as a variable here"),
    Difference('5 in range("[1..10]")', True, None, "feelin has no function “range”"),
    Difference('is working day(date("2026-03-01"))', False, None, "a function of this place"),
    Difference('matches("aa", "(a)\\\\1")', None, True, "RE2 has no back-references"),
    Difference('min("a", "b")', "a", None, "feelin takes the least of numbers only here"),
    Difference("strs[item]", None, [], "a filter that is neither true nor false"),
    Difference('substring("abc", 0)', None, "c", "there is no position 0"),
    Difference('substring("abc", -5)', None, "bc", "there is no such position"),
    Difference('substring("abc", 2, 0)', None, "", "a length below one"),
]
