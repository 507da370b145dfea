"""An independent judge for mutated drafts: plays every run with concrete answers, and watches the rules about order.

It shares nothing with the explorer but the reader of diagrams and the evaluation of FEEL: every answer is chosen at
once and concretely, nothing is forgotten, automatic steps run until people or time are waited for, and the rules are
watched by bits that travel with the run. ``floor.toml`` is read here as plain TOML.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from typing import Any

from engine.definition.bpmn import read_diagram
from engine.feel import compile_expression

OTHER = "~other"
ORDER = ("must_pass", "document_before", "precedes", "end_has_feedback", "holds_at")
Bits = frozenset[str]
Position = tuple[tuple[str, ...], tuple[Any, ...]]
Run = tuple[tuple[str, ...], tuple[Any, ...], Bits]


class TooMany(Exception):
    """More states than a test should visit."""


class Simulation:
    """All runs of a procedure. ``broken`` numbers the rules (in their order in the file) that some run breaks."""

    def __init__(self, main: str, files: Mapping[tuple[str, str], bytes], rules: list[dict[str, Any]]) -> None:
        self.files, self.rules = files, rules
        self.diagrams = {key: read_diagram(content, key) for (kind, key), content in files.items() if kind == "process"}
        self.nodes: dict[str, Any] = {}
        self.diagram_of: dict[str, Any] = {}
        self.scope_of: dict[str, str] = {}
        self.starts: dict[str, list[str]] = {}
        self.lay(main, "", "")
        self.flow = {p + f.id: f for p, d in self._places for f in d.flows.values()}
        self.domains = self._domains()
        self.names = sorted(self.domains)
        self.watched = {one for rule in rules for name in ("through", "first", "since") for one in rule.get(name, [])}
        self.broken: set[int] = set()
        self.visited: set[str] = set()
        self.evaluated: dict[tuple[str, tuple[Any, ...]], Any] = {}
        self.armed: dict[str, list[str]] = {}
        for key, element in self.nodes.items():
            if element.attached_to:
                self.armed.setdefault(self.host(key), []).append(f"b:{key}")
        self.around: dict[str, frozenset[str]] = {}
        self.ways: dict[str, list[list[tuple[int, Any]]]] = {}
        self.asked: dict[str, list[int]] = {}
        self.entering: set[tuple[Run, str]] = set()
        self.noted: dict[str, tuple[Bits, Bits, Bits]] = {}

    _places: list[tuple[str, Any]]

    def lay(self, process: str, path: str, scope: str) -> None:
        diagram = self.diagrams[process]
        self._places = [*getattr(self, "_places", []), (path, diagram)]
        self.starts[scope] = [path + s.id for s in diagram.starts(None)]
        for element in diagram.elements.values():
            key = path + element.id
            self.nodes[key], self.diagram_of[key] = element, diagram
            self.scope_of[key] = path + element.parent if element.parent else scope
            if element.is_subprocess:
                self.starts[key] = [path + s.id for s in diagram.starts(element.id)]
            if element.kind == "callActivity":
                self.lay(element.called, key + "/", key)

    def _domains(self) -> dict[str, set[Any]]:
        texts = [f.condition or "" for f in self.flow.values()]
        texts += [
            rule.get(name, "") for rule in self.rules for name in ("condition", "unless") if rule["kind"] in ORDER
        ]
        found: dict[str, set[Any]] = {}
        for text in texts:
            for name, value in re.findall(r'(?<![.\w])([a-z_]+) !?= ("[^"]*"|true|false)', text):
                literal = value.strip('"') if value.startswith('"') else value == "true"
                found.setdefault(name, {None, OTHER}).add(literal)
        for name in ("publicity_required",):
            found.setdefault(name, set()).update({True, False, None})
        return found

    # ---- data

    def answers(self, form: str) -> Iterator[tuple[str, list[Any]]]:
        content = self.files.get(("form", form))
        stack = [(c, False) for c in json.loads(content)["components"]] if content else []
        while stack:
            field, hidden = stack.pop()
            hidden = hidden or "conditional" in field
            stack += [(c, hidden) for c in field.get("components", [])]
            name = field.get("key")
            if name in self.domains and not field.get("readonly") and field["type"] in ("radio", "select"):
                values = [v["value"] if v["value"] in self.domains[name] else OTHER for v in field.get("values", [])]
                values = [{"true": True, "false": False}.get(v, v) if {True, False} & self.domains[name] else v
                          for v in (v["value"] if str(v["value"]).lower() in ("true", "false") else w
                                    for v, w in zip(field["values"], values, strict=True))]  # fmt: skip
                needed = field.get("validate", {}).get("required") and not hidden
                yield name, list(dict.fromkeys(values if needed else [*values, None]))

    def written(self, key: str) -> list[dict[str, Any]]:
        """Every way in which an element may set the variables."""
        element = self.nodes[key]
        choices: dict[str, list[Any]] = {}
        if element.kind == "userTask":
            choices |= dict(self.answers(element.attributes.get("form", "")))
        message = self.diagram_of[key].messages.get(element.definitions[0].ref or "") if element.definitions else None
        if message is not None:
            choices |= dict(self.answers(message.form))
        if element.kind == "scriptTask":
            for name, value in re.findall(r"(\b[a-z_]+): (null|true|false|\"[^\"]*\")", element.script):
                if name in self.domains:
                    choices[name] = [{"null": None, "true": True, "false": False}.get(value, value.strip('"'))]
        if element.attributes.get("result") in self.domains:
            choices[element.attributes["result"]] = list(self.domains[element.attributes["result"]])
        return [dict(zip(choices, chosen, strict=True)) for chosen in product(*choices.values())]

    def holds(self, text: str, values: tuple[Any, ...]) -> Any:
        """True, False, None, or ``OTHER`` where the text also asks of what is not simulated."""
        if (text, values) not in self.evaluated:
            names = compile_expression(text).names
            known = dict(zip(self.names, values, strict=True))
            if names <= known.keys():
                self.evaluated[text, values] = compile_expression(text).evaluate(known)
            else:
                free = sorted(names - known.keys())
                found = {self._with(text, known, free, n) for n in (0, 1)}
                self.evaluated[text, values] = found.pop() if len(found) == 1 else OTHER
        return self.evaluated[text, values]

    def _with(self, text: str, known: dict[str, Any], free: list[str], number: int) -> Any:
        """The text with what is not simulated taken one way or the other."""
        said = re.sub(rf"\b(?:{'|'.join(free)})(?:\.[a-z_]+)? [!<>=]+ [^ ]+", ("false", "true")[number], text)
        return compile_expression(said).evaluate(known)

    # ---- runs

    def play(self, limit: int) -> Simulation:
        """Visits every state. ``sound`` says whether each can come to an end without being broken off."""
        begun: list[Run] = []
        for values in self.beginnings():
            begun += self.begin(((), tuple(values.get(n) for n in self.names), frozenset()), "")
        seen: dict[Position, list[Bits]] = {}
        back: dict[Position, list[Position]] = {}
        waiting = deque(dict.fromkeys(begun))
        ends: list[Position] = []
        count = 0
        while waiting:
            tokens, values, bits = run = waiting.popleft()
            before = seen.setdefault((tokens, values), [])
            if any(_worse(other, bits) for other in before):
                continue
            before.append(bits)
            count += 1
            if count > limit:
                raise TooMany
            if not tokens or tokens == ("halted",):
                ends.append((tokens, values))
            for after, breaks_off in self.steps(run):
                waiting.append(after)
                if not breaks_off:
                    back.setdefault(after[:2], []).append((tokens, values))
        good = set(ends)
        while ends:
            for place in back.get(ends.pop(), []):
                if place not in good:
                    good.add(place)
                    ends.append(place)
        self.states = count
        ids = {element.id for element in self.nodes.values()}
        self.sound = len(good) == len(seen) and ids <= self.visited
        for number, rule in enumerate(self.rules):
            named = [one for n in ("targets", "then", "first", "positive") for one in rule.get(n, [])]
            named += [rule["element"]] if rule["kind"] == "holds_at" else []
            if rule["kind"] in ORDER and not set(named) <= self.visited:
                self.broken.add(number)
        return self

    def beginnings(self) -> list[dict[str, Any]]:
        """The answers that open a case; a variable that nothing sets may be anything from the start."""
        choices = dict(self.answers("application"))
        written = {name for key in self.nodes for choice in self.written(key) for name in choice} | choices.keys()
        choices |= {name: list(values) for name, values in self.domains.items() if name not in written}
        return [dict(zip(choices, chosen, strict=True)) for chosen in product(*choices.values())]

    def begin(self, run: Run, scope: str) -> list[Run]:
        runs = [run]
        for start in self.starts[scope]:
            runs = [after for one in runs for after in self.enter(one, start)]
        return [after for one in runs for after in self.settle(one)]

    def steps(self, run: Run) -> Iterator[tuple[Run, bool]]:
        for token in dict.fromkeys(run[0]):
            kind, _, key = token.partition(":")
            if kind == "n" and key not in self.starts:
                for after in self.proceed(run, key):
                    yield from ((one, False) for one in self.settle(after))
            elif kind == "b":
                event = self.nodes[key]
                timer = event.definition("timer") is not None
                breaks_off = event.interrupting and not timer and self.host(key) in self.starts
                for after in self.fire(run, key):
                    yield from ((one, breaks_off) for one in self.settle(after))

    def host(self, boundary: str) -> str:
        return boundary[: -len(self.nodes[boundary].id)] + self.nodes[boundary].attached_to

    def proceed(self, run: Run, key: str) -> list[Run]:
        element = self.nodes[key]
        if element.kind == "eventBasedGateway":
            found = []
            for flow in self.out(key):
                target = self.path(key) + self.flow[flow].target
                for one in self.wrote(self.seen(_without(run, f"n:{key}"), target), target):
                    found += self.onward(self.did(one, target), target)
            return found
        return [o for one in self.wrote(self.left(run, key), key) for o in self.onward(self.did(one, key), key)]

    def fire(self, run: Run, key: str) -> list[Run]:
        after = self.left(run, self.host(key)) if self.nodes[key].interrupting else _without(run, f"b:{key}")
        return [o for one in self.wrote(self.seen(after, key), key) for o in self.onward(self.did(one, key), key)]

    def left(self, run: Run, key: str) -> Run:
        """Without the activity, its boundary events and everything inside."""
        run = _without(run, f"n:{key}")
        if f"n:{key}" in run[0]:
            return run
        own = self.armed.get(key, ())
        kept = tuple(t for t in run[0] if t not in own and not (key in self.starts and self.inside(t, key)))
        return kept, run[1], run[2]

    def inside(self, token: str, scope: str) -> bool:
        if token not in self.around:
            kind, _, key = token.partition(":")
            at = self.scope_of[self.path_of_flow(key) + self.flow[key].source if kind == "w" else key]
            found = []
            while at:
                found.append(at)
                at = self.scope_of[at]
            self.around[token] = frozenset(found)
        return scope in self.around[token]

    def wrote(self, run: Run, key: str) -> Iterator[Run]:
        if key not in self.ways:
            self.ways[key] = [[(self.names.index(n), v) for n, v in way.items()] for way in self.written(key)]
        for choice in self.ways[key]:
            if not choice:
                yield run
                continue
            values = list(run[1])
            for place, value in choice:
                values[place] = value
            yield run[0], tuple(values), run[2]

    def onward(self, run: Run, key: str) -> list[Run]:
        runs = [run]
        for flow in self.out(key):
            runs = [after for one in runs for after in self.arrive(one, flow)]
        return runs

    def arrive(self, run: Run, flow: str) -> list[Run]:
        key = self.path_of_flow(flow) + self.flow[flow].target
        element = self.nodes[key]
        if element.kind == "parallelGateway" and len(element.incoming) > 1:
            run = (tuple(sorted((*run[0], f"w:{flow}"))), *run[1:])
            needed = [f"w:{self.path(key)}{one}" for one in element.incoming]
            if not all(token in run[0] for token in needed):
                return [run]
            for token in needed:
                run = _without(run, token)
        return self.enter(run, key)

    def enter(self, run: Run, key: str) -> list[Run]:
        """What may come of it; nothing where the machine only goes round: it never waits again."""
        if (run, key) in self.entering:
            return []
        self.entering.add((run, key))
        try:
            return self._enter(run, key)
        finally:
            self.entering.discard((run, key))

    def _enter(self, run: Run, key: str) -> list[Run]:
        crowded = len(set(run[0])) < len(run[0]) and any(run[0].count(token) > 2 for token in run[0])
        if len(run[0]) > 14 or crowded:
            raise TooMany
        element = self.nodes[key]
        run = self.seen(run, key)
        if element.kind == "exclusiveGateway" and len(element.outgoing) > 1:
            return [o for flow in self.chosen(element, key, run) for o in (
                self.arrive(run, flow) if flow else [(("halted",), run[1], run[2])])]  # fmt: skip
        if element.kind == "endEvent":
            return [self.did(run, key)]
        if element.kind in ("userTask", "intermediateCatchEvent", "eventBasedGateway", "task") or (key in self.starts):
            armed = self.armed.get(key, [])
            run = (tuple(sorted((*run[0], f"n:{key}", *(a for a in armed if a not in run[0])))), *run[1:])
            return self.begin(run, key) if key in self.starts else [run]
        return [o for one in self.wrote(run, key) for o in self.onward(self.did(one, key), key)]

    def chosen(self, element: Any, key: str, run: Run) -> Iterator[str]:
        for flow in self.out(key):
            if self.flow[flow].id == element.default:
                continue
            worth = self.holds(self.flow[flow].condition, run[1]) if self.flow[flow].condition else True
            if worth is True or worth == OTHER:
                yield flow
            if worth is True:
                return
            if worth is None:
                yield ""
                return
        if element.default:
            yield self.path(key) + element.default

    def settle(self, run: Run) -> list[Run]:
        """Scopes in which nothing is left are over."""
        for token in run[0]:
            key = token[2:]
            if token[0] == "n" and key in self.starts and not any(self.inside(t, key) for t in run[0]):
                return [o for one in self.proceed(run, key) for o in self.settle(one)]
        return [run]

    # ---- rules

    def seen(self, run: Run, key: str) -> Run:
        name, bits = self.nodes[key].id, run[2]
        self.visited.add(name)
        if key not in self.asked:
            self.asked[key] = [n for n, rule in enumerate(self.rules) if self._is_about(rule, key, name)]
        for number in self.asked[key]:
            if number not in self.broken and self._breaks(number, self.rules[number], key, name, run, bits):
                self.broken.add(number)
        return run

    def _is_about(self, rule: dict[str, Any], key: str, name: str) -> bool:
        if rule["kind"] == "end_has_feedback":
            return self.nodes[key].kind == "endEvent" and not self.scope_of[key]
        named = [*rule.get("targets", rule.get("then", [])), rule.get("element")]
        return rule["kind"] in ORDER and name in named

    def _breaks(self, number: int, rule: dict[str, Any], key: str, name: str, run: Run, bits: frozenset[str]) -> bool:
        kind = rule["kind"]
        if kind == "holds_at":
            return bool(rule["element"] == name and self.holds(rule["condition"], run[1]) is not True)
        if kind == "end_has_feedback":
            ends = self.nodes[key].kind == "endEvent" and not self.scope_of[key] and name not in rule["positive"]
            return bool(ends and not set(rule["through"]) <= bits)
        if kind not in ORDER or name not in rule.get("targets", rule.get("then", [])):
            return False
        if rule.get("unless") and self.holds(rule["unless"], run[1]) is True:
            return False
        if kind == "precedes":
            return any(f"{number}>{first}" in bits for first in rule["first"]) or (
                not rule["since"] and not set(rule["first"]) <= bits
            )
        through = rule.get("through") or [f"paper {rule['document']}"]
        return not set(through) <= bits

    def did(self, run: Run, key: str) -> Run:
        name, bits = self.nodes[key].id, run[2]
        if key not in self.noted:
            self.noted[key] = self._notes(key, name)
        done, owed, paid = self.noted[key]
        return (run[0], run[1], (bits | done | owed) - paid) if done or owed or paid else run

    def _notes(self, key: str, name: str) -> tuple[Bits, Bits, Bits]:
        """What is done when this element is, what is owed from then on, and what no longer."""
        paper = re.search(r'document: "(\w+)"', self.nodes[key].attributes.get("input", ""))
        done = {name} if name in self.watched else set()
        if paper and any(rule.get("document") == paper[1] for rule in self.rules):
            done.add(f"paper {paper[1]}")
        orders = [(n, rule) for n, rule in enumerate(self.rules) if rule["kind"] == "precedes"]
        owed = {f"{n}>{first}" for n, rule in orders if name in rule["since"] for first in rule["first"]}
        paid = {f"{n}>{name}" for n, rule in orders if name in rule["first"]}
        return frozenset(done), frozenset(owed), frozenset(paid)

    def out(self, key: str) -> list[str]:
        return [self.path(key) + flow for flow in self.nodes[key].outgoing]

    def path(self, key: str) -> str:
        return key[: len(key) - len(self.nodes[key].id)]

    def path_of_flow(self, flow: str) -> str:
        return flow[: len(flow) - len(self.flow[flow].id)]


@cache
def _worse(one: Bits, other: Bits) -> bool:
    """Whether what may go on from ``one`` breaks whatever may go on from ``other`` breaks.

    What was done (a name) only helps later; what is owed (``number>name``) only hurts.
    """
    done, owed = frozenset(b for b in one if ">" not in b), frozenset(b for b in one if ">" in b)
    return done <= other and owed >= frozenset(b for b in other if ">" in b)


def _without(run: Run, token: str) -> Run:
    tokens = list(run[0])
    tokens.remove(token)
    return tuple(tokens), run[1], run[2]
