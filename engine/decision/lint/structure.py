"""The table as a whole: its hit policy and what that needs, its types, and whether there is anything in it."""

from __future__ import annotations

from collections.abc import Iterator

from engine.decision.elements import AGGREGATIONS, HIT_POLICIES
from engine.decision.lint.finding import Finding
from engine.decision.table import CompiledTable


def check(table: CompiledTable) -> Iterator[Finding]:
    """Hit policy, aggregation, priorities, types, rows."""
    yield from _hit_policy(table)
    yield from _types(table)
    if not table.table.rules:
        yield Finding(
            "no-rows", table.owner, None, None, "error", "The table has no rows. Add one, or remove the table."
        )


def _hit_policy(table: CompiledTable) -> Iterator[Finding]:
    policy, aggregation = table.table.hit_policy, table.table.aggregation
    if policy not in HIT_POLICIES:
        yield Finding(
            "unknown-hit-policy",
            table.owner,
            None,
            None,
            "error",
            "There is no hit policy “%(found)s”. Choose one of: %(known)s.",
            {"found": policy, "known": ", ".join(HIT_POLICIES)},
        )
    if aggregation is not None and (policy != "COLLECT" or aggregation not in AGGREGATIONS):
        yield Finding(
            "unknown-hit-policy",
            table.owner,
            None,
            None,
            "error",
            "There is no aggregation “%(found)s” for %(policy)s. Use COLLECT with one of: %(known)s.",
            {"found": aggregation, "policy": policy, "known": ", ".join(AGGREGATIONS)},
        )
    if policy in ("PRIORITY", "OUTPUT ORDER") and not any(output.order for output in table.outputs):
        yield Finding(
            "no-priorities",
            table.owner,
            None,
            len(table.inputs) + 1,
            "error",
            "Expected the output values in their order for %(policy)s, but no output lists any. List them, first wins.",
            {"policy": policy},
        )


def _types(table: CompiledTable) -> Iterator[Finding]:
    types = [clause.type for clause in table.table.inputs] + [clause.type for clause in table.table.outputs]
    for column, type_name in enumerate(types, 1):
        if type_name and not table.types.is_known(type_name):
            yield Finding(
                "unknown-type",
                table.owner,
                None,
                column,
                "error",
                "There is no type “%(found)s”. Define it, or choose a simple type.",
                {"found": type_name},
            )
