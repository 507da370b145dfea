"""Names of several tokens that are known at a place in the text: ``date and time``, ``合同 总价``, ``a-b``.

FEEL lets names hold spaces and operators, so the parser must know which ones exist; the longest match wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.feel.lexer import normal_name, split_name

KEYWORDS = frozenset(
    {"and", "between", "else", "every", "external", "false", "for", "function", "if", "in", "instance", "null"}
    | {"of", "or", "return", "satisfies", "some", "then", "true"}
)


class Names:
    """Known names of more than one token, found by their first token; single tokens need no entry.

    ``reserved``: names that an expression may not give to something of its own.
    """

    __slots__ = ("_by_first", "_parent", "reserved")

    def __init__(
        self, names: Iterable[str] = (), parent: Names | None = None, reserved: frozenset[str] = frozenset()
    ) -> None:
        self.reserved: frozenset[str] = parent.reserved if parent else reserved
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._parent = parent
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        """Make a name known."""
        if name.isidentifier():  # one token
            return
        parts = split_name(name)
        if len(parts) < 2:
            return
        known = self._by_first.setdefault(parts[0], [])
        if all(parts != others for others, _ in known):
            known.append((parts, normal_name(name)))
            known.sort(key=lambda entry: -len(entry[0]))

    def starting_with(self, first: str) -> Sequence[tuple[tuple[str, ...], str]]:
        """The names that begin with this token: their tokens and themselves, longest first."""
        own = self._by_first.get(first)
        inherited = self._parent.starting_with(first) if self._parent else ()
        if not own:
            return inherited
        if not inherited:
            return own
        return sorted([*own, *inherited], key=lambda entry: -len(entry[0]))
