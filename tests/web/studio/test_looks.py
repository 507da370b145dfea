"""A diagram that cannot run is looked at all the same, with what was found marked on it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.web.browser import Browser
from tests.web.studio.test_studio import SOURCE, check, packed, with_longer_name

AsPerson = Callable[[str], Browser]
CORPORA = os.environ.get("SHANGMEN_CORPORA")
MODELS = sorted((Path(CORPORA) / "miwg").rglob("*.bpmn")) if CORPORA else []
CHOREOGRAPHY = SOURCE.replace(b"<bpmn:endEvent", b'<bpmn:complexGateway id="strange" name="x"/><bpmn:endEvent', 1)


def test_a_refused_diagram_is_shown_with_its_findings(as_person: AsPerson) -> None:
    page = check(as_person("admin"), packed(errand__bpmn=CHOREOGRAPHY))

    assert "strange" in page.tree.xpath("//*[@class='errsum']")[0].text_content()
    assert page.tree.xpath("//section[@aria-labelledby='looks']//*[@data-id]")


def test_a_good_diagram_is_shown_without_marks(as_person: AsPerson) -> None:
    page = check(as_person("admin"), with_longer_name())

    assert page.status == 200
    assert page.tree.xpath("//section[@aria-labelledby='looks']//*[@data-id='check']")
    assert not page.tree.xpath("//section[@aria-labelledby='looks']//*[contains(@class, 'is-stuck')]")


def test_what_is_no_bpmn_has_no_picture_but_a_reason(as_person: AsPerson) -> None:
    page = check(as_person("admin"), packed(errand__bpmn=b"<html/>"))

    assert page.tree.xpath("//*[@class='errsum']")
    assert not page.tree.xpath("//section[@aria-labelledby='looks']")


@pytest.mark.skipif(not MODELS, reason="set SHANGMEN_CORPORA to the folder of the corpora")
def test_every_public_reference_model_is_displayed(as_person: AsPerson) -> None:
    admin = as_person("admin")
    for model in MODELS:
        page = check(admin, packed(model__bpmn=model.read_bytes()))
        assert page.tree.xpath("//*[@class='errsum']"), model.name
        figures = page.tree.xpath("//section[@aria-labelledby='looks']//figure")
        assert figures, model.name
        assert page.tree.xpath("//section[@aria-labelledby='looks']//*[contains(@class, 'is-stuck')]"), model.name
