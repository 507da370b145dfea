"""What the machine cannot do: becomes an incident at the element, never an exception for the person."""

from __future__ import annotations

from engine.errors import ShangmenError


class Stuck(ShangmenError):
    """A sentence that says what was expected, what was found and what to do."""
