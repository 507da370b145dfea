"""Several files that import each other as one requirements graph: who requires whom, and that nothing requires itself.

Elements are known by namespace and id. A reference is ``#id`` in the same file or ``namespace#id`` in another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.decision.elements import (
    BusinessKnowledgeModel,
    Decision,
    DecisionService,
    Definitions,
    DrgElement,
    ItemDefinition,
)
from engine.decision.naming import names_in
from engine.decision.session import ElementKey
from engine.decision.types import Types
from engine.errors import Rejected

CHAIN_MAX = 60
"""How long a chain of requirements may be."""


class Graph:
    """The files by namespace; ``main`` is the one that was asked for. Raises ``Rejected`` for a broken reference."""

    def __init__(self, main: Definitions, library: Iterable[Definitions] = ()) -> None:
        self.main = main
        available = {definitions.namespace: definitions for definitions in library}
        available[main.namespace] = main
        self.files: dict[str, Definitions] = {}
        self._collect(main, available)
        self.names = frozenset(name for definitions in self.files.values() for name in names_in(definitions))
        self.types = self._types()
        self.requirements: dict[ElementKey, tuple[ElementKey, ...]] = {
            (definitions.namespace, element.id): tuple(self._required(definitions, element))
            for definitions in self.files.values()
            for element in definitions.elements.values()
        }
        self._check_acyclic()

    def _collect(self, definitions: Definitions, available: Mapping[str, Definitions]) -> None:
        waiting = [definitions]
        while waiting:
            current = waiting.pop()
            self.files[current.namespace] = current
            for wanted in current.imports:
                found = available.get(wanted.namespace)
                if found is None:
                    raise Rejected(
                        "Expected the imported file with namespace %(namespace)s beside %(file)s, but it is not there. "
                        "Add it to the bundle.",
                        namespace=wanted.namespace,
                        file=current.name,
                    )
                if found.namespace not in self.files:
                    waiting.append(found)

    def _types(self) -> dict[str, Types]:
        """The types of each file; files that import each other see each other's."""
        _check_type_chains(self.files.values())
        imported: dict[str, dict[str, Types]] = {namespace: {} for namespace in self.files}
        types = {
            namespace: Types(definitions, imported[namespace], self.names)
            for namespace, definitions in self.files.items()
        }
        for namespace, definitions in self.files.items():
            for wanted in definitions.imports:
                imported[namespace][wanted.name] = types[wanted.namespace]
        return types

    def element(self, key: ElementKey) -> DrgElement:
        """The element of that namespace and id. Raises ``KeyError``."""
        return self.files[key[0]].elements[key[1]]

    def import_name(self, file: str, other: str) -> str | None:
        """What ``file`` calls the namespace ``other``; ``None`` for itself or a file it does not import."""
        return next((wanted.name for wanted in self.files[file].imports if wanted.namespace == other), None)

    def resolve(self, file: Definitions, reference: str) -> ElementKey:
        """The element a reference points to. Raises ``Rejected`` when there is none."""
        namespace, _, id = reference.rpartition("#")
        for candidate in (namespace or file.namespace, file.namespace):
            if candidate in self.files and id in self.files[candidate].elements:
                return candidate, id
        raise Rejected(
            "Expected a reference to an existing element in %(file)s, but found “%(reference)s”. Correct or remove it.",
            file=file.name,
            reference=reference,
        )

    def _required(self, file: Definitions, element: DrgElement) -> Iterator[ElementKey]:
        own = (file.namespace, element.id)
        for reference in references(element):
            key = self.resolve(file, reference)
            if key != own or not isinstance(element, BusinessKnowledgeModel):  # knowledge may call itself
                yield key

    def _check_acyclic(self) -> None:
        """Depth-first, without recursion: a cycle or an overlong chain is refused."""
        depth: dict[ElementKey, int] = {}
        for start in self.requirements:
            path: list[ElementKey] = [start]
            while path:
                current = path[-1]
                waiting = [key for key in self.requirements[current] if key not in depth]
                if not waiting or current in depth:
                    depth[current] = 1 + max((depth[key] for key in self.requirements[current]), default=0)
                    path.pop()
                    continue
                if waiting[0] in path:
                    raise Rejected(
                        "Expected requirements without a circle, but %(element)s requires itself, directly or through "
                        "others. Remove one of the requirements.",
                        element=waiting[0][1],
                    )
                path.append(waiting[0])
                if len(path) > CHAIN_MAX:
                    raise Rejected(
                        "Expected a chain of at most %(most)s requirements, but the one from %(element)s is longer. "
                        "Merge some decisions.",
                        most=CHAIN_MAX,
                        element=start[1],
                    )


def references(element: DrgElement) -> tuple[str, ...]:
    """What an element refers to, as written."""
    match element:
        case Decision() | BusinessKnowledgeModel():
            return element.requires
        case DecisionService():
            return element.outputs + element.input_decisions + element.input_data
    return ()


def _check_type_chains(files: Iterable[Definitions]) -> None:
    for definitions in files:
        bases = {item.name: item for item in definitions.items}
        for item in definitions.items:
            seen: set[str] = set()
            current: ItemDefinition | None = item
            while current is not None and current.base:
                if current.name in seen:
                    raise Rejected(
                        "Expected a type built on a simple type, but %(type)s is defined by itself. Correct its base.",
                        type=item.name,
                    )
                seen.add(current.name)
                current = bases.get(current.base)
