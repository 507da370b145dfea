"""Two versions of a procedure compared, in words: what somebody would do, see or decide differently.

Where a shape stands, the order of a file and its layout change nothing, so they are no change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from difflib import ndiff
from typing import Any

from engine.definition.bpmn import read_diagram
from engine.definition.bundle import toml
from engine.definition.diagram import Diagram, Element
from engine.definition.diff_tables import compare_tables
from engine.definition.diff_words import (
    NAMELESS,
    Called,
    events_of,
    kind_of,
    loop_of,
    named,
    named_before,
    names_of,
    setting,
    step_name,
    value_of,
)
from engine.definition.finding import Term, term
from engine.definition.profile import Parameter, resolve_parameters
from engine.definition.roles import said
from engine.errors import ShangmenError, filled
from forms.diff import TELL_ROLES
from forms.diff import Change as FormChange
from forms.diff import diff as diff_forms
from forms.formjs import FormError, read_form

Resources = Mapping[tuple[str, str], bytes]
LINES_MAX = 1000
LINES_TOLD_MAX = 20
LINE_MAX = 200


@dataclass(frozen=True, slots=True)
class Change:
    """One change: the file it is in, its element ("" = the whole), an English sentence and the sentence's values."""

    kind: str
    key: str
    element: str
    template: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return filled(self.template, self.params)


def compare(before: Resources, after: Resources, known: Called = NAMELESS) -> list[Change]:
    """Everything that is different, file by file. Profiles are compared as they resolve: parameter by parameter.

    ``known``: what people call things that are in neither.
    """
    changes = list(_profiles(before, after))
    called = {**known, **names_of(before), **names_of(after)}
    places = sorted(place for place in {**before, **after} if place[0] != "profile")
    for kind, key in places:
        old, new = before.get((kind, key)), after.get((kind, key))
        if old == new:
            continue
        if old is None:
            changes.append(Change(kind, key, "", "This file is new."))
        elif new is None:
            changes.append(Change(kind, key, "", "This file is no longer there."))
        else:
            changes += _file(kind, key, old, new, called)
    return changes


def _file(kind: str, key: str, old: bytes, new: bytes, called: Called) -> Iterator[Change]:
    try:
        if kind == "process":
            yield from diff_diagrams(read_diagram(old, key), read_diagram(new, key), called)
        elif kind == "form":
            found = diff_forms(read_form(old), read_form(new))
            yield from (Change(kind, key, one.field, one.template, _who(one, called)) for one in found)
        elif kind == "decision":
            told = compare_tables(old, new)
            yield from (Change(kind, key, name, template, params) for name, template, params in told)
        elif kind == "duties":
            yield from _duties(key, toml(old, key), toml(new, key))
        elif kind in ("bundle", "words"):
            yield from _settings(kind, key, toml(old, key), toml(new, key), called)
        else:
            yield from _lines(kind, key, old, new)
    except (ShangmenError, FormError):
        yield Change(kind, key, "", "This file has changed and cannot be read.")


def _who(change: FormChange, called: Called) -> dict[str, Any]:
    """A change's values, roles by their names."""
    if change.template not in TELL_ROLES:
        return change.params
    named = {
        name: ", ".join(called.get(("role", role), role) for role in change.params[name].split(", "))
        for name in ("before", "after")
    }
    return {**change.params, **named}


def _lines(kind: str, key: str, old: bytes, new: bytes) -> Iterator[Change]:
    """A text compared line by line; of a text that is another one altogether only that it is."""
    was, is_ = ([line.strip() for line in one.decode("utf-8", "replace").splitlines()] for one in (old, new))
    told = [line for line in ndiff(was, is_) if line[0] in "+-" and line[2:]] if len(was) + len(is_) < LINES_MAX else []
    if kind != "document" or not 0 < len(told) <= LINES_TOLD_MAX:
        yield Change(kind, key, "", "Its text has changed.")
        return
    for line in told:
        template = "It says now: %(line)s" if line[0] == "+" else "It no longer says: %(line)s"
        yield Change(kind, key, "", template, {"line": line[2:][:LINE_MAX]})


# ------------------------------------------------------------------ diagrams


def diff_diagrams(
    before: Diagram, after: Diagram, called: Called = NAMELESS
) -> list[Change]:  # fmt: skip
    """What runs differently. A step that was only moved, or whose flow was redrawn the same way, is no change.

    ``called``: what people call roles and forms; others are told by their keys.
    """
    changes = []

    def say(element: str, template: str, **params: Any) -> None:
        changes.append(Change("process", after.process, element, template, params))

    if before.name != after.name:
        say("", "“%(before)s” is now called “%(name)s”.", before=before.name, name=after.name)
    for key, element in after.elements.items():
        name = _called(element)
        if key not in before.elements:
            if told := named_before(after, key):
                say(key, "“%(name)s” is added, after “%(after)s”.", name=name, after="、".join(told))
            else:
                say(key, "“%(name)s” is added.", name=name)
        else:
            for template, params in _element(before, after, before.elements[key], element, called):
                say(key, template, name=name, **params)
    for key, element in before.elements.items():
        if key not in after.elements:
            say(key, "“%(name)s” is removed.", name=_called(element))
    for key, template, params in _flows(before, after):
        say(key, template, **params)
    return changes


