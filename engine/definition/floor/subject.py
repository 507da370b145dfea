"""What the rules are asked about: the whole procedure as it would be in force, read and explored once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from engine.decision import Model, read_decisions
from engine.definition.apart import drawn_duties
from engine.definition.bpmn import read_diagram
from engine.definition.diagram import Diagram
from engine.definition.finding import Finding
from engine.definition.floor.choices import Followed, Values, follow
from engine.definition.floor.composed import Net, compose
from engine.definition.floor.moves import Moves
from engine.definition.floor.rules import Rule
from engine.definition.floor.space import Space, explore
from engine.definition.floor.state import Label
from engine.definition.floor.writes import Writes, alternatives_of, answered, writes_of
from engine.definition.profile import resolve_profile
from engine.definition.recusal import Recusal, read_recusals
from engine.feel import compile_expression
from forms.formjs import read_form
from forms.schema import Form

Resources = Mapping[tuple[str, str], bytes]


@dataclass
class Subject:
    """A composed procedure. ``initial`` narrows what single variables may be at the start."""

    main: str
    processes: Mapping[str, Diagram]
    forms: Mapping[str, Form]
    decisions: Mapping[str, Model]
    profile: Mapping[str, Any]
    duties: Sequence[Mapping[str, Any]]
    manifest: Mapping[str, Any]
    recusals: Sequence[Recusal] = ()
    watched: frozenset[str] = frozenset()
    asked: Mapping[str, frozenset[str]] = field(default_factory=dict)
    extra: tuple[str, ...] = ()
    """Conditions of rules, so that what they read is followed too."""

    @cached_property
    def net(self) -> Net:
        return compose(self.main, self.processes, self.watched)

    @cached_property
    def conditions(self) -> tuple[str, ...]:
        used = {id(node.diagram): node.diagram for node in self.net.nodes.values()}
        return tuple(flow.condition for d in used.values() for flow in d.flows.values() if flow.condition is not None)

    @cached_property
    def followed(self) -> Followed:
        return follow((*self.conditions, *self.extra), self.profile)

    @cached_property
    def writes(self) -> Mapping[str, Writes]:
        return {key: writes_of(node, self.followed, self.forms) for key, node in self.net.nodes.items()}

    @cached_property
    def ways_to_answer(self) -> Mapping[str, tuple[Writes, ...]]:
        """For each task of people what goes together of its writes."""
        nodes, writes = self.net.nodes.values(), self.writes
        return {n.key: alternatives_of(n, self.followed, self.forms, writes[n.key]) for n in nodes if writes[n.key]}

    @cached_property
    def space(self) -> Space:
        return self.explored({})

    def explored(self, initial: Mapping[str, frozenset[Any]]) -> Space:
        """The states, when some variables begin with one of the given values only.

        A variable that nothing here sets may be anything: a case could bring it along from an earlier version.
        Where ``initial`` is given, a person answers it: what a message begins is left aside.
        """
        start = self.forms.get(str(self.manifest.get("start_form", "")))
        given = answered(start, frozenset(), self.followed)
        written = {name for writes in self.writes.values() for name in writes} | given.keys()
        values: Values = tuple(
            initial.get(name) or given.get(name) or (_NULL if name in written else self.followed.domains[name])
            for name in self.followed.names
        )
        moves = Moves(self.net, self.followed, self.writes, self.asked, self.ways_to_answer)
        return explore(self.net, moves, values, not initial)

    def form_of(self, element: str) -> Form | None:
        """The form of a user task, wherever it stands."""
        node = next(self.net.at(element), None)
        return None if node is None else self.forms.get(node.element.attributes.get("form", ""))

    def answering(self, variable: str) -> tuple[str, ...]:
        """The tasks of people whose form asks for the variable."""
        tasks = sorted({node.id for node in self.net.nodes.values() if node.kind == "userTask"})
        asks = {task: form.field(variable) for task in tasks if (form := self.form_of(task)) is not None}
        return tuple(task for task, field in asks.items() if field is not None and not field.readonly)

    def trail(self, labels: Sequence[Label]) -> tuple[tuple[str, str], ...]:
        """A way as (process, element), what is visited twice in a row once."""
        found: list[tuple[str, str]] = []
        for _, key in labels:
            node = self.net.nodes[key]
            place = (node.diagram.process, node.id)
            if not found or found[-1] != place:
                found.append(place)
        return tuple(found)

    def names(self, trail: Sequence[tuple[str, str]]) -> str:
        """The way in the words of the diagram: what people do and where it ends."""
        told: list[str] = []
        for process, element in trail:
            found = self.processes[process].elements[element]
            name = found.name or element
            tells = found.kind not in ("startEvent", "callActivity", "subProcess") and (
                found.name or not found.kind.endswith("Gateway")
            )
            if tells and (not told or told[-1] != name):
                told.append(name)
        return " → ".join(told) if len(told) <= _TOLD_MAX else " → ".join([*told[:3], "…", *told[3 - _TOLD_MAX :]])


_TOLD_MAX = 16
_NULL: frozenset[Any] = frozenset({None})


def subject_of(main: str, resources: Resources, rules: Sequence[Rule]) -> Subject:
    """Reads a procedure for checking. Raises ``Rejected`` or ``FormError`` for a file that cannot be read."""
    by_kind: dict[str, dict[str, bytes]] = {}
    for (kind, key), content in sorted(resources.items()):
        by_kind.setdefault(kind, {})[key] = content
    tables = by_kind.get("decision", {})
    manifest = next(iter(by_kind.get("bundle", {}).values()), b"")
    duties = [tomllib.loads(content.decode()).get("duty", []) for content in by_kind.get("duties", {}).values()]
    asked: dict[str, frozenset[str]] = {}
    for element, condition in (pair for rule in rules for pair in questions(rule)):
        asked[element] = asked.get(element, frozenset()) | compile_expression(condition).names
    processes = {key: read_diagram(content, f"{key}.bpmn") for key, content in by_kind.get("process", {}).items()}
    drawn = [{"name": name, "elements": list(steps)} for name, steps in drawn_duties(processes.values())]
    return Subject(
        main,
        processes,
        {key: read_form(content, key) for key, content in by_kind.get("form", {}).items()},
        {key: read_decisions(c, [o for n, o in tables.items() if n != key]) for key, c in tables.items()},
        resolve_profile([content for _, content in sorted(by_kind.get("profile", {}).items())]),
        [*(duty for group in duties for duty in group), *drawn],
        tomllib.loads(manifest.decode()),
        [one for content in by_kind.get("duties", {}).values() for one in read_recusals(content)],
        frozenset(element for rule in rules for element in watched(rule)),
        asked,
        tuple(condition for rule in rules for condition in _followed_for(rule)),
    )


def questions(rule: Rule) -> Iterator[tuple[str, str]]:
    """(element, condition) for everything that a rule asks of the data at an element."""
    if rule.kind == "holds_at":
        yield rule["element"], rule["condition"]
    if rule.get("unless"):
        for target in rule.get("targets", rule.get("then", ())):
            yield target, rule["unless"]


def _followed_for(rule: Rule) -> Iterator[str]:
    yield from (condition for _, condition in questions(rule))
    if rule.kind == "written_only_by":
        yield f"{rule['variable']} = null"
    if rule.kind == "both_reachable":
        yield from (f'{rule["field"]} = "{value}"' for value in rule["values"])


def watched(rule: Rule) -> Iterator[str]:
    """The elements whose order a rule asks about."""
    for name in ("targets", "through", "first", "then", "since"):
        yield from (str(one) for one in rule.get(name) or ())
    for name in ("element", "target"):
        if rule.get(name):
            yield str(rule[name])


def broken(rule: Rule, subject: Subject, template: str, labels: Sequence[Label] = (), **params: Any) -> Finding:
    """A finding that names the rule: number, sentence, source, and the way that breaks it."""
    trail = subject.trail(labels)
    process, element = trail[-1] if trail else (subject.main, str(params.get("element", "")))
    return Finding(
        "floor",
        element,
        "error" if rule.is_error else "warning",
        template,
        {
            "number": rule.number,
            "kind": rule.kind,
            "text": rule.text,
            "source": rule.source,
            **params,
            **({"way": subject.names(trail)} if trail else {}),
        },
        process,
        trail,
    )
