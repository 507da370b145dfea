"""A decision table, compiled: which rows match and what they yield (DMN 1.5, clause 8.2)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from engine.decision import hit_policy
from engine.decision.column import ANY_CELLS, Column, Questions
from engine.decision.elements import DecisionTable, OutputClause
from engine.decision.expressions import Scope, WrittenExpression, WrittenTests
from engine.decision.session import Session
from engine.decision.types import Types
from engine.feel.environment import Evaluation


class CompiledOutput:
    """One output column: its cells, the values it may yield (heaviest first, for priorities) and its default."""

    __slots__ = ("allowed", "cells", "clause", "default", "order")

    def __init__(self, clause: OutputClause, cells: list[WrittenExpression | None], names: frozenset[str]) -> None:
        self.clause = clause
        self.cells = cells
        self.allowed = WrittenTests(clause.values, clause.id, names) if clause.values else None
        self.order = WrittenExpression(f"[{clause.values}]", clause.id, names) if clause.values else None
        self.default = WrittenExpression(clause.default, clause.id, names) if clause.default else None


class CompiledTable:
    """A table ready to run. ``owner`` is the id of the element that holds it: matched rows are recorded under it."""

    __slots__ = ("_allowed", "_cells", "columns", "inputs", "outputs", "owner", "policy", "table", "types")

    def __init__(
        self, table: DecisionTable, owner: str, types: Types, names: frozenset[str], questions: Questions
    ) -> None:
        self.table = table
        self.owner = owner
        self.types = types
        self.policy = hit_policy.policy_of(table)
        self.inputs = [WrittenExpression(clause.text or "null", clause.id, names) for clause in table.inputs]
        self._allowed = [
            WrittenTests(clause.values, clause.id, names) if clause.values else None for clause in table.inputs
        ]
        self._cells = [
            [self._cell(rule.inputs[index], names, row, index) for row, rule in enumerate(table.rules)]
            for index in range(len(table.inputs))
        ]
        self.columns = [Column(cells, questions) for cells in self._cells]
        self.outputs = [
            CompiledOutput(clause, self._output_cells(index, names), names)
            for index, clause in enumerate(table.outputs)
        ]

    def _place(self, row: int, column: int) -> str:
        return f"{self.table.id}, row {row + 1}, column {column + 1}"

    def _cell(self, text: str, names: frozenset[str], row: int, column: int) -> WrittenTests | None:
        return None if text in ANY_CELLS else WrittenTests(text, self._place(row, column), names)

    def _output_cells(self, index: int, names: frozenset[str]) -> list[WrittenExpression | None]:
        column = len(self.table.inputs) + index
        texts = [rule.outputs[index] for rule in self.table.rules]
        return [
            WrittenExpression(text, self._place(row, column), names) if text else None for row, text in enumerate(texts)
        ]

    def cell(self, row: int, column: int) -> WrittenTests | None:
        """The input cell at a row and column (from 0); ``None`` if it admits everything."""
        return self._cells[column][row]

    @property
    def allowed(self) -> list[WrittenTests | None]:
        """The allowed values of each input."""
        return self._allowed

    def run(self, scope: Scope, session: Session) -> Any:
        """The table's result; matched rows are recorded in the session. Raises ``DecisionFailed``."""
        evaluation = session.evaluation
        evaluation.tick(len(self.columns) + 1)
        values = [expression.run(scope, evaluation) for expression in self.inputs]
        if not self._inputs_allowed(values, scope, evaluation):
            return None
        matched = self._matches(values, scope, evaluation)
        rows = list(islice(matched, 1) if self.policy.first_only else matched)
        session.rows.setdefault(self.owner, []).extend(row + 1 for row in rows)
        if not rows:
            return self._nothing(scope, evaluation)
        results = [self._result(row, scope, evaluation) for row in rows]
        if not all(self._outputs_allowed(result, scope, evaluation) for result in results):
            return None
        return self.policy.choose(self, rows, results, scope, evaluation)

    def _inputs_allowed(self, values: list[Any], scope: Scope, evaluation: Evaluation) -> bool:
        for clause, allowed, value in zip(self.table.inputs, self._allowed, values, strict=True):
            if allowed is None or value is None:
                continue
            for entry in value if type(value) is list else [value]:
                if allowed.test(entry, {**scope, "?": entry}, evaluation) is not True:
                    evaluation.warn(
                        None,
                        "Expected one of %(allowed)s for the input “%(input)s”, but found %(found)s.",
                        allowed=clause.values,
                        input=clause.label,
                        found=str(entry),
                    )
                    return False
        return True

    def _matches(self, values: list[Any], scope: Scope, evaluation: Evaluation) -> Iterator[int]:
        """The numbers (from 0) of the rows that match, in order."""
        candidates = (1 << len(self.table.rules)) - 1
        unsure = []
        for index, (column, value) in enumerate(zip(self.columns, values, strict=True)):
            candidates &= column.candidates(value)
            rows = column.unsure(value)
            if rows:
                unsure.append((index, rows, value, {**scope, "?": value}))
        while candidates:
            bit = candidates & -candidates
            candidates ^= bit
            row = bit.bit_length() - 1
            if not unsure or self._sure(row, bit, unsure, evaluation):
                yield row

    def _sure(self, row: int, bit: int, unsure: list[tuple[int, int, Any, Scope]], evaluation: Evaluation) -> bool:
        for index, rows, value, scope in unsure:
            if not rows & bit:
                continue
            cell = self._cells[index][row]
            evaluation.tick()
            if cell is not None and cell.test(value, scope, evaluation) is not True:
                return False
        return True

    def _result(self, row: int, scope: Scope, evaluation: Evaluation) -> Any:
        """What a row yields: its value, or a context when there are several outputs."""
        values = []
        for output in self.outputs:
            cell = output.cells[row]
            value = None if cell is None else cell.run(scope, evaluation)
            clause = output.clause
            values.append(self.types.coerce(value, clause.type, evaluation, clause.label))
        return self._named(values)

    def _named(self, values: list[Any]) -> Any:
        if len(values) == 1:
            return values[0]
        return {output.clause.name: value for output, value in zip(self.outputs, values, strict=True)}

    def _nothing(self, scope: Scope, evaluation: Evaluation) -> Any:
        if any(output.default is not None for output in self.outputs):
            return self._named(
                [None if output.default is None else output.default.run(scope, evaluation) for output in self.outputs]
            )
        return self.policy.nothing(self)

    def _outputs_allowed(self, result: Any, scope: Scope, evaluation: Evaluation) -> bool:
        for output in self.outputs:
            value = result if len(self.outputs) == 1 else result[output.clause.name]
            if output.allowed is None or value is None:
                continue
            for entry in value if type(value) is list else [value]:
                if output.allowed.test(entry, {**scope, "?": entry}, evaluation) is not True:
                    evaluation.warn(
                        None,
                        "Expected one of %(allowed)s for the output “%(output)s”, but found %(found)s.",
                        allowed=output.clause.values,
                        output=output.clause.label,
                        found=str(entry),
                    )
                    return False
        return True
