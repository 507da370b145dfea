"""What an auditor wants to be told of: rules of a procedure as data, each of one of a few general kinds.

``oversight.toml`` holds ``[[rule]]`` tables. The kinds know nothing of any procedure; a rule names the steps and the
values that it is about. It judges cases afterwards, no case runs by it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from engine.errors import Rejected

RULES_MAX: Final = 100
NUMBER_MAX: Final = 100_000


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``given`` are the entries that its kind asks for; ``basis`` says on what the rule rests."""

    id: str
    kind: str
    title: str
    title_en: str
    basis: str
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of rule asks for: entry → type, of those the ones that may be left out, and bounds of numbers."""

    entries: Mapping[str, type]
    optional: frozenset[str] = frozenset()
    bounds: Mapping[str, tuple[int, int]] = field(default_factory=dict)


KINDS: Final[Mapping[str, Kind]] = {
    "share-per-person": Kind(
        {"element": str, "variable": str, "values": list, "least": int, "percent": int}, bounds={"percent": (1, 100)}
    ),
    "share-above-percentile": Kind(
        {"element": str, "variable": str, "values": list, "least": int, "people": int, "percentile": int},
        bounds={"percentile": (1, 99), "people": (2, NUMBER_MAX)},
    ),
    "too-few-people": Kind(
        {"element": str, "others": list, "then": str, "variable": str, "values": list, "least": int},
        bounds={"least": (2, NUMBER_MAX)},
    ),
    "too-fast": Kind({"element": str, "after": str, "minutes": int}),
    "too-recent": Kind({"element": str, "variables": list, "months": int}),
    "repeated-file": Kind({"variables": list}, frozenset({"variables"})),
    "same-value": Kind({"variables": list, "least": int}),
    "series": Kind({"element": str, "least": int}),
    "named-like-staff": Kind({"variables": list}),
    "far-apart": Kind({"place": str, "other": str, "metres": int, "variable": str, "values": list}),
    "jump": Kind({"same": str, "variable": str, "by": int, "days": int}),
    "opened-again": Kind({"same": str, "ends": list, "cancelled": bool, "days": int}, frozenset({"cancelled"})),
}
"""Kind → what it asks for. What each finds is said in ``engine.queries.flags``."""

_COMMON: Final = {"id", "kind", "title", "title_en", "basis"}


def read_oversight(content: bytes) -> tuple[Rule, ...]:
    """The rules of an ``oversight.toml``. Raises ``Rejected`` naming the rule and what is wrong with it."""
    try:
        data = tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise Rejected(
            "Expected TOML in oversight.toml but found: %(reason)s. Correct it.", reason=str(error)[:200]
        ) from None
    entries = data.get("rule", [])
    if set(data) - {"rule"} or not isinstance(entries, list) or len(entries) > RULES_MAX:
        raise Rejected("Expected at most %(limit)s tables [[rule]] in oversight.toml. Correct it.", limit=RULES_MAX)
    rules = tuple(_rule(entry, number) for number, entry in enumerate(entries, 1))
    if len({rule.id for rule in rules}) != len(rules):
        raise Rejected("Expected every rule of oversight.toml to have an id of its own. Rename one.")
    return rules


def _rule(entry: Any, number: int) -> Rule:
    if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) for key in ("id", "kind", "title")):
        raise Rejected("Expected id, kind and title in rule %(number)s of oversight.toml. Add them.", number=number)
    kind = KINDS.get(entry["kind"])
    if kind is None:
        raise Rejected(
            "Expected one of %(kinds)s in rule %(rule)s of oversight.toml, but found %(found)s. Correct it.",
            kinds=", ".join(KINDS),
            rule=entry["id"][:80],
            found=entry["kind"][:80],
        )
    given = {key: value for key, value in entry.items() if key not in _COMMON}
    for key, type_ in kind.entries.items():
        missing = key not in given and key not in kind.optional
        if missing or (key in given and not _is_a(given[key], type_)):
            raise _unlike(type_, key, entry["id"][:80])
        least, most = kind.bounds.get(key, (1, NUMBER_MAX))
        if type_ is int and key in given and not least <= given[key] <= most:
            raise Rejected(
                "Expected %(key)s in rule %(rule)s of oversight.toml to be from %(least)s to %(most)s, but found "
                "%(found)s. Correct it.",
                key=key,
                rule=entry["id"][:80],
                least=least,
                most=most,
                found=str(given[key])[:80],
            )
    if unknown := sorted(set(given) - set(kind.entries)):
        raise Rejected(
            "Expected no %(key)s in rule %(rule)s of oversight.toml: its kind does not know it. Leave it out.",
            key=unknown[0][:80],
            rule=entry["id"][:80],
        )
    common = {key: str(entry.get(key, "")) for key in ("id", "kind", "title", "title_en", "basis")}
    return Rule(**common, given=given)


def _unlike(type_: type, key: str, rule: str) -> Rejected:
    """The refusal of an entry that is missing or of another type."""
    if type_ is int:
        found = Rejected(
            "Expected %(key)s in rule %(rule)s of oversight.toml to be a whole number. Correct it.", key=key, rule=rule
        )
    elif type_ is bool:
        found = Rejected(
            "Expected %(key)s in rule %(rule)s of oversight.toml to be true or false. Correct it.", key=key, rule=rule
        )
    elif type_ is list:
        found = Rejected(
            "Expected %(key)s in rule %(rule)s of oversight.toml to be a list of texts in quotation marks. Correct it.",
            key=key,
            rule=rule,
        )
    else:
        found = Rejected(
            "Expected %(key)s in rule %(rule)s of oversight.toml to be a text. Correct it.", key=key, rule=rule
        )
    return found


def _is_a(value: Any, type_: type) -> bool:
    if type_ is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if type_ is list:
        return isinstance(value, list) and bool(value) and all(isinstance(one, str) and one for one in value)
    return isinstance(value, type_) and value != ""
