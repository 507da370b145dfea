"""The linter finds each mistake a decision table can hold, with its place, and says nothing about a sound one."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from engine.decision import Finding, Model, lint, read_decisions
from tests.decision.dmn import decision, definitions, input_data, literal, table_model, table_xml
from tests.decision.tables import PROCESSES, library

ACUITY = [("acuity", "number", "[0..2]")]
GRADE = [("grade", "number")]


def rules_of(model: Model) -> set[str]:
    return {finding.rule for finding in lint(model)}


def only(model: Model, rule: str) -> Finding:
    found = [finding for finding in lint(model) if finding.rule == rule]
    assert found, [str(finding) for finding in lint(model)]
    return found[0]


@pytest.mark.parametrize("procedure", ["disability_assessment", "leave_request"])
def test_the_tables_of_the_procedures_are_without_findings(procedure: str) -> None:
    assert [str(finding) for model in library(procedure).values() for finding in lint(model)] == []


# ------------------------------------------------------------------ overlap


def test_an_overlap_of_numbers_is_found_with_its_rows_and_column() -> None:
    """The trap of the reference: “< 0.05” above “< 0.02” would grade acuity 0.01 too lightly."""
    model = table_model("UNIQUE", ACUITY, GRADE, [["< 0.05", "2"], ["< 0.02", "1"], [">= 0.05, null", "3"]])
    finding = only(model, "overlap")
    assert (finding.row, finding.column, finding.severity) == (2, 1, "error")
    assert "Rows 1 and 2" in str(finding)
    assert "acuity" in str(finding)


def test_rows_that_touch_without_sharing_a_number_do_not_overlap() -> None:
    model = table_model("UNIQUE", ACUITY, GRADE, [["< 0.02", "1"], ["[0.02..0.05)", "2"], [">= 0.05, null", "3"]])
    assert rules_of(model) == set()


def test_rows_that_share_only_a_bound_overlap() -> None:
    model = table_model("UNIQUE", ACUITY, GRADE, [["<= 0.02", "1"], ["[0.02..0.05)", "2"], [">= 0.05, null", "3"]])
    assert "acuity: 0.02" in str(only(model, "overlap"))


def test_an_overlap_of_texts_is_found() -> None:
    column = [("kind", "string", '"a","b","c"')]
    rows = [['"a","b"', "1"], ['not("a")', "2"]]
    assert 'kind: "b"' in str(only(table_model("UNIQUE", column, GRADE, rows), "overlap"))
    rows = [['"a","b"', "1"], ['not("a","b")', "2"]]
    assert rules_of(table_model("UNIQUE", column, GRADE, rows)) == set()


def test_an_overlap_needs_every_column_to_overlap() -> None:
    columns = [("a", "number"), ("b", "boolean")]
    rows = [["< 5", "true", "1"], ["< 5", "false,null", "2"], [">= 5, null", "-", "3"]]
    assert rules_of(table_model("UNIQUE", columns, GRADE, rows)) == set()
    rows[1][1] = "-"
    assert only(table_model("UNIQUE", columns, GRADE, rows), "overlap").column == 1


def test_first_and_priority_may_overlap() -> None:
    rows = [["< 0.02", "1"], ["< 0.05", "2"], ["-", "3"]]
    assert rules_of(table_model("FIRST", ACUITY, GRADE, rows)) == set()


def test_any_may_overlap_only_with_the_same_outputs() -> None:
    assert "overlap" in rules_of(table_model("ANY", ACUITY, GRADE, [["< 1", "1"], ["-", "2"]]))
    assert "overlap" not in rules_of(table_model("ANY", ACUITY, GRADE, [["< 1", "1"], ["-", "1"]]))


# ------------------------------------------------------------------ gap and catch-all


def test_a_gap_between_numbers_is_found() -> None:
    model = table_model("UNIQUE", ACUITY, GRADE, [["< 0.02", "1"], ["(0.02..2]", "2"], ["null", "3"]])
    finding = only(model, "gap")
    assert "acuity: 0.02" in str(finding)
    assert finding.column == 1


def test_integers_printed_as_bands_leave_gaps_for_fractions() -> None:
    """41–60 and 61–80 leave 60.25 to nobody: the trap of the hearing table."""
    rows = [["<= 40", "5"], ["[41..60]", "4"], ["[61..80]", "3"], ["[81..90]", "2"], ["> 90", "1"], ["null", "0"]]
    gaps = [str(finding) for finding in lint(table_model("UNIQUE", [("loss", "number")], GRADE, rows))]
    assert [gap.split("loss: ")[1].split(". ")[0] for gap in gaps] == ["(40..41)", "(60..61)", "(80..81)"]


def test_a_gap_in_a_combination_is_found() -> None:
    columns = [("a", "boolean"), ("b", "boolean")]
    rows = [["true", "-", "1"], ["false", "true", "2"], ["null", "-", "3"]]
    assert "a: false, b: false" in str(only(table_model("UNIQUE", columns, GRADE, rows), "gap"))
    rows.append(["false", "false, null", "4"])
    assert rules_of(table_model("UNIQUE", columns, GRADE, rows)) == set()


def test_a_text_that_is_not_listed_leaves_a_gap_unless_the_list_is_closed() -> None:
    rows = [['"a"', "1"], ['"b", null', "2"]]
    assert "gap" in rules_of(table_model("UNIQUE", [("kind", "string")], GRADE, rows))
    assert rules_of(table_model("UNIQUE", [("kind", "string", '"a","b"')], GRADE, rows)) == set()


def test_a_missing_catch_all_is_found() -> None:
    model = table_model("FIRST", ACUITY, GRADE, [["< 1", "1"], [">= 1", "2"]])
    finding = only(model, "missing-catch-all")
    assert finding.severity == "warning"
    assert "acuity: null" in str(finding)
    assert rules_of(table_model("FIRST", ACUITY, GRADE, [["< 1", "1"], [">= 1", "2"], ["-", "3"]])) == set()


@pytest.mark.parametrize(("last", "expected"), [("> limit", {"missing-catch-all"}), ("-", set())])
def test_a_table_that_cannot_be_foreseen_needs_a_catch_all_row(last: str, expected: set[str]) -> None:
    xml = table_xml("FIRST", ["acuity"], GRADE, [["<= limit", "1"], [last, "2"]])
    body = input_data("limit") + input_data("acuity") + decision("answer", xml, ["acuity", "limit"])
    assert rules_of(read_decisions(definitions(body))) == expected


def test_a_default_output_is_a_catch_all() -> None:
    body = (
        '<decisionTable id="t"><input><inputExpression typeRef="number"><text>a</text></inputExpression></input>'
        '<output typeRef="number">{default}</output><rule><inputEntry><text>1</text></inputEntry>'
        "<outputEntry><text>1</text></outputEntry></rule></decisionTable>"
    )
    default = "<defaultOutputEntry><text>0</text></defaultOutputEntry>"
    without, with_default = (
        read_decisions(definitions(input_data("a") + decision("answer", body.format(default=text), ["a"])))
        for text in ("", default)
    )
    assert "gap" in rules_of(without)
    assert rules_of(with_default) == set()


# ------------------------------------------------------------------ unreachable rows


def test_a_row_forestalled_by_the_rows_above_is_unreachable() -> None:
    rows = [["< 1", "1"], [">= 1", "2"], ["0.5", "3"], ["-", "4"]]
    finding = only(table_model("FIRST", ACUITY, GRADE, rows), "unreachable-row")
    assert finding.row == 3
    assert "unreachable-row" not in rules_of(table_model("FIRST", ACUITY, GRADE, [rows[2], *rows[:2], rows[3]]))


def test_a_cell_that_nothing_can_pass_makes_its_row_unreachable() -> None:
    rows = [["> 2", "1"], ["-", "2"]]
    finding = only(table_model("FIRST", ACUITY, GRADE, rows), "unreachable-row")
    assert (finding.row, finding.column) == (1, 1)


# ------------------------------------------------------------------ hit policy


@pytest.mark.parametrize("policy", ["BEST", "unique", "RULE_ORDER"])
def test_an_unknown_hit_policy_is_found(policy: str) -> None:
    assert only(table_model(policy, ACUITY, GRADE, [["-", "1"]]), "unknown-hit-policy").severity == "error"
    assert "unknown-hit-policy" not in rules_of(table_model("RULE ORDER", ACUITY, GRADE, [["-", "1"]]))


def test_an_unknown_aggregation_is_found() -> None:
    assert "unknown-hit-policy" in rules_of(table_model("COLLECT", ACUITY, GRADE, [["-", "1"]], aggregation="AVG"))
    assert "unknown-hit-policy" in rules_of(table_model("UNIQUE", ACUITY, GRADE, [["-", "1"]], aggregation="SUM"))
    assert rules_of(table_model("COLLECT", ACUITY, GRADE, [["-", "1"]], aggregation="SUM")) == set()


def test_priorities_need_listed_outputs() -> None:
    assert "no-priorities" in rules_of(table_model("PRIORITY", ACUITY, GRADE, [["-", "1"]]))
    assert rules_of(table_model("PRIORITY", ACUITY, [("grade", "number", "1,2")], [["-", "1"]])) == set()


def test_a_table_without_rows_is_found() -> None:
    assert rules_of(table_model("UNIQUE", ACUITY, GRADE, [])) == {"no-rows"}


# ------------------------------------------------------------------ cells


def test_a_cell_of_the_wrong_type_is_found() -> None:
    finding = only(table_model("FIRST", ACUITY, GRADE, [['"low"', "1"], ["-", "2"]]), "cell-type")
    assert (finding.row, finding.column) == (1, 1)
    finding = only(table_model("FIRST", ACUITY, GRADE, [["1", "1"], ["-", '"two"']]), "cell-type")
    assert (finding.row, finding.column) == (2, 2)


def test_a_value_that_is_not_allowed_is_found() -> None:
    kind = [("kind", "string", '"a","b"')]
    assert only(table_model("FIRST", kind, GRADE, [['"c"', "1"], ["-", "2"]]), "value-not-allowed").row == 1
    grade = [("grade", "number", "1,2")]
    assert only(table_model("FIRST", kind, grade, [['"a"', "1"], ["-", "3"]]), "value-not-allowed").column == 2


def test_a_text_without_quotes_is_found() -> None:
    finding = only(table_model("FIRST", [("kind", "string")], GRADE, [["mild", "1"], ["-", "2"]]), "unknown-name")
    assert (finding.row, finding.column) == (1, 1)
    assert "mild" in str(finding)


def test_a_cell_that_is_not_feel_is_found_with_its_place() -> None:
    finding = only(table_model("FIRST", ACUITY, GRADE, [["> > 1", "1"], ["-", "2"]]), "not-feel")
    assert (finding.row, finding.column, finding.severity) == (1, 1, "error")
    finding = only(table_model("FIRST", ACUITY, GRADE, [["> 1", "1 +"], ["-", "2"]]), "not-feel")
    assert (finding.row, finding.column) == (1, 2)


def test_a_full_width_mark_in_a_cell_is_found() -> None:
    assert "not-feel" in rules_of(table_model("FIRST", ACUITY, GRADE, [["＞ 1", "1"], ["-", "2"]]))


def test_an_empty_output_and_an_unknown_type_are_found() -> None:
    assert "empty-output" in rules_of(table_model("FIRST", ACUITY, GRADE, [["-", ""]]))
    assert "unknown-type" in rules_of(table_model("FIRST", [("a", "tColour")], GRADE, [["-", "1"]]))


def test_a_literal_expression_that_names_nothing_is_found() -> None:
    model = read_decisions(definitions(input_data("a") + decision("answer", literal("a + b"), ["a"])))
    finding = only(model, "unknown-name")
    assert finding.element == "answer"
    assert "“b”" in str(finding)
    sound = decision("answer", literal("for x in a return x * count(a[item > 1 and size > 2])"), ["a"])
    assert rules_of(read_decisions(definitions(input_data("a") + sound))) == set()


# ------------------------------------------------------------------ the traps in the real tables


@pytest.mark.parametrize(
    ("key", "before", "after", "rule"),
    [
        ("grade_vision", "&lt; 0.02</text>", "&lt; 0.05</text>", "overlap"),
        ("grade_vision", "[0.1..0.3)", "[0.1..0.2)", "gap"),
        ("grade_hearing", "(60..80]", "(61..80]", "gap"),
        ("grade_hearing", 'hitPolicy="UNIQUE"', 'hitPolicy="UNIQ"', "unknown-hit-policy"),
        ("grade_intellectual", "[26..40)", "&lt; 40", None),
        ("grade_intellectual", "[26..40)", "&lt; 20", "unreachable-row"),
        ("grade_mental", '"minor"</text>', '"youth"</text>', "value-not-allowed"),
        ("grade_limb", '"mostly_none"</text>', "mostly_none</text>", "unknown-name"),
    ],
)
def test_a_mistake_put_into_a_real_table_is_found(key: str, before: str, after: str, rule: str | None) -> None:
    path: Path = PROCESSES / "disability_assessment" / f"{key}.dmn"
    content = path.read_text(encoding="utf-8")
    assert before in content
    found = rules_of(read_decisions(content.replace(before, after, 1).encode()))
    assert (rule in found) if rule else (found == set())


def test_a_rule_row_removed_from_a_real_table_leaves_a_gap_or_no_catch_all() -> None:
    content = (PROCESSES / "disability_assessment" / "grade_speech.dmn").read_text(encoding="utf-8")
    start = content.index('<rule id="speech_Y8">')
    end = content.index("</rule>", start) + len("</rule>")
    assert rules_of(read_decisions((content[:start] + content[end:]).encode())) & {"gap", "missing-catch-all"}


# ------------------------------------------------------------------ large tables


def test_a_table_of_a_thousand_rows_is_checked_in_no_time() -> None:
    rows = [[f"[{row}..{row + 1})", f'"k{row % 5}", null', str(row)] for row in range(1_000)] + [["-", "-", "0"]]
    model = table_model("FIRST", [("a", "number"), ("b", "string")], GRADE, rows)
    start = process_time()
    assert rules_of(model) == set()
    assert process_time() - start < 10
    rows.insert(500, ["[20..21)", '"k0"', "1"])
    assert only(table_model("FIRST", [("a", "number"), ("b", "string")], GRADE, rows), "unreachable-row").row == 501


def test_a_table_that_is_too_large_to_check_says_so_and_claims_nothing() -> None:
    columns = [(f"c{n}", "number") for n in range(12)]
    rows = [["-"] * n + [f"> {m}"] + ["-"] * (11 - n) + ["1"] for n in range(12) for m in range(6)]
    start = process_time()
    found = rules_of(table_model("FIRST", columns, GRADE, rows))
    assert process_time() - start < 10
    assert "not-checked" in found or "gap" in found


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("lenght(a)", "unknown-name"),
        ('substring("abc")', "arguments"),
        ('if 1 then "a" else "b"', "condition-kind"),
        ('a = 1 or "x" = 2', "always-null"),
        ('date("2026-02-30")', "literal"),
        ('matches("a", "(a)\\1")', "pattern"),
        ("function(x) external {java: {class: x}}", "external-function"),
        ("string length(a) + 1", None),
    ],
)
def test_what_an_expression_gets_wrong_is_found_in_boxes_and_cells(text: str, rule: str | None) -> None:
    in_box = rules_of(read_decisions(definitions(input_data("a") + decision("answer", literal(text), ["a"]))))
    in_cell = rules_of(table_model("FIRST", ["a"], ["b"], [["-", text]]))
    for found in (in_box, in_cell):
        assert (rule in found) if rule else (found == set())
