"""A decision file ready to decide: evaluates a decision with everything it requires, and says which rows matched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from engine.decision.boxed import Compiler
from engine.decision.column import Questions
from engine.decision.elements import (
    BusinessKnowledgeModel,
    Decision,
    DecisionService,
    Definitions,
    InputData,
)
from engine.decision.expressions import DecisionFailed, Scope, WrittenExpression
from engine.decision.graph import Graph
from engine.decision.reader import read_definitions
from engine.decision.session import DecisionWarning, ElementKey, Run, Session
from engine.decision.table import CompiledTable
from engine.decision.types import Types
from engine.errors import Rejected
from engine.feel import Environment, FeelError
from engine.feel.environment import Evaluation
from engine.feel.values import FeelFunction, to_feel, to_python

_KEPT = 128


@dataclass(frozen=True, slots=True)
class Result:
    """``outputs``: the decision's value. ``rows``: element id → numbers (from 1) of the rules that matched.

    ``version`` is the SHA-256 of the file that decided.
    """

    outputs: Any
    rows: dict[str, list[int]]
    warnings: tuple[DecisionWarning, ...]
    version: str


class Model:
    """One file with what it imports, compiled. Immutable after creation; may be shared between threads."""

    def __init__(self, graph: Graph, version: str) -> None:
        self.graph = graph
        self.version = version
        self.tables: dict[ElementKey, list[CompiledTable]] = {}
        self.written: dict[ElementKey, list[WrittenExpression]] = {}
        self._decisions: dict[ElementKey, Run] = {}
        self._functions: dict[ElementKey, Callable[[Scope, Session, str], FeelFunction]] = {}
        questions = Questions()
        for namespace, definitions in graph.files.items():
            self._compile(namespace, definitions, questions)

    def _compile(self, namespace: str, definitions: Definitions, questions: Questions) -> None:
        types = self.graph.types[namespace]
        for element in definitions.elements.values():
            key = (namespace, element.id)
            tables = self.tables.setdefault(key, [])
            written = self.written.setdefault(key, [])
            compiler = Compiler(element.id, types, self.graph.names, tables, written, questions)
            if isinstance(element, Decision):
                self._decisions[key] = compiler.compile(element.expression)
            elif isinstance(element, BusinessKnowledgeModel) and element.function is not None:
                declared = None if types.is_function(element.type) else element.type
                self._functions[key] = compiler.function(element.function, element.function.type or declared)

    # -------------------------------------------------------------- what is in it

    @property
    def definitions(self) -> Definitions:
        """The main file."""
        return self.graph.main

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """The decisions of the main file, in its order."""
        return tuple(element for element in self.definitions.elements.values() if isinstance(element, Decision))

    @property
    def main(self) -> str:
        """The id of the one decision that nothing else in the file requires. Raises ``Rejected`` if it is not one."""
        required = {key for keys in self.graph.requirements.values() for key in keys}
        tops = [decision.id for decision in self.decisions if (self.definitions.namespace, decision.id) not in required]
        if len(tops) == 1:
            return tops[0]
        raise Rejected(
            "Expected one main decision in %(file)s, but found %(found)s. Let one decision require the others.",
            file=self.definitions.name,
            found=", ".join(tops) or "0",
        )

    def inputs(self, decision_id: str) -> frozenset[str]:
        """The names of the input data the decision reads, itself or through what it requires."""
        waiting, seen = [self._key(decision_id)], set()
        while waiting:
            key = waiting.pop()
            if key not in seen:
                seen.add(key)
                waiting.extend(self.graph.requirements[key])
        found = (self.graph.element(key) for key in seen)
        return frozenset(element.name for element in found if isinstance(element, InputData))

    def _key(self, id: str) -> ElementKey:
        if id not in self.definitions.elements:
            raise Rejected(
                "Expected a decision %(id)s in %(file)s, but there is none. Choose one of: %(known)s.",
                id=id,
                file=self.definitions.name,
                known=", ".join(decision.id for decision in self.decisions),
            )
        return self.definitions.namespace, id

    # -------------------------------------------------------------- deciding

    def evaluate(self, decision_id: str, inputs: Mapping[str, Any], environment: Environment) -> Result:
        """Evaluate a decision, a decision service or (with its parameters as inputs) a knowledge model.

        ``inputs`` are values of a case by name; what is missing is null. Raises ``Rejected`` for an unknown
        id and ``DecisionFailed`` for an expression that is not FEEL or asks for too much.
        """
        session = self.open_session(inputs, environment)
        value = self.answer(decision_id, session)
        zone = environment.now.tzinfo if environment.now else None
        return Result(to_python(value, zone), session.rows, tuple(session.warnings), self.version)

    def open_session(self, inputs: Mapping[str, Any], environment: Environment) -> Session:
        """A session with a full budget, for ``answer``. ``inputs`` as in ``evaluate``, or in FEEL's inside form."""
        known_types = self.graph.types[self.definitions.namespace].has_type
        evaluation = Evaluation(replace(environment, profile="table"), known_types)
        return Session(evaluation, {name: to_feel(value) for name, value in inputs.items()})

    def answer(self, id: str, session: Session) -> Any:
        """What ``evaluate`` answers, in FEEL's inside form, within a session."""
        key = self._key(id)
        try:
            value = self._answer(key, session)
            session.evaluation.check_result(value)
        except FeelError as problem:  # a budget used up between two expressions
            raise DecisionFailed(id, problem) from None
        except RecursionError:
            raise Rejected(
                "Expected values and decisions of moderate depth, but those of %(id)s are nested too deeply.", id=id
            ) from None
        return value

    def _answer(self, key: ElementKey, session: Session) -> Any:
        element = self.graph.element(key)
        if isinstance(element, DecisionService):
            parameters = self._service_parameters(key[0], element)
            values = [session.inputs.get(self.graph.element(parameter).name) for parameter in parameters]
            return self._serve(key, element, parameters, values, session)
        if isinstance(element, BusinessKnowledgeModel):
            function = self._value(key, session)
            if function is None:
                return None
            return function.call(*(session.inputs.get(name) for name in function.parameters))
        return self._value(key, session)

    def _value(self, key: ElementKey, session: Session) -> Any:
        """What a name in scope stands for: an input's value, a decision's, or a function."""
        if key in session.known:
            return session.known[key]
        match self.graph.element(key):
            case InputData() as element:
                value = self._input(key[0], element, session)
            case Decision() as element:
                value = self._decide(key, element, session)
            case BusinessKnowledgeModel() as element:
                make = self._functions.get(key)
                value = None if make is None else make(self._scope(key, session), session, element.name)
            case DecisionService() as element:
                value = self._service_function(key, element, session)
        session.known[key] = value
        return value

    def _decide(self, key: ElementKey, element: Decision, session: Session) -> Any:
        scope = self._scope(key, session)  # first: what it requires keeps its own warnings
        value = self._decisions[key](scope, session)
        value = self._types(key).coerce(value, element.type, session.evaluation, element.name)
        session.claim_warnings(element.id)
        return value

    def _types(self, key: ElementKey) -> Types:
        return self.graph.types[key[0]]

    def _input(self, namespace: str, element: InputData, session: Session) -> Any:
        """A given value; those of an imported file may come in a context named like the import."""
        given = session.inputs
        imported = self.graph.import_name(self.definitions.namespace, namespace)
        inner = given.get(imported) if imported else None
        value = inner[element.name] if type(inner) is dict and element.name in inner else given.get(element.name)
        value = self.graph.types[namespace].coerce(value, element.type, session.evaluation, element.name)
        session.claim_warnings(element.id)
        return value

    def _scope(self, key: ElementKey, session: Session) -> dict[str, Any]:
        """The names an element sees: what it requires, those of another file inside a context named like the import."""
        scope: dict[str, Any] = {}
        for required in self.graph.requirements[key]:
            value = self._value(required, session)
            name = self.graph.element(required).name
            imported = None if required[0] == key[0] else self.graph.import_name(key[0], required[0])
            if imported:
                scope.setdefault(imported, {})[name] = value
            else:
                scope[name] = value
        return scope

    # -------------------------------------------------------------- decision services

    def _service_parameters(self, namespace: str, service: DecisionService) -> list[ElementKey]:
        file = self.graph.files[namespace]
        return [self.graph.resolve(file, reference) for reference in service.input_data + service.input_decisions]

    def _service_function(self, key: ElementKey, service: DecisionService, session: Session) -> FeelFunction:
        parameters = self._service_parameters(key[0], service)

        def call(*values: Any) -> Any:
            return self._serve(key, service, parameters, list(values), session)

        return FeelFunction(tuple(self.graph.element(parameter).name for parameter in parameters), call, service.name)

    def _serve(
        self,
        key: ElementKey,
        service: DecisionService,
        parameters: list[ElementKey],
        values: list[Any],
        session: Session,
    ) -> Any:
        known: dict[ElementKey, Any] = {}
        for parameter, value in zip(parameters, values, strict=True):
            element = self.graph.element(parameter)
            declared = element.type if isinstance(element, InputData | Decision) else None
            known[parameter] = self._types(parameter).coerce(value, declared, session.evaluation, element.name)
            if known[parameter] is None and value is not None:
                return None
        inner = session.inside(known)
        file = self.graph.files[key[0]]
        outputs = [self.graph.resolve(file, reference) for reference in service.outputs]
        results = {self.graph.element(output).name: self._value(output, inner) for output in outputs}
        value = next(iter(results.values())) if len(outputs) == 1 else results
        declared = None if self._types(key).is_function(service.type) else service.type
        return self._types(key).coerce(value, declared, session.evaluation, service.name)


