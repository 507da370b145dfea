"""The search behind gaps and unreachable rows: cases, one stretch per input, that none of some rows surely admits.

Rows are bits of a number, so that going one input further is one ``&``. What was proven covered once is not
searched again, and the whole linting of a table has a budget: a search that ends early proves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.decision.lint.domain import Stretch

STEPS_MAX = 100_000
"""What all searches in one table may use together."""


class Search:
    """Searches in one table. ``always``: per input, the rows (bits) whose cell admits everything."""

    def __init__(self, rows: int, always: Sequence[int]) -> None:
        self.exhausted = False
        self._steps = STEPS_MAX
        free = [(1 << rows) - 1]
        for admitting in reversed(always):
            free.append(free[-1] & admitting)
        self._free_from = free[::-1]

    def uncovered(self, domains: Sequence[Sequence[Stretch]], rows: int, most: int) -> list[list[Stretch]]:
        """At most ``most`` cases of these domains that none of ``rows`` admits; one may end early: the rest is free."""
        found: list[list[Stretch]] = []
        proven: set[tuple[int, int]] = set()

        def search(index: int, possible: int, case: list[Stretch]) -> None:
            self._steps -= 1
            if self._steps < 0:
                self.exhausted = True
                return
            if not possible:
                found.append(case)
                return
            if possible & self._free_from[index] or (index, possible) in proven:
                return
            before = len(found)
            for stretch in domains[index]:
                search(index + 1, possible & stretch.sure, [*case, stretch])
                if len(found) >= most or self.exhausted:
                    return
            if len(found) == before:
                proven.add((index, possible))

        search(0, rows, [])
        return found

    def is_covered(self, domains: Sequence[Sequence[Stretch]], rows: int) -> bool:
        """Whether it is proven that ``rows`` admit every case of these domains."""
        return not self.uncovered(domains, rows, 1) and not self.exhausted


def by_row(domain: Sequence[Stretch], rows: int, *, with_open: bool) -> list[int]:
    """For each row the stretches (bits) it admits: surely, or ``with_open`` possibly."""
    admitted = [0] * rows
    since = [0] * rows
    before = 0
    for place, stretch in enumerate([*domain, None]):
        now = 0 if stretch is None else (stretch.sure | stretch.open if with_open else stretch.sure)
        changed = (before ^ now) & ((1 << rows) - 1)
        while changed:  # only the rows that begin or end here: most go on
            bit = changed & -changed
            changed ^= bit
            row = bit.bit_length() - 1
            if now & bit:
                since[row] = place
            else:
                admitted[row] |= (1 << place) - (1 << since[row])
        before = now
    return admitted


def chosen(domain: Sequence[Stretch], bits: int) -> list[Stretch]:
    """The stretches of these bits."""
    found = []
    while bits:
        bit = bits & -bits
        bits ^= bit
        found.append(domain[bit.bit_length() - 1])
    return found
