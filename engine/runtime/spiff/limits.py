"""How much a case may be and do; beyond it a person must look, for it is a mistake of the diagram or the data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.runtime.stuck import Stuck
from engine.values import encode

if TYPE_CHECKING:
    from engine.runtime.spiff.case import Case

TOKENS_MAX = 5_000
SCOPE_DEPTH_MAX = 100
DATA_BYTES_MAX = 3_500_000
"""Less than a whole case may have, so that its tokens have room beside its data."""


def too_many_steps(limit: int) -> Stuck:
    return Stuck(
        "Expected at most %(limit)s automatic steps at once but there are more. "
        "Check the diagram for a loop that nobody leaves, then retry.",
        limit=limit,
    )


def too_many_tokens() -> Stuck:
    return Stuck(
        "Expected at most %(limit)s tokens in a case but there are more. Look for a loop making them.",
        limit=TOKENS_MAX,
    )


def too_deep() -> Stuck:
    return Stuck(
        "Expected calls nested at most %(limit)s deep but this is deeper. Look for a process calling itself.",
        limit=SCOPE_DEPTH_MAX,
    )


class Scales:
    """Weighs what a case is given. An upper bound is carried along; only when it is reached all data are weighed."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self.bound = 0

    def check(self, values: Mapping[str, Any]) -> None:
        """Raises ``Stuck`` for values that a case cannot hold, or not together with what it has."""
        try:
            weight = _weight(values)
        except TypeError as error:
            raise Stuck(
                "Expected values that a case can hold in %(names)s but found another: %(reason)s. Correct it.",
                names=", ".join(map(str, values))[:80],
                reason=str(error),
            ) from None
        self.bound += weight
        if self.bound <= DATA_BYTES_MAX:
            return
        case = self._case
        kept = {name: value for name, value in case.variables.items() if name not in values}
        exact = weight + _weight(kept) + sum(_weight(scope.local) for scope in case.scopes.values() if scope.local)
        if exact > DATA_BYTES_MAX:
            raise Stuck(
                "Expected at most %(limit)s bytes of data in a case but with %(names)s there would be %(found)s. "
                "Put large things into files, or look for a loop that piles them up.",
                limit=DATA_BYTES_MAX,
                names=", ".join(map(str, values))[:80],
                found=exact,
            )
        self.bound = exact


def _weight(values: Mapping[str, Any]) -> int:
    return len(json.dumps(encode(dict(values)), ensure_ascii=False).encode()) if values else 0
