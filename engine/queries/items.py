"""Which item of repeated work (a multi-instance activity) a fact of a film belongs to, and what that item knew.

Items of one round run beside or after each other; what one of them answered is neither a correction of another's
answers nor known to one that was open at the same time. The film's data are those of the whole case, so whoever
tells of one item asks here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.definition.diagram import Element
from engine.history import events as e
from engine.history.facts import ERASED
from engine.history.replay import learned
from engine.queries.audit import Film

Evaluate = Callable[[str, int, Mapping[str, Any]], Any]
"""(FEEL, index of the fact whose time and calendar hold, data) → value."""
REPEATED = ("parallel", "sequential")


@dataclass(frozen=True, slots=True)
class Item:
    """One item: of which activity, in which scope, in which round of it, and its number there (from 1).

    ``opened`` is the index of the fact it began with, ``began`` that of the round; ``recorded`` is what the fact says
    the item is, None for nothing.
    """

    element: Element
    scope: str
    round: int
    number: int
    opened: int
    began: int
    recorded: Any = None

    def is_beside(self, other: Item) -> bool:
        """Whether both are items of the same round, and not the same one."""
        mine = (self.element.id, self.scope, self.round)
        return mine == (other.element.id, other.scope, other.round) and self.number != other.number


class Items:
    """The items of one film. A film without repeated work is not read at all."""

    def __init__(self, film: Film) -> None:
        self._film = film
        self._of_scope: dict[str, Item] = {}
        self._parent: dict[str, str] = {}
        self._of_task: dict[str, Item] = {}
        definitions = [version.definition for version in film.versions] or [film.definition]
        diagrams = (diagram for definition in definitions for diagram in definition.processes.values())
        drawn = (element for diagram in diagrams for element in diagram.elements.values())
        self.is_needed = any(one.loop is not None and one.loop.kind in REPEATED for one in drawn)
        self._set_at: dict[str, list[int]] = {}
        if self.is_needed:
            self._read()
            for at, fact in enumerate(film.facts):
                for key in learned(fact.event):
                    self._set_at.setdefault(key, []).append(at)

    def _read(self) -> None:
        rounds: dict[tuple[str, str], int] = {}
        numbers: dict[tuple[str, str], int] = {}
        begun: dict[tuple[str, str], int] = {}
        for at, fact in enumerate(self._film.facts):
            event = fact.event
            if not isinstance(event, e.AtElement) or (found := self._film.place(event.element, at)) is None:
                continue
            diagram, element = found
            flow = diagram.flows.get(event.via or "")
            source = diagram.elements.get(flow.source) if flow else None
            if source is not None:  # the case went on from there, so what comes there again is another round
                left = (source.attached_to or source.id, event.scope)
                rounds[left], numbers[left] = rounds.get(left, 0) + 1, 0
            if isinstance(event, e.ScopeEntered):
                self._parent[event.inner] = event.scope
            if not isinstance(event, e.ScopeEntered | e.UserTaskCreated):
                continue
            if element.loop is None or element.loop.kind not in REPEATED:
                continue
            here = (element.id, event.scope)
            numbers[here] = numbers.get(here, 0) + 1
            recorded = event.item if isinstance(event, e.UserTaskCreated) else None
            if numbers[here] == 1:
                begun[here] = at
            item = Item(element, event.scope, rounds.get(here, 0), numbers[here], at, begun[here], recorded)
            if isinstance(event, e.ScopeEntered):
                self._of_scope[event.inner] = item
            else:
                self._of_task[event.task] = item

    def of(self, at: int) -> tuple[Item, ...]:
        """The items that the fact with this index lies in, the outermost first."""
        event = self._film.facts[at].event
        if not self.is_needed or not isinstance(event, e.AtElement):
            return ()
        own = self._of_task.get(getattr(event, "task", ""))
        if isinstance(event, e.ScopeEntered | e.ScopeLeft):
            own = self._of_scope.get(event.inner)
        return (*self.within(event.scope), *([own] if own else ()))

    def within(self, scope: str) -> tuple[Item, ...]:
        """The items that a scope lies in or is, the outermost first."""
        found: list[Item] = []
        while scope:
            if scope in self._of_scope:
                found.insert(0, self._of_scope[scope])
            scope = self._parent.get(scope, "")
        return tuple(found)

    def of_scope(self, scope: str) -> Item | None:
        """The item that a scope is, None for a scope that is none."""
        return self._of_scope.get(scope)

    def are_beside(self, one: int, other: int) -> bool:
        """Whether two facts belong to different items of the same round."""
        return self._is_beside(self.of(one), other)

    def _is_beside(self, items: Iterable[Item], at: int) -> bool:
        return any(mine.is_beside(theirs) for mine in items for theirs in self.of(at))

    def value(self, item: Item, evaluate: Evaluate) -> Any:
        """What an item is: as recorded, else of the collection as it was then. None where it cannot be told."""
        loop = item.element.loop
        if item.recorded is not None or loop is None:
            return item.recorded
        if not loop.collection:
            return item.number
        before = self._data(self.within(item.scope), item.began - 1, evaluate)
        found = evaluate("=" + loop.collection.removeprefix("="), item.began, before)
        return found[item.number - 1] if isinstance(found, list) and item.number <= len(found) else None

    def variables(self, at: int, evaluate: Evaluate) -> Mapping[str, Any]:
        """The data of a moment as its items knew them: what items beside them answered is not among them."""
        return self._data(self.of(at), at, evaluate)

    def _data(self, items: tuple[Item, ...], until: int, evaluate: Evaluate) -> Mapping[str, Any]:
        everything = self._film.frames[until].variables
        if not items:
            return everything
        found = dict(self._known(items, until, everything))
        for item in items:
            if item.element.loop is not None and item.element.loop.item:
                value = self.value(item, evaluate)
                found[item.element.loop.item] = None if value == ERASED else value
        return found

    def changed(self, at: int) -> Iterator[tuple[str, Any]]:
        """Which data became others with this fact, and what they were before; None for what was not known."""
        after, before = self._film.frames[at], self._film.frames[at - 1].variables if at else {}
        if not self.of(at):
            yield from ((key, before.get(key)) for key in after.changed)
            return
        new = learned(self._film.facts[at].event)
        known = dict(self._known(self.of(at), at - 1, new))
        yield from ((key, known.get(key)) for key in new if known.get(key) != after.variables.get(key))

    def _known(self, items: tuple[Item, ...], until: int, names: Iterable[str]) -> Iterator[tuple[str, Any]]:
        """What items knew of these names, by the facts up to index ``until``."""
        for name in names:
            moments = self._set_at.get(name, [])
            for earlier in reversed(moments[: bisect_right(moments, until)]):
                if not self._is_beside(items, earlier):
                    yield name, learned(self._film.facts[earlier].event)[name]
                    break
