"""Changing values in the text of a profile leaves comments, order and layout alone, and what cannot be is refused."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from engine.definition.profile_text import rewrite
from engine.errors import Rejected

TEXT = """# 期限
days = { type = "integer", value = 5, unit = "working days", label = "value = 9" } # 办法第九条
name = { type = "string", value = "a, b # c", label = "名" }

[list] # 表
type = "list"
value = [ # 各项
  "甲",
  "乙",
] # 到此
label = "列"

# 关于开关
[on]
type = "boolean"
value = true # 开
"""


def changed(**values: Any) -> str:
    types = {"days": "integer", "name": "string", "list": "list", "on": "boolean", "more": "integer"}
    return rewrite(TEXT.encode(), values, types, {"more": "更多"}).decode()


@pytest.mark.parametrize(
    ("key", "value", "before", "after"),
    [
        ("days", 7, "value = 5,", "value = 7,"),
        ("name", 'x"y\\', 'value = "a, b # c",', 'value = "x\\"y\\\\",'),
        ("on", False, "value = true # 开", "value = false # 开"),
        ("list", ["丙"], 'value = [ # 各项\n  "甲",\n  "乙",\n] # 到此', 'value = ["丙"] # 到此'),
    ],
)
def test_only_the_value_changes(key: str, value: Any, before: str, after: str) -> None:
    assert before in TEXT
    assert changed(**{key: value}) == TEXT.replace(before, after)
    assert tomllib.loads(changed(**{key: value}))[key]["value"] == value


def test_a_parameter_goes_and_the_comment_of_the_next_stays() -> None:
    assert "days" not in changed(days=None)
    without = changed(list=None)
    assert "[list]" not in without
    assert "# 关于开关\n[on]" in without
    assert changed(on=None).endswith("# 关于开关\n")


def test_a_new_parameter_is_written_at_the_end_with_its_name() -> None:
    assert changed(more=3) == TEXT + '# 更多\n[more]\ntype = "integer"\nvalue = 3\n'
    assert rewrite(b"", {"more": 3}, {"more": "integer"}, {}).decode() == 'more = { type = "integer", value = 3 }\n'


def test_nothing_to_change_changes_nothing() -> None:
    assert changed() == TEXT


def test_every_parameter_of_the_national_profile_can_be_changed_alone() -> None:
    text = (Path(__file__).parents[2] / "processes/disability_assessment/profile.toml").read_bytes()
    data = tomllib.loads(text.decode())
    for key, entry in data.items():
        value: Any = {int: 3, bool: False, str: "x", list: ["x"]}[type(entry["value"])]
        new = rewrite(text, {key: value}, {}, {})
        assert tomllib.loads(new.decode()) == {**data, key: {**entry, "value": value}}
        assert sum(a != b for a, b in zip(text.splitlines(), new.splitlines(), strict=True)) <= 1


def test_a_text_written_otherwise_is_refused_instead_of_spoilt() -> None:
    odd = b'[a]\ntype = "integer"\n"value" = 3\n'
    with pytest.raises(Rejected, match="as text"):
        rewrite(odd, {"a": 4}, {"a": "integer"}, {})
