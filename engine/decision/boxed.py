"""Compiles boxed expressions to closures (DMN 1.5, clause 10.2): each takes the names in scope and the session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.decision.column import Questions
from engine.decision.elements import (
    Boxed,
    Conditional,
    Context,
    DecisionTable,
    Filter,
    FunctionDefinition,
    Invocation,
    Iterator,
    ListExpression,
    LiteralExpression,
    Relation,
)
from engine.decision.expressions import Scope, WrittenExpression
from engine.decision.naming import parts
from engine.decision.session import Run, Session
from engine.decision.table import CompiledTable
from engine.decision.types import Types
from engine.feel.functions import call_function_by_name
from engine.feel.values import FeelFunction, kind

_ENTRY_STEPS = 3  # an entry of a boxed loop costs about three steps of a loop in a text


@dataclass(slots=True)
class Compiler:
    """Compiles what one element (``owner``: its id) holds.

    ``tables`` and ``written`` collect what was compiled, in the order of the file, for the linter;
    ``questions`` is what indexing the tables of the file may still cost.
    """

    owner: str
    types: Types
    names: frozenset[str]
    tables: list[CompiledTable]
    written: list[WrittenExpression]
    questions: Questions

    def compile(self, boxed: Boxed | None) -> Run:
        """The expression as a closure; no expression yields null."""
        if boxed is None:
            return _null
        run = self._compile(boxed)
        type_name = boxed.type
        if not type_name or isinstance(boxed, FunctionDefinition) or self.types.is_function(type_name):
            return run
        return self._typed(run, type_name, boxed.id)

    def _typed(self, run: Run, type_name: str, subject: str) -> Run:
        coerce = self.types.coerce
        return lambda scope, session: coerce(run(scope, session), type_name, session.evaluation, subject)

    def _compile(self, boxed: Boxed) -> Run:
        match boxed:
            case LiteralExpression():
                return self._literal(boxed)
            case DecisionTable():
                table = CompiledTable(boxed, self.owner, self.types, self.names, self.questions)
                self.tables.append(table)
                return table.run
            case Context():
                return self._context(boxed)
            case Invocation():
                return self._invocation(boxed)
            case FunctionDefinition():
                return self._function(boxed)
            case Relation():
                rows = [[self.compile(cell) for cell in row] for row in boxed.rows]
                return _relation(boxed.columns, rows)
            case ListExpression():
                items = [self.compile(item) for item in boxed.items]
                return lambda scope, session: session.evaluation.entries([item(scope, session) for item in items])
            case Conditional():
                return _conditional(*(self.compile(part) for part in (boxed.condition, boxed.then, boxed.otherwise)))
            case Iterator():
                source, body = self.compile(boxed.source), self.compile(boxed.body)
                if boxed.kind == "for":
                    return _for(boxed.variable, source, body, uses_partial=_mentions_partial(boxed.body))
                return _quantified(boxed.variable, source, body, some=boxed.kind == "some")
            case Filter():
                return _filter(self.compile(boxed.source), self.compile(boxed.condition))
        raise TypeError(f"no way to compile a {type(boxed).__name__}")

    def _literal(self, boxed: LiteralExpression) -> Run:
        if boxed.text is None:
            return _null
        written = WrittenExpression(boxed.text, boxed.id, self.names)
        self.written.append(written)
        run = written.run
        return lambda scope, session: run(scope, session.evaluation)

    def _context(self, boxed: Context) -> Run:
        entries = [
            (entry.name, None if self.types.is_function(entry.type) else entry.type, self.compile(entry.expression))
            for entry in boxed.entries
        ]
        coerce = self.types.coerce

        def run(scope: Scope, session: Session) -> Any:
            inner, result = dict(scope), {}
            for name, type_name, entry in entries:
                value = entry(inner, session)
                if name is None:
                    return value
                inner[name] = result[name] = coerce(value, type_name, session.evaluation, name)
            return result

        return run

    def _invocation(self, boxed: Invocation) -> Run:
        function = self.compile(boxed.function)
        bindings = [(binding.parameter, self.compile(binding.expression)) for binding in boxed.bindings]

        def run(scope: Scope, session: Session) -> Any:
            called = function(scope, session)
            arguments = {name: value(scope, session) for name, value in bindings}
            if kind(called) != "function":
                return session.evaluation.warn(
                    None, "Expected a function to call at %(element)s, but found a %(found)s.",
                    element=boxed.id, found=kind(called),
                )  # fmt: skip
            return call_function_by_name(called, arguments, session.evaluation)

        return run

    def _function(self, boxed: FunctionDefinition) -> Run:
        build = self.function(boxed, boxed.type)
        return lambda scope, session: build(scope, session, "")

    def function(
        self, boxed: FunctionDefinition, result_type: str | None
    ) -> Callable[[Scope, Session, str], FeelFunction]:
        """A maker of function values: (scope, session, own name for recursion or "") → function."""
        body = self.compile(boxed.body)
        parameters = boxed.parameters
        coerce = self.types.coerce
        if self.types.is_function(result_type):
            result_type = None

        def build(scope: Scope, session: Session, own_name: str) -> FeelFunction:
            def call(*arguments: Any) -> Any:
                inner = dict(scope)
                if own_name:
                    inner[own_name] = function
                for parameter, argument in zip(parameters, arguments, strict=True):
                    value = coerce(argument, parameter.type, session.evaluation, parameter.name)
                    if value is None and argument is not None:
                        return None
                    inner[parameter.name] = value
                return coerce(body(inner, session), result_type, session.evaluation, own_name or boxed.id)

            function = FeelFunction(tuple(parameter.name for parameter in parameters), call, own_name)
            return function

        return build


def _null(scope: Scope, session: Session) -> Any:
    return None


def _relation(columns: tuple[str, ...], rows: list[list[Run]]) -> Run:
    def run(scope: Scope, session: Session) -> Any:
        return [{column: cell(scope, session) for column, cell in zip(columns, cells, strict=True)} for cells in rows]

    return run


def _conditional(condition: Run, then: Run, otherwise: Run) -> Run:
    def run(scope: Scope, session: Session) -> Any:
        truth = condition(scope, session)
        if truth is not None and type(truth) is not bool:
            return session.evaluation.warn(
                None, "Expected a condition that is true or false, but found a %(found)s.", found=kind(truth)
            )
        return (then if truth is True else otherwise)(scope, session)

    return run


def _entries_of(value: Any, session: Session) -> list[Any] | None:
    """What an iterator runs over: a list, the whole numbers or days of a range, or one value; ``None`` for null."""
    if value is None or type(value) is list:
        return value
    if kind(value) == "range":
        return _range_entries(value, session)
    return [value]


_RANGE = WrittenExpression("for entry in interval return entry", "range", frozenset())


def _range_entries(interval: Any, session: Session) -> list[Any] | None:
    found = _RANGE.run({"interval": interval}, session.evaluation)
    return found if type(found) is list else None


def _for(variable: str, source: Run, body: Run, *, uses_partial: bool) -> Run:
    def run(scope: Scope, session: Session) -> Any:
        entries = _entries_of(source(scope, session), session)
        if entries is None:
            return None
        results: list[Any] = []
        for entry in entries:
            session.evaluation.tick(_ENTRY_STEPS)
            session.evaluation.hold(1)
            inner = {**scope, variable: entry}
            if (
                uses_partial
            ):  # the results so far, as the standard shows them to the body: a copy, or they hold themselves
                session.evaluation.hold(len(results))
                inner["partial"] = list(results)
            results.append(body(inner, session))
        return results

    return run


def _mentions_partial(boxed: Boxed | None) -> bool:
    if isinstance(boxed, LiteralExpression):
        return "partial" in (boxed.text or "")
    if isinstance(boxed, DecisionTable):
        texts = [text for rule in boxed.rules for text in rule.inputs + rule.outputs]
        return any("partial" in text for text in [*texts, *(clause.text or "" for clause in boxed.inputs)])
    return any(_mentions_partial(part) for part in parts(boxed))


def _quantified(variable: str, source: Run, body: Run, *, some: bool) -> Run:
    def run(scope: Scope, session: Session) -> Any:
        entries = _entries_of(source(scope, session), session)
        if entries is None:
            return None
        unknown = False
        for entry in entries:
            session.evaluation.tick(_ENTRY_STEPS)
            truth = body({**scope, variable: entry}, session)
            if truth is some:
                return some
            if truth is None:
                unknown = True
            elif type(truth) is not bool:
                return None
        return None if unknown else not some

    return run


def _filter(source: Run, condition: Run) -> Run:
    def run(scope: Scope, session: Session) -> Any:
        value = source(scope, session)
        if value is None:
            return []
        entries = value if type(value) is list else [value]
        kept = []
        for entry in entries:
            session.evaluation.tick(_ENTRY_STEPS)
            members: Mapping[str, Any] = entry if type(entry) is dict else {}
            truth = condition({**scope, "item": entry, **members}, session)
            if kind(truth) == "number":
                return _at(entries, int(truth))
            if truth is True:
                kept.append(entry)
            elif truth is not False and truth is not None:
                return None
        return kept

    return run


def _at(entries: list[Any], place: int) -> Any:
    """The entry at a place counted from one, or from the end when negative; null beyond."""
    if 1 <= place <= len(entries):
        return entries[place - 1]
    return entries[place] if -len(entries) <= place <= -1 else None
