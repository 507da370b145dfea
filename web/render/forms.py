"""A form as a page shows it to one person: what is asked, what can only be read, what depends on other answers.

Fields one may not see are not in the view at all. Whether a conditional field shows is decided here when it depends on
the case alone; when it depends on answers of the same page, the condition travels with it (``data-hide``, a JSON tree
for the script), and without a script the field stays visible with a sentence that says when to answer it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from forms.conditions import Tree, ask, initial, mentions, settle, tree
from forms.fields import is_empty, parse, to_raw
from forms.schema import Evaluate, Field, Form, Item, Option, Section, Text
from forms.uploads import DEFAULT_ACCEPT
from web.language import gettext, say, show, word
from web.render.condition_words import ConditionWords

Options = Mapping[str, Sequence[Option]]


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One radio button, box or entry of a list; ``type`` tells the script of answers that are no text."""

    id: str
    value: str
    label: str
    chosen: bool
    type: str = ""


@dataclass(frozen=True, slots=True)
class FieldView:
    """One question. ``mark`` is "" (needed), "optional" or "perhaps" (needed under a condition)."""

    key: str
    kind: str
    label: str
    hint: str
    mark: str
    errors: tuple[str, ...]
    warnings: tuple[str, ...]
    texts: tuple[str, ...]
    choices: tuple[ChoiceView, ...]
    input_type: str
    input_mode: str
    width: str
    length_max: int | None
    accept: str
    many: bool
    kept: tuple[str, ...]
    hide: str = ""
    hidden_now: bool = False
    when: str = ""
    need: str = ""
    is_place: bool = False

    @property
    def text(self) -> str:
        return self.texts[0] if self.texts else ""

    @property
    def described_by(self) -> str:
        """The ids of what belongs to the question: its hint, its condition, its warning, its error."""
        parts = (("hint", self.hint), ("when", self.when), ("warn", self.warnings), ("err", self.errors))
        return " ".join(f"{self.key}-{name}" for name, there in parts if there)


@dataclass(frozen=True, slots=True)
class FactsView:
    """Answers that can be read here, but not changed: pairs of label and text."""

    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TextView:
    text: str
    level: int
    hide: str = ""
    hidden_now: bool = False


@dataclass(frozen=True, slots=True)
class SectionView:
    label: str
    description: str
    items: tuple[ItemView, ...]
    hide: str = ""
    hidden_now: bool = False
    when: str = ""


ItemView = FieldView | FactsView | TextView | SectionView


@dataclass(frozen=True, slots=True)
class FormView:
    """All of a form that one person sees, in reading order."""

    description: str
    items: tuple[ItemView, ...]


def form_view(
    form: Form,
    roles: frozenset[str],
    variables: Mapping[str, Any],
    evaluate: Evaluate,
    options: Options | None = None,
    raw: Mapping[str, Sequence[str]] | None = None,
    problems: Sequence[Any] = (),
) -> FormView:
    """The page's questions. ``raw`` is what was typed before (posted or drafted), ``None`` at the first look;

    ``problems`` have ``field``, ``template`` and ``params``.
    """
    view = _View(form, roles, variables, evaluate, options or {}, raw, problems)
    return FormView(word(form.description), view.items(form.items))


