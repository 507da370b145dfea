"""Separation of duties: what one person may not do twice in one case."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from engine.errors import Rejected


@dataclass(frozen=True, slots=True)
class Duty:
    """All ``elements`` are done by different people in one case."""

    name: str
    elements: tuple[str, ...]


def read_duties(content: bytes) -> tuple[Duty, ...]:
    """The duties of a ``duties.toml``. Raises ``Rejected`` for anything but ``[[duty]]`` tables."""
    try:
        data = tomllib.loads(content.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Rejected("Expected TOML in duties.toml but found: %(reason)s. Correct it.", reason=str(error)) from None
    found = []
    for entry in data.get("duty", []):
        name, elements = entry.get("name"), entry.get("elements")
        if not isinstance(name, str) or not isinstance(elements, list) or not all(isinstance(e, str) for e in elements):
            raise Rejected("Expected name and elements in every duty of duties.toml. Add what is missing.")
        found.append(Duty(name, tuple(elements)))
    return tuple(found)


def violated(
    duties: Collection[Duty], done: Mapping[str, Collection[str]], element: str, *persons: str
) -> tuple[Duty, str] | None:
    """The duty that one of ``persons`` would break by completing ``element``, with the element done before, or None.

    ``persons`` are who acts and for whom; ``done`` says by whom and for whom each element of this case was completed
    so far, so that neither a deputy nor who sent them gets round a duty through the other. Doing the same element
    again is no breach unless the duty names it twice (``elements = ["sign", "sign"]``: every time another person).
    """
    for duty in duties:
        if element not in duty.elements:
            continue
        for other in duty.elements:
            is_other = other != element or duty.elements.count(element) > 1
            if is_other and any(person in done.get(other, ()) for person in persons):
                return duty, other
    return None
