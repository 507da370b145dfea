"""The record of the long cases that were read last, kept in memory for whoever goes through them moment by moment.

Reading and folding thousands of facts takes a quarter of a second, and each moment of their film asks for them again.
What was read stays right while the case ends where it ended then: facts are only added, and an erasure is a fact, too.
Short cases are read anew, which takes no longer than a page does anyway; so little that is personal stays in memory.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from engine.history.facts import Fact
from engine.history.replay import Frame, frames
from engine.store.reading import facts_of

LONG: Final = 500
"""So many facts make a long case."""
KEPT_MAX: Final = 4


@dataclass(frozen=True, eq=False)
class Told:
    """The facts of a case, and where it stood after each."""

    facts: tuple[Fact, ...]
    frames: tuple[Frame, ...]


class LongCases:
    """The memory of one process. Thread-safe; what it hands out is not to be changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[tuple[int, str], Told]] = {}  # who was asked for last comes last

    def told(self, connection: Connection, instance_id: str, head: tuple[int, str]) -> Told:
        """The record of a case that ends at ``head``: its last number and seal. Raises ``Corrupt``."""
        with self._lock:
            kept = self._kept.pop(instance_id, None)
            if kept is not None and kept[0] == head:
                self._kept[instance_id] = kept
                return kept[1]
        facts = tuple(facts_of(connection, f"case:{instance_id}"))
        told = Told(facts, tuple(frames(facts)))
        if len(facts) >= LONG and facts[-1].seq == head[0]:
            with self._lock:
                self._kept[instance_id] = (head, told)
                while len(self._kept) > KEPT_MAX:
                    self._kept.pop(next(iter(self._kept)))
        return told
