"""Overlaps, gaps and rows that can never be chosen: exact for cells of constants and number intervals.

Each input is cut into stretches (``domain``). A *case* is one stretch per input. A search over the inputs, with the
rows still possible as a bit set, finds cases no row admits; two rows overlap when every input has a stretch
both admit. A cell that cannot be foreseen (it reads a name or a date) never proves anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from engine.decision.column import ANY_CELLS
from engine.decision.lint.domain import Stretch, domain_of, joined_label
from engine.decision.lint.finding import Finding
from engine.decision.lint.search import Search, by_row, chosen
from engine.decision.table import CompiledTable

Case: TypeAlias = list[list[Stretch]]
"""Per input the stretches it may be in; a case may end early: the rest is free."""

_FINDINGS_MAX = 10
_CASES_MAX = 200
_SINGLE_RESULT = ("UNIQUE", "ANY", "FIRST", "PRIORITY")


def check(table: CompiledTable) -> Iterator[Finding]:
    """What the rows leave out, decide twice, or never reach."""
    if not table.table.rules or not table.table.inputs:
        return
    coverage = Coverage(table)
    if table.table.hit_policy in ("UNIQUE", "ANY"):
        yield from coverage.overlaps()
    if table.table.hit_policy in _SINGLE_RESULT:
        yield from coverage.gaps()
    yield from coverage.unreachable()
    if coverage.search.exhausted:
        yield Finding(
            "not-checked",
            table.owner,
            None,
            None,
            "warning",
            "The table is too large to be checked for gaps and unreachable rows completely. Split it.",
        )


class Coverage:
    """The stretches of every input, and the questions asked about them."""

    def __init__(self, table: CompiledTable) -> None:
        self.table = table
        self.rows = len(table.table.rules)
        self.domains = [domain_of(table, index) for index in range(len(table.table.inputs))]
        self.everyone = (1 << self.rows) - 1
        self.search = Search(self.rows, [column.always for column in table.columns])
        self.labels = [clause.label for clause in table.table.inputs]

    # -------------------------------------------------------------- overlap

    def overlaps(self) -> Iterator[Finding]:
        """Pairs of rows that admit the same case (for ANY: with different outputs)."""
        found = 0
        admitted = [by_row(domain, self.rows, with_open=False) for domain in self.domains]
        for second in range(self.rows):
            for first in range(second):
                if not all(mine[first] & mine[second] for mine in admitted) or self._may_overlap(first, second):
                    continue
                yield self._overlap(first, second, [mine[first] & mine[second] for mine in admitted])
                found += 1
                if found == _FINDINGS_MAX:
                    return

    def _may_overlap(self, first: int, second: int) -> bool:
        rules = self.table.table.rules
        return self.table.table.hit_policy == "ANY" and rules[first].outputs == rules[second].outputs

    def _overlap(self, first: int, second: int, shared: list[int]) -> Finding:
        case = [domain[(bits & -bits).bit_length() - 1] for domain, bits in zip(self.domains, shared, strict=True)]
        rules = self.table.table.rules
        differs = [
            index
            for index in range(len(self.domains))
            if not {rules[first].inputs[index], rules[second].inputs[index]} <= ANY_CELLS
        ]
        return Finding(
            "overlap",
            self.table.owner,
            second + 1,
            (differs or [0])[0] + 1,
            "error",
            "Rows %(first)s and %(second)s both match %(case)s. Make one narrower, or choose another hit policy.",
            {"first": first + 1, "second": second + 1, "case": self._describe([[stretch] for stretch in case])},
        )

    # -------------------------------------------------------------- gap

    def gaps(self) -> Iterator[Finding]:
        """Cases that no row admits, and whether there is an answer when nothing is known."""
        if any(clause.default for clause in self.table.table.outputs):
            return
        if self._has_open_cells():
            if not self._has_catch_all():
                yield self._missing_catch_all(None)
            return
        known = [[stretch for stretch in domain if stretch.sample is not None] for domain in self.domains]
        found = False
        for case in merged(self.search.uncovered(known, self.everyone, _CASES_MAX))[:_FINDINGS_MAX]:
            found = True
            yield self._gap(case)
        if not found:
            for case in merged(self.search.uncovered(self.domains, self.everyone, 1)):
                yield self._missing_catch_all(case)

    def _gap(self, case: Case) -> Finding:
        return Finding(
            "gap",
            self.table.owner,
            None,
            self._narrowest(case) + 1,
            "error",
            "No row matches %(case)s. Add a row for it, or a last row that catches the rest.",
            {"case": self._describe(case)},
        )

    def _missing_catch_all(self, case: Case | None) -> Finding:
        return Finding(
            "missing-catch-all",
            self.table.owner,
            None,
            None if case is None else self._narrowest(case) + 1,
            "warning",
            "No row catches the rest%(case)s. Add a last row for it that says what to do.",
            {"case": "" if case is None else f" ({self._describe(case)})"},
        )

    def _has_open_cells(self) -> bool:
        return any(column.open for column in self.table.columns)

    def _has_catch_all(self) -> bool:
        always = self.everyone
        for column in self.table.columns:
            always &= column.always
        return bool(always)

    # -------------------------------------------------------------- unreachable

    def unreachable(self) -> Iterator[Finding]:
        """Rows that match nothing, or that earlier rows of a FIRST table always forestall."""
        admitted = [by_row(domain, self.rows, with_open=True) for domain in self.domains]
        for row in range(self.rows):
            own = [chosen(domain, mine[row]) for domain, mine in zip(self.domains, admitted, strict=True)]
            empty = next((index for index, domain in enumerate(own) if not domain), None)
            if empty is not None:
                sentence = "Row %(row)s matches nothing: no allowed value passes this cell. Correct it."
                yield self._never(row, empty, sentence)
            elif self.table.table.hit_policy == "FIRST" and row and self.search.is_covered(own, (1 << row) - 1):
                sentence = "Row %(row)s is never reached: the rows above it always match first. Move or remove it."
                yield self._never(row, None, sentence)

    def _never(self, row: int, index: int | None, template: str) -> Finding:
        column = None if index is None else index + 1
        return Finding("unreachable-row", self.table.owner, row + 1, column, "error", template, {"row": row + 1})

    # -------------------------------------------------------------- words

    def _describe(self, case: Case) -> str:
        parts = [
            f"{label}: {joined_label(stretches)}"
            for label, stretches, domain in zip(self.labels, case, self.domains, strict=False)
            if len(stretches) < len(domain) - (stretches[-1].sample is not None)
        ]
        return ", ".join(parts) or "every case"

    def _narrowest(self, case: Case) -> int:
        """The input to look at: the last one the case says something about."""
        return max(len(case) - 1, 0)


def merged(cases: list[list[Stretch]]) -> list[Case]:
    """The same cases in fewer words: those that differ in one input only, by neighbouring stretches, become one."""
    result: list[Case] = [[[stretch] for stretch in case] for case in cases]
    for index in reversed(range(max(map(len, cases), default=0))):
        joined: list[Case] = []
        for case in result:
            previous = joined[-1] if joined else None
            if previous is not None and len(previous) == len(case) > index and _same_but(previous, case, index):
                previous[index] = previous[index] + case[index]
            else:
                joined.append([*case])
        result = joined
    return result


def _same_but(one: Case, other: Case, index: int) -> bool:
    end, start = one[index][-1].bounds, other[index][0].bounds
    if end is not None and start is not None and end[1] != start[0]:
        return False
    return all(mine == yours for place, (mine, yours) in enumerate(zip(one, other, strict=True)) if place != index)
