"""What an event is: one fact, stored once, never updated, never deleted.

Fields named in ``personal`` hold personal data or what people typed: the sealed fact holds only their salted digest
and says which fields these are, the values lie beside it, so that erasing them leaves the seal whole. Those also in
``kept`` stay when the rest is erased (how to find the case, why it was erased). Which of the other fields may leave
the house stands in ``engine.history.masking``. ``sentence`` is what an auditor reads: an English template over the
fields, and the key of the catalogue.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Event:
    """One fact. Stored once, never updated, never deleted."""

    sentence: ClassVar[str] = ""
    personal: ClassVar[frozenset[str]] = frozenset()
    kept: ClassVar[frozenset[str]] = frozenset()


@dataclass(frozen=True, slots=True)
class AtElement(Event):
    """A fact about one element of a diagram."""

    element: str
    process: str
    scope: str = ""
    via: str | None = None
