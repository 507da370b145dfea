"""Keeps those away from a case who may not act in it, whatever their role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from engine.calendar import Calendar
from engine.definition.recusal import recused
from engine.errors import Rejected
from engine.feel import Environment
from engine.runtime.interpreter import ProcessDefinition


def require_no_recusal(
    definition: ProcessDefinition,
    element: str,
    persons: Iterable[str],
    variables: Mapping[str, Any],
    now: datetime,
    calendar: Calendar,
) -> None:
    """Raises ``Rejected`` when the procedure keeps one of ``persons`` from the element.

    They are the names of who really acts and for whom: a deputy is no way round.
    """
    environment = Environment(now=now, calendar=calendar)
    known = {**variables, "profile": definition.profile}
    for person in persons:
        found = recused(definition.recusals, element, person, known, environment)
        if found is not None:
            raise Rejected(
                "Expected somebody whom “%(rule)s” does not keep away, but it keeps %(person)s away from this case. "
                "Leave it to a colleague.",
                rule=found.name,
                person=person,
            )
