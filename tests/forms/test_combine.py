"""Two forms asked as one: everything once, and what one would not have come to stays hidden."""

from __future__ import annotations

import json
from typing import Any

from forms.combine import combine
from forms.formjs import read_form


def document(*components: dict[str, Any]) -> bytes:
    whole = {"type": "default", "id": "f", "schemaVersion": 19, "properties": {"title": "F"}}
    return json.dumps({**whole, "components": components}).encode()


NAME = {"type": "textfield", "key": "name", "label": "Name", "readonly": True}
MET = {"type": "checkbox", "key": "met", "label": "Met"}
GRADE = {"type": "number", "key": "grade", "label": "Grade", "conditional": {"hide": "=done = true"}}


def test_what_both_ask_is_asked_once_in_the_order_of_the_steps() -> None:
    form = read_form(combine(document(NAME, MET), document(NAME, GRADE), "both", "Both"))
    assert [field.key for field in form.fields] == ["name", "met", "grade"]
    assert (form.key, form.title) == ("both", "Both")


def test_what_lies_behind_a_choice_is_hidden_unless_it_is_made() -> None:
    form = read_form(combine(document(MET), document(GRADE), "both", "Both", "not(met = true)"))
    assert form.hides["grade"] == ("(done = true) or (not(met = true))",)
    assert form.hides["met"] == ()


def test_what_the_first_only_shows_is_asked_where_the_second_asks_it() -> None:
    asked = {**NAME, "readonly": False}
    form = read_form(combine(document(NAME, MET), document(asked), "both", "Both"))
    assert [(field.key, field.readonly) for field in form.fields] == [("met", False), ("name", False)]


def test_a_group_of_which_nothing_is_left_goes() -> None:
    group = {"type": "group", "label": "G", "components": [NAME]}
    assert len(read_form(combine(document(NAME), document(group, MET), "both", "Both")).items) == 2
