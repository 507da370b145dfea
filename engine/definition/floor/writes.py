"""What an element may write into the followed variables when it is done: answers, results, assignments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from engine.definition.diagram import Element
from engine.definition.floor.choices import UNKNOWN, Followed, boxes, truth
from engine.definition.floor.composed import Node
from engine.definition.roles import said
from engine.errors import ShangmenError
from engine.feel import compile_expression
from engine.feel import syntax as s
from forms.schema import Field, Form

Writes = Mapping[str, frozenset[Any]]
_LITERALS = (s.StringLiteral, s.BooleanLiteral, s.NullLiteral)
_TOGETHER_MAX = 64
"""So many combinations of answers that hide others are told apart."""


def alternatives_of(node: Node, followed: Followed, forms: Mapping[str, Form], writes: Writes) -> tuple[Writes, ...]:
    """The same for a task of people, one entry for each way to answer: what is hidden goes with what hides it.

    Every answer is in one of them at least. ``writes`` is all that the element may write.
    """
    role = said(node.diagram, node.id).get("role", "") if node.element.kind == "userTask" else ""
    form = forms.get(node.element.attributes.get("form", ""))
    if not role or role.startswith("=") or form is None:
        return (writes,)
    own = answered(form, frozenset({role}), followed)
    told = {name: allowed for name, allowed in own.items() if writes[name] == allowed}
    return tuple({**writes, **one} for one in _together(form, told, followed))


def writes_of(node: Node, followed: Followed, forms: Mapping[str, Form]) -> Writes:
    """Variable → what it may be afterwards, for everything that the element may write."""
    element, found = node.element, dict[str, frozenset[Any]]()
    if element.kind == "userTask":
        role = said(node.diagram, element.id).get("role", "")
        roles = frozenset() if role.startswith("=") else frozenset({role})
        found |= answered(forms.get(element.attributes.get("form", "")), roles, followed)
    for definition in element.definitions:
        message = node.diagram.messages.get(definition.ref or "")
        if definition.kind == "message" and message is not None:
            found |= answered(forms.get(message.form), frozenset(message.roles), followed)
    message = node.diagram.messages.get(element.message or "")
    if element.kind == "receiveTask" and message is not None:
        found |= answered(forms.get(message.form), frozenset(message.roles), followed)
    if element.kind == "scriptTask":
        found |= _assigned(element.script, followed)
    anything = {element.attributes.get("result", ""), *_collected(element)}
    found |= {name: followed.domains[name] for name in anything & set(followed.names)}
    return found


def answered(form: Form | None, roles: frozenset[str], followed: Followed) -> Writes:
    """What people in ``roles`` may answer (no roles: anybody)."""
    if form is None:
        return {}
    hides = form.hides
    found = {}
    for field in form.fields:
        may = not roles or field.may_write(roles) or bool(field.computed)
        if may and field.key in followed.names:
            found[field.key] = _answers(field, bool(hides[field.key]), followed)
    return found


def _answers(field: Field, hideable: bool, followed: Followed) -> frozenset[Any]:
    domain = followed.domains[field.key]
    if field.kind == "checkbox":
        return frozenset({True, False})
    optional = hideable or not field.limits.required
    if not field.options or field.computed:
        return domain if optional else domain - {None}
    offered = frozenset(followed.known_as(field.key, option.kept) for option in field.options)
    return offered | {None} if optional else offered


def _together(form: Form, told: Writes, followed: Followed) -> Iterator[Writes]:
    """``told`` taken apart by the answers that hide others; as it is where nothing is known of them."""
    hidden = [found for found in form.fields if found.key in told and form.hides[found.key] and found.kind != "file"]
    read = {name for found in hidden for text in form.hides[found.key] for name in _names(text)}
    asked = {found.key: given for found in form.fields if found.key in told and found.key in read
             and not form.hides[found.key] and (given := _given(found))}  # fmt: skip
    if not asked or prod(len(given) for given in asked.values()) > _TOGETHER_MAX:
        yield told
        return
    grouped: dict[tuple[frozenset[Any], ...], dict[tuple[Any, ...], None]] = {}
    for combination in product(*asked.values()):
        known = dict(zip(asked, combination, strict=True))
        follows = tuple(_beside(found, form, told[found.key], known, followed) for found in hidden)
        values = tuple(followed.known_as(name, value) for name, value in known.items())
        grouped.setdefault(follows, {})[values] = None
    for follows, combinations in grouped.items():
        beside = {found.key: allowed for found, allowed in zip(hidden, follows, strict=True)}
        for box in boxes(list(combinations)):
            yield {**told, **beside, **dict(zip(asked, box, strict=True))}


def _given(field: Field) -> Sequence[Any]:
    """Everything that may be answered to a question of which that is known."""
    if field.computed or field.options_from:
        return ()
    if field.kind == "checkbox":
        return (True, False)
    if not field.options or field.kind not in ("radio", "select"):
        return ()
    return [option.kept for option in field.options] + ([] if field.limits.required else [None])


def _beside(
    field: Field, form: Form, told: frozenset[Any], known: Mapping[str, Any], followed: Followed
) -> frozenset[Any]:
    """What a field that may be hidden may be when these answers stand beside it."""
    found = [_worth(text, known, followed) for text in form.hides[field.key]]
    if any(one is True for one in found):
        return frozenset({None, False} if field.kind == "checkbox" else {None})
    return told if any(one is UNKNOWN for one in found) else _answers(field, False, followed)


def _worth(text: str, known: Mapping[str, Any], followed: Followed) -> Any:
    try:
        return truth(text, known, followed.profile)
    except ShangmenError:
        return UNKNOWN


def _names(text: str) -> frozenset[str]:
    try:
        return compile_expression(text).names
    except ShangmenError:
        return frozenset()


def _assigned(script: str, followed: Followed) -> Writes:
    try:
        tree = compile_expression(script).tree
    except ShangmenError:
        return dict(followed.domains)
    if not isinstance(tree, s.ContextLiteral):
        return dict(followed.domains)
    found = {}
    for entry in tree.entries:
        if entry.name in followed.names:
            literal = isinstance(entry.value, _LITERALS)
            value = getattr(entry.value, "value", None) if literal else None
            known = frozenset({followed.known_as(entry.name, value)})
            found[entry.name] = known if literal else followed.domains[entry.name]
    return found


def _collected(element: Element) -> set[str]:
    loop = element.loop
    names = {found.target for found in (*element.inputs, *element.outputs)} | set(element.properties)
    return names if loop is None else names | {loop.outputs, loop.item}