def read_decisions(xml: bytes, library: Iterable[bytes] = ()) -> Model:
    """A DMN 1.3 to 1.5 file, ready to decide. ``library``: the other files it may import, in any order.

    Raises ``Rejected`` naming the element when the file is not readable, not allowed or refers to nothing.
    Kept by content: deciding changes nothing in a model, and lint, floor and compiler ask for the same.
    """
    return _read(xml, tuple(library))


@lru_cache(_KEPT)
def _read(xml: bytes, library: tuple[bytes, ...]) -> Model:
    return Model(Graph(read_definitions(xml), [read_definitions(other) for other in library]), _version(xml))


def read_library(files: Mapping[str, bytes]) -> Mapping[str, Model]:
    """The decision files of a bundle by key (the id of each file's main decision); they import by namespace.

    Raises ``Rejected`` as ``read_decisions`` does, and when two files share a namespace or one lacks its decision.
    """
    definitions = {key: read_definitions(content) for key, content in files.items()}
    owners: dict[str, str] = {}
    for key, found in definitions.items():
        other = owners.setdefault(found.namespace, key)
        if other != key:
            raise Rejected(
                "Expected every decision file to have its own namespace, but %(one)s and %(other)s share "
                "%(namespace)s. Change one.",
                one=other,
                other=key,
                namespace=found.namespace,
            )
        if not isinstance(found.elements.get(key), Decision):
            raise Rejected(
                "Expected a decision with the id %(key)s in the file %(key)s.dmn, but there is none. "
                "Rename the file or the decision.",
                key=key,
            )
    return MappingProxyType(
        {key: Model(Graph(found, definitions.values()), _version(files[key])) for key, found in definitions.items()}
    )


def _version(content: bytes) -> str:
    return sha256(content).hexdigest()
