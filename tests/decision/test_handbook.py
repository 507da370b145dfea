"""The handbook's pages about decision tables: one per hit policy, in both languages, and every example runs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine.decision import lint, read_decisions
from engine.decision.elements import HIT_POLICIES
from engine.feel import Environment, analysis, compile_expression, equal, to_feel
from tests.decision.dmn import decision, definitions, input_data, table_xml

_FOLDER = Path(__file__).parents[2] / "web" / "help" / "decision"
_PAGES = sorted(_FOLDER.glob("*.md"))
_POLICIES = {policy[0]: policy for policy in HIT_POLICIES}
_AGGREGATIONS = {"": "", "+": "SUM", "<": "MIN", ">": "MAX", "#": "COUNT"}
_LINT = Path(__file__).parents[2] / "engine" / "decision" / "lint"


@dataclass
class Example:
    """A decision table of a page and the cases below it: inputs and the expected answer, all FEEL."""

    page: str
    policy: str
    inputs: list[str]
    outputs: list[tuple[str, str, str]]
    rules: list[list[str]]
    cases: list[list[str]] = field(default_factory=list)


def _markdown_tables(text: str) -> list[list[list[str]]]:
    """The tables of a page: rows of cells without their backquotes."""
    tables, rows = [], []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip().strip("`") for cell in line.strip().strip("|").split("|")])
        elif rows:
            tables.append([rows[0], *rows[2:]])
            rows = []
    return tables


def examples() -> list[Example]:
    """Every table with a hit policy in its corner, with the table of cases that follows it."""
    found: list[Example] = []
    for page in _PAGES:
        tables = _markdown_tables(page.read_text(encoding="utf-8"))
        for header, *rows in tables:
            if re.fullmatch(r"[UAFPROC][+<>#]?", header[0]):
                inputs = [name for name in header[1:] if not name.startswith("→")]
                outputs = [name.removeprefix("→ ").partition(": ") for name in header[1:] if name.startswith("→")]
                clauses = [(name, "", values) for name, _, values in outputs]
                found.append(Example(page.name, header[0], inputs, clauses, [row[1:] for row in rows]))
            elif header[-1] == "=":
                found[-1].cases = rows
    return found


def _model(example: Example) -> bytes:
    policy, aggregation = _POLICIES[example.policy[0]], _AGGREGATIONS[example.policy[1:]]
    xml = table_xml(policy, example.inputs, example.outputs, example.rules, aggregation)
    inputs = "".join(map(input_data, example.inputs))
    return definitions(inputs + decision("answer", xml, example.inputs))


@pytest.mark.parametrize("example", examples(), ids=lambda example: f"{example.page}-{example.policy}")
def test_every_example_of_the_handbook_runs(example: Example) -> None:
    model = read_decisions(_model(example))
    assert example.cases
    for *values, expected in example.cases:
        answers = {
            name: compile_expression(value).evaluate() for name, value in zip(example.inputs, values, strict=True)
        }
        answer = model.evaluate("answer", answers, Environment()).outputs
        wanted = compile_expression(expected).evaluate()
        assert equal(to_feel(answer), to_feel(wanted)) is True, (example.page, values, answer)


@pytest.mark.parametrize("example", examples(), ids=lambda example: f"{example.page}-{example.policy}")
def test_no_example_has_a_cell_that_is_wrong(example: Example) -> None:
    rules = {finding.rule for finding in lint(read_decisions(_model(example)))}
    assert rules <= {"overlap", "gap", "missing-catch-all"}


def test_every_hit_policy_and_aggregation_has_a_page_in_both_languages() -> None:
    for language in ("zh", "en"):
        for policy in HIT_POLICIES:
            assert (_FOLDER / f"{policy.lower().replace(' ', '_')}.{language}.md").is_file()
        shown = {example.policy for example in examples() if example.page.endswith(f".{language}.md")}
        assert shown == {*_POLICIES, "C+", "C<", "C>", "C#"}


def test_every_page_stands_in_both_languages_and_begins_with_its_title() -> None:
    names = {page.name.split(".")[0] for page in _PAGES}
    assert len(_PAGES) == 2 * len(names)
    assert all(page.read_text(encoding="utf-8").startswith("# ") for page in _PAGES)


def test_both_languages_tell_the_same_cases() -> None:
    chinese = [example for example in examples() if ".zh." in example.page]
    english = [example for example in examples() if ".en." in example.page]
    assert [(e.policy, len(e.rules), len(e.cases)) for e in chinese] == [
        (e.policy, len(e.rules), len(e.cases)) for e in english
    ]


def test_every_rule_of_the_linter_is_explained_in_both_languages() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in _LINT.glob("*.py"))
    rules = set(re.findall(r'Finding\(\s*"([a-z-]+)"', source))
    assert len(rules) >= 14
    of_expressions = set(re.findall(r"[a-z]+-[a-z]+|arguments|literal|range|pattern", analysis.__doc__.split("``")[1]))
    of_expressions -= {"unknown-name", "result-kind"}  # said by the decision linter itself; never asked for
    for language in ("zh", "en"):
        tables = _markdown_tables((_FOLDER / f"findings.{language}.md").read_text(encoding="utf-8"))
        first, second = ({row[0] for row in rows} for _, *rows in tables)
        assert first == rules
        assert second == of_expressions
