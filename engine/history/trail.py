"""The way of a case so far: which elements it passed, when, and along which flows – as of any fact.

A film of n frames shares one trail that only grows; a frame remembers how far it had come. So a film costs as
much as its facts, however long it is, and each frame still shows the way as it was then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeAlias, TypeVar, overload

Here: TypeAlias = tuple[str, str, str]  # element, process, scope
Flow: TypeAlias = tuple[str, str, str]  # process, scope, sequence flow
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Visit:
    """One passage of one element: in which scope, since which fact, and until which (None: still there)."""

    element: str
    process: str
    scope: str
    since: int
    until: int | None = None
    cancelled: bool = False

    @property
    def here(self) -> Here:
        """Where it was."""
        return self.element, self.process, self.scope


@dataclass(slots=True)
class Trail:
    """All visits and flows until now, in order. Grows by the methods below, nothing is taken back."""

    visits: list[Visit] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    _open: dict[Here, list[int]] = field(default_factory=dict)

    def arrive(self, here: Here, seq: int) -> None:
        """The case comes to an element and stays."""
        self._open.setdefault(here, []).append(len(self.visits))
        self.visits.append(Visit(*here, since=seq))

    def leave(self, here: Here, seq: int, *, cancelled: bool, all_of_them: bool) -> bool:
        """The case leaves an element: the visit begun last, or all that are open. Whether there was any."""
        waiting = self._open.get(here, [])
        left = waiting[::-1] if all_of_them else waiting[-1:]
        for index in left:
            self.visits[index] = replace(self.visits[index], until=seq, cancelled=cancelled)
            waiting.remove(index)
        return bool(left)

    def pass_by(self, here: Here, seq: int, *, cancelled: bool) -> None:
        """The case passes an element without staying."""
        self.visits.append(Visit(*here, since=seq, until=seq, cancelled=cancelled))

    def move(self, here: Here, element: str, seq: int) -> None:
        """Whoever stands at an element with another id now leaves the old one and stands at the new one."""
        count = len(self._open.get(here, ()))
        self.leave(here, seq, cancelled=False, all_of_them=True)
        for _ in range(count):
            self.arrive((element, *here[1:]), seq)

    def standing(self) -> list[Here]:
        """Where the case is now, in the order in which it came there; an element once for each visit."""
        return [self.visits[index].here for index in sorted(n for found in self._open.values() for n in found)]


class _Shared(Sequence[Item], Generic[Item]):
    """The first ``count`` of a list that grows behind it."""

    __slots__ = ("_count", "_items")

    def __init__(self, items: list[Item], count: int) -> None:
        self._items, self._count = items, count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Item, ...]: ...
    def __getitem__(self, index: int | slice) -> Item | tuple[Item, ...]:
        if isinstance(index, slice):
            return tuple(self.then(self._items[n]) for n in range(*index.indices(self._count)))
        return self.then(self._items[range(self._count)[index]])

    def __iter__(self) -> Iterator[Item]:
        return map(self.then, self._items[: self._count])

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def then(self, item: Item) -> Item:
        """An item as it was at that time."""
        return item


class Flows(_Shared[Flow]):
    """The flows that were taken, in order."""

    __slots__ = ()


class Visits(_Shared[Visit]):
    """The visits as they were after fact ``seq``: who left later is still there."""

    __slots__ = ("_seq",)

    def __init__(self, items: list[Visit], count: int, seq: int) -> None:
        super().__init__(items, count)
        self._seq = seq

    def then(self, item: Visit) -> Visit:
        if item.until is None or item.until <= self._seq:
            return item
        return replace(item, until=None, cancelled=False)
