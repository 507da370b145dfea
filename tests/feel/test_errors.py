"""What a person reads who wrote an expression wrongly: where, what, and what to write instead."""

from __future__ import annotations

import pytest

from engine.errors import ShangmenError
from engine.feel import FeelError, FeelLimit, FeelSyntaxError, compile_expression, compile_unary_tests


@pytest.mark.parametrize(
    ("text", "line", "column", "sentence"),
    [
        ("1 +", 1, 4, "Expected more, but the expression ends here."),
        ("", 1, 1, "Expected an expression, but found nothing."),
        ("a == 1", 1, 3, "Did not expect “==” here. Write = instead."),
        ("合同 金额 > 1", 1, 4, "Did not expect “金额” here. Is “合同 金额” a variable that does not exist here?"),
        ("（金额 > 1）", 1, 1, "Expected a half-width character, but found “（”. Write ( instead."),
        ("金额＞100", 1, 3, "Expected a half-width character, but found “＞”. Write > instead."),
        ("金额 > １００", 1, 6, "Expected a half-width character, but found “１”. Write 1 instead."),
        ("a in (1、2)", 1, 8, "Expected a half-width character, but found “、”. Write , instead."),
        ("name = “张三”", 1, 8, 'Expected a half-width character, but found ““”. Write " instead.'),
        ("a。b", 1, 2, "Expected a half-width character, but found “。”. Write . instead."),
        ("a ≥ 1", 1, 3, "Expected a half-width character, but found “≥”. Write >= instead."),
        ("Ａ > 1", 1, 1, "Expected a half-width character, but found “Ａ”. Write A instead."),
        ("am\u200bount = 1", 1, 3, "Expected only visible characters, but found U+200B. Delete it"),
        ("am\u200dount = 1", 1, 3, "Expected only visible characters, but found U+200D. Delete it"),
        ("amount\u202e = 1", 1, 7, "Expected only visible characters, but found U+202E. Delete it"),
        ("\ufeffamount = 1", 1, 1, "Expected only visible characters, but found U+FEFF. Delete it"),
        ('name = "a\u202eb"', 1, 10, "Expected only visible characters, but found U+202E. Delete it"),
        ("1 // \u2066 comment", 1, 6, "Expected only visible characters, but found U+2066. Delete it"),
        ("1 +\n  (2 *\n  )", 3, 3, "Did not expect “)” here."),
        ("if a then 1", 1, 12, "Expected “else”, but found the end. Every if needs an else."),
        ('"abc', 1, 1, 'Expected the string to end. Close it with ".'),
        ("[1, 2", 1, 6, "Expected “]”, but found the end."),
        ("{a: 1,}", 1, 7, "Expected a name, but found “}”."),
        ("for count in 1..3 return count", 1, 5, "Expected a name of your own, but “count” is a built-in function."),
        ("function(date) date", 1, 10, "Expected a name of your own, but “date” is a built-in function."),
        ("a # b", 1, 3, "Did not expect the character '#'."),
        ('"\\uD800"', 1, 1, "Expected a character in the string, but \\uD800 is none."),
        ("=\n= 1", 2, 1, "Expected something to compare before “=”."),
    ],
)
def test_a_mistake_is_shown_where_it_is(text: str, line: int, column: int, sentence: str) -> None:
    with pytest.raises(FeelSyntaxError) as caught:
        compile_expression(text)

    assert (caught.value.line, caught.value.column) == (line, column)
    assert str(caught.value).startswith(f"line {line}, column {column}: {sentence}")


@pytest.mark.parametrize("text", ["金额 > 100", '姓名 = "张三（老）"', 'x = "１００"', "👨\u200d👩 = 1", "名\u3000= 1"])
def test_right_characters_pass(text: str) -> None:
    if "\u200d" in text:
        with pytest.raises(FeelSyntaxError):
            compile_expression(text)
        assert compile_expression('"👨\u200d👩"').evaluate() == "👨\u200d👩"
    else:
        compile_expression(text)


def test_composed_and_decomposed_names_are_the_same_name() -> None:
    assert compile_expression("re\u0301sume\u0301 + 1").evaluate({"r\u00e9sum\u00e9": 1}) == 2


def test_an_error_carries_its_sentence_and_values_apart() -> None:
    with pytest.raises(FeelError) as caught:
        compile_unary_tests("[1..")

    assert isinstance(caught.value, ShangmenError)
    assert caught.value.template == "Expected more, but the expression ends here."
    assert caught.value.text == "[1.."


def test_a_limit_says_which_limit() -> None:
    with pytest.raises(FeelLimit, match="at most 20000 steps"):
        compile_expression("count(for i in 1..1000, j in 1..1000 return 1)").evaluate()
    with pytest.raises(FeelLimit, match="at most 20000 entries"):
        compile_expression("[1..1000000][1]").evaluate()
