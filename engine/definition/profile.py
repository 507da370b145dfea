"""Local parameters: typed, flat, and resolved key by key from the nearest organisation to the root."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from engine.errors import Rejected

_TYPES: dict[str, tuple[type, ...]] = {"integer": (int,), "boolean": (bool,), "string": (str,), "list": (list,)}
_KNOWN = {"type", "value", "unit", "label", "label_en", "source", "min", "max", "options"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. ``source`` names the clause or letter that sets it.

    ``options``: what a text or an entry of a list may be, with what people call it; empty means anything.
    """

    key: str
    type: str
    value: Any
    unit: str = ""
    label: str = ""
    label_en: str = ""
    source: str = ""
    min: Any = None
    max: Any = None
    options: Mapping[str, str] = field(default_factory=dict)


def read_profile(content: bytes) -> dict[str, Parameter]:
    """The parameters of a ``profile.toml``, by key. Raises ``Rejected`` naming the key."""
    try:
        data = tomllib.loads(content.decode(), parse_float=Decimal)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Rejected("Expected TOML in profile.toml but found: %(reason)s. Correct it.", reason=str(error)) from None
    return {key: _parameter(key, entry) for key, entry in data.items()}


def resolve_profile(profiles: Sequence[bytes]) -> dict[str, Any]:
    """The values in force, given profiles from the nearest organisation to the root: the nearest that has a key wins.

    A nearer profile may not change the type of a key, nor leave the bounds of the farthest that has it.
    """
    return {key: parameter.value for key, parameter in resolve_parameters(profiles).items()}


def resolve_parameters(profiles: Sequence[bytes]) -> dict[str, Parameter]:
    """Like ``resolve_profile``, with type, unit, label and source."""
    found: dict[str, Parameter] = {}
    for content in reversed(profiles):
        for key, parameter in read_profile(content).items():
            above = found.get(key)
            if above is not None:
                _check_bounds(parameter, above)
                parameter = _within(parameter, above)
            found[key] = parameter
    return found


def _parameter(key: str, entry: Any) -> Parameter:
    if not isinstance(entry, dict) or "value" not in entry or not set(entry) <= _KNOWN:
        raise Rejected(
            "Expected a table with type and value for the parameter %(key)s but found something else. Write the table.",
            key=key,
        )
    kind = entry.get("type", "")
    value = entry["value"]
    allowed = _TYPES.get(kind)
    if allowed is None or not isinstance(value, allowed) or (kind == "integer" and isinstance(value, bool)):
        raise Rejected(
            "Expected a value of type %(type)s for the parameter %(key)s but found %(found)s. Correct it.",
            type=kind or "integer, boolean, string or list",
            key=key,
            found=str(value)[:80],
        )
    options = entry.get("options", {})
    if not isinstance(options, dict) or not all(isinstance(name, str) for name in options.values()):
        raise Rejected("Expected a table of options for the parameter %(key)s. Write each with its name.", key=key)
    parameter = Parameter(key=key, **{**entry, "type": kind})
    _check_bounds(parameter, parameter)
    return parameter


def _check_bounds(parameter: Parameter, bounds: Parameter) -> None:
    if parameter.type != bounds.type:
        raise Rejected(
            "Expected the parameter %(key)s to stay of type %(type)s but found %(found)s. Keep the type.",
            key=parameter.key,
            type=bounds.type,
            found=parameter.type,
        )
    entries = parameter.value if parameter.type == "list" else [parameter.value]
    if bounds.options and (wrong := [one for one in entries if not isinstance(one, str) or one not in bounds.options]):
        raise Rejected(
            "Expected the parameter %(key)s to be of %(options)s but found %(found)s. Correct it.",
            key=parameter.key,
            options=", ".join(bounds.options),
            found=str(wrong[0])[:80],
        )
    if parameter.type != "integer":
        return
    if (bounds.min is not None and parameter.value < bounds.min) or (
        bounds.max is not None and parameter.value > bounds.max
    ):
        raise Rejected(
            "Expected the parameter %(key)s between %(min)s and %(max)s but found %(found)s. Correct it.",
            key=parameter.key,
            min=bounds.min,
            max=bounds.max,
            found=parameter.value,
        )


def _within(parameter: Parameter, above: Parameter) -> Parameter:
    """The parameter with the bounds from above as well: who says none does not lift them for those below."""
    low, high = (
        [one for one in pair if one is not None]
        for pair in ((parameter.min, above.min), (parameter.max, above.max))
    )  # fmt: skip
    options = {key: name for key, name in parameter.options.items() if not above.options or key in above.options}
    return replace(
        parameter,
        min=max(low) if low else None,
        max=min(high) if high else None,
        options=options or above.options,
    )
