"""A condition of a form as a sentence: when to answer a question, for pages without scripts."""

from __future__ import annotations

from typing import Any

from forms.conditions import Tree
from forms.schema import Form
from web.language import gettext, show, word


class ConditionWords:
    """A condition tree as a sentence; the words of a form's own labels and choices."""

    def __init__(self, form: Form) -> None:
        self.form = form

    def sentence(self, condition: Tree) -> str:
        words = self.words(condition, False)
        if words is None:
            return gettext("Answer this only if it applies.")
        return gettext("Answer this only if %(condition)s.", condition=words)

    def words(self, condition: Tree, negated: bool) -> str | None:
        shape, *rest = condition
        if shape == "not":
            return self.words(rest[0], not negated)
        if shape in ("and", "or"):
            parts = [self.words(part, negated) for part in rest if part[0] != "const"]
            if None in parts or not parts:
                return None
            both = (shape == "and") != negated
            joined = parts[0]
            for part in parts[1:]:
                template = "%(first)s and %(second)s" if both else "%(first)s or %(second)s"
                joined = gettext(template, first=joined, second=part)
            return joined
        return self.single(shape, rest, negated)

    def single(self, shape: str, rest: list[Any], negated: bool) -> str | None:
        asked = self.form.field(rest[0])
        if asked is None:
            return None
        label = word(asked.label)
        if shape == "true":
            return gettext("“%(field)s” is not ticked" if negated else "“%(field)s” is ticked", field=label)
        if shape not in ("=", "!=", "in", "contains"):
            return None
        wanted = rest[1] if shape == "in" else [rest[1]]
        labels = {option.kept: word(option.label) for option in asked.options}
        if None in wanted:
            answered = (shape == "!=") != negated
            return gettext("“%(field)s” is answered" if answered else "“%(field)s” is not answered", field=label)
        choices = show([labels.get(value, value) for value in wanted])
        positive = (shape == "!=") == negated
        template = "“%(field)s” is “%(choice)s”" if positive else "“%(field)s” is not “%(choice)s”"
        return gettext(template, field=label, choice=choices)
