"""Who keeps away from a case altogether: a person of whom a condition over the case's data holds."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from engine.errors import Rejected, ShangmenError
from engine.feel import Environment, compile_expression


@dataclass(frozen=True, slots=True)
class Recusal:
    """Nobody of whom ``when`` is true does any of ``elements``.

    ``when`` is FEEL over the case's variables, ``profile`` and ``person.name``, whoever really acts.
    """

    name: str
    elements: frozenset[str]
    when: str


def read_recusals(content: bytes) -> tuple[Recusal, ...]:
    """The ``[[recusal]]`` tables of a ``duties.toml``. Raises ``Rejected`` for one that cannot be understood."""
    try:
        entries = tomllib.loads(content.decode()).get("recusal", [])
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Rejected("Expected TOML in duties.toml but found: %(reason)s. Correct it.", reason=str(error)) from None
    found = []
    for entry in entries if isinstance(entries, list) else [None]:
        given = entry if isinstance(entry, dict) else {}
        name, elements, when = given.get("name"), given.get("elements"), given.get("when")
        named = isinstance(elements, list) and all(isinstance(one, str) for one in elements)
        if not isinstance(name, str) or not named or not isinstance(when, str):
            raise Rejected("Expected name, elements and when in every recusal of duties.toml. Add what is missing.")
        compile_expression(when)
        found.append(Recusal(name, frozenset(elements or ()), when))
    return tuple(found)


def recused(
    recusals: Collection[Recusal], element: str, person: str, variables: Mapping[str, Any], environment: Environment
) -> Recusal | None:
    """What keeps somebody with the name ``person`` from ``element``; None if nothing does.

    A condition that cannot be decided keeps everybody away: nobody acts in doubt.
    """
    for recusal in recusals:
        if element not in recusal.elements:
            continue
        try:
            holds = compile_expression(recusal.when).evaluate({**variables, "person": {"name": person}}, environment)
        except ShangmenError:
            return recusal
        if holds is not False:
            return recusal
    return None
