"""The quick way to canonical JSON writes what the standard's own library writes, and refuses what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from engine.history.seal import canonical

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
DATA = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)


@given(DATA)
def test_any_data_is_written_as_the_standard_has_it(data: Any) -> None:
    try:
        wanted = rfc8785.dumps(data)
    except ValueError:
        with pytest.raises(ValueError):
            canonical(data)
    else:
        assert canonical(data) == wanted


@pytest.mark.parametrize(
    "data",
    [
        "".join(map(chr, range(0x100))) + "\u2028\u2029\ufeff\U0001f600",
        {"\U0001f600": 1, "\ufb33": 2, "1": {"b": [], "a": {}}, "\r": None, "": True},
        [0, -1, 2**53 - 1, -(2**53) + 1, 1.0, 1e-7, 1e21, -0.0],
    ],
)
def test_what_the_two_could_write_differently_is_written_the_same(data: Any) -> None:
    assert canonical(data) == rfc8785.dumps(data)


@pytest.mark.parametrize("data", [2**53, -(2**53), float("nan"), float("inf"), "\ud800", {"\udfff": 1}, {1: 2}])
def test_what_json_cannot_hold_exactly_is_refused(data: Any) -> None:
    with pytest.raises(ValueError):
        canonical(data)
