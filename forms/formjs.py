"""Read a form-js JSON document (schemaVersion 19) into a ``Form``. Every mistake is named with its JSON path.

Only what the page can show and the server can check is let in; what form-js knows beyond that (HTML, frames, tables,
scripts, options from expressions) is refused here, not ignored: an ignored rule is a rule that nobody keeps.
What form-js has no word for stands in a component's ``properties``: write, see, check, check_suffix, options_from,
required_when, computed, rule, rule_message, default, unit, files_max, bytes_max; on the form itself: title, submit,
description, extends, remove.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from forms.checks import CHECKS
from forms.grammar import (
    COMPONENTS,
    COMPONENTS_MAX,
    DEPTH_MAX,
    FORM_PROPERTIES,
    KEY,
    PROPERTIES,
    RESERVED_KEYS,
    SCHEMA_VERSION,
    VALIDATE,
    DocumentReader,
    FormError,
    Mistake,
    brief,
    read_json,
)
from forms.schema import Field, FieldKind, Form, Item, Limits, Option, Section, Text
from forms.uploads import known

__all__ = ["FormError", "Mistake", "read_form"]

_KEPT = 256
_KINDS: Mapping[str, FieldKind] = {
    "textfield": "text", "textarea": "textarea", "number": "number", "datetime": "date", "select": "select",
    "radio": "radio", "checklist": "checklist", "checkbox": "checkbox", "filepicker": "file",
}  # fmt: skip


@lru_cache(_KEPT)
def read_form(content: bytes, key: str = "") -> Form:
    """The form in ``content``; ``key`` names it when the document has no ``id``. Raises ``FormError``.

    Kept by content: of a draft's forms one is new at a time, and each check asks for them several times.
    """
    document = read_json(content)
    reader = _Reader()
    form = reader.form(document, key)
    if reader.mistakes:
        raise FormError(reader.mistakes)
    return form


class _Reader(DocumentReader):
    """Walks the document once, collecting mistakes instead of stopping at the first."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: dict[str, str] = {}
        self.count = 0

    def form(self, document: dict[str, Any], key: str) -> Form:
        if document.get("type", "default") != "default":
            self.wrong("/type", 'Expected type "default".')
        if document.get("schemaVersion") != SCHEMA_VERSION:
            self.wrong("/schemaVersion", "Expected schemaVersion %(expected)s, but found %(found)s.",
                       expected=SCHEMA_VERSION, found=brief(document.get("schemaVersion")))  # fmt: skip
        properties = self.properties(document, "", FORM_PROPERTIES)
        title, identity = properties.get("title", ""), document.get("id", key)
        if not title and not properties.get("extends"):
            self.wrong("/properties/title", "The form needs a title.")
        if not isinstance(identity, str) or not KEY.fullmatch(identity):
            self.wrong("/id", "Expected a form id of letters, digits and underscores, but found %(found)s.",
                       found=brief(identity))  # fmt: skip
        items = self.items(document.get("components"), "/components", _Roles(), 0)
        return Form(
            key=str(identity),
            title=title,
            items=items,
            description=properties.get("description", ""),
            submit_label=properties.get("submit", ""),
            extends=properties.get("extends", ""),
        )

    def items(self, components: Any, path: str, roles: _Roles, depth: int) -> tuple[Item, ...]:
        if not isinstance(components, list):
            self.wrong(path, "Expected a list of components.")
            return ()
        if depth > DEPTH_MAX:
            self.wrong(path, "Groups may stand in each other at most %(limit)s deep.", limit=DEPTH_MAX)
            return ()
        found = (self.item(component, f"{path}/{n}", roles, depth) for n, component in enumerate(components))
        return tuple(item for item in found if item is not None)

    def item(self, component: Any, path: str, roles: _Roles, depth: int) -> Item | None:
        self.count += 1
        if self.count > COMPONENTS_MAX:
            if self.count == COMPONENTS_MAX + 1:
                self.wrong(path, "A form may have at most %(limit)s components.", limit=COMPONENTS_MAX)
            return None
        if not isinstance(component, dict):
            self.wrong(path, "Expected a component, but found %(found)s.", found=brief(component))
            return None
        kind = component.get("type")
        if not isinstance(kind, str) or kind not in COMPONENTS:
            self.wrong(f"{path}/type", "The component type %(found)s is not supported. Use one of: %(types)s.",
                       found=brief(kind), types=", ".join(COMPONENTS))  # fmt: skip
            return None
        self.known_names(component, path, COMPONENTS[kind])
        properties = self.properties(component, path, PROPERTIES)
        hide = self.hide(component, path)
        if kind in ("separator", "spacer"):
            return None
        if kind == "text":
            return self.text(component, path, hide)
        own = roles.narrowed(properties)
        if kind == "group":
            return self.group(component, path, own, hide, depth)
        return self.field(component, kind, path, properties, own, hide)

    def hide(self, component: Mapping[str, Any], path: str) -> str:
        conditional = component.get("conditional", {})
        if not isinstance(conditional, dict):
            self.wrong(f"{path}/conditional", "Expected an object with hide.")
            return ""
        self.known_names(conditional, f"{path}/conditional", frozenset({"hide"}))
        return self.feel(conditional.get("hide", ""), f"{path}/conditional/hide")

    def text(self, component: Mapping[str, Any], path: str, hide: str) -> Text | None:
        words = component.get("text")
        if not isinstance(words, str) or not words.strip():
            self.wrong(f"{path}/text", "Expected some text.")
            return None
        marks, _, heading = words.strip().partition(" ")
        if marks in ("#", "##", "###"):
            return Text(heading.strip(), 3 if marks == "###" else 2, hide)
        return Text(words.strip(), 0, hide)

    def group(self, component: Mapping[str, Any], path: str, roles: _Roles, hide: str, depth: int) -> Section:
        if component.get("path"):
            self.wrong(f"{path}/path", "A group may not have a path: answers are not nested.")
        label = self.words(component, "label", path)
        if not label:
            self.wrong(f"{path}/label", "A group needs a label: it is what a screen reader says first.")
        items = self.items(component.get("components"), f"{path}/components", roles, depth + 1)
        return Section(label, items, hide, self.words(component, "description", path))

    def field(
        self,
        component: Mapping[str, Any],
        kind: str,
        path: str,
        properties: Mapping[str, str],
        roles: _Roles,
        hide: str,
    ) -> Field | None:
        key = component.get("key")
        if not isinstance(key, str) or not KEY.fullmatch(key) or key in RESERVED_KEYS:
            self.wrong(f"{path}/key", "Expected a key of letters, digits and underscores that begins with a letter,"
                       " but found %(found)s.", found=brief(key))  # fmt: skip
            return None
        if key in self.keys:
            self.wrong(f"{path}/key", "The key %(key)s stands already at %(first)s.", key=key, first=self.keys[key])
            return None
        self.keys[key] = path
        label = self.words(component, "label", path) or self.words(component, "dateLabel", path)
        if not label:
            self.wrong(f"{path}/label", "The field %(key)s needs a label.", key=key)
        options_from = properties.get("options_from", "")
        return Field(
            key=key,
            label=label,
            kind=self.kind(component, kind, path),
            description=self.words(component, "description", path),
            unit=properties.get("unit", ""),
            options=self.options(component, kind, options_from, path),
            options_from=options_from,
            options_within=self.within(properties, path),
            limits=self.limits(component, kind, path, properties),
            check=self.check(kind, path, properties),
            check_suffix=self.pattern(properties.get("check_suffix", ""), f"{path}/properties/check_suffix"),
            write=roles.write,
            see=roles.see,
            readonly=self.flag(component, "readonly", path) or self.flag(component, "disabled", path),
            hide=hide,
            required_when=self.feel(properties.get("required_when", ""), f"{path}/properties/required_when"),
            computed=self.feel(properties.get("computed", ""), f"{path}/properties/computed"),
            rule=self.feel(properties.get("rule", ""), f"{path}/properties/rule"),
            rule_message=properties.get("rule_message", ""),
            default=self.default(component, properties, path),
            fresh=self.yes(properties, "fresh", path),
            accept=self.accept(component, path) if kind == "filepicker" else (),
        )

    def kind(self, component: Mapping[str, Any], kind: str, path: str) -> FieldKind:
        subtype = component.get("subtype", "date")
        if kind != "datetime" or subtype == "date":
            return _KINDS[kind]
        if subtype != "datetime":
            self.wrong(f"{path}/subtype", "Expected subtype date or datetime, but found %(found)s.",
                       found=brief(subtype))  # fmt: skip
        return "datetime"

    def within(self, properties: Mapping[str, str], path: str) -> str:
        if properties.get("options_within") and not properties.get("options_from"):
            self.wrong(f"{path}/properties/options_within", "Expected options_from beside options_within. Add it.")
        return properties.get("options_within", "")

    def options(self, component: Mapping[str, Any], kind: str, options_from: str, path: str) -> tuple[Option, ...]:
        if kind not in ("select", "radio", "checklist"):
            if options_from:
                self.wrong(f"{path}/properties/options_from", "Only a field with choices may take them from elsewhere.")
            return ()
        values = component.get("values", [])
        if not isinstance(values, list) or (not values and not options_from):
            self.wrong(f"{path}/values", "Expected a list of choices with label and value.")
            return ()
        if values and options_from:
            self.wrong(f"{path}/values", "Expected either fixed choices or options_from, but found both.")
        return self.option_list(values, path)

    def option_list(self, values: list[Any], path: str) -> tuple[Option, ...]:
        options: dict[str, Option] = {}
        for n, entry in enumerate(values):
            where = f"{path}/values/{n}"
            if not isinstance(entry, dict) or not isinstance(entry.get("label"), str) or not entry["label"].strip():
                self.wrong(where, "Expected a choice with a label and a value.")
                continue
            self.known_names(entry, where, frozenset({"label", "value"}))
            answer = entry.get("value")
            if not isinstance(answer, str | int) or answer == "":
                self.wrong(f"{where}/value", "Expected a text, a whole number, true or false, but found %(found)s.",
                           found=brief(answer))  # fmt: skip
                continue
            posted = str(answer).lower() if isinstance(answer, bool) else str(answer)
            if posted in options:
                self.wrong(f"{where}/value", "The choice %(value)s stands twice.", value=brief(posted))
            options[posted] = Option(posted, entry["label"].strip(), None if isinstance(answer, str) else answer)
        return tuple(options.values())

    def limits(self, component: Mapping[str, Any], kind: str, path: str, properties: Mapping[str, str]) -> Limits:
        validate = component.get("validate", {})
        if not isinstance(validate, dict):
            self.wrong(f"{path}/validate", "Expected an object.")
            validate = {}
        where = f"{path}/validate"
        self.known_names(validate, where, VALIDATE)
        if validate.get("validationType", "custom") not in ("custom", ""):
            self.wrong(f"{where}/validationType", "Use the property check or a pattern instead of a validationType.")
        many = self.flag(component, "multiple", path)
        return Limits(
            required=self.flag(validate, "required", where),
            length_min=self.whole(validate.get("minLength"), f"{where}/minLength"),
            length_max=self.whole(validate.get("maxLength"), f"{where}/maxLength"),
            number_min=self.bound(validate.get("min"), f"{where}/min"),
            number_max=self.bound(validate.get("max"), f"{where}/max"),
            decimals_max=self.whole(component.get("decimalDigits"), f"{path}/decimalDigits"),
            pattern=self.pattern(validate.get("pattern", ""), f"{where}/pattern") or None,
            pattern_message=self.words(validate, "patternErrorMessage", where),
            bytes_max=self.whole(properties.get("bytes_max"), f"{path}/properties/bytes_max") or 10_000_000,
            files_max=self.whole(properties.get("files_max"), f"{path}/properties/files_max") or (10 if many else 1),
        )

    def check(self, kind: str, path: str, properties: Mapping[str, str]) -> str:
        name = properties.get("check", "")
        if name and (name not in CHECKS or kind != "textfield"):
            self.wrong(f"{path}/properties/check", "Expected one of %(known)s on a text field, but found %(found)s.",
                       known=", ".join(CHECKS), found=brief(name))  # fmt: skip
            return ""
        if properties.get("check_suffix") and name != "resident_id":
            self.wrong(f"{path}/properties/check_suffix", "A suffix needs check resident_id.")
        return name

    def default(self, component: Mapping[str, Any], properties: Mapping[str, str], path: str) -> Any:
        value = properties.get("default", component.get("defaultValue"))
        if value is None or isinstance(value, str | bool | int | Decimal):
            return value
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        self.wrong(f"{path}/defaultValue", "Expected a text, a number, true, false or a list of texts.")
        return None

    def yes(self, properties: Mapping[str, str], name: str, path: str) -> bool:
        text = properties.get(name, "false")
        if text not in ("true", "false"):
            self.wrong(f"{path}/properties/{name}", "Expected true or false, but found %(found)s.", found=brief(text))
        return text == "true"

    def accept(self, component: Mapping[str, Any], path: str) -> tuple[str, ...]:
        text = component.get("accept", "")
        entries = tuple(e.strip().lower() for e in text.split(",") if e.strip()) if isinstance(text, str) else ("?",)
        for entry in entries:
            if not known(entry):
                self.wrong(f"{path}/accept", "The file type %(entry)s cannot be recognised. Use .jpg, .png, .pdf,"
                           " .gif, .webp or image/*.", entry=entry)  # fmt: skip
        return entries


@dataclass(frozen=True, slots=True)
class _Roles:
    """Who may write and see: a group's word holds for what stands in it, unless a field has its own."""

    write: frozenset[str] = frozenset()
    see: frozenset[str] = frozenset()

    def narrowed(self, properties: Mapping[str, str]) -> _Roles:
        return _Roles(_names(properties.get("write", "")) or self.write, _names(properties.get("see", "")) or self.see)


def _names(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(",") if name.strip())
