"""Two versions of a decision table compared: its columns, which rows count, and each row that says something else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.decision.elements import Decision, DecisionTable, Rule
from engine.decision.reader import read_definitions

Told = tuple[str, str, dict[str, Any]]
"""The decision's name, an English sentence and its values."""

_ANY = ("", "-")


def compare_tables(old: bytes, new: bytes) -> Iterator[Told]:
    """Every change of a decision file, decision by decision. Raises ``ShangmenError`` for what cannot be read."""
    was, is_ = _decisions(old), _decisions(new)
    for key in sorted({*was, *is_}):
        before, after = was.get(key), is_.get(key)
        if before is not None and after is not None:
            yield from _decision(before, after)
        elif after is not None:
            yield _called(after), "The table “%(table)s” is added.", {"table": _called(after)}
        elif before is not None:
            yield _called(before), "The table “%(table)s” is removed.", {"table": _called(before)}


def _decision(before: Decision, after: Decision) -> Iterator[Told]:
    name, old, new = _called(after), before.expression, after.expression
    if _called(before) != name:
        yield name, "The table “%(before)s” is now called “%(table)s”.", {"table": name, "before": _called(before)}
    if not isinstance(old, DecisionTable) or not isinstance(new, DecisionTable):
        if old != new:
            yield name, "What “%(table)s” computes has changed.", {"table": name}
        return
    found = [*_head(name, old, new), *_rows(name, old, new)]
    yield from found
    if not found and old != new:
        yield name, "Types, descriptions or permitted values of the table “%(table)s” have changed.", {"table": name}


def _head(name: str, old: DecisionTable, new: DecisionTable) -> Iterator[Told]:
    was, is_ = (" ".join(filter(None, (one.hit_policy, one.aggregation))) for one in (old, new))
    if was != is_:
        template = "Which rows of the table “%(table)s” count was %(before)s and is %(after)s."
        yield name, template, {"table": name, "before": was, "after": is_}
    had, has = _columns(old), _columns(new)
    for column in has:
        if column not in had:
            yield name, "The table “%(table)s” has a column more: %(column)s.", {"table": name, "column": column}
    for column in had:
        if column not in has:
            yield name, "The table “%(table)s” has no longer the column %(column)s.", {"table": name, "column": column}


def _rows(name: str, old: DecisionTable, new: DecisionTable) -> Iterator[Told]:
    """A row is known again by its id, else by what it says."""
    before, after = ([(rule, _said(table, rule)) for rule in table.rules] for table in (old, new))
    was = {rule.id: said for rule, said in before if rule.id}
    stays = {said for _, said in before} & {said for _, said in after}
    told = set()
    found = False
    for number, (rule, said) in enumerate(after, 1):
        if said in stays:
            continue
        found = True
        if rule.id in was and was[rule.id] not in stays:
            told.add(was[rule.id])
            params = {"table": name, "row": number, "before": was[rule.id], "after": said}
            yield name, "Row %(row)s of the table “%(table)s” was “%(before)s” and is “%(after)s”.", params
        else:
            yield name, "The table “%(table)s” has a row more: %(row)s.", {"table": name, "row": said}
    for _, said in before:
        if said not in stays and said not in told:
            found = True
            yield name, "The table “%(table)s” has no longer: %(row)s.", {"table": name, "row": said}
    if not found and [said for _, said in before] != [said for _, said in after]:
        yield name, "The rows of the table “%(table)s” are in another order.", {"table": name}


def _said(table: DecisionTable, rule: Rule) -> str:
    """A row as people read it: what is asked of which column, and what follows."""
    asked = [
        f"{clause.label or clause.text or ''} {test}".strip()
        for clause, test in zip(table.inputs, rule.inputs, strict=False)
        if test.strip() not in _ANY
    ]
    return f"{', '.join(asked) or '–'} → {', '.join(rule.outputs)}"


def _columns(table: DecisionTable) -> list[str]:
    inputs = [clause.text or clause.label for clause in table.inputs]
    return [*inputs, *(f"→ {clause.label or clause.name or ''}" for clause in table.outputs)]


def _decisions(content: bytes) -> dict[str, Decision]:
    return {one.id: one for one in read_definitions(content).elements.values() if isinstance(one, Decision)}


def _called(decision: Decision) -> str:
    return decision.name or decision.id
