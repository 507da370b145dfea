"""The names known at a place in an expression, and what to say of one that is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches

from engine.feel import syntax
from engine.feel.analysis.finding import Notes
from engine.feel.analysis.kinds import ANY, FUNCTION, Kind
from engine.feel.builtins import BUILTINS

_UNKNOWN: Mapping[str, tuple[str, str]] = {
    "unknown-name": (
        "There is no variable “%(name)s”.",
        "There is no variable “%(name)s”; is “%(near)s” meant?",
    ),
    "unknown-function": (
        "There is no function “%(name)s”.",
        "There is no function “%(name)s”; is “%(near)s” meant?",
    ),
}


class Scope:
    """Names and their kinds. ``names`` is ``None`` when the variables are not known: then none is called unknown."""

    def __init__(self, notes: Notes, names: Mapping[str, Kind] | None) -> None:
        self.notes = notes
        self._names: dict[str, Kind] = dict(names or {})
        self._is_closed = names is not None

    @contextmanager
    def knowing(self, names: Mapping[str, Kind], *, open_names: bool = False) -> Iterator[None]:
        """Inside, more names are known; ``open_names``: there may be others besides."""
        outer, was_closed = self._names, self._is_closed
        self._names = {**outer, **names}
        self._is_closed = was_closed and not open_names
        try:
            yield
        finally:
            self._names, self._is_closed = outer, was_closed

    def may_exist(self, name: str) -> bool:
        """Whether the name is known, or could be one of those that are not."""
        return not self._is_closed or name in self._names

    def name(self, node: syntax.Name) -> Kind:
        """What can be known of a name."""
        known = self._names.get(node.name)
        if known is not None:
            return known
        if node.name in BUILTINS:
            return FUNCTION
        if not self.may_exist(node.name.split(".", 1)[0]):
            self.note_unknown("unknown-name", node)
        return ANY

    def note_unknown(self, rule: str, node: syntax.Name) -> None:
        """Note a name that does not exist, and the nearest that does."""
        plain, with_guess = _UNKNOWN[rule]
        near = get_close_matches(node.name, [*self._names, *BUILTINS], n=1)
        if near:
            self.notes.error(rule, node.at, with_guess, name=node.name, near=near[0])
        else:
            self.notes.error(rule, node.at, plain, name=node.name)