class _View:
    """Holds what every item of one page is drawn from."""

    def __init__(
        self,
        form: Form,
        roles: frozenset[str],
        variables: Mapping[str, Any],
        evaluate: Evaluate,
        options: Options,
        raw: Mapping[str, Sequence[str]] | None,
        problems: Sequence[Any],
    ) -> None:
        self.form, self.roles, self.variables, self.evaluate, self.options = form, roles, variables, evaluate, options
        self.asked = frozenset(f.key for f in form.fields if f.may_write(roles))
        self.computed = frozenset(f.key for f in form.fields if f.computed)
        self.problems = problems
        opened = {} if raw is not None else initial(form, roles, variables, evaluate)
        self.texts = {
            f.key: tuple(raw.get(f.key, ())) if raw is not None else to_raw(opened.get(f.key))
            for f in form.fields
            if f.key in self.asked and f.kind != "file"
        }
        today = ask(evaluate, "today()", {})
        self.parsed = {
            f.key: parse(f, self.texts[f.key], self.choices_of(f), today if isinstance(today, date) else None)
            for f in form.fields
            if f.key in self.texts
        }
        answers = {key: found.value for key, found in self.parsed.items()}
        self.settled = settle(form, roles, answers, variables, evaluate)

    def choices_of(self, asked: Field) -> tuple[Option, ...]:
        return tuple(self.options.get(asked.key, ())) if asked.options_from else asked.options

    def items(self, items: Sequence[Item]) -> tuple[ItemView, ...]:
        """Neighbouring facts are joined into one list."""
        found: list[ItemView] = []
        for view in map(self.item, items):
            before = found[-1] if found else None
            if view is None:
                continue
            if isinstance(view, FactsView) and isinstance(before, FactsView):
                found[-1] = FactsView(before.facts + view.facts)
            else:
                found.append(view)
        return tuple(found)

    def item(self, item: Item) -> ItemView | None:
        condition = self.condition(item.hide)
        if condition is None:
            return None
        match item:
            case Text():
                return TextView(word(item.text), item.level, condition.hide, condition.hidden_now)
            case Section():
                inner = self.items(item.items)
                if not inner:
                    return None
                return SectionView(
                    word(item.label),
                    word(item.description),
                    inner,
                    condition.hide,
                    condition.hidden_now,
                    condition.when,
                )
        if not item.may_see(self.roles):
            return None
        return self.field(item, condition) if item.key in self.asked else self.fact(item)

    def condition(self, hide: str) -> _Condition | None:
        """How a condition reaches the page; ``None`` when the item is not there at all."""
        if not hide:
            return _Condition()
        now = ask(self.evaluate, hide, self.settled.values) is True
        names = mentions(hide)
        if not names & (self.asked | self.computed):
            return None if now else _Condition()
        found = None if names & self.computed else tree(hide, self.settled.values, self.asked)
        if found == ["const", True]:
            return None
        if found is not None and found[0] == "const":
            return _Condition()
        if found is None:
            return _Condition(when=gettext("Answer this only if it applies."))
        words = ConditionWords(self.form).sentence(["not", found])
        return _Condition(json.dumps(found, ensure_ascii=False, separators=(",", ":")), now, words)

    def fact(self, shown: Field) -> FactsView | None:
        value = self.settled.values.get(shown.key)
        text = self.in_words(shown, value)
        return FactsView(((word(shown.label), text),)) if text else None

    def in_words(self, shown: Field, value: Any) -> str:
        if isinstance(value, Mapping) or is_empty(value):
            return ""
        labels = {option.kept: word(option.label) for option in self.choices_of(shown)}
        entries = value if isinstance(value, list | tuple) else [value]
        names = [e.get("name", "") if isinstance(e, Mapping) else labels.get(e, e) for e in entries if _plain(e)]
        text = show(names if isinstance(value, list | tuple) else names[0] if names else "")
        return f"{text} {word(shown.unit)}".strip() if text and shown.unit else text

    def field(self, asked: Field, condition: _Condition) -> FieldView:
        errors = tuple(say(problem) for problem in self.problems if problem.field == asked.key)
        hidden, parsed = asked.key in self.settled.hidden, self.parsed.get(asked.key)
        if hidden and errors:  # an answer that is not asked: shown empty, so that what is sent next is right
            condition = _Condition(when=condition.when)
        texts = () if hidden and errors else self.texts.get(asked.key, ())
        need = tree(asked.required_when, self.settled.values, self.asked) if asked.required_when else None
        return FieldView(
            key=asked.key,
            kind=asked.kind,
            label=word(asked.label) + (f" ({word(asked.unit)})" if asked.unit else ""),
            hint=word(asked.description),
            mark=_mark(asked, need),
            errors=errors,
            warnings=tuple(say(warning) for warning in parsed.warnings) if parsed else (),
            texts=texts,
            choices=self.choices(asked, texts),
            input_type=_input_type(asked, texts),
            input_mode=_input_mode(asked),
            width=_width(asked),
            length_max=asked.limits.length_max if not asked.check else None,
            accept=",".join(asked.accept or DEFAULT_ACCEPT),
            many=asked.limits.files_max > 1,
            kept=tuple(_names(self.variables.get(asked.key))) if asked.kind == "file" and not asked.fresh else (),
            hide=condition.hide,
            hidden_now=condition.hidden_now,
            when=condition.when,
            need=json.dumps(need, ensure_ascii=False, separators=(",", ":")) if need else "",
            is_place=asked.check == "place",
        )

    def choices(self, asked: Field, texts: Sequence[str]) -> tuple[ChoiceView, ...]:
        return tuple(
            ChoiceView(
                id=asked.key if n == 0 else f"{asked.key}-{n + 1}",
                value=option.value,
                label=word(option.label),
                chosen=option.value in texts,
                type="boolean" if isinstance(option.kept, bool) else "number" if isinstance(option.kept, int) else "",
            )
            for n, option in enumerate(self.choices_of(asked))
        )


@dataclass(frozen=True, slots=True)
class _Condition:
    hide: str = ""
    hidden_now: bool = False
    when: str = field(default="")


def _mark(asked: Field, need: Tree | None) -> str:
    if asked.limits.required or asked.kind == "checkbox":
        return ""
    if asked.required_when and (need is None or need[0] != "const"):
        return "perhaps"
    return "" if need == ["const", True] else "optional"


def _input_type(asked: Field, texts: Sequence[str]) -> str:
    """Native date pickers; but what was typed and is no date stays readable in a plain field."""
    text = texts[0] if texts else ""
    try:
        if asked.kind == "date":
            return "date" if not text or date.fromisoformat(text).isoformat() == text else "text"
        if asked.kind == "datetime":
            return "datetime-local" if not text or datetime.fromisoformat(text) else "text"
    except ValueError:
        return "text"
    return "tel" if asked.check == "phone" else "text"


def _input_mode(asked: Field) -> str:
    if asked.kind != "number":
        return ""
    low = asked.limits.number_min
    if low is not None and low.startswith("-"):
        return ""  # the number pads of telephones have no minus sign
    return "numeric" if asked.limits.decimals_max == 0 else "decimal"


def _width(asked: Field) -> str:
    if asked.kind == "number":
        return "short"
    return "mid" if asked.check or asked.kind in ("date", "datetime") else ""


def _plain(value: Any) -> bool:
    return not isinstance(value, Mapping) or "name" in value


def _names(kept: Any) -> Iterator[str]:
    for entry in kept if isinstance(kept, list | tuple) else ():
        yield str(entry.get("name", "")) if isinstance(entry, Mapping) else str(entry)
