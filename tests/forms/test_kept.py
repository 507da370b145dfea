"""What the form editor writes, on the text that was there: unchanged parts keep their text, its additions go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from forms.formjs import FormError
from forms.kept import kept_form

LIBRARY = sorted((Path(__file__).parents[2] / "forms" / "library").rglob("*.form.json"))


def as_the_editor(content: bytes, change: Any = None) -> bytes:
    """The same form with an id and a row on every part, in one line, keys in another order."""
    form = json.loads(content)
    count = 0

    def walk(parts: list[Any]) -> list[Any]:
        nonlocal count
        found = []
        for part in parts:
            count += 1
            inner = {"components": walk(part["components"])} if "components" in part else {}
            added = {"id": f"Field_{count}", "layout": {"row": f"Row_{count}", "columns": None}}
            if part["type"] == "group":
                added["showOutline"] = True
            if part.get("properties", {}).get("options_from"):
                added["values"] = [{"label": "Value", "value": "value"}]
            found.append({**added, **part, **inner})
        return found

    form["components"] = walk(form["components"])
    form["exporter"] = {"name": "x"}
    if change:
        change(form)
    return json.dumps(form).encode()


@pytest.mark.parametrize("file", LIBRARY, ids=lambda file: file.name)
def test_a_form_that_nobody_changed_is_the_same_file(file: Path) -> None:
    before = file.read_bytes()

    assert kept_form(before, as_the_editor(before)) == before


@pytest.mark.parametrize("file", LIBRARY, ids=lambda file: file.name)
def test_one_label_changed_changes_that_label_only(file: Path) -> None:
    before = file.read_text("utf-8")

    def change(form: dict[str, Any]) -> None:
        form["components"][0]["label"] = "改过的问题"

    after = kept_form(before.encode(), as_the_editor(before.encode(), change)).decode()

    assert json.loads(after)["components"][0]["label"] == "改过的问题"
    old, new = set(before.splitlines()), set(after.splitlines())
    assert len(new - old) <= 2, new - old


def test_a_new_part_stands_where_it_was_put_and_a_removed_one_is_gone() -> None:
    before = LIBRARY[0].read_text("utf-8")
    first = json.loads(before)["components"][0]

    def change(form: dict[str, Any]) -> None:
        form["components"].insert(0, {"type": "textfield", "key": "neu", "label": "新", "id": "Field_new"})
        del form["components"][1]

    after = json.loads(kept_form(before.encode(), as_the_editor(before.encode(), change)))

    assert after["components"][0] == {"type": "textfield", "key": "neu", "label": "新"}
    assert first not in after["components"]
    assert after["components"][1:] == json.loads(before)["components"][1:]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"a": 1, "a": 2}', b"\xff", b'{"a": NaN}'])
def test_what_is_no_form_is_refused(content: bytes) -> None:
    with pytest.raises(FormError):
        kept_form(LIBRARY[0].read_bytes(), content)


def test_a_former_text_that_cannot_be_read_is_replaced() -> None:
    assert json.loads(kept_form(b"<not json", b'{"components": []}')) == {"components": []}
