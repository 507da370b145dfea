"""The hit policies: what a table answers when several rows match, or none (DMN 1.5, clause 8.2.8). One class each."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.decision.expressions import Scope
from engine.feel.arithmetic import add
from engine.feel.comparison import compare, equal
from engine.feel.environment import Evaluation

if TYPE_CHECKING:
    from engine.decision.elements import DecisionTable
    from engine.decision.table import CompiledTable


class HitPolicy:
    """``first_only``: rows after the first match need not be looked at."""

    first_only = False

    def choose(
        self, table: CompiledTable, rows: list[int], results: list[Any], scope: Scope, evaluation: Evaluation
    ) -> Any:
        """The table's answer; ``rows`` (from 0) and ``results`` belong together and are not empty."""
        raise NotImplementedError

    def nothing(self, table: CompiledTable) -> Any:
        """The table's answer when no row matches and there is no default."""
        return None


class Unique(HitPolicy):
    """At most one row may match. Two are a mistake of the table: null, with a warning that names them."""

    def choose(
        self, table: CompiledTable, rows: list[int], results: list[Any], scope: Scope, evaluation: Evaluation
    ) -> Any:
        if len(rows) == 1:
            return results[0]
        return evaluation.warn(
            None,
            "Expected at most one matching row in the UNIQUE table %(table)s, but rows %(rows)s match.",
            table=table.table.id,
            rows=_row_numbers(rows),
        )


class AnyEqual(HitPolicy):
    """Several rows may match if they yield the same."""

    def choose(
        self, table: CompiledTable, rows: list[int], results: list[Any], scope: Scope, evaluation: Evaluation
    ) -> Any:
        if all(equal(result, results[0]) is True for result in results[1:]):
            return results[0]
        return evaluation.warn(
            None,
            "Expected the same outputs from all matching rows of the ANY table %(table)s, but rows %(rows)s differ.",
            table=table.table.id,
            rows=_row_numbers(rows),
        )


class First(HitPolicy):
    """The first row that matches, from the top."""

    first_only = True

    def choose(
        self, table: CompiledTable, rows: list[int], results: list[Any], scope: Scope, evaluation: Evaluation
    ) -> Any:
        return results[0]


class OutputOrder(HitPolicy):
    """All results, those whose output values are listed first before the others."""

    def choose(
        self, table: CompiledTable, rows: list[int], results: list[Any], scope: Scope, evaluation: Evaluation
    ) -> Any:
        orders = [None if output.order is None else output.order.run(scope, evaluation) for output in table.outputs]

        def rank(result: Any) -> list[int]:
            values = [result] if len(orders) == 1 else [result[output.clause.name] for output in table.outputs]
            return [_place(value, order) for value, order in zip(values, orders, strict=True)]

        return sorted(results, key=rank)


class Priority(OutputOrder):
    """Of all results the one whose output values are listed first."""

    def choose(
        self, table: CompiledTable, rows: list[int], results: list[Any], scope: Scope, evaluation: Evaluation
    ) -> Any:
        return super().choose(table, rows, results, scope, evaluation)[0]


class RuleOrder(HitPolicy):
    """All results, in the order of the rows."""

    def choose(
        self, table: CompiledTable, rows: list[int], results: list[Any], scope: Scope, evaluation: Evaluation
    ) -> Any:
        return results


class Collect(HitPolicy):
    """All results in any order, or their sum, smallest, largest or count (``C+ C< C> C#``)."""

    def __init__(self, aggregation: str | None) -> None:
        self.aggregation = aggregation

    def choose(
        self, table: CompiledTable, rows: list[int], results: list[Any], scope: Scope, evaluation: Evaluation
    ) -> Any:
        if self.aggregation is None:
            return results
        if len(table.outputs) == 1:
            return self._aggregate(results, evaluation)
        names = [output.clause.name for output in table.outputs]
        return {name: self._aggregate([result[name] for result in results], evaluation) for name in names}

    def nothing(self, table: CompiledTable) -> Any:
        if self.aggregation is None:
            return []
        return Decimal(0) if self.aggregation == "COUNT" else None

    def _aggregate(self, values: list[Any], evaluation: Evaluation) -> Any:
        if self.aggregation == "COUNT":
            return Decimal(len(values))
        result = values[0]
        for value in values[1:]:
            result = self._pair(result, value, evaluation)
        return result

    def _pair(self, left: Any, right: Any, evaluation: Evaluation) -> Any:
        if self.aggregation == "SUM":
            return add(left, right, evaluation)
        smaller = compare("<=" if self.aggregation == "MIN" else ">=", left, right)
        if smaller is None:
            return evaluation.warn(None, "Expected values that can be compared, to find the smallest or largest.")
        return left if smaller else right


class Unknown(HitPolicy):
    """A hit policy that does not exist yields null, always. The linter refuses it before it is published."""

    def __init__(self, written: str) -> None:
        self.written = written

    def choose(
        self, table: CompiledTable, rows: list[int], results: list[Any], scope: Scope, evaluation: Evaluation
    ) -> Any:
        return evaluation.warn(None, "There is no hit policy %(found)s.", found=self.written)


def policy_of(table: DecisionTable) -> HitPolicy:
    """The policy a table asks for."""
    if table.hit_policy == "COLLECT":
        if table.aggregation in (None, "SUM", "MIN", "MAX", "COUNT"):
            return Collect(table.aggregation)
        return Unknown(f"COLLECT {table.aggregation}")
    simple = _SIMPLE.get(table.hit_policy)
    return simple() if simple is not None else Unknown(table.hit_policy)


_SIMPLE: dict[str, type[HitPolicy]] = {
    "UNIQUE": Unique,
    "ANY": AnyEqual,
    "FIRST": First,
    "PRIORITY": Priority,
    "RULE ORDER": RuleOrder,
    "OUTPUT ORDER": OutputOrder,
}


def _place(value: Any, order: list[Any] | None) -> int:
    if not order:
        return 0
    return next((place for place, listed in enumerate(order) if equal(value, listed) is True), len(order))


def _row_numbers(rows: list[int]) -> str:
    return ", ".join(str(row + 1) for row in rows)
