"""What the analysis finds in an expression before it runs; beside each mistake stands its right form."""

from __future__ import annotations

import pytest

from engine.feel import compile_expression, compile_unary_tests
from engine.feel.analysis import Kind, analyse, analyse_unary_tests, kind_named, result_kind

VARIABLES: dict[str, str | Kind] = {
    "金额": "number",
    "count_max": "integer",
    "name": "string",
    "flag": "boolean",
    "day": "date",
    "tags": "list<string>",
    "anything": "Any",
    "items": Kind("list", element=Kind("context", False, members={"price": kind_named("number")})),
}


def rules(text: str, *, portable: bool = False, expected: str | None = None) -> set[str]:
    return {finding.rule for finding in analyse(text, variables=VARIABLES, portable=portable, expected=expected)}


@pytest.mark.parametrize(
    ("rule", "wrong", "right"),
    [
        ("syntax", "1 +", "1 + 1"),
        ("unknown-name", "金客 > 1", "金额 > 1"),
        ("unknown-name", "items[prise > 1]", "items[price > 1]"),
        ("unknown-name", "items.prise", "items.price"),
        ("unknown-name", "day.yeer", "day.year"),
        ("unknown-name", "for i in items return j", "for i in items return i"),
        ("unknown-function", "countt(items)", "count(items)"),
        ("arguments", "substring(name)", "substring(name, 1)"),
        ("arguments", "substring(string: name, from: 1)", "substring(string: name, start position: 1)"),
        ("condition-kind", "if 金额 then 1 else 2", "if 金额 > 0 then 1 else 2"),
        ("condition-kind", 'flag and "yes"', "flag and true"),
        ("condition-kind", 'items["a"]', "items[1]"),
        ("always-null", "name = 1", 'name = "1"'),
        ("always-null", "金额 + name", "string(金额) + name"),
        ("always-null", "金额 in (< day)", "金额 in (< 5)"),
        ("literal", '@"2026-13-01"', '@"2026-12-01"'),
        ("literal", 'date("2026-02-30")', 'date("2026-02-28")'),
        ("literal", 'duration("P1X")', 'duration("P1D")'),
        ("range", "金额 in [5..1]", "金额 in [1..5]"),
        ("range", '金额 in [1.."b"]', "金额 in [1..2]"),
        ("loop-size", "for i in 1..1000000 return i", "for i in 1..1000 return i"),
        ("pattern", 'matches(name, "(a)\\\\1")', 'matches(name, "(a)a")'),
        ("pattern", 'matches(name, "[a-z-[^aeiou]]")', 'matches(name, "[a-z-[aeiou]]")'),
        ("pattern", 'matches(name, "a(?!b)")', 'matches(name, "[0-9]{4}-[0-9]{2}")'),
        ("pattern", 'replace(name, "a(?=b)", "")', 'replace(name, "ab", "")'),
        ("shadows-builtin", "{count: 1}", "{number_of: 1}"),
        ("external-function", "function(a) external {java: 1}", "function(a) a"),
    ],
)
def test_a_mistake_is_found_and_its_right_form_is_not(rule: str, wrong: str, right: str) -> None:
    assert rule in rules(wrong)
    assert rules(right) == set()