def _element(
    before: Diagram, after: Diagram, old: Element, new: Element, called: Called
) -> Iterator[tuple[str, dict[str, Any]]]:  # fmt: skip
    """A sentence and its values, as people call them."""
    if old.name != new.name:
        yield "“%(before)s” is now called “%(name)s”.", {"before": _called(old)}
    if old.kind != new.kind:
        yield "“%(name)s” was %(before)s and is now %(after)s.", {"before": kind_of(old), "after": kind_of(new)}
    who = [said(diagram, old.id) for diagram in (before, after)]
    for key in sorted({*who[0], *who[1]}):
        was, is_ = who[0].get(key, "–"), who[1].get(key, "–")
        if was != is_ and new.kind == "userTask":
            yield _WHO[key], {"before": called.get((key, was), was), "after": called.get((key, is_), is_)}
    for key in sorted({*old.attributes, *new.attributes} - {"role", "level", "tenant"}):
        was, is_ = old.attributes.get(key, "–"), new.attributes.get(key, "–")
        if was != is_:
            values = {"before": value_of(key, was, called), "after": value_of(key, is_, called)}
            yield (_SAID[key], values) if key in _SAID else (_SAID[""], values | {"what": term(key)})
    if old.called != new.called:
        names = [called.get(("process", key), key) or "–" for key in (old.called, new.called)]
        yield "“%(name)s” called %(before)s and calls %(after)s.", {"before": names[0], "after": names[1]}
    if old.attached_to != new.attached_to:
        yield (
            "“%(name)s” was attached to %(before)s and is attached to %(after)s.",
            {
                "before": step_name(before, old.attached_to) or "–",
                "after": step_name(after, new.attached_to) or "–",
            },
        )
    if old.interrupting != new.interrupting:
        yield (_BREAKS if new.interrupting else _LEAVES), {}
    for template, read in _PARTS:
        if read(old) != read(new):
            yield template, {"before": _or_none(read(old)), "after": _or_none(read(new))}


def _or_none(value: Any) -> Any:
    return value or "–"


_WHO = {
    "role": "“%(name)s” was done by %(before)s and is done by %(after)s.",
    "level": "“%(name)s” was done at the level %(before)s and is done at the level %(after)s.",
    "tenant": "“%(name)s” was done by the unit %(before)s and is done by the unit %(after)s.",
}
_SAID = {
    "apart": "“%(name)s” was kept apart from %(before)s and is kept apart from %(after)s.",
    "form": "“%(name)s” had the form %(before)s and has the form %(after)s.",
    "decision": "“%(name)s” used the table %(before)s and uses the table %(after)s.",
    "dueWorkingDays": "“%(name)s” was due in %(before)s working days and is due in %(after)s.",
    "dueDays": "“%(name)s” was due in %(before)s days and is due in %(after)s.",
    "dueMonths": "“%(name)s” was due in %(before)s months and is due in %(after)s.",
    "dueFrom": "The time of “%(name)s” was counted from %(before)s and is counted from %(after)s.",
    "": "“%(name)s”: %(what)s was %(before)s and is %(after)s.",
}
_BREAKS = "“%(name)s” breaks off now what it stands on."
_LEAVES = "“%(name)s” no longer breaks off what it stands on."
_PARTS: tuple[tuple[str, Callable[[Element], Any]], ...] = (
    ("What “%(name)s” waits for was %(before)s and is %(after)s.", events_of),
    ("“%(name)s” computed %(before)s and computes %(after)s.", lambda e: e.script.strip()),
    ("How “%(name)s” is repeated was %(before)s and is %(after)s.", loop_of),
)


