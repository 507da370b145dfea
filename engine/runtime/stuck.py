"""What the machine cannot do: becomes an incident at the element, never an exception for the person."""

from __future__ import annotations

from engine.errors import ShangmenError


class Stuck(ShangmenError):
    """A sentence that says what was expected, what was found and what to do."""


class Broken(Exception):
    """The move with this number did what no move may do (see ``engine.runtime.mending``)."""

    def __init__(self, move: int, reason: str) -> None:
        super().__init__(move, reason)
        self.move, self.reason = move, reason


def reason_of(error: BaseException) -> str:
    """What went wrong, in a few words."""
    said = str(error) if isinstance(error, ShangmenError) else f"{type(error).__name__} {error}"
    return said[:150]
