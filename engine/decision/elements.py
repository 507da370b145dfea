"""The nouns of DMN as frozen values: what a file says, before anything is compiled (DMN 1.5, clauses 6 to 8 and 10.2).

``type`` is always the ``typeRef`` as written, or ``None``; ``text`` is FEEL as written, or ``None`` when the
element is empty. ``id`` is the element's id, or a path like ``decision/rule 3`` when the file gives none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

HitPolicy: TypeAlias = Literal["UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER"]
HIT_POLICIES: tuple[HitPolicy, ...] = ("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER")

Aggregation: TypeAlias = Literal["SUM", "MIN", "MAX", "COUNT"]
AGGREGATIONS: tuple[Aggregation, ...] = ("SUM", "MIN", "MAX", "COUNT")


# ------------------------------------------------------------------ boxed expressions (clause 10.2)


@dataclass(frozen=True, slots=True)
class Boxed:
    """Any expression in a box."""

    id: str
    type: str | None


@dataclass(frozen=True, slots=True)
class LiteralExpression(Boxed):
    text: str | None


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """``name`` is ``None`` for the last entry that is the context's result."""

    name: str | None
    type: str | None
    expression: Boxed | None


@dataclass(frozen=True, slots=True)
class Context(Boxed):
    entries: tuple[ContextEntry, ...]


@dataclass(frozen=True, slots=True)
class Binding:
    parameter: str
    expression: Boxed | None


@dataclass(frozen=True, slots=True)
class Invocation(Boxed):
    function: Boxed | None
    bindings: tuple[Binding, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    type: str | None


@dataclass(frozen=True, slots=True)
class FunctionDefinition(Boxed):
    parameters: tuple[Parameter, ...]
    body: Boxed | None


@dataclass(frozen=True, slots=True)
class Relation(Boxed):
    columns: tuple[str, ...]
    rows: tuple[tuple[Boxed | None, ...], ...]


@dataclass(frozen=True, slots=True)
class ListExpression(Boxed):
    items: tuple[Boxed | None, ...]


@dataclass(frozen=True, slots=True)
class Conditional(Boxed):
    condition: Boxed | None
    then: Boxed | None
    otherwise: Boxed | None


@dataclass(frozen=True, slots=True)
class Iterator(Boxed):
    """The ``body`` for every entry ``variable`` of ``source``, or whether some or every entry satisfies it."""

    kind: Literal["for", "some", "every"]
    variable: str
    source: Boxed | None
    body: Boxed | None


@dataclass(frozen=True, slots=True)
class Filter(Boxed):
    source: Boxed | None
    condition: Boxed | None


# ------------------------------------------------------------------ decision tables (clause 8)


@dataclass(frozen=True, slots=True)
class InputClause:
    id: str
    label: str
    text: str | None
    type: str | None
    values: str | None


@dataclass(frozen=True, slots=True)
class OutputClause:
    id: str
    name: str | None
    label: str
    type: str | None
    values: str | None
    default: str | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: a unary test per input, an expression per output."""

    id: str
    description: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionTable(Boxed):
    """``hit_policy`` is kept as written, so that the linter can name one that does not exist."""

    hit_policy: str
    aggregation: str | None
    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    rules: tuple[Rule, ...]


# ------------------------------------------------------------------ the requirements graph (clause 6)


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """A named type. ``base`` refers to another; ``components`` make a context.

    ``allowed`` are unary tests for the value, or for each entry of a collection; ``constraint`` for the whole.
    """

    name: str
    base: str | None
    is_collection: bool
    allowed: str | None
    constraint: str | None
    components: tuple[ItemDefinition, ...] = ()
    is_function: bool = False


@dataclass(frozen=True, slots=True)
class InputData:
    id: str
    name: str
    label: str
    type: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """``requires`` are the references to inputs, decisions and knowledge, as written (``#id`` or ``namespace#id``)."""

    id: str
    name: str
    type: str | None
    requires: tuple[str, ...]
    expression: Boxed | None


@dataclass(frozen=True, slots=True)
class BusinessKnowledgeModel:
    id: str
    name: str
    type: str | None
    requires: tuple[str, ...]
    function: FunctionDefinition | None


@dataclass(frozen=True, slots=True)
class DecisionService:
    id: str
    name: str
    type: str | None
    outputs: tuple[str, ...]
    encapsulated: tuple[str, ...]
    input_decisions: tuple[str, ...]
    input_data: tuple[str, ...]


DrgElement: TypeAlias = InputData | Decision | BusinessKnowledgeModel | DecisionService


@dataclass(frozen=True, slots=True)
class Import:
    name: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Definitions:
    """One file."""

    name: str
    namespace: str
    imports: tuple[Import, ...] = ()
    items: tuple[ItemDefinition, ...] = ()
    elements: Mapping[str, DrgElement] = field(default_factory=dict)