@pytest.mark.parametrize(
    ("rule", "differs", "same"),
    [
        ("portable-condition", "if anything then 1 else 2", "if anything = null then 1 else 2"),
        ("portable-condition", "anything or flag", "flag or 金额 > 1"),
        ("portable-condition", "not(anything)", "not(flag)"),
        ("portable-comparison", "anything = 1", "金额 = 1"),
        ("portable-comparison", "tags = tags", "count(tags) = count(tags)"),
        ("portable-fraction", "金额 * 3 = 1", "count_max * 3 = 1"),
        ("portable-fraction", "金额 / 3 > 1", "round half up(金额 / 3, 2) > 1"),
        ("portable-fraction", "string(金额 / 3)", "string(decimal(金额 / 3, 2))"),
        ("portable-fraction", "金额 > 1234567890.1234567890", "金额 > 1234567890.12"),
        ("portable-null", "金额 in [1..10]", "金额 >= 1 and 金额 <= 10"),
        ("portable-null", "every i in items satisfies i.price > 1", 'every t in ["a", "b"] satisfies t = name'),
        ("portable-in", "name in tags", "list contains(tags, name)"),
        ("portable-arithmetic", 'duration("P1D") * 3 = duration("P3D")', 'date(day) + duration("P3D") > date(day)'),
        ("portable-arithmetic", '-duration("P1D") = duration("P1D")', "-金额 = 1"),
        ("portable-arithmetic", "2 ** 3", "2 * 2"),
        ("portable-loop", "for i in [1..3] return i", "for i in 1..3 return i"),
        ("portable-loop", "for i in 1..3 return count(partial)", "for i in 1..3 return count(tags)"),
        ("portable-function", "today()", "date(day)"),
        ("portable-function", "modulo(金额, 3)", "modulo(count_max, 3)"),
        ("portable-function", "odd(金额)", "odd(count_max)"),
        ("portable-function", 'string join(tags, "a", "b", "c")', 'string join(tags, "a")'),
        ("portable-fraction", "floor(金额 * 100)", "floor(金额)"),
        ("portable-function", "substring(name, count_max)", "substring(name, 2)"),
        ("portable-function", "matches(name, name)", 'matches(name, "^[a-z]+$")'),
        ("portable-function", "count(list: tags)", "count(tags)"),
        ("portable-syntax", "金额 instance of number", "金额 != null"),
        ("portable-syntax", '@"2026-01-01"', 'date("2026-01-01")'),
        ("portable-date", 'day > date("2026-01-01")', 'date(day) > date("2026-01-01")'),
        ("portable-path", 'duration("P1D").days > 1', "date(day).year > 1"),
    ],
)
def test_what_the_browser_may_compute_differently_is_found_for_forms_only(rule: str, differs: str, same: str) -> None:
    assert rule in rules(differs, portable=True)
    assert rules(same, portable=True) == set()
    assert rule not in rules(differs)


def test_a_result_of_the_wrong_kind_is_found() -> None:
    assert rules("金额 + 1", expected="boolean") == {"result-kind"}
    assert rules("金额 > 1", expected="boolean") == set()
    assert rules("anything", expected="boolean") == set()
    assert rules("count(items)", expected="integer") == set()


def test_a_finding_says_where_and_which_name_may_be_meant() -> None:
    (finding,) = analyse("1 +\n  count_mx", variables=VARIABLES)

    assert (finding.line, finding.column, finding.severity) == (2, 3, "error")
    assert str(finding) == "There is no variable “count_mx”; is “count_max” meant?"


def test_without_known_variables_no_name_is_unknown() -> None:
    assert analyse("whatever(x) > y.z") == ()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1 + 1", "number"),
        ("金额 > 1", "boolean"),
        ('day + duration("P1M")', "date"),
        ("date(day) - date(day)", "days and time duration"),
        ("items.price", "list"),
        ("items[1].price", "number"),
        ("if flag then 1 else null", "number"),
        ('if flag then 1 else "a"', None),
        ("{a: 1}", "context"),
        ("{a: 1}.a", "number"),
        ("sum(items.price)", "number"),
        ("for i in items return i.price", "list"),
        ("anything", None),
        ("max(day, day)", "date"),
    ],
)
def test_the_kind_of_a_result_where_it_can_be_known(text: str, kind: str | None) -> None:
    assert result_kind(compile_expression(text), VARIABLES) == kind


def test_cells_are_looked_into_as_well() -> None:
    assert [finding.rule for finding in analyse_unary_tests('> "a"', value="number")] == ["always-null"]
    assert [finding.rule for finding in analyse_unary_tests("[9..1]", value="number")] == ["range"]
    assert [finding.rule for finding in analyse_unary_tests("（1）")] == ["syntax"]
    assert analyse_unary_tests("> 1, [3..5]", value="number") == ()
    assert result_kind(compile_unary_tests("1")) == "boolean"
