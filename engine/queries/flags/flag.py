"""What one rule found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.definition.oversight import Rule
from engine.queries.past_cases import PastCase


@dataclass(frozen=True, slots=True)
class Flag:
    """What a rule found: a sentence (``template``, ``params``) and the cases it is about, oldest first.

    ``params`` may name a variable (``variable``) and its value (``value``): a page says both in the words of the form.
    """

    rule: Rule
    template: str
    params: Mapping[str, Any]
    cases: tuple[PastCase, ...]


def comes_out_so(rule: Rule, case: PastCase) -> bool:
    """Whether the case's ``variable`` is one of the rule's ``values``."""
    value = case.variables.get(rule.given["variable"])
    is_one = isinstance(value, str | int | Decimal) and not isinstance(value, bool)
    return is_one and str(value) in rule.given["values"]
