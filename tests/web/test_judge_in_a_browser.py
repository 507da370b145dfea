"""The judge of pages can tell: it names what is wrong, each element of it, and says nothing of a page that is right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.chromium import chrome, faults

__all__ = ["chrome"]

pytestmark = pytest.mark.browser

RIGHT = (
    '<html lang="en"><head><title>A page</title></head><body><main><h1>A page</h1><img alt="a house" src="data:,">'
    '<p style="color: #333; background: #fff">Words.</p><label>Name <input></label></main></body></html>'
)
WRONG = (
    RIGHT.replace(' alt="a house"', "")
    .replace("#333", "#ccc")
    .replace("<label>Name <input></label>", "<p><input></p><p><input></p><div style='width: 2000px'>wide</div>")
)


@pytest.fixture
def tab(chrome: Any) -> Iterator[Any]:
    page = chrome.new_page(viewport={"width": 360, "height": 600})
    page.complaints = []
    yield page
    page.close()


def test_every_fault_of_a_page_is_told_with_its_elements(tab: Any) -> None:
    tab.set_content(WRONG)

    for _ in range(2):  # the second look finds the judge already there
        found = Counter(fault.split(":")[0] for fault in faults(tab))
        assert found == {"color-contrast": 1, "image-alt": 1, "label": 2, "scrolls sideways": 1}


def test_a_page_that_is_right_has_no_faults(tab: Any) -> None:
    tab.set_content(RIGHT)

    assert faults(tab) == []
