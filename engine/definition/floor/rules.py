"""Floor rules as data: a number, a kind, the sentence of the rule, its source, and what the kind needs."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import Rejected

SHAPES: Mapping[str, Mapping[str, type | tuple[type, ...]]] = {
    "must_pass": {"targets": list, "through": list},
    "document_before": {"targets": list, "document": str},
    "precedes": {"first": list, "then": list, "since": list},
    "end_has_feedback": {"positive": list, "through": list},
    "holds_at": {"element": str, "condition": str},
    "both_reachable": {"field": str, "values": list, "target": str},
    "timer_escalates": {"connectors": list},
    "overdue_escalates": {"elements": list, "days": int, "connectors": list},
    "reported_by": {"element": str, "any_of": list},
    "parameter": {"key": str},
    "at_least_days": {"timer": str, "days": int, "after": (str, list)},
    "days_counted": {"variable": str, "days": int, "after": list},
    "due_within": {"element": str, "days": int, "after": str, "assuming": list},
    "different_people": {"elements": list},
    "kept_away": {"elements": list, "person": str, "answers": dict},
    "lane_has": {"element": str},
    "levels_within": {"around": str, "levels": list},
    "written_only_by": {"variable": str, "elements": list},
    "form_refuses": {"task": str, "field": str, "answers": dict},
    "form_field": {"task": str, "field": str},
    "options": {"task": str, "field": str},
    "never_asked": {"pattern": str},
    "table_gives": {"decision": str, "condition": str},
    "sound": {},
    "roles_known": {},
    "units_staffed": {},
    "unchecked": {"reason": str},
}
"""Kind → the options it needs, with their types. Further options are read by the kind itself."""
_OPTIONAL = frozenset(
    {
        "unless", "least", "most", "equals", "role", "level", "tenant", "when", "assuming", "required", "options_from",
        "always", "never", "any_of", "inputs", "now", "severity", "decision", "or_asking", "where_asked",
        "after", "connectors",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """``number`` is the rule's own (``N3``); several rules may carry one number, each a part of it."""

    number: str
    kind: str
    text: str
    source: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_error(self) -> bool:
        return bool(self.options.get("severity", "error") == "error")

    def __getitem__(self, name: str) -> Any:
        return self.options[name]

    def get(self, name: str, otherwise: Any = None) -> Any:
        return self.options.get(name, otherwise)


def read_floor(content: bytes) -> tuple[Rule, ...]:
    """The rules of a ``floor.toml``. Raises ``Rejected`` for an unknown kind or option: no rule passes unread."""
    try:
        data = tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise Rejected("Expected TOML in floor.toml but found: %(reason)s. Correct it.", reason=str(error)) from None
    entries = data.get("rule", [])
    if set(data) - {"rule"} or not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise Rejected("Expected only [[rule]] tables in floor.toml but found something else. Correct it.")
    return tuple(_rule(dict(entry)) for entry in entries)


def _rule(entry: dict[str, Any]) -> Rule:
    plain = {name: entry.pop(name, None) for name in ("number", "kind", "text", "source")}
    for name, value in plain.items():
        if not isinstance(value, str) or not value:
            raise Rejected(
                "Expected %(name)s in every rule of floor.toml but the rule %(rule)s has none. Add it.",
                name=name,
                rule=str(plain["number"]),
            )
    shape = SHAPES.get(str(plain["kind"]))
    if shape is None:
        raise Rejected(
            "Expected a known kind of rule in floor.toml but %(rule)s has %(kind)s. Choose one of: %(known)s.",
            rule=plain["number"],
            kind=plain["kind"],
            known=", ".join(SHAPES),
        )
    for name, kind in shape.items():
        if not isinstance(entry.get(name), kind):
            raise Rejected(
                "Expected %(name)s in the rule %(rule)s of floor.toml but it is missing or wrong. Correct it.",
                name=name,
                rule=plain["number"],
            )
    unknown = sorted(set(entry) - set(shape) - _OPTIONAL)
    if unknown:
        raise Rejected(
            "Expected no %(name)s in the rule %(rule)s of floor.toml: nothing reads it. Remove it.",
            name=unknown[0],
            rule=plain["number"],
        )
    return Rule(str(plain["number"]), str(plain["kind"]), str(plain["text"]), str(plain["source"]), entry)
