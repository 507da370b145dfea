"""What the data of a case are called and how their values are said: by their form, else by the procedure's own words.

A procedure names what no form asks for – counters, what tables found – in the table ``variables`` of its
``bundle.toml``: ``key = {name = …, name_en = …}``, parts of a context as ``"key.part"``, and values by ``values``
and ``values_en``. The words are those of the version in force for the case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.runtime.interpreter import ProcessDefinition
from web.language import current, gettext, show, word


class Labels:
    """The words of a case's data. ``names``: id of an organisation → its name."""

    def __init__(self, definition: ProcessDefinition, names: Mapping[str, str]) -> None:
        self.names = names
        self.fields = {field.key: field for form in definition.forms.values() for field in form.fields}
        given = definition.manifest.get("variables")
        self.variables: Mapping[str, Any] = given if isinstance(given, Mapping) else {}

    def label(self, key: str) -> str:
        """What a variable is called; its key where nobody gave it a name."""
        field = self.fields.get(key)
        if field is not None and field.label:
            return word(field.label)
        english = self._said(key, "name_en") if current() == "en" else ""
        return english or self._said(key, "name") or key

    def value(self, key: str, value: Any) -> str:
        """A value as its form shows it: an option's label, an organisation's name, a file's name, a date in words."""
        field = self.fields.get(key)
        if isinstance(value, list):
            return gettext(", ").join(self.value(key, item) for item in value)
        if isinstance(value, Mapping):
            if "digest" in value and "name" in value:
                return str(value["name"])
            parts = ((f"{key}.{part}", item) for part, item in value.items() if item is not None)
            return "; ".join(f"{self.label(part)}: {self.value(part, item)}" for part, item in parts)
        for option in field.options if field else ():
            if option.kept == value:
                return word(option.label)
        if isinstance(value, str) and field and field.options_from:
            return self.names.get(value, value)
        return self._value_said(key, value) or show(value)

    def _said(self, key: str, what: str) -> str:
        entry = self.variables.get(key)
        text = entry.get(what) if isinstance(entry, Mapping) else None
        return text if isinstance(text, str) else ""

    def _value_said(self, key: str, value: Any) -> str:
        entry = self.variables.get(key)
        if not isinstance(entry, Mapping) or not isinstance(value, str):
            return ""
        for what in ("values_en", "values") if current() == "en" else ("values",):
            words = entry.get(what)
            if isinstance(words, Mapping) and isinstance(words.get(value), str):
                return str(words[value])
        return ""
