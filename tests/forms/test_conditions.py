"""Conditions in the browser: the tree says what FEEL says, in Python and in JavaScript, or there is no tree."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.feel import Environment, compile_expression
from forms.conditions import holds, initial, mentions, tree
from tests.forms.made import TODAY, Evaluator, choices, made, textfield

SCRIPT = Path(__file__).parents[2] / "web/frontend/src/parts/conditions.js"
KEYS = frozenset({"mode", "list", "flag", "count"})
VALUES: list[dict[str, Any]] = [
    {"mode": None, "list": [], "flag": None, "count": None},
    {"mode": "a", "list": ["x"], "flag": True, "count": 3},
    {"mode": "b", "list": ["x", "y"], "flag": False, "count": 0},
    {"mode": "c", "list": ["z"], "flag": True, "count": -2},
]
TEXTS = [
    'mode = "a"', 'mode != "a"', "mode = null", "mode != null", 'mode in ("a", "b")', 'mode in ["a", "b"]',
    'not(mode = "a")', 'not(mode in ("a", "b"))', 'list contains(list, "x")', 'not(list contains(list, "x"))',
    "flag", "not(flag)", "flag = true", "flag = false", "flag != true", "not(flag = true)", "count > 1", "count >= 3",
    "count < 0", "count = 3", "not(count > 1)", 'mode = "a" and flag', 'mode = "a" or list contains(list, "y")',
    'not(mode = "a" or flag = true)', '(mode = "a" or mode = "b") and count > 1', "count > 1 or flag",
    'not(mode = "a" and count > 1)', "true", "false", 'mode = "a" and not(list contains(list, "z")) or flag = false',
]  # fmt: skip
ENVIRONMENT = Environment(now=datetime(2026, 9, 21, tzinfo=UTC))


@pytest.mark.parametrize("text", TEXTS)
def test_a_tree_says_what_feel_says(text: str) -> None:
    condition = tree(text, {}, KEYS)

    assert condition is not None
    for values in VALUES:
        expected = compile_expression(text).evaluate(values, ENVIRONMENT)
        assert holds(condition, values) is (expected if isinstance(expected, bool) else None), values


def test_the_browser_says_what_python_says() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not on the PATH: install nodejs to run the page's own conditions.")
    trees = [tree(text, {}, KEYS) for text in TEXTS]
    program = f"""
        import {{ holds }} from {json.dumps(SCRIPT.as_uri())};
        const trees = {json.dumps(trees)}, values = {json.dumps(VALUES)};
        console.log(JSON.stringify(trees.map(t => values.map(v => holds(t, v)))));
    """
    answer = subprocess.run(
        [node, "--input-type=module", "-e", program], capture_output=True, text=True, check=True, timeout=60
    )

    assert json.loads(answer.stdout) == [[holds(t or [], v) for v in VALUES] for t in trees]


@pytest.mark.parametrize("text", ["count(list) > 1", "mode = other", "today() > date(mode)",
                                  "if flag then true else false",
                                  "mode", "mode = ", "(mode = \"a\"", "some x in list satisfies x = 1", "list[1] = 1",
                                  "1 = count", "mode = \"a\" xor flag", "not flag", "§", "(" * 40 + "flag" + ")" * 40,
                                  "mode in (a)"])  # fmt: skip
def test_any_other_shape_has_no_tree(text: str) -> None:
    found = tree(text, {}, KEYS)

    assert found is None or text == "mode"  # a bare name is a yes-or-no question


def test_what_the_case_knows_is_decided_at_once() -> None:
    known = {"kind": "x", "old": True}

    assert tree('kind = "x"', known, KEYS) == ["const", True]
    assert tree('kind = "y"', known, KEYS) == ["const", False]
    assert tree('kind = "x" and mode = "a"', known, KEYS) == ["and", ["const", True], ["=", "mode", "a"]]
    assert tree("old", known, KEYS) == ["const", True]


def test_names_inside_strings_are_not_mentioned() -> None:
    assert mentions('mode = "flag" and count > 1') == {"mode", "and", "count"}


def test_a_form_opens_with_the_case_and_with_defaults() -> None:
    form = made(
        textfield("known", "甲", properties={"default": "不用"}),
        textfield("literal", "乙", defaultValue="默认"),
        textfield("copied", "丙", properties={"default": "=known"}),
        textfield("broken", "丁", properties={"default": "=no such("}),
        textfield("fixed", "戊", readonly=True, defaultValue="不写"),
        {"type": "checklist", "key": "many", "label": "己", "values": choices("a", "b"), "defaultValue": ["a"]},
    )
    evaluate = Evaluator(known=lambda values: values["known"])

    assert initial(form, frozenset(), {"known": "有"}, evaluate) == {
        "known": "有", "literal": "默认", "copied": "有", "broken": None, "fixed": None, "many": ["a"]}  # fmt: skip


def test_a_fresh_field_opens_without_its_earlier_answer_and_is_read_all_the_same() -> None:
    decision = textfield("decision", "决定", properties={"fresh": "true", "default": "="})
    day = {"type": "datetime", "subtype": "date", "key": "day", "label": "日期",
           "properties": {"fresh": "true", "default": "=today()"}}  # fmt: skip
    read = textfield("read", "只读", readonly=True, properties={"fresh": "true"})
    case = {"decision": "退回", "day": date(2020, 1, 1), "read": "旧", "kept": "旧"}

    opened = initial(made(decision, day, read, textfield("kept", "留")), frozenset(), case, Evaluator())
    assert opened == {"decision": None, "day": TODAY, "read": "旧", "kept": "旧"}