def _flows(before: Diagram, after: Diagram) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Ways that are new, gone, or taken on another condition; a flow is known by its ends, not by its id.

    Where a step was put between two others or taken out from between them, that was said already.
    """
    old, new = _ways(before), _ways(after)
    put_in, taken_out = after.elements.keys() - before.elements.keys(), before.elements.keys() - after.elements.keys()
    for (source, target), (key, condition) in new.items():
        ends = {"source": _called(after.elements[source]), "target": _called(after.elements[target])}
        if (source, target) not in old:
            forks = source in put_in and len(after.elements[source].outgoing) > 1
            stood = source in before.elements and not _leads(old, source, target, taken_out)
            if (stood or forks) and target in before.elements:
                yield key, "From “%(source)s” a way leads to “%(target)s” now.", ends
        elif old[source, target][1] != condition:
            conditions = {"before": old[source, target][1] or "–", "after": condition or "–"}
            yield key, "From “%(source)s” to “%(target)s”: the condition was %(before)s and is %(after)s.", {
                **ends, **conditions,
            }  # fmt: skip
    for (source, target), (key, _) in old.items():
        gone = (source, target) not in new and source in after.elements and target in after.elements
        if gone and not _leads(new, source, target, put_in):
            ends = {"source": _called(before.elements[source]), "target": _called(before.elements[target])}
            yield key, "From “%(source)s” no way leads to “%(target)s” any more.", ends


def _leads(ways: Mapping[tuple[str, str], Any], source: str, target: str, through: Set[str]) -> bool:
    """Whether a way leads from one step to another with nothing between them but some of ``through``."""
    seen, ahead = set[str](), [source]
    while ahead:
        here = ahead.pop()
        for start, end in ways:
            if start == here and end == target and here != source:
                return True
            if start == here and end in through and end not in seen:
                seen.add(end)
                ahead.append(end)
    return False


def _ways(diagram: Diagram) -> dict[tuple[str, str], tuple[str, str]]:
    found = {}
    for flow in diagram.flows.values():
        default = diagram.elements[flow.source].default == flow.id
        found[flow.source, flow.target] = (flow.id, "" if default else (flow.condition or "").strip())
    return found


def _called(element: Element) -> Any:
    """A step's name; where it has none, what it is."""
    return element.name or kind_of(element)


# ------------------------------------------------------------------ parameters, tables, duties, settings


def _profiles(before: Resources, after: Resources) -> Iterator[Change]:
    old, new = ([content for (kind, _), content in sorted(one.items()) if kind == "profile"] for one in (before, after))
    try:
        was, is_ = resolve_parameters(old), resolve_parameters(new)
    except ShangmenError:
        yield Change("profile", "", "", "This file has changed and cannot be read.")
        return
    for key, parameter in is_.items():
        label = parameter.label or (was[key].label if key in was else "") or key
        if key not in was:
            params = {"label": label, "after": parameter.value}
            yield Change("profile", "", key, "“%(label)s” is a new parameter: %(after)s.", params)
        elif was[key].value != parameter.value:
            params = {"label": label, "before": was[key].value, "after": parameter.value}
            template = "“%(label)s” was %(before)s and is %(after)s."
            if unit := parameter.unit or was[key].unit:
                template, params["unit"] = "“%(label)s” was %(before)s and is %(after)s (%(unit)s).", Term(unit)
            yield Change("profile", "", key, template, params)
        whole = parameter.label != ""  # an override says its value and nothing else
        if key in was and whole and _limits(was[key]) != _limits(parameter):
            params = {"label": label, "before": _limits(was[key]), "after": _limits(parameter)}
            yield Change("profile", "", key, "What “%(label)s” may be was %(before)s and is %(after)s.", params)
    for key, parameter in was.items():
        if key not in is_:
            params = {"label": parameter.label or key}
            yield Change("profile", "", key, "“%(label)s” is no longer a parameter.", params)


def _limits(parameter: Parameter) -> str:
    low, high = ("–" if one is None else str(one) for one in (parameter.min, parameter.max))
    return ", ".join(parameter.options) or f"{low} … {high}"


def _duties(key: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    was, is_ = (
        {
            str(d.get("name")): (d.get("elements"), d.get("when"))
            for d in (*one.get("duty", []), *one.get("recusal", []))
        }
        for one in (old, new)
    )
    for name, elements in is_.items():
        if name not in was:
            yield Change("duties", key, "", "The duty “%(name)s” is added.", {"name": name})
        elif was[name][0] != elements[0]:
            yield Change("duties", key, "", "The duty “%(name)s” is about other steps.", {"name": name})
        elif was[name] != elements:
            yield Change("duties", key, "", "The duty “%(name)s” keeps other people away.", {"name": name})
    for name in was:
        if name not in is_:
            yield Change("duties", key, "", "The duty “%(name)s” is removed.", {"name": name})


def _settings(
    kind: str, key: str, old: Mapping[str, Any], new: Mapping[str, Any], called: Called
) -> Iterator[Change]:  # fmt: skip
    for name in sorted({*old, *new}):
        was, is_ = old.get(name, "–"), new.get(name, "–")
        if was == is_:
            continue
        what = setting(name) if kind == "bundle" else name
        if isinstance(was, dict) or isinstance(is_, dict):
            yield Change(kind, key, "", "%(what)s: this has changed.", {"what": what})
            continue
        params = {"what": what, "before": named(name, was, called), "after": named(name, is_, called)}
        yield Change(kind, key, "", "%(what)s was %(before)s and is %(after)s.", params)
