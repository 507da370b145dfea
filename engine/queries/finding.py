"""What verification finds: where, what is wrong, and by which means it was seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

SEAL: Final = "seal"
LOG: Final = "log"
ROWS: Final = "rows"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be. ``place`` is a stream and number, or a table and key.

    ``means`` says what gave it away: ``seal`` (the chain of a stream, a digest, a checksum), ``log`` (the Merkle
    log and its signed heads) or ``rows`` (what the history adds up to).
    """

    place: str
    template: str
    params: Mapping[str, Any]
    means: str = ROWS

    def __str__(self) -> str:
        return f"{self.place}: {self.template % self.params}"
